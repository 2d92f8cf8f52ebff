"""What comes in: frozen values, nothing more. What goes out is in ``effects``.

``at`` is when it happened, in seconds on the engine's clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from psc2.core.instruments import Layer
from psc2.core.loop import PlayableNote
from psc2.core.pitch_row import PitchRow
from psc2.core.ranges import (
    LATENCIES_S,
    BendValue,
    Channel,
    Count,
    Pitch,
    Port,
    RigNumber,
    SevenBits,
    Uid,
    Velocity,
)
from psc2.core.requests import Hit

# --- what the hands do --------------------------------------------------------
#
# ``source`` says whose hands: the uid of a MIDI source, 0 where it is not known.


@dataclass(frozen=True, slots=True)
class KeyDown:
    """A key goes down."""

    at: float
    source: Uid
    pitch: Pitch
    velocity: Velocity


@dataclass(frozen=True, slots=True)
class KeyUp:
    """A key comes up."""

    at: float
    source: Uid
    pitch: Pitch


@dataclass(frozen=True, slots=True)
class Sustain:
    """The sustain pedal moves."""

    at: float
    source: Uid
    down: bool


@dataclass(frozen=True, slots=True)
class Modulation:
    """The modulation wheel moves."""

    at: float
    source: Uid
    value: SevenBits


@dataclass(frozen=True, slots=True)
class PitchBend:
    """The pitch wheel moves."""

    at: float
    source: Uid
    value: BendValue


@dataclass(frozen=True, slots=True)
class Press:
    """Something is asked for, whatever asked: a controller, a terminal's key, a page, a pedal."""

    at: float
    source: Uid
    action: str  # a name in ``psc2.core.actions.ACTIONS``
    layer: Layer | None = None  # where the action is one layer's
    value: float | None = None  # where it sets something: the value itself, such as 120 qpm


@dataclass(frozen=True, slots=True)
class ControlChange:
    """A control change as a device sent it: a controller's, whose map knows it, or a keyboard's."""

    at: float
    source: Uid
    control: SevenBits
    value: SevenBits
    channel: Channel


@dataclass(frozen=True, slots=True)
class ProgramChange:
    """A program change; nothing is bound to it."""

    at: float
    source: Uid
    program: SevenBits
    channel: Channel


@dataclass(frozen=True, slots=True)
class SourceNamed:
    """A MIDI source is connected and has this name."""

    at: float
    source: Uid
    name: str


@dataclass(frozen=True, slots=True)
class SourceGone:
    """A MIDI source has been pulled out: whatever it held is let go."""

    at: float
    source: Uid


# --- SuperCollider ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """SuperCollider is there, understands time tags and notes' ids, and listens on ``port``."""

    at: float
    port: Port
    rig: RigNumber  # the number of the one that it plays by, 0 before the first
    token: str = ""  # what it was given when it was started, if it was by this psc2


@dataclass(frozen=True, slots=True)
class SuperColliderStatus:
    """What SuperCollider finds wrong on its side."""

    at: float
    text: str  # one line, empty if all is well


@dataclass(frozen=True, slots=True)
class SuperColliderProcess:
    """The SuperCollider that psc2 starts itself has been started, has ended or cannot be started."""

    at: float
    running: bool
    reason: str = ""  # why it cannot be started or has ended last: one line, empty if it never has


@dataclass(frozen=True, slots=True)
class SoundServer:
    """The sound server runs, or has got bundles too late since it was last told of."""

    at: float
    period_s: float | None  # of its audio driver: how long a block of samples is; None if it is not known
    late_bundles: Count  # in all


# --- pages in a browser -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PageSounds:
    """A page sounds what is played; without a latency: none does any more."""

    at: float
    latency_s: Annotated[float, LATENCIES_S] | None  # from its audio clock to the loudspeaker


# --- time ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """The looper's turn for one step. When the step sounds, the grid says at that moment."""

    at: float
    step: int


@dataclass(frozen=True, slots=True)
class Due:
    """The moment that an ``Alarm`` was set for has come."""

    at: float
    name: str


# --- the band -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChorusReady:
    """A player of the band has thought of a chorus."""

    at: float
    request_id: Count
    layer: Layer
    bars: tuple[tuple[PlayableNote, ...], ...]  # the notes of each


# --- the models ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MelodyReady:
    """The answer to a call: the model's pitches first, then those of its stand-in."""

    at: float
    request_id: Count
    pitches: tuple[Pitch, ...]
    from_model: Count  # how many of them are the model's own, 0 to all
    trouble: str  # one line for the player, empty if all is well
    rhythm: tuple[tuple[Count, Count], ...] = ()  # onset and length, in steps, of the first of them


@dataclass(frozen=True, slots=True)
class WeightsReady:
    """How likely each pitch is that may follow a note of the solo."""

    at: float
    request_id: Count
    heard: Count  # how many notes of the solo they follow
    rows: tuple[PitchRow, ...]  # for each of ``pitch_row.DISTANCES``
    from_model: bool  # or its stand-in's
    trouble: str  # one line for the player, empty if all is well


@dataclass(frozen=True, slots=True)
class DrumsReady:
    """A new beat, the model's own or its stand-in's."""

    at: float
    request_id: Count
    hits: tuple[Hit, ...]
    from_model: bool
    trouble: str  # one line for the player, empty if all is well


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """There is no answer at all; ``reason`` is one line for the player."""

    at: float
    request_id: Count
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A worker has given a request up and is free."""

    at: float
    request_id: Count


# --- the rest -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BadInput:
    """A message that could not be understood; ``kind`` is one of a few."""

    at: float
    kind: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    """The instrument ends: everything is switched off."""

    at: float


Answer = MelodyReady | WeightsReady | DrumsReady | ModelFailed | Cancelled
Event = (
    KeyDown
    | KeyUp
    | Sustain
    | Modulation
    | PitchBend
    | Press
    | ControlChange
    | ProgramChange
    | SourceNamed
    | SourceGone
    | Hello
    | SuperColliderStatus
    | SuperColliderProcess
    | SoundServer
    | PageSounds
    | Tick
    | Due
    | ChorusReady
    | Answer
    | BadInput
    | Shutdown
)
