"""Keeping SuperCollider running, with a program in its place that ends when asked."""

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from psc2.core.events import Event, SuperColliderProcess
from psc2.errors import StartError
from psc2.runtime.clock import SystemClock
from psc2.supercollider.process import STOP_TIMEOUTS_S, Keeper, LatestHello, Sclang
from psc2.testing import free_port

pytestmark = pytest.mark.timing

LONG_S = 20.0  # for what is not to take long, on a busy machine
SLEEPER = """\
#!/bin/sh
echo $$ >> {pids}
echo "psc2: MIDI source: Keystation 88"
sleep 300 &
wait
"""
FAILING = """\
#!/bin/sh
echo $$ >> {pids}
{said}
exit {code}
"""


class Stage:
    """Begins sleepers, and knows which processes they are."""

    def __init__(self, folder: Path) -> None:
        self.pids = folder / "pids"
        self.program = folder / "sclang"
        self.program.write_text(SLEEPER.format(pids=self.pids))
        self.program.chmod(0o755)

    def fail(self, said: str, code: int = 1) -> None:
        """From now on what is started says so and ends."""
        self.program.write_text(FAILING.format(pids=self.pids, said=said, code=code))

    def start(self) -> Sclang:
        return Sclang(str(self.program), "127.0.0.1", 1, free_port(), self.pids.with_name("log"), "")

    def begun(self) -> list[int]:
        return [int(line) for line in self.pids.read_text().split()] if self.pids.exists() else []

    def kill(self, number: int) -> None:
        """The shell alone: what it has started stays."""
        wait_for(lambda: len(self.begun()) > number)
        psutil.Process(self.begun()[number]).kill()


def kept(
    start: Callable[[], Sclang],
    restart_delays_s: Sequence[float] = (0.0,),
    latest_hello: Callable[[], LatestHello | None] = lambda: None,
    dispatch: Callable[[Event], None] = lambda _: None,
) -> Keeper:
    return Keeper(start, SystemClock(), latest_hello, dispatch, restart_delays_s, hello_timeout_s=0.5)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def left(stage: Stage) -> list[psutil.Process]:
    """What runs in a group of a sleeper."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) in stage.begun() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.NoSuchProcess):
            continue
    return found


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    for process in left(stage):
        process.kill()


def test_one_that_ends_is_started_again_without_what_it_left_behind(stage: Stage) -> None:
    keeper = kept(stage.start, restart_delays_s=(0.0, 0.0))
    try:
        stage.kill(0)
        stage.kill(1)
        wait_for(lambda: len(stage.begun()) == 3)
        wait_for(lambda: len(left(stage)) == 2)  # the third shell and its child
        lines = list(keeper.new_lines())
    finally:
        keeper.stop()
    assert lines[0].startswith("starting SuperCollider")
    log = stage.pids.with_name("log")
    again = f"SuperCollider has ended: SIGKILL; starting it again in 0 s; its messages are in {log}"
    assert lines[1:] == [again] * 2
    assert not left(stage)


@pytest.fixture
def nobody_reaps() -> Iterator[None]:
    """What loses its parent is this process's child, which never asks after it."""
    if sys.platform != "linux":
        pytest.skip("only Linux lets a program take the place of init")
    set_child_subreaper, libc = 36, ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(set_child_subreaper, 1, 0, 0, 0) == 0
    yield
    libc.prctl(set_child_subreaper, 0, 0, 0, 0)


def test_what_has_ended_is_not_waited_for_though_nobody_reaps_it(stage: Stage, nobody_reaps: None) -> None:
    sclang = stage.start()
    wait_for(lambda: len(left(stage)) == 2)
    (shell, child) = sorted(left(stage), key=lambda process: process.pid)
    shell.kill()
    wait_for(sclang.ended)
    began = time.monotonic()
    sclang.stop(None)
    took_s = time.monotonic() - began
    assert child.status() == psutil.STATUS_ZOMBIE
    os.waitpid(child.pid, 0)
    assert took_s < STOP_TIMEOUTS_S[0]


@pytest.mark.parametrize(
    ("said", "code", "reason"),
    [
        ('echo "psc2: a sound is missing: kick.wav"', 1, ": a sound is missing: kick.wav"),
        (
            'echo "jack server is not running or cannot be started"; echo "psc2: the server did not start"',
            1,
            ": no JACK server: start one (jackd -d alsa &; psc2 doctor has your system's way)",
        ),
        ('echo "psc2: MIDI source: Keystation 88"', 0, ""),
        ('echo "psc2: MIDI source: Keystation 88"; echo "double free"', 134, ""),
        (
            "echo 'boost::filesystem::create_directories: No such file or directory: \"/nowhere/.config\"'",
            134,
            ": it cannot make its folders: let HOME name a folder that it may write to",
        ),
        ('echo "ERROR: a primitive failed"', 1, ""),
        ("", 1, ""),
    ],
)
def test_the_reason_of_an_end_is_its_own_message_or_none(
    stage: Stage, said: str, code: int, reason: str
) -> None:
    stage.pids.with_name("log").write_text("psc2: another's, that ended before\n")
    stage.fail(said, code)
    lines, told = list[str](), list[Event]()
    keeper = kept(stage.start, restart_delays_s=(300.0,), dispatch=told.append)
    try:

        def is_reported() -> bool:
            lines.extend(keeper.new_lines())
            return len(lines) == 2

        wait_for(is_reported)
    finally:
        keeper.stop()
    delay_s = 3 if "no JACK server" in reason else 300
    where = f"its messages are in {stage.pids.with_name('log')}"
    assert lines[1] == f"SuperCollider has ended{reason}; starting it again in {delay_s} s; {where}"
    process = [event for event in told if isinstance(event, SuperColliderProcess)]
    assert [event.running for event in process] == [True, False]
    assert process[1].reason == f"{reason[2:] or 'SuperCollider has ended'}; psc2 starts it again"


def test_a_jack_server_that_comes_late_is_found_soon_and_its_absence_told_once(stage: Stage) -> None:
    stage.fail('echo "jack server is not running or cannot be started"', 1)
    keeper = kept(stage.start, restart_delays_s=(0.0, 0.0, 300.0))
    try:
        wait_for(lambda: len(stage.begun()) == 4)
        lines = list(keeper.new_lines())
    finally:
        keeper.stop()
    assert len(lines) == 2
    assert "no JACK server" in lines[1]


def test_it_backs_off(stage: Stage) -> None:
    keeper = kept(stage.start, restart_delays_s=(0.0, 300.0))
    try:
        stage.kill(0)
        stage.kill(1)
        lines: list[str] = []

        def both_are_reported() -> bool:
            lines.extend(keeper.new_lines())
            return len(lines) == 3

        wait_for(both_are_reported)
        assert "; starting it again in 300 s; " in lines[2]
    finally:
        began = time.monotonic()
        keeper.stop()
    assert time.monotonic() - began < LONG_S
    assert len(stage.begun()) == 2
    assert not left(stage)


def test_the_first_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot start"):
        kept(lambda: Sclang(str(tmp_path / "none"), "127.0.0.1", 1, 2, tmp_path / "log", ""))


def test_a_later_one_that_cannot_be_started_is_reported_and_tried_again(stage: Stage) -> None:
    begun = iter([stage.start, lambda: fail("gone"), stage.start])
    keeper = kept(lambda: next(begun)(), restart_delays_s=(0.0,))
    try:
        stage.kill(0)
        wait_for(lambda: len(stage.begun()) == 2)
        assert "gone" in list(keeper.new_lines())
    finally:
        keeper.stop()


class JumpingClock(SystemClock):
    """As if this program had been stopped for a while."""

    lost_s = 0.0

    def now(self) -> float:
        return super().now() + self.lost_s


def test_who_has_lost_time_itself_waits_for_one_more_hello(stage: Stage) -> None:
    clock, hellos = JumpingClock(), [LatestHello(0.0, 1)]
    keeper = Keeper(stage.start, clock, lambda: hellos[-1], lambda _: None, (0.0,), hello_timeout_s=0.5)
    try:
        wait_for(lambda: len(stage.begun()) == 1)
        hellos.append(LatestHello(clock.now(), 1))
        clock.lost_s = 20.0
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            time.sleep(0.3)  # until the first hello after it
            hellos.append(LatestHello(clock.now(), 1))
        assert len(stage.begun()) == 1
        wait_for(lambda: len(stage.begun()) == 2)  # and then it hangs indeed
    finally:
        keeper.stop()


def test_one_that_hangs_is_replaced_but_not_while_it_boots(stage: Stage) -> None:
    clock, hello = SystemClock(), list[LatestHello]()
    keeper = kept(stage.start, latest_hello=lambda: hello[-1] if hello else None)
    try:
        wait_for(lambda: len(stage.begun()) == 1)
        time.sleep(1.0)  # longer than a hello may be missing: but none has come yet
        assert len(stage.begun()) == 1
        hello.append(LatestHello(clock.now(), free_port()))
        wait_for(lambda: len(stage.begun()) == 2)
        again = "SuperCollider has not answered for 0.5 s; starting it again in 0 s; "
        assert any(line.startswith(again) for line in keeper.new_lines())
        time.sleep(1.0)  # the hello was that of the one before
        assert len(stage.begun()) == 2
        wait_for(lambda: len(left(stage)) == 2)
    finally:
        keeper.stop()
    assert not left(stage)


def test_a_log_that_is_gone_does_not_end_the_keeping(stage: Stage) -> None:
    keeper = kept(stage.start)
    try:
        wait_for(lambda: len(stage.begun()) == 1)
        stage.pids.with_name("log").unlink()
        stage.kill(0)
        wait_for(lambda: len(stage.begun()) == 2)
    finally:
        keeper.stop()


def fail(why: str) -> Sclang:
    raise StartError(why)
