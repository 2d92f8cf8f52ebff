"""Music written as text."""

from fractions import Fraction

import pytest

from psc2.scores.notation import ACCENT, DYNAMICS, WrittenChord, pitch_of, read_line


def line(text: str, first_step: int = 0) -> list[tuple[float, float, tuple[int, ...]]]:
    chords = read_line(text, {"x": "A4"}, Fraction(first_step), steps_per_bar=16)
    return [(float(chord.onset), float(chord.length), chord.pitches) for chord in chords]


def only(text: str) -> WrittenChord:
    (chord,) = read_line(text, {}, Fraction(0), steps_per_bar=16)
    return chord


def test_a_note_keeps_the_value_of_the_one_before() -> None:
    assert line("C4/8 D4 E4/16") == [(0, 2, (60,)), (2, 2, (62,)), (4, 1, (64,))]


def test_a_dot_makes_a_value_half_as_long_again() -> None:
    assert line("C4/4. D4/8") == [(0, 6, (60,)), (6, 2, (62,))]


def test_three_triplet_8ths_fill_a_quarter_exactly() -> None:
    assert line("C4/12 D4 E4 C4/4")[-1] == (4, 4, (60,))


def test_a_rest_takes_time_and_sounds_nothing() -> None:
    assert line("r/8 C4") == [(2, 2, (60,))]


def test_notes_joined_by_plus_go_down_together() -> None:
    assert line("C4+Eb4+G4/2") == [(0, 8, (60, 63, 67))]


def test_a_tie_prolongs_a_note_over_the_bar_line() -> None:
    assert line("r/2. C4/4~ | C4/8 D4") == [(12, 6, (60,)), (18, 2, (62,))]


def test_a_new_line_is_a_bar_line_as_well() -> None:
    assert line("C4/1\nD4/1") == line("C4/1 | D4/1")


def test_a_line_that_begins_within_a_bar_fills_that_bar_first() -> None:
    assert line("C4/4 | D4/1", first_step=12) == [(12, 4, (60,)), (16, 16, (62,))]


def test_a_voicing_stands_for_its_notes() -> None:
    assert line("x/4") == [(0, 4, (69,))]


def test_a_dynamic_holds_and_an_accent_is_for_one_note() -> None:
    chords = read_line("f C4/4> C4", {}, Fraction(0), steps_per_bar=16)
    assert [chord.velocity for chord in chords] == [DYNAMICS["f"] + ACCENT, DYNAMICS["f"]]


def test_an_apostrophe_is_short() -> None:
    assert only("C4/4'").staccato


@pytest.mark.parametrize("name", ["H4", "C", "c4", "C##4", "C10", "G#9", "Cb-1"])
def test_what_is_no_note_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected a note such as Bb3"):
        pitch_of(name)
