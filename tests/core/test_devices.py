"""Devices that come, go and look alike: which is a controller, what is played, what their controls mean."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import pytest

from psc2.core.controls import Control, ControllerMap
from psc2.core.devices import MAX_NAME, MAX_SOURCES
from psc2.core.effects import Bend, Effect, Modulate, NoteOff, NoteOn
from psc2.core.events import ControlChange, Event, KeyDown, KeyUp, PitchBend, SourceGone, SourceNamed
from psc2.core.instruments import Layer
from psc2.core.notices import Notice, NoticeKind
from psc2.core.snapshot import Snapshot
from psc2.core.wheel import MAX_WHEELS
from psc2.screen.piano import TYPED_SOURCE
from psc2.testing import Rehearsal, key, press, sounds

PLAY, STOP, OVERDUB, MUTE_CLICK, MUTE_DRUMS, FADER_1, KNOB_1 = 41, 42, 60, 48, 50, 0, 16
WHEEL, PEDAL = 1, 64
KONTROL = "nanoKONTROL2 SLIDER/KNOB"
LEARN = (41, 42, 43, 44, 45, 46, 58, 59, 60, 61, 62)


class Desk:
    """Devices that are plugged in, played and pulled out, each thing 0.1 s after the one before."""

    def __init__(
        self,
        controller: ControllerMap | None = None,
        midi: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        self.rehearsal = Rehearsal(midi=midi)
        self.rehearsal.play([SourceGone(0.0, 7)], until=0.0)  # the kit's own controller
        if controller is not None:
            settings = self.rehearsal.state.settings
            self.rehearsal.state.settings = replace(settings, controller=controller)
        self.at = 0.0

    def happens(self, *events: Event) -> list[Effect]:
        """All at one moment."""
        return [sent.effect for sent in self.rehearsal.play(events, until=self.at)]

    def wait(self, seconds: float = 0.1) -> float:
        self.at += seconds
        return self.at

    def named(self, uid: int, name: str) -> list[Effect]:
        return self.happens(SourceNamed(self.wait(), uid, name))

    def gone(self, uid: int) -> list[Effect]:
        return self.happens(SourceGone(self.wait(), uid))

    def cc(self, uid: int, control: int, *values: int) -> list[Effect]:
        return [
            effect
            for value in values
            for effect in self.happens(ControlChange(self.wait(), uid, control, value, 0))
        ]

    def down(self, uid: int, pitch: int, velocity: int = 90) -> list[Effect]:
        return self.happens(KeyDown(self.wait(), uid, pitch, velocity))

    def up(self, uid: int, pitch: int) -> list[Effect]:
        return self.happens(KeyUp(self.wait(), uid, pitch))

    @property
    def now(self) -> Snapshot:
        return self.rehearsal.engine.snapshot()

    def muted(self, layer: Layer) -> bool:
        return self.now.mixer.faders[layer].muted


def offs(effects: list[Effect]) -> list[int]:
    return [effect.pitch for effect in effects if isinstance(effect, NoteOff)]


def ons(effects: list[Effect]) -> list[int]:
    return [effect.pitch for effect in effects if isinstance(effect, NoteOn)]


def controller(*controls: tuple[int, Control], keyboard: bool = False, pickup: bool = True) -> ControllerMap:
    return ControllerMap("Kontrol", frozenset(LEARN), dict(controls), keyboard, pickup)


# --- pulled out -----------------------------------------------------------------------


def test_what_is_pulled_out_lets_go_of_keys_pedal_and_wheels() -> None:
    desk = Desk()
    desk.named(1, "Nord")
    desk.cc(1, PEDAL, 127)
    desk.down(1, 60)
    desk.up(1, 60)
    desk.down(1, 64)
    desk.happens(PitchBend(desk.wait(), 1, 9000))
    desk.cc(1, WHEEL, 80)
    effects = desk.gone(1)
    assert sorted(offs(effects)) == [60, 64]
    assert [effect for effect in effects if isinstance(effect, Bend | Modulate)] == [Bend(8192), Modulate(0)]
    desk.named(1, "Nord")  # plugged in again: its pedal is up, and its notes end
    desk.down(1, 60)
    assert offs(desk.up(1, 60)) == [60]


def test_when_a_keyboard_goes_with_its_wheels_those_of_the_others_hold_again() -> None:
    desk = Desk()
    desk.happens(PitchBend(desk.wait(), 1, 9000))
    desk.cc(1, WHEEL, 20)
    desk.happens(PitchBend(desk.wait(), 2, 10000), PitchBend(desk.at, 3, 11000))
    desk.cc(2, WHEEL, 60)
    assert desk.gone(3) == [Bend(10000)]
    assert desk.gone(2) == [Bend(9000), Modulate(20)]
    assert desk.gone(1) == [Bend(8192), Modulate(0)]


def test_a_wheel_moved_again_is_the_one_that_is_heard() -> None:
    desk = Desk()
    for source, value in ((1, 9000), (2, 10000), (1, 9500)):
        assert desk.happens(PitchBend(desk.wait(), source, value)) == [Bend(value)]
    assert desk.gone(2) == []
    assert desk.gone(1) == [Bend(8192)]


def test_a_wheel_that_is_reset_gives_nothing_back_and_is_nobody_elses() -> None:
    desk = Desk()
    desk.happens(PitchBend(desk.wait(), 1, 9000), PitchBend(desk.at, 2, 10000))
    assert desk.cc(1, 121, 0) == []
    assert desk.gone(2) == [Bend(8192)]
    desk.cc(2, WHEEL, 60)
    desk.cc(1, WHEEL, 30)
    assert desk.cc(1, 121, 0) == [Modulate(0)]


def test_the_wheels_of_very_many_keyboards_do_not_pile_up() -> None:
    desk = Desk()
    desk.happens(*(PitchBend(desk.wait(0.0), uid, 9000) for uid in range(1, 3000)))
    assert len(desk.rehearsal.state.hands.bend.places) <= MAX_WHEELS


def test_a_wheel_that_another_keyboard_has_moved_since_stays() -> None:
    desk = Desk()
    desk.happens(PitchBend(desk.wait(), 1, 9000), PitchBend(desk.at, 2, 10000))
    assert desk.gone(1) == []
    assert desk.gone(2) == [Bend(8192)]


def test_a_pitch_held_by_two_keyboards_ends_with_the_one_that_goes_last() -> None:
    desk = Desk()
    desk.named(1, "Nord")
    desk.named(2, "Roland")
    desk.down(1, 60)
    desk.down(2, 60, 50)
    assert len(offs(desk.gone(1))) == 1
    assert len(offs(desk.gone(2))) == 1
    assert desk.rehearsal.state.ledger.notes == {}


def test_another_name_for_a_uid_is_another_device() -> None:
    desk = Desk()
    desk.named(5, KONTROL)
    desk.cc(5, MUTE_CLICK, 127, 0)
    assert desk.muted(Layer.CLICK)
    desk.named(5, "LPK25")
    assert not desk.now.devices.has_controller
    assert desk.cc(5, WHEEL, 99) == [Modulate(99)]
    desk.cc(5, PEDAL, 127)
    desk.down(5, 60)
    assert desk.up(5, 60) == []
    assert offs(desk.named(5, "Nord")) == [60]


def test_the_same_name_again_changes_nothing() -> None:
    desk = Desk()
    desk.named(1, "Nord")
    desk.down(1, 60)
    assert desk.named(1, "Nord") == []


# --- which is a controller --------------------------------------------------------------


def test_every_source_whose_name_matches_is_a_controller() -> None:
    desk = Desk()
    desk.named(5, "nanoKONTROL2 1")
    desk.named(6, "nanoKONTROL2 2")
    desk.cc(5, MUTE_CLICK, 127, 0)
    desk.cc(6, MUTE_DRUMS, 127, 0)
    assert desk.muted(Layer.CLICK)
    assert desk.muted(Layer.DRUMS)
    desk.gone(5)
    desk.cc(6, MUTE_DRUMS, 127, 0)
    assert not desk.muted(Layer.DRUMS)


def test_one_press_heard_on_two_ports_of_a_controller_is_one() -> None:
    desk = Desk()
    desk.named(5, "nanoKONTROL2 1")
    desk.named(6, "nanoKONTROL2 2")
    at = desk.wait()
    desk.happens(ControlChange(at, 5, MUTE_CLICK, 127, 0), ControlChange(at + 0.003, 6, MUTE_CLICK, 127, 0))
    desk.wait()
    desk.happens()
    assert desk.muted(Layer.CLICK)


@pytest.mark.parametrize("control", LEARN)
def test_a_press_and_release_teach_which_device_the_controller_is_and_act(control: int) -> None:
    desk = Desk()
    desk.cc(55, control, 0)
    desk.cc(55, control, 127)
    assert not desk.now.devices.learned
    before = desk.now
    desk.cc(55, control, 0)
    after = desk.now
    assert after.devices.learned == {55}
    assert replace(after, devices=before.devices) != before


@pytest.mark.parametrize(
    "values", [(127, 64, 0), (10, 127, 0), (126, 0), (127, 127), (0,), (90, 110, 127, 100, 0, 127, 0)]
)
def test_a_fader_pushed_to_its_top_teaches_nothing_and_does_nothing(values: tuple[int, ...]) -> None:
    desk = Desk()
    desk.named(3, "MPK mini")
    desk.cc(3, PLAY, *values)
    assert not desk.now.devices.has_controller
    assert not desk.now.playing
    desk.cc(3, PEDAL, 127)
    desk.down(3, 60)
    assert desk.up(3, 60) == []  # its pedal works


def test_a_device_with_keys_is_not_learned() -> None:
    desk = Desk()
    desk.named(3, "MPK mini")
    desk.down(3, 60)
    desk.cc(3, PLAY, 127, 0)
    assert (desk.now.devices.learned, desk.now.playing) == (frozenset(), False)


def test_what_was_learned_and_then_plays_keys_is_a_keyboard_with_buttons() -> None:
    desk = Desk()
    desk.named(3, "Keystation 61")
    desk.cc(3, PLAY, 127, 0)
    assert ons(desk.down(3, 60)) == [60]
    assert desk.cc(3, WHEEL, 10) == [Modulate(10)]
    desk.cc(3, PEDAL, 127)
    assert desk.up(3, 60) == []
    assert desk.now.recording is None  # which CC 64 arms on the controller
    assert desk.now.playing
    desk.cc(3, STOP, 127, 0)
    assert not desk.now.playing


def test_that_a_learned_device_has_keys_is_told_once() -> None:
    desk = Desk()
    desk.named(3, "Keystation 61")
    desk.cc(3, PLAY, 127, 0)
    for _ in range(3):
        desk.down(3, 60)
        desk.up(3, 60)
        desk.cc(3, STOP, 127, 0)
    assert desk.now.notice == Notice(2, NoticeKind.LEARNED_KEYS, "Keystation 61")  # 1 was of CC 41


def test_a_map_with_keys_holds_whole_for_what_is_learned() -> None:
    desk = Desk(controller((PLAY, Control("play")), (20, Control("mute", Layer.CLICK)), keyboard=True))
    desk.cc(3, PLAY, 127, 0)
    assert ons(desk.down(3, 60)) == [60]
    desk.cc(3, 20, 127)
    assert desk.muted(Layer.CLICK)
    assert desk.now.notice == Notice(1, NoticeKind.UNBOUND_CONTROL, "", PLAY)  # before it was learned


def test_any_number_of_devices_are_learned() -> None:
    desk = Desk()
    desk.cc(55, PLAY, 127, 0)
    desk.cc(56, STOP, 127, 0)
    assert (desk.now.devices.learned, desk.now.playing) == (frozenset({55, 56}), False)
    desk.cc(55, MUTE_CLICK, 127, 0)
    desk.cc(56, MUTE_DRUMS, 127, 0)
    assert desk.muted(Layer.CLICK)
    assert desk.muted(Layer.DRUMS)
    desk.gone(56)
    assert desk.now.devices.learned == {55}
    desk.cc(55, MUTE_CLICK, 127, 0)
    assert not desk.muted(Layer.CLICK)


def test_one_press_heard_on_two_ports_without_a_name_is_one() -> None:
    desk = Desk()
    for value in (127, 0, 127, 0):
        at = desk.wait()
        ports = [ControlChange(at + n * 0.003, 55 + n, OVERDUB, value, 0) for n in (0, 1)]
        desk.wait(0.05)
        desk.happens(*ports)
    assert not desk.now.overdub  # on, and off again


def test_a_device_that_gets_its_first_name_stays_what_it_was() -> None:
    desk = Desk()
    desk.cc(3, PLAY, 127, 0)
    desk.down(1, 60)
    assert desk.named(3, "LPK25") + desk.named(1, "Nord") == []
    desk.cc(3, STOP, 127, 0)
    assert not desk.now.playing


def test_a_device_whose_first_name_says_that_it_is_not_played_lets_go() -> None:
    desk = Desk()
    desk.cc(5, PEDAL, 127)
    desk.down(5, 60)
    desk.up(5, 60)
    assert offs(desk.named(5, KONTROL)) == [60]


def test_no_other_control_teaches_anything() -> None:
    desk = Desk()
    for control in set(range(128)) - set(LEARN):
        desk.cc(55, control, 127, 0)
    assert not desk.now.devices.has_controller


def test_a_name_corrects_what_was_learned() -> None:
    desk = Desk()
    desk.cc(55, PLAY, 127, 0)
    desk.named(8, f"KORG INC. {KONTROL}")
    assert (desk.now.devices.controllers, desk.now.devices.learned) == (frozenset({8}), frozenset())
    desk.cc(56, PLAY, 127, 0)
    desk.named(9, "Nord Stage")
    assert (desk.now.devices.controllers, desk.now.devices.learned) == (frozenset({8}), frozenset())


def test_other_devices_are_never_taken_for_the_controller() -> None:
    desk = Desk()
    desk.named(5, KONTROL)
    before = desk.now
    for control in set(range(128)) - {PEDAL, WHEEL}:
        desk.cc(1, control, 127, 0)
    assert replace(desk.now, notice=None) == replace(before, notice=None)


# --- buttons, knobs and faders ------------------------------------------------------------


def test_a_press_is_any_rise_above_63() -> None:
    desk = Desk(controller((20, Control("mute", Layer.CLICK))))
    desk.named(5, "Kontrol")
    states = []
    for values in ((126,), (90,), (0,), (64,), (127, 126, 80), (0,), (63,)):
        desk.cc(5, 20, *values)
        states.append(desk.muted(Layer.CLICK))
    assert states == [True, True, True, False, False, False, False]


def test_a_button_that_sends_nothing_when_it_comes_up_is_pressed_each_time() -> None:
    desk = Desk(controller((20, Control("bars_up"))))
    desk.named(5, "Kontrol")
    desk.cc(5, 20, 127, 127, 127)
    assert desk.now.form.num_bars == 5


@pytest.mark.parametrize(
    ("values", "presses"),
    [
        ((63, 65, 63, 66, 62, 70, 45, 64), 1),
        ((64, 32, 64), 1),
        ((64, 31, 64), 2),
        ((100, 60, 20, 60, 63, 64, 0, 127), 3),
        ((127, 126, 127, 120, 127), 1),
        ((40, 63), 0),
    ],
)
def test_a_button_that_trembles_around_the_middle_is_pressed_once(
    values: tuple[int, ...], presses: int
) -> None:
    desk = Desk(controller((20, Control("bars_up"))))
    desk.named(5, "Kontrol")
    desk.cc(5, 20, *values)
    assert desk.now.form.num_bars == 2 + presses


def test_a_latching_button_that_trembles_is_pressed_at_each_of_its_ends() -> None:
    desk = Desk(controller((20, Control("bars_up", toggle=True))))
    desk.named(5, "Kontrol")
    desk.cc(5, 20, 60, 65, 63, 66, 127, 66, 60, 64, 20, 40, 0)
    assert desk.now.form.num_bars == 4


def test_a_latching_button_is_pressed_at_each_of_its_values() -> None:
    desk = Desk(controller((20, Control("bars_up", toggle=True)), (21, Control("bars_up"))))
    desk.named(5, "Kontrol")
    desk.cc(5, 20, 127, 0, 127, 0)
    assert desk.now.form.num_bars == 6
    desk.cc(5, 21, 127, 0, 127, 0)
    assert desk.now.form.num_bars == 8


def tempo(desk: Desk, *positions: int) -> list[float]:
    tempi = []
    for position in positions:
        desk.cc(5, KNOB_1, position)
        tempi.append(round(desk.now.qpm, 3))
    return tempi


def test_a_knob_takes_over_where_it_passes_the_present_value() -> None:
    desk = Desk()
    desk.named(5, KONTROL)
    desk.happens(press(desk.wait(), "qpm", value=140.0))
    assert tempo(desk, 3, 0, 70) == [140.0] * 3
    assert tempo(desk, 81, 82, 40) == [141.0, 142.0, 100.0]
    desk.happens(press(desk.wait(), "qpm", value=90.0))
    assert tempo(desk, 39, 38, 28, 27) == [90.0, 90.0, 88.0, 87.0]


def test_a_knob_that_waits_is_told_once_and_when_it_takes_over() -> None:
    desk = Desk()
    desk.named(5, KONTROL)
    tempo(desk, 3, 4, 5)
    waiting = desk.now.notice
    assert waiting == Notice(1, NoticeKind.WAITING_CONTROL, KONTROL, KNOB_1, "qpm", None, 63.0, 120.0)
    tempo(desk, 70)
    assert desk.now.notice == Notice(
        2, NoticeKind.CONTROL_TAKES_OVER, KONTROL, KNOB_1, "qpm", None, 130.0, 120.0
    )


def test_a_value_beyond_the_knobs_ends_is_taken_over_at_the_nearer_one() -> None:
    desk = Desk()
    desk.named(5, KONTROL)
    desk.happens(press(desk.wait(), "qpm", value=300.0))
    assert tempo(desk, 60, 100, 127, 120) == [300.0, 300.0, 187.0, 180.0]


@pytest.mark.parametrize(
    ("action", "layer"),
    [
        ("volume", Layer.BASS),
        ("volume", Layer.CLICK),
        ("melody_temperature", None),
        ("drums_temperature", None),
    ],
)
def test_every_knob_and_fader_picks_up(action: str, layer: Layer | None) -> None:
    desk = Desk(controller((20, Control(action, layer, (0.1, 1.37)))))
    desk.named(5, "Kontrol")
    before = desk.now
    desk.cc(5, 20, 0, 1, 2)
    assert replace(desk.now, notice=None) == before
    desk.cc(5, 20, 127)
    assert replace(desk.now, notice=None) != before


def test_a_map_may_ask_for_the_jump() -> None:
    desk = Desk(controller((KNOB_1, Control("qpm", None, (60.0, 187.0))), pickup=False))
    desk.named(5, "Kontrol")
    assert tempo(desk, 3) == [63.0]


@pytest.mark.parametrize("action", ["melody_temperature", "drums_temperature", "qpm"])
def test_what_a_map_says_beyond_the_range_is_held_within_it(action: str) -> None:
    desk = Desk(controller((20, Control(action, None, (-3.0, 900.0))), pickup=False))
    desk.named(5, "Kontrol")
    desk.cc(5, 20, 0)
    low = (desk.now.qpm, desk.now.improv.temperature, desk.now.beat_maker.temperature)
    desk.cc(5, 20, 127)
    high = (desk.now.qpm, desk.now.improv.temperature, desk.now.beat_maker.temperature)
    index = ["qpm", "melody_temperature", "drums_temperature"].index(action)
    assert (low[index], high[index]) == [(20.0, 400.0), (0.05, 4.0), (0.05, 4.0)][index]


# --- keyboards --------------------------------------------------------------------------


def test_a_controllers_own_notes_and_bends_do_not_sound() -> None:
    desk = Desk()
    desk.named(5, KONTROL)
    assert desk.down(5, 60) == []
    assert desk.up(5, 60) == []
    assert desk.happens(PitchBend(desk.wait(), 5, 9000)) == []
    assert desk.cc(5, WHEEL, 90) == []


def test_a_controllers_notes_are_told() -> None:
    desk = Desk()
    desk.named(5, KONTROL)
    desk.down(5, 60)
    assert desk.now.notice == Notice(1, NoticeKind.CONTROLLERS_NOTES, KONTROL)


def test_a_controller_that_is_a_keyboard_has_keys_wheels_and_pedal() -> None:
    desk = Desk(controller((20, Control("mute", Layer.CLICK)), keyboard=True))
    desk.named(5, "Kontrol 61")
    assert ons(desk.down(5, 60)) == [60]
    assert desk.cc(5, WHEEL, 90) == [Modulate(90)]
    desk.cc(5, PEDAL, 127)
    assert desk.up(5, 60) == []
    assert offs(desk.cc(5, PEDAL, 0)) == [60]
    assert desk.happens(PitchBend(desk.wait(), 5, 9000)) == [Bend(9000)]
    desk.cc(5, 20, 127)
    assert desk.muted(Layer.CLICK)


def test_a_map_gives_pedal_and_wheel_to_any_control() -> None:
    sustain, modulation = Control("sustain", None, (0, 127)), Control("modulation", None, (0, 127))
    desk = Desk(controller((20, sustain), (21, modulation), keyboard=True))
    desk.named(5, "Kontrol 61")
    desk.cc(5, 20, 127)
    desk.down(5, 60)
    assert desk.up(5, 60) == []
    assert offs(desk.cc(5, 20, 0)) == [60]
    assert desk.cc(5, 21, 33) == [Modulate(33)]


def test_only_the_keyboards_that_are_named_are_played() -> None:
    desk = Desk(midi={"keyboards": ["nord"]})
    desk.named(1, "Clavia NORD Stage")
    desk.named(2, "LPK25")
    assert (ons(desk.down(1, 60)), desk.down(2, 62), desk.cc(2, WHEEL, 5)) == ([60], [], [])


def test_a_source_that_has_no_name_yet_is_not_played_where_the_settings_name_what_is() -> None:
    desk = Desk(midi={"keyboards": ["nord"]})
    assert desk.down(1, 60) == []
    assert desk.now.notice == Notice(1, NoticeKind.NOT_PLAYED)
    assert desk.happens(PitchBend(desk.wait(), 1, 9000)) == []
    assert desk.cc(1, WHEEL, 5) == []
    desk.cc(1, PEDAL, 127)
    assert desk.named(1, "Nord Stage") == []
    assert ons(desk.down(1, 60)) == [60]
    assert offs(desk.up(1, 60)) == [60]


def test_one_too_many_to_be_remembered_is_not_played_either_where_the_settings_name_what_is() -> None:
    desk = Desk(midi={"keyboards": ["nord"]})
    for uid in range(100, 100 + MAX_SOURCES):
        desk.named(uid, "Keystation")
    assert desk.down(1, 60) == []


@pytest.mark.parametrize("source", [0, TYPED_SOURCE])
def test_what_never_has_a_name_is_played_whatever_the_settings_name(source: int) -> None:
    desk = Desk(midi={"keyboards": ["nord"]})
    assert ons(desk.down(source, 60)) == [60]
    assert desk.cc(source, WHEEL, 5) == [Modulate(5)]
    assert desk.happens(PitchBend(desk.wait(), source, 9000)) == [Bend(9000)]


def test_without_such_settings_a_source_without_a_name_is_played() -> None:
    assert ons(Desk().down(1, 60)) == [60]


def test_what_is_ignored_neither_plays_nor_controls() -> None:
    desk = Desk(midi={"ignore": ["konTROL", "Midi Through"]})
    desk.named(5, KONTROL)
    desk.named(6, "Midi Through Port-0")
    desk.cc(5, PLAY, 127, 0)
    desk.cc(5, MUTE_CLICK, 127, 0)
    desk.cc(6, PEDAL, 127)
    assert desk.down(6, 60) == []
    assert not desk.now.playing
    assert not desk.muted(Layer.CLICK)
    assert not desk.now.devices.has_controller


@pytest.mark.parametrize(
    ("one", "other", "notes"),
    [
        ("Keystation 88 MIDI 1", "Keystation 88 MIDI 2", 1),
        ("KeyLab 61 MIDI", "KeyLab 61 DAW", 1),
        ("Nord Stage 3", "Nord Lead A1", 2),
        ("Roland", "Nord", 2),
    ],
)
def test_a_keyboard_heard_on_two_ports_counts_once(one: str, other: str, notes: int) -> None:
    desk = Desk()
    desk.named(1, one)
    desk.named(2, other)
    start = desk.wait()
    played = [*key(start, 60, 0.05, 77, source=1), *key(start + 0.002, 60, 0.05, 77, source=2)]
    sent = desk.rehearsal.play(played, until=start + 1.0)
    assert len(sounds(sent, NoteOn)) == len(sounds(sent, NoteOff)) == notes


class Twins(Desk):
    """Two keyboards of one kind, or two ports of one; the same key goes down on both, 4 ms apart."""

    def __init__(self) -> None:
        super().__init__()
        self.named(1, "Keystation 61")
        self.named(2, "Keystation 61")

    def both_down(self, pitch: int, first: int = 1) -> list[Effect]:
        at = self.wait()
        self.wait(0.01)
        return self.happens(KeyDown(at, first, pitch, 90), KeyDown(at + 0.004, 3 - first, pitch, 90))

    def check_silent(self) -> None:
        state = self.rehearsal.state
        assert (state.ledger.notes, state.hands.down, state.hands.twins) == ({}, set(), {})


@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("up_first", [1, 2])
def test_a_note_struck_on_two_keyboards_of_a_kind_ends_with_the_second_key_up(
    first: int, up_first: int
) -> None:
    desk = Twins()
    assert ons(desk.both_down(60, first)) == [60]
    assert desk.up(up_first, 60) == []
    assert offs(desk.up(3 - up_first, 60)) == [60]
    desk.check_silent()


def test_a_key_struck_again_while_its_twin_is_held_is_a_note_of_its_own() -> None:
    desk = Twins()
    desk.both_down(60)
    desk.up(1, 60)
    assert ons(desk.down(1, 60, 50)) == [60]
    assert offs(desk.up(1, 60)) == [60]
    assert offs(desk.up(2, 60)) == [60]
    desk.check_silent()


@pytest.mark.parametrize("gone_first", [1, 2])
def test_a_twin_that_is_pulled_out_lets_go_alone(gone_first: int) -> None:
    desk = Twins()
    desk.both_down(60)
    assert desk.gone(gone_first) == []
    assert offs(desk.gone(3 - gone_first)) == [60]
    desk.check_silent()


def test_what_three_ports_hold_ends_with_the_last() -> None:
    desk = Twins()
    desk.named(3, "Keystation 61")
    at = desk.wait()
    desk.wait(0.01)
    assert ons(desk.happens(*(KeyDown(at + uid / 1000, uid, 60, 90) for uid in (1, 2, 3)))) == [60]
    assert desk.up(1, 60) + desk.up(3, 60) == []
    assert offs(desk.up(2, 60)) == [60]
    desk.check_silent()


@pytest.mark.parametrize("up_first", [1, 2])
def test_a_pedal_holds_what_twins_have_let_go_of(up_first: int) -> None:
    desk = Twins()
    desk.cc(2, PEDAL, 127)
    desk.both_down(60)
    assert desk.up(up_first, 60) + desk.up(3 - up_first, 60) == []
    assert len(offs(desk.both_down(60))) == 1  # struck again
    assert desk.cc(2, PEDAL, 0) == []
    assert desk.up(up_first, 60) == []
    assert offs(desk.up(3 - up_first, 60)) == [60]
    desk.check_silent()


def test_a_twin_holds_a_staccato_that_the_pedal_held() -> None:
    desk = Twins()
    desk.cc(1, PEDAL, 127)
    at = desk.wait()
    desk.wait(0.01)
    staccato = KeyDown(at, 1, 60, 90), KeyUp(at + 0.002, 1, 60)
    assert ons(desk.happens(*staccato, KeyDown(at + 0.004, 2, 60, 90))) == [60]
    assert desk.cc(1, PEDAL, 0) == []
    assert offs(desk.up(2, 60)) == [60]
    desk.check_silent()


@pytest.mark.parametrize("control", [120, 123])
@pytest.mark.parametrize("first", [1, 2])
def test_a_twins_panic_is_its_own(control: int, first: int) -> None:
    desk = Twins()
    desk.both_down(60)
    assert desk.cc(first, control, 0) == []
    assert offs(desk.cc(3 - first, control, 0)) == [60]
    desk.check_silent()


def test_a_panic_forgets_twins() -> None:
    desk = Twins()
    desk.both_down(60)
    assert offs(desk.happens(press(desk.wait(), "stop"))) == [60]
    desk.check_silent()
    assert desk.up(1, 60) + desk.up(2, 60) == []
    assert ons(desk.both_down(60)) == [60]


def test_a_recorded_note_of_twins_lasts_to_the_second_key_up() -> None:
    desk = Twins()
    start = desk.rehearsal.start(desk.wait())
    arm = press(desk.at + 0.01, "record", Layer.BASS)
    downs = [KeyDown(start + 0.001, 1, 40, 90), KeyDown(start + 0.004, 2, 40, 90)]
    ups = [KeyUp(start + 0.25, 1, 40), KeyUp(start + 0.75, 2, 40)]
    desk.rehearsal.play([arm, *downs, *ups], until=start + 4.0)
    assert [(note.step, note.duration_steps) for note in desk.rehearsal.state.bass_line] == [(0, 6)]


def test_a_call_that_twins_play_has_each_note_once_and_to_its_second_key_up() -> None:
    desk = Twins()
    desk.happens(press(desk.wait(), "improv"))
    desk.both_down(60)
    desk.up(1, 60)
    desk.up(2, 60)
    (note,) = desk.rehearsal.state.accumulated_primer_melody
    assert note.duration_s == pytest.approx(0.21)


def test_the_same_key_of_one_device_repeated_fast_counts_each_time() -> None:
    desk = Desk()
    desk.named(1, "Nord")
    start = desk.wait()
    played = [*key(start, 60, 0.002, 77, source=1), *key(start + 0.004, 60, 0.002, 77, source=1)]
    assert len(sounds(desk.rehearsal.play(played, until=start + 1.0), NoteOn)) == 2


def test_a_half_pedal_that_trembles_around_the_middle_lets_nothing_go() -> None:
    desk = Desk()
    desk.cc(1, PEDAL, 30, 64)
    desk.down(1, 60)
    desk.up(1, 60)
    assert offs(desk.cc(1, PEDAL, 63, 65, 60, 64, 62, 70)) == []
    assert offs(desk.cc(1, PEDAL, 40)) == [60]
    assert desk.cc(1, PEDAL, 50, 60, 63) == []
    desk.down(1, 62)
    assert offs(desk.up(1, 62)) == [62]


# --- a keyboard's panic -------------------------------------------------------------------


def test_all_sound_off_ends_what_its_keyboard_sounds_and_no_other() -> None:
    desk = Desk()
    desk.cc(1, PEDAL, 127)
    desk.down(1, 60)
    desk.up(1, 60)
    desk.down(1, 62)
    desk.down(2, 64)
    assert sorted(offs(desk.cc(1, 120, 0))) == [60, 62]


def test_all_notes_off_is_all_keys_up_and_costs_nothing_where_none_is_down() -> None:
    desk = Desk()
    desk.down(1, 60)
    assert offs(desk.cc(1, 123, 0)) == [60]
    desk.cc(1, PEDAL, 127)
    desk.down(1, 62)
    desk.up(1, 62)
    before = desk.now
    assert desk.cc(1, 123, 0, 0, 0) == []  # as keyboards say whenever no key is down: the pedal holds
    assert desk.now == before
    assert offs(desk.cc(1, PEDAL, 0)) == [62]


def test_reset_all_controllers_lifts_the_pedal_and_centres_the_wheels() -> None:
    desk = Desk()
    desk.cc(1, PEDAL, 127)
    desk.down(1, 60)
    desk.up(1, 60)
    desk.happens(PitchBend(desk.wait(), 1, 0))
    desk.cc(1, WHEEL, 100)
    effects = desk.cc(1, 121, 0)
    assert offs(effects) == [60]
    assert effects[1:] == [Bend(8192), Modulate(0)]


def test_a_control_that_nothing_is_bound_to_is_told_with_its_number_and_device() -> None:
    desk = Desk()
    desk.named(5, KONTROL)
    desk.named(1, "LPK25")
    desk.cc(5, 70, 127, 0)
    assert desk.now.notice == Notice(1, NoticeKind.UNBOUND_CONTROL, KONTROL, 70)
    desk.cc(1, 11, 50, 51, 52)
    assert desk.now.notice == Notice(2, NoticeKind.UNBOUND_CONTROL, "LPK25", 11)
    told = desk.now.notice
    desk.cc(1, 123, 0)
    assert desk.now.notice == told


def test_of_very_many_devices_those_that_are_named_and_play_are_remembered() -> None:
    desk = Desk()
    desk.named(1, "Nord")
    desk.named(5, KONTROL)
    desk.down(1, 60)
    for uid in range(1000, 3000):
        desk.cc(uid, 7, 5)
        desk.named(uid, "x" * 5000) if uid % 2 else desk.down(uid, 40)
        desk.up(uid, 40)
    assert len(desk.now.devices.names) <= MAX_SOURCES
    assert max(map(len, desk.now.devices.names.values())) <= MAX_NAME
    assert len({source for source, _ in desk.rehearsal.state.controls}) <= MAX_SOURCES
    desk.cc(5, MUTE_CLICK, 127, 0)
    assert desk.muted(Layer.CLICK)
    assert offs(desk.up(1, 60)) == [60]
    assert ons(desk.down(9999, 62)) == [62]  # the one too many is played all the same
    assert offs(desk.up(9999, 62)) == [62]


def test_what_is_learned_as_the_controller_lets_go_of_what_it_held_as_a_keyboard() -> None:
    desk = Desk()
    desk.cc(20, WHEEL, 90)  # a fader, and R1 held: nobody knows yet what they are
    desk.cc(20, PEDAL, 127)
    assert Modulate(0) in desk.cc(20, PLAY, 127, 0)
    desk.cc(20, WHEEL, 30)
    desk.cc(20, PEDAL, 0)
    desk.down(1, 60)
    assert offs(desk.up(1, 60)) == [60]


def test_what_the_settings_call_a_keyboard_is_not_learned() -> None:
    desk = Desk(midi={"keyboards": ["Nord"]})
    desk.named(30, "Nord Stage")
    desk.cc(30, PLAY, 127, 0)
    assert (desk.now.devices.learned, desk.now.playing) == (frozenset(), False)


def test_what_ever_new_sources_hold_is_bounded_and_ends() -> None:
    rehearsal = Rehearsal()
    keys = [(source, source % 128) for source in range(1_000, 11_000)]
    rehearsal.play([ControlChange(0.1, source, 64, 127, 0) for source, _ in keys], until=0.1)
    rehearsal.play([ControlChange(0.1, source, 64, 0, 0) for source, _ in keys], until=0.1)
    assert not rehearsal.state.hands.pedals
    downs = rehearsal.play([KeyDown(0.2, source, pitch, 100) for source, pitch in keys], until=0.2)
    assert len(sounds(downs, NoteOn)) == len(keys)
    assert len(rehearsal.state.ledger.notes) <= 128 + MAX_SOURCES
    rehearsal.play([KeyUp(0.3, source, pitch) for source, pitch in keys], until=0.3)
    assert not rehearsal.state.ledger.notes
    assert not rehearsal.state.hands.down
