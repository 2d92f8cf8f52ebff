"""How far an answer's pitches are from the chords under them, where its notes fall or are likely to.

Whoever plays the answer with their hands brings its rhythm: each note is taken to follow the one before as
some note of the call did, all of them as likely. What the machine plays itself has its steps.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from statistics import fmean

import numpy as np
import numpy.typing as npt

from psc2.core.fitting import rests
from psc2.core.grouping import strong_steps
from psc2.core.harmony import Chord
from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.ranges import Pitch
from psc2.core.requests import ComingHarmony, MelodyRequest
from psc2.core.spelling import OCTAVE

LONGEST_GAP = 2 * STEPS_PER_QUARTER  # steps from a note to the next; longer ones count as this
IN_SCALE = 0.5  # what a pitch costs that can stay, but is no chord tone; one that is none, any other 1

Table = npt.NDArray[np.float64]


class ChordCosts:
    """What pitches cost by the chords under them, 0–1: none on chord tones, or where no chord sounds."""

    def __init__(self, request: MelodyRequest, harmony: ComingHarmony) -> None:
        self._request, self._harmony = request, harmony
        self._steps_per_bar = harmony.time_signature.steps_per_bar
        self._strong = strong_steps(harmony.time_signature, harmony.groups)
        self._begins = [placed.step for placed in harmony.chords]
        self._by_chord = [costs_with(placed.chord) for placed in harmony.chords]

    def foreign(self, pitches: Sequence[Pitch], onsets: Sequence[int] = ()) -> float:
        """What the pitches on strong beats cost, in the mean.

        ``onsets``: of what the machine plays itself, the steps; none for what hands play.
        """
        if not onsets:
            of_beats, beats = self._on_strong_beats
            return self._sum(of_beats, pitches) / beats if beats else 0.0
        costs = [self._by_chord[number][pitch % OCTAVE]
                 for pitch, step in zip(pitches, self._steps(onsets), strict=True)
                 if (number := self._number_at(step)) is not None and self._is_strong(step)]  # fmt: skip
        return float(fmean(costs)) if costs else 0.0

    def restless(self, pitches: Sequence[Pitch], onsets: Sequence[int] = ()) -> float:
        """What the answer's last pitch costs; less where one before it may be the last of the turn.

        Where a line ends the turn, and the answer does not reach it, none is the last, and the cost 0.
        """
        if not onsets:
            return self._sum(self._at_end, pitches)
        steps, end = self._steps(onsets), self._harmony.end
        if end is not None:
            if steps[-1] + LONGEST_GAP < end:
                return 0.0
            steps = [step for step in steps if step < end]
        number = self._number_at(steps[-1]) if steps else None
        return 0.0 if number is None else float(self._by_chord[number][pitches[len(steps) - 1] % OCTAVE])

    def _sum(self, table: Table, pitches: Sequence[Pitch]) -> float:
        classes = np.array(pitches[: len(table)], int) % OCTAVE
        return float(table[np.arange(len(classes)), classes].sum())

    # --- where chords and strong beats are ------------------------------------------------

    def _number_at(self, step: int) -> int | None:
        """The number of the chord at a step, 0-based; None where there is none."""
        number = max(0, bisect_right(self._begins, step) - 1)
        return number if self._harmony.chords[number].chord.tones else None

    def _is_strong(self, step: int) -> bool:
        return step % self._steps_per_bar in self._strong

    def _steps(self, onsets: Sequence[int]) -> list[int]:
        """The steps on which the machine plays; whole beats at the beginning are not waited for."""
        begin = self._harmony.begin - onsets[0] // STEPS_PER_QUARTER * STEPS_PER_QUARTER
        return [begin + onset for onset in onsets]

    # --- where the hands' notes are likely to fall -----------------------------------------

    @cached_property
    def _gaps(self) -> Table:
        """How likely each number of steps is from a note to the next, 1 to ``LONGEST_GAP``."""
        step_s = 60 / self._request.qpm / STEPS_PER_QUARTER
        onsets = [round(note.onset_s / step_s) for note in self._request.primer]
        likely = np.zeros(LONGEST_GAP)
        for before, after in pairwise(onsets if len(onsets) > 1 else (0, 1)):
            likely[min(max(after - before, 1), LONGEST_GAP) - 1] += 1
        shares: Table = likely / likely.sum()
        return shares

    @cached_property
    def _places(self) -> Table:
        """How likely each pitch falls on each step, (pitches, steps)."""
        number, before = max(1, self._request.num_pitches), self._harmony.begin - 1
        likely = np.zeros((number, before + 1 + LONGEST_GAP * number))
        now = np.zeros(likely.shape[1])
        now[max(before, 0)] = 1
        for row in likely:
            for gap, share in enumerate(self._gaps, start=1):
                if share:
                    row[gap:] += share * now[:-gap]
            now = row
        return likely

    @cached_property
    def _by_step(self) -> Table:
        """What each pitch class costs at each step, (steps, 12)."""
        numbers = (self._number_at(step) for step in range(self._places.shape[1]))
        return np.array([NOTHING if number is None else self._by_chord[number] for number in numbers])

    @cached_property
    def _on_strong_beats(self) -> tuple[Table, float]:
        """What each pitch costs by its class on strong beats, (pitches, 12), and how many fall on one."""
        steps = range(self._places.shape[1])
        counts = [self._is_strong(step) and self._number_at(step) is not None for step in steps]
        strong = self._places * np.array(counts)
        return strong @ self._by_step, float(strong.sum())

    @cached_property
    def _at_end(self) -> Table:
        """What each pitch costs by its class where it is the last of the turn, (pitches, 12)."""
        places, end = self._places, self._harmony.end
        if end is None:
            last = np.zeros_like(places)
            last[-1] = places[-1]
        else:
            reaches = np.array([self._gaps[max(0, end - step - 1) :].sum() for step in range(end)])
            last = places[:, :end] * reaches[: places.shape[1]]
        costs: Table = last @ self._by_step[: last.shape[1]]
        return costs


NOTHING = np.zeros(OCTAVE)


def costs_with(chord: Chord) -> Table:
    """What each pitch class costs with a chord on a strong beat, (12,): 0 a chord tone, 1 what clashes."""
    return np.array([
        0.0 if pitch in chord.tones else IN_SCALE if rests(pitch, chord, is_strong=True) else 1.0
        for pitch in range(OCTAVE)
    ])  # fmt: skip
