"""What comes in (events) and what goes out (effects): frozen values, nothing more.

``at`` is a moment in seconds on the engine's clock. For an event it is when it
happened; for an effect when it sounds, with ``None`` for "at once".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from psc2.core.instruments import Instrument
from psc2.core.rig import Rig


class Model(Enum):
    """The machine's two players, each with a worker of its own."""

    MELODY = "melody"
    DRUMS = "drums"


# --- events ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyDown:
    at: float
    pitch: int  # 0–127
    velocity: int  # 1–127


@dataclass(frozen=True, slots=True)
class KeyUp:
    at: float
    pitch: int  # 0–127


@dataclass(frozen=True, slots=True)
class ControlChange:
    at: float
    value: int  # 0–127
    control: int  # 0–127
    channel: int  # 0–15
    uid: int  # the sending device


@dataclass(frozen=True, slots=True)
class ProgramChange:
    at: float
    program: int  # 0–127
    channel: int  # 0–15
    uid: int


@dataclass(frozen=True, slots=True)
class PitchBend:
    at: float
    value: int  # 0–16383, 8192 in the middle
    channel: int  # 0–15
    uid: int


@dataclass(frozen=True, slots=True)
class SourceNamed:
    """A MIDI source is connected and has this name."""

    at: float
    uid: int
    name: str


@dataclass(frozen=True, slots=True)
class Hello:
    """SuperCollider is there, understands time tags, and listens on ``port``."""

    at: float
    port: int
    rig: int  # the number of the one that it plays by, 0 before the first


@dataclass(frozen=True, slots=True)
class SuperColliderStatus:
    at: float
    text: str  # what it finds wrong on its side, one line, empty if all is well


@dataclass(frozen=True, slots=True)
class Pulse:
    """A second has passed."""

    at: float


@dataclass(frozen=True, slots=True)
class Tick:
    """The looper's turn for one step."""

    at: float  # when the looper took it
    step: int
    due: float  # when the step sounds


@dataclass(frozen=True, slots=True)
class MelodyReady:
    """The answer to a call: the model's pitches first, then those of its stand-in."""

    at: float
    request_id: int
    pitches: tuple[int, ...]  # 0–127 each
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


@dataclass(frozen=True, slots=True)
class BadInput:
    """A message that could not be understood; ``kind`` is one of a few."""

    at: float
    kind: str


@dataclass(frozen=True, slots=True)
class Shutdown:
    at: float


Event = (
    KeyDown
    | KeyUp
    | ControlChange
    | ProgramChange
    | PitchBend
    | SourceNamed
    | Hello
    | SuperColliderStatus
    | Pulse
    | Tick
    | MelodyReady
    | DrumsReady
    | ModelFailed
    | Cancelled
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

    pitch: int  # 0–127, as played
    velocity: int  # 1–127
    onset_s: float  # in a request: seconds after the call's first note
    duration_s: float  # above 0; a key still held counts up to the request


@dataclass(frozen=True, slots=True)
class Hit:
    """One drum stroke of a pattern."""

    step: int  # from the start of the sequence, 0-based
    instrument: Instrument  # one of the drums
    velocity: int  # 1–127


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
    velocity: int  # 1–127
    at: float | None = None


@dataclass(frozen=True, slots=True)
class NoteOn:
    instrument: Instrument
    pitch: int  # 0–127
    velocity: int  # 1–127
    at: float | None = None


@dataclass(frozen=True, slots=True)
class NoteOff:
    instrument: Instrument
    pitch: int  # 0–127
    at: float | None = None


@dataclass(frozen=True, slots=True)
class Flush:
    """Forget what is scheduled and close every gate."""


@dataclass(frozen=True, slots=True)
class Bend:
    value: int  # 0–16383, 8192 in the middle


@dataclass(frozen=True, slots=True)
class Modulate:
    value: int  # 0–127


@dataclass(frozen=True, slots=True)
class Redirect:
    """From now on the other side listens on ``port``."""

    port: int


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
class Retimed:
    """The looper's next step is not when it was."""


Sound = Strike | NoteOn | NoteOff
Outbound = Strike | NoteOn | NoteOff | Flush | Bend | Modulate | Redirect | Alive | SetUp
Effect = Outbound | MelodyRequest | DrumsRequest | Cancel | Retimed
