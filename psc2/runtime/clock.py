"""Real time: a clock that only goes forward, and what a wall clock shows at its moments."""

from __future__ import annotations

import time

STEPPED_S = 0.001  # the wall clock has been set if it moved by more against the other


class SystemClock:
    """Seconds of ``time.monotonic``; time tags need the wall clock's."""

    def __init__(self) -> None:
        self._offset_s = self._measured_offset_s()

    def now(self) -> float:
        return time.monotonic()

    def wall_time_of(self, moment_s: float) -> float:
        """The Unix time, in seconds, of a moment of this clock.

        The offset between the two clocks is kept, so that tags are evenly spaced, until
        somebody sets the wall clock.
        """
        offset_s = self._measured_offset_s()
        if abs(offset_s - self._offset_s) > STEPPED_S:
            self._offset_s = offset_s
        return moment_s + self._offset_s

    @staticmethod
    def _measured_offset_s() -> float:
        """Wall clock less this clock; of three readings the least disturbed."""
        readings = []
        for _ in range(3):
            before, wall, after = time.monotonic(), time.time(), time.monotonic()
            readings.append((after - before, wall - (before + after) / 2))
        return min(readings)[1]
