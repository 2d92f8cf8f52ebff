"""Chord symbols, in every notation."""

import re
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
        ("C", "C Cmaj CM Cma CMaj CMAJ CMA Cmajor CMajor C♮"),
        ("Cm", "Cm C- Cmin Cmi C− CMI CMIN Cminor CMin CMi"),
        ("Cmaj7",
         "Cmaj7 CMaj7 CM7 Cma7 CΔ CΔ7 C^ C^7 Cj7 C(maj7) CMAJ7 CMA7 CMa7 C△7 CΔ⁷ Cmajor7 "
         "Cmaj(7) CMaj.7 C7maj C7M CM(7) Cmaj7th Cmaj.7 C∆7 C7Δ"),
        ("Cm7",
         "Cm7 C-7 Cmin7 Cmi7 CMI7 CMIN7 CMin7 CMi7 Cminor7 Cmin.7 C–7 C—7 Cm⁷ C‑7 Cm(7) Cdor "
         "Cdorian Cm7dor Cm7dorian"),
        ("CmMaj7",
         "CmMaj7 Cm(maj7) CmM7 C-^7 C-j7 CminMaj7 C-Δ Cmin/maj7 Cm/maj7 Cm/M7 Cmi(maj7) "
         "Cmin(maj7) C-Δ7 C−Δ7 Cm(M7) Cm#7 CMI(MA7) Cm(Maj7) C-maj7 CMIMA7 C-M7 Cm7M CmΔ7 "
         "Cm(Δ7) C-(maj7) Cm♮7 C-♮7 Cmin(#7) Cm(♯7) Cm/Δ7"),
        ("Cm7b5",
         "Cm7b5 Cø Cø7 Ch Ch7 C-7b5 Cm7(b5) Cm7-5 C-7♭5 CØ CØ7 Cmin7b5 CMI7(b5) CMI7b5 C-7(♭5) "
         "C∅7 Cm7♭5 Cmin7-5 C½dim7 Chalfdim Chalfdim7 Chdim7 Cm7(-5) CmMi7b5 Cm7/b5 Cɵ7 C⌀7"),
        ("Cdim", "Cdim Co C° Cº CDIM Cmb5 Cdiminished"),
        ("Cdim7", "Cdim7 Co7 C°7 Cº7 C˚7 CDIM7 CDim7 C⁰7 Cdim(7) C○7"),
        ("Caug", "Caug C+ CAUG C(#5) Caugmented C+5 C(+5) CM#5"),
        ("C7#5", "C7#5 C+7 Caug7 C7+5 C7+ C7aug C7♯5 C7(#5) C7(+5) CAUG7 C7/#5 C7aug5"),
        ("Csus", "Csus Csus4 C(sus4) CSUS"),
        ("C7sus",
         "C7sus C7sus4 Csus7 Csus47 C7SUS C7(sus4) C7SUS4 C7Sus4 C7(sus) C7sus(4) C7suspended"),
        ("C9sus", "C9sus C9sus4 C11 Csus79 C9SUS C9(sus4) C7sus9 C7sus(9)"),
        ("C7alt", "C7alt Calt C7(alt) C7ALT CALT C7alt. C7altered Calt7 C7(alt.)"),
        ("C69", "C69 C6/9 C6(9) C6add9 C6,9 CMA6/9 C(6/9) CM6/9 Cmaj6/9 C9/6 C⁶⁄₉ C6⁄9"),
        ("C7b9", "C7b9 C7(b9) C7-9 C79b C7♭9 C7(-9) C7(♭9) C7addb9 C7/b9 C7(addb9)"),
        ("C7#9", "C7#9 C7(#9) C7+9 C79# C7♯9 C7(+9) C7/#9 C7add#9"),
        ("C13b9",
         "C13b9 C7(b9,13) C7b9(13) C79b13 C13(b9) C13-9 C13♭9 C7b9/13 C7(b9/13) C7(13,b9) "
         "C7b9add13"),
        ("C9b13", "C9b13 C7(9,b13) C7913b"),
        ("C9#11", "C9#11 C7(9,#11) C7911# C9+11 C9(#11) C9♯11 C9#4"),
        ("C7b9sus",
         "C7b9sus C7sus4(b9) C7susb9 Cphryg Cphrygian C7phryg C7phrygian C7sus(b9) C7b9sus4 "
         "Cphr Csusb9 Csus(b9) C7phr C7sus(♭9)"),
        ("Cadd9", "Cadd9 C2 Cadd2 CMadd9 C(add9) CADD9 C(add2)"),
        ("Cmadd9", "Cmadd9 C-add9 Cm2 Cm(add9) Cmin(add9)"),
        ("C69#11", "C69#11 C6911# C6(9,#11)"),
        ("C5", "C5 Cno3 C(no3) C(5)"),
        ("N.C.", "N.C. NC n.c. N.C nc"),
        ("C7/E", "C7/E C7/e"),
        ("C69/E", "C6/9/E"),
        ("C7", "C7 C7/C Cdom7 C7th C⁷ Cdom C7dom C(7) Cmixo Cmixolydian"),
        ("C7b5", "C7-5 C7b5 C7(b5) C7(-5) C7♭5 C7/b5"),
        ("C7b9#11",
         "C7b9#11 C7♭9♯11 C7(b9,#11) C7(b9#11) C7(b9/#11) C7b9,#11 C7(♭9♯11) C7#11b9 C7(#11,b9) "
         "C7(b9)(#11) C7(b9;#11) C7[b9,#11] C7{b9}{#11} C7(b9+11) C7-9+11"),
        ("C7b9b13", "C7b9b13 C7(b9,b13) C7(b9b13) C7♭9♭13 C7(b9,b6)"),
        ("Cm9", "Cm9 C-9 Cmin9 CMI9 Cmi9 Cm7(9) Cm7add9 Cm7/9 Cm79"),
        ("Cm11", "Cm11 C-11 CMI11 Cmin11 Cm9(11) Cm9add11"),
        ("Cm7add11", "Cm7(11) Cm7add11 C-7(11) Cm7(add11) Cm7/11"),
        ("C6", "C6 CM6 Cmaj6 CMA6 C(6) Cadd6 C(add6)"),
        ("Cm6", "Cm6 C-6 Cmin6 CMI6 Cm(6) Cmin(add6)"),
        ("Cm69", "Cm69 Cm6/9 C-6/9 CMI6/9 Cmin6/9 C-69 Cm6(9)"),
        ("Cmaj9", "Cmaj9 CMA9 CM9 CΔ9 C^9 CMaj9 Cmaj7(9) Cmaj7add9 Cmaj7/9 C△9"),
        ("Cmaj7#11",
         "Cmaj7#11 CMA7#11 CMA7(#11) CΔ7#11 CΔ#11 CM7(#11) CM7+11 C^7#11 Cmaj7(♯11) CΔ♯11 Clyd "
         "Clydian Cmaj7lydian Cmaj7lyd CΔ+4 Cmaj7#4 Cmaj7(#4) CM7+4"),
        ("Cmaj7#5",
         "Cmaj7#5 CΔ#5 CMA7#5 CΔ+ CM7+5 C+maj7 C+M7 CaugMaj7 CΔ+5 CΔ7#5 C+Δ7 CMaj7aug CΔ7+ CM7+ "
         "Cmaj7+"),
        ("C13sus", "C13sus C13sus4 C13(sus4)"),
        ("Csus2", "Csus2 C(sus2)"),
        ("C13", "C13 C9(13)"),
        ("C9", "C9 C7(9) C7/9 C7add9 Cdom9 C9th"),
        ("C7#11", "C7#11 C7(#11) C7+11 C7#4 C7lyd C7lydian C7(+11) C7lyd."),
        ("C13#11", "C13#11 C13(#11) C13+11"),
        ("C7b13", "C7b13 C7(b13) C7-13 C7♭13 C7b6 C7(b6)"),
        ("C7#9b13", "C7#9b13 C7(#9,b13) C7#9-13"),
        ("C7#5#9", "C7#5#9 C7#9#5 C7(#9,#5) C+7#9 C7+9+5 C7+(#9) C+7(#9) C7aug#9"),
        ("C7#5b9", "C7b9#5 C7#5b9 C+7b9 C7(b9,#5) C7+5-9"),
        ("Cm9b5", "Cm9b5 Cø9 C-9b5 Cø7(9) Cm9(b5) CØ9 Ch9"),
        ("Cmaj7/E", "Cmaj7/E CΔ/E CΔ7/E"),
        ("Cm13", "Cm13 C-13 Cmin13 CMI13"),
        ("Cmaj13", "Cmaj13 CMA13 CM13 CΔ13 C^13"),
        ("CmMaj9", "CmMaj9 CmM9 Cm(maj9) C-Δ9 Cmin/maj9 CMI(MA9) C-^9"),
        ("Bbm7", "Bbm7 B♭m7 B♭-7 Bb-7 bbm7 B♭mi7 B♭MI7 bb-7 bbmi7"),
        ("F#7", "F#7 F♯7 f#7 f♯7 F＃7"),
        ("Cb7", "Cb7 C♭7"),
        ("Dm7", "dm7 Dm7 d-7 dmin7"),
        ("Fmaj7", "fmaj7 FΔ fM7 f^7"),
        ("G7", "g7 G7"),
        ("Cm7b9", "Cm7b9 C-7b9 Cm7(b9)"),
        ("Cm7#5", "Cm7#5 C-7#5 Cm7+5 Cm7(#5) Cm7+"),
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
        "c",
        "bb",
        "C79c",
        "7",
        "C4",
        "C/9",
        "Clyddom",
        "Cm7lyd7",
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


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("H7", "B7"), ("Fis7", "F#7"), ("Es7", "Eb7"), ("Cmjr7", "Cmaj7"), ("C7x", "C7"),
        ("C7b7", "C7b9"), ("a", "A"), ("bb", "Bb"), ("Dmni7", "Dm7"), ("Bb7sas", "Bb7sus"), ("C4", "C"),
    ],
)  # fmt: skip
def test_what_is_no_chord_is_told_with_one_that_may_be_meant(text: str, near: str) -> None:
    with pytest.raises(ChartError, match=rf", got {text}; did you mean {near}\?$"):
        read_symbol(text)
    assert read_symbol(near).symbol == near


def test_the_guess_is_of_one_line() -> None:
    with pytest.raises(ChartError, match=r"got C7�x; did you mean C7\?$"):
        read_symbol("C7\nx")


@pytest.mark.parametrize("text", ["what", "Bridge", "|", "", "7", "…", "(C)"])
def test_what_is_like_no_chord_is_told_without_a_guess(text: str) -> None:
    with pytest.raises(ChartError, match=rf", got {re.escape(text) or 'nothing'}$"):
        read_symbol(text)


def test_the_error_is_a_value_error_of_one_line() -> None:
    with pytest.raises(ValueError, match=r"got C7�x�+") as caught:
        read_symbol("C7\nx" + "\x1b" * 100)
    assert str(caught.value).isprintable()


@given(st.one_of(st.text(max_size=40), st.text("ABCGb#m-7139^+jhosuadltinMN./()phryg,[", max_size=16)))
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


@pytest.mark.parametrize("text", ["Cm(+7)", "C-(+7)", "Cmi(+7)", "Cm+7", "Cmin+7"])
def test_a_raised_seventh_of_a_minor_chord_is_the_major_one(text: str) -> None:
    assert read_symbol(text).symbol == "CmMaj7"
    assert read_symbol("C(+7)").symbol == read_symbol("C+7").symbol == "C7#5"


@pytest.mark.parametrize("text", ["C13b9sus", "C7sus4(b9,13)", "C13susb9"])
def test_a_suspended_dominant_with_thirteen_and_flat_nine_has_neither_ninth_nor_third(text: str) -> None:
    assert sorted(read_symbol(text).scale) == [0, 1, 3, 5, 7, 9, 10]
