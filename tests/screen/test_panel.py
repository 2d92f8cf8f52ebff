"""The panel in a terminal of its own, held open from outside; what it shows is in test_picture."""

import io
import logging
import re
import signal
import sys
import time

import pytest

from psc2.core.requests import Model
from psc2.screen.captured_stderr import CapturedStderr
from psc2.screen.panel import POLL_S, Panel
from psc2.screen.standard_streams import can_show_panel
from psc2.screen.terminal import DEFAULT_SIZE, KEYS_OFF, Terminal
from psc2.testing import FakeClient, Rehearsal, free_port
from tests.screen.pseudo_terminal import ENTER, HIDE, LEAVE, SHOW, PseudoTerminal, terminal

pytestmark = pytest.mark.timing

MODEL_NAMES = {Model.MELODY: "weimar", Model.DRUMS: "groove"}
CRASH = """
import sys, time
from psc2 import daemon
from psc2.commands import main as cli
def start(instrument):
    time.sleep(0.5)
    raise RuntimeError("no looper today")
daemon.Session.start = start
sys.exit(cli.main(sys.argv[1:]))
"""


def lines_after(written: bytes) -> list[str]:
    """What stands on the screen after the panel."""
    return written.rpartition(LEAVE)[2].decode().splitlines()


@pytest.mark.loopback
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_gives_the_terminal_back_with_the_last_lines(number: int) -> None:
    with terminal() as (held, client):
        held.read_until("stopped")
        assert held.written.index(ENTER) < held.written.index(b"stopped")
        assert HIDE in held.written
        assert held.current_modes() != held.modes
        client.control(41)
        held.read_until("bar 1 of")
        assert held.end(number) == 0
        held.read(0.2)
        assert held.written.count(ENTER) == held.written.count(LEAVE) == 1
        assert held.written.rindex(HIDE) < held.written.rindex(SHOW)
        assert held.current_modes() == held.modes
        lines = lines_after(held.written)
        assert lines[0].startswith("listening on 127.0.0.1:")
        assert {"controller found", "play"} <= set(lines)
        assert b"\x1b" not in held.written.rpartition(LEAVE)[2]


@pytest.mark.loopback
def test_the_row_moves_while_nothing_else_is_written() -> None:
    with terminal() as (held, client):
        held.read_until("stopped")
        client.control(41)
        held.read_until("bar 1 of")
        held.read(0.5)
        before = len(held.written)
        assert len(held.read(1.0)) < 12_000  # of 40 kB, were it all drawn anew at each 16th
        beats = re.findall(r"bar \d of 2 · beat \d", held.written[before:].decode(errors="replace"))
        assert len(set(beats)) >= 2


@pytest.mark.loopback
def test_keys_typed_by_mistake_are_not_shown_and_stop_nothing() -> None:
    with terminal() as (held, client):
        held.read_until("stopped")
        held.press(b"QQQ\x13\x1a")  # Ctrl-S, Ctrl-Z
        client.control(41)
        held.read_until("bar 2 of")
        assert b"QQQ" not in held.written
        held.press(b"\x03")  # Ctrl-C
        assert held.process.wait(5) == 0


@pytest.mark.loopback
def test_a_terminal_that_nobody_reads_holds_up_neither_the_music_nor_the_end() -> None:
    with terminal() as (held, client):
        held.read_until("stopped")
        client.control(41)
        held.read_until("bar 1 of")
        deadline = time.monotonic() + 20
        wide = 300
        while not held.is_full():
            assert time.monotonic() < deadline
            held.resize(wide := 599 - wide, 100)  # is drawn anew each time
            time.sleep(0.02)
        client.receive(2 * POLL_S)
        clicks = [message.address for message in client.receive(2.1)]
        assert sum(address.startswith("/playclick") for address in clicks) >= 4
        began = time.monotonic()
        assert held.end() == 0
        assert time.monotonic() - began < 2.0
        held.read(0.2)
        assert "play" in lines_after(held.written)
        assert held.current_modes() == held.modes


@pytest.mark.loopback
def test_a_new_size_is_filled_at_once() -> None:
    with terminal() as (held, _):
        held.read_until("stopped")
        before = len(held.written)
        held.resize(100, 30)
        held.read(0.5)
        assert b"\x1b[30;1H" in held.written[before:]
        assert b"\x1b[30;1H" not in held.written[:before]


@pytest.mark.loopback
def test_without_colours_if_NO_COLOR_says_so() -> None:
    with terminal(NO_COLOR="1") as (held, _):
        held.read_until("stopped")
        held.end()
        held.read(0.2)
        styles = set(re.findall(rb"\x1b\[([0-9;]+)m", held.written))
        assert b"1" in styles
        assert styles <= {b"0", b"1", b"1;7"}


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("arguments", "environ"), [(["--plain"], {}), ([], {"TERM": "dumb"}), ([], {"PYTHONIOENCODING": "ascii"})]
)
def test_plain_lines_where_a_panel_is_not_wanted_or_cannot_be(
    arguments: list[str], environ: dict[str, str]
) -> None:
    with terminal(*arguments, stdin=None, **environ) as (held, client):
        client.control(41)
        held.read_until("\r\nplay\r\n")
        assert held.end() == 0
        held.read(0.1)
        assert b"\x1b" not in held.written
        assert held.written.startswith(b"listening on 127.0.0.1:")


@pytest.mark.loopback
def test_a_crash_is_reported_on_a_terminal_that_is_as_it_was() -> None:
    port = free_port()
    with FakeClient(port) as client:
        held = PseudoTerminal(port, client, program=("-c", CRASH))
        try:
            assert held.process.wait(20) == 1
            held.read(0.2)
            assert held.written.count(ENTER) == held.written.count(LEAVE) == 1
            assert held.written.count(KEYS_OFF.encode()) == 1
            assert held.current_modes() == held.modes
            assert lines_after(held.written)[-1] == "RuntimeError: no looper today"
        finally:
            held.close()


def test_a_file_is_no_terminal() -> None:
    assert not can_show_panel(io.StringIO())
    assert Terminal(io.StringIO()).size() == DEFAULT_SIZE
    assert not Terminal(io.StringIO()).is_ours()


def test_a_look_never_goes_past_the_next_16th() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    panel = Panel(io.StringIO(), MODEL_NAMES)
    assert panel.pause_s(0.0) == POLL_S
    start = rehearsal.start()
    rehearsal.play([], until=start)
    panel.show(rehearsal.engine.snapshot(), start, {})
    assert panel.pause_s(start) == POLL_S
    assert panel.pause_s(start + 0.1) == pytest.approx(0.025)


def test_warnings_become_lines_without_their_tracebacks() -> None:
    captured = CapturedStderr()
    logger = logging.Logger("test")
    logger.addHandler(logging.StreamHandler(captured))
    try:
        raise ValueError("no such step")
    except ValueError:
        logger.exception("could not handle a tick")
    logger.warning("could not send")
    assert captured.new_lines() == ["could not handle a tick", "ValueError: no such step", "could not send"]
    assert captured.new_lines() == []
    assert "Traceback" in captured.text()


def test_while_the_panel_is_open_warnings_go_to_it_and_at_the_end_to_where_they_went(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal, errors = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", errors)
    handler = logging.StreamHandler(errors)
    logging.getLogger().addHandler(handler)
    try:
        panel = Panel(terminal, MODEL_NAMES)
        panel.open()
        logging.getLogger("psc2").warning("could not send")
        print("and more", file=sys.stderr)
        assert errors.getvalue() == ""
        panel.close()
        assert errors.getvalue() == "could not send\nand more\n"
        assert terminal.getvalue().endswith("could not send\nand more\n")
        logging.getLogger("psc2").warning("afterwards")
        assert errors.getvalue().endswith("afterwards\n")
    finally:
        logging.getLogger().removeHandler(handler)
