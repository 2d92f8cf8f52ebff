"""psc2 play as a player starts it: with SuperCollider of its own."""

import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import pytest

from psc2.testing import FakeClient, free_port
from tests.supercollider.conftest import require_programs
from tests.supercollider.osc import encoded
from tests.supercollider.processes import Process, until
from tests.supercollider.rig import BOOT_S, PERIOD, RATE, Rig

pytestmark = pytest.mark.supercollider


def played(
    card: Rig,
    folder: Path,
    *options: str,
    path: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[Process, int]:
    """psc2 play, its sound going to the card, and the port it listens on."""
    port = free_port()
    command = [sys.executable, "-m", "psc2", "play", *options]
    ports = ["--receive-port", str(port), "--send-port", str(free_port())]
    own = {"PYTHONUNBUFFERED": "1", "PATH": path or os.environ["PATH"]} | card.jack_environment
    return Process(command + ports, folder / "play.log", own | dict(environment or {})), port


@pytest.fixture(scope="module")
def sound_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A JACK of its own: servers that are killed here make it stumble, which others would hear."""
    require_programs()
    card = Rig(tmp_path_factory.mktemp("card"))
    card.start_sound_card()
    yield card
    card.stop()


@pytest.fixture
def instrument(sound_card: Rig, tmp_path: Path) -> Iterator[tuple[Process, int]]:
    process, port = played(sound_card, tmp_path)
    try:
        yield process, port
    finally:
        process.end()


def wait_for(process: Process, line: str) -> None:
    until(lambda: line in process.output() or not process.running, BOOT_S, f"{line!r} is said")
    assert line in process.output(), process.output()


def children(process: Process) -> list[Path]:
    """sclang and what it started, by their environment: they run in a group of their own."""
    marks = f"PSC2_PARENT_PID={process.popen.pid}".encode()
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if marks in environ.read_bytes().split(b"\0"):
                found.append(environ.parent)
        except OSError:
            continue  # it has just ended
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_starts_supercollider_and_ends_it_within_a_second(
    instrument: tuple[Process, int], number: int
) -> None:
    process, port = instrument
    wait_for(process, "SuperCollider is there")
    assert children(process)
    with FakeClient(port) as hands:
        hands.control(41)
        hands.key_down(60)
        wait_for(process, "\nplay\n")
        began = time.monotonic()
        os.kill(process.popen.pid, number)
        assert process.popen.wait(5) == 0
    assert time.monotonic() - began < 1.0
    assert not children(process)


def test_the_loop_is_sent_as_far_ahead_as_the_sound_card_needs(instrument: tuple[Process, int]) -> None:
    process, _ = instrument
    needed_ms = 10 * -(-3000 * PERIOD // RATE // 10)
    wait_for(process, f"looped notes are sent {needed_ms} ms ahead")


def test_what_comes_too_late_at_the_sound_server_is_told_with_its_cure(
    instrument: tuple[Process, int],
) -> None:
    process, _ = instrument
    wait_for(process, "SuperCollider is there")
    servers = [psutil.Process(int(child.name)) for child in children(process)]
    command = next(server.cmdline() for server in servers if server.name() == "scsynth")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        late = encoded("/status", at=time.time() - 1)
        sender.sendto(late, ("127.0.0.1", int(command[command.index("-u") + 1])))
    wait_for(process, "1 step too late at the sound server: ")


def test_killed_it_leaves_nothing_behind(instrument: tuple[Process, int]) -> None:
    process, _ = instrument
    wait_for(process, "SuperCollider is there")
    os.kill(process.popen.pid, signal.SIGKILL)
    process.popen.wait(5)
    until(lambda: not children(process), 10, "sclang and scsynth end")


def test_it_tells_when_supercollider_has_ended(instrument: tuple[Process, int]) -> None:
    process, _ = instrument
    wait_for(process, "SuperCollider is there")
    for child in children(process):
        os.kill(int(child.name), signal.SIGKILL)
    wait_for(process, "SuperCollider has ended")
    assert process.running


def test_without_supercollider_it_says_so_and_plays(sound_card: Rig, tmp_path: Path) -> None:
    process, port = played(
        sound_card, tmp_path, path=str(Path(shutil.which("true") or "/bin/true").parent / "none")
    )
    try:
        wait_for(process, "sclang is not installed")
        with FakeClient(port) as hands:
            hands.control(41)
            wait_for(process, "\nplay\n")
    finally:
        process.end()


def test_a_second_instrument_leaves_the_first_alone(
    instrument: tuple[Process, int], sound_card: Rig, tmp_path: Path
) -> None:
    first, _ = instrument
    wait_for(first, "SuperCollider is there")
    folder = tmp_path / "second"
    folder.mkdir()
    second, _ = played(sound_card, folder)
    try:
        wait_for(second, "SuperCollider is there")
    finally:
        second.end()
    time.sleep(2)  # a server that was ended would be missed within a second
    assert "SuperCollider has ended" not in first.output()
