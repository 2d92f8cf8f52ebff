"""What the models are asked: frozen values, nothing more. Their answers are events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from psc2.core.chart import PlacedChord
from psc2.core.grouping import Groups
from psc2.core.instruments import Instrument
from psc2.core.meter import TimeSignature
from psc2.core.ranges import Bars, Candidates, Count, Pitch, Qpm, Seed, Temperature, Velocity


class Model(Enum):
    """The machine's two players, each with a worker of its own."""

    MELODY = "melody"
    DRUMS = "drums"


class Generation(Enum):
    """When the machine's pitches are made."""

    PHRASE = "phrase"  # all of an answer at once, before it begins, as in the paper
    NOTE = "note"  # each one when its key goes down


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
class AnswerNote:
    """A note of an answer, with the model's own rhythm."""

    pitch: Pitch
    onset: Count  # steps after the call's end
    steps: Count  # how long it is, 1 and more


@dataclass(frozen=True, slots=True)
class Hit:
    """One drum stroke of a pattern."""

    step: Count  # from the start of the sequence, 0-based
    instrument: Instrument  # one of the drums
    velocity: Velocity


@dataclass(frozen=True, slots=True)
class ComingHarmony:
    """The chords under an answer that is to come. All steps are 16ths after one bar line."""

    begin: int  # where the answer begins at the earliest, as far as that is known; at most a bar
    chords: tuple[PlacedChord, ...]  # one or more, by their steps; the first sounds at ``begin``
    time_signature: TimeSignature
    groups: Groups  # of its beats; () for the usual ones
    end: int | None  # the line at which the machine's turn ends; None where no line says it


@dataclass(frozen=True, slots=True)
class MelodyRequest:
    """New pitches are wanted, to follow the player's call."""

    request_id: Count
    primer: tuple[PrimerNote, ...]
    num_pitches: Count  # how many new pitches are wanted
    qpm: Qpm  # a step lasts 60 / qpm / 4 seconds
    upbeat_steps: float  # where the first note falls in its bar; 0 while the loop is stopped
    primer_rhythm: PrimerRhythm
    temperature: Temperature
    seed: Seed
    with_rhythm: bool = False  # whether notes with a rhythm of their own are wanted, as far as a model has it
    candidates: Candidates = 1  # continuations that a model that can makes, to answer with the best of them
    last_answer: tuple[Pitch, ...] = ()  # the answer before; with candidates, none of it comes again
    harmony: ComingHarmony | None = None  # with candidates; None where no chords are known, or wanted


@dataclass(frozen=True, slots=True)
class SoloNote:
    """A note of the solo as it sounded, the player's own or one with the machine's pitch."""

    pitch: Pitch
    onset: int  # step of a grid that does not swing; they never fall
    held: Count  # for how many steps the note before it was held; 0 for the first


@dataclass(frozen=True, slots=True)
class PitchRequest:
    """Weights are wanted for the pitch that follows a solo's latest note.

    All steps are 16ths, counted from one moment.
    """

    request_id: Count
    solo: Count  # the number of the solo; another one begins afresh
    first: Count  # the number, within the solo, of the first of …
    notes: tuple[SoloNote, ...]  # … those that are new, one or more
    bar_line: int  # a step at which a bar begins, not after the latest note
    time_signature: TimeSignature
    chords: tuple[PlacedChord, ...]  # that sound with the new notes and up to two bars after the latest
    qpm: Qpm


@dataclass(frozen=True, slots=True)
class DrumsRequest:
    """A new beat is wanted, to follow the deterministic one."""

    request_id: Count
    primer: tuple[Hit, ...]  # the deterministic beat, all of it
    steps_per_beat: int  # 16ths a click: 4, 2 or 1
    steps_per_bar: Count
    num_bars: Bars
    qpm: Qpm
    temperature: Temperature
    seed: Seed


Request = MelodyRequest | DrumsRequest
