"""The faults of the 2018 program, one test each: they must not come back.

``scripts/faults`` puts each of them back into a copy of the program and shows that its
test fails there.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import repeat

import pytest

from psc2.core.controls import PRESSED
from psc2.core.effects import NoteOff, NoteOn, Strike
from psc2.core.events import BadInput, ControlChange, Event, KeyDown
from psc2.core.instruments import Instrument, Layer
from psc2.core.other_side import PluggedIn
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest, Model
from psc2.core.state import Mode, Phase
from psc2.models.markov import MarkovDrums, MarkovMelody
from psc2.testing import Behaviour, FakeDrums, FakeMelody, Rehearsal, Sent, key, press, sounds, step_times

STEP = 0.125  # at 120 qpm
PASS = 32 * STEP  # 2 bars of 4/4

AT_ONCE = {"takeover": "now", "handback": "now", "register": "off"}  # whatever is played, wherever


def ons(sent: list[Sent]) -> list[tuple[float, int]]:
    return [(when, on.pitch) for when, on in sounds(sent, NoteOn) if isinstance(on, NoteOn)]


def recorded(layer: Layer, events: list[Event], **music: object) -> tuple[Rehearsal, float]:
    """A loop with a layer recorded, at the end of its first pass."""
    rehearsal = Rehearsal(music=music)
    start = rehearsal.start()
    rehearsal.play([press(0.01, "record", layer)], until=0.01)
    rehearsal.play([replace(event, at=start + event.at) for event in events], until=start + PASS - 0.1)
    return rehearsal, start


def test_fault_1_the_drums_model_hears_the_beat() -> None:
    model = FakeDrums()
    rehearsal = Rehearsal(drums=model)
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    ask = press(start + PASS + 0.1, "model_drums")
    rehearsal.play([arm, *key(start + 6 * STEP, 40), ask], until=start + PASS + 1.0)
    request: DrumsRequest = model.requests[0]
    assert Hit(0, Instrument.KICK, 110) in request.primer
    assert Hit(6, Instrument.SNARE, 100) in request.primer
    assert len(request.primer) == 2 + 1 + 16


def test_fault_2_a_new_beat_twice_and_then_a_new_tempo() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    events = [
        press(start + 0.1, "model_drums"),
        press(start + 0.2, "model_drums"),
        press(start + 0.9, "model_drums"),
        press(start + PASS + 0.1, "qpm", value=60),
    ]
    sent = rehearsal.play(events, until=start + 3 * PASS)
    assert not rehearsal.engine.snapshot().counts.bad_input
    assert rehearsal.state.qpm == 60.0
    assert max(when for when, _ in sounds(sent, Strike)) > start + 2 * PASS


def test_fault_3_one_melody_at_a_time_and_one_model_for_all() -> None:
    class Counting(MarkovMelody):
        built = 0
        asked = 0

        def __init__(self) -> None:
            super().__init__()
            Counting.built += 1

        def continue_melody(self, request: MelodyRequest) -> Iterator[int]:
            Counting.asked += 1
            return super().continue_melody(request)

    rehearsal = Rehearsal(
        Counting(),
        behaviours=repeat(Behaviour(2.0)),
        improv={"min_primer_length": 4, "max_robot_length": 2, **AT_ONCE},
    )
    notes = [event for n in range(30) for event in key(0.1 + 0.1 * n, 60 + n % 5, 0.05)]
    rehearsal.play([press(0.0, "improv"), *notes], until=2.4)
    assert (Counting.built, Counting.asked) == (1, 1)
    rehearsal.play([], until=10.0)
    assert Counting.built == 1


def test_fault_4_players_never_hear_their_own_primer_back() -> None:
    """The model's answer alone is published, and all of it at once."""
    rehearsal = Rehearsal(
        FakeMelody(90, 91, 92),
        behaviours=repeat(Behaviour(0.5)),
        improv={"min_primer_length": 4, "max_robot_length": 3, **AT_ONCE},
    )
    call = [event for n in range(4) for event in key(0.1 + 0.1 * n, 60 + n, 0.05)]
    after = [event for n in range(20) for event in key(0.45 + 0.05 * n, 30, 0.02)]
    sent = rehearsal.play([press(0.0, "improv"), *call, *after], until=3.0)
    answer = [pitch for when, pitch in ons(sent) if when > 0.42]
    assert answer[0] == 30
    machine = [pitch for pitch in answer if pitch != 30]
    assert machine == [90, 91, 92]
    assert answer[answer.index(90) : answer.index(90) + 3] == [90, 91, 92]


def test_fault_4_a_markov_answer_is_as_long_as_asked_and_without_the_primer() -> None:
    rehearsal = Rehearsal(MarkovMelody(), improv={"min_primer_length": 8, "max_robot_length": 5, **AT_ONCE})
    call = [event for n in range(8) for event in key(0.1 + 0.1 * n, 60 + n, 0.05)]
    rehearsal.play([press(0.0, "improv"), *call], until=2.0)
    assert rehearsal.state.improv.phase is Phase.ANSWERING
    answer = list(rehearsal.state.generated_melody)
    assert len(answer) == 5
    assert answer != [60, 61, 62, 63, 64]


def test_fault_5_bass_played_while_the_loop_is_stopped_leaves_no_onset_behind() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([press(0.0, "record", Layer.BASS), *key(1e6, 40)], until=1e6 + 1)
    assert list(rehearsal.state.bass_line) == []
    start = rehearsal.start(at=1e6 + 2)
    rehearsal.play(key(start + 3 * STEP, 43), until=start + PASS)
    assert [(note.bar, note.step) for note in rehearsal.state.bass_line] == [(0, 3)]


@pytest.mark.parametrize("qpm", [0.0, -5.0, float("nan"), 1e9])
def test_fault_6_no_tempo_stops_the_loop(qpm: float) -> None:
    from psc2.core.tempo import set_qpm

    rehearsal = Rehearsal()
    start = rehearsal.start()
    set_qpm(rehearsal.state, qpm, now=start)
    assert 20.0 <= rehearsal.state.qpm <= 400.0
    assert sounds(rehearsal.play([], until=start + 4.0), Strike)


def test_fault_7_steps_do_not_drift() -> None:
    """Each send is 0.4 ms late, as on a real machine, and nothing adds up over ten minutes."""

    class Late(Rehearsal):
        def _next(self, stall: tuple[float, float]) -> Event:
            now = self.clock.now()
            turn = self.engine.next_turn()
            return super()._next((now, turn.at + 0.0004) if turn is not None else stall)

    rehearsal = Late(music={"time_signature": "4/16", "num_bars": 1})
    sent = rehearsal.play([press(0.0, "play")], until=600.0)
    times = [when for when, _ in sounds(sent, Strike)]
    assert times == step_times(len(times), qpm=120.0)
    assert sent[-1].when - sent[-1].sent_at == pytest.approx(0.0496)


def test_fault_8_fewer_bars_shorten_the_loop_and_silence_what_lies_behind() -> None:
    rehearsal, start = recorded(Layer.BASS, [*key(0.0, 40), *key(20 * STEP, 43)])
    fewer = press(start + PASS - 0.09, "bars_down")
    sent = rehearsal.play([fewer], until=start + PASS + 3 * 16 * STEP - 0.1)
    assert ons(sent) == [(round(start + PASS + n * 16 * STEP, 6), 40) for n in range(3)]


def test_fault_8_a_new_tempo_does_not_wait_for_the_next_loop() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    slower = press(start + 0.6, "qpm", value=60)  # 60 qpm; step 5, at 0.625, has been sent
    sent = rehearsal.play([slower], until=start + 3.0)
    beats = [when - start for when, _ in sounds(sent, Strike)]
    assert beats == pytest.approx([0.0, 0.5, 0.625 + 3 * 0.25, 0.625 + 7 * 0.25])


@pytest.mark.parametrize("pitch", [0, 20, 109, 127])
def test_fault_9_keys_outside_the_piano_sound(pitch: int) -> None:
    rehearsal = Rehearsal()
    assert ons(rehearsal.play(key(0.5, pitch), until=1.0)) == [(0.5, pitch)]


def test_fault_9_unknown_control_changes_are_ignored() -> None:
    rehearsal = Rehearsal()
    for uid in (7, 1):
        rehearsal.play([ControlChange(0.1, uid, n, PRESSED, 0) for n in (5, 38, 70, 119, 127)], until=0.1)
    assert not rehearsal.engine.snapshot().counts.bad_input


def test_fault_10_two_keys_on_one_machine_pitch_do_not_cut_each_other() -> None:
    call: list[Event] = [press(0.0, "improv"), *key(0.1, 60, 0.05)]
    played = [*call, *key(1.0, 62, 0.5), *key(1.2, 64, 0.8)]
    one, other = (
        Rehearsal(FakeMelody(72, 72), output={"timing": timing}, improv={"min_primer_length": 1, **AT_ONCE})
        for timing in ("timetag", "auto")
    )
    assert sounds(one.play(played, until=3.0), NoteOff)[1:] == [
        (1.5, NoteOff(Instrument.LEAD, 72)),  # each ends its own
        (2.0, NoteOff(Instrument.LEAD, 72)),
    ]
    assert sounds(other.play(played, until=3.0), NoteOff)[1:] == [  # a receiver that knows no ids
        (1.2, NoteOff(Instrument.LEAD, 72)),  # struck again by the second key
        (2.0, NoteOff(Instrument.LEAD, 72)),  # not at 1.5, when the first is released
    ]


def test_fault_10_a_key_held_across_a_mode_change_does_not_stick() -> None:
    rehearsal = Rehearsal()
    chords, free = press(0.0, "record", Layer.CHORDS), press(0.5, "free")
    sent = rehearsal.play([chords, *key(0.1, 50, 1.0), free], until=2.0)
    assert sounds(sent, NoteOff) == [(1.1, NoteOff(Instrument.CHORDS, 50))]


def test_fault_11_lead_volume_0_is_silent_and_full_volume_stays_within_127() -> None:
    rehearsal = Rehearsal()
    silent = [press(0.0, "volume", Layer.LEAD, value=0.0), *key(0.1, 60)]
    assert rehearsal.play(silent, until=1.0) == []
    loud: list[Event] = [press(1.0, "volume", Layer.LEAD, value=1.27), KeyDown(1.1, 0, 60, 127)]
    assert [one.effect for one in rehearsal.play(loud, until=2.0)] == [
        NoteOn(Instrument.LEAD, 60, 127, note_id=1)
    ]


def test_fault_12_a_first_note_just_before_beat_1_opens_the_whole_next_pass() -> None:
    rehearsal, start = recorded(Layer.BASS, [])
    keys = key(start + PASS - 0.04, 40) + key(start + PASS + 8 * STEP, 43)
    rehearsal.play(keys, until=start + 2 * PASS - 0.1)
    assert rehearsal.state.mode is Mode.BASS
    rehearsal.play([], until=start + 2 * PASS + 0.2)
    assert [(note.bar, note.step, note.pitch) for note in rehearsal.state.bass_line] == [
        (0, 0, 40),
        (0, 8, 43),
    ]


def test_fault_13_stop_acts_at_once_and_so_does_play() -> None:
    rehearsal, start = recorded(Layer.BASS, key(0.0, 40, 20 * STEP))
    sent = rehearsal.play([press(start + PASS + 0.2, "stop")], until=start + 3 * PASS)
    assert max(one.when for one in sent) == pytest.approx(start + PASS + 0.2)
    again = start + 3 * PASS + 0.333
    sent = rehearsal.play([press(again, "play")], until=again + 0.1)
    assert again < sounds(sent, Strike)[0][0] <= again + 0.1


def test_fault_14_the_first_control_change_of_a_device_does_not_make_it_the_controller() -> None:
    rehearsal = Rehearsal()
    rehearsal.state.devices = PluggedIn()
    pedal, keyboard, controller = 64, 1, 9
    events = [
        ControlChange(0.1, keyboard, pedal, PRESSED, 0),
        ControlChange(0.2, controller, 41, PRESSED, 0),
        ControlChange(0.25, controller, 41, 0, 0),
        ControlChange(0.3, controller, 68, PRESSED, 0),
    ]
    rehearsal.play(events, until=0.5)
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.devices.learned, snapshot.playing, snapshot.mode) == (frozenset({9}), True, Mode.IMPROV)


def test_bad_input_is_counted_and_changes_nothing_else() -> None:
    rehearsal = Rehearsal()
    before = rehearsal.engine.snapshot()
    assert rehearsal.play([BadInput(0.1, "x"), BadInput(0.2, "x")], until=1.0) == []
    after = rehearsal.engine.snapshot()
    assert (before.counts.bad_input, after.counts.bad_input) == ({}, {"x": 2})


def test_the_models_stay_in_their_thread() -> None:
    """The engine answers while a model thinks: nothing waits for it."""
    from psc2.models.generation import IsCancelled
    from psc2.runtime.workers import Worker

    started, go_on = threading.Event(), threading.Event()

    def slow(request: DrumsRequest, is_cancelled: IsCancelled) -> Event:
        started.set()
        go_on.wait(10)
        return BadInput(0.0, "done")

    answers: list[Event] = []
    worker: Worker[DrumsRequest] = Worker(Model.DRUMS, slow, answers.append)
    worker.start()
    model = FakeDrums()
    rehearsal = Rehearsal(drums=model)
    rehearsal.play([press(0.0, "model_drums")], until=0.0)
    worker.submit(model.requests[0])
    assert started.wait(10)
    assert answers == []
    go_on.set()
    worker.stop()
    assert MarkovDrums().make_beat(model.requests[0])
