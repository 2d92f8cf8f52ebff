"""Magenta's networks as they are trained: in windows of many steps, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.training import network, windows
from psc2.training.datasets import Piece
from psc2.training.network import Dropout, Shape, Weights
from psc2.training.recipe import Recipe
from psc2.training.windows import Windows


@dataclass(frozen=True)
class MagentaTrainee:
    """A MelodyRNN or DrumsRNN."""

    recipe: Recipe

    @property
    def shape(self) -> Shape:
        """How large it is."""
        encoding = CONFIGURATIONS[self.recipe.configuration].encoding
        return Shape(encoding.input_size, self.recipe.units, self.recipe.attention, encoding.num_classes)

    def initial(self) -> Weights:
        return network.initial(self.shape, self.recipe.seed)

    def steps_per_epoch(self, pieces: Sequence[Piece]) -> int:
        return windows.steps_per_epoch(pieces, self.recipe)

    def held_out(self, pieces: Iterable[Piece]) -> Windows:
        return windows.passage_windows(pieces, CONFIGURATIONS[self.recipe.configuration])

    def epoch(self, pieces: Sequence[Piece], number: int) -> Windows:
        return windows.epoch_windows(pieces, self.recipe, number)

    def batches(self, encoded: Windows) -> Iterator[Iterator[tuple[Any, Any]]]:
        """The parts of each batch, inputs and labels, steps first; all of the same size."""
        for start in range(0, len(encoded), self.recipe.batch):
            batch = slice(start, start + self.recipe.batch)
            yield self._parts(encoded.inputs[batch], encoded.labels[batch])

    def _parts(self, inputs: Any, labels: Any) -> Iterator[tuple[Any, Any]]:
        windows, length = labels.shape
        part = self.recipe.part
        room = ((0, self.recipe.batch - windows), (0, -length % part))
        inputs = np.pad(inputs, (*room, (0, 0))).swapaxes(0, 1)
        labels = np.pad(labels, room, constant_values=-1).swapaxes(0, 1)
        for start in range(0, length, part):
            if (labels[start : start + part] >= 0).any():
                yield inputs[start : start + part].astype(np.float32), labels[start : start + part]

    def start(self) -> network.Memory:
        return network.start(self.shape, self.recipe.batch)

    def nats(
        self, weights: Weights, memory: network.Memory, part: Any, dropout: Dropout, key: Any
    ) -> tuple[Any, Any, network.Memory]:
        inputs, labels = part
        predicted, memory = network.logits(self.shape, weights, inputs, memory, dropout, key)
        return network.losses(predicted, labels).sum(), (labels >= 0).sum(), memory
