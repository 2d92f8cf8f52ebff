"""The native engine held against Magenta: the same events, and how likely each finds what comes next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from psc2.core.requests import Model
from psc2.models.bundles.checkpoint import Tensor
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF, STEPS_PER_BAR
from psc2.models.rnn.players import ClassRnn

TOLERANCE = 1e-5  # the largest difference of two softmaxes that is rounding
BARS = 4  # of each primer


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far two engines' probabilities over the same events lie apart, and how long each took."""

    primer: str
    steps: int
    difference: float  # the largest of two probabilities of the same class after the same step
    native_s: float
    magenta_s: float

    @property
    def agrees(self) -> bool:
        """Whether the difference is no more than rounding."""
        return self.difference <= TOLERANCE


def compare(native: ClassRnn, magenta: ClassRnn) -> Iterator[Comparison]:
    """Compare two engines, teacher-forced: both get each primer as it is, whatever they would have played."""
    for name, events in primers(native.bundle.configuration).items():
        ours, native_s = _timed(native.softmaxes, events)
        theirs, magenta_s = _timed(magenta.softmaxes, events)
        yield Comparison(name, len(events), float(np.abs(ours - theirs).max()), native_s, magenta_s)


def _timed(softmaxes: Callable[[Sequence[int]], Tensor], events: Sequence[int]) -> tuple[Tensor, float]:
    start = time.perf_counter()
    return softmaxes(events), time.perf_counter() - start


def primers(configuration: Configuration) -> dict[str, list[int]]:
    """Primers, by name, that use all that the configuration's encoding knows."""
    length = BARS * STEPS_PER_BAR
    random = Random(0)
    if configuration.model is Model.DRUMS:
        num_classes = configuration.encoding.num_classes
        kick, snare, hihat = 1, 2, 4
        beat = [kick * (n == 0) | snare * (n in (4, 12)) | hihat * (n % 2 == 0) for n in range(14)]
        return {
            "a beat in 7/8": [strokes & (num_classes - 1) for strokes in beat * BARS],
            "silence": [0] * length,
            "every drum at random": [random.randrange(num_classes) for _ in range(length)],
        }
    low, high = configuration.min_pitch, configuration.max_pitch
    scale = [low + 12 + semitones for semitones in (0, 2, 4, 5, 7, 9, 11, 12)]
    phrase = [scale[4], NO_EVENT, scale[2], NOTE_OFF, NO_EVENT, scale[0], scale[1], scale[0]] * 2
    pitches = range(low, high)
    return {
        "a scale in 16ths": (scale + scale[::-1]) * BARS,
        "a phrase that repeats after a bar and two": phrase * BARS,
        "every pitch": [*pitches, *reversed(pitches)],
        "silence": [NO_EVENT] * length,
        "pitches, rests and ties at random": [
            random.choice([NO_EVENT, NO_EVENT, NOTE_OFF, *pitches]) for _ in range(length)
        ],
    }
