"""The bass player of the band: one chorus of bass from a chart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from enum import Enum
from random import Random
from typing import NamedTuple

from psc2.core.bass_tones import Role
from psc2.core.chart import Chart
from psc2.core.grouping import Groups, strong_steps
from psc2.core.harmony import Chord
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.manner import MEDIUM, Manner, manner_of
from psc2.core.pulse import half_steps, passing_steps, walking_steps
from psc2.core.ranges import Pitch, Qpm, Velocity
from psc2.core.skips import BassNote, with_pushes, with_skips
from psc2.core.walking import Onset, led_line

CLOSE = 2  # steps after a change within which the pulse's own note is tied to that of the change
FIFTHS = 0.85  # of the second half notes of a bossa nova, how many are fifths whatever else would fit
PASSING = 0.5  # of bars with groups of two and three, how many have passing 8ths in those of three

VELOCITY = 82
BEGINNING = 2  # what a note has more with which a chord begins …
BACKBEAT = 6  # … and one on 2 or 4
SKIP_VELOCITY = 74  # of short notes between those of the pulse
SPREAD = 4  # what chance adds or takes away at most


class BassStyle(Enum):
    """How the bass player plays."""

    OFF = "off"
    ROOTS = "roots"  # root and fifth, held long
    TWO = "two"  # half notes
    WALKING = "walking"  # quarter notes


class Stretch(NamedTuple):
    """A chord, from where it begins to where the next does, in steps of the chorus."""

    start: int
    end: int
    chord: Chord
    following: Chord


def bass_notes(
    chart: Chart,
    style: BassStyle,
    groups: Groups,
    random: Random,
    previous: Pitch | None = None,
    leads_to: Chord | None = None,
    qpm: Qpm = MEDIUM,
) -> tuple[PlayableNote, ...]:
    """One chorus of bass, one note at a time, in order of places; where there is no chord it rests.

    Each chord begins with its root, or with what stands after the slash. The last leads to the chorus that
    follows.

    Args:
        groups: the beats of the meter in each group; () for the usual ones.
        random: chooses between lines that are as good; the same state makes the same chorus.
        previous: the pitch that the chorus before has ended with, 0–127, to go on from.
        leads_to: the chord that the chorus after it begins with; None where it comes round again.
        qpm: how fast it is meant to be.
    """
    if style is BassStyle.OFF:
        return ()
    leads_to, manner = leads_to or chart.changes[0].chord, manner_of(chart, groups, qpm)
    in_bossa = style is BassStyle.TWO and manner is Manner.BOSSA
    onsets, ends = _rhythm(chart, style, groups, random, leads_to, in_bossa)
    goal = leads_to.bass if leads_to.tones else None
    pitches = led_line(onsets, random, chart.time_signature.steps_per_bar, previous, goal)
    line = [
        BassNote(onset.step, end, pitch, onset.chord)
        for onset, end, pitch in zip(onsets, ends, pitches, strict=True)
    ]
    if in_bossa:
        line = with_pushes(line, random, goal)
    elif style is not BassStyle.ROOTS:
        steps_per_bar, in_two = chart.time_signature.steps_per_bar, style is BassStyle.TWO
        line = with_skips(line, random, steps_per_bar, in_two, manner is Manner.FAST)
    return tuple(_played(line, chart, groups, random))


def _played(line: Sequence[BassNote], chart: Chart, groups: Groups, random: Random) -> Iterator[PlayableNote]:
    """The notes of a line as the loop has them."""
    steps_per_bar, beginnings = chart.time_signature.steps_per_bar, frozenset(chart.steps)
    backbeats = frozenset(walking_steps(chart.time_signature, groups)[1::2])
    for step, end, pitch, _, is_skip in line:
        bar, within = divmod(step, steps_per_bar)
        velocity: Velocity = SKIP_VELOCITY
        if not is_skip:
            velocity = VELOCITY + BEGINNING * (step in beginnings) + BACKBEAT * (within in backbeats)
        velocity += int(random.random() * (2 * SPREAD + 1)) - SPREAD
        yield PlayableNote(bar, within, Layer.BASS, Instrument.BASS, pitch, velocity, end - step)


def _rhythm(
    chart: Chart, style: BassStyle, groups: Groups, random: Random, leads_to: Chord, in_bossa: bool
) -> tuple[Sequence[Onset], Sequence[int]]:
    """Where notes begin and what they are for, and where each ends."""
    steps_per_bar = chart.time_signature.steps_per_bar
    strong = strong_steps(chart.time_signature, groups)
    grid = _grid(chart, style, groups, random)
    onsets, ends = list[Onset](), list[int]()
    for stretch in _stretches(chart, leads_to):
        if not stretch.chord.tones:
            continue
        if style is BassStyle.ROOTS:
            begun = list(_pillars(stretch, grid, steps_per_bar, num_bars=2 if len(strong) == 1 else 1))
        elif in_bossa:
            begun = list(_in_bossa(stretch, grid, steps_per_bar, random))
        else:
            begun = list(_pulse(stretch, grid, steps_per_bar, None if style is BassStyle.TWO else strong))
        onsets += begun
        ends += [*(onset.step for onset in begun[1:]), stretch.end]
    return onsets, ends


def _stretches(chart: Chart, leads_to: Chord) -> Iterator[Stretch]:
    """The chords of a chorus; what follows the last begins the next one."""
    changes = chart.changes
    ends = [*chart.steps[1:], chart.length_steps]
    nexts = [*(change.chord for change in changes[1:]), leads_to]
    for change, end, following in zip(changes, ends, nexts, strict=True):
        yield Stretch(change.step, end, change.chord, following)


def _grid(chart: Chart, style: BassStyle, groups: Groups, random: Random) -> Sequence[int]:
    """The steps of a chorus on which a style has its notes, whatever the chords."""
    time_signature, passing = chart.time_signature, tuple[int, ...]()
    if style is BassStyle.WALKING:
        steps = walking_steps(time_signature, groups)
        passing = passing_steps(time_signature, groups)
    elif style is BassStyle.TWO:
        steps = half_steps(time_signature, groups)
    else:
        steps = tuple(sorted(strong_steps(time_signature, groups)))
    divided = sorted((*steps, *passing))
    return [
        bar * time_signature.steps_per_bar + step
        for bar in range(len(chart.bars))
        for step in (divided if passing and random.random() < PASSING else steps)
    ]


def _within(grid: Sequence[int], start: int, end: int) -> Sequence[int]:
    """The steps of the grid between two notes, but those too close to either."""
    return grid[bisect_right(grid, start + CLOSE) : bisect_left(grid, end - 1)]


def _pulse(
    stretch: Stretch, grid: Sequence[int], steps_per_bar: int, strong: frozenset[int] | None
) -> Iterator[Onset]:
    """The notes of a chord over which the bass walks; ``strong``: None where it plays in two."""
    start, end, chord, following = stretch
    yield Onset(start, Role.ROOT, chord)
    inner = _within(grid, start, end)
    for step in inner:
        if strong is None and step % steps_per_bar == 0:
            yield Onset(step, Role.HALF_BAR, chord)
        elif step == inner[-1] and following.tones:
            yield Onset(step, Role.LAST_HALF if strong is None else Role.APPROACH, chord, following.bass)
        elif step % steps_per_bar == 0:
            yield Onset(step, Role.BAR, chord)
        elif strong is None:
            yield Onset(step, Role.HALF, chord)
        else:
            yield Onset(step, Role.STRONG if step % steps_per_bar in strong else Role.WEAK, chord)


def _in_bossa(stretch: Stretch, grid: Sequence[int], steps_per_bar: int, random: Random) -> Iterator[Onset]:
    """The half notes of a chord in a bossa nova: its root and its fifth in turn, now and then another."""
    start, end, chord, _ = stretch
    yield Onset(start, Role.ROOT, chord)
    for step in _within(grid, start, end):
        if step % steps_per_bar == 0:
            yield Onset(step, Role.ROOT, chord)
        else:
            yield Onset(step, Role.FIFTH if random.random() < FIFTHS else Role.HALF, chord)


def _pillars(stretch: Stretch, grid: Sequence[int], steps_per_bar: int, num_bars: int) -> Iterator[Onset]:
    """The root of a chord for each ``num_bars`` that it is held, and its fifth on the strong beat amid."""
    start = stretch.start
    end = start - start % steps_per_bar
    while start < stretch.end:
        end += num_bars * steps_per_bar
        if end - start > CLOSE or end >= stretch.end:  # or else it is pushed, and tied over the bar line
            until = min(end, stretch.end)
            yield Onset(start, Role.ROOT, stretch.chord)
            if inner := _within(grid, start, until):
                middle = min(inner, key=lambda step: abs(2 * step - start - until))
                yield Onset(middle, Role.FIFTH, stretch.chord)
            start = end
