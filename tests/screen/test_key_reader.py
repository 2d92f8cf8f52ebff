"""Keys typed into a terminal that psc2 plays in; what they mean is in test_computer_keyboard."""

import signal
import subprocess
import termios
import time

import pytest

from psc2.screen.terminal import KEYS_OFF, KEYS_ON
from psc2.testing import FakeClient, free_port
from tests.screen.pseudo_terminal import LEAVE, PseudoTerminal, terminal

pytestmark = [pytest.mark.timing, pytest.mark.loopback]

LOCAL = 3  # the modes of echo, of lines and of signals
MAX_START_S = 5.0  # from nothing to the first click


def addresses(client: FakeClient, duration_s: float) -> set[str]:
    return {message.address for message in client.receive(duration_s)}


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


def test_a_paste_is_not_played() -> None:
    with terminal() as (held, client):
        held.read_until("? keys")
        held.press(b"\x1b[200~ q q pip\r \x1b[201~")
        assert not any(address.startswith("/playclick") for address in addresses(client, 0.5))
        held.press(b" ")
        client.receive_until("/playclick0")


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


def test_all_keys_are_shown_on_demand() -> None:
    with terminal() as (held, _):
        held.read_until("? keys")
        held.press(b"?")
        held.read_until("record bass, chords")
        assert "improv, free" in held.text()


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
