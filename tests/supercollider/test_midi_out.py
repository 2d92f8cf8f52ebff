"""What leaves for MIDI instruments, and when."""

import time
from itertools import pairwise

import pytest

from tests.supercollider.midi import (
    ALL_NOTES_OFF,
    BEND,
    CONTROL,
    DRUM_MACHINE,
    EXACT_S,
    MIDI_ONLY,
    OFF,
    ON,
    PROGRAM,
    SYNTH,
    TO_SYNTH,
    data,
)
from tests.supercollider.osc import Argument
from tests.supercollider.processes import wait_until
from tests.supercollider.rig import BUSY_S, Rig

pytestmark = pytest.mark.supercollider

LEAD_S = 0.2
NOTES = {"kick": 36, "snare": 38, "click0": 76, "click1": 76}


def test_a_live_note_of_the_lead_leaves_at_once_and_is_not_heard(rig: Rig) -> None:
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH})
    rig.played_out(0.2)
    with rig.recording() as recording:
        pressed = []
        for pitch in range(60, 70):
            pressed.append(time.time())
            rig.send("/playwurly", pitch, 90)
            time.sleep(0.03)
            rig.send("/stopnote", pitch, 0)
            time.sleep(0.03)
        played = rig.played_out(0.2)
    expected = [message for pitch in range(60, 70) for message in ((ON, 2, pitch, 90), (OFF, 2, pitch, 0))]
    assert data(played) == expected
    assert {message.arguments[0] for message in played} == {SYNTH}
    late = [1000 * (on.at - at) for on, at in zip(played[::2], pressed, strict=True)]
    print("from message to MIDI in ms:", [round(delay, 2) for delay in late])
    assert sorted(late)[5] < 1000 * EXACT_S
    assert max(late) < 1000 * (EXACT_S + BUSY_S)
    assert not recording.sound.onsets()


def test_a_layer_can_sound_in_both_and_the_others_do_not_notice(rig: Rig) -> None:
    rig.set_up({"bass": {"heard": 0}}, {"chords": TO_SYNTH, "bass": {"port": "TR-8S", "channel": 1}})
    rig.played_out(0.2)
    for address in ("/playbass", "/playchords", "/playwurly"):
        rig.send(address, 50, 100)
    rig.wait_for_voices(2)
    assert rig.voices() == ["psc2_epiano", "psc2_wurly"]
    played = rig.played_out(0.1)
    assert {message.arguments for message in played} == {
        (SYNTH, ON, 2, 50, 100),
        (DRUM_MACHINE, ON, 0, 50, 100),
    }


def test_looped_notes_leave_at_their_time_tag(rig: Rig) -> None:
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH})
    rig.played_out(0.2)
    first = time.time() + LEAD_S
    tags = [first + number * 0.05 for number in range(20)]
    for number, tag in enumerate(tags):
        rig.send("/playwurly", 60 + number, 90, at=tag)
        rig.send("/stopnote", 60 + number, 0, at=tag + 0.05)
    wait_until(tags[-1] + 0.1)
    played = rig.played_out(0.2)
    ons = [message for message in played if message.arguments[1] == ON]
    assert [message.arguments[3] for message in ons] == list(range(60, 80))
    late = [1000 * (on.at - tag) for on, tag in zip(ons, tags, strict=True)]
    print("late in ms:", [round(delay, 2) for delay in late])
    assert min(late) > -1000 * EXACT_S
    assert sorted(late)[len(late) // 2] < 1000 * EXACT_S
    assert max(late) < 1000 * (EXACT_S + BUSY_S)


@pytest.mark.parametrize("named", [False, True], ids=["without an id", "with one"])
def test_a_note_never_ends_before_it_begins(rig: Rig, named: bool) -> None:
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH})
    rig.played_out(0.2)
    tag = time.time() + LEAD_S
    for pitch, end in ((60, None), (62, tag - 0.1), (64, tag)):
        note = [pitch] if named else []
        rig.send("/playwurly", pitch, 90, *note, at=tag)
        rig.send("/stopnote", pitch, 0, *note, at=end)
    played = rig.played_out(LEAD_S + 0.2)
    for pitch in (60, 62, 64):
        assert [item[0] for item in data(played) if item[2] == pitch] == [ON, OFF]


def test_flush_ends_what_sounds_and_takes_back_what_is_to_come(rig: Rig) -> None:
    rig.set_up(MIDI_ONLY | {"drums": {"heard": 0}}, {"lead": TO_SYNTH, "drums": TO_SYNTH}, NOTES)
    rig.send("/playwurly", 60, 90)
    rig.send("/playwurly", 64, 90)
    tag = time.time() + LEAD_S
    rig.send("/playwurly", 67, 90, at=tag)
    rig.send("/playkick", 90, at=tag)
    rig.send("/stopnote", 60, 0, at=tag)
    rig.played_out(0.1)
    rig.send("/psc2/flush")
    rig.send("/stopnote", 67, 0, at=tag + 0.05)  # ends a note that never began
    flushed = rig.played_out(LEAD_S + 0.2)
    assert sorted(data(flushed)) == [(OFF, 2, 60, 0), (OFF, 2, 64, 0), (CONTROL, 2, ALL_NOTES_OFF, 0)]
    assert data(flushed)[-1][0] == CONTROL
    rig.send("/playwurly", 72, 90)
    rig.send("/stopnote", 72, 0)
    assert data(rig.played_out(0.2)) == [(ON, 2, 72, 90), (OFF, 2, 72, 0)]


def test_drums_and_clicks_are_the_notes_of_the_rig_and_end_by_themselves(rig: Rig) -> None:
    to_machine: dict[str, Argument] = {"port": "tr-8s", "channel": 10}
    rig.set_up({"click": {"heard": 0}}, {"drums": to_machine, "click": to_machine}, NOTES)
    rig.played_out(0.2)
    rig.send("/playkick", 100)
    rig.send("/playclick0", 80)
    rig.send("/playride", 80)  # has no note
    played = rig.played_out(0.4)
    assert {message.arguments[0] for message in played} == {DRUM_MACHINE}
    assert data(played) == [(ON, 9, 36, 100), (ON, 9, 76, 80), (OFF, 9, 36, 0), (OFF, 9, 76, 0)]
    for on, off in zip(played[:2], played[2:], strict=True):
        assert 0.05 - EXACT_S < off.at - on.at < 0.05 + EXACT_S + BUSY_S


def test_a_note_that_two_layers_hold_ends_with_the_last_of_them(rig: Rig) -> None:
    rig.set_up({}, {"lead": TO_SYNTH, "chords": TO_SYNTH})
    rig.played_out(0.2)
    for address in ("/playwurly", "/playchords"):
        rig.send(address, 60, 90)
    rig.send("/stopnote", 60, 0)
    assert data(rig.played_out(0.2)) == [(ON, 2, 60, 90), (ON, 2, 60, 90)]
    rig.send("/stopchords", 60, 0)
    assert data(rig.played_out(0.2)) == [(OFF, 2, 60, 0)]


def test_transposition_stays_within_what_midi_can_say(rig: Rig) -> None:
    rig.set_up({}, {"lead": TO_SYNTH | {"transpose": 12}, "bass": TO_SYNTH | {"transpose": -24}})
    rig.played_out(0.2)
    for address, pitches in (("/playwurly", (60, 120)), ("/playbass", (40, 10))):
        for pitch in pitches:
            rig.send(address, pitch, 90)
    assert [item[2] for item in data(rig.played_out(0.2), ON)] == [72, 127, 16, 0]


def test_a_new_rig_sends_its_programs_and_ends_the_notes_of_the_old_one(rig: Rig) -> None:
    rig.set_up({}, {"lead": TO_SYNTH | {"program": 5}, "bass": TO_SYNTH | {"channel": 1}})
    assert data(rig.played_out(0.2), PROGRAM) == [(PROGRAM, 2, 4)]
    rig.send("/playwurly", 60, 90)
    rig.send("/psc2/pitchbend", 0)
    rig.played_out(0.1)
    rig.set_up({}, {"lead": {"port": "tr", "channel": 5}})
    played = rig.played_out(0.2)
    left = [message for message in played if message.arguments[0] == SYNTH]
    assert data(left, OFF, CONTROL)[0] == (OFF, 2, 60, 0)
    assert sorted(data(left, CONTROL)) == [(CONTROL, 0, ALL_NOTES_OFF, 0), (CONTROL, 2, ALL_NOTES_OFF, 0)]
    assert data(left, BEND) == [(BEND, 2, 0, 64)]  # its wheel goes back, and the new one takes its place
    came = data([message for message in played if message.arguments[0] == DRUM_MACHINE])
    assert came[0] == (CONTROL, 4, ALL_NOTES_OFF, 0)
    assert sorted(came[1:]) == [(CONTROL, 4, 1, 0), (BEND, 4, 0, 0)]
    rig.send("/stopnote", 60, 0)
    assert not rig.played_out(0.2)


def test_the_wheels_go_to_the_leads_channel(rig: Rig) -> None:
    rig.set_up({}, {"lead": TO_SYNTH, "bass": TO_SYNTH | {"channel": 1}})
    rig.played_out(0.2)
    for value in (0, 8192, 16383):
        rig.send("/psc2/pitchbend", value)
    rig.send("/psc2/modulation", 99)
    assert data(rig.played_out(0.2)) == [
        (BEND, 2, 0, 0),
        (BEND, 2, 0, 64),
        (BEND, 2, 127, 127),
        (CONTROL, 2, 1, 99),
    ]


def test_a_storm_of_notes_ends_every_one_of_them(rig: Rig) -> None:
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH, "drums": TO_SYNTH}, NOTES)
    rig.played_out(0.2)
    first = time.time() + LEAD_S
    for number in range(200):
        tag = first + number * 0.005
        rig.send("/playwurly", 40 + number % 7, 90, at=tag)
        rig.send("/stopnote", 40 + number % 7, 0, at=tag + (number % 5) * 0.01)
        rig.send("/playkick", 90, at=tag)
        if number == 150:
            wait_until(tag - 0.1)
            rig.send("/psc2/flush")
    wait_until(first + 1.0)
    played = rig.played_out(0.5)
    for note in (*range(40, 47), 36):
        statuses = [item[0] for item in data(played, ON, OFF) if item[2] == note]
        assert statuses[-1] == OFF
        assert all((one, other) != (OFF, OFF) for one, other in pairwise(statuses))
