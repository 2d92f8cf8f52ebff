"""Swing: how pairs of notes are divided, and what a take tells of it.

A *place* is a moment as a straight grid has it, in steps: at a ratio of 2⁄3 step 2 sounds at place 2.667.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from statistics import fmean, median

from psc2.core.ranges import SWINGS, Percent, Qpm, SwingRatio

MIN_OFFBEATS = 3  # that a take must have to tell anything
ON_BEAT = 0.12  # of a pair: nearer to its beginning is on the beat, early or late
OFF_BEATS = 0.40, 0.72  # of a pair: beyond are 16ths, and dotted notes
SLIP = 0.06  # of a pair: farther from the others is one
LEAST_RATIO = 0.54  # of a take that swings: what is less is straight playing
FULL_SWING, FULL_UP_TO_QPM, LESS_PER_QPM = 0.67, 190.0, 0.00085  # of soloists: ``tempo_swing``


@dataclass(frozen=True, slots=True)
class Swing:
    """A grid's swing: the first note of each pair lasts ``ratio`` of it, the second the rest.

    Pairs are counted from the bar line; one that the bar's end cuts short stays straight.

    >>> swing = Swing(2 / 3, pair_steps=4)
    >>> [round(swing.swung(step), 3) for step in (0, 1, 2, 3, 4)]
    [0.0, 1.333, 2.667, 3.333, 4.0]
    >>> round(swing.straight(2.667))
    2
    """

    ratio: SwingRatio = 0.5
    pair_steps: int = 4  # 4: 8ths swing, 2: 16ths
    bar_line: int = 0  # the step at which some bar begins …
    steps_per_bar: int = 16  # … and how long each is

    def swung(self, step: float) -> float:
        """The place at which ``step`` sounds."""
        return self._mapped(step, 0.5, self.ratio)

    def straight(self, place: float) -> float:
        """The step that sounds at ``place``: the inverse of ``swung``."""
        return self._mapped(place, self.ratio, 0.5)

    def is_like(self, other: Swing) -> bool:
        """Whether both swing alike from any bar line of both on."""
        if self.ratio == other.ratio == 0.5:
            return True
        return replace(self, bar_line=0) == replace(other, bar_line=0)

    def pair_at(self, place: float) -> tuple[float, float] | None:
        """Where the pair begins that ``place`` lies in, and at which share of it; None for one cut short."""
        in_bar = (place - self.bar_line) % self.steps_per_bar
        begin = in_bar // self.pair_steps * self.pair_steps
        if begin + self.pair_steps > self.steps_per_bar:
            return None
        return place - in_bar + begin, (in_bar - begin) / self.pair_steps

    def _mapped(self, value: float, divided_at: float, goes_to: float) -> float:
        """Stretch both halves of a pair, so that what lies at one share of it comes to lie at another."""
        pair = self.pair_at(value) if self.ratio != 0.5 else None
        if pair is None:
            return value  # the very number
        _, share = pair
        if share <= divided_at:
            moved = share * goes_to / divided_at
        else:
            moved = goes_to + (share - divided_at) * (1 - goes_to) / (1 - divided_at)
        return value + (moved - share) * self.pair_steps


STRAIGHT = Swing()


def tempo_swing(qpm: Qpm) -> float:
    """How players swing at a tempo: like triplets up to 190 qpm, and then the straighter the faster.

    Source: where the second 8th lies in 283 solos of the Weimar Jazz Database that swing (training split),
    median of those within each range of tempo: 0.68 from 110 to 190 qpm, 0.65 at 220, 0.60 at 250, 0.56 at
    295, 0.55 above 310.

    >>> [round(tempo_swing(qpm), 2) for qpm in (120, 225, 265, 330, 400)]
    [0.67, 0.64, 0.61, 0.55, 0.5]
    """
    return round(max(0.5, FULL_SWING - LESS_PER_QPM * max(0.0, qpm - FULL_UP_TO_QPM)), 3)


class SwingUnit(Enum):
    """Which notes swing."""

    EIGHTH = "8th"
    SIXTEENTH = "16th"

    @property
    def pair_steps(self) -> int:
        """How long two of them are, in steps."""
        return 4 if self is SwingUnit.EIGHTH else 2


@dataclass(frozen=True, slots=True)
class Feel:
    """How the loop swings from now on, and how exactly."""

    ratio: SwingRatio = 0.5
    unit: SwingUnit = SwingUnit.EIGHTH
    learns: bool = True  # whether the next take may say otherwise
    quantise_percent: Percent = 100.0  # 0: as it was played
    follows_tempo: bool = False  # whether it swings as players do at the tempo, until a take says otherwise

    def swing(self, bar_line: int, steps_per_bar: int) -> Swing:
        """The swing of a grid on which a bar begins at step ``bar_line``."""
        return Swing(self.ratio, self.unit.pair_steps, bar_line, steps_per_bar)

    def with_ratio(self, ratio: SwingRatio) -> Feel:
        """What somebody, or a take, has told."""
        return replace(self, ratio=ratio, follows_tempo=False)

    def at(self, qpm: Qpm) -> Feel:
        """The feel at another tempo."""
        return replace(self, ratio=tempo_swing(qpm)) if self.follows_tempo else self


def learned(places: Iterable[float], swing: Swing) -> float | None:
    """The ratio that a take was played with, from the places of its onsets; None where too few tell.

    An off-beat tells where it is all that lies between two beats; two or more are 16ths or triplets. Who
    plays late, off-beats and beats alike, swings no more for it. ``swing``: which pairs there are.

    >>> learned([0, 2.6, 4, 6.6, 8, 10.6], Swing()), learned([0, 2, 4, 6, 8, 10, 11, 12, 14], Swing())
    (0.65, 0.5)
    """
    within: dict[float, list[float]] = defaultdict(list)
    lags = []
    for place in places:
        pair = swing.pair_at(place)
        if pair is None:
            continue
        begin, share = pair
        if ON_BEAT < share < 1 - ON_BEAT:
            within[begin].append(share)
        else:
            lags.append(share if share <= ON_BEAT else share - 1)
    first, last = OFF_BEATS
    lag = _centre(lags) if len(lags) >= MIN_OFFBEATS else 0.0
    alone = [shares[0] - lag for shares in within.values() if len(shares) == 1]
    offbeats = [share for share in alone if first <= share <= last]
    if len(offbeats) < MIN_OFFBEATS:
        return None
    ratio = _centre(offbeats)
    return round(SWINGS.clamp(ratio), 3) if ratio >= LEAST_RATIO else 0.5


def _centre(shares: Sequence[float]) -> float:
    """The mean of those that are near the median: slips do not count."""
    middle = median(shares)
    return fmean([share for share in shares if abs(share - middle) <= SLIP] or [middle])
