"""Tap tempo: which taps belong together, and how far apart they are."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean, median

from psc2.core.ranges import Range

MAX_INTERVALS = 4  # of which the mean is taken
FAR = 1.24  # an interval so many times as long or as short as the last ones begins anew
CLOSE = 0.04  # of four intervals the tempo is that of those within this of their median, or thrice as far …
SPREAD = 3.0  # … as they usually are, for a hand that is less steady


@dataclass(frozen=True, slots=True)
class Taps:
    """The taps that belong together: the latest, and the intervals before it.

    >>> taps = Taps()
    >>> for at in (0.0, 3.4, 3.9, 3.908, 4.4):  # after a stray one, with a bounce
    ...     taps = taps.struck(at, Range(0.15, 3.0))
    >>> round(60 / taps.interval_s)
    120
    """

    latest: float | None = None  # seconds
    intervals: tuple[float, ...] = ()  # seconds, oldest first, MAX_INTERVALS at most

    @property
    def interval_s(self) -> float | None:
        """How far apart they are; None before there are two.

        The mean, but of four intervals without those that the others disagree with: the rest of an old tempo.
        """
        if not self.intervals:
            return None
        if len(self.intervals) < MAX_INTERVALS:
            return fmean(self.intervals)
        middle = median(self.intervals)
        distances = [abs(interval - middle) for interval in self.intervals]
        allowed = max(CLOSE * middle, SPREAD * median(distances))
        return fmean(
            interval
            for interval, distance in zip(self.intervals, distances, strict=True)
            if distance <= allowed
        )

    def struck(self, at: float, tempos: Range) -> Taps:
        """One tap more, at ``at``; ``tempos``: the intervals, in seconds, that a tempo can have.

        A shorter one is a bounce and no tap; a longer one, or one far from the last ones, begins anew.
        """
        if self.latest is None:
            return Taps(at)
        interval = at - self.latest
        if interval < tempos.low:
            return self
        if interval not in tempos or self._is_far(interval):
            return Taps(at)
        return Taps(at, (*self.intervals, interval)[-MAX_INTERVALS:])

    def _is_far(self, interval: float) -> bool:
        usual = median(self.intervals) if self.intervals else interval
        return not usual / FAR <= interval <= usual * FAR
