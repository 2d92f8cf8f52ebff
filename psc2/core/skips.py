"""Short notes between those of a bassline: skips, pickups, and quarters that lead to the next note."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from psc2.core.harmony import Chord
from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.ranges import Pitch
from psc2.core.register import direction

EIGHTH = 2  # steps; one on the off-beat swings with the loop's grid
HALF = 8  # steps
SKIPS = 0.05  # of walking notes, how many are followed by a short one
PICKUPS = 0.2  # of half notes before a bar line, how many lead on by an 8th …
QUARTERS = 0.15  # … and how many by a quarter
ECHOES = 0.5  # of these notes, how many are the one before again; the others lead to the next


class BassNote(NamedTuple):
    """A note of the line."""

    step: int  # of the chorus
    end: int
    pitch: Pitch
    chord: Chord
    is_skip: bool = False  # a short one between those of the pulse


def with_skips(line: Sequence[BassNote], random: Random, steps_per_bar: int, in_two: bool) -> list[BassNote]:
    """The line, with a short note at the end of some; none makes a pitch sound three times in a row.

    ``in_two``: whether its notes are half notes, and not quarters.
    """
    longer = list[BassNote]()
    for note, after in zip(line, [*line, None][1:], strict=True):
        length = _pickup(note, random, steps_per_bar) if in_two else _skip(note, random)
        if length and after is not None and after.step == note.end:
            pitch = _pitch(note, after, longer[-1].pitch if longer else None, random)
            if pitch is not None:
                longer.append(note._replace(end=note.end - length))
                longer.append(BassNote(note.end - length, note.end, pitch, note.chord, length == EIGHTH))
                continue
        longer.append(note)
    return longer


def _skip(note: BassNote, random: Random) -> int:
    """How long the short note is after one of a walking line, in steps; 0 for none."""
    return EIGHTH if note.end - note.step >= STEPS_PER_QUARTER and random.random() < SKIPS else 0


def _pickup(note: BassNote, random: Random, steps_per_bar: int) -> int:
    """How long the note is that leads on from a half note, in steps; 0 for none."""
    length, chosen = note.end - note.step, random.random()
    if length < HALF - EIGHTH or note.end % steps_per_bar:
        return 0
    if chosen < PICKUPS:
        return EIGHTH
    return STEPS_PER_QUARTER if length >= HALF and chosen < PICKUPS + QUARTERS else 0


def _pitch(note: BassNote, after: BassNote, before: Pitch | None, random: Random) -> Pitch | None:
    """The pitch of a short note between two; None where each would stand still or clash."""
    low, high = sorted((note.pitch, after.pitch))
    way = direction(after.pitch - note.pitch)
    leading = [
        pitch
        for pitch in (after.pitch - way, after.pitch - 2 * way)
        if low < pitch < high
        and (note.chord.fits(pitch) or (abs(after.pitch - pitch) == 1 and after.chord is not note.chord))
    ]
    if leading and random.random() >= ECHOES:
        return leading[0]
    return None if note.pitch in (before, after.pitch) else note.pitch
