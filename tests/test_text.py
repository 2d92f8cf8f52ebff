"""Text from outside is printable where it leaves, whatever it is made of and wherever it goes."""

import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from psc2.commands.main import main
from psc2.screen.plain import PlainScreen
from psc2.text import MAX_LINE, PrintableFormatter, print_line, printable
from tests.daemons import PSC2

STEERING = "\x1b[2J\r\n\a\x9b31m\u202e\u2028\ud800\U000e0001"
TEXTS = st.text(st.characters() | st.sampled_from(STEERING))


@given(text=TEXTS, most=st.integers(1, 99))
@example(text=STEERING * 1000, most=60)
def test_any_text_is_printable_and_of_bounded_length(text: str, most: int) -> None:
    shown = printable(text, most)
    assert shown.isprintable()
    assert len(shown) <= most
    assert shown == text or len(text) > most or not text.isprintable()


@given(text=TEXTS)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_of_any_encoding_is_told_in_one_line(encoding: str, text: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace", newline="")
    print_line(text, file=stream)
    stream.flush()
    assert stream.buffer.getvalue().count(b"\n") == 1


def test_a_line_of_the_plain_screen_is_printable() -> None:
    written: list[str] = []
    PlainScreen(written.append).write_line(f"keyboard: {STEERING}")
    assert [line.isprintable() for line in written] == [True]


def test_what_is_logged_is_a_line_and_a_traceback_printable_lines() -> None:
    try:
        raise ValueError(STEERING)
    except ValueError:
        record = logging.LogRecord("", 30, "", 1, f"%s{'x' * 9999}", (STEERING,), sys.exc_info())
    first, *traceback = PrintableFormatter("%(message)s").format(record).split("\n")
    assert (len(first), traceback[0]) == (MAX_LINE, "Traceback (most recent call last):")
    assert all(map(str.isprintable, [first, *traceback]))


NAMES = ["new\nline.yaml", "\x1b[31mred.yaml", "\u202egpj.yaml", "\udcff.yaml", "x" * 200 + ".yaml"]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_file_of_any_name_is_reported_in_one_line(tmp_path: Path, name: str, encoding: str) -> None:
    (tmp_path / name).write_text("qpm\x1b[31m: 5")
    environ = {**os.environ, "PYTHONIOENCODING": encoding}
    for arguments in (["config", "show", "--config"], ["models", "add"]):
        ended = subprocess.run([*PSC2, *arguments, name], cwd=tmp_path, env=environ, capture_output=True)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert ended.stderr.count(b"\n") == 1
        assert ended.stderr.decode(encoding).strip().isprintable()


@pytest.mark.parametrize("option", ["--seed", "--receive-port", "--send-port", STEERING])
@pytest.mark.parametrize("value", ["9" * 5000, STEERING, "1e999"])
def test_what_the_command_line_says_is_echoed_within_bounds(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["play", f"{option}={value}"])
    assert exit_.value.code == 2
    last = capsys.readouterr().err.rstrip("\n").split("\n")[-1]
    assert "error: " in last
    assert last.isprintable()
    assert len(last) <= 500
