"""Lines of a bass: which pitch comes where, so that each chord is heard and the line goes somewhere.

Every onset has pitches to choose from, each with a cost; from pitch to pitch the interval costs too, and how
it follows the one before. Of all lines the cheapest is played, as far as the few best beginnings tell, and
chance adds to each cost, so that no two choruses are alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from random import Random
from typing import Any, NamedTuple

from psc2.core.bass_tones import CENTRE, COSTS, HIGHEST, LOWEST, Role, costs_of_pitches
from psc2.core.harmony import Chord
from psc2.core.ranges import Pitch
from psc2.core.register import direction
from psc2.core.spelling import OCTAVE

HOMEWARD_BARS = 3  # the last, in which a line goes back to where it began, as it may come round again …
HOMEWARD = 0.2  # … and what each semitone away from there costs
NOWHERE = [0.0] * (HIGHEST + 1)  # is home yet
CHANCE = 1.5  # what chance adds at most to a choice: about what a leap costs, less than what sounds wrong
AGAIN = 0.9  # what was played the last time in such a place: a line that says the same again is dull
KEPT = 3  # beginnings that are gone on with: ten make lines that cost 0.2 % less, and take longer
NEAR = 7  # semitones from the best of these within which the next pitch is looked for, but for pillars

# What an interval costs, by its semitones up to an octave: lines go by step and by the thirds of an arpeggio;
# fourths and fifths lead; a tritone, sixth or seventh must be worth it; the octave is a root struck again.
INTERVALS = (2.4, 0.1, 0.1, 0.35, 0.4, 0.7, 2.2, 1.0, 3.0, 3.4, 5.0, 7.0, 1.8)
WIDER = 100.0  # beyond an octave, only where nothing else is left
REPEATED = 14.0  # a pitch three times in a row: the time seems to stand still
BACK = 1.1  # to the pitch before the last, as a trill does: the line treads on the spot
ONWARD = -0.3  # one more step the same way: a run is heard as one
TURNED = -0.4  # a step back after a leap, which fills what that has left open
LEAPT_ON = 2.0  # another leap the same way: an arpeggio is one of thirds
LEFT = {3: 0.4, 4: 0.4, 5: 1.2}  # a third or a leap from a note that is no chord tone: it passes by step
STEP, LEAP = 2, 5  # semitones up to which an interval is a step, and from which on it is a leap

PILLARS = frozenset((Role.ROOT, Role.FIFTH))
WITHIN = frozenset(COSTS)  # a chord: what is no tone of it passes by step
HELD_IN_TWO = frozenset((Role.HALF, Role.HALF_BAR))  # root and fifth in turn say the same again, and should
ALL = frozenset(range(OCTAVE))


class Onset(NamedTuple):
    """Where a note begins, and what it is for."""

    step: int  # of the chorus
    role: Role
    chord: Chord
    goal: int | None = None  # the pitch class of the bass that comes next, where the chord ends


Line = tuple[Pitch, Any]  # its last pitch, and the line before that, or None
# What a line costs as far as it goes, what the next interval does, by its semitones (those downwards stand at
# the end), its last pitch, and itself.
Beginning = tuple[float, Sequence[float], Pitch, Line | None]


class CandidatePitches:
    """The pitches for one kind of onset, and what each costs."""

    __slots__ = ("_latest", "costs")

    def __init__(self, costs: dict[Pitch, float]) -> None:
        self.costs = costs
        self._latest: Pitch | None = None

    def keep(self, pitch: Pitch) -> None:
        """Keep what is played, and forget what was played the time before."""
        if self._latest is not None:
            self.costs[self._latest] -= AGAIN
        self.costs[pitch] += AGAIN
        self._latest = pitch


def led_line(
    onsets: Sequence[Onset],
    random: Random,
    steps_per_bar: int,
    previous: Pitch | None = None,
    goal: int | None = None,
) -> list[Pitch]:
    """A pitch for each onset, ``LOWEST``–``HIGHEST``. ``previous``: that of the note before the first.

    It ends near where it begins, as the same chorus may be played again, or one in another key: ``goal`` is
    the pitch class that this begins with, None for the line's own.
    """
    if not onsets:
        return []
    start = CENTRE[0] if previous is None else min(max(previous, LOWEST), HIGHEST)
    beginnings: Sequence[Beginning] = [(0.0, ANYWHERE if previous is None else FIRST, start, None)]
    known: dict[tuple[Role, str, int | None], CandidatePitches] = {}
    away, homeward = NOWHERE, onsets[-1].step - HOMEWARD_BARS * steps_per_bar
    for onset in onsets:
        step, role, chord, goal = onset
        if step > homeward and away is NOWHERE and (line := _pitches(beginnings[0])):
            away = [HOMEWARD * abs(pitch - line[0]) for pitch in range(HIGHEST + 1)]
        if (candidates := known.get((role, chord.symbol, goal))) is None:
            candidates = known[role, chord.symbol, goal] = CandidatePitches(
                costs_of_pitches(role, chord, goal)
            )
        beginnings = _gone_on(beginnings, onset, candidates.costs, away, random)
        if role not in HELD_IN_TWO:
            candidates.keep(beginnings[0][2])
    return _pitches(min(beginnings, key=lambda whole: _cost_of_return(whole, goal)))


def _gone_on(
    beginnings: Sequence[Beginning],
    onset: Onset,
    costs: dict[Pitch, float],
    away: Sequence[float],
    random: Random,
) -> list[Beginning]:
    """The best lines that are one pitch longer, the cheapest first."""
    _, _, nearest, begun = beginnings[0]
    chance, longer = random.random, []
    near: Iterable[tuple[Pitch, float]] = costs.items()
    if onset.role not in PILLARS and begun is not None:
        near = [(pitch, cost) for pitch, cost in near if -NEAR <= pitch - nearest <= NEAR] or near
    for pitch, cost in near:
        least, before, line = inf, 0, None
        for so_far, row, last, link in beginnings:
            total = so_far + row[pitch - last]
            if total < least:
                least, before, line = total, last, link
        longer.append((least + cost + CHANCE * chance() + away[pitch], pitch - before, pitch, line))
    longer.sort()
    at_rest = onset.chord.tones if onset.role in WITHIN else ALL
    return [
        (total, (ROWS if pitch % OCTAVE in at_rest else PASSING_ROWS)[interval], pitch, (pitch, line))
        for total, interval, pitch, line in longer[:KEPT]
    ]


def _pitches(beginning: Beginning) -> list[Pitch]:
    pitches, line = [], beginning[3]
    while line is not None:
        pitch, line = line
        pitches.append(pitch)
    return pitches[::-1]


def _cost_of_return(whole: Beginning, goal: int | None) -> float:
    """What a line costs that goes on to its beginning, or to the nearest pitch of the class ``goal``."""
    cost, row, pitch, _ = whole
    first = _pitches(whole)[0]
    if goal is None or goal == first % OCTAVE:
        return cost + row[first - pitch]
    return cost + min(row[other - pitch] for other in range(LOWEST, HIGHEST + 1) if other % OCTAVE == goal)


def _row(before: int | None, is_passing: bool = False) -> list[float]:
    """What each interval costs after the one ``before``; None where there is none."""
    return [
        _interval_cost(before, interval) + is_passing * LEFT.get(min(abs(interval), LEAP), 0.0)
        for interval in EVERY_INTERVAL
    ]


def _interval_cost(before: int | None, interval: int) -> float:
    if abs(interval) > OCTAVE:
        return WIDER + abs(interval)
    cost = INTERVALS[abs(interval)]
    if before is None:
        return cost
    same_way = direction(interval) == direction(before)
    if before == interval == 0:
        return cost + REPEATED
    if interval == -before:
        return cost + BACK
    if abs(interval) <= STEP and same_way and abs(before) <= STEP:
        return cost + ONWARD
    if abs(interval) <= STEP and not same_way and abs(before) >= LEAP:
        return cost + TURNED
    if abs(interval) >= LEAP and same_way and abs(before) >= LEAP:
        return cost + LEAPT_ON
    return cost


EVERY_INTERVAL = (*range(HIGHEST - LOWEST + 1), *range(LOWEST - HIGHEST, 0))  # as lists count from both ends
ANYWHERE = [0.0] * len(EVERY_INTERVAL)  # after silence
FIRST = _row(None)
ROWS = [_row(before) for before in EVERY_INTERVAL]
PASSING_ROWS = [_row(before, is_passing=True) for before in EVERY_INTERVAL]
