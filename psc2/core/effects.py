"""What goes out: frozen values, nothing more. What comes in is in ``events``.

``at`` is when it sounds, in seconds on the engine's clock; ``None`` is at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from psc2.core.band import ChorusRequest
from psc2.core.instruments import Instrument
from psc2.core.ranges import BendValue, Count, NoteId, Pitch, Port, SevenBits, Velocity
from psc2.core.requests import Model, PitchRequest, Request
from psc2.core.rig import Rig


@dataclass(frozen=True, slots=True)
class Strike:
    """A click or a drum: it has no pitch and ends by itself."""

    instrument: Instrument
    velocity: Velocity
    at: float | None = None


@dataclass(frozen=True, slots=True)
class NoteOn:
    """A note begins to sound."""

    instrument: Instrument
    pitch: Pitch
    velocity: Velocity
    at: float | None = None
    note_id: NoteId = 0  # the sounding note's own, from here to its NoteOff


@dataclass(frozen=True, slots=True)
class NoteOff:
    """The note of this id ends."""

    instrument: Instrument
    pitch: Pitch
    at: float | None = None
    note_id: NoteId = 0


@dataclass(frozen=True, slots=True)
class Flush:
    """Forget what is scheduled and close every gate."""


@dataclass(frozen=True, slots=True)
class Bend:
    """The lead is bent."""

    value: BendValue


@dataclass(frozen=True, slots=True)
class Modulate:
    """The lead gets vibrato."""

    value: SevenBits


@dataclass(frozen=True, slots=True)
class Redirect:
    """From now on the other side listens on ``port``."""

    port: Port


@dataclass(frozen=True, slots=True)
class Refuse:
    """Who listens on ``port`` is told that another one is played with."""

    port: Port


@dataclass(frozen=True, slots=True)
class Alive:
    """The daemon is there."""


@dataclass(frozen=True, slots=True)
class SetUp:
    """From now on SuperCollider plays by this rig."""

    rig: Rig


@dataclass(frozen=True, slots=True)
class Cancel:
    """A request's answer is no longer wanted; its worker says when it is free."""

    model: Model
    request_id: Count


@dataclass(frozen=True, slots=True)
class Alarm:
    """``Due`` is wanted at a moment; it takes the place of an alarm of the same name."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class Retimed:
    """The looper's next step is not when it was."""


Sound = Strike | NoteOn | NoteOff
Outbound = Strike | NoteOn | NoteOff | Flush | Bend | Modulate | Redirect | Refuse | Alive | SetUp
Effect = Outbound | Request | PitchRequest | ChorusRequest | Cancel | Alarm | Retimed
