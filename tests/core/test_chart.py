"""The chart of a tune, step by step."""

from hypothesis import given
from hypothesis import strategies as st

from psc2.core.chart import Bar, Chart, PlacedChord
from psc2.core.harmony import NO_CHORD, Chord
from psc2.core.meter import Form, TimeSignature
from psc2.scores.chord_symbols import read_symbol


def bar(*symbols: str, section: str = "", steps: int = 16) -> Bar:
    length = steps // len(symbols)
    placed = (PlacedChord(n * length, read_symbol(symbol)) for n, symbol in enumerate(symbols))
    return Bar(tuple(placed), section)


def chart(*bars: Bar, key: str = "", meter: str = "4/4") -> Chart:
    return Chart("", "", key, TimeSignature.parse(meter), bars)


TUNE = chart(bar("Dm7", section="A"), bar("G7", "Db7"), bar("Cmaj7"), bar("Cmaj7"), key="C")


def symbol_at(step: int) -> str:
    return TUNE.chord_at(step).symbol


def change_after(step: int) -> tuple[int, str]:
    found = TUNE.next_change(step)
    assert found is not None
    return found.step, found.chord.symbol


def test_a_chord_sounds_from_its_step_to_the_next() -> None:
    steps = (0, 15, 16, 23, 24, 31, 32, 63)
    assert [symbol_at(step) for step in steps] == ["Dm7", "Dm7", "G7", "G7", "Db7", "Db7", "Cmaj7", "Cmaj7"]


def test_after_the_last_bar_the_chorus_begins_again() -> None:
    assert [symbol_at(step) for step in (64, 64 + 24, 640 + 32, -1, -64)] == [
        "Dm7", "Db7", "Cmaj7", "Cmaj7", "Dm7",
    ]  # fmt: skip


def test_the_next_change_is_to_another_chord() -> None:
    assert [change_after(step) for step in (0, 15, 16, 24)] == [
        (16, "G7"),
        (16, "G7"),
        (24, "Db7"),
        (32, "Cmaj7"),
    ]
    assert change_after(32) == (64, "Dm7")  # the second bar of C is no change
    assert change_after(64 + 20) == (64 + 24, "Db7")
    assert change_after(-1) == (0, "Dm7")


def test_a_chart_of_one_chord_never_changes() -> None:
    assert chart(bar("C7"), bar("C7", "C7")).next_change(5) is None
    assert chart(Bar((PlacedChord(0, NO_CHORD),))).next_change(0) is None


def test_the_form_is_the_meter_and_the_bars() -> None:
    waltz = chart(bar("C", "F", "G", steps=12), bar("C", steps=12), meter="3/4")
    assert waltz.form == Form(TimeSignature(3, 4), 2)
    assert waltz.length_steps == 24
    assert [waltz.chord_at(step).symbol for step in (0, 4, 8, 12)] == ["C", "F", "G", "C"]


def test_a_transposed_chart_is_spelled_in_its_new_key() -> None:
    up = TUNE.transposed(2)
    assert up.key == "D"
    assert [placed.chord.symbol for bar in up.bars for placed in bar.chords] == [
        "Em7", "A7", "Eb7", "Dmaj7", "Dmaj7",
    ]  # fmt: skip
    assert [bar.section for bar in up.bars] == ["A", "", "", ""]


def test_a_transposed_chart_without_a_key_is_spelled_together() -> None:
    up = chart(bar("Cm7", "F7"), bar("Bbmaj7", "Bbmaj7/D")).transposed(1)
    assert [placed.chord.symbol for bar in up.bars for placed in bar.chords] == [
        "C#m7", "F#7", "Bmaj7", "Bmaj7/D#",
    ]  # fmt: skip


def sounds(chord: Chord) -> tuple[object, ...]:
    return chord.root, chord.bass, chord.tones, chord.scale, chord.avoid


SYMBOLS = st.sampled_from(["Dm7", "G7b9", "C/E", "F#m7b5", "N.C.", "Ab13#11/Gb"])


@given(
    st.lists(SYMBOLS, min_size=1, max_size=8), st.sampled_from(["", "C", "Eb", "F#m"]), st.integers(-30, 30)
)
def test_twelve_semitones_up_everything_is_the_same(symbols: list[str], key: str, up: int) -> None:
    tune = chart(*(bar(symbol) for symbol in symbols), key=key)
    around = tune
    for _ in range(12):
        around = around.transposed(1)
    steps = range(0, tune.length_steps, 16)
    assert [sounds(around.chord_at(step)) for step in steps] == [
        sounds(tune.chord_at(step)) for step in steps
    ]
    assert around.key == key
    there = tune.transposed(up)
    assert there.transposed(-up).transposed(up) == there
    assert tune.transposed(12) == tune


@given(
    st.lists(
        st.lists(st.sampled_from(["Dm7", "G7", "N.C."]), min_size=1, max_size=3), min_size=1, max_size=5
    ),
    st.integers(0, 100),
    st.integers(1, 100),
)
def test_between_two_steps_are_the_first_chord_and_each_that_is_another(
    bars: list[list[str]], first: int, length: int
) -> None:
    tune = chart(*(bar(*symbols) for symbols in bars))
    changes = [
        PlacedChord(step + 7, tune.chord_at(step))
        for step in range(first, first + length)
        if step == first or tune.chord_at(step) != tune.chord_at(step - 1)
    ]
    assert list(tune.between(first, first + length, shift=7)) == changes
