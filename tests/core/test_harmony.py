"""Chords, and the scales that fit them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.harmony import (
    NO_CHORD,
    SCALES,
    Chord,
    Quality,
    avoid_notes,
    chord_on,
    scale_of,
)
from psc2.core.spelling import FLATS, pitch_class
from psc2.scores.chord_symbols import read_symbol
from tests.core.qualities import QUALITIES


def pitch_classes(names: str) -> frozenset[int]:
    return frozenset(map(pitch_class, names.split()))


@pytest.mark.parametrize(
    ("symbol", "scale", "avoid"),
    [
        ("Dm7", "D E F G A B C", ""),  # dorian
        ("G7", "G A B C D E F", "C"),  # mixolydian
        ("Cmaj7", "C D E F G A B", "F"),  # ionian
        ("Cmaj7#11", "C D E F# G A B", ""),  # lydian
        ("C6", "C D E F G A B", "F"),
        ("Cm6", "C D Eb F G A B", ""),  # melodic minor
        ("CmMaj7", "C D Eb F G A B", ""),
        ("Bm7b5", "B C D E F G A", "C"),  # locrian
        ("Bm9b5", "B C# D E F G A", ""),  # with a natural ninth
        ("E7b9", "E F G# A B C D", "A"),  # as it leads to A minor
        ("E13b9", "E F G G# A# B C# D", ""),  # half-whole
        ("E7#9", "E F G G# A# B C# D", ""),
        ("G7alt", "G Ab Bb B Db Eb F", ""),  # altered
        ("G7#5", "G A B C# D# F", ""),  # whole tone
        ("G7b5", "G A B C# D# F", ""),
        ("G7#11", "G A B C# D E F", ""),  # lydian dominant
        ("G7b13", "G A B C D Eb F", "C"),
        ("G7sus", "G A B C D E F", ""),
        ("G7b9sus", "G Ab Bb C D Eb F", ""),  # phrygian
        ("Ddim7", "D E F G Ab Bb B C#", ""),  # whole-half
        ("Cmaj7#5", "C D E F# G# A B", "A"),  # lydian augmented
        ("C/Bb", "C D E F G A Bb", "F"),  # the bass belongs to the scale
        ("C/F", "C D E F G A B", ""),  # … and is nothing to avoid
    ],
)  # fmt: skip
def test_a_chord_has_the_scale_that_jazz_players_take(symbol: str, scale: str, avoid: str) -> None:
    chord = read_symbol(symbol)
    assert (chord.scale, chord.avoid) == (pitch_classes(scale), pitch_classes(avoid))


def test_a_two_five_one_stays_in_its_key() -> None:
    for name in FLATS:
        tonic = chord_on(name, Quality(4, 7, 11))
        two, five = (read_symbol(symbol).transposed(pitch_class(name)) for symbol in ("Dm7", "G7"))
        assert two.scale == five.scale == tonic.scale


@given(QUALITIES, st.integers(0, 11))
def test_the_scale_has_all_that_the_symbol_names(quality: Quality, bass: int) -> None:
    scale, avoid = scale_of(quality, bass), avoid_notes(quality, bass)
    assert quality.tones | quality.named | {bass} <= scale
    assert avoid <= scale - quality.tones - quality.named - {bass}
    assert scale <= set(range(12))


@given(st.sampled_from(sorted(SCALES)), st.sampled_from(FLATS))
def test_every_quality_of_the_table_is_read_by_its_name(name: str, root: str) -> None:
    chord = read_symbol(root + name)
    assert chord.symbol == root + name
    assert 2 <= len(chord.tones) <= 4


@given(st.sampled_from(sorted(SCALES)), st.sampled_from(FLATS), st.sampled_from(FLATS), st.integers(-24, 24))
def test_a_transposed_chord_is_the_one_of_its_new_symbol(name: str, root: str, bass: str, up: int) -> None:
    moved = read_symbol(f"{root}{name}/{bass}").transposed(up)
    assert moved == read_symbol(moved.symbol)
    assert moved.root == (pitch_class(root) + up) % 12
    assert moved.bass == (pitch_class(bass) + up) % 12


def test_a_transposed_chord_is_spelled_by_the_key_or_by_custom() -> None:
    assert chord_on("D", Quality(3, 7, 10)).transposed(4).symbol == "F#m7"
    assert chord_on("D", Quality(4, 7, 10)).transposed(4).symbol == "Gb7"
    assert chord_on("D", Quality(4, 7, 10)).transposed(4, tonic="B").symbol == "F#7"
    assert chord_on("C", Quality(), bass="E").transposed(2).symbol == "D/F#"


def test_everything_fits_where_there_is_no_chord() -> None:
    assert all(NO_CHORD.fits(pitch) for pitch in range(128))
    assert NO_CHORD.transposed(5) is NO_CHORD
    assert not NO_CHORD.tones


def test_what_is_in_the_scale_fits_in_every_octave() -> None:
    chord = chord_on("D", Quality(3, 7, 10))
    assert [pitch for pitch in range(60, 72) if not chord.fits(pitch)] == [61, 63, 66, 68, 70]


def test_a_chord_is_a_value() -> None:
    assert chord_on("C", Quality()) == Chord(
        "C", 0, 0, frozenset({0, 4, 7}), frozenset({0, 2, 4, 5, 7, 9, 11}), frozenset({5})
    )
