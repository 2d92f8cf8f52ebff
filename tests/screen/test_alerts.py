"""What keeps sound or hands away stands in the large area until it is mended."""

from collections.abc import Iterable

import pytest

from psc2.core.events import (
    ControlChange,
    Event,
    Hello,
    KeyDown,
    PageSounds,
    SourceGone,
    SourceNamed,
    SuperColliderProcess,
    SuperColliderStatus,
)
from psc2.core.instruments import Layer
from psc2.core.other_side import PluggedIn
from psc2.core.requests import Model
from psc2.screen.head import ALERT
from psc2.screen.picture import Picture
from psc2.testing import Rehearsal, press

MODEL_NAMES = {Model.MELODY: "weimar", Model.DRUMS: "groove"}
JACK = "no JACK server: start one (jackd -d alsa &)"


def bare(*events: Event) -> Rehearsal:
    """An instrument to which nothing is attached, not even the kit's controller."""
    rehearsal = Rehearsal()
    rehearsal.state.devices = PluggedIn()
    rehearsal.play(events, until=0.0)
    return rehearsal


def hello(at: float = 0.0) -> Hello:
    return Hello(at, 57120, Rehearsal().state.settings.rig.number)


def attached(at: float = 0.0) -> list[Event]:
    """A keyboard, and a controller."""
    return [SourceNamed(at, 3, "Keystation 88"), SourceNamed(at, 7, "nanoKONTROL2 CTRL")]


def started(at: float = 0.0) -> SuperColliderProcess:
    return SuperColliderProcess(at, running=True)


def shown(
    rehearsal: Rehearsal, at: float, events: Iterable[Event] = (), size: tuple[int, int] = (80, 24)
) -> str:
    """The large area: the rows on the alert's colour, as one line of words."""
    rehearsal.play(events, until=at)
    rows = Picture(rehearsal.engine.snapshot(), at, MODEL_NAMES).rows(*size)
    words = ("".join(text for text, _ in row) for row in rows if row[0][1] == ALERT)
    return " ".join(" ".join(words).split())


@pytest.mark.parametrize("size", [(80, 24), (40, 12), (120, 40)])
def test_without_a_jack_server_there_is_no_sound_until_supercollider_says_hello(
    size: tuple[int, int],
) -> None:
    rehearsal = bare(SuperColliderProcess(0.0, running=False, reason=JACK))
    assert f"NO SOUND: {JACK}" in shown(rehearsal, 0.1, size=size)
    again = SuperColliderProcess(0.2, running=True, reason=JACK)
    assert f"NO SOUND: {JACK}" in shown(rehearsal, 0.3, [again], size=size)
    mended = [hello(0.4), *attached(0.4)]
    assert shown(rehearsal, 0.5, mended, size=size) == ""


def test_silence_is_alarming_while_the_loop_plays_too_and_the_place_stays() -> None:
    rehearsal = bare(SuperColliderProcess(0.0, running=False, reason="sclang is not installed"))
    rehearsal.play([press(0.0, "play")], until=0.5)
    assert "NO SOUND: sclang is not installed" in shown(rehearsal, 0.5)
    rows = Picture(rehearsal.engine.snapshot(), 0.5, MODEL_NAMES).rows(80, 24)
    assert any("bar 1 of 2" in text for row in rows for text, _ in row)


def test_while_a_page_sounds_it_is_not_silent_whatever_supercollider_does() -> None:
    rehearsal = bare(SuperColliderProcess(0.0, running=False, reason="sclang is not installed"))
    assert "NO SOUND" in shown(rehearsal, 0.1)
    assert shown(rehearsal, 0.2, [PageSounds(0.2, 0.02)]) == ""
    rows = Picture(rehearsal.engine.snapshot(), 0.2, MODEL_NAMES).rows(80, 24)
    assert any("play starts the loop" in text for row in rows for text, _ in row)
    assert "NO SOUND" in shown(rehearsal, 0.3, [PageSounds(0.3, None)])


def test_what_is_not_installed_is_not_said_to_start() -> None:
    rehearsal = bare(SuperColliderProcess(0.0, running=False, reason="sclang is not installed"))
    rows = Picture(rehearsal.engine.snapshot(), 0.1, MODEL_NAMES).rows(80, 24)
    assert not any("is starting" in text for row in rows for text, _ in row)


def test_silence_names_the_page_that_could_sound_instead() -> None:
    now = bare(SuperColliderProcess(0.0, running=False, reason="it has crashed")).engine.snapshot()
    (silence, *_) = Picture(now, 0.1, MODEL_NAMES, page="http://127.0.0.1:8808/").problems()
    assert silence == "NO SOUND: it has crashed; the page can sound: http://127.0.0.1:8808/"


def test_a_start_may_take_ten_seconds() -> None:
    rehearsal = bare(started())
    assert shown(rehearsal, 9.9) == ""
    rows = Picture(rehearsal.engine.snapshot(), 9.9, MODEL_NAMES).rows(80, 24)
    assert any("SuperCollider is starting: sound in a moment" in text for row in rows for text, _ in row)
    assert "NO SOUND: SuperCollider has been starting for 11 s" in shown(rehearsal, 11.0)
    assert shown(rehearsal, 11.1, [hello(11.1), *attached(11.1)]) == ""


def test_one_that_answered_and_has_ended_is_alarming_at_once() -> None:
    rehearsal = bare(started(), *attached())
    assert shown(rehearsal, 1.0, [hello(0.9)]) == ""
    ended = SuperColliderProcess(1.5, running=False, reason="SuperCollider was ended by signal 9")
    assert "NO SOUND: SuperCollider was ended by signal 9" in shown(rehearsal, 1.6, [ended])


def test_one_of_somebody_else_that_does_not_answer_any_more_is_alarming() -> None:
    rehearsal = bare(hello(), *attached())
    assert "NO SOUND: SuperCollider has not answered for 5 s: start it again" in shown(rehearsal, 5.0)
    assert shown(rehearsal, 5.5, [hello(5.5)]) == ""


def test_a_sound_server_that_has_ended_is_alarming_and_other_troubles_are_not() -> None:
    rehearsal = bare(hello(), *attached())
    ended = SuperColliderStatus(0.1, "the sound server has ended; starting it again")
    assert "NO SOUND: the sound server has ended" in shown(rehearsal, 0.2, [ended])
    other = SuperColliderStatus(0.3, 'no MIDI output "Minilogue"')
    assert shown(rehearsal, 0.4, [other]) == ""


def test_of_a_program_of_2018_that_plays_and_never_says_hello_nothing_is_said() -> None:
    rehearsal = bare()
    assert shown(rehearsal, 60.0) == ""
    plays: list[Event] = [
        KeyDown(60.5, 5, 60, 90),
        ControlChange(60.6, 6, 41, 127, 0),
        ControlChange(60.7, 6, 41, 0, 0),
    ]
    assert shown(rehearsal, 61.0, plays) == ""
    assert rehearsal.engine.snapshot().playing


def test_without_a_keyboard_or_a_controller_hands_are_told_what_they_can_do() -> None:
    rehearsal = bare(hello())
    alert = shown(rehearsal, 0.1)
    assert "NO KEYBOARD: plug one in" in alert
    assert "NO CONTROLLER: space plays, ? shows the keys" in alert
    assert "NO KEYBOARD" not in shown(rehearsal, 0.2, [SourceNamed(0.2, 3, "Keystation 88")])
    assert shown(rehearsal, 0.3, [SourceNamed(0.3, 7, "nanoKONTROL2")]) == ""
    assert "NO KEYBOARD" in shown(rehearsal, 0.4, [SourceGone(0.4, 3)])


def test_who_plays_from_the_computers_keys_is_not_told_again_and_again() -> None:
    rehearsal = bare(hello(), attached()[0])
    assert "NO CONTROLLER" in shown(rehearsal, 0.1)
    assert shown(rehearsal, 0.2, [press(0.2, "record", Layer.BASS)]) == ""


def test_while_the_loop_plays_a_missing_keyboard_is_a_line_and_the_mode_is_back() -> None:
    rehearsal = bare(hello())
    rehearsal.play([press(0.1, "play")], until=0.5)
    assert shown(rehearsal, 0.6) == ""
    rows = Picture(rehearsal.engine.snapshot(), 0.6, MODEL_NAMES).rows(80, 24)
    lines = ["".join(text for text, _ in row).strip() for row in rows]
    assert "!  NO KEYBOARD: plug one in, or press k: the computer's keys play" in lines


def test_a_keyboard_that_the_settings_leave_out_is_named() -> None:
    rehearsal = Rehearsal(midi={"keyboards": ["Nord"]})
    alert = shown(rehearsal, 0.1, [hello(0.1), SourceNamed(0.1, 3, "Keystation 88")])
    assert "NO KEYBOARD: Keystation 88 is not played, by midi.keyboards or midi.ignore" in alert
