"""The machine's pitches, drawn one by one when their keys go down."""

from __future__ import annotations

from itertools import repeat
from math import inf

import pytest

from psc2.core.effects import NoteOn
from psc2.core.pitch_row import DISTANCES, PITCHES, PitchRow, row_of
from psc2.core.requests import MelodyRequest, PitchRequest, SoloNote
from psc2.core.state import Phase
from psc2.testing import Behaviour, Rehearsal, Sent, key, press, sounds

NOTE_BY_NOTE = {"model": "markov", "generation": "note", "takeover": "now", "handback": "now"}


class Weigher:
    """Weighs every pitch class that is given as the same, in all octaves; keeps the requests."""

    def __init__(self, *classes: int) -> None:
        self.row = row_of([0.0 if pitch % 12 in classes else -inf for pitch in range(PITCHES)])
        self.requests: list[PitchRequest] = []

    def continue_melody(self, request: MelodyRequest) -> list[int]:
        return [100] * request.num_pitches

    def weigh(self, request: PitchRequest) -> list[PitchRow]:
        self.requests.append(request)
        return [self.row] * len(DISTANCES)


def rehearsal(model: Weigher, delay_s: float = 0.002, **improv: object) -> Rehearsal:
    given = {**NOTE_BY_NOTE, "min_primer_length": 3, "max_robot_length": 4, **improv}
    behaviours = repeat(Behaviour(delay_s))
    return Rehearsal(model, improv=given, behaviours=behaviours)


def leads(sent: list[Sent]) -> list[int]:
    return [effect.pitch for _, effect in sounds(sent, NoteOn) if isinstance(effect, NoteOn)]


def test_the_call_is_heard_note_by_note_and_each_answer_is_drawn_near_its_key() -> None:
    model = Weigher(1)
    plays = rehearsal(model)
    keys = [event for number, pitch in enumerate((60, 62, 64, 65, 77, 53, 60)) for event in
            key(1 + 0.3 * number, pitch, 0.2)]  # fmt: skip
    sent = plays.play([press(0.0, "improv"), *keys], until=5.0)
    assert leads(sent) == [60, 62, 64, 61, 73, 49, 61]
    assert [len(request.notes) for request in model.requests] == [1] * 7
    assert [request.first for request in model.requests] == [*range(7)]
    assert plays.state.improv.phase is Phase.LISTENING
    assert plays.state.improv.stale == 0
    assert [note.pitch for request in model.requests for note in request.notes] == leads(sent)


def test_what_comes_while_the_model_is_busy_is_told_with_the_next_request() -> None:
    model = Weigher(1)
    plays = rehearsal(model, delay_s=0.25, min_primer_length=20)
    keys = [event for number in range(4) for event in key(1 + 0.1 * number, 60 + number, 0.05)]
    plays.play([press(0.0, "improv"), *keys], until=3.0)
    assert [[note.pitch for note in request.notes] for request in model.requests] == [[60], [61, 62], [63]]
    assert [request.first for request in model.requests] == [0, 1, 3]


def test_a_note_before_its_weights_takes_those_of_the_note_before() -> None:
    model = Weigher(1)
    plays = rehearsal(model, delay_s=0.25)
    keys = [event for number, at in enumerate((1, 1.3, 1.6, 2, 2.1, 2.2)) for event in key(at, 60, 0.05)]
    sent = plays.play([press(0.0, "improv"), *keys], until=3.0)
    assert leads(sent) == [60, 60, 60, 61, 61, 61]  # …, the third only as nothing else is left
    assert plays.state.improv.stale == 2


def test_without_any_weights_the_hands_keep_their_own_pitches() -> None:
    plays = rehearsal(Weigher(1), min_primer_length=2)
    plays._behaviours = repeat(Behaviour(0.002, fails=True))
    keys = [event for number in range(5) for event in key(1 + 0.3 * number, 60 + number, 0.05)]
    sent = plays.play([press(0.0, "improv"), *keys], until=4.0)
    assert leads(sent) == [60, 61, 62, 63, 64]
    assert plays.state.improv.phase is Phase.LISTENING
    assert plays.state.improv.trouble == "not today"


def test_steps_and_bars_are_the_loops_and_lengths_are_known_with_the_next_note() -> None:
    model = Weigher(1)
    plays = rehearsal(model, min_primer_length=20)
    start = plays.start()
    step_s = 0.125
    keys = [*key(start + 20 * step_s, 60, 3 * step_s), *key(start + 26 * step_s, 62, 0.1)]
    plays.play([press(start, "improv"), *keys], until=start + 5.0)
    first, second = model.requests
    assert (first.notes, second.notes) == ((SoloNote(60, 20, 0),), (SoloNote(62, 26, 3),))
    assert (first.bar_line, second.bar_line) == (16, 16)


@pytest.mark.parametrize(("harmony", "wanted"), [("off", {1, 4}), ("strong", {4}), ("all", {4})])
def test_what_clashes_with_the_chord_is_not_drawn_where_that_is_not_wanted(
    harmony: str, wanted: set[int]
) -> None:
    model = Weigher(1, 4)  # C sharp and E
    given = {"min_primer_length": 1, "max_robot_length": 40, "harmony": harmony, "candidates": 1}
    band = {"bass": "off", "comping": "off"}
    plays = Rehearsal(model, improv={**NOTE_BY_NOTE, **given}, music={"chart": "| C |"}, band=band)
    start = plays.start()
    keys = [event for number in range(40) for event in key(start + 1.0 * number, 60, 0.2)]
    sent = plays.play([press(start, "improv"), *keys], until=start + 40)
    assert {pitch % 12 for pitch in leads(sent)[1:]} == wanted


def test_the_solo_begins_anew_where_its_steps_do() -> None:
    model = Weigher(1)
    plays = rehearsal(model, min_primer_length=20)
    plays.play([press(0.0, "improv"), *key(0.5, 60), *key(1.0, 62)], until=1.5)
    plays.play([press(2.0, "play"), *key(3.0, 64)], until=3.5)
    assert [request.solo for request in model.requests] == [2, 2, 3]
    assert [request.first for request in model.requests] == [0, 1, 0]


def test_the_same_seed_draws_the_same_pitches() -> None:
    def heard(seed: int) -> list[int]:
        model = Weigher(0, 2, 4, 5, 7, 9, 11)
        given = {**NOTE_BY_NOTE, "min_primer_length": 1, "max_robot_length": 20}
        plays = Rehearsal(model, seed=seed, improv=given)
        keys = [event for number in range(16) for event in key(1 + 0.2 * number, 60, 0.1)]
        return leads(plays.play([press(0.0, "improv"), *keys], until=6.0))

    assert heard(1) == heard(1) != heard(2)
