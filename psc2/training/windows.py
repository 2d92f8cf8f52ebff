"""From pieces to what a network is trained on: windows, moved and encoded, anew for each epoch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from psc2.core.requests import Model
from psc2.models.rnn.configurations import CONFIGURATIONS, Configuration
from psc2.models.rnn.encodings import STEPS_PER_BAR
from psc2.models.rnn.keys import KEYS
from psc2.models.rnn.primers import squash, within
from psc2.training.datasets import MIN_STEPS, PASSAGE_STEPS, Piece, drop_leading_note_offs, passages
from psc2.training.recipe import Recipe

MIN_KEY_NOTES = 20  # pitches that a call has: from as few a key may have to be found


@dataclass(frozen=True, slots=True)
class Windows:
    """Encoded windows of n steps, shorter ones filled up."""

    inputs: npt.NDArray[np.int8]  # (windows, n, inputs)
    labels: npt.NDArray[np.int32]  # (windows, n): the class that came next, −1 where there is none

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def num_events(self) -> int:
        """How many events are foreseen, which is what losses are divided by."""
        return int((self.labels >= 0).sum())


def encode(found: Sequence[Sequence[int]], steps: int, configuration: Configuration) -> Windows:
    """Encode sequences of events, each of 2 to ``steps`` + 1."""
    encoding = configuration.encoding
    inputs = np.zeros((len(found), steps, encoding.input_size), np.int8)
    labels = np.full((len(found), steps), -1, np.int32)
    for window, events in enumerate(found):
        encoder = encoding.encoder()
        for step, event in enumerate(events[:-1]):
            indices, values = encoder.append(event)
            inputs[window, step, indices] = values
            labels[window, step] = encoder.label(events[step + 1])
    return Windows(inputs, labels)


def passage_windows(pieces: Iterable[Piece], configuration: Configuration) -> Windows:
    """The passages of pieces as windows, on which a model is scored."""
    return encode(passages(pieces, configuration), PASSAGE_STEPS - 1, configuration)


def steps_per_epoch(pieces: Sequence[Piece], recipe: Recipe) -> int:
    """How many steps of learning an epoch has, about: cuts and order change it a little."""
    random = Random(f"{recipe.seed} 0")
    lengths = [len(window) - 1 for piece in pieces for window in _cut(piece, recipe, random)]
    random.shuffle(lengths)
    batches = [lengths[start : start + recipe.batch] for start in range(0, len(lengths), recipe.batch)]
    return sum(-(-max(batch) // recipe.part) for batch in batches)


def epoch_windows(pieces: Sequence[Piece], recipe: Recipe, epoch: int) -> Windows:
    """The windows of an epoch: all pieces once, each time cut and transposed in another way."""
    random = Random(f"{recipe.seed} {epoch}")
    configuration = CONFIGURATIONS[recipe.configuration]
    found = [window for piece in pieces for window in _cut(piece, recipe, random)]
    if configuration.model is Model.MELODY:
        found = [_moved(window, recipe, configuration, random) for window in found]
    random.shuffle(found)
    return encode(found, recipe.window, configuration)


def _cut(piece: Piece, recipe: Recipe, random: Random) -> Iterator[list[int]]:
    """Cut a piece into windows from bar lines on, each with one event more, which is only foreseen."""
    if piece.grid_fit < recipe.grid_fit:
        return
    first = random.randrange(0, recipe.window, STEPS_PER_BAR) - recipe.window
    for start in range(first, len(piece.events), recipe.window):
        window = piece.events[max(start, 0) : start + recipe.window + 1]
        if len(window) >= MIN_STEPS:
            yield window


def _moved(events: list[int], recipe: Recipe, configuration: Configuration, random: Random) -> list[int]:
    """A window of a melody in the key that its beginning suggests, or any; in its own rhythm, or evenly."""
    events = drop_leading_note_offs(events)
    pitches = [event for event in events if event >= 0]
    if random.random() < recipe.even and len(pitches) >= MIN_STEPS:
        events = pitches
    key_from = random.randrange(MIN_KEY_NOTES // 2, max(len(pitches), MIN_KEY_NOTES))
    _, amount = squash(pitches[:key_from], configuration)
    if random.random() < recipe.any_key:
        amount += random.randrange(-KEYS // 2, KEYS // 2)
    low, high = configuration.min_pitch, configuration.max_pitch
    return [within(event + amount, low, high) if event >= 0 else event for event in events]
