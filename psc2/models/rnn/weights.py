"""A bundle's weights, by their names of then and now, made into a network that runs.

Sources: TensorFlow's ``BasicLSTMCell``; ``AttentionCellWrapper`` in Magenta's ``contrib/rnn.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from psc2.models.bundles.checkpoint import FormatError, Tensor
from psc2.models.rnn.network import HALF, Attention, Network
from psc2.text import printable

FORGET_BIAS = 1.0  # the network adds it to the forget gate; it is not in the weights
MAX_LAYERS = 16
MAX_SHOWN = 80  # characters of a name
MAX_ATTENTION_LENGTH = 1000  # steps; Magenta's own look back 40 at most

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
        self._unused = set(tensors)
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
        self._unused.discard(name)
        return tensor

    def check_all_used(self) -> None:
        """Check that each of the weights has its place in the network. Raises: FormatError."""
        if self._unused:
            name = printable(min(self._unused), MAX_SHOWN)
            raise FormatError(f"expected weights of the network alone, got {name} beside them")

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
    weights.check_all_used()
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
