"""Calls of soloists, what answers are measured by, and the temperature that follows from it."""

from collections.abc import Iterator, Sequence
from itertools import cycle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.requests import PrimerRhythm
from psc2.models.bundles.bundle import Bundle, read_bundle
from psc2.models.bundles.checkpoint import Tensor
from psc2.models.rnn import primers
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.training import continuation
from psc2.training.continuation import (
    ANSWER_NOTES,
    CALL_NOTES,
    COPIED,
    MEASURES,
    Call,
    StudyRow,
    calls_of,
    choose_temperature,
    distance,
    means_of,
    measure,
    request_of,
    spread_of,
    study,
    table,
)
from psc2.training.copies import interval_patterns
from psc2.training.datasets import Piece
from psc2.training.statistics import notes_of
from tests.models.bundles.examples import written

SCALE = [60, 62, 64, 65, 67, 69, 71, 72]
MELODY = read_bundle(written("attention_rnn"))
SPAN = CALL_NOTES + ANSWER_NOTES


class ScriptedRnn:
    """A model that goes on with the same events for ever, the hotter the higher."""

    def __init__(self, events: Sequence[int], silent_below: float = 0.0) -> None:
        self.bundle: Bundle = MELODY
        self._events, self._silent_below = events, silent_below

    def continuation(self, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
        silent = temperature < self._silent_below
        return cycle([NO_EVENT] if silent else [e + round(10 * temperature) for e in self._events])

    def softmaxes(self, events: Sequence[int]) -> Tensor:
        raise AssertionError("nobody asks for it")

    def log_likelihood(self, events: Sequence[int]) -> float:
        raise AssertionError("nobody asks for it")


def solo(name: str, pitches: Sequence[int]) -> Piece:
    return Piece(name, [event for pitch in pitches for event in (pitch, NO_EVENT)])


def row(rhythm: PrimerRhythm, temperature: float, distance: float, answered: float = 1.0) -> StudyRow:
    return StudyRow(rhythm, temperature, answered, {}, distance)


# --- calls ----------------------------------------------------------------------------


def test_calls_follow_one_another_each_with_what_the_soloist_played_next() -> None:
    pitches = [40 + number for number in range(2 * SPAN + 5)]
    calls = calls_of([solo("a", pitches), solo("short", pitches[: SPAN - 1])])
    assert [call.solo for call in calls] == ["a", "a"]
    assert [[note.pitch for note in call.notes] for call in calls] == [
        pitches[:CALL_NOTES],
        pitches[SPAN : SPAN + CALL_NOTES],
    ]
    assert [list(call.next_pitches) for call in calls] == [
        pitches[CALL_NOTES:SPAN],
        pitches[SPAN + CALL_NOTES : 2 * SPAN],
    ]


def test_a_call_is_heard_as_flat_16ths_or_in_its_own_place_and_rhythm() -> None:
    played = [NO_EVENT] * 18 + [60, NO_EVENT, NOTE_OFF, 62, 64, NO_EVENT]
    call = Call("a", tuple(notes_of(played)), ())
    even = primers.melody_events(request_of(call, PrimerRhythm.EVEN, 1.0, 0))
    in_rhythm = primers.melody_events(request_of(call, PrimerRhythm.PLAYED, 1.0, 0))
    assert even == [60, 62, 64]
    assert in_rhythm == [NO_EVENT, NO_EVENT, 60, NO_EVENT, NOTE_OFF, 62, 64]


# --- measures -------------------------------------------------------------------------


def test_measures_of_an_answer_that_repeats_the_call() -> None:
    found = measure(SCALE, SCALE, set())
    assert found == {
        "in the call's key": 1.0,
        "pitch classes of the call": 1.0,
        "within the call's range ± a fifth": 1.0,
        "away from the call's mean, semitones": 0.0,
        "mean interval, semitones": (12 + 12) / 8,
        "leaps of more than an octave": 0.0,
        "repeated notes": 0.0,
        "different pitches of 20": 8.0,
        "four notes as in the call": 1.0,
        COPIED: 0.0,
    }


def test_measures_of_an_answer_far_away() -> None:
    found = measure([60, 62, 64, 65, 67, 69, 71], [90, 90, 61, 80], set())
    assert found["in the call's key"] == 0
    assert found["pitch classes of the call"] == 0
    assert found["within the call's range ± a fifth"] == 0.25
    assert found["mean interval, semitones"] == (19 + 0 + 29 + 19) / 4
    assert found["leaps of more than an octave"] == 0.75
    assert found["repeated notes"] == 0.25
    assert found["different pitches of 20"] == 3
    assert found["four notes as in the call"] == 0


def test_where_several_keys_fit_the_call_all_of_them_count() -> None:
    assert continuation.in_key([60], [61]) == pytest.approx(2 / 7)  # of C's keys, Ab and Db have a Db
    assert continuation.in_key([60, 62, 64, 65, 67, 69], [70]) == 0.5  # F major has a Bb, C major none


@given(st.integers(-20, 20))
def test_a_phrase_of_the_training_split_is_a_copy_in_any_key(amount: int) -> None:
    known = set(interval_patterns(SCALE, 8))
    assert measure([60], [pitch + amount for pitch in SCALE], known)[COPIED] == 1
    assert measure([60], SCALE[::-1], known)[COPIED] == 0


def test_the_spread_is_that_of_the_solos_and_not_of_their_calls() -> None:
    calls = [Call("a", (), ()), Call("a", (), ()), Call("b", (), ())]
    measured = [dict.fromkeys((*MEASURES, COPIED), value) for value in (1.0, 3.0, 4.0)]
    assert set(spread_of(calls, measured).values()) == {1.0}
    assert set(means_of(measured).values()) == {8 / 3}


def test_a_distance_is_counted_in_spreads() -> None:
    own, spread = {"a": 1.0, "b": 10.0}, {"a": 0.5, "b": 2.0}
    assert distance(own, own, spread) == 0
    assert distance({"a": 1.5, "b": 8.0}, own, spread) == 1
    assert distance({"a": 5.0, "b": 12.0}, own, {"a": 0.0, "b": 2.0}) == 1  # in a all solos are the same


# --- the study ------------------------------------------------------------------------


def test_a_model_is_asked_at_every_temperature_in_both_rhythms() -> None:
    solos = [solo("a", SCALE * 10), solo("b", SCALE[::-1] * 10)]
    found = study(ScriptedRnn([52, 54], silent_below=0.8), solos, solos[:1], temperatures=(0.5, 1.0))
    assert found.calls == 4
    assert [(row.rhythm, row.temperature, row.answered) for row in found.rows] == [
        (PrimerRhythm.EVEN, 0.5, 0.0),
        (PrimerRhythm.EVEN, 1.0, 1.0),
        (PrimerRhythm.PLAYED, 0.5, 0.0),
        (PrimerRhythm.PLAYED, 1.0, 1.0),
    ]
    assert found.rows[1].means["different pitches of 20"] == 2
    assert found.soloists["different pitches of 20"] == 8
    assert found.soloists[COPIED] == pytest.approx(0.5)  # b is not in the training split
    lines = table(found).splitlines()
    assert len(lines) == 4 + len(found.rows)
    assert {line.count("|") for line in lines} == {lines[0].count("|")}


def test_solos_too_short_for_a_call_are_no_calls() -> None:
    found = study(ScriptedRnn([52, 54]), [solo("short", SCALE)], [], temperatures=(1.0,))
    assert (found.calls, {row.answered for row in found.rows}) == (0, {0.0})
    assert set(found.soloists.values()) == set(found.spread.values()) == {0.0}


def test_the_temperature_with_the_nearest_answers_in_both_rhythms_is_chosen() -> None:
    even = [
        row(PrimerRhythm.EVEN, 0.8, 0.1),
        row(PrimerRhythm.EVEN, 1.0, 0.3),
        row(PrimerRhythm.EVEN, 1.2, 0.3),
    ]
    played = [row(PrimerRhythm.PLAYED, 0.8, 0.9), row(PrimerRhythm.PLAYED, 1.0, 0.4)]
    assert choose_temperature(even) == 0.8
    assert choose_temperature([*even[:2], *played]) == 1.0
    assert choose_temperature(even[1:]) == 1.0


def test_a_temperature_at_which_the_model_stays_silent_is_not_chosen() -> None:
    rows = [row(PrimerRhythm.EVEN, 0.5, 0.1, answered=0.5), row(PrimerRhythm.EVEN, 1.0, 0.9, answered=0.97)]
    assert choose_temperature(rows) == 1.0
    assert choose_temperature(rows[:1]) == 0.5
