"""Links of iReal Pro, with charts of our own."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.chart import Chart
from psc2.core.meter import TimeSignature
from psc2.errors import ChartError
from psc2.scores.charts import read_chart, read_sheets
from psc2.scores.ireal import CHUNK, SCRAMBLED, mirrored, tunes_of, unscramble
from psc2.scores.ireal_music import beats_of
from tests.scores.ireal_links import fields, link, plain_link, scrambled

BLUES = (
    "*A{T44C7   |F7   |C7   | x  |F7   |F#o7   |C7   |A7b9   |D-7   |G7alt   |"
    "N1C7 A7 |D-7 G7 }|N2C7   | x  Z "
)


def chart_of(music: str) -> Chart:
    (chart,) = read_chart(plain_link(music))
    return chart


def bars(music: str) -> list[list[tuple[int, str]]]:
    return [[(placed.step, placed.chord.symbol) for placed in bar.chords] for bar in chart_of(music).bars]


def played(music: str) -> str:
    """The first chord of each bar."""
    return " ".join(bar[0][1] for bar in bars(music))


def problem(source: str) -> str:
    with pytest.raises(ChartError) as caught:
        read_chart(source)
    assert str(caught.value).isprintable()
    return str(caught.value)


@given(st.text("ABCDEFG#b-^7 |{}[]ZKclQyXx", max_size=160))
def test_scrambling_undoes_itself(music: str) -> None:
    spelled_out = unscramble(scrambled(music).removeprefix(SCRAMBLED))
    assert unscramble(scrambled(spelled_out).removeprefix(SCRAMBLED)) == spelled_out


def test_a_chunk_mirrors_its_ends_and_its_middle() -> None:
    signs = "".join(chr(ord("0") + place) for place in range(CHUNK))
    swapped = mirrored(signs)
    assert swapped[:5] == signs[:-6:-1]
    assert swapped[5:10] == signs[5:10]
    assert swapped[10:24] == signs[39:25:-1]
    assert swapped[24:26] == signs[24:26]
    assert mirrored(swapped) == signs


def test_a_scrambled_and_a_plain_link_are_one_chart() -> None:
    (chart,) = read_chart(link(fields(BLUES)))
    assert chart == chart_of(BLUES)
    assert len(chart.bars) == 24
    assert (chart.title, chart.composer, chart.key) == ("Our Tune", "Any Player", "C")
    assert [bar.section for bar in chart.bars if bar.section] == ["A", "A"]


def test_a_playlist_has_all_its_tunes() -> None:
    tunes = [
        fields("T44[C^7   Z", title="One"),
        fields("T34[F^7   Z", "Two", "", "D-"),
        fields(BLUES, "Three"),
    ]
    charts = read_chart(link(*tunes, name="Our evening"))
    assert [(chart.title, chart.key, str(chart.time_signature)) for chart in charts] == [
        ("One", "C", "4/4"), ("Two", "Dm", "3/4"), ("Three", "C", "4/4"),
    ]  # fmt: skip
    plain = "irealbook://One=A B=Swing=C=n=T44C7 |F7 Z=Two==Swing=F=n=T44F7 Z=Our evening"
    assert [chart.title for chart in read_chart(plain)] == ["One", "Two"]
    assert [chart.title for chart in read_chart(plain.replace("Z=", "Z==="))] == ["One", "Two"]


def test_a_wrong_tune_of_a_playlist_leaves_the_others() -> None:
    source = link(fields("T44[C^7   Z", "Good"), fields("T44[H7   Z", "Bad"))
    good, bad = read_sheets(source)
    assert len(good.chart().bars) == 1
    with pytest.raises(ChartError, match=r"^Bad: bar 1: expected a chord or a sign of iReal Pro's, got H7"):
        bad.chart()


def test_a_page_that_was_exported_has_its_links_read() -> None:
    page = f'<html><a href="{link(fields(BLUES))}">One</a>\n<a href="{link(fields(BLUES, "B"))}">B</a></html>'
    assert [chart.title for chart in read_chart(page)] == ["Our Tune", "B"]


@pytest.mark.parametrize(
    ("cells", "meter", "steps"),
    [
        ([4], "4/4", [16]),
        ([1], "4/4", [16]),
        ([2, 2], "4/4", [8, 8]),
        ([2, 1], "4/4", [8, 8]),  # the blank behind the last chord is often left out
        ([1, 1], "4/4", [8, 8]),
        ([3, 1], "4/4", [12, 4]),
        ([1, 3], "4/4", [4, 12]),
        ([2, 1, 1], "4/4", [8, 4, 4]),
        ([1, 1, 1], "4/4", [8, 4, 4]),
        ([1, 1, 1, 1], "4/4", [4, 4, 4, 4]),
        ([1, 1, 1, 1, 1], "4/4", [4, 4, 4, 2, 2]),  # more chords than beats
        ([4], "3/4", [12]),
        ([2, 2], "3/4", [8, 4]),
        ([1, 1, 1], "3/4", [4, 4, 4]),
        ([2, 2], "5/4", [12, 8]),
        ([2, 2], "6/8", [6, 6]),
        ([2, 2], "12/8", [12, 12]),
        ([3, 1], "12/8", [18, 6]),  # as a beat of three 8ths has a cell
        ([2, 1, 1], "12/8", [12, 6, 6]),
        ([2, 1], "9/8", [12, 6]),
        ([1, 1], "6/8", [6, 6]),
        ([2, 1], "12/8", [12, 12]),
        ([2, 1], "6/8", [6, 6]),
        ([2, 2], "7/4", [16, 12]),
        ([2, 2], "5/8", [6, 4]),
        ([1, 1], "2/4", [4, 4]),
    ],
)
def test_chords_last_as_many_beats_as_they_have_cells(cells: list[int], meter: str, steps: list[int]) -> None:
    assert beats_of(cells, TimeSignature.parse(meter)) == steps


def test_chords_stand_on_their_beats() -> None:
    assert bars("T44[C^7   |A-7 D7 |G7   E7|C,A7,D-7,G7|p D7 Z") == [
        [(0, "Cmaj7")],
        [(0, "Am7"), (8, "D7")],
        [(0, "G7"), (12, "E7")],
        [(0, "C"), (4, "A7"), (8, "Dm7"), (12, "G7")],
        [(0, "G7"), (8, "D7")],
    ]


def test_bars_are_repeated() -> None:
    assert played("T44[C7   | x  |F7   |G7   |r|   |C6   Z") == "C7 C7 F7 G7 F7 G7 C6"
    assert played("T44[C7   |F7   |r|C6   Z") == "C7 F7 C7 F7 C6"


def test_a_blank_bar_holds_the_chord() -> None:
    assert played("T44[C7   |    |F7   Z") == "C7 C7 F7"
    assert played("T44{C7   |N1D7   }        |N2F7   Z") == "C7 D7 C7 F7"  # blanks between parts are layout


@pytest.mark.parametrize(
    "sign", ["T22", "T44", "T34", "T24", "T54", "T64", "T74", "T58", "T68", "T78", "T98", "T12", "T32"]
)
def test_meters(sign: str) -> None:
    meter = chart_of(f"{sign}[C   Z").time_signature
    assert str(meter) == {"T22": "4/4", "T12": "12/8", "T32": "6/4"}.get(sign, f"{sign[1]}/{sign[2]}")


@pytest.mark.parametrize("pickup", ["T14[G7 ", "[T24G7 ", "*i[T34n ", "T18[D7", "T34[D7, G7 "])
def test_a_pickup_is_left_out_as_the_chorus_comes_round_without_it(pickup: str) -> None:
    music = f"{pickup}|*A{{T44C7   |F7   }}"
    assert played(music) == "C7 F7 C7 F7"
    assert chart_of(music) == chart_of("*A{T44C7   |F7   }")


def test_a_meter_of_bars_as_long_is_no_change() -> None:
    chart = chart_of("T34[C   |T68F G |T34A Z")
    assert (str(chart.time_signature), len(chart.bars)) == ("3/4", 3)
    assert [placed.step for placed in chart.bars[1].chords] == [0, 6]


def test_signs_that_say_nothing_about_chords_are_passed_over() -> None:
    music = "*iT44[sC7,lF7,|Y(D7)YYC^7(E-7)f  |<swing>N0A-7 U Z"
    chart = chart_of(music)
    assert [bar[0][1] for bar in bars(music)] == ["C7", "Cmaj7", "Am7"]
    assert chart.bars[0].section == "intro"


def test_an_invisible_root_takes_a_new_bass() -> None:
    assert bars("T44[C-7 W/Bb |W   |n   |W/A Z") == [
        [(0, "Cm7"), (8, "Cm7/Bb")], [(0, "Cm7/Bb")], [(0, "N.C.")], [(0, "N.C.")],
    ]  # fmt: skip


def test_chords_of_the_users_own_are_read() -> None:
    assert played("T44[C*m7b5*   |D*-7*   ]*B[E7   Z") == "Cm7b5 Dm7 E7"


@pytest.mark.parametrize(
    ("music", "order"),
    [
        ("{C |D }E Z", "C D C D E"),
        ("{C |N1D }|N2E ]F Z", "C D C E F"),
        ("{C |N1D }|N2E }|N3F ]F Z", "C D C E C F F"),
        ("{C <3x> }D Z", "C C C D"),
        ("[C |D <Fine> |E <D.C. al Fine> Z", "C D E C D"),
        ("[C |SD |E Q|F <D.S. al Coda> ][QG Z", "C D E F D E G"),
        ("[C |D Q|E |F <*66D.C. al Coda> ][QG Z", "C D E F C D G"),
        ("{C |N1D }|N2E ]*B[F |G <D.C. al 2nd End.> Z", "C D C E F G C E"),
        ("[C |D |E Q][QF Z", "C D E"),  # the outro is for the very end
        ("[C |D |<D.C. al Fine>Z", "C D C D"),  # a sign is missing: the way that is left
        ("[C |D <D.S. al Fine> |E Z", "C D C D"),
        ("[C |D <Fine> |E <D.S. al Fine> Z", "C D E C D"),
        ("[C |D Q|E |F <D.C. al Coda> ][G |A Z", "C D E F C D G A"),
        ("[C |D |E <D.C. al Coda> ][QG Z", "C D E C D E G"),
        ("{C |N1D }|N2E ]*B[F |G <D.C. al 3rd End.> Z", "C D C E F G C E"),
    ],
)
def test_the_way_through_a_chart(music: str, order: str) -> None:
    assert played(music) == order


CHANGED = "bar {}: expected {}, the meter of the bars before, as a chart has one, got {}"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (plain_link("T44[C7 |T34F7 Z"), CHANGED.format(2, "4/4", "3/4")),
        (plain_link("T24[C7 |F7 |T44G7 Z"), CHANGED.format(3, "2/4", "4/4")),
        (plain_link("T44[C7 |T24F7 |T44G7 Z"), CHANGED.format(2, "4/4", "2/4")),
        (plain_link("[C7 |F7 |T24F7 Z"), CHANGED.format(3, "4/4", "2/4")),
        (plain_link("T14[C7 |F7 |T24F7 Z"), CHANGED.format(3, "1/4", "2/4")),
        (plain_link("T14[C7 |F7 Z"), "bar 1: expected 2 to 64 beats a bar, got 1/4"),
        (plain_link("T43[C7 |F7 Z"), "bar 1: expected a denominator of 4, 8 or 16, got 3"),
        (
            plain_link("T44[C7 |C7b7 Z"),
            "bar 2: expected a chord such as Bbm7, F7b9, Cmaj7/E or N.C., got C7b7; did you mean C7b9?",
        ),
        (plain_link("T44[x |C Z"), "bar 1: expected bars before it to repeat, got 0"),
        (
            plain_link("T44[C Q|F <D.C. al Coda> Z"),
            "bar 2: expected a coda, for the D.C. al Coda, got none",
        ),
        (
            plain_link("T44N3G |QN1F xZ"),
            "bar 1: expected bars in front of the endings, or a first ending, got none",
        ),
        (plain_link("T44 Z"), "expected bars with chords, such as | Dm7 | G7 | Cmaj7 |, got none"),
    ],
)
def test_what_is_wrong_is_told_with_tune_and_bar(source: str, told: str) -> None:
    assert problem(source) == f"Our Tune: {told}"


CUT = "the link is cut off: copy it again, whole, as iReal Pro shares it"


@pytest.mark.parametrize(
    "source", ["irealb://", "irealb://Our%20Tune", "irealbook://A=B=C", "irealb://A=B=1r34LbKcu7C Z"]
)
def test_a_link_that_is_cut_off_is_told_so(source: str) -> None:
    assert problem(source) == CUT


def test_a_link_cut_anywhere_is_told_or_read() -> None:
    whole = link(fields(BLUES))
    end = whole.index("%3D3", len(whole) - 10)
    for length in range(len("irealb://"), end):
        with suppress(ChartError):
            charts = read_chart(whole[:length])
            assert [len(chart.bars) for chart in charts] == [24]


@given(st.text("irealbook:/=1r34LbKcu7CDEFGTZ|{}[]*N12QS<>xrnpW ^7-b#hosu(),", max_size=80))
def test_any_music_is_a_chart_or_a_clear_error(music: str) -> None:
    for source in (plain_link(music), link(fields(music)), f"irealb://{music}"):
        with suppress(ChartError):
            assert all(1 <= len(chart.bars) <= 256 for chart in read_chart(source))
    with suppress(ChartError):
        tunes_of(music)
