"""Which candidate answers: each cost alone, and the cheapest of all."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from psc2.core.chart import PlacedChord
from psc2.core.harmony import NO_CHORD, Quality, chord_on
from psc2.core.meter import TimeSignature
from psc2.core.requests import ComingHarmony
from psc2.models import choice
from psc2.models.choice import Candidate, Cost, Heard
from tests.models.requests import melody_request, played_request

CALL = [60, 62, 64, 65, 67, 69, 71, 72]
C, FM7 = chord_on("C", Quality()), chord_on("F", Quality(3, 7, 10))


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


def over(*chords: PlacedChord, begin: int = 0, gap: int = 4, end: int | None = None) -> Heard:
    """A call of four notes so many steps apart, and an answer of four that begins over chords."""
    call = played_request([(float(gap * n), 1.0, pitch) for n, pitch in enumerate(CALL[:4])])
    harmony = ComingHarmony(begin, chords, TimeSignature(4, 4), (), end)
    return Heard(replace(call, num_pitches=4, harmony=harmony))


OVER_C = over(PlacedChord(0, C), begin=1)  # a quarter note apart: on beats 2, 3, 4 and 1


def test_a_line_rests_on_a_chord_tone() -> None:
    ends = [choice.restless(candidate(60, 60, 60, last), OVER_C) for last in (64, 62, 65, 66)]
    assert ends == [0.0, 0.5, 1.0, 1.0]  # a chord tone, the ninth, what is only passed through, what clashes


def test_strong_beats_are_for_chord_tones() -> None:
    assert choice.foreign(candidate(66, 60, 66, 64), OVER_C) == 0
    assert choice.foreign(candidate(60, 66, 60, 62), OVER_C) == 0.75


def test_each_note_is_heard_with_the_chord_that_it_falls_on() -> None:
    changing = over(PlacedChord(0, C), PlacedChord(16, FM7), begin=1)
    assert choice.foreign(candidate(60, 64, 60, 65), changing) == 0
    assert choice.foreign(candidate(60, 65, 60, 65), changing) == 0.5


def test_a_grouping_says_where_strong_beats_are() -> None:
    seven = ComingHarmony(1, (PlacedChord(0, C),), TimeSignature(7, 8), (2, 2, 3), None)
    request = replace(OVER_C.request, harmony=seven)  # notes on steps 4, 8, 12 and 16, a bar is 14 long
    assert choice.foreign(candidate(64, 64, 66, 66), Heard(request)) == 0
    assert choice.foreign(candidate(66, 66, 64, 64), Heard(request)) == 1


def test_a_note_that_may_fall_on_a_strong_beat_costs_as_much_as_that_is_likely() -> None:
    call = played_request([(0.0, 1.0, 60), (1.0, 1.0, 62), (3.0, 1.0, 64)])  # gaps of one and two steps
    harmony = ComingHarmony(7, (PlacedChord(0, C),), TimeSignature(4, 4), (), None)
    heard = Heard(
        replace(call, num_pitches=2, harmony=harmony)
    )  # the first on step 7 or 8, the second 8 to 10
    assert choice.foreign(candidate(66, 60), heard) == pytest.approx(0.5 / 0.75)
    assert choice.foreign(candidate(60, 66), heard) == pytest.approx(0.25 / 0.75)


def test_the_pitch_that_is_the_last_before_the_turns_end_is_to_rest() -> None:
    ending = over(PlacedChord(0, C), begin=1, end=12)  # the second note, on beat 3, is the last but one
    assert choice.restless(candidate(66, 66, 64, 66), over(PlacedChord(0, C), begin=1, end=14)) == 0
    assert choice.restless(candidate(64, 66, 64, 64), ending) == 1
    assert choice.restless(candidate(66, 66, 66, 66), over(PlacedChord(0, C), begin=1, end=64)) == 0


def test_what_the_machine_plays_itself_has_its_own_steps() -> None:
    line = Candidate((66, 64, 66, 62), -2.0, onsets=(5, 8, 10, 16))  # on steps 1, 4, 6 and 12 after a beat
    begins_late = over(PlacedChord(0, C), begin=4)  # so they are on 5, 8, 10 and 16
    assert choice.foreign(line, begins_late) == 0.25
    assert choice.restless(line, begins_late) == 0.5
    assert choice.restless(line, over(PlacedChord(0, C), begin=4, end=16)) == 1.0
    assert choice.restless(line, over(PlacedChord(0, C), begin=4, end=64)) == 0.0


def test_where_no_chord_is_known_nothing_is_asked_of_the_pitches() -> None:
    for without in (heard(), over(PlacedChord(0, NO_CHORD))):
        for one in (candidate(61, 66), Candidate((61, 66), -2.0, onsets=(0, 8)), candidate()):
            assert choice.restless(one, without) == choice.foreign(one, without) == 0


def test_the_cheapest_answers_and_of_several_the_first() -> None:
    repeating, quoting = candidate(71, 67, 67, 67, 65, 64), candidate(*CALL[:6])
    assert choice.cheapest([repeating, quoting, FINE, FINE], heard()) == 2
    assert choice.cheapest([repeating, quoting], heard()) == 0


def test_the_first_that_costs_nothing_is_taken_whatever_the_later_ones_become() -> None:
    assert choice.settled([2.0, 0.0, None]) == 1
    assert choice.settled([2.0, None, 0.0]) is None
    assert choice.settled([2.0, 1.0]) is None


def test_a_whole_answer_is_preferred_to_any_that_falls_silent() -> None:
    assert choice.cheapest([candidate(71, 67), candidate(*[30] * 6)], heard()) == 1


def test_a_call_of_one_note_is_followed_too() -> None:
    assert choice.cost(candidate(60, 62, 64, 65, 67, 60), heard([60])) == 0
    harmony = ComingHarmony(0, (PlacedChord(0, C),), TimeSignature(4, 4), (), None)
    assert choice.cost(candidate(60), Heard(replace(melody_request([60], 1), harmony=harmony))) == 0
