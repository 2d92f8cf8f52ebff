"""What was heard, in musical time: steps, bars and tempi instead of seconds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise

from psc2.core.drums import PITCHES_OF_DRUM
from psc2.core.effects import Flush, NoteOff, NoteOn, Outbound, Strike
from psc2.core.instruments import Instrument
from psc2.core.meter import Grid, Segment, TimeSignature

STRIKE_STEPS = 0.5  # how long a click or a drum is written; it ends by itself


class Part(Enum):
    """Who plays: a part of the score."""

    CLICK = "Click"
    BASS = "Bass"
    CHORDS = "Chords"
    DRUMS = "Drums"
    PLAYER = "Lead (player)"
    MACHINE = "Lead (machine)"


@dataclass(frozen=True, slots=True)
class Sent:
    """An effect, and the moment when it is to be heard."""

    when: float  # seconds: its time tag, or for an untagged one when it was sent
    effect: Outbound
    sent_at: float  # seconds


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was heard."""

    part: Part
    instrument: Instrument
    pitch: int  # 0–127; 0 for a click or a drum
    velocity: int  # 1–127
    onset: float  # steps
    end: float  # steps


@dataclass(frozen=True, slots=True)
class Score:
    """A performance as notes; steps count from the loop's first, those of the count-in are negative."""

    title: str
    notes: tuple[Note, ...]  # in order of onsets
    bar_lines: dict[int, TimeSignature]  # the meter of the bar that begins at a step, in order
    sequences: tuple[int, ...]  # where a pass through the loop starts, and the count-in
    tempi: tuple[tuple[int, float], ...]  # step, quarter notes a minute from there on
    sections: tuple[tuple[int, str], ...]  # first step, name
    controls: tuple[tuple[float, str], ...]  # step, what was pressed or turned
    end: int  # the first step after it

    @property
    def start(self) -> int:
        return min(self.bar_lines)


class Timeline:
    """The loop's grid for a whole performance: every tempo it had, not only the latest."""

    def __init__(self) -> None:
        self._segments: tuple[Segment, ...] = ()

    def follow(self, grid: Grid) -> None:
        """From its first segment on, ``grid`` holds."""
        first = grid.segments[0].anchor_step
        earlier = (segment for segment in self._segments if segment.anchor_step < first)
        self._segments = (*earlier, *grid.segments)

    def time_of(self, place: float) -> float:
        """The moment, in seconds, of a place in the music, in 16ths that are all of one length."""
        held = [segment for segment in self._segments if place >= segment.anchor_place]
        return (held[-1] if held else self._segments[0]).time_of_place(place)

    def place_at(self, time_s: float) -> float:
        """Where in the music ``time_s`` is, in 16ths that are all of one length: swing shows."""
        return Grid(self._segments).segment_at(time_s).place_at(time_s)

    @property
    def tempi(self) -> tuple[tuple[int, float], ...]:
        """Every tempo: the step from which on it held, and its quarter notes a minute."""
        steps = [(segment.anchor_step, segment.qpm) for segment in self._segments]
        return tuple(now for before, now in pairwise([(0, 0.0), *steps]) if now[1] != before[1])


def sounded_notes(sent: Sequence[Sent], machine: Collection[int], timeline: Timeline) -> tuple[Note, ...]:
    """The notes that sounded; ``machine``: which places in ``sent`` are the machine's.

    A flush takes back what was scheduled for later.
    """
    notes: list[Note] = []
    sounding: dict[int, Note] = {}  # by id
    for place, item in enumerate(sent):
        step = timeline.place_at(item.when)
        match item.effect:
            case Strike(instrument, velocity):
                notes.append(Note(part_of(instrument), instrument, 0, velocity, step, step + STRIKE_STEPS))
            case NoteOn(instrument, pitch, velocity, note_id=note_id):
                part = part_of(instrument, place in machine)
                sounding[note_id] = Note(part, instrument, pitch, velocity, step, step)
            case NoteOff(note_id=note_id):
                if note := sounding.pop(note_id, None):
                    notes.append(replace(note, end=step))
            case Flush():
                notes = [note for note in notes if note.onset <= step]
                sounding = {note_id: note for note_id, note in sounding.items() if note.onset <= step}
    return tuple(sorted(notes, key=lambda note: note.onset))


def part_of(instrument: Instrument, answering: bool = False) -> Part:
    """Who plays an instrument; the lead is the machine's while it answers."""
    match instrument:
        case Instrument.BASS:
            return Part.BASS
        case Instrument.CHORDS:
            return Part.CHORDS
        case Instrument.LEAD:
            return Part.MACHINE if answering else Part.PLAYER
        case _:
            return Part.DRUMS if instrument in PITCHES_OF_DRUM else Part.CLICK
