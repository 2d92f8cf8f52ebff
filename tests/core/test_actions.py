"""Every row of the controls table, pressed on the controller itself: by control change number."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from psc2.core.controls import PRESSED
from psc2.core.effects import NoteOff, NoteOn, Strike
from psc2.core.events import ControlChange, Event, Press
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import Beat
from psc2.core.notices import Notice, NoticeKind
from psc2.core.snapshot import Snapshot
from psc2.core.state import Mode
from psc2.runtime.virtual import CONTROLLER_UID
from psc2.testing import FakeMelody, Rehearsal, key, sounds

PLAY, STOP, REWIND, FORWARD, RECORD, CYCLE = 41, 42, 43, 44, 45, 46
TRACK_LEFT, TRACK_RIGHT, MARKER_SET, MARKER_LEFT, MARKER_RIGHT = 58, 59, 60, 61, 62
KNOB_1, KNOB_3, KNOB_5 = 16, 18, 20
S1, S2, S3, S4, S5 = 32, 33, 34, 35, 36
M1, M2, M3, M4 = 48, 49, 50, 51
R2, R3, R4, R5 = 65, 66, 67, 68
FADERS = {Layer.CLICK: 0, Layer.BASS: 1, Layer.DRUMS: 2, Layer.CHORDS: 3, Layer.LEAD: 4}
FREE_CONTROLS = (5, 6, 7, 19, 21, 22, 23, 37, 38, 39, 52, 53, 54, 55, 64, 69, 70, 71)


def cc(control: int, value: int = PRESSED, at: float = 0.0, uid: int = CONTROLLER_UID) -> ControlChange:
    return ControlChange(at, uid, control, value, channel=0)


@dataclass
class Rig:
    """A controller under a finger: turns one control after the other, 10 ms apart."""

    rehearsal: Rehearsal

    def turn(self, control: int, value: int = PRESSED) -> Snapshot:
        at = self.rehearsal.clock.now() + 0.01
        self.rehearsal.play([cc(control, value, at)], until=at)
        return self.rehearsal.engine.snapshot()


def muted(snapshot: Snapshot) -> set[Layer]:
    return {layer for layer, fader in snapshot.mixer.faders.items() if fader.muted}


@pytest.fixture
def rig() -> Rig:
    return Rig(Rehearsal())


def test_play_and_stop_start_and_stop_the_loop(rig: Rig) -> None:
    assert rig.turn(PLAY).playing
    assert not rig.turn(STOP).playing


def test_rewind_and_forward_change_the_bars_from_1_to_32(rig: Rig) -> None:
    assert rig.turn(FORWARD).form.num_bars == 3
    assert [rig.turn(REWIND).form.num_bars for _ in range(4)] == [2, 1, 1, 1]
    assert [rig.turn(FORWARD).form.num_bars for _ in range(40)][-1] == 32


def test_track_buttons_change_the_numerator_down_to_2(rig: Rig) -> None:
    assert str(rig.turn(TRACK_RIGHT).form.time_signature) == "5/4"
    assert [str(rig.turn(TRACK_LEFT).form.time_signature) for _ in range(4)] == ["4/4", "3/4", "2/4", "2/4"]


def test_marker_buttons_change_the_denominator_within_4_8_16(rig: Rig) -> None:
    assert [str(rig.turn(MARKER_RIGHT).form.time_signature) for _ in range(3)] == ["4/8", "4/16", "4/16"]
    assert [str(rig.turn(MARKER_LEFT).form.time_signature) for _ in range(3)] == ["4/8", "4/4", "4/4"]


def test_knob_1_sets_the_tempo_one_qpm_a_notch(rig: Rig) -> None:
    assert [rig.turn(KNOB_1, value).qpm for value in (60, 0, 1, 127)] == [120.0, 60.0, 61.0, 187.0]


def test_s1_taps_the_tempo(rig: Rig) -> None:
    rig.rehearsal.play([cc(S1, at=1.0 + 0.4 * n) for n in range(3)], until=2.0)
    assert rig.rehearsal.state.qpm == pytest.approx(150.0)


@pytest.mark.parametrize(
    ("button", "layer"), [(M1, Layer.CLICK), (M2, Layer.BASS), (M3, Layer.DRUMS), (M4, Layer.CHORDS)]
)
def test_m_buttons_mute_and_unmute_a_layer(rig: Rig, button: int, layer: Layer) -> None:
    assert muted(rig.turn(button)) == {layer}
    assert muted(rig.turn(button, value=0)) == {layer}
    assert muted(rig.turn(button)) == set()


@pytest.mark.parametrize(("button", "layer"), [(R2, Layer.BASS), (R4, Layer.CHORDS)])
def test_r2_and_r4_clear_their_layer_and_arm_recording(rig: Rig, button: int, layer: Layer) -> None:
    rig.turn(PLAY)
    snapshot = rig.turn(button)
    assert snapshot.recording is not None
    assert (snapshot.mode.value, snapshot.recording.layer, snapshot.recording.is_open) == (
        layer.value,
        layer,
        False,
    )
    rig.rehearsal.play(key(1.0, 50), until=6.0)
    assert rig.rehearsal.engine.snapshot().layer_sizes[layer] == 1
    assert rig.turn(button).layer_sizes[layer] == 0


def test_s3_gives_the_deterministic_drums_and_leaves_the_mode_alone(rig: Rig) -> None:
    rig.turn(R5)
    snapshot = rig.turn(S3)
    assert (snapshot.beat, snapshot.mode) == (Beat.DETERMINISTIC, Mode.IMPROV)
    assert snapshot.layer_sizes[Layer.DRUMS] == 2 + 16


def test_r3_asks_for_a_new_beat_and_leaves_the_mode_alone(rig: Rig) -> None:
    rig.turn(R5)
    assert rig.turn(R3).beat_coming
    rig.rehearsal.play([], until=1.0)
    snapshot = rig.rehearsal.engine.snapshot()
    assert (snapshot.beat, snapshot.mode) == (Beat.MODEL, Mode.IMPROV)
    assert snapshot.layer_sizes[Layer.DRUMS] > 0


def test_s3_brings_the_deterministic_beat_back(rig: Rig) -> None:
    deterministic = rig.turn(S3).layer_sizes[Layer.DRUMS]
    rig.turn(R3)
    rig.rehearsal.play([], until=1.0)
    snapshot = rig.turn(S3)
    assert (snapshot.beat, snapshot.layer_sizes[Layer.DRUMS]) == (Beat.DETERMINISTIC, deterministic)


def test_s3_cancels_a_beat_in_the_making_and_one_that_waits(rig: Rig) -> None:
    rig.turn(PLAY)
    rig.turn(R3)
    assert not rig.turn(S3).beat_coming
    rig.rehearsal.play([], until=1.0)
    rig.turn(R3)
    rig.rehearsal.play([], until=2.0)
    assert not rig.turn(S3).beat_coming
    rig.rehearsal.play([], until=9.0)
    assert rig.rehearsal.engine.snapshot().beat is Beat.DETERMINISTIC


def test_r3_asks_for_a_beat_in_the_meter_and_bars_to_come(rig: Rig) -> None:
    rig.turn(PLAY)
    rig.rehearsal.play([], until=0.5)
    rig.turn(FORWARD)
    rig.turn(TRACK_LEFT)
    rig.turn(R3)
    rig.rehearsal.play([], until=4.5)
    bars = {note.bar for note in rig.rehearsal.state.playable_notes if note.layer is Layer.DRUMS}
    steps = {note.step for note in rig.rehearsal.state.playable_notes if note.layer is Layer.DRUMS}
    assert (bars, max(steps)) == ({0, 1, 2}, 10)


@pytest.mark.parametrize("button", [S5, R5])
def test_another_mode_disarms_the_recording(rig: Rig, button: int) -> None:
    rig.turn(PLAY)
    rig.turn(R2)
    assert rig.turn(button).recording is None
    rig.rehearsal.play(key(1.0, 40), until=6.0)
    assert rig.rehearsal.engine.snapshot().layer_sizes[Layer.BASS] == 0


def test_stop_brings_what_was_pending(rig: Rig) -> None:
    rig.turn(PLAY)
    rig.rehearsal.play([], until=0.5)
    rig.turn(FORWARD)
    rig.turn(TRACK_RIGHT)
    rig.turn(R3)
    rig.rehearsal.play([], until=1.0)
    snapshot = rig.turn(STOP)
    assert (str(snapshot.form.time_signature), snapshot.form.num_bars, snapshot.beat) == (
        "5/4",
        3,
        Beat.MODEL,
    )


def test_panic_forgets_a_pedal_that_never_came_up(rig: Rig) -> None:
    rig.rehearsal.play([cc(64, 127, at=0.1, uid=1)], until=0.1)
    rig.turn(STOP)
    sent = rig.rehearsal.play(key(1.0, 60, 0.5), until=3.0)
    assert [when for when, _ in sounds(sent, NoteOff)] == [1.5]


def test_knob_5_sets_the_sampling_temperature_of_melodies(rig: Rig) -> None:
    rig.turn(KNOB_5, value=53)  # where it is: 0.9
    assert rig.turn(KNOB_5, value=127).improv.temperature == pytest.approx(2.0)
    snapshot = rig.turn(KNOB_5, value=0)
    assert snapshot.improv.temperature == pytest.approx(0.1)
    assert snapshot.beat_maker.temperature == 1.0
    rig.turn(R5)
    rig.rehearsal.play([event for n in range(20) for event in key(1.0 + 0.1 * n, 60)], until=4.0)
    assert [request.temperature for request in rig.rehearsal.requests] == [pytest.approx(0.1)]


def test_knob_3_sets_the_sampling_temperature_of_beats(rig: Rig) -> None:
    rig.turn(KNOB_3, value=60)  # where it is: 1
    assert rig.turn(KNOB_3, value=127).beat_maker.temperature == pytest.approx(2.0)
    assert rig.turn(KNOB_3, value=0).beat_maker.temperature == pytest.approx(0.1)
    rig.turn(R3)
    assert [request.temperature for request in rig.rehearsal.requests] == [pytest.approx(0.1)]


def test_r5_is_improv_and_s5_is_free(rig: Rig) -> None:
    assert rig.turn(R5).mode is Mode.IMPROV
    assert rig.turn(S5).mode is Mode.FREE


@pytest.mark.parametrize("layer", [Layer.BASS, Layer.CHORDS, Layer.LEAD])
def test_faders_2_4_5_are_the_volume_of_bass_chords_and_lead(rig: Rig, layer: Layer) -> None:
    rig.turn({Layer.BASS: R2, Layer.CHORDS: R4, Layer.LEAD: S5}[layer])
    velocities = []
    for value in (100, 127, 50, 1, 0):
        rig.turn(FADERS[layer], value)
        now = rig.rehearsal.clock.now()
        sent = rig.rehearsal.play(key(now + 0.1, 60, velocity=110), until=now + 0.5)
        velocities.append([on.velocity for _, on in sounds(sent, NoteOn) if isinstance(on, NoteOn)])
    assert velocities == [[110], [127], [55], [1], []]


@pytest.mark.parametrize("layer", [Layer.BASS, Layer.CHORDS, Layer.LEAD])
def test_a_volume_of_0_silences_what_sounds(rig: Rig, layer: Layer) -> None:
    rig.turn({Layer.BASS: R2, Layer.CHORDS: R4, Layer.LEAD: S5}[layer])
    fader = [cc(FADERS[layer], 100, at=0.5), cc(FADERS[layer], 0, at=1.0)]
    events = [*key(0.1, 60, duration_s=5.0), *fader]
    assert [when for when, _ in sounds(rig.rehearsal.play(events, until=9.0), NoteOff)] == [1.0]


@pytest.mark.parametrize(
    ("layer", "drum"), [(Layer.CLICK, Instrument.CLICK_SEQUENCE), (Layer.DRUMS, Instrument.KICK)]
)
def test_faders_1_and_3_are_the_volume_of_click_and_drums(rig: Rig, layer: Layer, drum: Instrument) -> None:
    rig.turn(S3)
    rig.turn(FADERS[layer], 100)
    rig.turn(FADERS[layer], 50)
    rig.turn(PLAY)
    sent = rig.rehearsal.play([], until=0.5)
    full = {Instrument.CLICK_SEQUENCE: 100, Instrument.KICK: 110}[drum]
    assert Strike(drum, full // 2) in [strike for _, strike in sounds(sent, Strike)]
    rig.turn(FADERS[layer], 0)
    sent = rig.rehearsal.play([], until=9.0)
    assert drum not in {strike.instrument for _, strike in sounds(sent, Strike) if isinstance(strike, Strike)}


def test_cycle_undoes_and_record_redoes_step_by_step(rig: Rig) -> None:
    rig.turn(S3)
    rig.turn(R3)
    rig.rehearsal.play([], until=1.0)
    machine = rig.rehearsal.engine.snapshot().layer_sizes[Layer.DRUMS]
    assert (rig.turn(CYCLE).beat, rig.rehearsal.state.layer_sizes[Layer.DRUMS]) == (Beat.DETERMINISTIC, 18)
    assert (rig.turn(CYCLE).beat, rig.rehearsal.state.layer_sizes[Layer.DRUMS]) == (Beat.NONE, 0)
    assert (rig.turn(RECORD).beat, rig.rehearsal.state.layer_sizes[Layer.DRUMS]) == (Beat.DETERMINISTIC, 18)
    assert (rig.turn(RECORD).beat, rig.rehearsal.state.layer_sizes[Layer.DRUMS]) == (Beat.MODEL, machine)


def test_cycle_takes_back_the_take_and_the_beat_of_the_bassline_follows(rig: Rig) -> None:
    rig.turn(S3)
    rig.turn(PLAY)
    rig.turn(R2)
    rig.rehearsal.play(key(1.0, 40), until=6.0)
    assert rig.rehearsal.state.layer_sizes[Layer.DRUMS] == 2 + 16 + 1
    snapshot = rig.turn(CYCLE)
    assert (snapshot.layer_sizes[Layer.BASS], snapshot.beat) == (0, Beat.DETERMINISTIC)
    assert snapshot.layer_sizes[Layer.DRUMS] == 2 + 16


def test_s2_and_s4_clear_bass_and_chords_and_cycle_brings_them_back(rig: Rig) -> None:
    rig.turn(PLAY)
    for button, clear, layer, at in ((R2, S2, Layer.BASS, 1.0), (R4, S4, Layer.CHORDS, 6.5)):
        rig.turn(button)
        rig.rehearsal.play(key(at, 40), until=at + 5.0)
        assert rig.turn(clear).layer_sizes[layer] == 0
        assert rig.turn(CYCLE).layer_sizes[layer] == 1


def test_undoing_while_a_recording_goes_on_leaves_a_beat_that_arrived_meanwhile(rig: Rig) -> None:
    rig.turn(R3)
    rig.turn(R2)
    rig.turn(PLAY)
    rig.rehearsal.play(key(4.5, 40), until=5.0)
    assert rig.rehearsal.engine.snapshot().beat is Beat.MODEL
    snapshot = rig.turn(CYCLE)
    assert (snapshot.recording, snapshot.layer_sizes[Layer.BASS], snapshot.beat) == (None, 0, Beat.MODEL)


@pytest.mark.parametrize("button", [CYCLE, RECORD])
def test_cycle_and_record_with_nothing_to_take_back_say_so_and_do_nothing(rig: Rig, button: int) -> None:
    before = rig.rehearsal.engine.snapshot()
    after = rig.turn(button)
    kind = {CYCLE: NoticeKind.NOTHING_TO_UNDO, RECORD: NoticeKind.NOTHING_TO_REDO}[button]
    assert after.notice == Notice(1, kind)
    assert replace(after, notice=None) == before


def test_marker_set_switches_overdub(rig: Rig) -> None:
    assert rig.turn(MARKER_SET).overdub
    assert not rig.turn(MARKER_SET).overdub


@pytest.mark.parametrize("value", [0, 1, 63])
def test_a_button_acts_only_when_it_is_pressed(rig: Rig, value: int) -> None:
    before = rig.rehearsal.engine.snapshot()
    for control in (PLAY, FORWARD, TRACK_RIGHT, MARKER_RIGHT, MARKER_SET, S1, S3, S5, M1, R2, R3, R4, R5):
        assert rig.turn(control, value) == before


def test_controls_that_are_still_free_do_nothing(rig: Rig) -> None:
    before = rig.rehearsal.engine.snapshot()
    for number, control in enumerate(FREE_CONTROLS, 1):
        after = rig.turn(control)
        assert replace(after, notice=None) == before
        assert after.notice == Notice(number, NoticeKind.UNBOUND_CONTROL, "nanoKONTROL2", control)


def test_the_controllers_r1_is_not_a_sustain_pedal(rig: Rig) -> None:
    rig.turn(64)
    sent = rig.rehearsal.play(key(1.0, 60, 0.5), until=2.0)
    assert sounds(sent, NoteOff) == [(1.5, NoteOff(Instrument.LEAD, 60))]


def test_a_mute_does_not_silence_the_hands() -> None:
    rehearsal = Rehearsal(FakeMelody(72))
    events: list[Event] = [cc(M2), cc(R2), *key(0.5, 40)]
    assert len(sounds(rehearsal.play(events, until=1.0), NoteOn)) == 1


@pytest.mark.parametrize("value", [None, "x", 10**400, float("nan"), float("inf")])
def test_a_press_with_a_value_that_is_none_is_bad_input_and_no_fault(value: Any) -> None:
    rehearsal = Rehearsal()
    rehearsal.play([Press(0.0, 0, "qpm", None, value)], until=0.0)
    assert rehearsal.engine.snapshot().counts.bad_input == {"unknown action": 1}
