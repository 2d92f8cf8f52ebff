"""What psc2.scd tells the daemon: MIDI, and that it is there."""

import time

import pytest

from tests.supercollider.midi import CONTROLLER, DEVICES, KEYBOARD, SEEN_S
from tests.supercollider.rig import AT_ONCE_S, BUSY_S, Rig

pytestmark = pytest.mark.supercollider

PAD = 32 << 16


def test_a_key_is_forwarded_with_its_channel_and_device(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.note_on(60, 99)
        rig.note_off(60, 12, channel=9, uid=CONTROLLER)
        assert daemon.wait_for("/processnoteon").arguments == (60, 99, 0, KEYBOARD)
        assert daemon.wait_for("/processnoteoff").arguments == (60, 12, 9, CONTROLLER)


def test_a_note_on_without_velocity_is_a_note_off(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.note_on(60, 0, channel=3)
        assert daemon.wait_for("/processnoteoff").arguments == (60, 0, 3, KEYBOARD)


def test_a_control_change_is_forwarded_with_its_device(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.control_change(41, 127, channel=2)
        rig.control_change(1, 64, uid=KEYBOARD)
        assert daemon.wait_for("/ccevent").arguments == (127, 41, 2, CONTROLLER)
        assert daemon.wait_for("/ccevent").arguments == (64, 1, 0, KEYBOARD)


def test_a_program_change_is_forwarded(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.program_change(5, channel=3)
        assert daemon.wait_for("/programevent").arguments == (5, 3, KEYBOARD, 0)


def test_the_pitch_wheel_is_forwarded(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.pitch_wheel(16383, channel=1)
        assert daemon.wait_for("/psc2/pitchbend").arguments == (16383, 1, KEYBOARD)


def test_aftertouch_is_not_forwarded(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.ask("/test/midi", "doTouchAction", KEYBOARD, 0, 100)
        rig.ask("/test/midi", "doPolyTouchAction", KEYBOARD, 0, 60, 100)
        rig.note_on(60)
        daemon.wait_for("/processnoteon")
        assert {message.address for message in daemon.collect()} <= {
            "/psc2/hello",
            "/psc2/source",
            "/psc2/status",
        }


def test_hello_comes_every_second_with_the_port_and_the_number_of_the_rig(rig: Rig) -> None:
    with rig.listening() as daemon:
        arrivals = []
        for _ in range(3):
            assert daemon.wait_for("/psc2/hello", timeout_s=3).arguments[:2] == (rig.sclang_port, rig.number)
            arrivals.append(time.monotonic())
    assert 0.5 < arrivals[2] - arrivals[1] < 1.5


def test_a_hello_is_answered_at_once_with_hello_and_the_sources(rig: Rig) -> None:
    with rig.listening() as daemon:
        daemon.wait_for("/psc2/source", CONTROLLER, timeout_s=3)  # just after a hello of its own
        daemon.collect()
        daemon.send(rig.sclang_port, "/psc2/hello", daemon.port)
        assert daemon.wait_for("/psc2/hello", timeout_s=0.4).arguments[:2] == (rig.sclang_port, rig.number)
        assert daemon.wait_for("/psc2/source", KEYBOARD, timeout_s=0.4).arguments[1] == (
            "Keystation 61 Keystation 61 MIDI 1"
        )
        controller = daemon.wait_for("/psc2/source", CONTROLLER, timeout_s=0.4)
        assert "nanoKONTROL2" in str(controller.arguments[1])


def test_a_source_plugged_in_later_is_connected_and_one_pulled_out_forgotten(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.devices.write_text(
            f"{DEVICES}{PAD}\tPad\tPad 1\n14\tMidi Through\tMidi Through Port-0\n0\tSystem\tTimer\n"
        )
        daemon.wait_for("/psc2/source", PAD, timeout_s=5)
        rig.devices.write_text(DEVICES)
        daemon.collect(2.1)  # one round in which it may still have been there
        named = [message.arguments[0] for message in daemon.collect(1.2) if message.address == "/psc2/source"]
    assert set(named) == {KEYBOARD, CONTROLLER}
    assert f"port 0 hears {PAD}" in rig.said()
    assert "hears 14" not in rig.said()


def test_a_source_that_is_pulled_out_is_gone_once_before_the_others_are_named(rig: Rig) -> None:
    with rig.listening() as daemon:
        rig.devices.write_text(f"{DEVICES}{PAD}\tPad\tPad 1\n")
        daemon.wait_for("/psc2/source", PAD, timeout_s=5)
        rig.devices.write_text(DEVICES)
        daemon.collect()
        told = daemon.collect(2 * SEEN_S)
    gone = [message.arguments for message in told if message.address == "/psc2/source_gone"]
    assert gone == [(PAD,)]
    of_sources = [message for message in told if message.address.startswith("/psc2/source")]
    at = next(n for n, message in enumerate(of_sources) if message.address == "/psc2/source_gone")
    assert PAD not in [message.arguments[0] for message in of_sources[at + 1 :]]
    assert of_sources[at + 1 :]


def test_a_live_note_is_heard_within_three_audio_periods(rig: Rig) -> None:
    """From key to sound, through an echo in place of the daemon, by the clock of a sound with a time tag."""
    with rig.listening() as daemon, rig.recording() as recording:
        tag = time.time() + 0.3
        rig.send("/playclick0", at=tag)
        time.sleep(0.6)
        pressed = []
        for pitch in (60, 62, 64, 65, 67):
            pressed.append(rig.note_on(pitch))
            on = daemon.wait_for("/processnoteon")
            rig.send("/playwurly", *on.arguments[:2])
            time.sleep(0.06)
            rig.send("/stopnote", *on.arguments[:2])
            time.sleep(0.2)
    click, *notes = recording.sound.onsets()
    latencies = [1000 * (note - click - (at - tag)) for note, at in zip(notes, pressed, strict=True)]
    print("from key to sound in ms:", [round(latency, 1) for latency in latencies])
    assert max(latencies) < 1000 * (AT_ONCE_S + BUSY_S)
