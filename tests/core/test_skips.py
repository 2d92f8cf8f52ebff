"""Short notes between those of a bassline."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.skips import BassNote, with_pushes, with_skips
from psc2.scores.chord_symbols import read_symbol

DM7, G7 = read_symbol("Dm7"), read_symbol("G7")


def line(pitches: list[int], length: int) -> list[BassNote]:
    """Notes of one length, a bar of Dm7 and bars of G7."""
    return [
        BassNote(length * number, length * (number + 1), pitch, DM7 if length * number < 16 else G7)
        for number, pitch in enumerate(pitches)
    ]


def added(pitches: list[int], length: int, in_two: bool) -> set[tuple[int, int, int]]:
    """Where short notes come in any of many choruses, how long they are, and their pitches."""
    notes = line(pitches, length)
    begun = {note.step for note in notes}
    return {
        (note.step, note.end - note.step, note.pitch)
        for seed in range(400)
        for note in with_skips(notes, Random(seed), 16, in_two)
        if note.step not in begun
    }


def test_a_short_note_of_a_walking_line_is_an_8th_that_echoes_or_leads_on() -> None:
    assert added([38, 41], 4, in_two=False) == {(2, 2, 38), (2, 2, 40)}


def test_before_another_chord_it_may_be_strange() -> None:
    assert (14, 2, 42) in added([38, 40, 41, 40, 43], 4, in_two=False)
    assert (2, 2, 42) not in added([38, 43], 4, in_two=False)


def test_a_pitch_does_not_sound_three_times_in_a_row() -> None:
    assert added([38, 38, 41], 4, in_two=False) == {(6, 2, 40)}
    assert added([41, 38, 38], 4, in_two=False) == {(2, 2, 40), (2, 2, 41)}


def test_half_notes_lead_on_by_an_8th_or_a_quarter_before_a_bar_line_alone() -> None:
    found = added([38, 45, 43], 8, in_two=True)
    assert {(step, length) for step, length, _ in found} == {(14, 2), (12, 4)}


def test_the_last_note_is_left_alone() -> None:
    assert added([38], 4, in_two=False) == set()
    assert with_skips([], Random(1), 16, in_two=False) == []


@pytest.mark.parametrize("in_two", [False, True])
@given(st.lists(st.integers(28, 55), min_size=2, max_size=12), st.integers(0, 99))
def test_the_time_of_the_line_stays_filled(in_two: bool, pitches: list[int], seed: int) -> None:
    notes = line(pitches, 8 if in_two else 4)
    longer = with_skips(notes, Random(seed), 16, in_two)
    assert [note.pitch for note in longer if note.step in {note.step for note in notes}] == pitches
    assert all(note.end == after.step for note, after in pairwise(longer))
    assert longer[-1].end == notes[-1].end


def test_half_notes_of_a_bossa_lead_on_by_an_8th_that_has_the_next_pitch() -> None:
    notes = line([38, 45, 38, 43], 8)
    pushed = {
        tuple((note.step, note.pitch) for note in with_pushes(notes, Random(seed), 0)) for seed in range(40)
    }
    full = ((0, 38), (6, 45), (8, 45), (14, 38), (16, 38), (22, 43), (24, 43), (30, 48))
    assert full in pushed
    assert len(pushed) > 1  # one in ten is left out
    assert all(set(found) <= set(full) for found in pushed)


def test_a_root_that_is_struck_again_has_the_fifth_between() -> None:
    found = with_pushes(line([38, 38, 45], 8), Random(1), None)
    assert [(note.step, note.pitch) for note in found if note.step < 16] == [
        (0, 38),
        (6, 33),
        (8, 38),
        (14, 45),
    ]


def test_where_it_is_fast_an_8th_is_too_short() -> None:
    for in_two, length in ((False, 4), (True, 8)):
        notes = line([38, 41, 45, 38], length)
        assert all(
            note.end - note.step >= 4
            for seed in range(100)
            for note in with_skips(notes, Random(seed), 16, in_two, is_fast=True)
        )
