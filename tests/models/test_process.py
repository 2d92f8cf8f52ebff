"""Models in processes of their own, with a package of models that behave badly. Bounds are generous."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from psc2.core.instruments import Instrument
from psc2.core.requests import Hit, Model
from psc2.models.child import PROGRAM
from psc2.models.generation import GenerationCancelled, GenerationError
from psc2.models.operating_system import NICENESS
from psc2.models.process import CANCEL_TIMEOUT_S, RESTART_S, ModelProcess
from tests import plugins
from tests.models.requests import drums_request, melody_request

pytestmark = [pytest.mark.timing, pytest.mark.usefixtures("package")]

CALL = melody_request([60], num_pitches=3, seed=plugins.ANSWER)
FIFTHS = [60, 67, 74]
LOOP = drums_request("4/4", 1, seed=plugins.ANSWER)
LONG_S = 20.0  # for what is not to take long, on a busy machine


def started(model: str = "moody", deadline_s: float = LONG_S, of: Model = Model.MELODY) -> ModelProcess:
    process = ModelProcess(of, model, "native", deadline_s)
    process.start()
    return process


@pytest.fixture
def start() -> Iterator[Callable[..., ModelProcess]]:
    """Processes that end with the test."""
    processes: list[ModelProcess] = []

    def one(*arguments: object, **named: object) -> ModelProcess:
        processes.append(started(*arguments, **named))  # type: ignore[arg-type]
        return processes[-1]

    yield one
    for process in processes:
        process.stop()


def never() -> bool:
    return False


def asked(process: ModelProcess, seed: int = plugins.ANSWER) -> list[int] | str:
    """The pitches, or the trouble."""
    try:
        return process.ask(replace(CALL, seed=seed), never)
    except GenerationError as trouble:
        return str(trouble)


def child_of(process: ModelProcess) -> psutil.Process:
    assert process._child is not None
    return psutil.Process(process._child.pid)


def after(seconds: float) -> Callable[[], bool]:
    """A request that is cancelled after so long."""
    moment = time.monotonic() + seconds
    return lambda: time.monotonic() >= moment


def gone(pid: int, timeout_s: float = LONG_S) -> bool:
    """Whether a process ends in time; one that is dead and not yet buried counts as ended."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.02)
    return False


# --- one process ----------------------------------------------------------------------


def test_a_model_answers_again_and_again(start: Callable[..., ModelProcess]) -> None:
    process = start()
    assert [asked(process) for _ in range(3)] == [FIFTHS] * 3
    assert process.ask(replace(CALL, num_pitches=2), never) == FIFTHS[:2]


def test_a_drummer_answers_with_strokes_and_at_a_lower_priority(start: Callable[..., ModelProcess]) -> None:
    process = start(of=Model.DRUMS)
    beat = process.ask(LOOP, never)
    assert beat == [Hit(0, Instrument.KICK, 90), Hit(2, Instrument.RIDE, beat[1].velocity)]
    assert beat[1].velocity == min(os.nice(0) + NICENESS, 19)
    assert child_of(process).nice() == beat[1].velocity


def test_a_beat_of_many_strokes_comes_whole(start: Callable[..., ModelProcess]) -> None:
    beat = start(of=Model.DRUMS).ask(replace(LOOP, seed=plugins.CROWD), never)
    assert len(beat) == 50_000


def test_a_model_that_raises_is_one_trouble_and_answers_the_next_request(
    start: Callable[..., ModelProcess],
) -> None:
    process = start()
    assert (
        asked(process, plugins.RAISE) == "ValueError: out of tune,\nout of time"
    )  # the worker makes it one line
    assert asked(process) == FIFTHS


def test_a_request_that_is_cancelled_is_given_up_at_once_and_the_process_lives(
    start: Callable[..., ModelProcess],
) -> None:
    process = start()
    assert asked(process) == FIFTHS
    pid = child_of(process).pid
    long = replace(CALL, num_pitches=100_000, seed=plugins.GO_ON)
    began = time.monotonic()
    with pytest.raises(GenerationCancelled):
        process.ask(long, after(0.2))
    assert time.monotonic() - began < 0.2 + CANCEL_TIMEOUT_S
    assert asked(process) == FIFTHS
    assert child_of(process).pid == pid


def test_a_request_that_takes_too_long_is_given_up_and_the_process_lives(
    start: Callable[..., ModelProcess],
) -> None:
    process = start(deadline_s=1.0)
    while asked(process) == "is still loading":
        pass
    pid = child_of(process).pid
    with pytest.raises(GenerationError, match=r"^slower than 1 s$"):
        process.ask(replace(CALL, num_pitches=100_000, seed=plugins.GO_ON), never)
    assert asked(process) == FIFTHS
    assert child_of(process).pid == pid


def test_a_model_that_is_still_loading_is_not_waited_for_and_then_there(
    start: Callable[..., ModelProcess],
) -> None:
    process = start("sleepy", deadline_s=0.3)
    assert asked(process) == "is still loading"
    with pytest.raises(GenerationCancelled):
        process.ask(CALL, lambda: True)
    end = time.monotonic() + LONG_S
    while (answer := asked(process)) == "is still loading" and time.monotonic() < end:
        pass
    assert answer == FIFTHS


@pytest.mark.parametrize(
    ("name", "trouble"),
    [
        ("shy", "has ended: RuntimeError: nobody is listening"),
        ("mute", "has ended: mute: expected a melody model, got one that is none"),
        ("absent", "has ended: AttributeError: module 'strange_models' has no attribute 'Nobody'"),
        ("nobody", "has ended: melody model: expected one of absent, markov, moody"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_told_in_a_line(
    start: Callable[..., ModelProcess],
    name: str,
    trouble: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("PSC2_MODELS", str(tmp_path))
    process = start(name)
    for _ in range(2):
        told = asked(process)
        assert isinstance(told, str)
        assert told.startswith(trouble)
        assert "\n" not in told


@pytest.mark.parametrize("seed", [None, plugins.HANG], ids=["idle", "hanging"])
def test_stopping_leaves_no_process(start: Callable[..., ModelProcess], seed: int | None) -> None:
    process = start(deadline_s=0.5)
    child = child_of(process)
    with ThreadPoolExecutor(1) as worker:
        if seed is not None:
            worker.submit(asked, process, seed)
            time.sleep(0.3)
        process.stop()
    assert not child.is_running()
    told = asked(process)
    assert isinstance(told, str)
    assert told.startswith("has ended: ")
    assert not [one for one in psutil.Process().children() if PROGRAM in one.cmdline()]


def test_stopping_what_was_never_started_is_nothing() -> None:
    ModelProcess(Model.MELODY, "moody", "native", 1.0).stop()


# --- ended, and there again -----------------------------------------------------------


class Life(NamedTuple):
    """What was said around the end of a process, and its two processes."""

    trouble: list[int] | str
    soon_after: list[int] | str
    later: list[int] | str
    pids: tuple[int, int]


def live(end: Callable[[ModelProcess], list[int] | str]) -> Life:
    process = started(deadline_s=1.0)
    try:
        while asked(process) == "is still loading":
            pass
        first = child_of(process).pid
        trouble = end(process)
        soon_after = asked(process)
        time.sleep(max(0.0, process._started_at + RESTART_S - time.monotonic()))
        while (later := asked(process)) == "is still loading":
            pass
        return Life(trouble, soon_after, later, (first, child_of(process).pid))
    finally:
        process.stop()


def stopped(process: ModelProcess) -> list[int] | str:
    """Asked for more than a pipe holds, while it reads nothing."""
    child_of(process).suspend()
    try:
        return str(process.ask(replace(CALL, primer=CALL.primer * 50_000), never))
    except GenerationError as error:
        return str(error)


def killed(process: ModelProcess) -> list[int] | str:
    child_of(process).kill()
    return asked(process)


ENDS: dict[str, Callable[[ModelProcess], list[int] | str]] = {
    "exits": lambda process: asked(process, plugins.EXIT),
    "killed": killed,
    "hangs": lambda process: asked(process, plugins.HANG),
    "stopped": stopped,
}


@pytest.fixture(scope="module")
def lives(package: Path) -> dict[str, Life]:
    """All at once, since each lasts longer than a process must before it is started again."""
    with ThreadPoolExecutor(len(ENDS)) as workers:
        return dict(zip(ENDS, workers.map(live, ENDS.values()), strict=True))


@pytest.mark.parametrize(
    ("end", "trouble"),
    [
        ("exits", "has ended: a string broke"),
        ("killed", "has ended: code -9"),
        ("hangs", "slower than 1 s"),
        ("stopped", "slower than 1 s"),
    ],
)
def test_a_process_that_ends_is_told_and_is_there_again_later(
    lives: dict[str, Life], end: str, trouble: str
) -> None:
    life = lives[end]
    assert life.trouble == trouble
    assert isinstance(life.soon_after, str)  # not started again and again
    assert life.soon_after.startswith("has ended: ")
    assert life.later == FIFTHS
    assert life.pids[0] != life.pids[1]
    assert all(gone(pid) for pid in life.pids)


def test_the_last_line_is_that_of_the_process_that_ended(start: Callable[..., ModelProcess]) -> None:
    """What one printed before it was started again is not what ends the next."""
    process = start()
    assert asked(process, plugins.EXIT) == "has ended: a string broke"
    process.start()
    child_of(process).kill()
    assert asked(process) == "has ended: code -9"
    process.start()
    assert asked(process, plugins.EXIT) == "has ended: a string broke"


# --- the instrument's own end ---------------------------------------------------------

INSTRUMENT = """
import signal, sys, time
from dataclasses import replace
from psc2.models.process import ModelProcess
from psc2.core.requests import Model
from tests import plugins
from tests.models.requests import melody_request
signal.signal(signal.SIGINT, lambda *_: None)
process = ModelProcess(Model.MELODY, sys.argv[1], "native", 20.0)
process.start()
call = melody_request([60], num_pitches=3, seed=plugins.ANSWER)
print(process._child.pid, flush=True)
for line in sys.stdin:
    print(process.ask(replace(call, seed=int(line)), lambda: False), flush=True)
"""


@pytest.fixture
def instrument(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """A process group of an instrument and its model, moody if the test names none."""
    process = subprocess.Popen(
        [sys.executable, "-c", INSTRUMENT, getattr(request, "param", "moody")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((os.environ["PYTHONPATH"], os.getcwd()))},
    )
    with process:
        yield process
        os.killpg(process.pid, signal.SIGKILL)


def say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_ctrl_c_is_not_for_the_model(instrument: subprocess.Popen[str]) -> None:
    child = int(hear(instrument))
    say(instrument, str(plugins.ANSWER))
    assert hear(instrument) == str(FIFTHS)
    os.killpg(instrument.pid, signal.SIGINT)
    say(instrument, str(plugins.ANSWER))
    assert hear(instrument) == str(FIFTHS)
    assert psutil.pid_exists(child)


@pytest.mark.parametrize("seed", [None, plugins.HANG], ids=["idle", "hanging"])
def test_an_instrument_that_is_killed_leaves_no_model_behind(
    instrument: subprocess.Popen[str], seed: int | None
) -> None:
    child = int(hear(instrument))
    say(instrument, str(plugins.ANSWER))
    assert hear(instrument) == str(FIFTHS)
    if seed is not None:
        say(instrument, str(seed))
        time.sleep(0.3)
    instrument.kill()
    instrument.wait()
    assert gone(child, timeout_s=5.0)


@pytest.mark.parametrize("instrument", ["sleepy"], indirect=True)
def test_an_instrument_that_is_killed_leaves_no_model_that_loads(instrument: subprocess.Popen[str]) -> None:
    child = int(hear(instrument))
    instrument.kill()
    instrument.wait()
    assert gone(child, timeout_s=5.0)
