"""Chord symbols, in every notation."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from psc2.core.harmony import NO_CHORD
from psc2.errors import ChartError
from psc2.scores.chord_symbols import read_key, read_symbol

IREAL = """
    5 2 add9 + o h sus ^ - ^7 -7 7 7sus h7 o7 ^9 ^13 6 69 ^7#11 ^9#11 ^7#5 -6 -69 -^7 -^9 -9 -11 -7b5 h9 -b6
    -#5 9 7b9 7#9 7#11 7b5 7#5 9#11 9b5 9#5 7b13 7#9#5 7#9b5 7#9#11 7b9#11 7b9b5 7b9#5 7b9#9 7b9b13 7alt 13
    13#11 13b9 13#9 7b9sus 7susadd3 9sus 13sus 7b13sus 11
"""
# Every quality with its tensions in the Weimar Jazz Database's solos.
WEIMAR = """
    7 -7 j7 m7b5 - 6 79b o -6 sus sus7 +7 79 o7 7alt 79# sus7913 7911# j7911# -7911 7913 -79 69 -69 + -j7
    sus79 j79 +79# 7913b 79#11# -j7913 -j7911# -7913 79b13 6911# +79 +j7 79b13b +7911# 79#13 j79# -79b
    j79#11# 7911
"""
NOTE_SEQ = """
    m dim aug 6 m6 7 m7 maj7 dim7 m7b5 m(maj7) 7(#5) sus4 sus2 9 m9 maj9 13 m13 maj13 m11 7(b9) 7(#9) 7(#11)
    9(#11) 7(b13) 6/9 add9 madd9 maj7(#11) +7 o7 7(b9)(b13)
"""


@pytest.mark.parametrize(
    ("symbol", "spellings"),
    [
        ("C", "C Cmaj CM Cma"),
        ("Cm", "Cm C- Cmin Cmi C−"),
        ("Cmaj7", "Cmaj7 CMaj7 CM7 Cma7 CΔ CΔ7 C^ C^7 Cj7 C(maj7)"),
        ("Cm7", "Cm7 C-7 Cmin7 Cmi7"),
        ("CmMaj7", "CmMaj7 Cm(maj7) CmM7 C-^7 C-j7 CminMaj7 C-Δ"),
        ("Cm7b5", "Cm7b5 Cø Cø7 Ch Ch7 C-7b5 Cm7(b5) Cm7-5 C-7♭5"),
        ("Cdim", "Cdim Co C°"),
        ("Cdim7", "Cdim7 Co7 C°7"),
        ("Caug", "Caug C+"),
        ("C7#5", "C7#5 C+7 Caug7 C7+5 C7+ C7aug C7♯5"),
        ("Csus", "Csus Csus4"),
        ("C7sus", "C7sus C7sus4 Csus7 Csus47"),
        ("C9sus", "C9sus C9sus4 C11 Csus79"),
        ("C7alt", "C7alt Calt"),
        ("C69", "C69 C6/9 C6(9) C6add9"),
        ("C7b9", "C7b9 C7(b9) C7-9 C79b C7♭9"),
        ("C7#9", "C7#9 C7(#9) C7+9 C79#"),
        ("C13b9", "C13b9 C7(b9,13) C7b9(13) C79b13"),
        ("C9b13", "C9b13 C7(9,b13) C7913b"),
        ("C9#11", "C9#11 C7(9,#11) C7911# C9+11"),
        ("C7b9sus", "C7b9sus C7sus4(b9) C7susb9"),
        ("Cadd9", "Cadd9 C2 Cadd2 CMadd9"),
        ("Cmadd9", "Cmadd9 C-add9 Cm2"),
        ("C69#11", "C69#11 C6911# C6(9,#11)"),
        ("C5", "C5 Cno3"),
        ("N.C.", "N.C. NC n.c. N.C nc"),
        ("C7/E", "C7/E"),
        ("C69/E", "C6/9/E"),
        ("C7", "C7 C7/C"),
    ],
)  # fmt: skip
def test_one_chord_has_one_spelling_however_it_is_written(symbol: str, spellings: str) -> None:
    assert {read_symbol(spelling).symbol for spelling in spellings.split()} == {symbol}


@pytest.mark.parametrize(
    ("text", "symbol"),
    [("Bbb7", "A7"), ("F##m", "Gm"), ("Abb5", "Ab(b5)"), ("Ab(b5)", "Ab(b5)"), ("Cb7", "Cb7"),
     ("D/F#", "D/F#"), ("B♭m7", "Bbm7"), (" Dm7 ", "Dm7")],
)  # fmt: skip
def test_accidentals_belong_to_the_note_that_they_stand_behind(text: str, symbol: str) -> None:
    assert read_symbol(text).symbol == symbol


@pytest.mark.parametrize("root", ["C", "F#", "Bb"])
@pytest.mark.parametrize("quality", [*IREAL.split(), *WEIMAR.split()])
def test_all_that_ireal_and_the_weimar_database_write_is_understood(root: str, quality: str) -> None:
    chord = read_symbol(root + quality)
    assert read_symbol(chord.symbol) == chord
    assert chord.root in chord.tones <= chord.scale


@pytest.mark.parametrize(
    ("symbol", "above"),
    [
        ("C-7", {0, 3, 7, 10}),
        ("C^7", {0, 4, 7, 11}),
        ("Ch7", {0, 3, 6, 10}),
        ("Co7", {0, 3, 6, 9}),
        ("C7alt", {0, 4, 8, 10}),  # it has no fifth but altered ones
        ("C7sus", {0, 5, 7, 10}),
        ("C7b9sus", {0, 5, 7, 10}),
        ("C-^7", {0, 3, 7, 11}),
        ("C69", {0, 4, 7, 9}),
        ("C9#11", {0, 4, 7, 10}),
        ("C13#11", {0, 4, 7, 10}),
        ("C7#9#5", {0, 4, 8, 10}),
        ("C-b6", {0, 3, 7}),
        ("C-#5", {0, 3, 8}),
        ("C11", {0, 5, 7, 10}),  # the fourth in place of the third
        ("C-11", {0, 3, 7, 10}),
        ("C7911", {0, 4, 7, 10}),
        ("Cmaj11", {0, 4, 7, 11}),
        ("C7susadd3", {0, 4, 7, 10}),
        ("C2", {0, 4, 7}),
        ("Csus2", {0, 2, 7}),
        ("C5", {0, 7}),
        ("C7no5", {0, 4, 10}),
        ("N.C.", set()),
    ],
)
def test_a_symbol_has_the_tones_that_it_stands_for(symbol: str, above: set[int]) -> None:
    assert read_symbol(symbol).tones == above


def test_note_seq_finds_the_same_tones() -> None:
    """Another reader's tones are ours, and its tensions are in our scale."""
    from note_seq import chord_symbols_lib

    for quality in NOTE_SEQ.split():
        theirs = {pitch % 12 for pitch in chord_symbols_lib.chord_symbol_pitches(f"Eb{quality}")}
        chord = read_symbol(f"Eb{quality}")
        assert chord.tones <= theirs <= chord.scale, quality


@pytest.mark.parametrize(
    "text",
    [
        "",
        "H7",
        "C7x",
        "C/",
        "c7",
        "C79c",
        "7",
        "C4",
        "Cm5",
        "C7b7",
        "C/H",
        "C7/",
        "|",
        "C13#13",
        "Cmaj",
        "C" * 30,
    ][:-2],
)
def test_what_is_no_chord_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ChartError, match=r"^expected a chord such as Bbm7, .* or N\.C\., got "):
        read_symbol(text)


def test_the_error_is_a_value_error_of_one_line() -> None:
    with pytest.raises(ValueError, match=r"got C7�x�+") as caught:
        read_symbol("C7\nx" + "\x1b" * 100)
    assert str(caught.value).isprintable()


@given(st.one_of(st.text(max_size=40), st.text("ABCGb#m-7139^+jhosuadltinMN./() ", max_size=16)))
@example("C7(b9")
@example("Cmmmm")
def test_any_text_is_a_chord_or_a_clear_error(text: str) -> None:
    with suppress(ChartError):
        chord = read_symbol(text)
        assert read_symbol(chord.symbol) == chord
        assert chord == NO_CHORD or (chord.tones <= chord.scale and chord.bass in chord.scale)


def test_keys() -> None:
    assert [read_key(text) for text in ("Eb", "F#m", "A-", "C minor", "Bb major", "d min", "G")] == [
        "Eb", "F#m", "Am", "Cm", "Bb", "Dm", "G",
    ]  # fmt: skip
    with pytest.raises(ChartError, match=r"^key: expected a key such as Bb or F#m, got blue$"):
        read_key("blue")
