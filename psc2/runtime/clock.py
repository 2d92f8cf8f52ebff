"""Real time: a clock that only goes forward, and what a wall clock shows at its moments."""

from __future__ import annotations

import time
from collections.abc import Callable

STEPPED_S = 0.001  # the wall clock has been set if it moved by more against the other


class SystemClock:
    """Seconds of ``time.monotonic``; time tags need the wall clock's."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time
    ) -> None:
        """``monotonic``, ``wall``: seconds of a clock that only goes forward, and of one that may be set."""
        self._monotonic = monotonic
        self._wall = wall
        self._offset_s = self._measured_offset_s()

    def now(self) -> float:
        return self._monotonic()

    def wall_time_of(self, moment_s: float) -> float:
        """The Unix time, in seconds, of a moment of this clock.

        The offset between the two clocks is kept, so that tags are evenly spaced, until
        somebody sets the wall clock.
        """
        offset_s = self._measured_offset_s()
        if abs(offset_s - self._offset_s) > STEPPED_S:
            self._offset_s = offset_s
        return moment_s + self._offset_s

    def _measured_offset_s(self) -> float:
        """Wall clock less this clock; of three readings the least disturbed."""
        readings = []
        for _ in range(3):
            before, wall, after = self._monotonic(), self._wall(), self._monotonic()
            readings.append((after - before, wall - (before + after) / 2))
        return min(readings)[1]
