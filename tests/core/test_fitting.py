"""Pitches that clash with the chord move to the nearest that do not."""

from hypothesis import given
from hypothesis import strategies as st

from psc2.core.fitting import FARTHEST, fitted, rests
from psc2.core.harmony import NO_CHORD, Chord
from psc2.core.register import Register, direction
from psc2.scores.chord_symbols import read_symbol

SYMBOLS = (
    "Dm7", "G7", "Cmaj7", "F#m7b5", "B7alt", "Ebdim7", "Ab7sus4", "C6/9", "E7b9", "Bbmaj7#11", "G+7", "F/G",
)  # fmt: skip
chords = st.sampled_from(SYMBOLS).map(read_symbol)
pitches = st.integers(0, 127)


@given(pitches, chords, st.booleans(), st.none() | pitches)
def test_it_moves_by_two_semitones_at_most_and_only_where_it_clashes(
    pitch: int, chord: Chord, is_strong: bool, before: int | None
) -> None:
    moved = fitted(pitch, chord, is_strong, before)
    assert abs(moved - pitch) <= FARTHEST
    assert rests(moved, chord, is_strong)
    assert (moved == pitch) == rests(pitch, chord, is_strong)


@given(st.integers(40, 90), chords, st.integers(3, 9), st.sampled_from([-1, 1]))
def test_a_line_that_goes_on_by_a_third_or_more_keeps_its_direction(
    pitch: int, chord: Chord, interval: int, way: int
) -> None:
    before = pitch - way * interval
    assert direction(fitted(pitch, chord, True, before) - before) == way


@given(pitches, st.booleans())
def test_without_a_chord_everything_fits(pitch: int, is_strong: bool) -> None:
    assert fitted(pitch, NO_CHORD, is_strong) == pitch


def test_an_avoid_note_passes_on_a_weak_beat_and_moves_on_a_strong_one() -> None:
    chord = read_symbol("Cmaj7")
    assert fitted(65, chord, is_strong=False) == 65
    assert fitted(65, chord, is_strong=True) == 64
    assert fitted(65, chord, True, 64) == 67  # upwards


@given(st.integers(48, 60), chords)
def test_it_stays_in_the_register_where_something_there_fits(pitch: int, chord: Chord) -> None:
    register = Register(48, 60)
    moved = fitted(pitch, chord, True, register=register)
    assert register.low <= moved <= register.high


def test_a_rising_line_does_not_turn_back_where_the_note_before_it_has_moved_up() -> None:
    """Chromatically up to G over Db: G goes up to Ab, as F# has; it does not fall back to F."""
    chord = read_symbol("Dbmaj7")
    moved = fitted(66, chord, False, 65, 1)
    assert fitted(67, chord, False, moved, 1) >= moved
