"""The left hand's voicings, and how one leads to the next."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.harmony import SCALES, Chord, Quality, chord_on
from psc2.core.spelling import FLATS, OCTAVE
from psc2.core.voicings import (
    HIGHEST,
    LOWEST,
    LOWEST_SECOND,
    Above,
    Voicing,
    Voicings,
    darkened,
    leads_to_minor,
    movement,
    voiced,
)
from psc2.scores.chord_symbols import read_symbol
from tests.core.qualities import QUALITIES

DEGREES = dict(
    zip(["1", "b9", "9", "#9", "3", "11", "#11", "5", "b13", "13", "b7", "7"], range(OCTAVE), strict=True)
)


def best(symbol: str, before: Voicing = ()) -> Voicing:
    return Voicings().near(read_symbol(symbol), before)[0]


def voicings_of(chord: Chord) -> list[Voicing]:
    return [voicing for voicing, _ in Voicings().places(chord)]


def semitones(degrees: str) -> list[int]:
    return [DEGREES[degree] for degree in degrees.split()]


@pytest.mark.parametrize(
    ("symbol", "degrees"),  # from the lowest note up
    [
        ("Cm7", "b7 9 #9 5"), ("Cm9", "b7 9 #9 5"), ("Cm11", "b7 9 #9 11"), ("Cm13", "b7 9 #9 13"),
        ("Cm6", "13 9 #9 5"), ("CmMaj7", "7 9 #9 5"), ("Cm7b5", "b7 1 #9 #11"), ("Cm9b5", "b7 9 #9 #11"),
        ("Cmaj7", "7 9 3 5"), ("Cmaj7#11", "7 9 3 #11"), ("Cmaj13", "7 9 3 13"), ("Cmaj7#5", "7 9 3 b13"),
        ("C6", "13 9 3 5"), ("C69", "13 9 3 5"), ("C69#11", "13 9 3 #11"),
        ("C7", "b7 9 3 13"), ("C13", "b7 9 3 13"), ("C7b9", "b7 b9 3 5"), ("C7b9b13", "b7 b9 3 b13"),
        ("C13b9", "b7 b9 3 13"), ("C7#9", "b7 #9 3 5"), ("C7#5#9", "b7 #9 3 b13"), ("C7#11", "b7 9 3 #11"),
        ("C7#5", "b7 9 3 b13"), ("C7b5", "b7 9 3 #11"), ("C7alt", "b7 b9 3 #11"), ("C7b13", "b7 9 3 b13"),
        ("C7sus", "b7 9 11 13"), ("C9sus", "b7 9 11 13"), ("C7b9sus", "b7 b9 11 5"),
        ("Cdim7", "13 1 #9 #11"), ("Cdim", "13 1 #9 #11"), ("Caug", "3 b13 1 9"),
        ("C", "3 5 1 9"), ("Cm", "#9 5 1 9"), ("Csus", "11 5 1 9"), ("Csus2", "9 5 1"), ("C5", "5 1 5"),
        ("C/Bb", "3 5 1"), ("C/E", "3 5 1"), ("C7/E", "b7 1 3 5"), ("Cm7/F", "b7 1 #9 5"),
    ],
)  # fmt: skip
def test_each_quality_is_voiced_as_pianists_do(symbol: str, degrees: str) -> None:
    assert [pitch % OCTAVE for pitch in best(symbol)] == semitones(degrees)


@pytest.mark.parametrize("name", sorted(SCALES))
@pytest.mark.parametrize("over", ["", "/D", "/G"])
def test_every_voicing_of_the_table_is_playable_and_says_the_chord(name: str, over: str) -> None:
    for root in FLATS:
        chord = read_symbol(f"{root}{name}{over}")
        above = Above.of(chord)
        assert voicings_of(chord)
        for voicing in voicings_of(chord):
            assert 3 <= len(voicing) <= 4
            assert voicing[0] >= LOWEST
            assert voicing[-1] <= HIGHEST
            assert list(voicing) == sorted(set(voicing))
            assert all(high - low > 2 or low >= LOWEST_SECOND for low, high in pairwise(voicing))
            notes = {(pitch - chord.root) % OCTAVE for pitch in voicing}
            assert above.guides <= notes
            assert all(chord.fits(pitch) and pitch % OCTAVE not in chord.avoid for pitch in voicing)


@given(QUALITIES, st.sampled_from(FLATS), st.sampled_from(["", *FLATS]))
def test_any_quality_that_can_be_read_has_a_voicing(quality: Quality, root: str, bass: str) -> None:
    chord = chord_on(root, quality, "" if bass == root else bass)
    for voicing in voicings_of(chord):
        assert LOWEST <= voicing[0] < voicing[-1] <= HIGHEST
        assert all(chord.fits(pitch) and pitch % OCTAVE not in chord.avoid for pitch in voicing)
    assert voicings_of(chord)


@pytest.mark.parametrize("symbol", ["Cm7", "Cmaj7", "C7", "C6", "C13b9", "C7sus", "CmMaj7"])
def test_the_root_is_left_to_the_bass_but_where_that_has_another_note(symbol: str) -> None:
    assert all(pitch % OCTAVE for voicing in voicings_of(read_symbol(symbol)) for pitch in voicing)
    assert any(pitch % OCTAVE == 0 for pitch in best(f"{symbol}/D"))


@pytest.mark.parametrize(
    ("symbol", "named"),
    [
        ("C7b9", "b9"), ("C7#9", "#9"), ("C13b9", "b9 13"), ("C7#11", "#11"), ("Cm11", "11"),
        ("C7b9#11", "b9 #11"), ("Cmadd9", "9"), ("Cmaj13", "9 13"), ("C7b5#9", "#11 #9"),
    ],
)  # fmt: skip
def test_what_a_symbol_names_is_heard(symbol: str, named: str) -> None:
    assert set(semitones(named)) <= {pitch % OCTAVE for pitch in best(symbol)}


@pytest.mark.parametrize("root", FLATS)
@pytest.mark.parametrize("quality", ["m7b5", "m9b5", "m11b5"])
def test_a_half_diminished_chord_has_its_fifth_whatever_else_it_is_to_have(root: str, quality: str) -> None:
    chord = read_symbol(root + quality)
    wanted = (chord.root + 6) % 12
    assert all(wanted in {pitch % 12 for pitch in voicing} for voicing in Voicings().near(chord))


def test_two_five_one_is_led_by_steps_in_every_key() -> None:
    for up in range(OCTAVE):
        voicings, before = Voicings(), tuple[int, ...]()
        for symbol in ("Dm7", "G7", "Cmaj7"):
            voicing = voicings.near(read_symbol(symbol).transposed(up), before)[0]
            if before:
                assert movement(before, voicing) <= 4
                assert abs(voicing[-1] - before[-1]) <= 2
            before = voicing


def test_common_tones_stay() -> None:
    assert best("G7", (53, 57, 60, 64)) == (53, 57, 59, 64)  # F A C E: one note of Dm7 moves, C to B
    assert best("Dm7", (53, 57, 60, 64)) == (53, 57, 60, 64)


def test_the_best_comes_first_and_the_others_are_hardly_worse() -> None:
    before = (53, 57, 60, 64)
    near = Voicings().near(read_symbol("G7alt"), before)
    assert len(set(near)) == len(near) > 1
    assert max(movement(before, voicing) for voicing in near) <= movement(before, near[0]) + 4


def test_a_chord_that_stays_gets_another_top() -> None:
    chord = read_symbol("Dm7")
    before = best("Dm7")
    tops = {voicing[-1] for voicing in Voicings().apart(chord, before)}
    assert tops
    assert before[-1] not in tops
    assert all(abs(top - before[-1]) <= 5 for top in tops)


def test_voices_of_another_number_move_to_the_nearest() -> None:
    assert movement((53, 57, 60, 64), (54, 60, 63)) == 1 + 0 + 1


def test_before_a_minor_chord_a_dominant_has_four_notes_and_a_flat_ninth() -> None:
    seventh, named = read_symbol("G7"), read_symbol("G13")
    assert leads_to_minor(seventh, read_symbol("Cm7"))
    assert not leads_to_minor(seventh, read_symbol("Cmaj7"))
    assert not leads_to_minor(seventh, read_symbol("Dm7"))
    assert not leads_to_minor(read_symbol("Gm7"), read_symbol("Cm7"))
    assert {pitch % OCTAVE for pitch in voicings_of(darkened(seventh))[0]} == {11, 2, 5, 8}
    assert {4, 9} <= {pitch % OCTAVE for pitch in voicings_of(darkened(named))[0]}


@pytest.mark.parametrize(
    ("symbol", "degrees"),
    [
        ("C7", "3 5 b7 b9"),
        ("C7#5", "3 b13 b7 b9"),
        ("C7#9", "3 5 b7 #9"),
        ("C9", "3 5 b7 9"),
        ("C7b9", "3 5 b7 b9"),
    ],
)
def test_a_dominant_leads_to_minor_in_every_key_with_the_ninth_that_its_symbol_says(
    symbol: str, degrees: str
) -> None:
    for up in range(OCTAVE):
        chord, after = read_symbol(symbol).transposed(up), read_symbol("Fm7").transposed(up)
        found = {(pitch - chord.root) % OCTAVE for pitch in voicings_of(voiced(chord, after))[0]}
        assert found == set(semitones(degrees))


def test_both_forms_of_a_dominant_before_minor_are_there() -> None:
    chord = voiced(read_symbol("C7"), read_symbol("Fm7"))
    forms = {tuple(pitch % OCTAVE for pitch in voicing) for voicing in voicings_of(chord)}
    assert {tuple(semitones("3 5 b7 b9")), tuple(semitones("b7 b9 3 5"))} <= forms
