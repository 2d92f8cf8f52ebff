"""Everything that was pressed or played and did nothing says so; what did something does not."""

from collections.abc import Sequence

import pytest

from psc2.core.events import ControlChange, Event, KeyDown, PitchBend, ProgramChange, SourceNamed
from psc2.core.instruments import Layer
from psc2.core.notices import Notice, NoticeKind
from psc2.runtime.virtual import CONTROLLER_UID
from psc2.testing import Rehearsal, key, press


def told(rehearsal: Rehearsal, *events: Event) -> Notice | None:
    """The latest notice after the last event, if that is what has brought it."""
    *before, last = events
    rehearsal.play(before, until=last.at)
    number = getattr(rehearsal.state.notice, "number", 0)
    rehearsal.play([last], until=last.at)
    notice = rehearsal.state.notice
    return notice if notice is not None and notice.number > number else None


PLAY, ARM, IMPROV = press(0.1, "play"), press(0.2, "record", Layer.BASS), press(0.2, "improv")
FOLLOW = press(2.3, "deterministic_drums")
BASS = [PLAY, ARM, *key(0.2, 40, 0.1)]


@pytest.mark.parametrize(
    ("events", "action", "layer"),
    [
        ([PLAY, press(0.5, "play")], "play", None),
        ([press(0.1, "free")], "free", None),
        ([IMPROV, press(0.5, "improv")], "improv", None),
        ([ARM, press(0.5, "record", Layer.BASS)], "record", Layer.BASS),
        ([press(0.5, "clear", Layer.CHORDS)], "clear", Layer.CHORDS),
        ([*BASS, FOLLOW, press(2.5, "deterministic_drums")], "deterministic_drums", None),
    ],
)
def test_what_is_so_already_is_told(events: Sequence[Event], action: str, layer: Layer | None) -> None:
    notice = told(Rehearsal(), *events)
    assert notice == Notice(notice.number if notice else 0, NoticeKind.ALREADY, action=action, layer=layer)


@pytest.mark.parametrize(
    "events",
    [
        [PLAY],
        [ARM, press(0.5, "free")],
        [IMPROV, *key(0.3, 60), press(0.5, "improv")],
        [ARM, press(0.4, "overdub"), press(0.5, "record", Layer.BASS)],
        [ARM, press(0.5, "record", Layer.CHORDS)],
        [*BASS, press(0.5, "record", Layer.BASS)],
        [*BASS, press(2.2, "clear", Layer.BASS)],
        [*BASS, FOLLOW],
        [*BASS, FOLLOW, press(2.4, "model_drums"), press(2.45, "deterministic_drums")],
        [press(0.1, "mute", Layer.BASS)],
        [press(0.1, "tap"), press(0.6, "tap")],
        [PLAY, ARM, *key(0.5, 40)],
    ],
)
def test_what_does_something_is_not_told_of(events: Sequence[Event]) -> None:
    assert told(Rehearsal(), *events) is None


def test_a_beat_without_a_bassline_is_told_of_once_a_press() -> None:
    rehearsal = Rehearsal()
    for number, action in enumerate(("deterministic_drums", "model_drums"), 1):
        notice = told(rehearsal, press(float(number), action))
        assert notice == Notice(number, NoticeKind.NO_BASS_LINE)


def test_at_its_limit_a_button_says_which() -> None:
    assert told(Rehearsal(music={"num_bars": 1}), press(0.1, "bars_down")) == Notice(
        1, NoticeKind.AT_LIMIT, action="bars", value=1
    )
    assert told(Rehearsal(music={"max_bars": 2}), press(0.1, "bars_up")) == Notice(
        1, NoticeKind.AT_LIMIT, action="bars", value=2
    )
    for action in ("denominator_down", "numerator_down"):
        notice = told(Rehearsal(music={"time_signature": "2/4"}), press(0.1, action))
        assert notice == Notice(1, NoticeKind.AT_LIMIT, action="meter")


def test_one_tap_alone_is_told_of() -> None:
    assert told(Rehearsal(), press(0.1, "tap")) == Notice(1, NoticeKind.FIRST_TAP)


def test_a_key_while_the_armed_loop_is_stopped_says_what_to_press_once() -> None:
    rehearsal = Rehearsal()
    notice = told(rehearsal, ARM, KeyDown(0.5, 0, 40, 90))
    assert notice == Notice(1, NoticeKind.PRESS_PLAY, layer=Layer.BASS)
    assert told(rehearsal, KeyDown(0.6, 0, 43, 90)) is None
    key_starts = Rehearsal(music={"first_key_starts": True})
    assert told(key_starts, ARM, KeyDown(0.5, 0, 40, 90)) is None


def test_a_key_too_early_in_the_count_in_is_told_of() -> None:
    rehearsal = Rehearsal(music={"count_in_bars": 2, "qpm": 120.0})
    notice = told(rehearsal, PLAY, ARM, KeyDown(1.0, 0, 40, 90))
    assert notice == Notice(1, NoticeKind.TOO_EARLY, layer=Layer.BASS)


def test_keys_of_a_layer_at_volume_0_say_why_nothing_is_heard_once() -> None:
    rehearsal = Rehearsal()
    notice = told(rehearsal, press(0.1, "volume", Layer.LEAD, 0.0), KeyDown(0.2, 0, 60, 90))
    assert notice == Notice(1, NoticeKind.NO_VOLUME, layer=Layer.LEAD)
    assert told(rehearsal, KeyDown(0.3, 0, 62, 90)) is None


def test_keys_of_a_device_that_the_settings_leave_out_say_so_unless_it_is_to_be_ignored() -> None:
    named = SourceNamed(0.1, 3, "Keystation 88")
    left_out = Rehearsal(midi={"keyboards": ["Nord"]})
    assert told(left_out, named, KeyDown(0.2, 3, 60, 90)) == Notice(1, NoticeKind.NOT_PLAYED, "Keystation 88")
    assert told(left_out, KeyDown(0.3, 3, 62, 90)) is None
    ignored = Rehearsal(midi={"ignore": ["Keystation"]})
    assert told(ignored, named, KeyDown(0.2, 3, 60, 90), ProgramChange(0.3, 3, 5, 0)) is None


def test_wheels_and_pedals_that_are_not_played_say_so_too() -> None:
    keyboard = SourceNamed(0.1, 3, "Keystation 88")
    for moved in (
        PitchBend(0.2, 3, 9000),
        ControlChange(0.2, 3, 64, 127, 0),
        ControlChange(0.2, 3, 1, 60, 0),
    ):
        notice = told(Rehearsal(midi={"keyboards": ["Nord"]}), keyboard, moved)
        assert notice == Notice(1, NoticeKind.NOT_PLAYED, "Keystation 88")


def test_a_controller_in_a_mode_that_its_map_does_not_know_is_told_of() -> None:
    rehearsal = Rehearsal()
    name = rehearsal.state.settings.controller.name
    notice = told(rehearsal, PitchBend(0.1, CONTROLLER_UID, 12_000))
    assert notice == Notice(1, NoticeKind.CONTROLLERS_BENDS, name)


def test_a_program_change_is_told_with_its_device() -> None:
    rehearsal = Rehearsal()
    notice = told(rehearsal, SourceNamed(0.1, 3, "LPK25"), ProgramChange(0.2, 3, 5, 0))
    assert notice == Notice(1, NoticeKind.UNBOUND_PROGRAM, "LPK25", 5)
