"""What sounds, and what has a volume of its own."""

from __future__ import annotations

from enum import Enum


class Member(Enum):
    """One of a few, looked up for each note: its hash is that of its identity, its name's takes longer."""

    __hash__ = object.__hash__


class Layer(Member):
    """What has a volume of its own; all but the lead are layers of the loop."""

    CLICK = "click"
    BASS = "bass"
    DRUMS = "drums"
    CHORDS = "chords"
    LEAD = "lead"


class Instrument(Member):
    """What sounds: clicks and drums, which have no pitch and end by themselves, and what holds a note."""

    CLICK_SEQUENCE = "click0"  # first beat of the sequence
    CLICK_BAR = "click1"  # first beat of another bar
    CLICK_BEAT = "click2"  # any other beat
    KICK = "kick"
    SNARE = "snare"
    CLOSED_HIHAT = "clhat"
    OPEN_HIHAT = "ophat"
    LOW_TOM = "lowtom"
    MID_TOM = "midtom"
    HIGH_TOM = "hightom"
    CRASH = "crash"
    RIDE = "ride"
    BASS = "bass"
    CHORDS = "chords"
    LEAD = "lead"  # of the free and improv modes


INSTRUMENT_OF_LAYER = {
    Layer.BASS: Instrument.BASS,
    Layer.CHORDS: Instrument.CHORDS,
    Layer.LEAD: Instrument.LEAD,
}
