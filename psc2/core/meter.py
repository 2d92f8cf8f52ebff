"""Meter and time: how bars are made of steps, and when each step sounds.

A *step* is one 16th note. Steps are counted from the first step of the first pass
through the sequence, which is step 0; the count-in has negative steps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import floor

from psc2.core.ranges import Bars, Qpm
from psc2.core.swing import STRAIGHT, Swing

STEPS_PER_QUARTER = 4
MAX_SEGMENTS = 24  # of a grid: more than the steps from the key that comes latest to the look-ahead
DENOMINATORS = (4, 8, 16)
MIN_NUMERATOR = 2
MAX_NUMERATOR = 64


@dataclass(frozen=True, slots=True)
class TimeSignature:
    """How many beats a bar has, and which note is one beat.

    Source: the paper's ``time_signature``: "a pair of integers denoting the numerator
    and denominator (4, 8, or 16)".

    >>> TimeSignature.parse("7/8").steps_per_bar
    14
    """

    numerator: int  # beats a bar, 2–64
    denominator: int  # 4, 8 or 16

    def __post_init__(self) -> None:
        """Check both numbers. Raises: ValueError."""
        if not MIN_NUMERATOR <= self.numerator <= MAX_NUMERATOR:
            raise ValueError(
                f"expected a numerator within {MIN_NUMERATOR}–{MAX_NUMERATOR}, got {self.numerator}"
            )
        if self.denominator not in DENOMINATORS:
            raise ValueError(f"expected a denominator of 4, 8 or 16, got {self.denominator}")

    @classmethod
    def parse(cls, text: str) -> TimeSignature:
        """The time signature written as ``"7/8"``. Raises: ValueError."""
        match = re.fullmatch(r" *([0-9]{1,3}) */ *([0-9]{1,3}) *", text)
        if match is None:
            raise ValueError(f'expected a time signature such as "7/8", got {text!r}')
        return cls(int(match[1]), int(match[2]))

    @property
    def steps_per_beat(self) -> int:
        """16ths from one click to the next: 4, 2 or 1."""
        return 16 // self.denominator

    @property
    def steps_per_bar(self) -> int:
        return self.numerator * self.steps_per_beat

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


COMMON_TIME = TimeSignature(4, 4)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the sequence: the bar, 0-based, and the step within it, 0-based."""

    bar: int
    step: int


@dataclass(frozen=True, slots=True)
class Form:
    """How one pass through the sequence is divided: its meter and its number of bars."""

    time_signature: TimeSignature
    num_bars: Bars

    @property
    def length_steps(self) -> int:
        return self.num_bars * self.time_signature.steps_per_bar


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass through the sequence: where it starts and how it is divided.

    >>> Pass(start=32, form=Form(TimeSignature(3, 4), num_bars=2)).locate(45)
    Position(bar=1, step=1)
    """

    start: int  # its first step
    form: Form
    semitones: int = 0  # above its own key, in which the tune's chart is played, 0–11

    @property
    def end(self) -> int:
        """The first step after it."""
        return self.start + self.form.length_steps

    def locate(self, step: int) -> Position:
        """Where in the pass ``step`` falls; in the count-in before it the bars are negative."""
        return Position(*divmod(step - self.start, self.form.time_signature.steps_per_bar))


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one tempo and one swing.

    Straight, ``t(n) = anchor_s + (n − anchor_step) · 60 / qpm / 4``.
    """

    anchor_s: float  # seconds on the engine's clock
    anchor_step: int
    qpm: Qpm
    swing: Swing = STRAIGHT

    @property
    def step_s(self) -> float:
        """Seconds from one step to the next."""
        return 60.0 / self.qpm / STEPS_PER_QUARTER

    def time_of(self, step: float) -> float:
        return self.time_of_place(self.swing.swung(step))

    def time_of_place(self, place: float) -> float:
        """When the step would sound without swing."""
        return self.anchor_s + (place - self.anchor_place) * self.step_s

    def step_at(self, time_s: float) -> float:
        return self.swing.straight(self.place_at(time_s))

    def place_at(self, time_s: float) -> float:
        """The step that would sound at ``time_s`` without swing."""
        return self.anchor_place + (time_s - self.anchor_s) / self.step_s

    @property
    def shortest_step_s(self) -> float:
        """Seconds from one step to the next where they are closest."""
        return self.step_s * 2 * (1 - self.swing.ratio)

    @property
    def anchor_place(self) -> float:
        """The place at which the segment begins."""
        return self.swing.swung(self.anchor_step)


@dataclass(frozen=True, slots=True)
class Grid:
    """When each step sounds, to the exact moment, so that nothing adds up.

    A tempo change begins another segment; the ones before it stay, as steps of theirs have yet to sound.

    >>> grid = Grid.starting(10.0, step=0, qpm=120.0)
    >>> grid.time_of(4), grid.step_at(10.3125)
    (10.5, 2.5)
    >>> faster = grid.retimed(240.0, last_sent_step=4, now=10.45)
    >>> faster.time_of(4), faster.time_of(6), faster.step_at(10.4375)
    (10.5, 10.625, 3.5)
    """

    segments: tuple[Segment, ...]  # 1 to MAX_SEGMENTS, newest last

    @classmethod
    def starting(cls, time_s: float, step: int, qpm: float, swing: Swing = STRAIGHT) -> Grid:
        """The grid of one tempo and one swing on which ``step`` sounds at ``time_s``."""
        return cls((Segment(time_s, step, qpm, swing),))

    def time_of(self, step: float) -> float:
        """The moment, in seconds, when ``step``, or a place between two steps, sounds."""
        for segment in reversed(self.segments):
            if step >= segment.anchor_step:
                return segment.time_of(step)
        return self.segments[0].time_of(step)

    def step_at(self, time_s: float) -> float:
        """The place on the grid, in steps and fractions of one, at ``time_s``."""
        return self.segment_at(time_s).step_at(time_s)

    def segment_at(self, time_s: float) -> Segment:
        """The segment that holds at ``time_s``."""
        at = (segment for segment in reversed(self.segments) if time_s >= segment.anchor_s)
        return next(at, self.segments[0])

    def changed_at(self, step: int, qpm: float | None = None, swing: Swing | None = None) -> Grid:
        """The grid with another tempo, or swing, from ``step`` on, whose own moment stays.

        Nothing later has been sent. A swing changes where a pair begins: there both have the same moments.

        >>> Grid.starting(10.0, step=0, qpm=120.0).changed_at(4, qpm=60.0).time_of(6)
        11.0
        """
        newest = self.segments[-1]
        changed = replace(newest, qpm=qpm or newest.qpm, swing=swing or newest.swing)
        if step < newest.anchor_step:  # nothing of it has been sent yet
            return Grid((*self.segments[:-1], changed))
        kept = self.segments if step > newest.anchor_step else self.segments[:-1]
        begun = replace(changed, anchor_s=newest.time_of(step), anchor_step=step)
        return Grid((*kept, begun)[-MAX_SEGMENTS:])

    def swinging(self, swing: Swing) -> Grid:
        """The grid with another swing all along."""
        return Grid(tuple(replace(segment, swing=swing) for segment in self.segments))

    def nearest_step(self, time_s: float) -> int:
        """The step that ``time_s`` is nearest to."""
        return floor(self.step_at(time_s) + 0.5)

    def retimed(self, qpm: float, last_sent_step: int, now: float) -> Grid:
        """The grid with another tempo from the first step that has not been sent.

        The new segment is anchored at the last step that was sent, whose time stays. Where a much
        faster tempo would put the next step into the past, that step sounds now.
        """
        changed = self.changed_at(last_sent_step, qpm)
        if last_sent_step >= self.segments[-1].anchor_step and changed.time_of(last_sent_step + 1) < now:
            begun = replace(changed.segments[-1], anchor_s=now, anchor_step=last_sent_step + 1)
            return Grid((*self.segments, begun)[-MAX_SEGMENTS:])
        return changed
