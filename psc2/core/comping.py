"""Comping: what a pianist's left hand plays to a chart of chords, one chorus at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain, pairwise
from random import Random

from psc2.core.chart import Chart
from psc2.core.comping_rhythms import RhythmCell, cells
from psc2.core.grouping import Groups
from psc2.core.harmony import Chord
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import STEPS_PER_QUARTER, TimeSignature
from psc2.core.ranges import Pitch
from psc2.core.voicings import Voicing, Voicings, darkened, leads_to_minor, voiced

PUSH_STEPS = 2  # an 8th: how long before a chord it may sound
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
HELD_VELOCITY, VELOCITY, SPREAD = 58, 64, range(-5, 6)
OFF_BEAT, OF_PUSH, OF_TOP, OF_LOWEST = 3, 4, 3, -2  # louder or softer by


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


@dataclass(frozen=True, slots=True)
class Course:
    """The chords of a chorus, and of which of them a stroke is one."""

    begins: tuple[int, ...]  # the step of each, and behind the last the length of the chorus
    chords: tuple[Chord, ...]  # … and behind the last the one that follows the chorus
    heard: tuple[
        int | None, ...
    ]  # by step, the chord of a stroke: just before the next that one; None for silence
    needed: tuple[tuple[int, ...], ...]  # by bar, the chords that begin there and last a beat or more
    time_signature: TimeSignature
    push_steps: int

    @classmethod
    def of(cls, chart: Chart, leads_to: Chord | None = None) -> Course:
        """The course of a chart. ``leads_to``: the first chord of the chorus after it; None for its own."""
        known: dict[Chord, Chord] = {}
        written = [*(change.chord for change in chart.changes), leads_to or chart.changes[0].chord]
        chords = [known.setdefault(chord, chord) for chord in written]
        begins, bar_steps = (*chart.steps, chart.length_steps), chart.time_signature.steps_per_bar
        beat_steps = chart.time_signature.steps_per_beat
        push_steps = min(PUSH_STEPS, beat_steps)
        heard = list[int | None]()
        needed: list[tuple[int, ...]] = [()] * len(chart.bars)
        for index, (begin, end) in enumerate(pairwise(begins)):
            chord, coming, steps = chords[index], chords[index + 1], end - begin
            leads = chord.tones and coming.tones and coming is not chord
            pushed = min(push_steps, steps - 1) if leads else 0
            heard += [index if chord.tones else None] * (steps - pushed) + [index + 1] * pushed
            if chord.tones and steps >= beat_steps:
                needed[begin // bar_steps] += (index,)
        voicings = [voiced(chord, following) for chord, following in pairwise(chords)]
        leads_on = leads_to_minor(chords[0], chords[1])  # as the first chord again, or that in another key
        voicings.append(darkened(chords[-1]) if leads_on else chords[-1])
        led = tuple(known.setdefault(chord, chord) for chord in voicings)
        return cls(begins, led, tuple(heard), tuple(needed), chart.time_signature, push_steps)

    @property
    def length_steps(self) -> int:
        return self.begins[-1]

    def end_of(self, index: int) -> int:
        """The step at which a chord ends, or the chorus."""
        return self.begins[min(index + 1, len(self.begins) - 1)]


def comping_notes(
    chart: Chart,
    style: CompingStyle,
    groups: Groups,
    random: Random,
    previous: tuple[Pitch, ...] = (),
    leads_to: Chord | None = None,
) -> tuple[PlayableNote, ...]:
    """One chorus of comping, in order of place; the same from the same ``random``.

    ``groups``: the meter's groups of beats, () for the usual ones; ``previous``: the voicing that sounded
    last, as of the chorus before; ``leads_to``: the chord that the chorus after it begins with, None where it
    comes round again. A chord may come an 8th early, that one too, at the end of the chorus; where there is
    no chord all is silent. Every chord that lasts a beat is heard, and no note outlasts the chorus.
    """
    if style is CompingStyle.OFF:
        return ()
    course = Course.of(chart, leads_to)
    if style is CompingStyle.HELD:
        strokes = list(_held(course))
    else:
        strokes = _completed(list(_strokes(chart, course, groups, random)), course, random)
    return tuple(_notes(strokes, course, style, random, tuple(sorted(previous))))


# --- when -----------------------------------------------------------------------------


def _held(course: Course) -> Iterator[Stroke]:
    """Each chord where it begins, and again every two bars while it lasts."""
    bar_steps = course.time_signature.steps_per_bar
    for index, begin in enumerate(course.begins[:-1]):
        end = course.end_of(index)
        again = (begin // bar_steps + HELD_BARS) * bar_steps
        for step in (begin, *range(again, end, HELD_BARS * bar_steps)):
            yield Stroke(step, end - step)


def _strokes(chart: Chart, course: Course, groups: Groups, random: Random) -> Iterator[Stroke]:
    """Cell after cell, in phrases that have room at their ends."""
    vocabulary = cells(chart.time_signature, groups, random)
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
                    yield Stroke(begun, _articulated(steps, random))
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


def _articulated(steps: int, random: Random) -> int:
    """A stroke's length, now and then another."""
    chance = random.random()
    if chance < LENGTHENED and steps <= 2:
        return steps * 2
    return max(1, steps // 2) if chance > 1 - SHORTENED and steps > 2 else steps


def _completed(strokes: list[Stroke], course: Course, random: Random) -> list[Stroke]:
    """Strokes, and one for each chord that would be left out: where it begins, or an 8th before."""
    heard = {course.heard[stroke.step] for stroke in strokes}
    taken = {stroke.step for stroke in strokes}
    for index in chain.from_iterable(course.needed):
        if index in heard:
            continue
        begin, push = course.begins[index], course.begins[index] - course.push_steps
        free = not any(step in taken for step in range(push - course.push_steps, begin))
        pushes = free and index > 0 and course.heard[push] == index and random.random() < PUSHED
        step = push if pushes else begin
        strokes.append(Stroke(step, random.choice((2, 4, course.end_of(index) - step))))
        taken.add(step)
    return sorted(strokes, key=lambda stroke: stroke.step)


# --- what -----------------------------------------------------------------------------


def _notes(
    strokes: Sequence[Stroke], course: Course, style: CompingStyle, random: Random, voicing: Voicing
) -> Iterator[PlayableNote]:
    """The notes of strokes, each chord led from the one before."""
    voicings, bar_steps = Voicings(), course.time_signature.steps_per_bar
    sounding, since, last = None, 0, len(course.chords) - 1
    nexts = [*(stroke.step for stroke in strokes[1:]), course.length_steps]
    for stroke, following in zip(strokes, nexts, strict=True):
        index = course.heard[stroke.step]
        if index is None:
            continue
        bar, step = divmod(stroke.step, bar_steps)
        if index != sounding or bar - since >= MOVING_BARS:
            voicing = _voicing(voicings, course.chords[index], voicing, index == sounding, random)
            sounding, since = index, bar
        is_push = index == last or course.begins[index] > stroke.step
        steps = max(stroke.steps, 2 * course.push_steps) if is_push else stroke.steps
        length = min(stroke.step + steps, following, course.end_of(index)) - stroke.step
        velocity = _velocity(stroke.step, is_push, course, style) + random.choice(SPREAD)
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


def _velocity(step: int, is_push: bool, course: Course, style: CompingStyle) -> int:
    if style is CompingStyle.HELD:
        return HELD_VELOCITY
    is_off_beat = step % course.time_signature.steps_per_bar % STEPS_PER_QUARTER != 0
    return VELOCITY + OFF_BEAT * is_off_beat + OF_PUSH * is_push
