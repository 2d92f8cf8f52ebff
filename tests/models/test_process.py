"""Models in processes of their own, with a package of models that behave badly. Bounds are generous."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from psc2.core.chart import PlacedChord
from psc2.core.harmony import Quality, chord_on
from psc2.core.instruments import Instrument
from psc2.core.meter import TimeSignature
from psc2.core.pitch_row import DISTANCES, LIKELIEST, PITCHES
from psc2.core.requests import ComingHarmony, Hit, MelodyRequest, Model, PitchRequest, SoloNote
from psc2.models import process as processes
from psc2.models.catalogue import open_model
from psc2.models.child import PROGRAM
from psc2.models.generation import GenerationCancelled, GenerationError
from psc2.models.operating_system import NICENESS
from psc2.models.process import CANCEL_TIMEOUT_S, NO_ANSWER, ModelProcess
from tests import plugins
from tests.models.requests import drums_request, melody_request

pytestmark = [pytest.mark.timing, pytest.mark.usefixtures("package")]

CALL = melody_request([60], num_pitches=3, seed=plugins.ANSWER)
FIFTHS = [60, 67, 74]
LOOP = drums_request("4/4", 1, seed=plugins.ANSWER)
LONG_S = 20.0  # for what is not to take long, on a busy machine
LATE_S = 0.25  # after a deadline, on a busy machine; elsewhere it is a millisecond


def started(
    model: str = "moody", deadline_s: float = LONG_S, of: Model = Model.MELODY, **named: Sequence[float]
) -> ModelProcess:
    process = ModelProcess(of, model, "native", deadline_s, **named)
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


def trouble_of(process: ModelProcess, request: MelodyRequest) -> str:
    """Why there is no answer; empty if there is one."""
    try:
        process.ask(request, never)
    except GenerationError as trouble:
        return str(trouble)
    return ""


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
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
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


MANY = replace(melody_request([60, 62, 64, 65], num_pitches=200), candidates=64)  # made together, in one go


def test_whoever_no_longer_wants_the_best_of_many_does_not_wait_for_them(
    start: Callable[..., ModelProcess],
) -> None:
    process = start("weimar")
    assert len(process.ask(MANY, never)) == 200
    pid = child_of(process).pid
    began = time.monotonic()
    with pytest.raises(GenerationCancelled):
        process.ask(MANY, after(0.005))
    assert time.monotonic() - began < LATE_S
    assert len(process.ask(replace(MANY, num_pitches=20), never)) == 20
    assert child_of(process).pid == pid


def test_the_chords_under_an_answer_are_heard_in_the_process_too(start: Callable[..., ModelProcess]) -> None:
    chords = PlacedChord(0, chord_on("Db", Quality(3, 7, 10))), PlacedChord(16, chord_on("Gb", Quality()))
    known = ComingHarmony(1, chords, TimeSignature(4, 4), (), None)
    request = replace(melody_request([60, 62, 64, 65], seed=2), candidates=16)
    heard, unheard = replace(request, harmony=known), request
    process, here = start("weimar"), open_model(Model.MELODY, "weimar", "native")
    answers = [process.ask(one, never) for one in (heard, unheard)]
    assert answers == [list(here.continue_melody(one)) for one in (heard, unheard)]
    assert answers[0] != answers[1]


def test_candidates_that_are_not_there_in_time_are_given_up_and_the_process_lives(
    start: Callable[..., ModelProcess],
) -> None:
    process = start("weimar", deadline_s=0.01)
    end = time.monotonic() + LONG_S
    while (trouble := trouble_of(process, MANY)) == "is still loading" and time.monotonic() < end:
        pass
    pid = child_of(process).pid
    assert [trouble, trouble_of(process, MANY), trouble_of(process, MANY)] == ["slower than 0.01 s"] * 3
    assert child_of(process).pid == pid


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
    assert time.monotonic() - began < 0.2 + LATE_S
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


def test_a_model_that_is_slow_is_told_of_before_its_deadline(
    start: Callable[..., ModelProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "SLOW_S", 0.2)
    process = start(deadline_s=1.0)
    loaded(process).suspend()
    assert list(process.new_lines()) == []
    told: list[tuple[float, str]] = []

    def listen() -> bool:
        told.extend((time.monotonic(), line) for line in process.new_lines())
        return False

    began = time.monotonic()
    with pytest.raises(GenerationError, match=r"^slower than 1 s$"):
        process.ask(CALL, listen)
    assert [line for _, line in told] == ["melody model: no answer for 0.2 s; after 1 s markov answers"]
    assert told[0][0] - began < 0.9


def test_a_model_that_is_still_loading_is_not_waited_for_and_then_there(
    start: Callable[..., ModelProcess],
) -> None:
    process = start("sleepy", deadline_s=0.3)
    assert asked(process) == "is still loading"
    with pytest.raises(GenerationCancelled):
        process.ask(CALL, lambda: True)
    end = time.monotonic() + LONG_S
    while isinstance(answer := asked(process), str) and time.monotonic() < end:
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


# --- whatever it does, nobody waits longer than until the deadline --------------------


def loaded(process: ModelProcess, after: psutil.Process | None = None) -> psutil.Process:
    """The process, or the one that comes after another, once its model is loaded; it is not asked."""
    end = time.monotonic() + LONG_S
    while time.monotonic() < end:
        child = process._child
        if child is not None and child.is_loaded and (after is None or child.pid != after.pid):
            return psutil.Process(child.pid)
        time.sleep(0.01)
    raise AssertionError("it has not been loaded")


def stop_at_work(process: ModelProcess, child: psutil.Process) -> int:
    """Stopped a moment after it is asked to hang."""
    threading.Timer(0.2, child.suspend).start()
    return plugins.HANG


def stop_idle(process: ModelProcess, child: psutil.Process) -> int:
    child.suspend()
    return plugins.ANSWER


def kill_at_work(process: ModelProcess, child: psutil.Process) -> int:
    threading.Timer(0.2, child.kill).start()
    return plugins.HANG


def does(seed: int) -> Callable[[ModelProcess, psutil.Process], int]:
    return lambda process, child: seed


FAULTS: dict[str, tuple[Callable[[ModelProcess, psutil.Process], int], str]] = {
    "hangs": (does(plugins.HANG), "slower than 1 s"),
    "is stopped at work": (stop_at_work, "slower than 1 s"),
    "is stopped": (stop_idle, "slower than 1 s"),
    "is killed at work": (kill_at_work, "has ended: code -9"),
    "exits": (does(plugins.EXIT), "has ended: code 3"),
    "garbles what it says": (does(plugins.GARBLE), NO_ANSWER),
    "says what is no reply": (does(plugins.FORGE), NO_ANSWER),
}


class Life(NamedTuple):
    """What was said around a fault of a process, how long it took, and what came after."""

    trouble: str
    took_s: float
    pids: tuple[int, int]
    later: int | str  # parts of the answer of the next process


def ask(process: ModelProcess, of: Model, seed: int) -> int | str:
    """How many parts there are to its answer, or the trouble."""
    request = CALL if of is Model.MELODY else LOOP
    try:
        return len(process.ask(replace(request, seed=seed), never))
    except GenerationError as trouble:
        return str(trouble)


def live(of: Model, fault: str) -> Life:
    process = started(deadline_s=1.0, of=of)
    try:
        child = loaded(process)
        seed = FAULTS[fault][0](process, child)
        began = time.monotonic()
        trouble = ask(process, of, seed)
        took_s = time.monotonic() - began
        assert gone(child.pid)  # and nobody asks meanwhile
        return Life(
            str(trouble), took_s, (child.pid, loaded(process, child).pid), ask(process, of, plugins.ANSWER)
        )
    finally:
        process.stop()


@pytest.fixture(scope="module")
def lives(package: Path) -> dict[tuple[Model, str], Life]:
    """All of them, a few at once, since most last a few seconds."""
    keys = [(model, fault) for model in Model for fault in FAULTS]
    with ThreadPoolExecutor(4) as workers:
        return dict(zip(keys, workers.map(lambda key: live(*key), keys), strict=True))


each_life = pytest.mark.parametrize(
    ("of", "fault"), [(model, fault) for model in Model for fault in FAULTS], ids=lambda value: str(value)
)


@each_life
def test_whatever_a_model_does_it_is_waited_for_until_the_deadline_and_no_longer(
    lives: dict[tuple[Model, str], Life], of: Model, fault: str
) -> None:
    life = lives[of, fault]
    assert life.trouble == FAULTS[fault][1]
    assert life.took_s < 1.0 + LATE_S


@each_life
def test_a_process_that_is_lost_is_followed_by_another_before_anybody_asks(
    lives: dict[tuple[Model, str], Life], of: Model, fault: str
) -> None:
    life = lives[of, fault]
    assert life.pids[0] != life.pids[1]
    assert life.later == (3 if of is Model.MELODY else 2)


def test_a_model_that_prints_for_ever_is_waited_for_until_the_deadline_and_no_longer(
    start: Callable[..., ModelProcess],
) -> None:
    process = start(deadline_s=1.0)
    loaded(process)
    began = time.monotonic()
    assert isinstance(asked(process, plugins.PRINT), str)
    assert time.monotonic() - began < 1.0 + LATE_S


def test_a_request_of_more_than_a_pipe_holds_is_waited_for_until_the_deadline_and_no_longer(
    start: Callable[..., ModelProcess],
) -> None:
    process = start(deadline_s=1.0)
    loaded(process).suspend()
    large = replace(CALL, primer=CALL.primer * 50_000)
    began = time.monotonic()
    with pytest.raises(GenerationError, match=r"^slower than 1 s$"):
        process.ask(large, never)
    assert time.monotonic() - began < 1.0 + LATE_S


def test_a_request_that_is_cancelled_is_given_up_at_once_also_by_a_model_that_hangs(
    start: Callable[..., ModelProcess],
) -> None:
    process = start()
    first = loaded(process)
    began = time.monotonic()
    with pytest.raises(GenerationCancelled):
        process.ask(replace(CALL, seed=plugins.HANG), after(0.2))
    assert time.monotonic() - began < 0.2 + LATE_S
    assert gone(first.pid)
    loaded(process, first)


def test_the_request_after_one_that_was_given_up_waits_for_the_model_to_be_free(
    start: Callable[..., ModelProcess],
) -> None:
    """The first is answered by nobody, the second by the next process, for which there is time."""
    process = start()
    loaded(process)
    with pytest.raises(GenerationCancelled):
        process.ask(replace(CALL, seed=plugins.HANG), after(0.2))
    with pytest.raises(GenerationCancelled):
        process.ask(CALL, after(0.2))
    began = time.monotonic()
    assert asked(process) == FIFTHS
    assert time.monotonic() - began > CANCEL_TIMEOUT_S / 2


def test_without_a_thread_left_to_wait_for_one_that_was_given_up_another_process_follows(
    start: Callable[..., ModelProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = start()
    first = loaded(process)

    def start_none(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patches:
        patches.setattr(threading.Thread, "start", start_none)
        with pytest.raises(GenerationCancelled):
            process.ask(replace(CALL, seed=plugins.HANG), after(0.2))
    assert gone(first.pid)
    loaded(process, first)
    assert asked(process) == FIFTHS


# --- ended, and there again -----------------------------------------------------------


def next_line(process: ModelProcess) -> str:
    """The next line for the player."""
    end = time.monotonic() + LONG_S
    while time.monotonic() < end:
        for line in process.new_lines():
            return line
        time.sleep(0.01)
    raise AssertionError("nothing is told")


def test_a_model_that_is_killed_while_nobody_asks_is_there_again_and_that_is_told_once(
    start: Callable[..., ModelProcess],
) -> None:
    process = start()
    for number in range(3):
        first = loaded(process)
        first.kill()
        if not number:
            assert next_line(process) == "the melody model has ended: code -9; it is started again"
        assert gone(first.pid)
        loaded(process, first)
        assert asked(process) == FIFTHS
    assert list(process.new_lines()) == []


def test_a_model_that_dies_while_it_is_asked_is_told_by_its_answer_alone(
    start: Callable[..., ModelProcess],
) -> None:
    process = start()
    first = loaded(process)
    assert asked(process, plugins.EXIT) == "has ended: code 3"
    loaded(process, first)
    assert list(process.new_lines()) == []


def test_the_pause_before_a_restart_grows_with_each_death_in_a_row(
    start: Callable[..., ModelProcess],
) -> None:
    process = start(restart_delays_s=(0.0, 1.0, 600.0))
    first = loaded(process)
    first.kill()
    second = loaded(process, first)  # at once
    second.kill()
    began = time.monotonic()
    third = loaded(process, second)
    assert time.monotonic() - began > 1.0
    third.kill()
    end = time.monotonic() + LONG_S
    while not process._is_down and time.monotonic() < end:
        time.sleep(0.01)
    began = time.monotonic()
    assert asked(process) == "has ended: code -9"
    assert time.monotonic() - began < LATE_S


def test_an_answer_between_two_deaths_ends_the_row(start: Callable[..., ModelProcess]) -> None:
    process = start(restart_delays_s=(0.0, 600.0))
    for _ in range(4):
        assert asked(process) == FIFTHS
        first = loaded(process)
        first.kill()
        assert gone(first.pid)
        loaded(process, first)


def test_a_model_that_cannot_be_loaded_is_so_until_it_is(
    start: Callable[..., ModelProcess], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.delenv("PYTHONPATH")
        process = start(restart_delays_s=(0.0, 0.5))
        asked(process)
    failed = [process.failed_to_load()]
    assert process.reason().startswith("melody model: expected one of ")
    loaded(process)
    failed.append(process.failed_to_load())
    assert failed == [True, False]
    assert asked(process) == FIFTHS


@pytest.mark.parametrize("seed", [None, plugins.HANG], ids=["idle", "at work"])
def test_a_process_that_its_model_leaves_behind_hides_no_death(
    start: Callable[..., ModelProcess], seed: int | None
) -> None:
    """It holds the channel open, so that nothing is read from it that says so."""
    process = start()
    first = loaded(process)
    assert asked(process, plugins.FORK) == FIFTHS
    began = time.monotonic()
    if seed is None:
        first.kill()
    else:
        threading.Timer(0.2, first.kill).start()
        assert asked(process, seed) == "has ended: code -9"
    assert gone(first.pid)
    loaded(process, first)
    assert asked(process) == FIFTHS
    assert time.monotonic() - began < 7.0  # as long as it lives


def test_the_reason_is_what_the_process_that_ended_has_said_of_it_or_none(
    start: Callable[..., ModelProcess],
) -> None:
    """Neither what one said before it was started again, nor what it merely printed."""
    process = start()
    assert asked(process, plugins.QUIT) == "has ended: no reed is left"
    assert asked(process) == FIFTHS
    threading.Timer(0.2, loaded(process).kill).start()
    assert asked(process, plugins.HANG) == "has ended: code -9"
    assert asked(process) == FIFTHS
    assert asked(process, plugins.EXIT) == "has ended: code 3"


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


def weights_request(number: int, pitch: int) -> PitchRequest:
    """What follows a note of a solo in 8ths is wanted."""
    notes = (SoloNote(pitch, 2 * number, 1),)
    return PitchRequest(number + 1, 1, number, notes, 0, TimeSignature(4, 4), (), 120.0)


def test_a_solo_is_heard_note_by_note_and_each_pitch_weighed(start: Callable[..., ModelProcess]) -> None:
    markov = start("markov")
    requests = (weights_request(number, pitch) for number, pitch in enumerate((60, 62, 64, 60, 62)))
    *_, rows = (markov.ask(request, never) for request in requests)
    assert [len(row) for row in rows] == [PITCHES] * len(DISTANCES)
    assert rows[0].index(LIKELIEST) == 64  # as it came after 60 and 62 before


def test_a_model_that_only_makes_phrases_says_so(start: Callable[..., ModelProcess]) -> None:
    with pytest.raises(GenerationError, match="expected a model that weighs pitches"):
        start().ask(weights_request(0, 60), never)
