"""From the configuration to the rig that is set up in SuperCollider."""

from pathlib import Path

import pytest

from psc2 import resources
from psc2.core.instruments import Instrument, Layer
from psc2.core.rig import MidiPart, Rig, Strip, Voice
from psc2.errors import ConfigError
from psc2.settings.config import load_config

PAPER = resources.ROOT / "configs" / "paper.yaml"


def rig(folder: Path, text: str = "") -> Rig:
    file = folder / "blues.yaml"
    file.write_text(text, encoding="utf-8")
    return load_config(file).settings().rig


def test_by_default_everything_sounds_in_supercollider(tmp_path: Path) -> None:
    default = rig(tmp_path)
    assert {strip.layer: strip.voice for strip in default.strips} == {
        Layer.CLICK: None,
        Layer.BASS: Voice.UPRIGHT,
        Layer.DRUMS: None,
        Layer.CHORDS: Voice.EPIANO,
        Layer.LEAD: Voice.WURLY,
    }
    assert {(strip.in_supercollider, strip.out, strip.gain_db) for strip in default.strips} == {
        (True, 1, 0.0)
    }
    assert default.midi_parts == ()
    assert set(dict(default.midi_notes)) == set(Instrument) - {
        Instrument.BASS,
        Instrument.CHORDS,
        Instrument.LEAD,
    }


def test_by_default_the_band_stands_on_a_stage_and_the_click_is_dry(tmp_path: Path) -> None:
    places = {strip.layer: (strip.pan, strip.room) for strip in rig(tmp_path).strips}
    assert places[Layer.CLICK] == (0.0, 0.0)
    assert places[Layer.BASS][0] == 0
    assert -0.5 < places[Layer.CHORDS][0] < 0 < places[Layer.DRUMS][0] < places[Layer.LEAD][0] < 0.5
    assert all(0 < places[layer][1] < 0.5 for layer in Layer if layer is not Layer.CLICK)


def test_the_papers_band_is_dry_and_in_the_middle() -> None:
    paper = load_config(PAPER).settings().rig
    assert {(strip.pan, strip.room) for strip in paper.strips} == {(0.0, 0.0)}


def test_a_lead_on_an_external_synthesizer(tmp_path: Path) -> None:
    mixed = rig(
        tmp_path,
        "output:\n"
        "  target: {lead: midi, bass: both}\n"
        "  midi: {lead: {port: Minilogue, channel: 5, program: 12, transpose: -12}}\n",
    )
    inside = {strip.layer for strip in mixed.strips if strip.in_supercollider}
    assert inside == {Layer.CLICK, Layer.BASS, Layer.DRUMS, Layer.CHORDS}
    assert mixed.midi_parts == (
        MidiPart(Layer.BASS, "", 1, None, 0),
        MidiPart(Layer.LEAD, "Minilogue", 5, 12, -12),
    )


def test_the_click_on_the_drummers_headphones(tmp_path: Path) -> None:
    strips = rig(
        tmp_path, "sound: {click_out: 3, gain_db: {click: -6}, pan: {bass: -0.5}, room: {bass: 1}}"
    ).strips
    assert Strip(Layer.CLICK, True, None, 3, -6.0, 0.0, 0.0) in strips
    assert Strip(Layer.BASS, True, Voice.UPRIGHT, 1, 0.0, -0.5, 1.0) in strips


def test_the_number_tells_one_rig_from_another(tmp_path: Path) -> None:
    number = rig(tmp_path).number
    assert rig(tmp_path).number == number
    assert rig(tmp_path, "music: {qpm: 90}").number == number
    others = (
        "sound: {voices: {lead: organ}}",
        "output: {target: {lead: both}}",
        "sound: {pan: {lead: 0.1}}",
        "sound: {room: {lead: 0.1}}",
    )
    assert len({number, *(rig(tmp_path, text).number for text in others)}) == 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "output: {target: {lead: speaker}}",
            'output.target.lead: expected one of supercollider, midi, both, got "speaker"',
        ),
        (
            "output: {midi: {drums: {transpose: 1}}}",
            "output.midi.drums.transpose: unknown key, expected one of port, channel, program",
        ),
        (
            "output: {midi: {lead: {channel: 17}}}",
            "output.midi.lead.channel: expected a MIDI channel within 1–16, got 17",
        ),
        (
            "output: {midi: {notes: {kick: 128}}}",
            "output.midi.notes.kick: expected a MIDI note within 0–127, got 128",
        ),
        (
            "sound: {voices: {lead: kazoo}}",
            'sound.voices.lead: expected one of upright, epiano, wurly, organ, pad, got "kazoo"',
        ),
        (
            "sound: {click_out: true}",
            "sound.click_out: expected the first of two output channels, one of 1, 3, 5, 7, got true",
        ),
        (
            "sound: {click_out: 2}",
            "sound.click_out: expected the first of two output channels, one of 1, 3, 5, 7, got 2",
        ),
        (
            "sound: {room: {lead: 25}}",
            "sound.room.lead: expected a number within 0–1, got 25",
        ),
        (
            "sound: {voices: {drums: organ}}",
            "sound.voices.drums: unknown key, expected one of bass, chords, lead",
        ),
    ],
)
def test_one_problem_is_one_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rig(tmp_path, text)
    (only,) = caught.value.problems
    assert only.endswith(f"blues.yaml: {problem}")
