"""Call and response. The fake model answers 72, 74, 76 after 0.2 s; four notes make a call."""

from itertools import repeat

import pytest

from psc2.core.effects import Cancel, NoteOff, NoteOn
from psc2.core.events import Cancelled, Event, KeyDown, MelodyReady, ModelFailed, Press
from psc2.core.improv import TRANSITIONS, Cue
from psc2.core.instruments import Instrument, Layer
from psc2.core.requests import MelodyRequest, Model, PrimerRhythm
from psc2.core.rules import react
from psc2.core.state import Phase
from psc2.daemon import initial_state
from psc2.settings.config import load_config
from psc2.testing import Behaviour, FakeMelody, Rehearsal, Sent, key, press, sounds

LEAD = Instrument.LEAD
PAPERS_TURNS = {"takeover": "now", "handback": "now"}  # whatever is being played


def improvising(
    model: FakeMelody | None = None, delay_s: float = 0.2, ignores_cancel: bool = False, candidates: int = 16
) -> Rehearsal:
    """A stopped loop in improv mode, at 0 s."""
    rehearsal = Rehearsal(
        model,
        behaviours=repeat(Behaviour(delay_s, ignores_cancel=ignores_cancel)),
        improv={
            "min_primer_length": 4,
            "max_robot_length": 3,
            "register": "off",
            "candidates": candidates,
            **PAPERS_TURNS,
        },
    )
    rehearsal.play([press(0.0, "improv")], until=0.0)
    return rehearsal


def waiting(ignores_cancel: bool = False) -> Rehearsal:
    """At 0.9 s, 0.1 s after the machine has been asked; it would answer at 2.8 s."""
    rehearsal = improvising(delay_s=2.0, ignores_cancel=ignores_cancel)
    rehearsal.play(keys(*CALL), until=0.9)
    return rehearsal


def keys(*pitches: int, first: float = 0.5, every: float = 0.1) -> list[Event]:
    return [
        event for index, pitch in enumerate(pitches)
        for event in key(first + index * every, pitch, duration_s=0.05, velocity=60 + index)
    ]  # fmt: skip


def request_id(rehearsal: Rehearsal) -> int | None:
    """Of the request that the melody model works on."""
    request = rehearsal.state.improv.job.request
    return None if request is None else request.request_id


def published(rehearsal: Rehearsal) -> tuple[int, int]:
    """How many pitches have been the model's own, and how many its stand-in's."""
    improv = rehearsal.engine.snapshot().improv
    return improv.from_model, improv.from_stand_in


def heard(sent: list[Sent]) -> list[int]:
    return [effect.pitch for _, effect in sounds(sent, NoteOn) if isinstance(effect, NoteOn)]


CALL = (60, 62, 64, 65)


def test_every_transition_leads_somewhere_and_leaving_is_always_possible() -> None:
    assert {phase for phase, _ in TRANSITIONS} == set(Phase)
    for phase in set(Phase) - {Phase.IDLE}:
        assert TRANSITIONS[phase, Cue.LEFT] is Phase.IDLE


def test_at_the_threshold_the_primer_is_taken_cleared_and_asked_for_once() -> None:
    model = FakeMelody(72, 74, 76)
    rehearsal = improvising(model)
    rehearsal.play(keys(*CALL), until=0.85)
    assert [note.pitch for note in model.requests[0].primer] == list(CALL)
    assert model.requests[0].num_pitches == 3
    assert rehearsal.state.accumulated_primer_melody == []
    assert rehearsal.state.improv.phase is Phase.WAITING


def test_the_call_carries_pitch_velocity_onset_and_duration() -> None:
    model = FakeMelody(72)
    improvising(model).play(keys(*CALL), until=1.0)
    primer = model.requests[0].primer
    assert [(note.pitch, note.velocity) for note in primer] == [(60, 60), (62, 61), (64, 62), (65, 63)]
    assert [note.onset_s for note in primer] == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert [note.duration_s for note in primer[:3]] == pytest.approx([0.05] * 3)
    assert primer[3].duration_s > 0  # its key is still held


def test_a_call_over_the_loop_knows_where_it_falls_in_the_bar() -> None:
    model = FakeMelody(72)
    rehearsal = improvising(model)
    start = rehearsal.start(at=0.0)
    rehearsal.play(keys(*CALL, first=start + 2.0 + 3.5 * 0.125), until=4.0)
    assert model.requests[0].upbeat_steps == pytest.approx(3.5)
    assert model.requests[0].qpm == 120.0


def test_notes_are_replaced_pitch_by_pitch_and_keep_rhythm_and_touch() -> None:
    rehearsal = improvising()
    sent = rehearsal.play(keys(*CALL) + keys(50, 51, 52, 53, first=1.2), until=2.0)
    assert sounds(sent, NoteOn, NoteOff)[8:] == [
        (1.2, NoteOn(LEAD, 72, 60)),
        (1.25, NoteOff(LEAD, 72)),
        (1.3, NoteOn(LEAD, 74, 61)),
        (1.35, NoteOff(LEAD, 74)),
        (1.4, NoteOn(LEAD, 76, 62)),
        (1.45, NoteOff(LEAD, 76)),
        (1.5, NoteOn(LEAD, 53, 63)),
        (1.55, NoteOff(LEAD, 53)),
    ]


def test_notes_while_the_machine_thinks_sound_as_played_and_are_not_kept() -> None:
    rehearsal = improvising(delay_s=1.0)
    sent = rehearsal.play(keys(*CALL) + keys(50, 51, first=1.0), until=1.5)
    assert heard(sent) == [*CALL, 50, 51]
    assert rehearsal.state.accumulated_primer_melody == []


def test_when_the_pitches_are_spent_listening_begins_again() -> None:
    model = FakeMelody(72, 74, 76)
    rehearsal = improvising(model)
    rehearsal.play(keys(*CALL) + keys(*(50,) * 7, first=1.2), until=3.0)
    assert [[note.pitch for note in request.primer] for request in model.requests] == [list(CALL), [50] * 4]


def test_with_candidates_a_request_says_what_was_answered_before() -> None:
    for candidates, before in ((16, (72, 74, 76)), (1, ())):
        model = FakeMelody(72, 74, 76)
        rehearsal = improvising(model, candidates=candidates)
        rehearsal.play(keys(*CALL) + keys(*(50,) * 7, first=1.2), until=3.0)
        found = [(request.candidates, request.last_answer) for request in model.requests]
        assert found == [(candidates, ()), (candidates, before)]


def test_only_one_request_is_in_flight() -> None:
    model = FakeMelody(72)
    rehearsal = improvising(model, delay_s=5.0)
    rehearsal.play(keys(*range(40, 80)), until=5.5)
    assert len(model.requests) == 1


def test_leaving_improv_discards_primer_request_and_pitches() -> None:
    model = FakeMelody(72, 74, 76)
    rehearsal = improvising(model)
    free = press(0.9, "free")
    sent = rehearsal.play([*keys(*CALL), free, *keys(50, 51, first=1.5)], until=2.0)
    assert heard(sent) == [*CALL, 50, 51]
    assert not rehearsal.state.generated_melody
    rehearsal.play([press(2.1, "improv"), *keys(60, 61, first=2.2)], until=2.5)
    assert [note.pitch for note in rehearsal.state.accumulated_primer_melody] == [60, 61]
    rehearsal.play([press(2.6, "record", Layer.BASS)], until=2.7)
    assert rehearsal.state.accumulated_primer_melody == []
    assert rehearsal.state.improv.phase is Phase.IDLE


def calls(rehearsal: Rehearsal) -> list[list[int]]:
    """The pitches of each call that the machine has been asked to answer."""
    asked = [request for request in rehearsal.requests if isinstance(request, MelodyRequest)]
    return [[note.pitch for note in request.primer] for request in asked]


def test_a_stale_answer_is_dropped_and_the_next_call_waits_for_the_model() -> None:
    rehearsal = waiting(ignores_cancel=True)
    again = [press(1.0, "free"), press(1.1, "improv")]
    rehearsal.play([*again, *keys(40, 41, 42, 43, 44, first=1.5)], until=2.7)
    assert calls(rehearsal) == [[*CALL]]
    assert rehearsal.state.improv.phase is Phase.LISTENING
    rehearsal.play([], until=2.9)
    assert not rehearsal.state.generated_melody
    assert calls(rehearsal) == [[*CALL], [40, 41, 42, 43, 44]]
    rehearsal.play([], until=4.9)
    assert list(rehearsal.state.generated_melody) == [72, 74, 76]


def test_a_model_that_gives_up_what_is_not_wanted_is_free_for_the_next_call() -> None:
    rehearsal = waiting()
    again = [press(1.0, "free"), press(1.1, "improv")]
    rehearsal.play([*again, *keys(40, 41, 42, 43, first=1.5)], until=1.9)
    assert (calls(rehearsal), rehearsal.cancelled) == ([[*CALL], [40, 41, 42, 43]], [1])
    rehearsal.play([], until=3.7)
    assert not rehearsal.state.generated_melody  # those of 2.8 s never came
    rehearsal.play([], until=3.9)
    assert list(rehearsal.state.generated_melody) == [72, 74, 76]


def out_of_improv(at: float) -> list[Press]:
    return [
        press(at, "free"),
        press(at, "improv"),
        press(at, "record", Layer.BASS),
        press(at, "record", Layer.CHORDS),
    ]


@pytest.mark.parametrize("button", range(4))
def test_leaving_while_the_machine_thinks_cancels_the_request_once(button: int) -> None:
    rehearsal = waiting()
    leaving = out_of_improv(1.0)
    assert react(rehearsal.state, leaving[button]) == [Cancel(Model.MELODY, 1)]
    assert request_id(rehearsal) == 1  # until its worker says otherwise
    assert [react(rehearsal.state, press) for press in leaving] == [[], [], [], []]
    assert react(rehearsal.state, Cancelled(1.1, 1)) == []
    assert request_id(rehearsal) is None


@pytest.mark.parametrize("button", range(4))
def test_leaving_while_listening_or_answering_has_nothing_to_cancel(button: int) -> None:
    listening, answering = improvising(), improvising()
    answering.play(keys(*CALL), until=1.5)
    for rehearsal, phase in ((listening, Phase.LISTENING), (answering, Phase.ANSWERING)):
        assert rehearsal.state.improv.phase is phase
        assert react(rehearsal.state, out_of_improv(1.5)[button]) == []


def test_a_call_that_was_full_before_the_model_was_free_is_asked_for_when_it_is() -> None:
    rehearsal = waiting(ignores_cancel=True)
    rehearsal.play([press(1.0, "improv"), *keys(*range(40, 45), first=1.1)], until=1.7)
    (request,) = react(rehearsal.state, Cancelled(1.8, 1))
    assert isinstance(request, MelodyRequest)
    assert ([note.pitch for note in request.primer], request.request_id) == ([40, 41, 42, 43, 44], 2)
    assert (request_id(rehearsal), rehearsal.state.improv.phase) == (2, Phase.WAITING)


def test_a_worker_that_gives_up_unasked_gives_the_player_back_their_own_pitches() -> None:
    rehearsal = waiting()
    rehearsal.play([Cancelled(1.0, 1)], until=1.0)
    assert (request_id(rehearsal), rehearsal.state.improv.phase) == (None, Phase.LISTENING)
    assert rehearsal.engine.snapshot().improv.trouble == ""


@pytest.mark.parametrize(
    "answer",
    [MelodyReady(0.9, 99, (1, 2), from_model=2, trouble="x"), ModelFailed(0.9, 99, "x"), Cancelled(0.9, 99)],
)
def test_an_answer_nobody_asked_for_changes_nothing(answer: Event) -> None:
    rehearsal = waiting()
    before = rehearsal.engine.snapshot()
    assert react(rehearsal.state, answer) == []
    assert rehearsal.engine.snapshot() == before
    assert (request_id(rehearsal), rehearsal.state.improv.phase) == (1, Phase.WAITING)


def test_pitches_are_counted_by_source_when_they_are_published() -> None:
    rehearsal = waiting()
    react(rehearsal.state, MelodyReady(1.0, 1, (72, 74, 40), from_model=2, trouble=""))
    assert list(rehearsal.state.generated_melody) == [72, 74, 40]
    assert published(rehearsal) == (2, 1)
    rehearsal.play(keys(50, 51, 52, *CALL, first=1.1), until=2.0)
    react(rehearsal.state, MelodyReady(2.0, 2, (41, 43), from_model=0, trouble="the model is late"))
    assert published(rehearsal) == (2, 3)


def test_pitches_that_nobody_waits_for_are_not_counted() -> None:
    rehearsal = waiting(ignores_cancel=True)
    rehearsal.play([press(1.0, "free")], until=3.0)
    assert request_id(rehearsal) is None
    assert published(rehearsal) == (0, 0)


def test_a_models_trouble_stays_until_it_answers_well_again() -> None:
    rehearsal = waiting()
    late = MelodyReady(1.0, 1, (40, 41), from_model=0, trouble="the melody model is late")
    react(rehearsal.state, late)
    assert rehearsal.state.improv.phase is Phase.ANSWERING
    assert rehearsal.engine.snapshot().improv.trouble == "the melody model is late"
    rehearsal.play(keys(50, 51, *CALL, first=1.1), until=1.9)
    assert rehearsal.engine.snapshot().improv.trouble == "the melody model is late"
    react(rehearsal.state, MelodyReady(2.0, 2, (72, 74), from_model=2, trouble=""))
    assert rehearsal.engine.snapshot().improv.trouble == ""


def test_the_request_carries_the_temperature_that_is_set_when_it_is_made() -> None:
    rehearsal = improvising()
    turn = press(0.75, "melody_temperature", value=2.0)
    later = press(0.85, "melody_temperature", value=0.1)
    rehearsal.play([*keys(*CALL), turn, later], until=1.0)
    (request,) = rehearsal.requests
    assert request.temperature == pytest.approx(2.0)


def test_the_first_temperatures_are_those_of_the_configuration() -> None:
    hot = {"improv": {"temperature": 1.25}, "drums": {"temperature": 0.75}}
    state = initial_state(load_config(None, hot), seed=0)
    assert (state.improv.temperature, state.beat_maker.temperature) == (1.25, 0.75)


@pytest.mark.parametrize("rhythm", PrimerRhythm)
def test_the_request_says_how_the_model_hears_the_call(rhythm: PrimerRhythm) -> None:
    model = FakeMelody(72)
    rehearsal = Rehearsal(model, improv={"min_primer_length": 1, "primer_rhythm": rhythm.value})
    rehearsal.play([press(0.0, "improv"), *key(0.1, 60)], until=0.2)
    assert [request.primer_rhythm for request in model.requests] == [rhythm]


def test_a_failed_model_gives_the_player_back_their_own_pitches() -> None:
    class Broken:
        def continue_melody(self, request: object) -> tuple[int, ...]:
            raise RuntimeError("out of tune")

    rehearsal = Rehearsal(Broken(), improv={"min_primer_length": 4})
    rehearsal.play([press(0.0, "improv")], until=0.0)
    sent = rehearsal.play(keys(*CALL) + keys(50, first=1.5), until=2.0)
    assert heard(sent) == [*CALL, 50]
    assert rehearsal.state.improv.phase is Phase.LISTENING
    assert "out of tune" in rehearsal.engine.snapshot().improv.trouble


def test_improv_works_the_same_while_the_loop_is_stopped_and_while_it_plays() -> None:
    played = keys(*CALL) + keys(50, 51, 52, 53, first=1.2)
    stopped, playing = improvising(), improvising()
    playing.start(at=0.0)
    assert sounds(stopped.play(played, 2.0), NoteOn, NoteOff) == sounds(
        playing.play(played, 2.0), NoteOn, NoteOff
    )


def test_pressing_improv_again_begins_the_call_afresh() -> None:
    rehearsal = improvising()
    rehearsal.play([*keys(60, 62), press(0.8, "improv")], until=1.0)
    assert rehearsal.state.accumulated_primer_melody == []
    assert rehearsal.state.improv.phase is Phase.LISTENING


def calling(length: int, qpm: float = 120.0) -> Rehearsal:
    """In improv mode, with a call of so many notes, over a loop of one bar."""
    rehearsal = Rehearsal(music={"qpm": qpm, "num_bars": 1}, improv={"min_primer_length": length})
    rehearsal.play([press(0.0, "improv")], until=0.0)
    return rehearsal


def test_a_panic_in_the_midst_of_a_call_leaves_no_note_without_length() -> None:
    rehearsal = calling(5)
    events: list[Event] = [KeyDown(0.5, 0, 60, 90), press(0.7, "stop"), KeyDown(1.0, 0, 60, 90)]
    events += [event for n in range(3) for event in key(1.5 + 0.2 * n, 62)]
    rehearsal.play(events, until=3.0)
    (request,) = rehearsal.requests
    assert isinstance(request, MelodyRequest)
    assert [round(note.duration_s, 3) for note in request.primer] == [0.2, 0.9, 0.1, 0.1, 0.001]


def test_a_meter_change_in_the_midst_of_a_call_leaves_the_upbeat_in_the_bar_that_it_was_played_in() -> None:
    rehearsal = calling(3)
    start = rehearsal.start(1.0)
    first = start + 14 * 0.125  # in 4/4; from the next bar on it is 2/4
    events = [*[press(start + 0.5, "numerator_down")] * 2, *key(first, 60), *key(start + 2.5, 62)]
    rehearsal.play([*events, *key(start + 3.2, 64)], until=start + 4.0)
    (request,) = rehearsal.requests
    assert isinstance(request, MelodyRequest)
    assert request.upbeat_steps == pytest.approx(14.0)


@pytest.mark.parametrize("qpm", [61.0, 97.0, 113.0, 187.0])
@pytest.mark.parametrize("bar", range(1, 12))
def test_a_call_that_begins_on_a_bar_line_has_no_upbeat(qpm: float, bar: int) -> None:
    rehearsal = calling(2, qpm)
    start = rehearsal.start(1.0)
    at = start + bar * 16 * 15 / qpm
    rehearsal.play([*key(at, 60), *key(at + 0.5, 62)], until=at + 1.0)
    (request,) = rehearsal.requests
    assert isinstance(request, MelodyRequest)
    assert min(request.upbeat_steps, 16 - request.upbeat_steps) < 1e-9
    assert 0 <= request.upbeat_steps < 16
