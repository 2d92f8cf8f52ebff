"""Short notes between those of a bassline: skips, pickups, and quarters that lead to the next note."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from psc2.core.bass_tones import HIGHEST, LOWEST, fifth_of
from psc2.core.harmony import Chord
from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.ranges import Pitch
from psc2.core.register import direction
from psc2.core.spelling import OCTAVE

EIGHTH = 2  # steps; one on the off-beat swings with the loop's grid
HALF = 8  # steps
SKIPS = 0.05  # of walking notes, how many are followed by a short one
PICKUPS = 0.2  # of half notes before a bar line, how many lead on by an 8th …
QUARTERS = 0.15  # … and how many by a quarter
PUSHES = 0.9  # of a bossa nova's half notes, how many lead on by an 8th
ECHOES = 0.5  # of these notes, how many are the one before again; the others lead to the next


class BassNote(NamedTuple):
    """A note of the line."""

    step: int  # of the chorus
    end: int
    pitch: Pitch
    chord: Chord
    is_skip: bool = False  # a short one between those of the pulse


def with_skips(
    line: Sequence[BassNote], random: Random, steps_per_bar: int, in_two: bool, is_fast: bool = False
) -> list[BassNote]:
    """The line, with a short note at the end of some; none makes a pitch sound three times in a row.

    ``in_two``: whether its notes are half notes, and not quarters; ``is_fast``: whether an 8th is too short.
    """
    longer = list[BassNote]()
    for note, after in zip(line, [*line, None][1:], strict=True):
        length = _pickup(note, random, steps_per_bar) if in_two else _skip(note, random)
        if length > EIGHTH * is_fast and after is not None and after.step == note.end:
            pitch = _pitch(note, after, longer[-1].pitch if longer else None, random)
            if pitch is not None:
                longer.append(note._replace(end=note.end - length))
                longer.append(BassNote(note.end - length, note.end, pitch, note.chord, length == EIGHTH))
                continue
        longer.append(note)
    return longer


def with_pushes(line: Sequence[BassNote], random: Random, goal: int | None) -> list[BassNote]:
    """The line as in a bossa nova: most half notes end with an 8th that has the pitch of the next already.

    No pitch sounds three times in a row. ``goal``: that of the bass after the line; None for silence.
    """
    longer = list[BassNote]()
    for index, note in enumerate(line):
        after, second = (*line[index + 1 : index + 3], None, None)[:2]
        pitch = None
        if note.end - note.step >= HALF and random.random() < PUSHES:
            pitch = _pushed(note, after, second, goal)
        if pitch is None:
            longer.append(note)
            continue
        longer.append(note._replace(end=note.end - EIGHTH))
        longer.append(BassNote(note.end - EIGHTH, note.end, pitch, note.chord, is_skip=True))
    return longer


def _pushed(
    note: BassNote, after: BassNote | None, second: BassNote | None, goal: int | None
) -> Pitch | None:
    """The pitch of the 8th at a note's end: the next one's, or else the other pillar of the chord."""
    coming = _nearest(goal, note.pitch) if after is None and goal is not None else None
    if after is not None and after.step == note.end and (second is None or second.pitch != after.pitch):
        coming = after.pitch
    if coming is not None and coming != note.pitch:
        return coming
    pillar = _nearest(fifth_of(note.chord), note.pitch)
    is_awkward = pillar == note.pitch or (after is not None and not 0 < abs(after.pitch - pillar) <= OCTAVE)
    return None if is_awkward else pillar


def _nearest(number: int, pitch: Pitch) -> Pitch:
    """The pitch of a class on a bass that is nearest to another one."""
    others = range(LOWEST + (number - LOWEST) % OCTAVE, HIGHEST + 1, OCTAVE)
    return min(others, key=lambda other: abs(other - pitch))


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
