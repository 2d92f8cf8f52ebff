"""A look back at what was played: how early or late each onset was, against the grid's 16ths."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from statistics import fmean, median, pstdev
from typing import NamedTuple

from psc2.core.instruments import Layer
from psc2.core.meter import Form, Grid, Pass, Position
from psc2.core.ranges import Count, Pitch, Velocity
from psc2.core.swing import Swing

MAX_NOTES = 256  # that are looked back at: of more, the latest
TOLERANCE_MS = 10.0  # an onset that is off by more is early or late

Milliseconds = float  # early is negative


class PlayedKey(NamedTuple):
    """A key that went down while the loop played, and what was known of the grid then.

    A tuple, as it is made while the key waits to sound.
    """

    at: float  # seconds, earlier by the calibrated latency …
    chord_at: float  # … and so is this, when the first key of its chord went down
    step: int | None  # where it is recorded; None if it is not
    take: Count  # the number of its take, 1 and up; 0 for none
    layer: Layer
    pitch: Pitch
    velocity: Velocity
    grid: Grid
    passes: tuple[Pass, ...]  # those begun, newest last
    form: Form  # of the first, before it has begun

    @property
    def onset(self) -> int:
        """The step that it belongs to: where it is recorded, or the one nearest to its chord's first key."""
        return self.grid.nearest_step(self.chord_at) if self.step is None else self.step

    @property
    def passed(self) -> Pass:
        """The pass that it belongs to, or one before that."""
        begun = [passed for passed in self.passes if passed.start <= self.onset]
        return begun[-1] if begun else Pass(0, self.form)


@dataclass(frozen=True, slots=True)
class TimedNote:
    """A note that was played: where it belongs, and how far from there its key went down."""

    pitch: Pitch
    velocity: Velocity
    position: Position  # in the sequence
    deviation_ms: Milliseconds


@dataclass(frozen=True, slots=True)
class TimedOnset:
    """A note, or a chord's notes, which have one place."""

    notes: tuple[TimedNote, ...]  # in the order of their keys
    deviation_ms: Milliseconds  # the mean of the notes'

    @property
    def position(self) -> Position:
        return self.notes[0].position


@dataclass(frozen=True, slots=True)
class LookBack:
    """What was played, against the grid. Deviations are in milliseconds, and early is negative."""

    layer: Layer
    form: Form  # of the pass
    onsets: tuple[TimedOnset, ...]  # as they were played, with MAX_NOTES notes at most in all; never empty
    mean_ms: Milliseconds
    median_ms: Milliseconds
    spread_ms: float  # the standard deviation of the onsets, 0 for one alone
    early: Count  # onsets that are early by more than TOLERANCE_MS …
    late: Count  # … and late
    worst: TimedOnset  # the one that is farthest off, the first of equals

    @property
    def notes(self) -> tuple[TimedNote, ...]:
        """All notes, in the order of their keys."""
        return tuple(note for onset in self.onsets for note in onset.notes)


@dataclass(slots=True)
class Played:
    """The latest keys over the loop that plays, or played last. Written by practice."""

    keys: deque[PlayedKey] = field(default_factory=lambda: deque(maxlen=MAX_NOTES))
    over: object = None  # that loop: keys of two are not mixed

    def move(self, take: int, start: int, swing: Swing) -> None:
        """A take's keys are on another grid, on the steps that they are nearest to there.

        ``start``: the first of its pass, which whoever has come there early has been meant for.
        """
        for n, key in enumerate(self.keys):
            if key.take == take:
                grid = key.grid.swinging(swing)
                step = start if key.step == start else grid.nearest_step(key.chord_at)
                self.keys[n] = key._replace(grid=grid, step=step)


def look_back_at(keys: Sequence[PlayedKey], passed: Pass | None = None) -> LookBack:
    """The timing of one key or more, all at their places in ``passed``; without it each in its own pass.

    >>> from psc2.core.meter import TimeSignature
    >>> grid, form = Grid.starting(10.0, step=0, qpm=120.0), Form(TimeSignature(4, 4), 1)
    >>> found = look_back_at(
    ...     [PlayedKey(at, at, None, 0, Layer.LEAD, 60, 90, grid, (), form) for at in (10.02, 10.49)]
    ... )
    >>> round(found.mean_ms), round(found.spread_ms), found.early, found.late
    (5, 15, 0, 1)
    """
    chords, within = groupby(keys, key=lambda key: (key.chord_at, key.step)), passed or keys[-1].passed
    onsets = tuple(_timed([*chord], within) for _, chord in chords)
    deviations = [onset.deviation_ms for onset in onsets]
    return LookBack(
        layer=keys[0].layer,
        form=within.form,
        onsets=onsets,
        mean_ms=fmean(deviations),
        median_ms=median(deviations),
        spread_ms=pstdev(deviations),
        early=sum(deviation < -TOLERANCE_MS for deviation in deviations),
        late=sum(deviation > TOLERANCE_MS for deviation in deviations),
        worst=max(onsets, key=lambda onset: abs(onset.deviation_ms)),
    )


def latest_pass(keys: Iterable[PlayedKey], layer: Layer) -> list[PlayedKey]:
    """The latest keys of ``layer``, as many as were played in the length of one pass."""
    played = [(key, key.onset) for key in keys if key.layer is layer]
    if not played:
        return []
    latest, onset = played[-1]
    first = max(0, onset - latest.passed.form.length_steps + 1)
    return [key for key, onset in played if onset >= first]


def _timed(chord: Sequence[PlayedKey], passed: Pass) -> TimedOnset:
    """A chord's place in a pass: what was played in the pass before or after is at the same place in it."""
    step = chord[0].onset
    position = passed.locate(passed.start + (step - passed.start) % passed.form.length_steps)
    notes = tuple(
        TimedNote(key.pitch, key.velocity, position, 1000 * (key.at - key.grid.time_of(step)))
        for key in chord
    )
    return TimedOnset(notes, fmean(note.deviation_ms for note in notes))
