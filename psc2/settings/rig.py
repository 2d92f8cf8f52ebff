"""The parts of the configuration that say where, and as what, each layer sounds."""

from __future__ import annotations

import zlib
from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator, Field

from psc2.core.instruments import Instrument, Layer
from psc2.core.ranges import RIG_NUMBERS, SEVEN_BITS, Range
from psc2.core.rig import MidiPart, Rig, Strip, Target, Voice
from psc2.resources import COMMAND
from psc2.settings.yaml_file import Section, one_of, within

PANS = Range(-1, 1)
PROGRAMS = Range(1, 128)


def _no_boolean(value: object) -> object:
    """Refuse ``true``, which is 1 to Python, not to us. Raises: ValueError."""
    if isinstance(value, bool):
        raise ValueError(value)
    return value


FirstOfTwo = Literal[1, 3, 5, 7]
OutputChannel = Annotated[
    FirstOfTwo,
    BeforeValidator(_no_boolean),
    Field(
        description=f"the first of two output channels, one of {', '.join(map(str, get_args(FirstOfTwo)))}"
    ),
]
GainDb = Annotated[float, within(Range(-60, 12), "a number of decibels")]
Pan = Annotated[
    float,
    Field(ge=PANS.low, le=PANS.high, description=f"a number within {PANS.low} (left) to {PANS.high} (right)"),
]
Room = Annotated[float, within(Range(0, 1), "a number")]
Note = Annotated[int, within(SEVEN_BITS, "a MIDI note")]
AnyTarget = Annotated[Target, one_of(Target)]
AnyVoice = Annotated[Voice, one_of(Voice)]


class Targets(Section):
    click: AnyTarget
    bass: AnyTarget
    drums: AnyTarget
    chords: AnyTarget
    lead: AnyTarget


class UnpitchedPart(Section):
    port: str = Field(description=f"a part of a MIDI port's name ({COMMAND} doctor lists them)")
    channel: int = within(Range(1, 16), "a MIDI channel")
    program: int | None = Field(
        ge=PROGRAMS.low, le=PROGRAMS.high, description=f"a MIDI program within {PROGRAMS}, or null"
    )


class PitchedPart(UnpitchedPart):
    transpose: int = within(Range(-48, 48), "a whole number of semitones")


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


class Rooms(Section):
    click: Room
    bass: Room
    drums: Room
    chords: Room
    lead: Room


class Voices(Section):
    bass: AnyVoice
    chords: AnyVoice
    lead: AnyVoice


class Sound(Section):
    click_out: OutputChannel
    out: Outs
    gain_db: Gains
    pan: Pans
    room: Rooms
    voices: Voices


def rig_of(targets: Targets, midi: MidiParts, sound: Sound) -> Rig:
    """The rig that these sections of a configuration describe."""
    target: dict[Layer, Target] = {layer: getattr(targets, layer.value) for layer in Layer}
    strips = tuple(_strip(sound, layer, target[layer] is not Target.MIDI) for layer in Layer)
    parts = tuple(_part(midi, layer) for layer in Layer if target[layer] is not Target.SUPERCOLLIDER)
    notes = tuple((Instrument(name), note) for name, note in midi.notes)
    number = zlib.crc32(repr((strips, parts, notes)).encode()) % int(RIG_NUMBERS.high) + 1
    return Rig(number, strips, parts, notes)


def _strip(sound: Sound, layer: Layer, in_supercollider: bool) -> Strip:
    name = layer.value
    out = sound.click_out if layer is Layer.CLICK else getattr(sound.out, name)
    voice = getattr(sound.voices, name, None)  # click and drums have none
    gain_db, pan, room = (getattr(section, name) for section in (sound.gain_db, sound.pan, sound.room))
    return Strip(layer, in_supercollider, voice, out, gain_db, pan, room)


def _part(midi: MidiParts, layer: Layer) -> MidiPart:
    part: UnpitchedPart = getattr(midi, layer.value)
    transpose = part.transpose if isinstance(part, PitchedPart) else 0
    return MidiPart(layer, part.port, part.channel, part.program, transpose)
