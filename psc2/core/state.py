"""The one state: the paper's global variables, and what else the instrument remembers."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from sortedcontainers import SortedKeyList

from psc2.core.controls import ControllerMap
from psc2.core.events import DrumsRequest, Model, PrimerNote, PrimerRhythm
from psc2.core.instruments import Layer
from psc2.core.ledger import Ledger
from psc2.core.loop import PlayableNote, sorted_notes
from psc2.core.meter import Grid, Position, Sequence, TimeSignature
from psc2.core.mixer import Mixer
from psc2.core.rig import Rig


class Chance(Protocol):
    """Where seeds come from: a seeded ``random.Random``."""

    def getrandbits(self, k: int, /) -> int: ...


class Mode(Enum):
    """What the keyboard does. Source: the paper's four modes."""

    BASS = "bass"
    CHORDS = "chords"
    IMPROV = "improv"
    FREE = "free"

    @property
    def layer(self) -> Layer:
        """What the keys sound as."""
        match self:
            case Mode.BASS:
                return Layer.BASS
            case Mode.CHORDS:
                return Layer.CHORDS
            case Mode.IMPROV | Mode.FREE:
                return Layer.LEAD


class Phase(Enum):
    """Where the call and response stands."""

    IDLE = "idle"  # not in improv mode
    LISTENING = "listening"
    WAITING = "waiting"
    ANSWERING = "answering"


class Beat(Enum):
    """Who wrote the drums."""

    NONE = "none"
    DETERMINISTIC = "deterministic"  # follows bassline, meter and bars
    MODEL = "model"


class Source(Enum):
    """Whose the machine's pitches are."""

    MODEL = "model"
    STAND_IN = "stand-in"  # the Markov model, where the model's own answer is late or short


class TapUnit(Enum):
    QUARTER = "quarter"
    CLICK = "click"
    DOTTED_QUARTER = "dotted_quarter"


class Timing(Enum):
    """Whether looped notes are sent ahead with a time tag."""

    TIMETAG = "timetag"
    IMMEDIATE = "immediate"
    AUTO = "auto"  # tags once SuperCollider has said hello


@dataclass(frozen=True, slots=True)
class Settings:
    """What stays as it was configured; ``configs/default.yaml`` has each key's meaning."""

    max_bars: int
    tap_unit: TapUnit
    count_in_bars: int
    timing: Timing
    lookahead_s: float
    min_primer_length: int
    max_robot_length: int
    primer_rhythm: PrimerRhythm
    melody_temperature: float
    drums_temperature: float
    send_port: int
    controller: ControllerMap
    rig: Rig


@dataclass(slots=True)
class Transport:
    """A loop that plays."""

    grid: Grid
    next_step: int  # the first step that has not been sent
    sequences: deque[Sequence] = field(default_factory=lambda: deque(maxlen=8))  # those begun, newest last

    @property
    def next_start(self) -> int:
        """The step at which the next pass starts."""
        return self.sequences[-1].end if self.sequences else 0


@dataclass(slots=True)
class Recording:
    """A layer that waits for its first key, or takes down what is played."""

    layer: Layer
    start: int | None = None  # the first step of the pass being recorded; None while armed
    chord_at: float = float("-inf")  # when the latest chord's first key went down, seconds
    chord_step: int = 0


@dataclass(slots=True, eq=False)
class TakenNote:
    """A recorded note on its way into the loop, which it joins once its step has passed."""

    layer: Layer
    onset: int  # step
    position: Position
    end: int  # the first step after its pass, where it ends at the latest
    pitch: int  # 0–127
    velocity: int  # 1–127, the player's
    duration_steps: int | None = None  # None while the key is held and the pass goes on


@dataclass(frozen=True, slots=True)
class LayerMemory:
    """A layer as it was, for undo."""

    layer: Layer
    notes: tuple[PlayableNote, ...]
    beat: Beat


@dataclass(slots=True)
class SharedState:
    """Everything that the threads share. Only ``core`` changes it, only under the engine's lock."""

    settings: Settings
    random: Chance

    # The paper's, under the paper's names.
    time_signature: TimeSignature  # of the pass being sent; changed by transport
    qpm: float  # quarter notes a minute, 20–400; changed by transport
    num_bars: int  # 1 to settings.max_bars; changed by transport
    playable_notes: SortedKeyList[PlayableNote, tuple[int, int]] = field(default_factory=sorted_notes)
    # ^ every note of the loop, also those outside a shortened sequence; changed by layers
    bass_line: SortedKeyList[PlayableNote, tuple[int, int]] = field(default_factory=sorted_notes)
    # ^ the bass notes of playable_notes; changed by layers
    accumulated_primer_melody: list[PrimerNote] = field(default_factory=list)
    # ^ the player's call so far, onsets in seconds on the engine's clock; changed by improv
    generated_melody: deque[int] = field(default_factory=deque)
    # ^ the machine's pitches, 0–127, still to be played; changed by improv

    # Time.
    transport: Transport | None = None  # None while stopped
    pending_time_signature: TimeSignature | None = None  # from the next sequence start on
    pending_num_bars: int | None = None
    taps: list[float] = field(default_factory=list)  # seconds, oldest first

    # The hands.
    mode: Mode = Mode.FREE
    ledger: Ledger = field(default_factory=Ledger)
    keys_down: set[int] = field(default_factory=set)
    keys_sustained: set[int] = field(default_factory=set)  # up, but the pedal holds them
    pedal_down: bool = False

    # The layers.
    layer_sizes: Counter[Layer] = field(default_factory=Counter)  # notes in playable_notes
    mixer: Mixer = field(default_factory=Mixer)
    recording: Recording | None = None
    taken: list[TakenNote] = field(default_factory=list)
    open_notes: dict[int, TakenNote] = field(default_factory=dict)  # by key, those still held
    overdub: bool = False
    beat: Beat = Beat.NONE
    pending_beat: list[PlayableNote] | None = None  # from the next sequence start on
    undo: LayerMemory | None = None

    # The models.
    phase: Phase = Phase.IDLE
    open_primer: dict[int, int] = field(default_factory=dict)  # by key still held: index in the primer
    last_request_id: int = 0
    melody_job: int | None = None  # the request that the melody model works on, wanted or not
    drums_job: DrumsRequest | None = None  # and the drums model
    drums_wanted: bool = False  # whether a new beat is to come
    drums_given_up: bool = False  # whether the request that the drums model works on has been cancelled
    machine_beats: int = 0  # how many have been placed
    pitches_by_source: Counter[Source] = field(default_factory=Counter)  # of all that were published
    melody_temperature: float = 1.0  # above 0; from the settings, then the knob's
    drums_temperature: float = 1.0
    model_trouble: dict[Model, str] = field(default_factory=lambda: dict.fromkeys(Model, ""))
    # ^ what was wrong with each model's latest answer, one line, empty if all was well

    # The other side.
    controller_uid: int | None = None
    sources: dict[int, str] = field(default_factory=dict)  # the MIDI sources' names, by uid
    panics: int = 0  # how often everything was silenced while stopped
    send_port: int = 0  # where SuperCollider listens
    hello_at: float | None = None  # when it last said so itself, in seconds; None before the first time
    supercollider_gone: bool = False  # it has said so once, and then not for a while
    supercollider_status: str = ""  # what it finds wrong on its side, one line
    tagged: bool = False  # whether looped notes are sent ahead with a time tag
    late_steps: int = 0  # steps whose turn came too late
    skipped_notes: int = 0  # note-ons that were left out for it
    bad_input: Counter[str] = field(default_factory=Counter)

    @property
    def lookahead_s(self) -> float:
        """How long before its moment a step is sent, in seconds."""
        return self.settings.lookahead_s if self.tagged else 0.0

    def next_request_id(self) -> int:
        self.last_request_id += 1
        return self.last_request_id

    def next_seed(self) -> int:
        return self.random.getrandbits(32)
