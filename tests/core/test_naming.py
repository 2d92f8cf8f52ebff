"""Chords named from what sounds."""

import pytest

from psc2.core.naming import named
from psc2.core.spelling import OCTAVE, pitch_class
from psc2.scores.chord_symbols import read_symbol

NAMES = ("C7", "Dm7", "Fmaj7", "Bm7b5", "G", "Am", "Eb6", "F#m6", "Bdim7", "Ab7sus", "CmMaj7", "D7#5", "Caug")
ROOTLESS = {  # over the bass, as pianists voice them
    "Dm7": "F A C E", "G7": "F A B E", "Cmaj7": "E G B D", "C7": "E Bb D", "Fm7": "Ab C Eb G",
    "Bb7": "D Ab C G",
    "F#m7b5": "A C E", "Eb6": "G Bb C", "Gm6": "Bb D E",
}  # fmt: skip


@pytest.mark.parametrize("semitones", range(OCTAVE))
@pytest.mark.parametrize("symbol", NAMES)
def test_a_chord_over_its_root_has_its_name_in_every_key(symbol: str, semitones: int) -> None:
    chord = read_symbol(symbol).transposed(semitones)
    found = named(chord.tones, chord.root)
    assert found is not None
    assert (found.root, found.tones) == (chord.root, chord.tones)


@pytest.mark.parametrize("symbol", ["C7", "Dm7", "Fmaj7", "G", "Am", "F#dim"])
def test_without_a_bass_it_is_named_too(symbol: str) -> None:
    found = named(read_symbol(symbol).tones)
    assert found is not None
    assert found.symbol == read_symbol(symbol).symbol


@pytest.mark.parametrize(("symbol", "voicing"), ROOTLESS.items())
def test_a_voicing_without_its_root_is_named_by_the_bass(symbol: str, voicing: str) -> None:
    chord = read_symbol(symbol)
    found = named({pitch_class(name) for name in voicing.split()}, chord.root)
    assert found is not None
    assert (found.root, found.symbol) == (chord.root, chord.symbol)


def test_a_bass_that_is_another_tone_stands_after_the_slash() -> None:
    found = named({0, 4, 7}, bass=4)
    assert found is not None
    assert found.symbol == "C/E"


@pytest.mark.parametrize("sounding", [set(), {0}])
def test_too_few_notes_name_nothing(sounding: set[int]) -> None:
    assert named(sounding) is None
    assert named(set(), bass=3) is None
