"""The band's mixer: which layer sounds as what, how loud and on which outputs."""

import time

import numpy as np
import pytest

from tests.supercollider.rig import Rig
from tests.supercollider.sound import Sound

pytestmark = pytest.mark.supercollider

LEAD_S = 0.2  # from sending to sounding


def play(rig: Rig, on: str, off: str, pitch: int, at: float, length_s: float = 0.4) -> None:
    rig.send(on, pitch, 100, at=at)
    rig.send(off, pitch, 0, at=at + length_s)


def chords(rig: Rig) -> tuple[Sound, Sound]:
    """A note of the chords, left and right."""
    with rig.recording() as recording:
        play(rig, "/playchords", "/stopchords", 60, time.time() + LEAD_S)
        time.sleep(LEAD_S + 0.7)
    left, right = recording.channels
    return left, right


def level_db(sound: Sound) -> float:
    return sound.level_db(0.0, sound.length_s)


def silent(sound: Sound, from_s: float, to_s: float) -> bool:
    """Not one sample other than zero: whatever sounds, it is nowhere near here."""
    return not np.any(sound.between(from_s, to_s))


def test_the_click_sounds_on_its_own_outputs_and_on_no_others(rig: Rig) -> None:
    rig.set_up({"click": {"out": 3}})
    with rig.recording(channels=4) as recording:
        first = time.time() + LEAD_S
        for number in range(3):
            rig.send("/playclick0", 127, at=first + number * 0.2)
        for number in range(2):
            rig.send("/playkick", 127, at=first + 0.8 + number * 0.2)
        play(rig, "/playbass", "/stopbass", 40, first + 0.8)
        time.sleep(LEAD_S + 1.6)
    left, right, third, fourth = recording.channels
    start = third.onsets()[0]
    assert len(third.onsets(gap_s=0.1)) == len(fourth.onsets(gap_s=0.1)) == 3
    for channel in (left, right):
        assert silent(channel, 0.0, start + 0.75)
        assert channel.level_db(start + 0.8, start + 1.1) > -40
    for channel in (third, fourth):
        assert silent(channel, start + 0.75, channel.length_s)


def test_a_note_that_ends_as_it_begins_has_been_taken_back_and_is_not_heard(rig: Rig) -> None:
    with rig.recording() as recording:
        at = time.time() + LEAD_S
        rig.send("/playwurly", 72, 100, 5, at=at)
        rig.send("/stopnote", 72, 0, 5, at=at)
        time.sleep(LEAD_S + 0.5)
    left, right = recording.channels
    assert silent(left, 0.0, left.length_s)
    assert silent(right, 0.0, right.length_s)


def test_gain_is_in_decibels(rig: Rig) -> None:
    as_it_is, _ = chords(rig)
    rig.set_up({"chords": {"gain_db": -12.0}, "bass": {"gain_db": -60.0}})
    softer, _ = chords(rig)
    rig.set_up({"chords": {"gain_db": 6.0}})
    louder, _ = chords(rig)
    assert level_db(softer) - level_db(as_it_is) == pytest.approx(-12, abs=0.5)
    assert level_db(louder) - level_db(as_it_is) == pytest.approx(6, abs=0.5)


def test_pan_goes_from_left_to_right(rig: Rig) -> None:
    rig.set_up({"chords": {"pan": -1.0}})
    left, right = chords(rig)
    assert level_db(left) > -45
    assert level_db(right) < level_db(left) - 60
    rig.set_up({"chords": {"pan": 1.0}})
    left, right = chords(rig)
    assert level_db(left) < level_db(right) - 60
    rig.set_up()
    left, right = chords(rig)
    assert level_db(left) == pytest.approx(level_db(right), abs=1)


def test_the_room_of_a_layer_is_on_its_own_outputs_and_goes_with_the_rig(rig: Rig) -> None:
    def clicks() -> tuple[list[Sound], float]:
        with rig.recording(channels=4) as recording:
            rig.send("/playclick0", 127, at=time.time() + LEAD_S)
            time.sleep(LEAD_S + 0.8)
        return recording.channels, recording.channels[2].onsets()[0]

    rig.set_up({"click": {"out": 3, "room": 1.0}})
    channels, start = clicks()
    assert all(channel.level_db(start + 0.07, start + 0.12) > -50 for channel in channels[2:])
    assert all(silent(channel, 0.0, channel.length_s) for channel in channels[:2])
    rig.set_up({"click": {"out": 3}})
    channels, start = clicks()
    assert all(channel.is_silent(start + 0.1, start + 0.5) for channel in channels)


def test_each_layer_has_the_voice_that_the_rig_gives_it(rig: Rig) -> None:
    addresses = {"bass": "/playbass", "chords": "/playchords", "lead": "/playwurly"}
    for voices in ({}, {"bass": "pad", "chords": "organ", "lead": "epiano"}):
        rig.set_up({layer: {"voice": voice} for layer, voice in voices.items()})
        for address in addresses.values():
            rig.send(address, 50, 100)
        rig.wait_for_voices(3)
        named = {"bass": "upright", "chords": "epiano", "lead": "wurly"} | voices
        assert rig.voices() == sorted(f"psc2_{voice}" for voice in named.values())
        rig.send("/psc2/flush")
        rig.wait_for_voices(0)


def test_the_wheels_are_the_leads_alone_even_where_others_have_its_voice(rig: Rig) -> None:
    rig.set_up({"chords": {"voice": "wurly", "pan": -1.0}, "lead": {"voice": "wurly", "pan": 1.0}})
    rig.send("/psc2/pitchbend", 16383)
    with rig.recording() as recording:
        first = time.time() + LEAD_S
        play(rig, "/playchords", "/stopchords", 60, first)
        play(rig, "/playwurly", "/stopnote", 60, first)
        time.sleep(LEAD_S + 0.7)
    of_chords, of_lead = recording.channels
    onset = of_chords.onsets()[0]
    assert of_chords.strongest_pitch(onset + 0.1, onset + 0.35) == pytest.approx(60, abs=0.1)
    assert of_lead.strongest_pitch(onset + 0.1, onset + 0.35) == pytest.approx(62, abs=0.1)


def test_a_new_rig_ends_what_sounds_on_the_layers_that_change(rig: Rig) -> None:
    for address in ("/playbass", "/playchords", "/playwurly"):
        rig.send(address, 50, 100)
    rig.send("/playwurly", 70, 100, at=time.time() + 0.3)  # and what is still to come
    rig.wait_for_voices(4)
    rig.set_up({"bass": {"heard": 0}, "lead": {"voice": "organ"}, "chords": {"gain_db": -6.0, "pan": 0.5}})
    time.sleep(0.3)
    rig.wait_for_voices(1)
    assert rig.voices() == ["psc2_epiano"]
    for address in ("/stopbass", "/stopchords", "/stopnote"):
        rig.send(address, 50, 0)
    rig.wait_for_voices(0)
    rig.send("/playbass", 50, 100)  # no longer heard
    rig.send("/playwurly", 50, 100)
    rig.wait_for_voices(1)
    assert rig.voices() == ["psc2_organ"]
    rig.send("/stopnote", 50, 0)
    assert "FAILURE" not in rig.said()


def test_a_rig_that_cannot_be_understood_leaves_the_defaults(rig: Rig) -> None:
    rig.send("/psc2/sound", "bass", 1, "upright", 9, 0.0, 0.0)  # there are no outputs 9 and 10
    rig.send("/psc2/sound", "chords", 1, "trombone", 1, 0.0, 0.0)
    rig.send("/psc2/sound", "lead", 0)
    rig.send("/psc2/sound", "strings", 1, "pad", 1, 0.0, 0.0)
    rig.send("/psc2/midi", "lead")
    rig.send("/psc2/midi_note", "triangle", 60)
    rig.set_up()
    for address in ("/playbass", "/playchords", "/playwurly"):
        rig.send(address, 50, 100)
    rig.wait_for_voices(3)
    assert rig.voices() == ["psc2_epiano", "psc2_upright", "psc2_wurly"]
    errors = [line for line in rig.said().splitlines() if "ERROR" in line]
    assert all("OSC messages must have type tags" in error for error in errors)  # of another test
