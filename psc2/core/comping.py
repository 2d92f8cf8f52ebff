"""Comping: what a pianist's left hand plays to a chart of chords, one chorus at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from random import Random
from typing import NamedTuple

from psc2.core.chart import Chart
from psc2.core.comping_rhythms import RhythmCell, cells
from psc2.core.course import Course
from psc2.core.grouping import Groups
from psc2.core.harmony import Chord
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.manner import MEDIUM, Manner, manner_of
from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.ranges import Pitch, Qpm
from psc2.core.voicings import Voicing, Voicings

FAR_BACK = 64  # steps before a chorus, where nothing has just been struck
PHRASE_BARS = 4  # where no section begins sooner
PALETTE = 6  # cells that a phrase is made of
HELD_BARS = 2  # that a held chord is heard before it is struck again
MOVING_BARS = 2  # that a chord keeps its voicing

# How likely a cell is to be taken, as a factor.
CHORD_LEFT_OUT = 0.4  # for each chord that it would leave out
AGAIN, STRUCK_AGAIN = 0.6, 0.1  # the cell before once more; a chord on 1 that has just been pushed
AT_PHRASE_END = (1.5, 2.0, 1.0, 0.3)  # by the strokes in a bar: none, one, two, more
AFTER_MANY, AFTER_FEW = 0.4, 0.3  # many after many, none after one or none

PUSHED, LENGTHENED, SHORTENED, BEST_VOICING = 0.35, 0.2, 0.2, 0.75  # how often
SPREAD, OF_TOP, OF_LOWEST = range(-5, 6), 3, -2  # louder or softer by


class Force(NamedTuple):
    """How hard chords are struck."""

    velocity: int
    off_beat: int = 0  # what one off the beat has more …
    push: int = 0  # … one that comes early …
    again: int = 0  # … and one that is struck once more


HOLDING, LIVELY, GENTLE = Force(58), Force(64, 3, 4), Force(62, 3, 4, -5)


class CompingStyle(Enum):
    """What the pianist of the band plays."""

    OFF = "off"
    HELD = "held"  # each chord as long as it lasts
    CELLS = "cells"  # the rhythms of jazz


@dataclass(frozen=True, slots=True)
class Stroke:
    """A chord that is struck."""

    step: int  # of the chorus
    steps: int  # how long it is held, 1 or more


def comping_notes(
    chart: Chart,
    style: CompingStyle,
    groups: Groups,
    random: Random,
    previous: tuple[Pitch, ...] = (),
    leads_to: Chord | None = None,
    qpm: Qpm = MEDIUM,
) -> tuple[PlayableNote, ...]:
    """One chorus of comping, in order of place; the same from the same ``random``.

    ``groups``: the meter's groups of beats, () for the usual ones; ``previous``: the voicing that sounded
    last, as of the chorus before; ``leads_to``: the chord that the chorus after it begins with, None where it
    comes round again. A chord may come an 8th early, that one too, at the end of the chorus; where there is
    no chord all is silent. Every chord that lasts a beat is heard, and no note outlasts the chorus. ``qpm``:
    how fast it is meant to be.
    """
    if style is CompingStyle.OFF:
        return ()
    course, manner = Course.of(chart, leads_to), manner_of(chart, groups, qpm)
    if style is CompingStyle.HELD:
        strokes, force = list(_held(course)), HOLDING
    else:
        vocabulary = cells(chart.time_signature, groups, random, manner)
        strokes = list(_strokes(chart, course, vocabulary, manner, random))
        strokes = _completed(strokes, course, manner, random)
        force = GENTLE if manner is Manner.BALLAD else LIVELY
    return tuple(_notes(strokes, course, force, random, tuple(sorted(previous))))


# --- when -----------------------------------------------------------------------------


def _held(course: Course) -> Iterator[Stroke]:
    """Each chord where it begins, and again every two bars while it lasts."""
    bar_steps = course.time_signature.steps_per_bar
    for index, begin in enumerate(course.begins[:-1]):
        end = course.end_of(index)
        again = (begin // bar_steps + HELD_BARS) * bar_steps
        for step in (begin, *range(again, end, HELD_BARS * bar_steps)):
            yield Stroke(step, end - step)


def _strokes(
    chart: Chart, course: Course, vocabulary: Sequence[RhythmCell], manner: Manner, random: Random
) -> Iterator[Stroke]:
    """Cell after cell, in phrases that have room at their ends."""
    bar_steps, bar, last = chart.time_signature.steps_per_bar, 0, -FAR_BACK
    before: list[RhythmCell] = []
    for length in _phrases(chart):
        palette = random.sample(vocabulary, min(PALETTE, len(vocabulary)))
        end = bar + length
        while bar < end:
            options = [cell for cell in palette if cell.bars <= end - bar]
            options = options or [cell for cell in vocabulary if cell.bars <= end - bar]
            likely = [
                _likely(cell, before, cell.bars == end - bar) * _fitting(cell, bar, last, course)
                for cell in options
            ]
            cell = random.choices(options, likely)[0] if any(likely) else random.choice(options)
            for step, steps in cell.strokes:
                begun = bar * bar_steps + step
                if begun - last > course.push_steps or step:
                    yield Stroke(begun, _articulated(steps, manner, random))
                    last = begun
            before.append(cell)
            bar += cell.bars


def _phrases(chart: Chart) -> Iterator[int]:
    """How many bars each phrase has: four, or fewer where a section begins."""
    bars = 0
    for bar in chart.bars:
        if bars == PHRASE_BARS or (bar.section and bars):
            yield bars
            bars = 0
        bars += 1
    yield bars


def _likely(cell: RhythmCell, before: Sequence[RhythmCell], ends_phrase: bool) -> float:
    """How likely a cell is to come next, by its rhythm."""
    likely = cell.likely * (AT_PHRASE_END[min(cell.fullness, len(AT_PHRASE_END) - 1)] if ends_phrase else 1.0)
    if not before:
        return likely if cell.strokes else 0.0
    if before[-1].onsets == cell.onsets:
        likely *= 0.0 if len(before) > 1 and before[-2].onsets == cell.onsets else AGAIN
    if cell.is_full and before[-1].is_full:
        likely *= AFTER_MANY
    if not cell.strokes and len(before[-1].strokes) <= 1:
        likely *= AFTER_FEW if before[-1].strokes else 0.0
    return likely


def _fitting(cell: RhythmCell, bar: int, last: int, course: Course) -> float:
    """How well a cell fits the chords of its bars; ``last``: the step of the stroke before."""
    begin, heard = bar * course.time_signature.steps_per_bar, course.heard
    sounding = [heard[begin + step] for step in cell.onsets]
    if last >= 0:
        sounding.append(heard[last])
    fitting = 1.0
    for needed in course.needed[bar : bar + cell.bars]:
        for index in needed:
            if index not in sounding:
                fitting *= CHORD_LEFT_OUT
    if 0 in cell.onsets and begin - last <= course.push_steps:
        fitting *= STRUCK_AGAIN
    return fitting


def _articulated(steps: int, manner: Manner, random: Random) -> int:
    """A stroke's length, now and then another; in a ballad as it is drawn."""
    chance = random.random()
    if manner is Manner.BALLAD:
        return steps
    if chance < LENGTHENED and steps <= 2:
        return steps * 2
    return max(1, steps // 2) if chance > 1 - SHORTENED and steps > 2 else steps


def _completed(strokes: list[Stroke], course: Course, manner: Manner, random: Random) -> list[Stroke]:
    """Strokes, and one for each chord that would be left out: where it begins, or an 8th before.

    In a ballad there is one wherever a chord begins.
    """
    heard = {course.heard[stroke.step] for stroke in strokes}
    taken = {stroke.step for stroke in strokes}
    for index in chain.from_iterable(course.needed):
        begin, push = course.begins[index], course.begins[index] - course.push_steps
        is_late = manner is Manner.BALLAD and taken.isdisjoint(range(push, begin + 1))
        if index in heard and not is_late:
            continue
        free = not any(step in taken for step in range(push - course.push_steps, begin))
        pushes = (
            free
            and index > 0
            and manner is not Manner.BALLAD
            and course.heard[push] == index
            and random.random() < PUSHED
        )
        step = push if pushes else begin
        steps = random.choice((2, 4, course.end_of(index) - step))
        strokes.append(Stroke(step, course.end_of(index) - step if manner is Manner.BALLAD else steps))
        taken.add(step)
    return sorted(strokes, key=lambda stroke: stroke.step)


# --- what -----------------------------------------------------------------------------


def _notes(
    strokes: Sequence[Stroke], course: Course, force: Force, random: Random, voicing: Voicing
) -> Iterator[PlayableNote]:
    """The notes of strokes, each chord led from the one before."""
    voicings, bar_steps = Voicings(), course.time_signature.steps_per_bar
    sounding, since, last = None, 0, len(course.chords) - 1
    nexts = [*(stroke.step for stroke in strokes[1:]), course.length_steps][: len(strokes)]
    for stroke, following in zip(strokes, nexts, strict=True):
        index = course.heard[stroke.step]
        if index is None:
            continue
        bar, step = divmod(stroke.step, bar_steps)
        is_again = index == sounding
        if index != sounding or bar - since >= MOVING_BARS:
            voicing = _voicing(voicings, course.chords[index], voicing, index == sounding, random)
            sounding, since = index, bar
        is_push = index == last or course.begins[index] > stroke.step
        steps = max(stroke.steps, 2 * course.push_steps) if is_push else stroke.steps
        length = min(stroke.step + steps, following, course.end_of(index)) - stroke.step
        velocity = _velocity(step, is_push, is_again, force) + random.choice(SPREAD)
        louder = (OF_LOWEST, *(0,) * (len(voicing) - 2), OF_TOP)
        for pitch, voice in zip(voicing, louder, strict=True):
            yield PlayableNote(
                bar, step, Layer.CHORDS, Instrument.CHORDS, pitch, velocity + voice, length
            )  # fmt: skip


def _voicing(voicings: Voicings, chord: Chord, before: Voicing, again: bool, random: Random) -> Voicing:
    """The voicing of a chord, mostly the nearest; ``again``: another one of the same chord."""
    if again:
        return random.choice(voicings.apart(chord, before))
    near = voicings.near(chord, before)
    return near[0] if len(near) == 1 or random.random() < BEST_VOICING else random.choice(near)


def _velocity(step: int, is_push: bool, is_again: bool, force: Force) -> int:
    """The velocity of a stroke at a step of its bar."""
    is_off_beat = step % STEPS_PER_QUARTER != 0
    return force.velocity + force.off_beat * is_off_beat + force.push * is_push + force.again * is_again
