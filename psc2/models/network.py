"""One step of Magenta's recurrent networks in NumPy: LSTM layers, and attention around them.

Sources: TensorFlow's ``BasicLSTMCell``; ``AttentionCellWrapper`` in Magenta's
``contrib/rnn.py``, after Jianpeng Cheng, Li Dong, Mirella Lapata, "Long Short-Term
Memory-Networks for Machine Reading", 2016.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from psc2.models.encodings import Inputs
from psc2.models.tensorflow_files import FormatError, Tensor

FORGET_BIAS = 1.0  # the network adds it to the forget gate; it is not in the weights
MAX_LAYERS = 16


@dataclass(frozen=True, slots=True)
class Layer:
    """An LSTM layer of u units that is fed i numbers.

    Columns: the input gate's u, the new values' u, the forget gate's u, the output gate's u. A
    gate is a logistic function, which is a hyperbolic tangent of half its argument; the gates'
    columns are halved here, so that a step takes one hyperbolic tangent of them all.
    """

    kernel: Tensor  # (i + u, 4u)
    bias: Tensor  # (4u,)

    @property
    def units(self) -> int:
        return len(self.bias) // 4


@dataclass(frozen=True, slots=True)
class Attention:
    """What looks back at the last ``length`` outputs, a numbers each."""

    length: int  # steps
    around: int  # how many of the layers, from the first on
    query_kernel: Tensor  # (c and h of these layers, a)
    query_bias: Tensor  # (a,)
    feature_kernel: Tensor  # (a, a)
    feature_weights: Tensor  # (a,)
    output_kernel: Tensor  # (u + a, a)
    output_bias: Tensor  # (a,)


@dataclass(slots=True)
class State:
    """What a network remembers of a sequence."""

    cells: list[Tensor]  # each layer's c, then its h: (2u,)
    attended: Tensor  # (a,)
    outputs: Tensor  # (length, a): the last ones, in no particular order …
    features: Tensor  # (length, a): … and what attention makes of each, which stays the same
    steps: int = 0  # so far


@dataclass(frozen=True, slots=True)
class Network:
    """From what came to how likely it is what comes next."""

    input_kernel: Tensor  # (inputs, 4u): from the inputs to the first layer's gates
    layers: tuple[Layer, ...]  # the first one is fed what is attended to
    attention: Attention | None
    output_kernel: Tensor  # (u or a, classes)
    output_bias: Tensor  # (classes,)

    @property
    def input_size(self) -> int:
        return len(self.input_kernel)

    @property
    def num_classes(self) -> int:
        return len(self.output_bias)

    def start(self) -> State:
        """Before the first event."""
        length, size = (0, 0)
        if self.attention is not None:
            length, size = self.attention.length, len(self.attention.output_bias)
        return State(
            cells=[np.zeros(2 * layer.units, np.float32) for layer in self.layers],
            attended=np.zeros(size, np.float32),
            outputs=np.zeros((length, size), np.float32),
            features=np.zeros((length, size), np.float32),
        )

    def step(self, state: State, inputs: Inputs) -> Tensor:
        """The inputs of the next event come. Returns: the logits of the event after it, (classes,)."""
        from_inputs = np.asarray(inputs.values, np.float32) @ self.input_kernel[inputs.indices]
        fed = state.attended
        for number, (layer, cell) in enumerate(zip(self.layers, state.cells, strict=True)):
            gates = np.concatenate((fed, cell[layer.units :])) @ layer.kernel
            gates += layer.bias
            if number == 0:
                gates += from_inputs
            fed = _advance(cell, gates, layer.units)
            if self.attention is not None and number + 1 == self.attention.around:
                fed = _attend(self.attention, state, fed)
        state.steps += 1
        return fed @ self.output_kernel + self.output_bias


def _advance(cell: Tensor, gates: Tensor, units: int) -> Tensor:
    """An LSTM cell's next c and h, in place. Returns: h, (u,)."""
    new = np.tanh(gates)
    passing = 0.5 * new + 0.5  # of the gates; where the new values are, it means nothing
    cell[:units] *= passing[2 * units : 3 * units]
    cell[:units] += passing[:units] * new[units : 2 * units]
    cell[units:] = passing[3 * units :] * np.tanh(cell[:units])
    return cell[units:]


def _attend(attention: Attention, state: State, output: Tensor) -> Tensor:
    """What is attended to next, and the output that it changes. Returns: that output, (a,)."""
    cells = state.cells[: attention.around]
    query = (cells[0] if len(cells) == 1 else np.concatenate(cells)) @ attention.query_kernel
    scores = np.tanh(state.features + (query + attention.query_bias)) @ attention.feature_weights
    weights = np.exp(scores - scores.max())
    state.attended = weights @ state.outputs / weights.sum()
    output = np.concatenate((output, state.attended)) @ attention.output_kernel + attention.output_bias
    oldest = state.steps % attention.length
    state.outputs[oldest] = output
    state.features[oldest] = output @ attention.feature_kernel
    return output


# --- building -------------------------------------------------------------------------

# A variable's name in 2016, part by part, and what TensorFlow has called it since 2017.
MODERN_PARTS = {
    "RNN": "rnn",
    "MultiRNNCell": "multi_rnn_cell",
    "BasicLSTMCell": "basic_lstm_cell",
    "AttentionCellWrapper": "attention_cell_wrapper",
    "Attention": "attention",
    "AttnOutputProjection": "attn_output_projection",
    "AttnW": "attn_w",
    "AttnV": "attn_v",
    "Linear": "",
    "Matrix": "kernel",
    "Bias": "bias",
    "weights": "kernel",
    "biases": "bias",
}
CELL = re.compile(r"(.*/cell_(\d+)/(?:.*/)?basic_lstm_cell/)kernel")
AROUND_ALL = "rnn/attention_cell_wrapper/"  # how Magenta built attention in 2016 …
AROUND_FIRST = "rnn/multi_rnn_cell/cell_0/attention_cell_wrapper/"  # … and since


def modern_name(name: str) -> str:
    """A variable's name as it is today.

    >>> modern_name("RNN/AttentionCellWrapper/MultiRNNCell/Cell0/BasicLSTMCell/Linear/Matrix")
    'rnn/attention_cell_wrapper/multi_rnn_cell/cell_0/basic_lstm_cell/kernel'
    >>> modern_name("fully_connected/weights")
    'fully_connected/kernel'
    """
    parts = re.sub(r"\bCell(\d+)\b", r"cell_\1", name).split("/")
    return "/".join(filter(None, (MODERN_PARTS.get(part, part) for part in parts)))


class Weights:
    """A network's weights by their modern names. What is not there, or of another shape, is a FormatError."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors
        cells = sorted((int(m[2]), m[1]) for m in map(CELL.fullmatch, tensors) if m)
        if [number for number, _ in cells] != list(range(len(cells))) or not 1 <= len(cells) <= MAX_LAYERS:
            raise FormatError(
                f"expected the weights of 1–{MAX_LAYERS} LSTM layers, got layers {[n for n, _ in cells]}"
            )
        self.cells = [name for _, name in cells]
        self.units = [self._units(name) for name in self.cells]
        present = [scope for scope in (AROUND_ALL, AROUND_FIRST) if f"{scope}kernel" in tensors]
        self.attention = present[0] if present else None  # the scope of its names
        self.attention_around = len(cells) if self.attention == AROUND_ALL else 1  # layers

    def __getitem__(self, expected: tuple[str, tuple[int, ...]]) -> Tensor:
        name, shape = expected
        tensor = self._tensors.get(name)
        if tensor is None:
            raise FormatError(f"expected weights called {name}, got none")
        if tensor.shape != shape:
            raise FormatError(f"expected {name} of shape {list(shape)}, got {list(tensor.shape)}")
        return tensor

    @property
    def attention_size(self) -> int:
        return self.units[self.attention_around - 1]

    def _units(self, cell: str) -> int:
        bias = self._tensors.get(f"{cell}bias")
        if bias is None or bias.ndim != 1 or bias.size % 4:
            raise FormatError(f"expected {cell}bias of shape [4 · units], got {_shape(bias)}")
        return bias.size // 4


def attention_length(weights: Weights, state_size: int) -> int:
    """How many steps attention looks back, 0 if there is none; it is in no weight's shape.

    ``state_size``: how many numbers all of the network's state is. Raises: FormatError if none fits.
    """
    if weights.attention is None:
        return 0
    size = weights.attention_size
    fixed = 2 * sum(weights.units) + size
    if state_size <= fixed or (state_size - fixed) % size:
        raise FormatError(f"expected a state of {fixed} + {size} · attention length, got {state_size}")
    return (state_size - fixed) // size


def build(weights: Weights, length: int, input_size: int, num_classes: int) -> Network:
    """The network of these weights, which say how large its layers are.

    ``length``: steps that attention looks back. ``input_size``, ``num_classes``: the encoding's.

    Raises: FormatError for weights that are missing, or do not fit each other or the encoding.
    """
    output_kernel = weights["fully_connected/kernel", (weights.units[-1], num_classes)]
    output_bias = weights["fully_connected/bias", (num_classes,)]
    fed = [input_size, *weights.units]
    layers = [_layer(weights, number, fed[number]) for number in range(len(weights.cells))]
    input_kernel = layers[0].kernel[:input_size]
    layers[0] = Layer(layers[0].kernel[input_size:], layers[0].bias)
    attention = None
    if (scope := weights.attention) is not None:
        # Inputs and what is attended to are first mixed into as many numbers as there are inputs. There
        # is nothing but a sum between that and the first layer's gates: both become one matrix here.
        size = weights.attention_size
        mix = weights[f"{scope}kernel", (input_size + size, input_size)].astype(np.float64) @ input_kernel
        offset = weights[f"{scope}bias", (input_size,)].astype(np.float64) @ input_kernel
        input_kernel = mix[:input_size].astype(np.float32)
        layers[0] = Layer(
            np.concatenate((mix[input_size:], layers[0].kernel)).astype(np.float32),
            (layers[0].bias + offset).astype(np.float32),
        )
        attention = _attention(weights, scope, length)
    return Network(input_kernel, tuple(layers), attention, output_kernel, output_bias)


def _layer(weights: Weights, number: int, fed: int) -> Layer:
    cell, units = weights.cells[number], weights.units[number]
    bias = weights[f"{cell}bias", (4 * units,)].copy()
    bias[2 * units : 3 * units] += FORGET_BIAS
    half = np.repeat(np.array([0.5, 1, 0.5, 0.5], np.float32), units)
    return Layer(weights[f"{cell}kernel", (fed + units, 4 * units)] * half, bias * half)


def _attention(weights: Weights, scope: str, length: int) -> Attention:
    around, size = weights.attention_around, weights.attention_size
    states = 2 * sum(weights.units[:around])
    return Attention(
        length=length,
        around=around,
        query_kernel=weights[f"{scope}attention/kernel", (states, size)],
        query_bias=weights[f"{scope}attention/bias", (size,)],
        feature_kernel=weights[f"{scope}attention/attn_w", (1, 1, size, size)][0, 0],
        feature_weights=weights[f"{scope}attention/attn_v", (size,)],
        output_kernel=weights[f"{scope}attn_output_projection/kernel", (2 * size, size)],
        output_bias=weights[f"{scope}attn_output_projection/bias", (size,)],
    )


def _shape(tensor: Tensor | None) -> str:
    return "none" if tensor is None else str(list(tensor.shape))
