"""What SuperCollider prints: followed while it runs, for what only its sound server says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from psc2.core.events import SoundServer

MAX_BYTES = 1 << 20  # read at a time; the rest follows
DRIVER = re.compile(r"sample rate = ([\d.]+), driver's block size = (\d+)")
LATE = re.compile(r"late \d+\.\d+")  # a bundle's lateness in seconds


class LogFollower:
    """Reads what has been added to a log since it was last asked.

    What scsynth prints: once "SC_AudioDriver: sample rate = 48000.000000, driver's block size = 1024", and
    "late 0.012345678" for each bundle that comes after its time tag.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._rest = b""  # a line that is not complete yet
        self._period_s: float | None = None
        self._late_bundles = 0

    def news(self, at: float) -> SoundServer | None:
        """How the sound server is, at the moment ``at``, if there is anything new."""
        before = (self._period_s, self._late_bundles)
        for line in self._new_lines():
            if driver := DRIVER.search(line):
                rate, frames = float(driver[1]), int(driver[2])
                self._period_s = frames / rate if rate > 0 else None
            elif LATE.match(line):
                self._late_bundles += 1
        changed = (self._period_s, self._late_bundles) != before
        return SoundServer(at, self._period_s, self._late_bundles) if changed else None

    def _new_lines(self) -> Iterator[str]:
        """Whole lines; nothing where the log is gone."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                added = file.read(MAX_BYTES)
        except OSError:  # whoever cleans up may have removed it
            return
        self._offset += len(added)
        *lines, self._rest = (self._rest + added).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")
