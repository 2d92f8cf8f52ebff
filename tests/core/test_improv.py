"""Call and response. The fake model answers 72, 74, 76 after 0.2 s; four notes make a call."""

import pytest

from psc2.core.controls import Action
from psc2.core.events import Event, MelodyReady, ModelFailed, NoteOff, NoteOn
from psc2.core.improv import TRANSITIONS, Cue
from psc2.core.instruments import Instrument, Layer
from psc2.core.state import Phase
from psc2.testing import FakeMelody, Rehearsal, Sent, key, sounds

LEAD = Instrument.WURLY


def improvising(model: FakeMelody | None = None, delay_s: float = 0.2) -> Rehearsal:
    """A stopped loop in improv mode, at 0 s."""
    rehearsal = Rehearsal(
        model, model_delay_s=delay_s, improv={"min_primer_length": 4, "max_robot_length": 3}
    )
    rehearsal.play([rehearsal.press(0.0, Action.IMPROV)], until=0.0)
    return rehearsal


def keys(*pitches: int, first: float = 0.5, every: float = 0.1) -> list[Event]:
    return [
        event for index, pitch in enumerate(pitches)
        for event in key(first + index * every, pitch, duration_s=0.05, velocity=60 + index)
    ]  # fmt: skip


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
    assert rehearsal.state.phase is Phase.WAITING


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


def test_only_one_request_is_in_flight() -> None:
    model = FakeMelody(72)
    rehearsal = improvising(model, delay_s=5.0)
    rehearsal.play(keys(*range(40, 80)), until=5.5)
    assert len(model.requests) == 1


def test_leaving_improv_discards_primer_request_and_pitches() -> None:
    model = FakeMelody(72, 74, 76)
    rehearsal = improvising(model)
    free = rehearsal.press(0.9, Action.FREE)
    sent = rehearsal.play([*keys(*CALL), free, *keys(50, 51, first=1.5)], until=2.0)
    assert heard(sent) == [*CALL, 50, 51]
    assert not rehearsal.state.generated_melody
    rehearsal.play([rehearsal.press(2.1, Action.IMPROV), *keys(60, 61, first=2.2)], until=2.5)
    assert [note.pitch for note in rehearsal.state.accumulated_primer_melody] == [60, 61]
    rehearsal.play([rehearsal.press(2.6, Action.RECORD, Layer.BASS)], until=2.7)
    assert rehearsal.state.accumulated_primer_melody == []
    assert rehearsal.state.phase is Phase.IDLE


def test_a_stale_answer_is_dropped_and_the_next_call_waits_for_the_model() -> None:
    model = FakeMelody(72, 74, 76)
    rehearsal = improvising(model, delay_s=2.0)  # asked at 0.8, answers at 2.8
    again = [rehearsal.press(1.0, Action.FREE), rehearsal.press(1.1, Action.IMPROV)]
    rehearsal.play([*keys(*CALL), *again, *keys(40, 41, 42, 43, 44, first=1.5)], until=2.7)
    assert len(model.requests) == 1
    assert rehearsal.state.phase is Phase.LISTENING
    rehearsal.play([], until=2.9)
    assert not rehearsal.state.generated_melody
    assert [note.pitch for note in model.requests[1].primer] == [40, 41, 42, 43, 44]
    rehearsal.play([], until=4.9)
    assert list(rehearsal.state.generated_melody) == [72, 74, 76]


@pytest.mark.parametrize("answer", [MelodyReady(0.9, 99, (1, 2)), ModelFailed(0.9, 99, "x")])
def test_an_answer_nobody_asked_for_changes_nothing(answer: Event) -> None:
    rehearsal = improvising()
    rehearsal.play([*keys(*CALL), answer], until=0.95)
    assert rehearsal.state.phase is Phase.WAITING
    assert not rehearsal.state.generated_melody


def test_a_failed_model_gives_the_player_back_their_own_pitches() -> None:
    class Broken:
        def continue_melody(self, request: object) -> tuple[int, ...]:
            raise RuntimeError("out of tune")

    rehearsal = Rehearsal(Broken(), improv={"min_primer_length": 4})
    rehearsal.play([rehearsal.press(0.0, Action.IMPROV)], until=0.0)
    sent = rehearsal.play(keys(*CALL) + keys(50, first=1.5), until=2.0)
    assert heard(sent) == [*CALL, 50]
    assert rehearsal.state.phase is Phase.LISTENING
    assert "out of tune" in rehearsal.engine.snapshot().model_trouble


def test_improv_works_the_same_while_the_loop_is_stopped_and_while_it_plays() -> None:
    played = keys(*CALL) + keys(50, 51, 52, 53, first=1.2)
    stopped, playing = improvising(), improvising()
    playing.start(at=0.0)
    assert sounds(stopped.play(played, 2.0), NoteOn, NoteOff) == sounds(
        playing.play(played, 2.0), NoteOn, NoteOff
    )


def test_pressing_improv_again_begins_the_call_afresh() -> None:
    rehearsal = improvising()
    rehearsal.play([*keys(60, 62), rehearsal.press(0.8, Action.IMPROV)], until=1.0)
    assert rehearsal.state.accumulated_primer_melody == []
    assert rehearsal.state.phase is Phase.LISTENING
