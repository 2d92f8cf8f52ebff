"""``psc2 chart``: a chart on the terminal."""

import io
import sys
from pathlib import Path

import pytest

from psc2.commands.main import main
from tests.scores.ireal_links import fields, link

TUNE = "title: Ours\n[A] |: Dm7 | G7 . . Db7 :|\n[B] C6 | % |\n"
DRAWN = """\
title: Ours
meter: 4/4

[A]
| Dm7         | G7 . . Db7  |
[A]
| Dm7         | G7 . . Db7  |
[B]
| C6          | %           |
"""
PLAYLIST = link(
    fields("T44[C^7   Z", "Our Waltz"), fields("T44[F7   |Bb7   Z", "Blue"), fields("T44[G   Z", "Blue Waltz")
)


def error_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["chart", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err.strip()


def pipe(text: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))


def test_a_chart_is_drawn_with_its_repeats_played_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tune.txt"
    path.write_text(TUNE)
    assert main(["chart", str(path)]) == 0
    assert capsys.readouterr().out == DRAWN
    assert main(["chart", TUNE]) == 0
    assert capsys.readouterr().out == DRAWN
    pipe(TUNE.encode(), monkeypatch)
    assert main(["chart", "-"]) == 0
    assert capsys.readouterr().out == DRAWN
    pipe(DRAWN.encode(), monkeypatch)  # what is drawn is a chart, too
    assert main(["chart", "-"]) == 0
    assert capsys.readouterr().out == DRAWN


def test_a_chart_is_transposed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chart", "key: C\n| Dm7 | G7 | Cmaj7 | F#m7b5 |", "--transpose", "-1"]) == 0
    assert capsys.readouterr().out.endswith("| C#m7        | F#7         | Bmaj7       | Fm7b5       |\n")


@pytest.mark.parametrize("columns", ["80", "40", "10"])
def test_a_narrow_terminal_has_fewer_bars_a_line(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["chart", "| C | F | G | C |"]) == 0
    bars = capsys.readouterr().out.splitlines()[2].count("|") - 1
    assert bars == {"80": 4, "40": 2, "10": 1}[columns]


def test_a_playlist_is_listed_and_a_tune_of_it_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chart", PLAYLIST]) == 0
    out = capsys.readouterr().out
    assert out.startswith("1  Our Waltz\n2  Blue\n3  Blue Waltz\n\n3 tunes: ")
    for tune, bar in (
        ("1", "| Cmaj7       |"),
        ("blue", "| F7          | Bb7         |"),
        ("blue w", "| G "),
    ):
        assert main(["chart", PLAYLIST, "--tune", tune]) == 0
        assert bar in capsys.readouterr().out


@pytest.mark.parametrize(
    ("tune", "told"),
    [
        ("4", "--tune: expected a number within 1–3, got 4"),
        ("0", "--tune: expected a number within 1–3, got 0"),
        ("9" * 5000, f"--tune: expected a number within 1–3, got {'9' * 59}…"),
        ("waltz", "--tune: expected one tune with waltz in its name, got 2 tunes: Our Waltz, Blue Waltz"),
        ("polka", "--tune: expected one tune with polka in its name, got none"),
    ],
)
def test_a_tune_that_is_not_there_is_told(tune: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert error_of([PLAYLIST, "--tune", tune], capsys) == told


def test_a_wrong_chart_is_told_with_its_bar_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = "expected a chord such as Bbm7, F7b9, Cmaj7/E or N.C., got"
    assert error_of(["title: Ours\n| C | H7 |"], capsys) == f"Ours: bar 2: {expected} H7; did you mean B7?"
    assert error_of(["irealb://Our%20Tune"], capsys).startswith("the link is cut off: ")
    assert error_of(["none.txt"], capsys).startswith("none.txt: No such file or directory, ")
    pipe(b"", monkeypatch)
    nothing = (
        "expected a chart such as | Dm7 | G7 | Cmaj7 |, a file with one, or a link of iReal Pro, got nothing"
    )
    assert error_of(["-"], capsys) == error_of([""], capsys) == nothing
    pipe(b"\xff\xfe\x00", monkeypatch)
    told = "expected a chart, got no text in UTF-8: save it as plain text in UTF-8"
    assert error_of(["-"], capsys) == f"-: {told}"


@pytest.mark.parametrize("semitones", ["13", "-13", "two", "--1", "+-1"])
def test_a_transposition_is_an_octave_at_most(semitones: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["chart", "| C |", f"--transpose={semitones}"])
    assert exit_.value.code == 2
    assert f"expected a whole number within -12–12, got {semitones}" in capsys.readouterr().err


def test_nothing_from_outside_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chart", "title: a\x1b[31mb\n| C |"]) == 0
    assert "\x1b" not in capsys.readouterr().out
