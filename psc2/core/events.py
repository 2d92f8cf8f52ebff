"""What comes in (events) and what goes out (effects): frozen values, nothing more.

``at`` is a moment in seconds on the engine's clock. For an event it is when it
happened; for an effect when it sounds, with ``None`` for "at once".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from psc2.core.instruments import Instrument, Layer
from psc2.core.ranges import BendValue, Channel, NoteId, Pitch, Port, RigNumber, SevenBits, Uid, Velocity
from psc2.core.rig import Rig


class Model(Enum):
    """The machine's two players, each with a worker of its own."""

    MELODY = "melody"
    DRUMS = "drums"


# --- events: what the hands do --------------------------------------------------------
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


# --- events: SuperCollider ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hello:
    """SuperCollider is there, understands time tags and notes' ids, and listens on ``port``."""

    at: float
    port: Port
    rig: RigNumber  # the number of the one that it plays by, 0 before the first


@dataclass(frozen=True, slots=True)
class SuperColliderStatus:
    """What SuperCollider finds wrong on its side."""

    at: float
    text: str  # one line, empty if all is well


# --- events: time ---------------------------------------------------------------------


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


# --- events: the models ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MelodyReady:
    """The answer to a call: the model's pitches first, then those of its stand-in."""

    at: float
    request_id: int
    pitches: tuple[Pitch, ...]
    from_model: int  # how many of them are the model's own, 0 to all
    trouble: str  # one line for the player, empty if all is well


@dataclass(frozen=True, slots=True)
class DrumsReady:
    """A new beat, the model's own or its stand-in's."""

    at: float
    request_id: int
    hits: tuple[Hit, ...]
    from_model: bool
    trouble: str  # one line for the player, empty if all is well


@dataclass(frozen=True, slots=True)
class ModelFailed:
    """There is no answer at all; ``reason`` is one line for the player."""

    at: float
    request_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A worker has given a request up and is free."""

    at: float
    request_id: int


# --- events: the rest -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BadInput:
    """A message that could not be understood; ``kind`` is one of a few."""

    at: float
    kind: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    """The instrument ends: everything is switched off."""

    at: float


Answer = MelodyReady | DrumsReady | ModelFailed | Cancelled
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
    | Tick
    | Due
    | Answer
    | BadInput
    | Shutdown
)


# --- what models are asked ------------------------------------------------------------


class PrimerRhythm(Enum):
    """How the melody model hears the player's call."""

    EVEN = "even"  # its pitches as flat 16ths, as in 2018
    PLAYED = "played"  # in its own rhythm, quantised


@dataclass(frozen=True, slots=True)
class PrimerNote:
    """A note of the player's call, not quantised."""

    pitch: Pitch  # as played
    velocity: Velocity
    onset_s: float  # in a request: seconds after the call's first note
    duration_s: float  # above 0; a key still held counts up to the request


@dataclass(frozen=True, slots=True)
class Hit:
    """One drum stroke of a pattern."""

    step: int  # from the start of the sequence, 0-based
    instrument: Instrument  # one of the drums
    velocity: Velocity


@dataclass(frozen=True, slots=True)
class MelodyRequest:
    request_id: int
    primer: tuple[PrimerNote, ...]
    num_pitches: int  # how many new pitches are wanted
    qpm: float  # quarter notes a minute; a step lasts 60 / qpm / 4 seconds
    upbeat_steps: float  # where the first note falls in its bar; 0 while the loop is stopped
    primer_rhythm: PrimerRhythm
    temperature: float  # above 0: below 1 likelier, above 1 more surprising
    seed: int  # 0 to 2³² − 1


@dataclass(frozen=True, slots=True)
class DrumsRequest:
    request_id: int
    primer: tuple[Hit, ...]  # the deterministic beat, all of it
    steps_per_beat: int  # 16ths a click: 4, 2 or 1
    steps_per_bar: int
    num_bars: int
    qpm: float
    temperature: float  # above 0: below 1 likelier, above 1 more surprising
    seed: int  # 0 to 2³² − 1


# --- effects --------------------------------------------------------------------------


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
    request_id: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """``Due`` is wanted at a moment; it takes the place of an alarm of the same name."""

    at: float
    name: str


@dataclass(frozen=True, slots=True)
class Retimed:
    """The looper's next step is not when it was."""


Sound = Strike | NoteOn | NoteOff
Outbound = Strike | NoteOn | NoteOff | Flush | Bend | Modulate | Redirect | Alive | SetUp
Request = MelodyRequest | DrumsRequest
Effect = Outbound | MelodyRequest | DrumsRequest | Cancel | Alarm | Retimed
