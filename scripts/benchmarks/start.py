"""start: from the command to the first click while the default models load, and the daemon's memory then."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from scripts.benchmarks.daemon_process import AS_SHIPPED, BOOT_S, PLAY, DaemonProcess, running_daemon
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values

START_S = 1.5
MEMORY_MB = 150
POLL_S = 0.005
PLAYING_S = 1.0  # how long it plays before its memory is looked at


def measure(folder: Path, quick: bool) -> Values:
    with running_daemon(folder, AS_SHIPPED) as daemon:
        first_click_s = first_click(daemon) - daemon.started_at
        time.sleep(PLAYING_S)
        return {"first_click_s": first_click_s, "resident_mb": daemon.resident_mb()}


def first_click(daemon: DaemonProcess) -> float:
    """When the first click is sent, as time.time; the play button is pressed all the while.

    Raises: MeasureFailed.
    """
    while time.time() < daemon.started_at + BOOT_S:
        with suppress(ConnectionRefusedError):  # nobody is there yet
            daemon.send_hello()
            daemon.press(PLAY)
        arrival = daemon.receiver.receive(POLL_S)
        if arrival is not None and any(address == "/playclick0" for address, _ in arrival.messages()):
            return arrival.at
    raise MeasureFailed(f"no click within {BOOT_S:g} s; the daemon says: {daemon.last_output()}")


def rows(runs: Runs) -> list[Row]:
    first_click_s, resident_mb = runs.median("first_click_s"), runs.median("resident_mb")
    return [
        Row(
            "start",
            "start: exec → first click bundle",
            f"≤ {START_S:g} s",
            f"{first_click_s:.2f} s",
            f"slowest {runs.worst('first_click_s'):.2f} s",
            first_click_s <= START_S,
        ),
        Row(
            "start",
            "memory of the daemon (RSS)",
            f"≤ {MEMORY_MB} MB",
            f"{resident_mb:.0f} MB",
            f"most {runs.worst('resident_mb'):.0f} MB",
            resident_mb <= MEMORY_MB,
        ),
    ]


START = Measure(names=("start",), seconds=1.5, quick_seconds=1.5, run=measure, rows=rows)
