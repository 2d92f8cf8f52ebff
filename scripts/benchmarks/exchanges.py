"""model_notes and model_start: what both models answer, how soon, and at what cost in memory.

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

from scripts.benchmarks.daemon_process import (
    BOOT_S,
    MODELS,
    PLAY,
    R3_DRUMS,
    R5_IMPROV,
    DaemonProcess,
    running_daemon,
)
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from scripts.benchmarks.notes import NOTES_PER_S
from scripts.benchmarks.start import first_click

NOTES, QUICK_NOTES = 10_000, 1_000

# --- improv notes ---------------------------------------------------------------------

PRIMER_LENGTH = ANSWER_LENGTH = 20  # as configs/default.yaml has them


def measure_notes(folder: Path, quick: bool) -> Values:
    """Call and response at 200 notes a second; what sounds is held against what the model answered."""
    number = QUICK_NOTES if quick else NOTES
    with logging_daemon(folder) as (daemon, log):
        daemon.wait_until_there()
        daemon.press(PLAY)  # tells which device the controller is
        daemon.press(R5_IMPROV)
        pairs = list(improvise(daemon, number))
    requests = [json.loads(line) for line in log.read_text().splitlines()]
    phrases, broken = phrases_in(pairs, [pitches for _, _, _, pitches, _ in requests])
    from_model = sum(of_model for *_, of_model in requests[:phrases])
    return {
        "notes": number,
        "generations": len(requests),
        "in_flight_together": sum(later[1] < earlier[2] for earlier, later in pairwise(requests)),
        "phrases": phrases,
        "broken": broken,
        "from_model": from_model,
        "from_stand_in": phrases * ANSWER_LENGTH - from_model,
    }


@contextmanager
def logging_daemon(folder: Path) -> Iterator[tuple[DaemonProcess, Path]]:
    """The daemon with both models, and the file where it logs their requests."""
    log = folder / "requests.jsonl"
    log.write_text("")
    program = (sys.executable, "-m", "scripts.benchmarks.request_log", str(log))
    with running_daemon(folder, MODELS, program) as daemon:
        yield daemon, log


def improvise(daemon: DaemonProcess, number: int) -> Iterator[tuple[int, int]]:
    """Plays; yields each note's pitch as played and as it sounded. Raises: MeasureFailed."""
    start = time.time()
    random = np.random.default_rng(1)
    for n in range(number):
        time.sleep(max(0.0, start + n / NOTES_PER_S - time.time()))
        played = int(random.integers(40, 90))
        daemon.send("/processnoteon", played, 100)
        for arrival in daemon.receiver.receive_until(time.time() + 1.0):
            address, arguments = next(arrival.messages())
            if address == "/playwurly":
                yield played, int(str(arguments[0]))
                break
        else:
            raise MeasureFailed("a live note got no answer")
        daemon.send("/processnoteoff", played, 0)


def phrases_in(pairs: Sequence[tuple[int, int]], answers: Sequence[Sequence[int]]) -> tuple[int, int]:
    """How many answers were heard whole, and how many notes that were changed belong to none of them.

    An exchange: at least 20 notes as played, then the 20 of the next answer, not one more or less.

    >>> call, answer = [(60, 60)] * 21, [(60, pitch) for pitch in range(20, 40)]
    >>> phrases_in(call + answer + call, [list(range(20, 40))])
    (1, 0)
    >>> phrases_in(call + answer[1:] + call, [list(range(20, 40))])
    (0, 19)
    >>> phrases_in(call + answer + answer, [list(range(20, 40))])
    (1, 20)
    """
    sounded = [pitch for _, pitch in pairs]
    changed = [played != sounded for played, sounded in pairs]
    at = whole = 0
    for answer in answers:
        begin = at + PRIMER_LENGTH
        while begin < len(pairs) and sounded[begin : begin + ANSWER_LENGTH] != answer[: len(pairs) - begin]:
            begin += 1
        if begin >= len(pairs) or any(changed[at:begin]):
            break
        at = begin + ANSWER_LENGTH
        whole += at <= len(pairs)
    return whole, sum(changed[at:])


def notes_rows(runs: Runs) -> list[Row]:
    together, broken = runs.worst("in_flight_together"), runs.worst("broken")
    share = runs.median("from_model") / (runs.median("from_model") + runs.median("from_stand_in"))
    return [
        Row(
            "model_notes",
            f"{runs.median('notes'):,.0f} improv notes: generations in flight together",
            "at most one",
            f"two at once: {together:.0f} times in the worst run",
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
    with logging_daemon(folder) as (daemon, log):
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


def first_answers(daemon: DaemonProcess, log: Path) -> float:
    """When both models have given their first answers, as time.time. Raises: MeasureFailed."""
    daemon.press(R3_DRUMS)
    daemon.press(R5_IMPROV)
    for pitch in range(60, 60 + PRIMER_LENGTH):
        daemon.send("/processnoteon", pitch, 100)
    while time.time() < daemon.started_at + BOOT_S:
        time.sleep(POLL_S)
        requests = [json.loads(line) for line in log.read_text().splitlines()]
        answers = {model: (answered, of_model) for model, _, answered, _, of_model in requests}
        if len(answers) == 2:
            if not all(of_model for _, of_model in answers.values()):
                raise MeasureFailed(f"a model did not answer; the daemon says: {daemon.last_output()}")
            return max(float(answered) for answered, _ in answers.values())
    raise MeasureFailed(f"no answer within {BOOT_S:g} s; the daemon says: {daemon.last_output()}")


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
