"""The parts of the configuration that say where, and as what, each layer sounds."""

from __future__ import annotations

import zlib
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from psc2.core.instruments import Instrument, Layer
from psc2.core.rig import MidiPart, Rig, Strip, Target, Voice
from psc2.settings.yaml_file import Section

LARGEST_RIG = 2**31 - 1  # that its number may be


def _no_truth(value: object) -> object:
    """``true`` is 1 to Python, not to us. Raises: ValueError."""
    if isinstance(value, bool):
        raise ValueError(value)
    return value


AnyTarget = Annotated[Target, Field(strict=False, description="one of supercollider, midi, both")]
Note = Annotated[int, Field(ge=0, le=127, description="a MIDI note within 0–127")]


class Targets(Section):
    click: AnyTarget
    bass: AnyTarget
    drums: AnyTarget
    chords: AnyTarget
    lead: AnyTarget


class UnpitchedPart(Section):
    port: str = Field(description="a part of a MIDI port's name (psc2 doctor lists them)")
    channel: int = Field(ge=1, le=16, description="a MIDI channel within 1–16")
    program: int | None = Field(ge=1, le=128, description="a MIDI program within 1–128, or null")


class PitchedPart(UnpitchedPart):
    transpose: int = Field(ge=-48, le=48, description="a whole number of semitones within -48–48")


class MidiNotes(Section):
    click0: Note
    click1: Note
    click2: Note
    kick: Note
    snare: Note
    clhat: Note
    ophat: Note
    lowtom: Note
    midtom: Note
    hightom: Note
    crash: Note
    ride: Note


class MidiParts(Section):
    click: UnpitchedPart
    bass: PitchedPart
    drums: UnpitchedPart
    chords: PitchedPart
    lead: PitchedPart
    notes: MidiNotes


OutputChannel = Annotated[
    Literal[1, 3, 5, 7],
    BeforeValidator(_no_truth),
    Field(description="the first of two output channels, one of 1, 3, 5, 7"),
]
GainDb = Annotated[float, Field(ge=-60, le=12, description="a number of decibels within -60–12")]
Pan = Annotated[float, Field(ge=-1, le=1, description="a number within -1 (left) to 1 (right)")]
AnyVoice = Annotated[
    Voice, Field(strict=False, description=f"one of {', '.join(voice.value for voice in Voice)}")
]


class Outs(Section):
    bass: OutputChannel
    drums: OutputChannel
    chords: OutputChannel
    lead: OutputChannel


class Gains(Section):
    click: GainDb
    bass: GainDb
    drums: GainDb
    chords: GainDb
    lead: GainDb


class Pans(Section):
    click: Pan
    bass: Pan
    drums: Pan
    chords: Pan
    lead: Pan


class Voices(Section):
    bass: AnyVoice
    chords: AnyVoice
    lead: AnyVoice


class Sound(Section):
    click_out: OutputChannel
    out: Outs
    gain_db: Gains
    pan: Pans
    voices: Voices


def rig_of(targets: Targets, midi: MidiParts, sound: Sound) -> Rig:
    """What SuperCollider is told of them."""
    target: dict[Layer, Target] = {layer: getattr(targets, layer.value) for layer in Layer}
    strips = tuple(_strip(sound, layer, target[layer] is not Target.MIDI) for layer in Layer)
    parts = tuple(_part(midi, layer) for layer in Layer if target[layer] is not Target.SUPERCOLLIDER)
    notes = tuple((Instrument(name), note) for name, note in midi.notes)
    number = zlib.crc32(repr((strips, parts, notes)).encode()) % LARGEST_RIG + 1
    return Rig(number, strips, parts, notes)


def _strip(sound: Sound, layer: Layer, heard: bool) -> Strip:
    name = layer.value
    out = sound.click_out if layer is Layer.CLICK else getattr(sound.out, name)
    voice = getattr(sound.voices, name, None)  # click and drums have none
    return Strip(layer, heard, voice, out, getattr(sound.gain_db, name), getattr(sound.pan, name))


def _part(midi: MidiParts, layer: Layer) -> MidiPart:
    part: UnpitchedPart = getattr(midi, layer.value)
    transpose = part.transpose if isinstance(part, PitchedPart) else 0
    return MidiPart(layer, part.port, part.channel, part.program, transpose)
