"""Where each layer sounds, and as what. SuperCollider does it; the daemon knows it from the configuration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from psc2.core.instruments import Instrument, Layer


class Target(Enum):
    """Where a layer sounds."""

    SUPERCOLLIDER = "supercollider"
    MIDI = "midi"
    BOTH = "both"


class Voice(Enum):
    """SuperCollider's sounds that hold a pitch."""

    UPRIGHT = "upright"
    EPIANO = "epiano"
    WURLY = "wurly"
    ORGAN = "organ"
    PAD = "pad"


@dataclass(frozen=True, slots=True)
class Strip:
    """A layer in SuperCollider's mixer."""

    layer: Layer
    in_supercollider: bool  # whether it sounds there; False for one that sounds elsewhere
    voice: Voice | None  # None for click and drums
    out: int  # the first of its two output channels, from 1 on
    gain_db: float
    pan: float  # −1 left to 1 right
    room: float  # how much of it sounds in the room: 0 none, it is dry; 1 as much as of itself


@dataclass(frozen=True, slots=True)
class MidiPart:
    """A layer as an external instrument plays it."""

    layer: Layer
    port: str  # a part of its name, empty for the first that there is
    channel: int  # 1–16
    program: int | None  # 1–128, None for the one that it has
    transpose: int  # semitones


@dataclass(frozen=True, slots=True)
class Rig:
    """All that SuperCollider plays by."""

    number: int  # 1 to 2³¹ − 1, the same for the same rig: SuperCollider says by which one it plays
    strips: tuple[Strip, ...]  # one for each layer
    midi_parts: tuple[MidiPart, ...]  # of the layers that go to MIDI
    midi_notes: tuple[tuple[Instrument, int], ...]  # clicks and drums as MIDI notes, 0–127
