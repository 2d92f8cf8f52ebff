"""What the loop plays: ``playable_notes``, sorted by place, so that a step finds its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

from sortedcontainers import SortedKeyList

from psc2.core.instruments import Instrument, Layer
from psc2.core.meter import Position
from psc2.core.ranges import Count, DurationSteps, Pitch, Velocity


class Beat(Enum):
    """Who wrote the drums."""

    NONE = "none"
    DETERMINISTIC = "deterministic"  # follows bassline, meter and bars
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Touch:
    """How a note was played: what quantising leaves out, and less of it brings back.

    Both in steps of a straight grid, so that no change of swing or tempo touches them.
    """

    place: float  # of its onset, from its bar line on; below 0 it came before that
    length: float


@dataclass(frozen=True, slots=True)
class PlayableNote:
    """One note of the loop, kept by bar, so that a change of meter moves no bar line.

    Source: the paper's ``playable_notes``: the type of event (here ``layer``), the
    pitch, the instrument, and the 16th in the bar.
    """

    bar: Count  # 0-based
    step: Count  # in the bar, 0-based
    layer: Layer
    instrument: Instrument
    pitch: Pitch  # for drums the General MIDI one, for clicks 0
    velocity: Velocity  # as played
    duration_steps: DurationSteps = 1  # drums and clicks end by themselves
    touch: Touch | None = field(default=None, compare=False)  # None for what no hand has played

    @property
    def place(self) -> tuple[int, int]:
        return self.bar, self.step


Notes = SortedKeyList[PlayableNote, tuple[int, int]]


def sorted_notes(notes: Iterable[PlayableNote] = ()) -> Notes:
    """A SortedList in the order in which the loop meets the notes."""
    return SortedKeyList(notes, key=lambda note: note.place)


def notes_at(notes: Notes, position: Position) -> Iterator[PlayableNote]:
    """The notes due at ``position``; the cost grows with them, not with those stored."""
    place = (position.bar, position.step)
    return notes.irange_key(place, place)
