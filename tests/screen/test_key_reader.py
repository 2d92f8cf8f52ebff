"""Keys typed into a terminal that psc2 plays in; what they mean is in test_computer_keyboard."""

import os
import signal
import subprocess
import termios
import time
from collections.abc import Iterator
from queue import SimpleQueue

import pytest

from psc2.core.events import Event, Press
from psc2.runtime.clock import SystemClock
from psc2.screen.computer_keyboard import ComputerKeyboard
from psc2.screen.key_reader import KeyReader
from psc2.screen.terminal import KEYS_OFF, KEYS_ON
from psc2.testing import FakeClient, Rehearsal, free_port
from tests.screen.pseudo_terminal import LEAVE, PseudoTerminal, terminal

pytestmark = pytest.mark.timing
in_a_terminal = pytest.mark.loopback

SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
child = os.fork()
if not child:
    os.setpgid(0, 0)
    os.tcsetpgrp(1, os.getpgrp())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, "-m", "psc2", *sys.argv[1:]])
signal.signal(signal.SIGUSR1, lambda *_: os.tcsetpgrp(1, os.getpgrp()))  # psc2 is in the background
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
os.waitpid(child, 0)
"""
LOCAL = 3  # the modes of echo, of lines and of signals
MAX_START_S = 5.0  # from nothing to the first click


def addresses(client: FakeClient, duration_s: float) -> set[str]:
    return {message.address for message in client.receive(duration_s)}


@in_a_terminal
def test_the_space_bar_brings_the_first_click_within_five_seconds_of_the_start() -> None:
    began, port = time.monotonic(), free_port()
    with FakeClient(port) as client:
        held = PseudoTerminal(port, client)
        try:
            held.read_until("space play")
            held.press(b" ")
            client.receive_until("/playclick0")
            assert time.monotonic() - began < MAX_START_S
        finally:
            held.close()


@in_a_terminal
def test_space_plays_and_stops_and_leaves_the_terminal_as_it_was() -> None:
    with terminal() as (held, client):
        held.read_until("? keys")
        assert not held.current_modes()[LOCAL] & (termios.ICANON | termios.ECHO)
        assert held.current_modes()[LOCAL] & termios.ISIG
        held.press(b" ")
        client.receive_until("/playclick0")
        held.read(0.3)
        held.press(b" ")
        client.receive(0.5)
        assert not any(address.startswith("/playclick") for address in addresses(client, 1.0))
        assert held.end() == 0
        held.read(0.2)
        assert held.current_modes() == held.modes
        assert held.written.count(KEYS_ON.encode()) == held.written.count(KEYS_OFF.encode()) == 1
        assert held.written.index(KEYS_OFF.encode()) < held.written.index(LEAVE)


@in_a_terminal
def test_a_paste_is_not_played() -> None:
    with terminal() as (held, client):
        held.read_until("? keys")
        held.press(b"\x1b[200~ q q pip\r \x1b[201~")
        assert not any(address.startswith("/playclick") for address in addresses(client, 0.5))
        held.press(b" ")
        client.receive_until("/playclick0")


@in_a_terminal
def test_what_was_typed_before_the_panel_was_there_is_not_played() -> None:
    port = free_port()
    with FakeClient(port) as client:
        held = PseudoTerminal(port, client)
        try:
            held.press(b"q \r")
            held.read_until("? keys")
            assert not any(address.startswith("/playclick") for address in addresses(client, 0.5))
            assert held.process.poll() is None
        finally:
            held.close()


@in_a_terminal
def test_q_quits_and_asks_once_while_the_loop_plays() -> None:
    with terminal() as (held, client):
        held.read_until("? keys")
        held.press(b" ")
        client.receive_until("/playclick0")
        held.press(b"q")
        held.read_until("again quits")
        held.read(0.3)  # sooner it would be the same stroke
        held.press(b"q")
        assert held.process.wait(5) == 0
        held.read(0.2)
        assert held.current_modes() == held.modes


@in_a_terminal
def test_the_piano_sounds_and_its_notes_end_also_when_psc2_does() -> None:
    with terminal() as (held, client):
        held.read_until("? keys")
        held.press(b"k")
        held.read_until("PIANO C4")
        held.press(b"a")
        note = client.receive_until("/playwurly")[-1]
        assert note.arguments[0] == 60
        client.receive_until("/stopnote")
        held.press(b"\x1b[115;;115u")  # by a terminal that tells when keys come up
        assert client.receive_until("/playwurly")[-1].arguments[0] == 62
        held.process.send_signal(signal.SIGINT)
        client.receive_until("/stopnote")
        assert held.process.wait(5) == 0


@in_a_terminal
def test_all_keys_are_shown_on_demand() -> None:
    with terminal() as (held, _):
        held.read_until("? keys")
        held.press(b"?")
        held.read_until("record bass, chords")
        assert "improv, free" in held.text()


@in_a_terminal
def test_keys_act_while_nobody_reads_the_terminal() -> None:
    with terminal() as (held, client):
        held.read_until("? keys")
        deadline, wide = time.monotonic() + 20, 300
        while not held.is_full():
            assert time.monotonic() < deadline
            held.resize(wide := 599 - wide, 100)  # is drawn anew each time
            time.sleep(0.02)
        held.press(b" ")
        client.receive_until("/playclick0")
        assert held.end() == 0


@in_a_terminal
@pytest.mark.parametrize("arguments", [["--plain"], []])
def test_keys_are_not_taken_without_a_panel_nor_where_stdin_is_no_terminal(arguments: list[str]) -> None:
    stdin = None if arguments else subprocess.DEVNULL
    with terminal(*arguments, stdin=stdin) as (held, client):
        held.read_until("listening on" if arguments else "stopped")
        held.press(b" q\n")
        assert not any(address.startswith("/playclick") for address in addresses(client, 0.5))
        assert held.process.poll() is None
        assert held.current_modes()[LOCAL] & termios.ICANON
        assert KEYS_ON.encode() not in held.written
        assert "? keys" not in held.text()


@in_a_terminal
def test_keys_for_another_program_are_left_to_it_and_do_not_stop_the_music() -> None:
    port = free_port()
    with FakeClient(port) as client:
        held = PseudoTerminal(port, client, program=("-c", SHELL))
        try:
            held.read_until("? keys")
            held.process.send_signal(signal.SIGUSR1)
            time.sleep(0.2)
            held.press(b" ")
            assert not any(address.startswith("/playclick") for address in addresses(client, 0.5))
            client.control(41)
            client.receive_until("/playclick0")
            assert held.end(signal.SIGTERM) == 0
        finally:
            held.close()


class Keys:
    """A reader of keys that come by a pipe, and what it asks for."""

    def __init__(self, *failures: Exception) -> None:
        self._read, self._write = os.pipe()
        self._failures = [*failures]
        self.actions = SimpleQueue[str]()
        self.is_ready = True
        keyboard = ComputerKeyboard(self._dispatch, Rehearsal().engine.snapshot, lambda: None)
        self.reader = KeyReader(self._read, keyboard, SystemClock(), lambda: self.is_ready)
        self.reader.start()

    def _dispatch(self, event: Event) -> None:
        if self._failures:
            self.actions.put("failed")
            raise self._failures.pop()
        if isinstance(event, Press):
            self.actions.put(event.action)

    def type(self, keys: bytes) -> None:
        os.write(self._write, keys)

    def close(self) -> None:
        self.reader.stop()
        os.close(self._read)
        os.close(self._write)


@pytest.fixture
def keys() -> Iterator[Keys]:
    keys = Keys()
    yield keys
    keys.close()


def test_a_key_that_fails_is_logged_and_the_next_one_acts(caplog: pytest.LogCaptureFixture) -> None:
    keys = Keys(RuntimeError("not today"))
    keys.type(b"i")
    assert keys.actions.get(timeout=5) == "failed"
    keys.type(b"f")
    assert keys.actions.get(timeout=5) == "free"
    assert "not today" in caplog.text
    keys.close()


def test_keys_that_come_in_halves_are_put_together(keys: Keys) -> None:
    for part in (b"\xc3", b"\xa9", b"\x1b", b"[", b"A", b"u"):
        keys.type(part)
    assert [keys.actions.get(timeout=5) for _ in range(2)] == ["qpm", "undo"]


def test_keys_are_dropped_while_the_terminal_is_not_ready(keys: Keys) -> None:
    keys.is_ready = False
    keys.type(b"i")
    time.sleep(0.2)
    keys.is_ready = True
    keys.type(b"f")
    assert keys.actions.get(timeout=5) == "free"


def test_what_waits_happens_though_nothing_more_is_typed(keys: Keys) -> None:
    keys.type(b"u")
    assert keys.actions.get(timeout=5) == "undo"
    time.sleep(0.3)
    keys.type(b"u")  # a stroke, or the first repeat of a held key
    assert keys.actions.get(timeout=5) == "undo"


def test_after_the_end_no_key_acts(keys: Keys) -> None:
    keys.type(b"i")
    assert keys.actions.get(timeout=5) == "improv"
    keys.reader.stop()
    keys.type(b"f")
    time.sleep(0.1)
    assert keys.actions.empty()
