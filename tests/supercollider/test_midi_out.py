"""What leaves for MIDI instruments, and when."""

import time
from itertools import pairwise

import pytest

from tests.supercollider.midi import (
    ALL_NOTES_OFF,
    BEND,
    CONTROL,
    CONTROLLER,
    DEVICES,
    DRUM_MACHINE,
    EXACT_S,
    KEYBOARD,
    MIDI_ONLY,
    OFF,
    ON,
    PROGRAM,
    SEEN_S,
    SYNTH,
    TO_SYNTH,
    data,
)
from tests.supercollider.osc import Argument, Mailbox
from tests.supercollider.processes import wait_until
from tests.supercollider.rig import BUSY_S, Rig

pytestmark = pytest.mark.supercollider

LEAD_S = 0.2
NOTES = {"kick": 36, "snare": 38, "click0": 76, "click1": 76}
KEYS_OUT = f"{KEYBOARD}\tKeystation 61\tKeystation 61 MIDI 1\tout\n"
KONTROL_OUT = f"{CONTROLLER}\tnanoKONTROL2\tnanoKONTROL2 MIDI 1\tout\n"
HANDS = "".join(DEVICES.splitlines(keepends=True)[:3])  # without an instrument


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


def test_the_first_real_port_is_meant_where_none_is_named(rig: Rig) -> None:
    rig.set_up({}, {"lead": {"port": ""}})
    rig.played_out(0.2)
    rig.send("/playwurly", 60, 90)
    assert [message.arguments[0] for message in rig.played_out(0.2)] == [SYNTH]


def test_a_keyboards_own_output_is_not_the_first_real_one(rig: Rig) -> None:
    try:
        rig.devices.write_text(KONTROL_OUT + KEYS_OUT + DEVICES)
        time.sleep(SEEN_S)
        rig.set_up({}, {"lead": {"port": ""}})
        rig.played_out(0.2)
        rig.send("/playwurly", 60, 90)
        assert [message.arguments[0] for message in rig.played_out(0.2)] == [SYNTH]
    finally:
        rig.devices.write_text(DEVICES)
        time.sleep(SEEN_S)


def test_a_controller_that_is_the_only_output_is_heard_until_an_instrument_takes_over(rig: Rig) -> None:
    try:
        with rig.listening() as daemon:
            rig.devices.write_text(HANDS + KONTROL_OUT + KEYS_OUT)
            time.sleep(SEEN_S)
            rig.set_up({}, {"lead": {"port": ""}})
            rig.played_out(0.2)
            rig.send("/playwurly", 60, 90)
            assert [message.arguments for message in rig.played_out(0.2)] == [(CONTROLLER, ON, 0, 60, 90)]
            told = daemon.collect(SEEN_S)
            rig.devices.write_text(KONTROL_OUT + KEYS_OUT + DEVICES)
            time.sleep(SEEN_S)
            rig.send("/playwurly", 62, 90)
            sent = rig.played_out(0.2)
            told += daemon.collect()
    finally:
        rig.devices.write_text(DEVICES)
        time.sleep(SEEN_S)
    sources = {message.arguments[0] for message in told if message.address == "/psc2/source"}
    assert sources == {KEYBOARD, CONTROLLER}
    assert {message.arguments[0] for message in told if message.address == "/psc2/status"} == {""}
    assert f"port 0 no longer hears {CONTROLLER}" not in rig.said()
    notes = [message.arguments for message in sent if message.arguments[1] in (ON, OFF)]
    assert notes == [(CONTROLLER, OFF, 0, 60, 0), (SYNTH, ON, 0, 62, 90)]


def test_a_note_that_was_to_come_when_its_port_was_pulled_out_is_forgotten(rig: Rig) -> None:
    without = DEVICES.replace(f"{SYNTH}\tMinilogue\tMinilogue MIDI 1\tout\n", "")
    rig.set_up(MIDI_ONLY, {"lead": TO_SYNTH})
    rig.played_out(0.2)
    now = time.time()
    for pitch, tag in ((60, now + 2.5), (64, now + 6.0)):  # while it is out, and when it is back
        rig.send("/playwurly", pitch, 90, at=tag)
        rig.send("/stopnote", pitch, 0, at=tag + 0.2)
    try:
        rig.devices.write_text(without)
        wait_until(now + 3.0)
    finally:
        rig.devices.write_text(DEVICES)
    rig.control.wait_for("/test/midi_out", SYNTH, CONTROL, 2, ALL_NOTES_OFF, timeout_s=2.5)
    wait_until(now + 6.5)
    assert not data(rig.played_out(0.2), ON, OFF)
    rig.send("/playwurly", 60, 90)
    rig.send("/stopnote", 60, 0)
    assert data(rig.played_out(0.2), ON, OFF) == [(ON, 2, 60, 90), (OFF, 2, 60, 0)]


def test_a_missing_port_is_named_and_found_when_it_is_plugged_in(rig: Rig) -> None:
    new = 44 << 16
    with rig.listening() as daemon:
        rig.set_up({}, {"lead": {"port": "prophet", "program": 7}, "bass": TO_SYNTH})
        missing = 'no MIDI output "prophet" (there are: Minilogue Minilogue MIDI 1, TR-8S TR-8S MIDI 1)'
        daemon.wait_for("/psc2/status", missing, timeout_s=3)
        rig.played_out(0.1)
        rig.send("/playwurly", 60, 90)
        rig.send("/playbass", 40, 90)
        assert data(rig.played_out(0.2)) == [(ON, 2, 40, 90)]
        rig.devices.write_text(f"{DEVICES}{new}\tProphet\tProphet Rev2\tout\n")
        rig.control.wait_for("/test/midi_out", new, PROGRAM, 0, 6, timeout_s=3)
        daemon.collect()
        daemon.wait_for("/psc2/status", "", timeout_s=3)
        rig.send("/playwurly", 62, 90)
        rig.control.wait_for("/test/midi_out", new, ON, 0, 62)
        rig.played_out()
        rig.devices.write_text(DEVICES)  # pulled out while a note sounds
        daemon.collect()
        daemon.wait_for("/psc2/status", missing, timeout_s=3)
        rig.send("/stopnote", 62, 0)
        assert not [message for message in rig.played_out(0.2) if message.arguments[0] == new]


def sources(daemon: Mailbox) -> set[str]:
    """Those that are named together, after one hello."""
    daemon.collect()
    daemon.wait_for("/psc2/status", timeout_s=3)
    daemon.collect()
    daemon.wait_for("/psc2/status", timeout_s=3)
    return {str(message.arguments[1]) for message in daemon.collect() if message.address == "/psc2/source"}


def test_what_is_played_to_is_not_listened_to(rig: Rig) -> None:
    """A port that gives back what it gets would make psc2 play its own echo."""
    with rig.listening() as daemon:
        rig.devices.write_text(f"{DEVICES}{SYNTH}\tMinilogue\tMinilogue MIDI 1\n")
        daemon.wait_for("/psc2/source", SYNTH, timeout_s=5)
        rig.set_up({}, {"bass": TO_SYNTH})
        assert not any("Minilogue" in source for source in sources(daemon))
        assert f"port 0 no longer hears {SYNTH}" in rig.said()
        told = (
            "not listened to, as psc2 plays it: Minilogue Minilogue MIDI 1 "
            '(PSC2_KEYBOARD="Minilogue" has it both ways)'
        )
        daemon.wait_for("/psc2/status", told, timeout_s=3)
        rig.set_up({}, {"bass": TO_SYNTH, "lead": {"port": "prophet"}})
        joined = daemon.wait(lambda message: "prophet" in str(message.arguments), timeout_s=3)
        status = str(joined.arguments[0])
        assert status.startswith('no MIDI output "prophet"')
        assert status.endswith(f"; {told}")
        rig.set_up({}, {"bass": {"port": "TR-8S"}})
        daemon.collect()
        daemon.wait_for("/psc2/status", "", timeout_s=3)
        daemon.wait_for("/psc2/source", SYNTH, timeout_s=3)
        rig.devices.write_text(DEVICES)
        assert not any("Minilogue" in source for source in sources(daemon))


def test_a_source_that_comes_to_be_played_to_is_gone_once(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.devices.write_text(f"{DEVICES}{SYNTH}\tMinilogue\tMinilogue MIDI 1\n")
        daemon.wait_for("/psc2/source", SYNTH, timeout_s=5)
        rig.set_up({}, {"bass": TO_SYNTH})
        told = daemon.collect(SEEN_S)
        rig.devices.write_text(DEVICES)  # it was gone already
        told += daemon.collect(SEEN_S)
    assert [message.arguments for message in told if message.address == "/psc2/source_gone"] == [(SYNTH,)]


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
