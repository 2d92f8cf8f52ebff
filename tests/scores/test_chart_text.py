"""Charts as plain text."""

import pytest

from psc2.core.chart import Chart
from psc2.core.meter import TimeSignature
from psc2.errors import ChartError
from psc2.scores.chart_text import read_text_chart, title_of, written


def bars(chart: Chart) -> list[list[tuple[int, str]]]:
    return [[(placed.step, placed.chord.symbol) for placed in bar.chords] for bar in chart.bars]


def bar(text: str, meter: str = "4/4") -> list[tuple[int, str]]:
    (found,) = bars(read_text_chart(f"meter: {meter}\n| {text} |"))
    return found


def symbols(text: str) -> list[str]:
    return [" ".join(symbol for _, symbol in bar) for bar in bars(read_text_chart(text))]


def problem(text: str) -> str:
    with pytest.raises(ChartError) as caught:
        read_text_chart(text)
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_bar_is_divided_evenly() -> None:
    assert bar("Dm7") == [(0, "Dm7")]
    assert bar("Dm7 G7") == [(0, "Dm7"), (8, "G7")]
    assert bar("Dm7 G7", "3/4") == [(0, "Dm7"), (6, "G7")]
    assert bar("Dm7 G7 C", "3/4") == [(0, "Dm7"), (4, "G7"), (8, "C")]
    assert bar("C A7 Dm7 G7") == [(0, "C"), (4, "A7"), (8, "Dm7"), (12, "G7")]


def test_dots_and_slashes_hold_a_chord() -> None:
    assert bar("Dm7 . . G7") == bar("Dm7 / / G7") == [(0, "Dm7"), (12, "G7")]
    assert bar("Dm7 . G7", "3/4") == [(0, "Dm7"), (8, "G7")]
    assert bar("Dm7 . . . . G7 .", "7/8") == [(0, "Dm7"), (10, "G7")]


def test_a_chord_may_be_held_over_the_bar_line() -> None:
    assert bars(read_text_chart("| Dm7 G7 | . . C . |"))[1] == [(0, "G7"), (8, "C")]
    assert bar(". . C .") == [(0, "N.C."), (8, "C")]


def test_a_bar_and_two_bars_are_repeated() -> None:
    assert symbols("| Dm7 G7 | % | C | %% | % |") == ["Dm7 G7", "Dm7 G7", "C", "Dm7 G7", "C", "C"]


def test_no_chord_and_a_slash_bass() -> None:
    assert symbols("| N.C. | C/E |") == ["N.C.", "C/E"]


def test_a_new_line_is_a_bar_line() -> None:
    assert symbols("Dm7 | G7\nC6\n| A7 | D7 |\n\n|| G7 |]") == ["Dm7", "G7", "C6", "A7", "D7", "G7"]


def test_a_header_says_what_the_tune_is() -> None:
    chart = read_text_chart(
        "Title: Our: Blues | no. 2\ncomposer:  Some One\nKEY: f minor\nmeter: 6/8\n| Fm |"
    )
    assert (chart.title, chart.composer, chart.key) == ("Our: Blues | no. 2", "Some One", "Fm")
    assert chart.time_signature == TimeSignature(6, 8)
    assert title_of("# a chart\ntitle: Ours\n| C |") == "Ours"
    assert title_of("| C |") == ""


def test_without_a_header_it_is_in_four() -> None:
    chart = read_text_chart("| C |")
    assert (chart.title, chart.composer, chart.key) == ("", "", "")
    assert chart.time_signature == TimeSignature(4, 4)


def test_comments_and_blank_lines_say_nothing() -> None:
    assert symbols("style: Bossa\ntempo: 120\n| C |") == ["C"]
    assert symbols("# title: none\n\n| C | <swing> |\n   # | D |\n| E |") == ["C", "E"]


@pytest.mark.parametrize("mark", ["[A] ", "*A ", "A: ", "[A]\n", "A:\n", "*A\n"])
def test_sections_are_marked(mark: str) -> None:
    chart = read_text_chart(f"{mark}|: C :|\n[Bridge 1] F | G\n")
    assert [bar.section for bar in chart.bars] == ["A", "A", "Bridge 1", ""]
    inside = read_text_chart("| C | [B] F | *C G |")
    assert [bar.section for bar in inside.bars] == ["", "B", "C"]


def test_endings_are_written_in_several_ways() -> None:
    for first, second in (("1.", "2."), ("[1", "[2"), ("[1.", "[2."), ("1", "2")):
        assert symbols(f"|: C |{first} F :|{second} G |") == ["C", "F", "C", "G"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected bars with chords, such as | Dm7 | G7 | Cmaj7 |, got none"),
        ("title: Nothing", "expected bars with chords, such as | Dm7 | G7 | Cmaj7 |, got none"),
        (
            "| Dm7 | H7 |",
            "bar 2: expected a chord such as Bbm7, F7b9, Cmaj7/E or N.C., got H7; did you mean B7?",
        ),
        (
            "| C | F Dm7x |",
            "bar 2: expected a chord such as Bbm7, F7b9, Cmaj7/E or N.C., got Dm7x; did you mean Dm7?",
        ),
        ("|: C | F |", "bar 1: expected :| where the repeat that begins here ends, got none"),
        ("| G |: C | F |: D :|", "bar 2: expected :| where the repeat that begins here ends, got none"),
        (":| C", "bar 1: expected bars before :|, got none"),
        ("| C :| x99", "bar 1: expected x1 to x16, got x99"),
        (
            "| C | Dm7 G7 C |",
            "bar 2: expected a number of chords that divides a bar of 4/4 evenly, got 3: "
            "hold some with a dot, as in Dm7 . G7 C",
        ),
        (
            "meter: 3/4\n| C D E F G |",
            "bar 1: expected a number of chords that divides a bar of 3/4 evenly, got 5: "
            "hold some with a dot, as in Dm7 G7 C",
        ),
        ("| C | | F |", "bar 2: expected chords, or % for the bar before again, got none"),
        ("| % |", "bar 1: expected chords before the first %, got none"),
        ("| C | %% |", "bar 2: expected two bars before %%, got 1"),
        ("| C |1. |2. D", "bar 2: expected chords in the ending, got none"),
        ("| C |\nmeter: 3/4", "bar 2: expected meter: above the first bar; there is one for all bars"),
        ("meter: 4/3\n| C |", "meter: expected a denominator of 4, 8 or 16, got 3"),
        ("meter: waltz\n| C |", "meter: expected a time signature such as \"7/8\", got 'waltz'"),
        ("key: blue\n| C |", "key: expected a key such as Bb or F#m, got blue"),
        ("| C " * 257, "bar 257: expected at most 256 bars, got more"),
    ],
)
def test_what_is_wrong_is_told_with_the_bar_and_what_to_write(text: str, told: str) -> None:
    assert problem(text) == told


WRITTEN = """\
title: Ours
composer: One
key: Eb
meter: 4/4

[A]
| Ebmaj7             | Fm7 . . Bb7        | Gm7 C7             |
[A]
| Ebmaj7             | Fm7 . . Bb7        | Eb6                | %                  |
[B]
| Abm7               | Db13#11            | Abm7               | Db13#11            |
| C . . . . F7/A . . | N.C.               |"""


def test_a_chart_is_written_as_it_is_read() -> None:
    chart = read_text_chart(
        "title: Ours\ncomposer: One\nkey: Eb\n[A] |: Ebmaj7 | Fm7 . . Bb7 |1. Gm7 C7 :|2. Eb6 | % ||\n"
        "B: Abm7 | Db13#11 | %% | C . . . . F7/A . . | N.C. |"
    )
    assert written(chart) == WRITTEN
    assert read_text_chart(written(chart)) == chart


def test_a_bossa_that_is_drawn_is_one_again() -> None:
    chart = read_text_chart("style: Bossa Nova\n| Fmaj7 |")
    assert not read_text_chart(written(chart)).swings


@pytest.mark.parametrize(
    "text", ["| Dm7 | G7 : | C6 |", "| Dm7 | G7: C6 | A7 |", "|: Dm7 | G7 : | C6 | Am7 :|"]
)
def test_a_chord_before_a_stray_colon_is_no_section(text: str) -> None:
    with pytest.raises(ChartError, match=r"^bar 2: expected a chord"):
        read_text_chart(text)


def test_sections_may_be_called_as_chords_are() -> None:
    chart = read_text_chart("A: Dm7 | G7 | B: C6 | A2: Dm7 | G: Am7 | Bridge: F")
    assert [bar.section for bar in chart.bars] == ["A", "", "B", "A2", "G", "Bridge"]


@pytest.mark.parametrize("mark", ["1 ", "A: ", "[A] "])
def test_a_text_without_a_bar_line_is_told_at_once(mark: str) -> None:
    with pytest.raises(ChartError, match=r"^bar 1: expected a bar line after 2,000 characters at most"):
        read_text_chart(mark * 200_000)


def test_too_many_repeats_are_told_as_such() -> None:
    with pytest.raises(ChartError, match=r"^bar 2: expected x1 to x16, got x100"):
        read_text_chart("|: C7 | F7 :| x100")
