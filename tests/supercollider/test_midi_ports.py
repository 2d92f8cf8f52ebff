"""Which MIDI ports are played to, and which are listened to, as they come and go."""

import time

import pytest

from tests.supercollider.midi import (
    ALL_NOTES_OFF,
    CONTROL,
    CONTROLLER,
    DEVICES,
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
from tests.supercollider.osc import Mailbox
from tests.supercollider.processes import wait_until
from tests.supercollider.rig import Rig

pytestmark = pytest.mark.supercollider

KEYS_OUT = f"{KEYBOARD}\tKeystation 61\tKeystation 61 MIDI 1\tout\n"
KONTROL_OUT = f"{CONTROLLER}\tnanoKONTROL2\tnanoKONTROL2 MIDI 1\tout\n"
HANDS = "".join(DEVICES.splitlines(keepends=True)[:3])  # without an instrument


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


def test_a_source_is_connected_at_each_look_as_it_may_have_been_away_between_two(rig: Rig) -> None:
    heard = f"port 0 hears {KEYBOARD}"
    before = rig.said().count(heard)
    time.sleep(2 * SEEN_S)
    assert rig.said().count(heard) >= before + 2


def test_the_uid_of_a_source_that_is_gone_may_be_another_ones(rig: Rig) -> None:
    other = DEVICES.replace("Keystation 61\tKeystation 61 MIDI 1", "LPK25\tLPK25 MIDI 1")
    try:
        with rig.listening() as daemon:
            rig.devices.write_text(other)
            daemon.wait_for("/psc2/source_gone", KEYBOARD, timeout_s=3)
            daemon.wait_for("/psc2/source", KEYBOARD, "LPK25 LPK25 MIDI 1", timeout_s=3)
    finally:
        rig.devices.write_text(DEVICES)
        time.sleep(SEEN_S)
