"""The wire as one table, both ways: each address, its arguments, and the event or effect that it is.

The addresses without ``/psc2`` are those of the 2018 system, whose programs ignore trailing arguments.
Numbers may arrive as int32 or float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from psc2.core.drums import PITCHES_OF_DRUM
from psc2.core.effects import Alive, Bend, Flush, Modulate, NoteOff, NoteOn, Outbound, Strike
from psc2.core.events import (
    ControlChange,
    Event,
    Hello,
    KeyDown,
    KeyUp,
    PitchBend,
    ProgramChange,
    SourceGone,
    SourceNamed,
    SuperColliderStatus,
)
from psc2.core.instruments import Instrument
from psc2.core.ranges import BENDS, CHANNELS, NOTE_IDS, PORTS, RIG_NUMBERS, SEVEN_BITS, UIDS, Range
from psc2.core.rig import Rig

# What an argument's name stands for, wherever it occurs: the whole numbers that it may be; None for a text.
ARGUMENTS: Mapping[str, Range | None] = {
    "pitch": SEVEN_BITS,
    "velocity": SEVEN_BITS,
    "value": SEVEN_BITS,
    "cc": SEVEN_BITS,
    "program": SEVEN_BITS,
    "bend": BENDS,
    "channel": CHANNELS,
    "uid": UIDS,
    "name": None,
    "port": PORTS,
    "rig": RIG_NUMBERS,
    "text": None,
    "token": None,
    "id": NOTE_IDS,
}


@dataclass(frozen=True, slots=True)
class WireMessage:
    """One address, and the names of its arguments in order: ``pitch velocity [channel uid]``."""

    address: str
    signature: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """All its arguments, those that may be missing last."""
        return tuple(self.signature.replace("[", "").replace("]", "").split())

    @property
    def required(self) -> int:
        """How many arguments there are at least."""
        return len(self.signature.partition("[")[0].split())


def _key_down(at: float, pitch: int, velocity: int, channel: int = 0, uid: int = 0) -> Event:
    return KeyDown(at, uid, pitch, velocity) if velocity else KeyUp(at, uid, pitch)


def _key_up(at: float, pitch: int, velocity: int, channel: int = 0, uid: int = 0) -> Event:
    return KeyUp(at, uid, pitch)


def _control_change(at: float, value: int, control: int, channel: int, uid: int) -> Event:
    return ControlChange(at, uid, control, value, channel)


def _program_change(at: float, program: int, channel: int, uid: int) -> Event:
    return ProgramChange(at, uid, program, channel)


def _pitch_bend(at: float, value: int, channel: int, uid: int) -> Event:
    return PitchBend(at, uid, value)


def _hello(at: float, port: int, rig: int = 0, token: str = "") -> Event:
    return Hello(at, port, rig, token)


# SuperCollider → daemon: what makes an event of the moment of arrival and the arguments.
INBOUND: Mapping[WireMessage, Callable[..., Event]] = {
    WireMessage("/processnoteon", "pitch velocity [channel uid]"): _key_down,
    WireMessage("/processnoteoff", "pitch velocity [channel uid]"): _key_up,
    WireMessage("/ccevent", "value cc channel uid"): _control_change,
    WireMessage("/programevent", "program channel uid"): _program_change,
    WireMessage("/psc2/pitchbend", "bend channel uid"): _pitch_bend,
    WireMessage("/psc2/source", "uid name"): SourceNamed,
    WireMessage("/psc2/source_gone", "uid"): SourceGone,
    WireMessage("/psc2/hello", "port [rig token]"): _hello,
    WireMessage("/psc2/status", "text"): SuperColliderStatus,
}

UNPITCHED = (
    Instrument.CLICK_SEQUENCE,
    Instrument.CLICK_BAR,
    Instrument.CLICK_BEAT,
    *PITCHES_OF_DRUM,
)
ON = {Instrument.BASS: "/playbass", Instrument.CHORDS: "/playchords", Instrument.LEAD: "/playwurly"}
OFF = {Instrument.BASS: "/stopbass", Instrument.CHORDS: "/stopchords", Instrument.LEAD: "/stopnote"}
ONE_NOTE = "pitch velocity id"
OFF_VELOCITY = 0  # a note-off has none that matters

Argument = int | float | str


class Outgoing(NamedTuple):
    """The message that an effect is, and what of the effect its arguments are, in order."""

    message: WireMessage
    arguments: Callable[[Any], tuple[int, ...]]


def _on(effect: NoteOn) -> tuple[int, ...]:
    return effect.pitch, effect.velocity, effect.note_id


def _off(effect: NoteOff) -> tuple[int, ...]:
    return effect.pitch, OFF_VELOCITY, effect.note_id


def _velocity(effect: Strike) -> tuple[int, ...]:
    return (effect.velocity,)


def _value(effect: Bend | Modulate) -> tuple[int, ...]:
    return (effect.value,)


def _nothing(effect: Flush | Alive) -> tuple[int, ...]:
    return ()


# Daemon → SuperCollider, by the kind of effect and, where it has one, its instrument.
OUTBOUND: Mapping[tuple[type[Outbound], Instrument | None], Outgoing] = {
    **{
        (Strike, drum): Outgoing(WireMessage(f"/play{drum.value}", "velocity"), _velocity)
        for drum in UNPITCHED
    },
    **{(NoteOn, pitched): Outgoing(WireMessage(address, ONE_NOTE), _on) for pitched, address in ON.items()},
    **{
        (NoteOff, pitched): Outgoing(WireMessage(address, ONE_NOTE), _off) for pitched, address in OFF.items()
    },
    (Flush, None): Outgoing(WireMessage("/psc2/flush"), _nothing),
    (Bend, None): Outgoing(WireMessage("/psc2/pitchbend", "bend"), _value),
    (Modulate, None): Outgoing(WireMessage("/psc2/modulation", "value"), _value),
    (Alive, None): Outgoing(WireMessage("/psc2/alive"), _nothing),
}


def message_of(effect: Outbound) -> tuple[WireMessage, tuple[int, ...]]:
    """An effect's message and arguments, its moment apart. Raises: KeyError for one that is no message."""
    message, arguments = OUTBOUND[type(effect), getattr(effect, "instrument", None)]
    return message, arguments(effect)


# … and what is said at the start, ends SuperCollider, goes to another one, or together is a rig.
HELLO = WireMessage("/psc2/hello", "port")
QUIT = WireMessage("/psc2/quit")
REFUSED = WireMessage("/psc2/refused")
SOUND = WireMessage("/psc2/sound", "layer heard voice out gain_db pan room")
MIDI = WireMessage("/psc2/midi", "layer port channel program transpose")
MIDI_NOTE = WireMessage("/psc2/midi_note", "name note")
RIG = WireMessage("/psc2/rig", "number")
OUTBOUND_MESSAGES = (
    *(outgoing.message for outgoing in OUTBOUND.values()), HELLO, QUIT, REFUSED, SOUND, MIDI, MIDI_NOTE, RIG,
)  # fmt: skip


def rig_messages(rig: Rig) -> Iterator[tuple[WireMessage, tuple[Argument, ...]]]:
    """A rig's messages with their arguments, its number last."""
    for strip in rig.strips:
        voice = strip.voice.value if strip.voice else ""
        numbers = float(strip.gain_db), float(strip.pan), float(strip.room)
        yield SOUND, (strip.layer.value, int(strip.in_supercollider), voice, strip.out, *numbers)
    for part in rig.midi_parts:
        yield MIDI, (part.layer.value, part.port, part.channel, part.program or 0, part.transpose)
    for instrument, note in rig.midi_notes:
        yield MIDI_NOTE, (instrument.value, note)
    yield RIG, (rig.number,)
