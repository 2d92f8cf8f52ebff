"""model_load, model_notes and model_start: the instrument with both models, at work.

Both are as large as Magenta's own, in the native engine; their weights are random.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import numpy as np
import psutil

from psc2.testing import free_port
from scripts.benchmarks.beat import coming_step, is_excused, late_steps, steps_of
from scripts.benchmarks.companion import companion, printed
from scripts.benchmarks.instrument import (
    BOOT_S,
    LOOKAHEAD_S,
    MODELS,
    PLAY,
    PSC2,
    R3_DRUMS,
    R5_IMPROV,
    STEP_S,
    Instrument,
    instrument,
)
from scripts.benchmarks.measure import Broken, Measure, Row, Runs, Values
from scripts.benchmarks.notes import NOTES_PER_S, TIMES_THE_ECHO, Side
from scripts.benchmarks.start import first_click
from scripts.benchmarks.wire import Ear, Mouth

# --- load -----------------------------------------------------------------------------

LENGTH_S, QUICK_LENGTH_S = 60, 8
NOTES, QUICK_NOTES = 10_000, 1_000
# One note asks for 200 pitches.
BUSY_MODELS = MODELS.replace("model: melody", "model: melody, min_primer_length: 1, max_robot_length: 200")
SETTLE_S = 1.5
FILL_S = 9


def measure_load(folder: Path, quick: bool, program: Sequence[str] = PSC2) -> Values:
    """Improv mode begins afresh before each live note, which then asks MelodyRNN for 200 pitches, and
    R3 is pressed for another beat: what was asked before is given up, and both are always at work."""
    seconds, notes = (QUICK_LENGTH_S, QUICK_NOTES) if quick else (LENGTH_S, NOTES)
    number = round(seconds / STEP_S)
    echo_ear, echo_port = Ear(), free_port()
    with companion("echo", echo_port, echo_ear.port), instrument(folder, BUSY_MODELS, program) as daemon:
        daemon.play()
        start = coming_step(daemon) + SETTLE_S // STEP_S * STEP_S
        ours, echo = Side(daemon.mouth, daemon.ear), Side(Mouth(echo_port), echo_ear)
        at_work = daemon.models() or [psutil.Process(daemon.process.pid)]
        busy = [cpu_s(process) for process in at_work]
        with companion("deadlines", start - LOOKAHEAD_S, STEP_S, number) as bare:
            for n in range(2 * notes):
                time.sleep(max(0.0, start + n * seconds / (2 * notes) - time.time()))
                if n % 2 == 0:
                    daemon.press(R5_IMPROV)
                    daemon.press(R3_DRUMS)
                (ours, echo)[n % 2].play(30 + n % 60, 1 + n % 100)
            heard = ours.heard + list(daemon.ear.hear_until(start + number * STEP_S))
            woke = printed(bare)
        busy = [cpu_s(process) - before for process, before in zip(at_work, busy, strict=True)]
    tags, sent = steps_of(heard, start, number)
    ideal = start - LOOKAHEAD_S + np.arange(number) * STEP_S
    stalls = [(due, at) for due, at in zip(ideal, woke, strict=True) if at - due > LOOKAHEAD_S]
    late = late_steps(tags, sent, number)
    excused = [n for n in late if is_excused(ideal[n], stalls)]
    return {
        "seconds": seconds,
        "steps": number,
        "notes": notes,
        "late": len(late) - len(excused),
        "late_but_excused": len(excused),
        "bare_stalls": len(stalls),
        "busy": min(busy) / seconds,
        "ours_p50_ms": float(np.median(ours.latencies_ms)),
        "echo_p50_ms": float(np.median(echo.latencies_ms)),
        "ours_p99_ms": float(np.percentile(ours.latencies_ms, 99)),
        "echo_p99_ms": float(np.percentile(echo.latencies_ms, 99)),
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


# --- improv notes ---------------------------------------------------------------------

PRIMER_LENGTH = ANSWER_LENGTH = 20  # as configs/default.yaml has them


def measure_notes(folder: Path, quick: bool) -> Values:
    """Call and response at 200 notes a second; what is heard is held against what the model answered."""
    number = QUICK_NOTES if quick else NOTES
    with asked_instrument(folder) as (daemon, log):
        daemon.wait_until_there()
        daemon.press(PLAY)  # tells which device the controller is
        daemon.press(R5_IMPROV)
        pairs = list(improvise(daemon, number))
    asked = [json.loads(line) for line in log.read_text().splitlines()]
    answers = [pitches for _, _, _, pitches in asked]
    exchanges, broken = exchanges_in(pairs, answers)
    machine = sum(exchanges)
    return {
        "notes": number,
        "generations": len(asked),
        "in_flight_together": sum(after[0] < before[1] for before, after in pairwise(asked)),
        "phrases": len(exchanges),
        "broken": broken,
        "from_model": machine,
        "from_stand_in": sum(ANSWER_LENGTH - length for length in exchanges),
    }


@contextmanager
def asked_instrument(folder: Path) -> Iterator[tuple[Instrument, Path]]:
    """The daemon with both models, and the file where it notes what they are asked."""
    log = folder / "asked.jsonl"
    log.write_text("")
    program = (sys.executable, "-m", "scripts.benchmarks.asked", str(log))
    with instrument(folder, MODELS, program) as daemon:
        yield daemon, log


def improvise(daemon: Instrument, number: int) -> Iterator[tuple[int, int]]:
    """Plays; yields each note's pitch as played and as it sounded. Raises: Broken."""
    start = time.time()
    chance = np.random.default_rng(1)
    for n in range(number):
        time.sleep(max(0.0, start + n / NOTES_PER_S - time.time()))
        played = int(chance.integers(40, 90))
        daemon.send("/processnoteon", played, 100)
        for arrival in daemon.ear.hear_until(time.time() + 1.0):
            address, arguments = next(arrival.messages())
            if address == "/playwurly":
                yield played, int(str(arguments[0]))
                break
        else:
            raise Broken("a live note got no answer")
        daemon.send("/processnoteoff", played, 0)


def exchanges_in(pairs: Sequence[tuple[int, int]], answers: Sequence[Sequence[int]]) -> tuple[list[int], int]:
    """How many pitches each answer that was heard whole had from the model; and how many notes belong to
    no exchange.

    An exchange: at least 20 notes as played, then the 20 of the next answer, not one more or less.

    >>> call, answer = [(60, 60)] * 21, [(60, pitch) for pitch in range(20, 40)]
    >>> exchanges_in(call + answer + call, [list(range(20, 40))])
    ([20], 0)
    >>> exchanges_in(call + answer[1:] + call, [list(range(20, 40))])[1] > 0
    True
    """
    at = 0
    found: list[int] = []
    sounded = [pitch for _, pitch in pairs]
    for answer in answers:
        call = at + PRIMER_LENGTH
        while call < len(pairs) and sounded[call : call + len(answer)] != answer[: len(pairs) - call]:
            call += 1
        if call + ANSWER_LENGTH > len(pairs):
            break
        if any(played != heard for played, heard in pairs[at:call]):
            return found, sum(played != heard for played, heard in pairs[at:])
        found.append(len(answer))
        at = call + ANSWER_LENGTH
    return found, max(0, sum(played != heard for played, heard in pairs[at:]) - ANSWER_LENGTH)


def notes_rows(runs: Runs) -> list[Row]:
    together, broken = runs.worst("in_flight_together"), runs.worst("broken")
    share = runs.median("from_model") / (runs.median("from_model") + runs.median("from_stand_in"))
    return [
        Row(
            "model_notes",
            f"{runs.median('notes'):,.0f} improv notes: generations in flight together",
            "at most one",
            f"{together:.0f} times two in the worst run",
            f"{runs.median('generations'):.0f} generations",
            together == 0,
        ),
        Row(
            "model_notes",
            "… notes that are in no whole phrase",
            "0",
            f"{broken:.0f}",
            f"{runs.median('phrases'):.0f} phrases of {ANSWER_LENGTH} pitches, as the model gave them",
            broken == 0,
        ),
        Row(
            "model_notes",
            "… the machine's pitches by source",
            "model ≥ 99 %",
            f"model {runs.median('from_model'):,.0f} = {100 * share:.1f} %",
            f"Markov {runs.median('from_stand_in'):,.0f}",
            share >= 0.99,
        ),
    ]


IMPROV = Measure(
    names=("model_notes",),
    seconds=NOTES / NOTES_PER_S + 2,
    quick_seconds=QUICK_NOTES / NOTES_PER_S + 2,
    run=measure_notes,
    rows=notes_rows,
)


# --- start ----------------------------------------------------------------------------

START_S = 2.5
MEMORY_MB = 300
PLAYING_S = 3.0
POLL_S = 0.005


def measure_start(folder: Path, quick: bool) -> Values:
    with asked_instrument(folder) as (daemon, log):
        click_s = first_click(daemon) - daemon.started_at
        models_s = first_answers(daemon, log) - daemon.started_at
        time.sleep(PLAYING_S)
        processes = [psutil.Process(daemon.process.pid), *daemon.models()]
        mapped = [file.path for process in processes for file in process.memory_maps()]
        return {
            "first_click_s": click_s,
            "models_s": models_s,
            "resident_mb": sum(process.memory_info().rss for process in processes) / 1e6,
            "daemon_mb": daemon.resident_mb(),
            "tensorflow": sum("tensorflow" in path for path in mapped),
        }


def first_answers(daemon: Instrument, log: Path) -> float:
    """When both models have given their first answers, as time.time. Raises: Broken."""
    daemon.press(R3_DRUMS)
    daemon.press(R5_IMPROV)
    for pitch in range(60, 60 + PRIMER_LENGTH):
        daemon.send("/processnoteon", pitch, 100)
    while time.time() < daemon.started_at + BOOT_S:
        time.sleep(POLL_S)
        asked = [json.loads(line) for line in log.read_text().splitlines()]
        answers = {model: (ended, parts) for _, ended, model, parts in asked}
        if len(answers) == 2:
            if not all(parts for _, parts in answers.values()):
                raise Broken(f"a model did not answer; the daemon says: {daemon.last_words()}")
            return max(float(ended) for ended, _ in answers.values())
    raise Broken(f"no answer within {BOOT_S:g} s; the daemon says: {daemon.last_words()}")


def start_rows(runs: Runs) -> list[Row]:
    both_s, resident_mb = runs.median("models_s"), runs.median("resident_mb")
    tensorflow = runs.worst("tensorflow")
    return [
        Row(
            "model_start",
            "exec → first click, and both models have answered",
            f"≤ {START_S:g} s",
            f"{runs.median('first_click_s'):.2f} s, {both_s:.2f} s",
            f"slowest {runs.worst('first_click_s'):.2f} s, {runs.worst('models_s'):.2f} s",
            both_s <= START_S,
        ),
        Row(
            "model_start",
            "memory of the daemon and its two models (sum of RSS)",
            f"≤ {MEMORY_MB} MB",
            f"{resident_mb:.0f} MB",
            f"the daemon alone {runs.median('daemon_mb'):.0f} MB",
            resident_mb <= MEMORY_MB,
        ),
        Row(
            "model_start",
            "TensorFlow's files in memory",
            "0",
            f"{tensorflow:.0f}",
            "",
            tensorflow == 0,
        ),
    ]


MODELS_START = Measure(names=("model_start",), seconds=6, quick_seconds=6, run=measure_start, rows=start_rows)
