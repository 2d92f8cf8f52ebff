"""Solos as a network that hears intervals is taught them: passages encoded together, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from psc2.core.chart import PlacedChord
from psc2.core.harmony import NO_CHORD, Chord
from psc2.errors import ChartError
from psc2.models.interval.engine import Context
from psc2.models.interval.hearing import (
    END,
    NOTE,
    NOTHING,
    OF_NOTE,
    OF_REST,
    OF_STEP,
    REALS_OF_NOTE,
    REALS_OF_STEP,
    Lines,
)
from psc2.models.interval.surroundings import NO_ROOT, Surroundings
from psc2.models.rnn.encodings import NOTE_OFF
from psc2.scores.chord_symbols import read_symbol
from psc2.training.datasets import MIN_STEPS, PASSAGE_STEPS, Piece, drop_leading_note_offs

Ints = npt.NDArray[Any]
Reals = npt.NDArray[np.float16]

NO_PITCH = -1
UNHEARD = -9  # past a passage's end
NOTES_AT_ONCE = 96  # by which room for notes grows: each size is compiled once


@dataclass(frozen=True, slots=True)
class SoloPassage:
    """A part of a solo, moved by some semitones."""

    piece: Piece
    start: int  # step of the piece
    end: int
    semitones: int = 0
    with_chords: bool = True

    @property
    def events(self) -> list[int]:
        """The events as they are heard; notes that began before them are not there."""
        own = drop_leading_note_offs(self.piece.events[self.start : self.end])
        return [event + self.semitones if event >= 0 else event for event in own]

    @property
    def context(self) -> Context:
        """What it is played over."""
        placed = _placed(self.piece.chords) if self.with_chords else []
        chords = (PlacedChord(one.step - self.start, one.chord.transposed(self.semitones)) for one in placed)
        return Context(tuple(chords), -self.start, self.piece.bar_steps, self.piece.qpm)


def passages(pieces: Iterable[Piece]) -> list[SoloPassage]:
    """The passages that a model is scored on, as ``datasets.passages`` cuts them."""
    return [
        SoloPassage(piece, start, min(start + PASSAGE_STEPS, len(piece.events)))
        for piece in pieces
        for start in range(0, len(piece.events), PASSAGE_STEPS)
        if start == 0 or len(piece.events) - start >= MIN_STEPS
    ]


class Batch(NamedTuple):
    """Passages encoded together: b lines of t steps, with n notes at most."""

    note_numbers: Ints  # (n, b, …)
    note_reals: Reals
    step_numbers: Ints  # (t, b, …): of steps 1 and later
    step_reals: Reals
    rests: Ints  # (t, b, 2)
    counts: Ints  # (t, b): notes that had begun before each step
    events: Ints  # (t, b): what happens, −1 past the end
    goals: Ints  # (t, b): the pitch that begins, −1 where none does
    latest: Ints  # (t, b): the latest pitch before, −1 for none
    roots: Ints  # (t, b): of the chord, −1 for none
    pitches: Ints  # (n, b): of the notes, −1 past the last

    @property
    def num_events(self) -> int:
        return int((self.events >= 0).sum())


def encode(passages: Sequence[SoloPassage], num_lines: int, num_steps: int) -> Batch:
    """Encode at most ``num_lines`` passages, one or more, of at most ``num_steps`` + 1 events."""
    b, t = num_lines, num_steps
    at = np.arange(num_steps + 1, dtype=np.int32)
    around_each = [passage.context.surroundings(at) for passage in passages]
    around = Surroundings.joined(around_each + around_each[:1] * (b - len(passages)))
    lines, all_rows = Lines(b), np.arange(b, dtype=np.int32)
    given = [passage.events for passage in passages]
    num_notes = max(1, *(sum(event >= 0 for event in events) for events in given))
    num_notes = -(-num_notes // NOTES_AT_ONCE) * NOTES_AT_ONCE
    played = np.full((t + 1, b), UNHEARD, np.int32)
    for row, events in enumerate(given):
        played[: len(events), row] = events
    batch = _empty(b, t, num_notes)
    for step in range(t + 1):
        here = played[step]
        if step:
            _look(batch, lines, all_rows, step, here, around)
        began, ended = (here >= 0).nonzero()[0].astype(np.int32), (here == NOTE_OFF).nonzero()[0]
        if len(ended):
            lines.note_ends(ended.astype(np.int32), step)
        if len(began):
            number = lines.count[began]
            heard = lines.note_begins(began, step, here[began], around.at((began, step)))
            batch.note_numbers[number, began], batch.note_reals[number, began] = heard
            batch.pitches[number, began] = here[began]
        kinds = np.where(here >= 0, NOTE, np.where(here == NOTE_OFF, END, NOTHING)).astype(np.int32)
        lines.pass_by(all_rows, step, kinds)
    return batch


def _look(batch: Batch, lines: Lines, rows: Ints, step: int, here: Ints, around: Surroundings) -> None:
    at = step - 1
    of_step = around.at((rows, step))
    heard = lines.look(rows, np.full(len(rows), step, np.int32), of_step)
    batch.step_numbers[at], batch.step_reals[at] = heard
    batch.rests[at] = lines.rests(rows, np.full(len(rows), step, np.int32))
    batch.counts[at] = lines.count
    kinds = np.where(here >= 0, NOTE, np.where(here == NOTE_OFF, END, NOTHING))
    batch.events[at] = np.where(here == UNHEARD, -1, kinds)
    batch.goals[at] = np.where(here >= 0, here, NO_PITCH)
    batch.latest[at] = np.where(lines.count > 0, lines.pitch, NO_PITCH)
    batch.roots[at] = of_step.root


def _empty(b: int, t: int, n: int) -> Batch:
    """Room for a batch, in numbers as small as they can be: an epoch goes from one process to another."""

    def small(*shape: int) -> Ints:
        return np.zeros(shape, np.uint8)

    def signed(*shape: int, fill: int = 0) -> Ints:
        return np.full(shape, fill, np.int16)

    return Batch(
        note_numbers=small(n, b, len(OF_NOTE)),
        note_reals=np.zeros((n, b, REALS_OF_NOTE), np.float16),
        step_numbers=small(t, b, len(OF_STEP)),
        step_reals=np.zeros((t, b, REALS_OF_STEP), np.float16),
        rests=small(t, b, len(OF_REST)),
        counts=signed(t, b),
        events=signed(t, b, fill=-1),
        goals=signed(t, b, fill=NO_PITCH),
        latest=signed(t, b, fill=NO_PITCH),
        roots=signed(t, b, fill=NO_ROOT),
        pitches=signed(n, b, fill=NO_PITCH),
    )


def _placed(chords: Sequence[tuple[int, str]]) -> list[PlacedChord]:
    """The chords of a piece; those of a rest that was cut out may lie past the next one, and are dropped."""
    kept: list[PlacedChord] = []
    for step, symbol in chords:
        while kept and kept[-1].step >= step:
            kept.pop()
        kept.append(PlacedChord(step, _chord(symbol)))
    return kept


_known: dict[str, Chord] = {}


def _chord(symbol: str) -> Chord:
    if symbol not in _known:
        try:
            _known[symbol] = read_symbol(symbol)
        except ChartError:
            _known[symbol] = NO_CHORD
    return _known[symbol]
