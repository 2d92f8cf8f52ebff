"""The network that hears intervals as it is trained: passages of solos, each heard in one go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from psc2.errors import ModelError
from psc2.models.bundles.files import INTERVAL_RNN
from psc2.training import interval_network, lines
from psc2.training.datasets import MIN_STEPS, PASSAGE_STEPS, Piece
from psc2.training.interval_network import IntervalShape
from psc2.training.lines import Batch, SoloPassage
from psc2.training.network import Dropout, Weights
from psc2.training.recipe import Recipe

HIGHEST_MOVE = 6  # semitones up, and one less down, that a passage of an epoch is moved


@dataclass(frozen=True, slots=True)
class EncodedSolos:
    """Passages of solos, in batches."""

    parts: tuple[Batch, ...]
    windows: int

    def __len__(self) -> int:
        return self.windows

    @property
    def num_events(self) -> int:
        """How many events are foreseen."""
        return sum(batch.num_events for batch in self.parts)


@dataclass(frozen=True)
class IntervalTrainee:
    """A network that hears a solo in intervals, over its chords."""

    recipe: Recipe

    @property
    def shape(self) -> IntervalShape:
        """How large it is."""
        if len(self.recipe.units) != 1 or self.recipe.attention:
            raise ModelError(f"{INTERVAL_RNN}: expected units of one layer and no attention, got others")
        (units,) = self.recipe.units
        return IntervalShape(units=units, hidden=units)

    def initial(self) -> Weights:
        return interval_network.initial(self.shape, self.recipe.seed)

    def steps_per_epoch(self, pieces: Sequence[Piece]) -> int:
        return -(-len(self._cut(pieces, 0)) // self.recipe.batch)

    def held_out(self, pieces: Iterable[Piece]) -> EncodedSolos:
        """The passages that every melody model is scored on."""
        return self._encoded(lines.passages(pieces))

    def epoch(self, pieces: Sequence[Piece], number: int) -> EncodedSolos:
        return self._encoded(self._cut(pieces, number))

    def batches(self, encoded: EncodedSolos) -> Iterator[Iterator[Batch]]:
        """Each batch, in one part."""
        return (iter([part]) for part in encoded.parts)

    def start(self) -> None:
        """Nothing is remembered from one batch to the next."""

    def nats(
        self, weights: Weights, memory: None, part: Batch, dropout: Dropout, key: Any
    ) -> tuple[Any, Any, None]:
        happens, pitches = interval_network.losses(weights, part, dropout, key)
        return happens.sum() + pitches.sum(), (part.events >= 0).sum(), None

    def _cut(self, pieces: Sequence[Piece], epoch: int) -> list[SoloPassage]:
        """All pieces in windows from bar lines on, moved, some of them without their chords, in any order."""
        random, window = Random(f"{self.recipe.seed} {epoch}"), self.recipe.window
        found = []
        for piece in pieces:
            first = random.randrange(0, window, piece.bar_steps) - window
            for start in range(first, len(piece.events), window):
                begin, end = max(start, 0), min(start + window + 1, len(piece.events))
                semitones = random.randrange(1 - HIGHEST_MOVE, HIGHEST_MOVE + 1)
                with_chords = random.random() >= self.recipe.no_chords
                if end - begin >= MIN_STEPS:
                    found.append(SoloPassage(piece, begin, end, semitones, with_chords))
        random.shuffle(found)
        return found

    def _encoded(self, passages: Sequence[SoloPassage]) -> EncodedSolos:
        """The passages in batches of the same size, the last one filled up with nothing."""
        size, steps = self.recipe.batch, max(self.recipe.window, PASSAGE_STEPS - 1)
        return EncodedSolos(
            tuple(
                lines.encode(passages[start : start + size], size, steps)
                for start in range(0, len(passages), size)
            ),
            len(passages),
        )
