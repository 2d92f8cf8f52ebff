"""late and drift: a minute of the real loop, beside two other processes that keep the same time.

One does nothing but wait for absolute deadlines, those at which the loop is to be sent: what it
sleeps through, the machine slept through. The other is the looper of 2018.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import theilslopes

from scripts.benchmarks.companion import printed, running_program
from scripts.benchmarks.daemon_process import LOOKAHEAD_S, STEP_S, STEPS, DaemonProcess, running_daemon
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from scripts.benchmarks.wire import Arrival

LENGTH_S, QUICK_LENGTH_S = 60, 8
SETTLE_S = 1.5  # for the two others to start
FILL_S = 8  # for the daemon to start and the loop to be filled


def measure(folder: Path, quick: bool) -> Values:
    number = round((QUICK_LENGTH_S if quick else LENGTH_S) / STEP_S)
    with running_daemon(folder) as daemon:
        daemon.play()
        start = coming_step(daemon) + SETTLE_S // STEP_S * STEP_S
        timing = start - LOOKAHEAD_S, STEP_S, number
        with (
            running_program("deadlines", *timing) as bare,
            running_program("relative_sleeps", *timing) as old,
        ):
            received = list(daemon.receiver.receive_until(start + number * STEP_S))
            woke, began = printed(bare), printed(old)
    tags, sent = steps_of(received, start, number)
    first, steps = min(tags), np.array(sorted(tags))
    ideal = deadlines_of(start, number)
    behind_ms = 1000 * np.array([sent[n] - (tags[n] - LOOKAHEAD_S) for n in steps])
    bare_ms = 1000 * (np.array(woke) - ideal)
    off_the_grid_s = [abs(tag - tags[first] - (n - first) * STEP_S) for n, tag in tags.items()]
    return {
        "steps": number,
        "seconds": number * STEP_S,
        **lateness(tags, sent, ideal, woke),
        "behind_p50_ms": float(np.median(behind_ms)),
        "behind_p99_ms": float(np.percentile(behind_ms, 99)),
        "behind_worst_ms": float(behind_ms.max()),
        "bare_p50_ms": float(np.median(bare_ms)),
        "bare_p99_ms": float(np.percentile(bare_ms, 99)),
        "bare_worst_ms": float(bare_ms.max()),
        "tags_off_grid_ms": 1000 * max(off_the_grid_s),
        "sends_drift_ms": trend_ms(steps, behind_ms, number),
        "old_drift_ms": 1000 * (began[-1] - began[0] - (number - 1) * STEP_S),
    }


def coming_step(daemon: DaemonProcess) -> float:
    """The moment of a step that is yet to sound, as time.time. Raises: MeasureFailed."""
    for arrival in daemon.receiver.receive_until(time.time() + 5):
        tag = None if arrival.is_heartbeat else arrival.tag
        if tag is not None and arrival.at > daemon.retimed_at + 2 * STEP_S:
            return tag
    raise MeasureFailed("the loop sends no bundles")


def steps_of(
    received: Sequence[Arrival], start: float, number: int
) -> tuple[Mapping[int, float], Mapping[int, float]]:
    """By step: the tag of its bundle, and when it was sent, both as time.time."""
    tags, sent = {}, {}
    for arrival in received:
        if arrival.is_heartbeat:
            continue
        if (tag := arrival.tag) is not None and 0 <= (n := round((tag - start) / STEP_S)) < number:
            tags[n], sent[n] = tag, arrival.at
    return tags, sent


def deadlines_of(start: float, number: int) -> list[float]:
    """When each of ``number`` steps is to be sent, from that which sounds at ``start`` on, as time.time."""
    return [start - LOOKAHEAD_S + n * STEP_S for n in range(number)]


def lateness(
    tags: Mapping[int, float], sent: Mapping[int, float], ideal: Sequence[float], woke: Sequence[float]
) -> Values:
    """How many steps were sent late; apart from them, those late while the bare deadline process slept.

    ``ideal``: when each step is to be sent; ``woke``: when that process woke for it, both as time.time.
    """
    stalls = [(due, at) for due, at in zip(ideal, woke, strict=True) if at - due > LOOKAHEAD_S]
    late = late_steps(tags, sent, len(ideal))
    excused = [n for n in late if is_excused(ideal[n], stalls)]
    return {
        "late": len(late) - len(excused),
        "late_but_excused": len(excused),
        "bare_stalls": len(stalls),
    }


def late_steps(tags: Mapping[int, float], sent: Mapping[int, float], number: int) -> list[int]:
    """The steps that came after their moment or, since what is late goes untagged, not as a bundle."""
    full = {n % STEPS for n in tags}  # the places of the loop where there is something to send

    def is_late(n: int) -> bool:
        return sent[n] > tags[n] if n in tags else n % STEPS in full

    return [n for n in range(number) if is_late(n)]


def is_excused(ideal: float, stalls: Sequence[tuple[float, float]]) -> bool:
    """Whether the bare deadline process slept while this step was to be sent."""
    return any(due <= ideal + LOOKAHEAD_S and ideal <= woke for due, woke in stalls)


def trend_ms(steps: NDArray[np.float64], behind_ms: NDArray[np.float64], number: int) -> float:
    """How much later the sends became, by a straight line that single late ones do not tilt."""
    return float(theilslopes(behind_ms, steps).slope) * number


def rows(runs: Runs) -> list[Row]:
    seconds = runs.median("seconds")
    late, off_grid_ms = runs.worst("late"), runs.worst("tags_off_grid_ms")
    sends_drift_ms, old_drift_ms = runs.median("sends_drift_ms"), runs.median("old_drift_ms")
    return [
        Row(
            "late",
            f"sends after their time tag, {seconds:.0f} s",
            "0",
            f"{late:.0f} of {runs.median('steps'):.0f} in the worst run",
            f"bare deadlines: {runs.worst('bare_stalls'):.0f} stalls > {1000 * LOOKAHEAD_S:.0f} ms, "
            f"{runs.worst('late_but_excused'):.0f} late sends in them",
            late == 0,
        ),
        Row(
            "late",
            "a step's turn after its deadline: p50, p99, worst",
            "",
            f"{runs.median('behind_p50_ms'):.2f}, {runs.median('behind_p99_ms'):.2f}, "
            f"{runs.worst('behind_worst_ms'):.1f} ms",
            f"bare deadlines: {runs.median('bare_p50_ms'):.2f}, {runs.median('bare_p99_ms'):.2f}, "
            f"{runs.worst('bare_worst_ms'):.1f} ms",
            None,
        ),
        Row(
            "drift",
            f"drift of the tags over {seconds:.0f} s: worst of all, against start + n · step",
            "0 ms",
            f"{off_grid_ms:.3f} ms",
            f"relative sleeps of 2018: {old_drift_ms:+.1f} ms",
            off_grid_ms < 0.001,
        ),
        Row(
            "drift",
            "drift of the sends (straight line through them)",
            "0 ± 1 ms",
            f"{sends_drift_ms:+.2f} ms",
            f"relative sleeps of 2018: {old_drift_ms:+.1f} ms",
            abs(sends_drift_ms) <= 1,
        ),
    ]


BEAT = Measure(
    names=("late", "drift"),
    seconds=LENGTH_S + SETTLE_S + FILL_S,
    quick_seconds=QUICK_LENGTH_S + SETTLE_S + FILL_S,
    run=measure,
    rows=rows,
)
