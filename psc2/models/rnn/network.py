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

from psc2.models.bundles.checkpoint import FormatError, Tensor
from psc2.models.rnn.encodings import Inputs

FORGET_BIAS = 1.0  # the network adds it to the forget gate; it is not in the weights
MAX_LAYERS = 16
MAX_ATTENTION_LENGTH = 1000  # steps; Magenta's own look back 40 at most
ONE, HALF = np.float32(1), np.float32(0.5)


class Cell:
    """A layer of u units while it runs: what it remembers, and the room that a step works in."""

    def __init__(self, kernel: Tensor) -> None:
        """Set up a layer at rest. ``kernel``: (i + u + 1, 4u), as in ``Network.layers``."""
        units = kernel.shape[1] // 4
        self.kernel = kernel
        self.row = np.zeros(len(kernel), np.float32)
        self.row[-1] = 1.0  # for the biases
        self.fed = self.row[: -units - 1]  # (i,)
        self.h = self.row[-units - 1 : -1]  # (u,)
        self.c = np.zeros(units, np.float32)
        self.gates = np.zeros(4 * units, np.float32)
        self.logistic = self.gates[: 3 * units]
        self.input_gate, self.forget_gate, self.output_gate, self.new = np.split(self.gates, 4)

    def step(self, from_inputs: Tensor | None = None) -> None:
        """Take one step: c and h become the next ones, from ``fed`` and what comes to the gates besides."""
        self.row.dot(self.kernel, self.gates)
        if from_inputs is not None:
            np.add(self.gates, from_inputs, self.gates)
        np.tanh(self.gates, self.gates)
        np.add(self.logistic, ONE, self.logistic)  # twice what a logistic function gives …
        np.multiply(self.c, self.forget_gate, self.c)
        np.multiply(self.new, self.input_gate, self.new)
        np.add(self.c, self.new, self.c)
        np.multiply(self.c, HALF, self.c)  # … which is halved here …
        np.tanh(self.c, self.h)
        np.multiply(self.h, self.output_gate, self.h)
        np.multiply(self.h, HALF, self.h)  # … and here


@dataclass(frozen=True, slots=True)
class Attention:
    """The weights of attention to the last ``length`` outputs, of a numbers each."""

    length: int  # steps
    around: int  # how many of the layers, from the first on
    query_kernel: Tensor  # (c and h of these layers, a)
    query_bias: Tensor  # (a,)
    feature_weights: Tensor  # (a,)
    output_kernel: Tensor  # (u + a, 2a): to the output, and to its features
    output_bias: Tensor  # (2a,)

    @property
    def size(self) -> int:
        return len(self.query_bias)


@dataclass(slots=True)
class State:
    """What a network remembers of a sequence."""

    cells: list[Cell]
    attended: Tensor  # (a,)
    outputs: Tensor  # (length, a): the last ones, in no particular order …
    features: Tensor  # (length, a): … and what attention makes of each, which stays the same
    steps: int = 0  # so far


@dataclass(frozen=True, slots=True)
class Network:
    """The weights of a network, which takes events' inputs and gives the next class's logits.

    A layer of u units that is fed i numbers has a kernel (i + u + 1, 4u). Rows: for what it is fed,
    for its own h, and its biases. Columns: input gate, forget gate, output gate, new values. A
    gate is a logistic function, which is half a hyperbolic tangent of half its argument, and a
    half; the gates' columns are halved, so that a step takes one hyperbolic tangent of them all.
    """

    input_kernel: Tensor  # (inputs, 4u): from the inputs to the first layer's gates
    layers: tuple[Tensor, ...]  # kernels; the first layer is fed what is attended to
    attention: Attention | None
    output_kernel: Tensor  # (u or a, classes)
    output_bias: Tensor  # (classes,)

    @property
    def input_size(self) -> int:
        return len(self.input_kernel)

    @property
    def num_classes(self) -> int:
        return len(self.output_bias)

    @property
    def units(self) -> list[int]:
        """How many units each layer has, the first one first."""
        return [kernel.shape[1] // 4 for kernel in self.layers]

    def start(self) -> State:
        """The state before the first event."""
        length, size = (0, 0) if self.attention is None else (self.attention.length, self.attention.size)
        return State(
            cells=[Cell(kernel) for kernel in self.layers],
            attended=np.zeros(size, np.float32),
            outputs=np.zeros((length, size), np.float32),
            features=np.zeros((length, size), np.float32),
        )

    def step(self, state: State, inputs: Inputs) -> Tensor:
        """Take the inputs of the next event, and change ``state``.

        Returns: what the network makes of it, (u or a,), good until the next step.
        """
        from_inputs = np.array(inputs.values, np.float32).dot(self.input_kernel.take(inputs.indices, axis=0))
        made = state.attended
        for number, cell in enumerate(state.cells):
            cell.fed[:] = made
            cell.step(from_inputs if number == 0 else None)
            made = cell.h
            if self.attention is not None and number + 1 == self.attention.around:
                made = _attend(self.attention, state, made)
        state.steps += 1
        return made

    def logits(self, made: Tensor) -> Tensor:
        """The classes' logits, (…, classes), from the outputs of steps, (…, u or a)."""
        logits: Tensor = made @ self.output_kernel + self.output_bias
        return logits


def _attend(attention: Attention, state: State, output: Tensor) -> Tensor:
    """Attend to the last outputs, and change ``state``. Returns: the output of attention, (a,)."""
    cells = state.cells[: attention.around]
    query = np.concatenate([part for cell in cells for part in (cell.c, cell.h)]).dot(attention.query_kernel)
    query += attention.query_bias
    scores = np.tanh(state.features + query).dot(attention.feature_weights)
    weights = np.exp(scores - scores.max(axis=0))
    weights /= weights.sum(axis=0)
    state.attended = weights.dot(state.outputs)
    both: Tensor = np.concatenate((output, state.attended)).dot(attention.output_kernel)
    both += attention.output_bias
    oldest = state.steps % attention.length
    state.outputs[oldest], state.features[oldest] = both[: attention.size], both[attention.size :]
    return both[: attention.size]


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
    """A network's weights by their modern names, each checked for its shape when it is taken."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        """Find the layers among the weights. Raises: FormatError if there are none, or too many."""
        self._tensors = tensors
        cells = sorted((int(m[2]), m[1]) for m in map(CELL.fullmatch, tensors) if m)
        if [number for number, _ in cells] != list(range(len(cells))) or not 1 <= len(cells) <= MAX_LAYERS:
            raise FormatError(
                f"expected the weights of 1–{MAX_LAYERS} LSTM layers, got layers {[n for n, _ in cells]}"
            )
        self.cells = [name for _, name in cells]
        self.units = [self._units(name) for name in self.cells]
        present = [s for s in (AROUND_ALL, AROUND_FIRST) if any(name.startswith(s) for name in tensors)]
        self.attention = present[0] if present else None  # the scope of its names
        self.attention_around = len(cells) if self.attention == AROUND_ALL else 1  # layers

    def __getitem__(self, expected: tuple[str, tuple[int, ...]]) -> Tensor:
        """The weights of a name and shape. Raises: FormatError if they are not there, or of another shape."""
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
    """Build the network of these weights, which decide how large its layers are.

    ``length``: steps that attention looks back. ``input_size``, ``num_classes``: the encoding's.

    Raises: FormatError for weights that are missing, or do not fit each other or the encoding.
    """
    output_kernel = weights["fully_connected/kernel", (weights.units[-1], num_classes)]
    output_bias = weights["fully_connected/bias", (num_classes,)]
    fed = [input_size, *weights.units]
    layers = [_layer(weights, number, fed[number]) for number in range(len(weights.cells))]
    input_kernel, layers[0] = np.split(layers[0], [input_size])
    attention = None
    if (scope := weights.attention) is not None:
        if length not in range(1, MAX_ATTENTION_LENGTH + 1):
            raise FormatError(f"expected attention to 1–{MAX_ATTENTION_LENGTH} steps, got {length}")
        # Inputs and what is attended to are first mixed into as many numbers as there are inputs. There
        # is nothing but a sum between that and the first layer's gates: both become one matrix here.
        size = weights.attention_size
        mix = weights[f"{scope}kernel", (input_size + size, input_size)].astype(np.float64) @ input_kernel
        offset = weights[f"{scope}bias", (input_size,)].astype(np.float64) @ input_kernel
        layers[0] = np.concatenate((mix[input_size:], layers[0])).astype(np.float32)
        layers[0][-1] += offset
        input_kernel = mix[:input_size].astype(np.float32)
        attention = _attention(weights, scope, length)
    return Network(input_kernel, tuple(layers), attention, output_kernel, output_bias)


def _layer(weights: Weights, number: int, fed: int) -> Tensor:
    """A layer's kernel, from TensorFlow's order (input gate, new values, forget gate, output gate)."""
    cell, units = weights.cells[number], weights.units[number]
    kernel = weights[f"{cell}kernel", (fed + units, 4 * units)]
    input_gate, new, forget_gate, output_gate = np.hsplit(
        np.vstack((kernel, weights[f"{cell}bias", (4 * units,)])), 4
    )
    forget_gate[-1] += FORGET_BIAS
    return np.hstack((input_gate * HALF, forget_gate * HALF, output_gate * HALF, new))


def _attention(weights: Weights, scope: str, length: int) -> Attention:
    around, size = weights.attention_around, weights.attention_size
    states = 2 * sum(weights.units[:around])
    to_features = weights[f"{scope}attention/attn_w", (1, 1, size, size)][0, 0].astype(np.float64)
    to_output = weights[f"{scope}attn_output_projection/kernel", (2 * size, size)]
    output_bias = weights[f"{scope}attn_output_projection/bias", (size,)]
    return Attention(
        length=length,
        around=around,
        query_kernel=weights[f"{scope}attention/kernel", (states, size)],
        query_bias=weights[f"{scope}attention/bias", (size,)],
        feature_weights=weights[f"{scope}attention/attn_v", (size,)],
        output_kernel=np.hstack((to_output, to_output @ to_features)).astype(np.float32),
        output_bias=np.hstack((output_bias, output_bias @ to_features)).astype(np.float32),
    )


def _shape(tensor: Tensor | None) -> str:
    return "none" if tensor is None else str(list(tensor.shape))
