"""What SuperCollider prints: kept in files, and followed for what only its sound server says."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from psc2.core.events import SoundServer
from psc2.errors import StartError

KEPT_LOGS = 10
MAX_LOG_BYTES, KEPT_BYTES = 8 << 20, 1 << 20  # a log that grows beyond the first is cut to its last part
MAX_BYTES = 1 << 20  # read at a time; the rest follows
DRIVER = re.compile(r"sample rate = ([\d.]+), driver's block size = (\d+)")
LATE = re.compile(r"late \d+\.\d+")  # a bundle's lateness in seconds


class NewLog(NamedTuple):
    """A file for what SuperCollider prints."""

    path: Path
    trouble: str  # why it is not where it belongs: one line, empty if it is


def new_log(folder: Path) -> NewLog:
    """A new file in ``folder``, where the last ten are kept; elsewhere, if nothing can be written there.

    Raises: StartError if it cannot be written elsewhere either.
    """
    begun = time.strftime("%Y-%m-%d_%H-%M-%S")
    path = folder / f"sclang_{begun}_{os.getpid()}.log"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.touch()
        _remove_old(folder)
    except OSError as error:
        why = error.strerror or error
        return NewLog(_elsewhere(), f"SuperCollider's messages cannot be kept: cannot write {folder}: {why}")
    return NewLog(path, "")


def _elsewhere() -> Path:
    """A new file where the system keeps what is soon forgotten. Raises: StartError."""
    try:
        with NamedTemporaryFile("w", prefix="psc2-sclang-", suffix=".log", delete=False) as log:
            return Path(log.name)
    except OSError as error:
        raise StartError(f"cannot write SuperCollider's log: {error.strerror or error}") from error


def _remove_old(folder: Path) -> None:
    """All but those that were written to last; one that cannot be removed stays."""
    logs = sorted(folder.glob("sclang_*.log"), key=lambda log: log.stat().st_mtime_ns)
    for log in logs[:-KEPT_LOGS]:
        with suppress(OSError):
            log.unlink()


class LogFollower:
    """Reads what has been added to a log since it was last asked.

    What scsynth prints: once "SC_AudioDriver: sample rate = 48000.000000, driver's block size = 1024", and
    "late 0.012345678" for each bundle that comes after its time tag.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_LOG_BYTES) -> None:
        """``max_bytes``: a log that grows longer is cut to its last part, 1 MiB at most."""
        self._path = path
        self._max_bytes = max_bytes
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
            self._offset += len(added)
            if self._offset > self._max_bytes and len(added) < MAX_BYTES:
                self._cut()
        except OSError:  # whoever cleans up may have removed it
            return
        *lines, self._rest = (self._rest + added).split(b"\n")
        for line in lines:
            yield line.decode(errors="replace")

    def _cut(self) -> None:
        """Leave only the last part; who writes adds to the end, wherever that is. Raises: OSError."""
        with self._path.open("r+b") as file:
            file.seek(max(0, self._offset - min(KEPT_BYTES, self._max_bytes // 2)))
            last = file.read()
            file.truncate(0)
        with self._path.open("ab") as file:
            file.write(last)
            self._offset = file.tell()
