"""One step of Magenta's recurrent networks in NumPy: LSTM layers, and attention around them.

Sources: TensorFlow's ``BasicLSTMCell``; ``AttentionCellWrapper`` in Magenta's
``contrib/rnn.py``, after Jianpeng Cheng, Li Dong, Mirella Lapata, "Long Short-Term
Memory-Networks for Machine Reading", 2016.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from psc2.models.bundles.checkpoint import Tensor
from psc2.models.rnn.encodings import Inputs

ONE, HALF = np.float32(1), np.float32(0.5)


class Cell:
    """A layer of u units while it runs: what it remembers, and the room that a step works in."""

    def __init__(self, kernel: Tensor, shape: tuple[int, ...] = ()) -> None:
        """Set up a layer at rest. ``kernel``: (i + u + 1, 4u), as in ``Network.layers``.

        ``shape``: () for one sequence, (n,) for n at once.
        """
        units = kernel.shape[1] // 4
        self.kernel = kernel
        self.row = np.zeros((*shape, len(kernel)), np.float32)
        self.row[..., -1] = 1.0  # for the biases
        self.inputs = self.row[..., : -units - 1]  # (…, i)
        self.h = self.row[..., -units - 1 : -1]  # (…, u)
        self.c = np.zeros((*shape, units), np.float32)
        self.gates = np.zeros((*shape, 4 * units), np.float32)
        self.logistic = self.gates[..., : 3 * units]
        self.input_gate, self.forget_gate, self.output_gate, self.new = np.split(self.gates, 4, axis=-1)

    def step(self, from_inputs: Tensor | None = None) -> None:
        """Take one step: c and h become the next ones, from ``inputs`` and what else comes to the gates."""
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
    """What a network remembers of a sequence, or of n that are as long: … is nothing, or n."""

    cells: list[Cell]
    attended: Tensor  # (…, a)
    outputs: Tensor  # (…, length, a): the last ones, in no particular order …
    features: Tensor  # (…, length, a): … and what attention makes of each, which stays the same
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
    def units(self) -> list[int]:
        """How many units each layer has, the first one first."""
        return [kernel.shape[1] // 4 for kernel in self.layers]

    @property
    def state_sizes(self) -> list[int]:
        """How many numbers each part of the state is: c and h of each layer, and what attention remembers."""
        attention = self.attention
        attended = [] if attention is None else [attention.size, attention.size * attention.length]
        return [*(units for units in self.units for _ in "ch"), *attended]

    def start(self, shape: tuple[int, ...] = ()) -> State:
        """The state before the first event, of one sequence, or of n with the shape (n,)."""
        length, size = (0, 0) if self.attention is None else (self.attention.length, self.attention.size)
        return State(
            cells=[Cell(kernel, shape) for kernel in self.layers],
            attended=np.zeros((*shape, size), np.float32),
            outputs=np.zeros((*shape, length, size), np.float32),
            features=np.zeros((*shape, length, size), np.float32),
        )

    def branch(self, state: State, number: int) -> State:
        """The state of ``number`` sequences that have all begun as the one of ``state`` did."""
        return self._copied(state, number, lambda part: part)

    def keep(self, state: State, rows: Sequence[int]) -> State:
        """The state of some of the sequences of ``state``; ``rows``: their numbers, 0-based."""
        return self._copied(state, len(rows), lambda part: part[rows])

    def _copied(self, state: State, number: int, pick: Callable[[Tensor], Tensor]) -> State:
        copied = self.start((number,))
        for cell, one in zip(copied.cells, state.cells, strict=True):
            cell.row[:], cell.c[:] = pick(one.row), pick(one.c)
        copied.attended[:] = pick(state.attended)
        copied.outputs[:], copied.features[:] = pick(state.outputs), pick(state.features)
        copied.steps = state.steps
        return copied

    def step(self, state: State, inputs: Inputs) -> Tensor:
        """Take the inputs of the next event, and change ``state``.

        Returns: what the network makes of it, (u or a,), good until the next step.
        """
        rows = self.input_kernel.take(inputs.indices, axis=0)
        return self._advance(state, np.array(inputs.values, np.float32).dot(rows))

    def step_all(self, state: State, inputs: Sequence[Inputs]) -> Tensor:
        """Take the next event's inputs of each of n sequences, and change ``state``, which is theirs.

        Returns: what the network makes of them, (n, u or a), good until the next step.
        """
        rows = np.zeros((len(inputs), len(self.input_kernel)), np.float32)
        for row, one in zip(rows, inputs, strict=True):
            row[one.indices] = one.values
        return self._advance(state, rows.dot(self.input_kernel))

    def _advance(self, state: State, from_inputs: Tensor) -> Tensor:
        """Take a step with what comes from the inputs to the first layer's gates, (…, 4u)."""
        output = state.attended
        for number, cell in enumerate(state.cells):
            cell.inputs[:] = output
            cell.step(from_inputs if number == 0 else None)
            output = cell.h
            if self.attention is not None and number + 1 == self.attention.around:
                output = _attend(self.attention, state, output)
        state.steps += 1
        return output

    def logits(self, outputs: Tensor) -> Tensor:
        """The classes' logits, (…, classes), from the outputs of steps, (…, u or a)."""
        logits: Tensor = outputs @ self.output_kernel + self.output_bias
        return logits


def _attend(attention: Attention, state: State, output: Tensor) -> Tensor:
    """Attend to the last outputs, and change ``state``. Returns: the output of attention, (…, a)."""
    parts = [part for cell in state.cells[: attention.around] for part in (cell.c, cell.h)]
    query = np.concatenate(parts, axis=-1).dot(attention.query_kernel)
    query += attention.query_bias
    scores = np.tanh(state.features + query[..., np.newaxis, :]).dot(attention.feature_weights)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    state.attended = (weights[..., np.newaxis, :] @ state.outputs)[..., 0, :]
    both: Tensor = np.concatenate((output, state.attended), axis=-1).dot(attention.output_kernel)
    both += attention.output_bias
    oldest = state.steps % attention.length
    state.outputs[..., oldest, :] = both[..., : attention.size]
    state.features[..., oldest, :] = both[..., attention.size :]
    return both[..., : attention.size]
