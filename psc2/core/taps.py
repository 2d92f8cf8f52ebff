"""Tap tempo: which taps belong together, and how far apart they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from math import sqrt

from psc2.core.ranges import Range

MAX_INTERVALS = 8  # of which the mean is taken
STEADINESS = (
    0.018  # how much the intervals of a hand deviate as long as little is known of it, of the interval …
)
CERTAINTY = 0.16  # … and how many intervals that counts for
DEVIATIONS = 4.0  # so many are more than the hand: another tempo, or no tap …
FAR = 0.25  # … and so is this, of the interval, with any hand
HASTE = 0.9  # of the shortest interval that a tempo has: two that are shorter on average are no fast hand


@dataclass(frozen=True, slots=True)
class Taps:
    """The latest taps of one tempo: when the last was, and the intervals between them.

    An interval that those before it do not expect says little alone: a tap was missed, the hand slipped, or
    another tempo begins. It is doubted until the next tap tells which.

    >>> taps = Taps()
    >>> for at in (0.0, 0.8, 1.3, 1.8, 1.808, 2.8, 3.3):  # after a stray one, with a bounce, and one missed
    ...     taps = taps.struck(at, Range(0.15, 3.0))
    >>> round(60 / taps.interval_s)
    120
    """

    latest: float | None = None  # seconds
    intervals: tuple[float, ...] = ()  # seconds, oldest first, MAX_INTERVALS at most
    doubted_s: float | None = None  # the interval before the latest tap, if it is not one of them

    @property
    def interval_s(self) -> float | None:
        """How far apart they are on average; None before there are two."""
        return _mean(self.intervals) if self.intervals else None

    def struck(self, at: float, tempos: Range) -> Taps:
        """One tap more, at ``at``; ``tempos``: the intervals, in seconds, that a tempo can have.

        A shorter one is a bounce and no tap, but in a fast hand; after a longer one, taps begin anew.
        """
        if self.latest is None or at - self.latest > tempos.high:
            return Taps(at)
        interval = at - self.latest
        if self.doubted_s is not None:
            return self._settled(at, self.doubted_s, interval, tempos)
        if self._expects(interval):
            return self._continued(at, interval)
        if interval < tempos.low or len(self.intervals) > 1 or self._expects(interval / 2):
            return replace(self, latest=at, doubted_s=interval)
        return Taps(at, (interval,))

    def _settled(self, at: float, doubted: float, interval: float, tempos: Range) -> Taps:
        """The tap after a doubted interval: what that was."""
        assert self.latest is not None
        if agree((doubted,), (interval,)) and doubted + interval >= 2 * HASTE * tempos.low:
            return Taps(at, (doubted, interval))  # another tempo
        before = replace(self, latest=self.latest - doubted, doubted_s=None)
        if doubted < tempos.low or before._expects(doubted + interval):
            return before.struck(at, tempos)  # a bounce, or a tap too many
        if interval < tempos.low:
            return Taps(at, (), interval)
        if self._expects(interval) and self._expects(doubted / 2):
            return self._continued(at, doubted / 2, doubted / 2, interval)  # a missed tap
        return Taps(at, (interval,))  # a pause

    def _expects(self, interval: float) -> bool:
        return bool(self.intervals) and agree(self.intervals, (interval,))

    def _continued(self, at: float, *intervals: float) -> Taps:
        """With intervals more, and without the oldest from where the latest do not agree with them."""
        known = (*self.intervals, *intervals)[-MAX_INTERVALS:]
        for start in range(len(known) - 2, 0, -1):
            if not agree(known[:start], known[start:]):
                return Taps(at, known[start:])
        return Taps(at, known)


def agree(before: tuple[float, ...], after: tuple[float, ...]) -> bool:
    """Whether intervals before and after a moment, one or more each, can be of one tempo.

    They are not if their means differ by more than the hand explains: by how much means of so many usually do
    (Student's t), the more the less steady it is, and the more the less is known of it.

    >>> agree((0.5,), (0.55,)), agree((0.5, 0.5, 0.5, 0.5), (0.55,)), agree((0.47, 0.53, 0.52, 0.48), (0.55,))
    (True, False, True)
    """
    usual, mean_before, mean_after = _mean((*before, *after)), _mean(before), _mean(after)
    squares = sum((one - mean_before) ** 2 for one in before) + sum((one - mean_after) ** 2 for one in after)
    freedom = len(before) + len(after) - 2
    deviation = sqrt((squares + (STEADINESS * usual) ** 2) / (freedom + CERTAINTY))
    allowed = DEVIATIONS * deviation * sqrt(1 / len(before) + 1 / len(after))
    return abs(mean_before - mean_after) <= min(allowed, FAR * usual)


def _mean(values: Collection[float]) -> float:
    return sum(values) / len(values)
