"""model_load and model_threads: the beat and the hands while both models are always at work.

Both are as large as Magenta's own, in the native engine; their weights are random.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from psc2.testing import free_port
from scripts.benchmarks.beat import coming_step, deadlines_of, lateness, steps_of
from scripts.benchmarks.companion import printed, running_program
from scripts.benchmarks.daemon_process import (
    LOOKAHEAD_S,
    MODELS,
    PSC2,
    R3_DRUMS,
    R5_IMPROV,
    STEP_S,
    running_daemon,
)
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.notes import Side, percentiles_ms
from scripts.benchmarks.wire import Receiver, Sender

# --- load -----------------------------------------------------------------------------

LENGTH_S, QUICK_LENGTH_S = 60, 8
NOTES, QUICK_NOTES = 10_000, 1_000
TIMES_THE_ECHO = 3  # while both models are at work
# One note asks for 200 pitches.
BUSY_MODELS = MODELS.replace("model: melody", "model: melody, min_primer_length: 1, max_robot_length: 200")
SETTLE_S = 1.5
FILL_S = 9


def measure_load(folder: Path, quick: bool, program: Sequence[str] = PSC2) -> Values:
    """Between any two live notes improv mode begins afresh, so that the next one asks MelodyRNN for 200
    pitches, and R3 is pressed for another beat: what was asked before is given up, and both are always
    at work."""
    seconds, notes = (QUICK_LENGTH_S, QUICK_NOTES) if quick else (LENGTH_S, NOTES)
    number = round(seconds / STEP_S)
    echo_receiver, echo_port = Receiver(), free_port()
    with (
        running_program("echo", echo_port, echo_receiver.port),
        running_daemon(folder, BUSY_MODELS, program) as daemon,
    ):
        daemon.play()
        start = coming_step(daemon) + SETTLE_S // STEP_S * STEP_S
        ours, echo = Side(daemon.sender, daemon.receiver), Side(Sender(echo_port), echo_receiver)
        at_work = daemon.models() or [psutil.Process(daemon.process.pid)]
        busy = [cpu_s(process) for process in at_work]
        with running_program("deadlines", start - LOOKAHEAD_S, STEP_S, number) as bare:
            for n in range(2 * notes):
                time.sleep(max(0.0, start + n * seconds / (2 * notes) - time.time()))
                (ours, echo)[n % 2].play(30 + n % 60, 1 + n % 100)
                if n % 2:  # well before our next note, which is measured and not they
                    daemon.press(R5_IMPROV)
                    daemon.press(R3_DRUMS)
            received = ours.received + list(daemon.receiver.receive_until(start + number * STEP_S))
            woke = printed(bare)
        busy = [cpu_s(process) - before for process, before in zip(at_work, busy, strict=True)]
    tags, sent = steps_of(received, start, number)
    return {
        "seconds": seconds,
        "steps": number,
        "notes": notes,
        **lateness(tags, sent, deadlines_of(start, number), woke),
        "busy": min(busy) / seconds,
        **percentiles_ms(ours, echo),
    }


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


THREADED = (sys.executable, "-m", "scripts.benchmarks.threaded")


def measure_threads(folder: Path, quick: bool) -> Values:
    """The same for a quarter of a minute, if the models ran in threads of the daemon."""
    return measure_load(folder, True, THREADED)


def threads_rows(runs: Runs) -> list[Row]:
    return [
        Row(
            "model_threads",
            f"if the models ran in the daemon's threads: a live note, {key}",
            "",
            f"{runs.median(f'ours_{key}_ms'):.3f} ms = {ratio:.1f} ×",
            f"bare python-osc echo: {runs.median(f'echo_{key}_ms'):.3f} ms",
            None,
        )
        for key in ("p50", "p99")
        for ratio in [runs.ratio(f"ours_{key}_ms", f"echo_{key}_ms")]
    ]


def load_rows(runs: Runs) -> list[Row]:
    late = runs.worst("late")
    return [
        Row(
            "model_load",
            f"both models at work for {runs.median('seconds'):.0f} s: sends after their time tag",
            "0",
            f"{late:.0f} of {runs.median('steps'):.0f} in the worst run",
            f"bare deadlines: {runs.worst('bare_stalls'):.0f} stalls > {1000 * LOOKAHEAD_S:.0f} ms, "
            f"{runs.worst('late_but_excused'):.0f} late sends in them; "
            f"each model busy {100 * runs.median('busy'):.0f} % or more",
            late == 0,
        ),
        *(
            Row(
                "model_load",
                f"… a live note in → out, {runs.median('notes'):,.0f} of them, {name}",
                f"≤ {TIMES_THE_ECHO} × the echo" if key == "p99" else "",
                f"{runs.median(f'ours_{key}_ms'):.3f} ms = {ratio:.2f} ×",
                f"bare python-osc echo under the same load: {runs.median(f'echo_{key}_ms'):.3f} ms",
                ratio <= TIMES_THE_ECHO if key == "p99" else None,
            )
            for name, key in (("median", "p50"), ("p99", "p99"))
            for ratio in [runs.ratio(f"ours_{key}_ms", f"echo_{key}_ms")]
        ),
    ]


LOAD = Measure(
    names=("model_load",),
    seconds=LENGTH_S + SETTLE_S + FILL_S,
    quick_seconds=QUICK_LENGTH_S + SETTLE_S + FILL_S,
    run=measure_load,
    rows=load_rows,
)


THREADS = Measure(
    names=("model_threads",),
    seconds=QUICK_LENGTH_S + SETTLE_S + FILL_S,
    quick_seconds=QUICK_LENGTH_S + SETTLE_S + FILL_S,
    run=measure_threads,
    rows=threads_rows,
)
