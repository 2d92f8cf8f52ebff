"""What is trained: a network, how it hears music, and how well it foresees that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol

from psc2.training.datasets import Piece
from psc2.training.network import Dropout, Weights
from psc2.training.recipe import Recipe

Memory = Any  # arrays in a tree, as JAX knows them
Part = Any  # of a batch: arrays in a tree, always of the same sizes


class Encoded(Protocol):
    """Music as a network hears it."""

    def __len__(self) -> int:
        """How many windows there are."""

    @property
    def num_events(self) -> int:
        """How many events are foreseen, which is what losses are divided by."""


class Trainee(Protocol):
    """A kind of network. It can be sent to another process."""

    @property
    def recipe(self) -> Recipe: ...

    def initial(self) -> Weights:
        """The weights before training."""

    def steps_per_epoch(self, pieces: Sequence[Piece]) -> int:
        """How many steps of learning an epoch has, about."""

    def held_out(self, pieces: Iterable[Piece]) -> Encoded:
        """The music that it is scored on."""

    def epoch(self, pieces: Sequence[Piece], number: int) -> Encoded:
        """The music of an epoch: all pieces once, each time cut and transposed in another way."""

    def batches(self, encoded: Any) -> Iterator[Iterator[Part]]:
        """The parts of each batch, each of which goes on where the one before has ended."""

    def start(self) -> Memory:
        """The memory before the first part of a batch."""

    def nats(
        self, weights: Weights, memory: Memory, part: Part, dropout: Dropout, key: Any
    ) -> tuple[Any, Any, Memory]:
        """The loss of a part in nats, how many events it has, and the memory after it."""
