"""Meter and time: how bars are made of steps, and when each step sounds.

A *step* is one 16th note. Steps are counted from the first step of the first pass
through the sequence, which is step 0; the count-in has negative steps.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

STEPS_PER_QUARTER = 4
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
        """Raises: ValueError for a numerator or denominator out of range."""
        if not MIN_NUMERATOR <= self.numerator <= MAX_NUMERATOR:
            raise ValueError(
                f"expected a numerator within {MIN_NUMERATOR}–{MAX_NUMERATOR}, got {self.numerator}"
            )
        if self.denominator not in DENOMINATORS:
            raise ValueError(f"expected a denominator of 4, 8 or 16, got {self.denominator}")

    @classmethod
    def parse(cls, text: str) -> TimeSignature:
        """The time signature written as ``"7/8"``. Raises: ValueError."""
        match = re.fullmatch(r"\s*(\d{1,3})\s*/\s*(\d{1,3})\s*", text)
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


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the sequence: the bar, 0-based, and the step within it, 0-based."""

    bar: int
    step: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """One pass through the sequence: where it starts and how it is divided.

    >>> Sequence(start=32, time_signature=TimeSignature(3, 4), num_bars=2).locate(45)
    Position(bar=1, step=1)
    """

    start: int  # its first step
    time_signature: TimeSignature
    num_bars: int  # 1 or more

    @property
    def length_steps(self) -> int:
        return self.num_bars * self.time_signature.steps_per_bar

    @property
    def end(self) -> int:
        """The first step after it."""
        return self.start + self.length_steps

    def locate(self, step: int) -> Position:
        return Position(*divmod(step - self.start, self.time_signature.steps_per_bar))


@dataclass(frozen=True, slots=True)
class Grid:
    """When each step sounds: ``t(n) = anchor + (n − anchor_step) · 60 / qpm / 4``.

    Times are exact for each step, so nothing adds up. A tempo change keeps the grid
    before it, for as long as a step of it has yet to sound.

    >>> grid = Grid(anchor_s=10.0, anchor_step=0, qpm=120.0)
    >>> grid.time_of(4), grid.step_at(10.3125)
    (10.5, 2.5)
    >>> faster = grid.retimed(240.0, last_sent_step=4, now=10.45)
    >>> faster.time_of(4), faster.time_of(6), faster.step_at(10.4375)
    (10.5, 10.625, 3.5)
    """

    anchor_s: float  # seconds on the engine's clock
    anchor_step: int
    qpm: float  # quarter notes a minute
    before: Grid | None = None

    @property
    def step_s(self) -> float:
        """Seconds from one step to the next."""
        return 60.0 / self.qpm / STEPS_PER_QUARTER

    def time_of(self, step: float) -> float:
        """The moment, in seconds, when ``step``, or a place between two steps, sounds."""
        if step < self.anchor_step and self.before is not None:
            return self.before.time_of(step)
        return self.anchor_s + (step - self.anchor_step) * self.step_s

    def step_at(self, time_s: float) -> float:
        """The place on the grid, in steps and fractions of one, at ``time_s``."""
        if time_s < self.anchor_s and self.before is not None:
            return self.before.step_at(time_s)
        return self.anchor_step + (time_s - self.anchor_s) / self.step_s

    def retimed(self, qpm: float, last_sent_step: int, now: float) -> Grid:
        """The grid with another tempo from the first step that has not been sent.

        The anchor moves to the last step that was sent, whose time stays. Where a much
        faster tempo would put the next step into the past, that step sounds now.
        """
        if last_sent_step < self.anchor_step:
            return replace(self, qpm=qpm)
        past = replace(self, before=None) if now >= self.anchor_s else self
        retimed = Grid(self.time_of(last_sent_step), last_sent_step, qpm, before=past)
        if last_sent_step == self.anchor_step:
            retimed = replace(retimed, before=self.before)
        if retimed.time_of(last_sent_step + 1) < now:
            retimed = Grid(now, last_sent_step + 1, qpm, before=past)
        return retimed
