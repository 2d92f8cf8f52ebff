"""Which candidate answers: each cost alone, and the cheapest of all."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from psc2.models import choice
from psc2.models.choice import Candidate, ChordUnder, Cost, Heard
from tests.models.requests import melody_request, played_request

CALL = [60, 62, 64, 65, 67, 69, 71, 72]
C, F = frozenset({0, 4, 7}), frozenset({5, 9, 0})
C_MAJOR = frozenset({0, 2, 4, 5, 7, 9, 11})


def heard(call: Sequence[int] = CALL, num_pitches: int = 6, last_answer: tuple[int, ...] = ()) -> Heard:
    return Heard(replace(melody_request(call, num_pitches), last_answer=last_answer))


def candidate(*pitches: int) -> Candidate:
    return Candidate(pitches, -2.0)


FINE = candidate(71, 67, 69, 65, 67, 64)


def test_a_plain_answer_costs_nothing() -> None:
    assert choice.cost(FINE, heard()) == 0


@pytest.mark.parametrize(
    ("of", "pitches", "expected"),
    [
        (choice.missing, (71, 67, 69), 0.5),
        (choice.missing, (), 1.0),
        (choice.repeated, (71, 67, 67, 67, 67, 64), 2.0),
        (choice.repeated, (72, 72, 71, 72), 1.0),  # with the call's last pitch
        (choice.repeated, (67, 67, 64, 64, 67, 67), 0.0),
        (choice.quoted, (61, 63, 65, 66, 68, 70), 1.0),  # the call's first six notes, a semitone higher
        (choice.quoted, (61, 63, 65, 66, 68, 69), 0.0),
        (choice.leap, (84, 72), 5 / 12),
        (choice.leap, (65, 84), 0.0),
        (choice.leap, (), 0.0),
        (choice.astray, (52, 53, 79, 80), 0.5),
        (choice.astray, (), 0.0),
    ],
)
def test_what_costs_something(of: Cost, pitches: tuple[int, ...], expected: float) -> None:
    assert of(candidate(*pitches), heard()) == pytest.approx(expected)


def test_the_answer_before_is_not_played_once_more_in_any_key() -> None:
    before = (72, 69, 65, 62, 64, 60)
    again = candidate(*(pitch + 3 for pitch in before))
    assert choice.quoted(again, heard(last_answer=before)) == 1
    assert choice.quoted(again, heard()) == 0


def over(*chords: ChordUnder) -> Heard:
    """A call of four notes a quarter note apart, half a second, over chords."""
    return Heard(played_request([(4.0 * n, 4.0, pitch) for n, pitch in enumerate(CALL[:4])]), chords)


OVER_C = over(ChordUnder(-1.0, C, C_MAJOR))


def test_a_line_rests_on_a_chord_tone() -> None:
    assert [choice.restless(candidate(60, last), OVER_C) for last in (64, 65, 66)] == [0.0, 0.5, 1.0]


def test_strong_beats_are_for_chord_tones() -> None:
    """At 120 qpm four notes of the call's density are four beats: the first and the third are strong."""
    assert choice.foreign(candidate(60, 66, 64, 66), OVER_C) == 0
    assert choice.foreign(candidate(62, 60, 66, 60), OVER_C) == 0.75


def test_the_first_note_of_a_chord_is_strong() -> None:
    changing = over(ChordUnder(0.0, C, C_MAJOR), ChordUnder(0.5, F, C_MAJOR))
    strong = [is_strong for is_strong, _ in choice.over_chords(candidate(60, 65, 64, 62), changing)]
    assert strong == [True, True, False, True]
    assert choice.foreign(candidate(60, 64), changing) == 0.25


def test_where_no_chord_is_known_nothing_is_asked_of_the_pitches() -> None:
    later = over(ChordUnder(60.0, C, C_MAJOR))
    none = over(ChordUnder(0.0, frozenset(), frozenset()))
    for without in (heard(), later, none):
        assert choice.restless(candidate(61, 66), without) == choice.foreign(candidate(61, 66), without) == 0


def test_the_cheapest_answers_and_of_several_the_first() -> None:
    repeating, quoting = candidate(71, 67, 67, 67, 65, 64), candidate(*CALL[:6])
    assert choice.cheapest([repeating, quoting, FINE, FINE], heard()) == 2
    assert choice.cheapest([repeating, quoting], heard()) == 0


def test_the_first_that_costs_nothing_is_taken_whatever_the_later_ones_become() -> None:
    quoting = candidate(*CALL[:6])
    assert choice.settled([quoting, FINE, None], heard()) == 1
    assert choice.settled([quoting, None, FINE], heard()) is None
    assert choice.settled([quoting, quoting], heard()) is None


def test_a_whole_answer_is_preferred_to_any_that_falls_silent() -> None:
    assert choice.cheapest([candidate(71, 67), candidate(*[30] * 6)], heard()) == 1


def test_a_call_of_one_note_is_followed_too() -> None:
    assert choice.cost(candidate(60, 62, 64, 65, 67, 60), heard([60])) == 0
    chords = (ChordUnder(0.0, C, C_MAJOR),)
    assert choice.cost(candidate(60), Heard(melody_request([60], 1), chords)) == 0
