"""web_pages: what open pages cost who plays other keys, beside a daemon without any, in the same minute."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from scripts.benchmarks.beat import coming_step, late_steps, steps_of
from scripts.benchmarks.browser import no_browser, running_browser
from scripts.benchmarks.daemon_process import LOOKAHEAD_S, STEP_S, DaemonProcess, running_daemon
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.notes import NOTES_PER_S, Side, percentiles_ms
from scripts.benchmarks.wire import Arrival

PAGES = 5
NOTES, QUICK_NOTES = 6_000, 1_200
TIMES_NONE, MORE_MB = 1.05, 30
SETTLE_STEPS = 4  # of the loop, before it is looked at
OPEN_S = 28  # until both loops are filled and all pages are open


def measure(folder: Path, quick: bool) -> Values:
    """Both daemons get the same notes in turn: first without any page, then while one has pages.

    The first part tells what the two differ in by themselves: each finds out once, and not quite alike, how
    its clock stands to the computer's, and so seems to be a tenth of a millisecond earlier or later.
    """
    number = QUICK_NOTES if quick else NOTES
    with running_daemon(folder) as shown, running_daemon(folder) as alone, running_browser(folder) as page:
        for daemon in (shown, alone):
            daemon.play()
        *_, shown_before, alone_before = play(shown, alone, number // 2)
        for n in range(PAGES):
            if n:
                page.driver.switch_to.new_window("tab")
            page.driver.get(shown.page_address())
        ours, none, shown_behind, alone_behind = play(shown, alone, number)
        resident_mb = [daemon.resident_mb() for daemon in (shown, alone)]
    return {
        "notes": number,
        **percentiles_ms(ours, none),
        "ours_behind_ms": shown_behind.median_ms,
        "none_behind_ms": alone_behind.median_ms,
        "times_behind": shown_behind.median_ms
        / alone_behind.median_ms
        * (alone_before.median_ms / shown_before.median_ms),
        "ours_late": shown_behind.late,
        "none_late": alone_behind.late,
        "more_mb": resident_mb[0] - resident_mb[1],
        "alone_mb": resident_mb[1],
    }


@dataclass(frozen=True, slots=True)
class Behind:
    """How long after its turn a step of the loop is sent, and how many are sent after their moment."""

    median_ms: float
    late: int


def play(shown: DaemonProcess, alone: DaemonProcess, number: int) -> tuple[Side, Side, Behind, Behind]:
    """Notes in turn, at a pace that keeps step with neither loop; how both daemons bear it."""
    starts = []
    for daemon in (shown, alone):
        forget(daemon)
        starts.append(coming_step(daemon) + SETTLE_STEPS * STEP_S)
    sides, random, began = (
        (Side(shown.sender, shown.receiver), Side(alone.sender, alone.receiver)),
        Random(1),
        time.time(),
    )
    for n in range(2 * number):
        time.sleep(max(0.0, began + (n + random.random()) / (2 * NOTES_PER_S) - time.time()))
        sides[n % 2].play(30 + n % 60, 1 + n % 100)
    steps = int((time.time() - began) / STEP_S) - 2 * SETTLE_STEPS
    ours, none = (behind_of(side.received, start, steps) for side, start in zip(sides, starts, strict=True))
    return *sides, ours, none


def forget(daemon: DaemonProcess) -> None:
    """What it has sent so far."""
    while daemon.receiver.receive(0) is not None:
        pass


def behind_of(received: Sequence[Arrival], start: float, number: int) -> Behind:
    tags, sent = steps_of(received, start, number)
    behind_ms = [1000 * (sent[n] - (tags[n] - LOOKAHEAD_S)) for n in tags]
    return Behind(float(np.median(behind_ms)), len(late_steps(tags, sent, number)))


def rows(runs: Runs) -> list[Row]:
    more_mb, late = runs.median("more_mb"), runs.worst("ours_late")
    times_behind = runs.median("times_behind")
    return [
        *(
            Row(
                "web_pages",
                f"a live note in → out with {PAGES} open pages, {runs.median('notes'):,.0f} of them, {name}",
                f"≤ {TIMES_NONE} × none" if key == "p50" else "",
                f"{runs.median(f'ours_{key}_ms'):.3f} ms = {ratio:.2f} ×",
                f"a daemon without pages, in turn: {runs.median(f'echo_{key}_ms'):.3f} ms",
                ratio <= TIMES_NONE if key == "p50" else None,
            )
            for name, key in (("median", "p50"), ("p99", "p99"))
            for ratio in [runs.ratio(f"ours_{key}_ms", f"echo_{key}_ms")]
        ),
        Row(
            "web_pages",
            "… a step's turn after its deadline, median",
            f"≤ {TIMES_NONE} × none",
            f"{runs.median('ours_behind_ms'):.3f} ms = {times_behind:.2f} ×",
            f"without pages: {runs.median('none_behind_ms'):.3f} ms; what both differ in anyway is left out",
            times_behind <= TIMES_NONE,
        ),
        Row(
            "web_pages",
            "… sends after their time tag",
            "as without",
            f"{late:.0f} in the worst run",
            f"without pages: {runs.worst('none_late'):.0f}",
            late <= runs.worst("none_late"),
        ),
        Row(
            "web_pages",
            "… memory of the daemon (RSS)",
            f"≤ +{MORE_MB} MB",
            f"{more_mb:+.0f} MB",
            f"without pages: {runs.median('alone_mb'):.0f} MB",
            more_mb <= MORE_MB,
        ),
    ]


PAGES_OPEN = Measure(
    names=("web_pages",),
    seconds=OPEN_S + 1.5 * NOTES / NOTES_PER_S, quick_seconds=OPEN_S + 1.5 * QUICK_NOTES / NOTES_PER_S,
    run=measure, rows=rows, why_not=no_browser,
)  # fmt: skip
