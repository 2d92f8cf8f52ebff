"""What the network hears of a solo: intervals, lengths and places, all of it relative to what sounded last.

Nothing of it depends on the key, but for how high a note lies. So a solo is heard in every key at once.

Source: to hear intervals and chords, and not pitches, is the idea of Daniel Johnson, Robert Keller, Nicholas
Weintraut, "Learning to Create Jazz Melodies Using a Product of Experts", ICCC 2017.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from psc2.core.spelling import OCTAVE
from psc2.models.interval.surroundings import FOURS, NO_ROOT, PLACES, Ints, Reals, Surroundings

WIDEST = 24  # semitones up or down that are told apart
INTERVALS = 2 * WIDEST + 2  # and that there is none
NO_INTERVAL = INTERVALS - 1
LENGTHS = 22  # 0–16 steps, four longer ones, and none
NO_LENGTH = LENGTHS - 1
LOWEST, PITCHES = 30, 72  # how high a note lies, from F#1 on
ROOTS = OCTAVE + 1  # above the root of the chord, or no chord
BACK = (16, 32, 64)  # steps that it looks back
AHEAD = 3  # steps from there on whose events it hears
EVENTS = 4  # nothing new, a note, its end, and not known
NOTHING, NOTE, END, UNKNOWN = range(EVENTS)
RECENT = 24  # notes whose range is heard
FADING = np.array((0.85, 0.97), np.float32)  # by which each note leaves those before it in the memory
REMEMBERED = 128  # steps
FARTHEST = 60  # steps to the next chord that are told apart
MEMORY_SCALE = 3.0  # by which what is remembered of pitch classes is multiplied

# How many values each number of a note's, and of a step's, has; their rows lie one behind another in a table.
OF_NOTE = (INTERVALS,) * 3 + (LENGTHS,) * 3 + (PLACES, FOURS, PITCHES, ROOTS) + (INTERVALS,) * len(BACK)
OF_STEP = (
    (PLACES, FOURS, LENGTHS, ROOTS, ROOTS, LENGTHS)
    + (INTERVALS,) * len(BACK)
    + (EVENTS,) * (len(BACK) * AHEAD)
)
OF_REST = (
    LENGTHS,
    2,
)  # of a step, for the rhythm alone: since when nothing sounds, whether something does
REALS_OF_NOTE = 4 * OCTAVE + 3
REALS_OF_STEP = 5 * OCTAVE + 1


class Features(NamedTuple):
    """Features of k notes or steps."""

    numbers: Ints  # (k, as many as there are in the tables above)
    reals: Reals  # (k, as many reals)


def interval_number(interval: Ints) -> Ints:
    """The number of an interval in semitones; all beyond two octaves are as two octaves."""
    return np.clip(interval, -WIDEST, WIDEST) + WIDEST


def length_number(steps: Ints) -> Ints:
    """The number of a length in steps, 0 and more."""
    bounds = np.array([17, 25, 33, 49])
    longer = 17 + np.searchsorted(bounds[1:], steps, side="right")
    return np.where(steps <= 16, steps, longer).astype(np.int32)


def above(sets: Reals, pitches: Ints) -> Reals:
    """Sets of pitch classes, (k, 12), as they lie above k pitches."""
    classes = (np.arange(OCTAVE) + pitches[:, np.newaxis]) % OCTAVE
    return np.take_along_axis(sets, classes, axis=1)


def above_root(pitches: Ints, roots: Ints) -> Ints:
    """How many semitones pitches lie above roots, 0–11; 12 where there is no root."""
    return np.where(roots == NO_ROOT, OCTAVE, (pitches - roots) % OCTAVE)


class Lines:
    """Some lines that are heard together, step by step."""

    def __init__(self, number: int, begin: int = 0) -> None:
        """Lines in which nothing has sounded. ``begin``: the first step that is heard."""
        n = number
        self.count = np.zeros(n, np.int32)  # notes so far
        self.pitch = np.full(n, 60, np.int32)  # the latest note's
        self.onset = np.zeros(n, np.int32)  # the step that it began on …
        self.end = np.full(n, -1, np.int32)  # … and ended at; −1 while it sounds
        self._intervals = np.full((n, 3), NO_INTERVAL, np.int32)
        self._gaps = np.full((n, 2), NO_LENGTH, np.int32)
        self._recent = np.zeros((n, RECENT), np.int32)
        self._memory = np.zeros((n, len(FADING), OCTAVE), np.float32)
        self._pitches = np.full((n, REMEMBERED), -1, np.int32)  # that had begun last, by step
        self._events = np.full((n, REMEMBERED), UNKNOWN, np.int32)
        self._heard_to = np.full(n, begin - 1, np.int32)  # the last step that is over
        self._begins = np.full(n, begin, np.int32)  # the first step that was heard

    def keep(self, rows: Ints) -> None:
        """Go on with some of the lines alone, in the order of ``rows``; one may come several times."""
        for name, values in vars(self).items():
            setattr(self, name, values[rows].copy())

    def pass_by(self, rows: Ints, step: int, events: Ints) -> None:
        """A step is over, and what happened on it is known; notes and ends have been told before."""
        self._pitches[rows, step % REMEMBERED] = np.where(self.count[rows] > 0, self.pitch[rows], -1)
        self._events[rows, step % REMEMBERED] = events
        self._heard_to[rows] = step

    def note_ends(self, rows: Ints, step: int) -> None:
        """The latest notes of some lines end at a step."""
        self.end[rows] = step

    def note_begins(self, rows: Ints, step: int, pitches: Ints, around: Surroundings) -> Features:
        """Notes begin on a step. ``around``: of that step, for each of ``rows``. Returns: what is heard."""
        is_first = self.count[rows] == 0
        held = np.where(self.end[rows] < 0, step, self.end[rows]) - self.onset[rows]
        held = np.where(is_first, NO_LENGTH, length_number(held))
        self._shift(self._intervals, rows, interval_number(pitches - self.pitch[rows]), is_first, NO_INTERVAL)
        self._shift(self._gaps, rows, length_number(step - self.onset[rows]), is_first, NO_LENGTH)
        self._recent[rows] = np.where(is_first[:, np.newaxis], pitches[:, np.newaxis], self._recent[rows])
        self._recent[rows, self.count[rows] % RECENT] = pitches
        self._memory[rows] *= FADING[:, np.newaxis]
        self._memory[rows, :, pitches % OCTAVE] += 1 - FADING
        self.pitch[rows], self.onset[rows], self.end[rows] = pitches, step, -1
        self.count[rows] += 1
        numbers = np.stack(
            [
                *self._intervals[rows].T, *self._gaps[rows].T, held, around.place, around.four,
                np.clip(pitches - LOWEST, 0, PITCHES - 1), above_root(pitches, around.root),
                *(self._interval_back(rows, np.full(len(rows), step), back) for back in BACK),
            ],
            axis=1,
        )  # fmt: skip
        recent = self._recent[rows]
        span = np.stack([pitches - recent.min(1), recent.max(1) - pitches], axis=1) / OCTAVE
        reals = np.concatenate(
            [above(around.tones, pitches), above(around.scale, pitches), self._remembered(rows), span,
             around.tempo[:, np.newaxis]],
            axis=1,
        )  # fmt: skip
        return Features(numbers.astype(np.int32), reals.astype(np.float32))

    def look(self, rows: Ints, steps: Ints, around: Surroundings) -> Features:
        """What is heard at steps that may bring a note, none of them over; one line may have several."""
        is_there, pitches = self.count[rows] > 0, self.pitch[rows]
        elapsed = np.where(is_there, length_number(steps - self.onset[rows]), NO_LENGTH)
        back = [self._interval_back(rows, steps, distance) for distance in BACK]
        events = [self._event(rows, steps, ago - later) for ago in BACK for later in range(AHEAD)]
        numbers = [
            around.place, around.four, elapsed, _root_above(around.root, pitches),
            _root_above(around.next_root, pitches), length_number(np.minimum(around.till, FARTHEST)),
            *back, *events,
        ]  # fmt: skip
        sets = (around.tones, around.scale, around.next_tones)
        remembered = np.where(is_there[:, np.newaxis], self._remembered(rows), 0)
        reals = [*(above(each, pitches) for each in sets), remembered, around.tempo[:, np.newaxis]]
        return Features(np.stack(numbers, 1).astype(np.int32), np.concatenate(reals, 1).astype(np.float32))

    def rests(self, rows: Ints, steps: Ints) -> Ints:
        """Since when nothing sounds, and whether something does: (k, 2), the numbers ``OF_REST``."""
        sounds = (self.count[rows] > 0) & (self.end[rows] < 0)
        since = np.where(sounds | (self.count[rows] == 0), 0, steps - self.end[rows])
        return np.stack([length_number(since), sounds.astype(np.int32)], axis=1).astype(np.int32)

    def _shift(self, latest: Ints, rows: Ints, number: Ints, is_first: Ints, none: int) -> None:
        """The newest of some numbers comes in front of those before it."""
        latest[rows, 1:] = latest[rows, :-1]
        latest[rows, 0] = np.where(is_first, none, number)

    def _remembered(self, rows: Ints) -> Reals:
        """How much of each pitch class is remembered, above the latest pitch; (k, 24)."""
        pitches = self.pitch[rows]
        kept = [above(self._memory[rows, each], pitches) for each in range(len(FADING))]
        found: Reals = np.concatenate(kept, axis=1) * MEMORY_SCALE
        return found

    def _interval_back(self, rows: Ints, steps: Ints, back: int) -> Ints:
        """From the latest pitch to the one that had begun last so many steps ago."""
        then = np.minimum(steps - back, self._heard_to[rows])
        pitches = self._pitches[rows, then % REMEMBERED]
        is_known = (then >= self._begins[rows]) & (pitches >= 0) & (self.count[rows] > 0)
        return np.where(is_known, interval_number(pitches - self.pitch[rows]), NO_INTERVAL)

    def _event(self, rows: Ints, steps: Ints, ago: int) -> Ints:
        """What happened so many steps ago; nothing, where that is still to come before the step itself."""
        then = steps - ago
        is_over = then <= self._heard_to[rows]
        events = np.where(is_over, self._events[rows, then % REMEMBERED], NOTHING)
        return np.where((then >= self._begins[rows]) & (ago > 0), events, UNKNOWN)


def _root_above(roots: Ints, pitches: Ints) -> Ints:
    """How many semitones roots lie above pitches, 0–11; 12 where there is no root."""
    return np.where(roots == NO_ROOT, OCTAVE, (roots - pitches) % OCTAVE)
