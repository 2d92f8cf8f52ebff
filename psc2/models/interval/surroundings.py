"""What is known of a step before anything is played on it: its chord, the next one, its place in the bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from psc2.core.chart import PlacedChord
from psc2.core.spelling import OCTAVE

Ints = npt.NDArray[np.int32]
Reals = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

NO_ROOT = -1
FAR = 999  # steps to a chord that is not known
PLACES, FOURS = 16, 4  # steps of a bar that are told apart, and bars of a group
MIDDLE_QPM = 140.0


class Surroundings(NamedTuple):
    """What is known of k steps before anything is played on them. Roots are pitch classes, C is 0."""

    place: Ints  # (k,): the step within its bar, of a longer one as if another bar of 4/4 began
    four: Ints  # (k,): the bar within a group of four
    root: Ints  # (k,): the chord's, ``NO_ROOT`` where there is none
    tones: Reals  # (k, 12): 1 for the chord's tones …
    scale: Reals  # (k, 12): … and what fits it
    next_root: Ints  # (k,): of the chord that follows …
    next_tones: Reals  # (k, 12)
    till: Ints  # (k,): … and how many steps are left to it
    tempo: Reals  # (k,): octaves above ``MIDDLE_QPM``

    def at(self, rows: Any) -> Surroundings:
        """What is known of some of the steps, by their numbers or a mask."""
        return Surroundings(*(values[rows] for values in self))

    @classmethod
    def joined(cls, parts: Sequence[Surroundings]) -> Surroundings:
        """What is known of several lines of as many steps each, with one more axis in front."""
        return cls(*(np.stack(values) for values in zip(*parts, strict=True)))


def surroundings_of(
    steps: Ints, chords: Sequence[PlacedChord], bar_line: int, steps_per_bar: int, qpm: float
) -> Surroundings:
    """The surroundings of some steps of one line.

    ``chords``: by their steps, which rise; ``bar_line``: a step at which a bar begins.
    """
    sounding = [placed for placed in chords if placed.chord.tones]
    begins = np.array([placed.step for placed in chords], np.int32)
    number = np.searchsorted(begins, steps, side="right") - 1
    roots = np.array([p.chord.root if p.chord.tones else NO_ROOT for p in chords] + [NO_ROOT] * 2, np.int32)
    tones = np.zeros((len(chords) + 2, OCTAVE), np.float32)
    scales = np.zeros_like(tones)
    for row, placed in enumerate(chords if sounding else ()):
        tones[row, [*placed.chord.tones]] = 1
        scales[row, [*placed.chord.scale]] = 1
    now = np.where(number >= 0, number, len(chords))
    following = number + 1
    is_known = following < len(chords)
    place = (steps - bar_line) % steps_per_bar
    return Surroundings(
        place=(place % PLACES).astype(np.int32),
        four=((steps - bar_line) // steps_per_bar % FOURS).astype(np.int32),
        root=roots[now],
        tones=tones[now],
        scale=scales[now],
        next_root=roots[np.where(is_known, following, len(chords))],
        next_tones=tones[np.where(is_known, following, len(chords))],
        till=np.where(is_known, np.append(begins, [0, 0])[np.minimum(following, len(chords))] - steps, FAR)
        .astype(np.int32),
        tempo=np.full(len(steps), np.log2(qpm / MIDDLE_QPM), np.float32),
    )  # fmt: skip
