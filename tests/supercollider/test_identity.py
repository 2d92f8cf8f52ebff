"""What an id on the wire names: one sounding note, from its note-on to its note-off."""

import time
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import pytest

from tests.supercollider.midi import (
    ALL_NOTES_OFF,
    CONTROL,
    DEVICES,
    EXACT_S,
    MIDI_ONLY,
    OFF,
    ON,
    SEEN_S,
    SYNTH,
    TO_SYNTH,
    data,
)
from tests.supercollider.osc import Argument
from tests.supercollider.processes import wait_until
from tests.supercollider.rig import BUSY_S, Rig
from tests.supercollider.sound import Sound

pytestmark = pytest.mark.supercollider

LEAD_S = 0.2  # from sending to sounding
BEFORE_S = 0.048  # that a player is early
RELEASE_S = 0.22  # the longest release
LOUD, SOFT = 127, 30
INSTRUMENTS = [("/playbass", "/stopbass"), ("/playchords", "/stopchords"), ("/playwurly", "/stopnote")]

Event = tuple[float, str, tuple[Argument, ...]]  # a moment (s), an address and its arguments


def perform(rig: Rig, events: Iterable[Event], first: float, tagged: bool) -> None:
    """Sends each at its moment after ``first`` (as time.time), or all at once with their time tags."""
    for at, address, arguments in events:
        if tagged:
            rig.send(address, *arguments, at=first + at)
        else:
            wait_until(first + at)
            rig.send(address, *arguments)


def keeps(rig: Rig, voices: int) -> bool:
    """Whether so many sound, once those that have ended are gone."""
    rig.wait_for_voices(voices)
    time.sleep(RELEASE_S)
    return len(rig.voices()) == voices


def levels_db(sound: Sound, *spans: tuple[float, float]) -> list[float]:
    """How loud it is between two moments after its first onset, for each two."""
    start = sound.onsets(threshold_db=-60)[0]
    return [sound.level_db(start + from_s, start + to_s) for from_s, to_s in spans]


# ── in SuperCollider


@pytest.mark.parametrize(("play", "stop"), INSTRUMENTS)
def test_two_notes_of_one_pitch_are_two_voices(rig: Rig, play: str, stop: str) -> None:
    rig.send(play, 60, 100, 1)
    rig.send(play, 60, 100, 2147483647)
    assert keeps(rig, 2)
    rig.send(stop, 72, 0, 1)  # whatever pitch it says
    assert keeps(rig, 1)
    rig.send(play, 60, 0, 2147483647)  # as a note-off
    rig.wait_for_voices(0)


@pytest.mark.parametrize("tagged", [False, True], ids=["live", "tagged"])
def test_two_notes_of_one_pitch_end_each_at_its_own_moment(rig: Rig, tagged: bool) -> None:
    rig.set_up({"chords": {"voice": "organ"}})
    events: list[Event] = [
        (0.0, "/playchords", (60, LOUD, 1)),
        (0.4, "/playchords", (60, SOFT, 2)),
        (0.8, "/stopchords", (60, 0, 1)),
        (1.2, "/stopchords", (60, 0, 2)),
    ]
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        perform(rig, events, first, tagged)
        wait_until(first + 1.6)
    spans = ((0.15, 0.35), (0.55, 0.75), (1.0, 1.15), (1.4, 1.5))
    loud, both, soft, none = levels_db(recording.sound, *spans)
    assert both > loud - 3
    assert loud - 30 < soft < loud - 8
    assert none < -100


@pytest.mark.parametrize("key_ends_first", [True, False])
def test_a_key_just_before_the_loops_own_note_sounds_beside_it(rig: Rig, key_ends_first: bool) -> None:
    rig.set_up({"bass": {"voice": "organ"}})
    key, loop = (LOUD, SOFT) if key_ends_first else (SOFT, LOUD)
    key_s, loop_s = (0.4, 0.8) if key_ends_first else (0.8, 0.4)
    with rig.recording() as recording:
        tag = time.time() + LEAD_S
        rig.send("/playbass", 60, loop, 2, at=tag)
        wait_until(tag - BEFORE_S)
        rig.send("/playbass", 60, key, 1)
        rig.send("/stopbass", 60, 0, 2, at=tag + loop_s)
        wait_until(tag + key_s)
        rig.send("/stopbass", 60, 0, 1)
        wait_until(tag + 1.2)
    both, soft, none = levels_db(recording.sound, (0.15, 0.35), (0.6, 0.75), (1.1, 1.15))
    assert both > -35
    assert both - 30 < soft < both - 8
    assert none < -100


def test_a_staccato_key_leaves_the_loops_note_as_long_as_it_is(rig: Rig) -> None:
    rig.set_up({"bass": {"voice": "organ"}})
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        rig.send("/playbass", 60, LOUD, 2, at=first)
        perform(
            rig, [(0.4, "/playbass", (60, SOFT, 1)), (0.42, "/stopbass", (60, 0, 1))], first, tagged=False
        )
        rig.send("/stopbass", 60, 0, 2, at=first + 0.8)
        wait_until(first + 1.2)
    before, after, none = levels_db(recording.sound, (0.15, 0.35), (0.6, 0.79), (0.95, 1.1))
    assert after > before - 3
    assert none < -100


def test_an_id_and_a_pitch_never_stand_for_each_other(rig: Rig) -> None:
    rig.send("/playwurly", 60, 100)
    rig.send("/playwurly", 60, 100, 60)
    rig.send("/playwurly", 60, 100, 61)
    assert keeps(rig, 3)
    rig.send("/stopnote", 60, 0)
    assert keeps(rig, 2)
    rig.send("/stopnote", 60, 0)  # has ended already
    rig.send("/stopnote", 61, 0, 62)  # no note has it
    rig.send("/stopchords", 60, 0, 60)  # nor one of this instrument
    rig.send("/playwurly", 60, 100)
    assert keeps(rig, 3)
    rig.send("/stopnote", 60, 0, 60)
    rig.send("/stopnote", 60, 0, 61)
    assert keeps(rig, 1)
    rig.send("/playwurly", 60, 100)  # as ever: a second note-on of a pitch ends the first
    assert keeps(rig, 1)
    rig.send("/stopnote", 60, 0)
    rig.wait_for_voices(0)
    assert "FAILURE" not in rig.said()


def test_a_second_note_on_of_an_id_replaces_the_first(rig: Rig) -> None:
    for pitch in (60, 64, 64):
        rig.send("/playchords", pitch, 100, 7)
    with rig.recording() as recording:
        assert keeps(rig, 1)
    rig.send("/stopchords", 60, 0, 7)
    rig.wait_for_voices(0)
    end = recording.sound.length_s
    assert round(recording.sound.strongest_pitch(end - 0.2, end)) == 64


@pytest.mark.parametrize("malformed", [0, -1, -61, 2.0**31, float("nan"), "seven"])
def test_a_message_with_a_malformed_id_is_ignored(rig: Rig, malformed: Argument) -> None:
    rig.send("/playwurly", 60, 100, malformed)
    rig.send("/playwurly", 60, 100)
    rig.send("/playwurly", 60, 100, 7.0)
    assert keeps(rig, 2)
    rig.send("/stopnote", 60, 0, malformed)
    rig.send("/playwurly", 60, 0, malformed)
    assert keeps(rig, 2)
    rig.send("/stopnote", 60, 0)
    rig.send("/stopnote", 60, 0, 7)
    rig.wait_for_voices(0)


def test_a_new_rig_ends_every_note_of_a_layer_that_changes(rig: Rig) -> None:
    for note in (1, 2, 3):
        rig.send("/playwurly", 60, 100, note)
    assert keeps(rig, 3)
    rig.set_up({"lead": {"voice": "organ"}})
    rig.wait_for_voices(0)


def test_a_storm_of_notes_of_few_pitches_leaves_nothing_behind(rig: Rig) -> None:
    random = np.random.RandomState(2)
    first = time.time() + LEAD_S
    for note in range(1, 601):
        play, stop = INSTRUMENTS[note % 3]
        tag = first + note * 0.004
        pitch, live = int(random.randint(60, 64)), random.random() < 0.3
        rig.send(play, pitch, int(random.randint(1, 128)), note, at=tag)
        rig.send(stop, pitch, 0, note, at=None if live else tag + random.uniform(0, 0.05))
        if note % 50 == 0:
            wait_until(tag - LEAD_S)
    wait_until(first + 600 * 0.004)
    rig.wait_for_voices(0)
    assert "FAILURE" not in rig.said()


# ── MIDI out, where a key is down or up and no note has a name


@pytest.mark.parametrize("tagged", [False, True], ids=["live", "tagged"])
def test_an_instruments_key_goes_up_with_the_last_note_that_holds_it(rig: Rig, tagged: bool) -> None:
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH | {"transpose": 10}})
    rig.played_out(0.2)
    events: list[Event] = [
        (0.0, "/playwurly", (117, 90, 1)),
        (0.1, "/playwurly", (117, 80, 2)),
        (0.2, "/playwurly", (120, 70, 3)),  # as far as MIDI goes: the same key
        (0.3, "/stopnote", (117, 0, 1)),
        (0.4, "/stopnote", (120, 0, 3)),
        (0.5, "/playwurly", (117, 60, 4)),
        (0.6, "/stopnote", (117, 0, 2)),
        (0.7, "/stopnote", (117, 0, 4)),
        (0.7, "/playwurly", (117, 50, 5)),
        (0.8, "/stopnote", (117, 0, 5)),
    ]
    first = time.time() + LEAD_S
    perform(rig, events, first, tagged)
    wait_until(first + 0.9)
    played = rig.played_out(0.2)
    ons = [(ON, 2, 127, velocity) for velocity in (90, 80, 70, 60)]
    off = (OFF, 2, 127, 0)
    assert data(played) == [*ons, off, (ON, 2, 127, 50), off]
    for message, at in zip(played, (0.0, 0.1, 0.2, 0.5, 0.7, 0.7, 0.8), strict=True):
        assert -EXACT_S < message.at - first - at < EXACT_S + BUSY_S


def test_an_instrument_gets_a_key_just_before_the_loops_own_note_at_once(rig: Rig) -> None:
    rig.set_up({"bass": {"heard": 0}}, {"bass": TO_SYNTH})
    rig.played_out(0.2)
    tag = time.time() + LEAD_S
    rig.send("/playbass", 40, 90, 2, at=tag)
    perform(rig, [(0.0, "/playbass", (40, 33, 1))], tag - BEFORE_S, tagged=False)
    rig.send("/stopbass", 40, 0, 2, at=tag + 0.1)
    perform(rig, [(0.2, "/stopbass", (40, 0, 1))], tag, tagged=False)
    played = rig.played_out(0.2)
    assert data(played) == [(ON, 2, 40, 33), (ON, 2, 40, 90), (OFF, 2, 40, 0)]
    for message, at in zip(played, (-BEFORE_S, 0.0, 0.2), strict=True):
        assert -EXACT_S < message.at - tag - at < EXACT_S + BUSY_S


@pytest.mark.parametrize("off_is_sent_first", [True, False])
def test_an_instrument_gets_a_staccato_key_in_the_last_moment_of_a_looped_note(
    rig: Rig, off_is_sent_first: bool
) -> None:
    rig.set_up({"bass": {"heard": 0}}, {"bass": TO_SYNTH})
    rig.played_out(0.2)
    first = time.time() + LEAD_S
    end = first + 0.3
    rig.send("/playbass", 40, 90, 2, at=first)
    wait_until(first + 0.15)
    if off_is_sent_first:
        rig.send("/stopbass", 40, 0, 2, at=end)
    perform(rig, [(0.25, "/playbass", (40, 33, 1)), (0.265, "/stopbass", (40, 0, 1))], first, tagged=False)
    if not off_is_sent_first:
        rig.send("/stopbass", 40, 0, 2, at=end)
    wait_until(end)
    played = rig.played_out(0.2)
    assert data(played) == [(ON, 2, 40, 90), (ON, 2, 40, 33), (OFF, 2, 40, 0)]
    for message, at in zip(played, (0.0, 0.25, 0.3), strict=True):
        assert -EXACT_S < message.at - first - at < EXACT_S + BUSY_S


def test_a_flush_ends_a_key_once_however_many_notes_hold_it(rig: Rig) -> None:
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH})
    rig.played_out(0.2)
    rig.send("/playwurly", 60, 90, 1)
    rig.send("/playwurly", 60, 90, 2)
    rig.send("/stopnote", 60, 0, 1, at=time.time() + LEAD_S)
    rig.send("/playwurly", 60, 90, 3, at=time.time() + LEAD_S)
    assert data(rig.played_out(0.1)) == [(ON, 2, 60, 90), (ON, 2, 60, 90)]
    rig.send("/psc2/flush")
    assert data(rig.played_out(0.1)) == [(OFF, 2, 60, 0), (CONTROL, 2, ALL_NOTES_OFF, 0)]
    rig.send("/playwurly", 60, 80, 4)
    rig.send("/stopnote", 60, 0, 2)  # has ended with the flush
    rig.send("/stopnote", 60, 0, 3)  # never began
    assert data(rig.played_out(2 * LEAD_S)) == [(ON, 2, 60, 80)]
    rig.send("/stopnote", 60, 0, 4)
    assert data(rig.played_out(0.2)) == [(OFF, 2, 60, 0)]


def test_notes_that_sounded_when_their_port_was_pulled_out_hold_nothing_when_it_is_back(rig: Rig) -> None:
    without = DEVICES.replace(f"{SYNTH}\tMinilogue\tMinilogue MIDI 1\tout\n", "")
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH})
    rig.played_out(0.2)
    rig.send("/playwurly", 60, 90, 1)
    rig.send("/playwurly", 60, 90, 2)
    rig.send("/stopnote", 60, 0, 2, at=time.time() + 2 * SEEN_S + 0.2)  # when it is back
    try:
        rig.devices.write_text(without)
        time.sleep(SEEN_S)
    finally:
        rig.devices.write_text(DEVICES)
        time.sleep(SEEN_S)
    rig.played_out()
    rig.send("/playwurly", 60, 80, 3)
    rig.send("/stopnote", 60, 0, 1)
    assert data(rig.played_out(0.4)) == [(ON, 2, 60, 80)]
    rig.send("/stopnote", 60, 0, 3)
    assert data(rig.played_out(0.2)) == [(OFF, 2, 60, 0)]


def test_an_instrument_never_gets_more_ends_than_beginnings_in_a_storm(rig: Rig) -> None:
    random = np.random.RandomState(3)
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH, "chords": TO_SYNTH})
    rig.played_out(0.2)
    first = time.time() + LEAD_S
    for note in range(1, 301):
        play, stop = INSTRUMENTS[1 + note % 2]
        tag = first + note * 0.004
        pitch, live = int(random.randint(60, 63)), random.random() < 0.3
        rig.send(play, pitch, 90, note, at=tag)
        rig.send(stop, pitch, 0, note, at=None if live else tag + random.uniform(0, 0.03))
        if note % 50 == 0:
            wait_until(tag - LEAD_S)
    wait_until(first + 300 * 0.004)
    played = data(rig.played_out(0.5), ON, OFF)
    assert [status for status, *_ in played].count(ON) == 300
    for key in (60, 61, 62):
        statuses = [status for status, _, note, _ in played if note == key]
        assert statuses[-1] == OFF
        assert (OFF, OFF) not in pairwise(statuses)
