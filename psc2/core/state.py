"""The one state: the paper's global variables, and what else the instrument remembers.

Its groups are nouns with one writer each. Those that a screen shows are frozen, and replaced when they
change, so that a snapshot is nothing but references to them.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple, Protocol

from psc2.core.band import Band, ChorusBars, ChorusRequest
from psc2.core.calibration import Calibration
from psc2.core.chart import Chart
from psc2.core.click import GapTurn
from psc2.core.controls import Reading
from psc2.core.fitting import HarmonyPolicy
from psc2.core.history import History, LayerContent
from psc2.core.instruments import Layer
from psc2.core.jobs import Job
from psc2.core.ledger import Key, Ledger, PitchVoices
from psc2.core.look_back import LookBack, Played
from psc2.core.loop import Beat, Notes, PlayableNote, sorted_notes
from psc2.core.meter import Form, Grid, Pass, Position, TimeSignature
from psc2.core.mixer import Mixer
from psc2.core.notices import Notice
from psc2.core.other_side import Page, Peer, PluggedIn
from psc2.core.pitch_row import PitchRow
from psc2.core.practice import Practice
from psc2.core.ramp import RampRun
from psc2.core.ranges import (
    BEND_CENTRE,
    Count,
    DurationSteps,
    Pitch,
    Qpm,
    Seed,
    Temperature,
    Velocity,
)
from psc2.core.register import Sounded
from psc2.core.requests import DrumsRequest, MelodyRequest, PitchRequest, PrimerNote, SoloNote
from psc2.core.setup import Settings, auto_lookahead_s, page_lookahead_s
from psc2.core.swing import Feel
from psc2.core.taps import Taps
from psc2.core.transposing import KeyTurn
from psc2.core.turns import COUNTING, TurnRule
from psc2.core.wheel import Wheel

MAX_SOLO_NOTES = 64  # of the solo that are kept for a model that has not heard them
MAX_PASSES = 16  # that are remembered: more than from the key that comes latest to the look-ahead


class Random(Protocol):
    """Where seeds come from: a seeded ``random.Random``."""

    def getrandbits(self, k: int, /) -> int: ...


class Mode(Enum):
    """What the keyboard does. Source: the paper's four modes."""

    BASS = "bass"
    CHORDS = "chords"
    IMPROV = "improv"
    FREE = "free"
    CALIBRATE = "calibrate"  # a tap test: no paper's

    @property
    def layer(self) -> Layer:
        """What the keys sound as."""
        if self is Mode.BASS:
            return Layer.BASS
        return Layer.CHORDS if self is Mode.CHORDS else Layer.LEAD


class Phase(Enum):
    """Where the call and response stands."""

    IDLE = "idle"  # not in improv mode
    LISTENING = "listening"
    WAITING = "waiting"  # for the model
    READY = "ready"  # the answer is there, its turn is not
    ANSWERING = "answering"


# --- live: what only this moment knows ------------------------------------------------


@dataclass(slots=True)
class Transport:
    """A loop that plays. Written by transport."""

    grid: Grid
    next_step: int  # the first step that has not been sent
    passes: tuple[Pass, ...] = ()  # those begun, newest last
    num_passes: int = 0  # how many have begun …
    num_bars: int = 0  # … and how many bars those before the latest had
    gap: GapTurn = field(default_factory=GapTurn)  # where a gap click stands
    ramp: RampRun | None = None  # the tempo's, while it is on
    keys: KeyTurn = field(default_factory=KeyTurn)  # the key of the next pass
    quantise: float = 1.0  # by which the latest step has been sent
    first_step: int = field(init=False)  # that there was: 0, or the count-in's

    def __post_init__(self) -> None:
        self.first_step = self.next_step

    @property
    def next_start(self) -> int:
        """The step at which the next pass starts."""
        return self.passes[-1].end if self.passes else 0


@dataclass(slots=True)
class Hands:
    """Which keys are down, on which keyboards. Written by keyboard."""

    down: set[Key] = field(default_factory=set)
    sustained: set[Key] = field(default_factory=set)  # up, but a pedal holds them
    twins: dict[Key, Key] = field(default_factory=dict)  # those down that hold another one's note: whose
    pedals: set[int] = field(default_factory=set)  # the sources whose pedal is down
    silent_since: float = float(
        "-inf"
    )  # when the last key came up, in seconds; it matters while none is down
    bend: Wheel = field(default_factory=lambda: Wheel(BEND_CENTRE))
    modulation: Wheel = field(default_factory=lambda: Wheel(0))

    def lift(self, key: Key, now: float) -> None:
        """A key is down no more."""
        if key in self.down:
            self.down.remove(key)
            if not self.down:
                self.silent_since = now


@dataclass(frozen=True, slots=True)
class StruckKey:
    """The key that went down last, and what it sounds. Written by keyboard."""

    at: float  # seconds, as it is placed: earlier by the player's latency
    layer: Layer
    key: Pitch
    pitch: Pitch  # the key's own, or the machine's


@dataclass(frozen=True, slots=True)
class Recording:
    """A layer that waits for its first key, or takes down what is played."""

    layer: Layer
    before: LayerContent  # what the layer was when the recording was armed
    overdub: bool  # whether it adds to that
    start: int | None = None  # the first step of the pass being recorded; None while armed
    first: int = 0  # the first key's step: that one, a later one, or earlier for a pickup

    @property
    def is_open(self) -> bool:
        """Whether a key has begun it."""
        return self.start is not None


@dataclass(frozen=True, slots=True)
class TakenNote:
    """A recorded note on its way into the loop, which it joins once its step has passed."""

    layer: Layer
    onset: int  # step
    chord_place: float  # where its chord was struck, and …
    place: float  # … the note itself, in steps of a straight grid
    position: Position
    end: int  # the first step after its pass, where it ends at the latest
    pitch: Pitch
    velocity: Velocity  # the player's
    duration_steps: DurationSteps | None = None  # None while the key is held and the pass goes on
    up_place: float | None = None  # where its key came up


@dataclass(slots=True)
class Recorder:
    """What is being recorded. Written by recording; ``overdub`` by actions."""

    recording: Recording | None = None
    overdub: bool = False  # whether the recording that is armed next adds to its layer
    taken: tuple[TakenNote, ...] = ()  # each by its identity: there may be two alike
    open_notes: dict[Key, TakenNote] = field(default_factory=dict)  # those whose key is still held
    onsets: list[float] = field(default_factory=list)
    # ^ the places of the latest take's notes and chords, until it has told how it swings
    early_keys: dict[Key, tuple[int, float]] = field(default_factory=dict)
    # ^ struck while a recording is armed and the loop stopped: velocity, and when, in seconds
    chord_at: float = float("-inf")  # when the latest chord's first key went down, seconds
    chord_step: int = 0
    chord_place: float = 0.0
    takes: int = 0  # how many have begun
    over: Recording | None = None  # the take that is to be looked back at


class StruckTogether(NamedTuple):
    """Keys that are struck together while the machine answers. Written by improv."""

    at: float  # when the first went down, in seconds
    key: Key  # the one that has the machine's pitch, …
    pitch: Pitch  # … and which


class PlayedUnder(NamedTuple):
    """A key, or a chord, that is struck under the machine's own line. Written by solo."""

    at: float  # when the last of them went down, in seconds
    key: Key  # the first
    velocity: Velocity


class LineNote(NamedTuple):
    """A note that the machine plays itself."""

    step: int
    end: int  # the step at which it ends
    pitch: Pitch
    velocity: Velocity  # the call's


@dataclass(slots=True)
class MachineLine:
    """The answer that the machine plays itself. Written by machine_line."""

    grid: Grid | None = None  # its own, if it began while the loop was stopped
    coming: deque[LineNote] = field(default_factory=deque)
    sounding: list[tuple[int, int]] = field(default_factory=list)  # ids of notes, and the steps they end at
    laid: int = 0  # how many of the answer's pitches have been laid
    last: Sounded | None = None  # the last of them, where they are brought into a register
    sounded: Sounded | None = None  # the last that was sent, as the chord wanted it
    end: int = 0  # the step after all that was laid
    ended_at: float = float("inf")  # when the last note that was sent ends, in seconds


@dataclass(slots=True)
class SoloLine:
    """The solo as a model hears it that weighs each pitch. Written by solo_line."""

    number: Count = 0  # of the solo
    transport: Transport | None = None  # on whose grid its steps are; None: while the loop is stopped …
    origin_s: float = 0.0  # … they count from this moment
    notes: deque[SoloNote] = field(default_factory=lambda: deque(maxlen=MAX_SOLO_NOTES))  # the latest
    count: Count = 0  # how many there have been …
    told: Count = 0  # … how many of them the model has been told …
    rows: tuple[PitchRow, ...] = ()  # … what it says of the note that follows …
    weighed: Count = 0  # … so many of them
    struck_at: float = float("-inf")  # when the latest was struck, in seconds, …
    lifted_at: float | None = None  # … and when its key came up; None while it is down
    key: Key | None = None  # the latest note's
    together: tuple[Pitch, ...] = ()  # what sounds of keys that are struck together with it, itself too


@dataclass(frozen=True, slots=True)
class Improv:
    """The melody model and its turn. Written by improv and turn_taking."""

    temperature: Temperature  # from the settings, then the knob's
    rule: TurnRule = COUNTING
    phase: Phase = Phase.IDLE
    since: float = 0.0  # when the phase began, in seconds
    answered: int = 0  # pitches that have been played in this answer
    called: int = 0  # notes of the call that it answers
    line: int | None = None  # the bar line, or the start of a pass, at which the turn changes: its number …
    line_s: float | None = None  # … or its moment, while the loop is stopped
    held: bool = False  # whether the listening pedal is down …
    held_by: frozenset[int] = frozenset()  # … and on which sources
    at_once: bool = False  # whether the answer begins as soon as it is there
    muted: bool = False  # whether the machine is off
    took_s: float = 0.1  # how long the model took for the latest answer to a call
    job: Job[MelodyRequest | PitchRequest] = field(default_factory=Job)
    from_model: int = 0  # of all the pitches that were published: the model's own …
    from_stand_in: int = 0  # … and the Markov model's, where the model's own answer was late or short
    stale: int = 0  # pitches that were drawn before the model had heard the note before
    trouble: str = ""  # what was wrong with the latest answer, one line, empty if all was well


@dataclass(frozen=True, slots=True)
class BeatMaker:
    """The drums model and its beat. Written by beat."""

    temperature: Temperature  # from the settings, then the knob's
    job: Job[DrumsRequest] = field(default_factory=Job)
    wanted: bool = False  # whether a new beat is to come
    coming: tuple[PlayableNote, ...] | None = None  # a beat that waits for the next sequence start
    placed: int = 0  # how many beats have been placed
    trouble: str = ""  # what was wrong with the latest answer, one line, empty if all was well


@dataclass(frozen=True, slots=True)
class Counts:
    """How often something happened that a player wants to know of. Written by whoever notices."""

    late_steps: int = 0  # steps whose turn came too late
    skipped_notes: int = 0  # note-ons that were left out for it
    presses: int = 0  # what has been asked for in any other way than by a controller
    panics: int = 0  # everything was silenced while stopped
    bad_input: Mapping[str, int] = field(default_factory=dict)  # messages that could not be used, by kind


class BarNotes(NamedTuple):
    """The notes of one bar but for the click, in the loop's order."""

    notes: tuple[PlayableNote, ...]
    longest_steps: int  # how long the longest lasts; 0 if there is none


@dataclass(slots=True, kw_only=True)
class SharedState:
    """Everything that the threads share. Only ``core`` changes it, only under the engine's lock."""

    # The paper's, under the paper's names; its ``time_signature`` is the form's, a property below.
    form: Form  # meter and bars of the pass being sent; changed by transport
    qpm: Qpm  # changed by transport
    playable_notes: Notes = field(default_factory=sorted_notes)
    # ^ every note of the loop, also those outside a shortened sequence; changed by layers
    bass_line: Notes = field(default_factory=sorted_notes)
    # ^ the bass notes of playable_notes; changed by layers
    bars: dict[int, BarNotes] = field(default_factory=dict)
    # ^ what has been asked for of playable_notes since they changed there, by bar; changed by layers
    layer_sizes: Counter[Layer] = field(default_factory=Counter)  # how many there are; changed by layers
    accumulated_primer_melody: list[PrimerNote] = field(default_factory=list)
    # ^ the player's call so far, onsets in seconds on the engine's clock; changed by improv
    generated_melody: deque[int] = field(default_factory=deque)
    # ^ the machine's pitches, 0–127, still to be played; changed by improv

    # What a song or a resumed session keeps beside them, and the models' temperatures: ``psc2.core.memory``.
    mode: Mode = Mode.FREE
    beat: Beat = Beat.NONE
    mixer: Mixer = field(default_factory=Mixer)
    history: History = field(default_factory=History)
    practice: Practice = field(default_factory=Practice)
    feel: Feel = field(default_factory=Feel)
    chart: Chart | None = None  # of the tune, one chorus a pass
    band: Band = field(default_factory=Band)  # who plays from it
    harmony: HarmonyPolicy = HarmonyPolicy.OFF

    # What only this moment knows.
    improv: Improv
    beat_maker: BeatMaker
    transport: Transport | None = None  # None while stopped
    coming: Form | None = None  # from the next sequence start on
    taps: Taps = field(default_factory=Taps)
    hands: Hands = field(default_factory=Hands)
    sources: dict[int, None] = field(default_factory=dict)
    # ^ those that have played or been named, oldest first
    struck: StruckKey | None = None
    controls: dict[tuple[int, int], Reading] = field(default_factory=dict)
    # ^ where each control stands, by source and control change number
    latest: dict[tuple[Enum, int], tuple[int, int, float]] = field(default_factory=dict)
    # ^ the latest strike of each key and button, by pitch or number: source, value, moment in seconds
    ledger: Ledger = field(default_factory=Ledger)
    pitch_voices: PitchVoices = field(default_factory=PitchVoices)
    recorder: Recorder = field(default_factory=Recorder)
    latency_s: float  # the player's: the settings', or as calibrated
    calibration: Calibration = field(default_factory=Calibration)
    played: Played = field(default_factory=Played)
    look_back: LookBack | None = None  # at the latest take; None once it has been closed
    in_keys: dict[int, Chart] = field(default_factory=dict)  # the chart, by semitones above its own key
    choruses: dict[Layer, ChorusBars] = field(default_factory=dict)  # that the band plays, …
    coming_choruses: dict[Layer, ChorusBars] = field(default_factory=dict)  # … and in the next pass …
    thinking: dict[Layer, ChorusRequest] = field(default_factory=dict)  # … what it has been asked for
    astray: set[Layer] = field(default_factory=set)  # layers that came back in another key
    later_keys: KeyTurn | None = None  # the key of the pass after the next; None: it is not drawn yet
    heard: Chart | None = None  # the chords that were recorded, named
    heard_anew: bool = True  # whether they, the bassline or the form have changed since
    answer_line: list[PrimerNote] = field(default_factory=list)
    # ^ what has been played of the machine's answer, as the primer is kept
    answer: tuple[int, ...] = ()  # all pitches of the latest answer, played or not …
    answer_rhythm: tuple[tuple[int, int], ...] = ()  # … and their onsets and lengths, in steps
    machine_line: MachineLine = field(default_factory=MachineLine)
    solo_line: SoloLine = field(default_factory=SoloLine)
    played_under: PlayedUnder | None = None  # the latest key that was struck under it after a rest
    last_call: tuple[PrimerNote, ...] = ()  # what has been answered last
    primer_keys: dict[Key, int] = field(default_factory=dict)
    # ^ those still held: index in the primer, or in the answer's line
    struck_together: StruckTogether | None = None
    sounded: Sounded | None = None  # the latest note of the solo
    last_request_id: int = 0
    peer: Peer
    page: Page | None = None  # that sounds what is played
    devices: PluggedIn = field(default_factory=PluggedIn)
    counts: Counts = field(default_factory=Counts)
    notice: Notice | None = None  # the latest

    # What stays.
    settings: Settings
    seed: Seed  # that ``random`` began with
    random: Random

    @property
    def time_signature(self) -> TimeSignature:
        """The meter of the pass being sent."""
        return self.form.time_signature

    @property
    def next_form(self) -> Form:
        """Meter and bars from the next sequence start on."""
        return self.coming or self.form

    @property
    def semitones(self) -> int:
        """How far the pass that sounds lies above the chart's own key; 0 while the loop is stopped."""
        transport = self.transport
        return transport.passes[-1].semitones if transport is not None and transport.passes else 0

    @property
    def beginning_qpm(self) -> float:
        """The tempo without what a ramp has made of it."""
        ramp = self.transport.ramp if self.transport else None
        return ramp.began_qpm if ramp else self.qpm

    @property
    def lookahead_s(self) -> float:
        """How long before its moment a step is sent, in seconds."""
        configured = self.settings.lookahead_s
        if configured is not None:
            return configured if self.sends_ahead else 0.0
        for_page = page_lookahead_s(self.page.latency_s) if self.page else 0.0
        return max(for_page, auto_lookahead_s(self.peer.period_s) if self.peer.tagged else 0.0)

    @property
    def sends_ahead(self) -> bool:
        """Whether looped notes go out with their moment, before it comes."""
        return self.page is not None or self.peer.tagged

    @property
    def quantise(self) -> float:
        """How exactly on the grid the loop plays what was recorded, 0–1; without time tags it has to be 1."""
        return self.feel.quantise_percent / 100 if self.sends_ahead else 1.0

    @property
    def knows_ids(self) -> bool:
        """Whether whoever sounds the notes tells two of one pitch apart by their ids."""
        return self.page is not None or self.peer.knows_ids

    def notify(self, notice: Notice) -> None:
        """Something is to be told; its number is given here."""
        self.notice = replace(notice, number=1 if self.notice is None else self.notice.number + 1)

    def notify_once(self, notice: Notice) -> None:
        """Something is to be told, unless just that was told last."""
        if self.notice is None or not self.notice.concerns(notice):
            self.notify(notice)

    def next_request_id(self) -> int:
        """The id of a model's next request, 1 and up."""
        self.last_request_id += 1
        return self.last_request_id

    def next_seed(self) -> int:
        """The seed of a model's next request, 0 to 2³² − 1."""
        return self.random.getrandbits(32)
