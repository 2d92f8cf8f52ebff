"""The two corpora that psc2's own models are made from, and MIDI files of one's own, as passages.

A passage is what a network hears in one go: at most ``PASSAGE_STEPS`` events, from a bar line on.
Magenta's own pipeline keeps the first 512 steps of each melody and lets the rest go; here a solo
is cut into as many passages as it has.

Sources: the Weimar Jazz Database, https://jazzomat.hfm-weimar.de (ODbL 1.0); Jon Gillick, Adam
Roberts, Jesse Engel, Douglas Eck, David Bamman, "Learning to Groove with Inverse Sequence
Transformations", ICML 2019 (Groove MIDI Dataset, CC BY 4.0).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models.rnn import midi_events
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF, STEPS_PER_BAR
from psc2.models.rnn.midi_events import Remark, no_remark
from psc2.models.rnn.primers import MAX_GAP_STEPS, squash

Split = Literal["train", "validation"]

PASSAGE_STEPS = 512
USUAL_QPM = 120.0
MIN_STEPS = 2 * STEPS_PER_BAR  # a shorter end of a longer piece says little
HELD_OUT_SHARE = 10  # of one's own files every tenth is held out
GHOST_VELOCITY = 32  # a machine's strokes are as loud as the meter: softer ones would come out far too loud
KICKS = (35, 36)  # struck softer all through the Groove set, and no ghosts


@dataclass(frozen=True, slots=True)
class Piece:
    """A solo, a drummer's take, or what an instrument plays in a MIDI file."""

    name: str
    events: list[int]  # one a step of the model, from a bar line on
    chords: tuple[tuple[int, str], ...] = ()  # (step, symbol as in the database), where they are known
    grid_fit: float = 1.0  # share of the notes within a quarter of a step of the grid
    qpm: float = USUAL_QPM  # of the model's quarter, four steps
    bar_steps: int = STEPS_PER_BAR  # of the piece's own meter; where that changes, of 4/4


Read = Callable[[], list[Piece]]  # may raise a ModelError


def to_score(path: Path, configuration: Configuration, remark: Remark = no_remark) -> list[Read]:
    """The music to score a model on: the held-out split of a corpus, or MIDI files. Raises: ModelError."""
    return _corpus_reads(path, "validation", configuration) or _midi_reads(path, configuration, remark)


def to_train(
    path: Path, configuration: Configuration, remark: Remark = no_remark
) -> tuple[list[Read], list[Read]]:
    """The music to train on, and that to choose an epoch by. Raises: ModelError."""
    if path.suffix == ".jsonl":
        raise ModelError(f"{path}: expected a folder of train.jsonl and validation.jsonl, got one file")
    found = [_corpus_reads(path, split, configuration) for split in ("train", "validation")]
    if not any(found):
        files = _midi_reads(path, configuration, remark)
        held_out = range(0, len(files), HELD_OUT_SHARE)
        found = [[read for n, read in enumerate(files) if n not in held_out], [files[n] for n in held_out]]
    if not all(found):
        raise ModelError(f"{path}: expected pieces to train on and to choose by, got too few")
    return found[0], found[1]


def _corpus_reads(path: Path, split: Split, configuration: Configuration) -> list[Read]:
    """A split of the corpus at ``path``; empty if there is neither corpus. Raises: ModelError."""
    solos = path / f"{split}.jsonl"
    is_melody = configuration.model is Model.MELODY
    if is_melody and (path.suffix == ".jsonl" or solos.is_file()):
        return [partial(list, [solo]) for solo in weimar(path if path.suffix == ".jsonl" else solos)]
    if not is_melody and (path / "info.csv").is_file():
        return groove(path, split, configuration)
    return []


def _midi_reads(path: Path, configuration: Configuration, remark: Remark) -> list[Read]:
    def read(file: Path) -> list[Piece]:
        return [Piece(file.stem, events) for events in midi_events.read(file, configuration, None, remark)]

    return [partial(read, file) for file in midi_events.files(path)]


def passages(pieces: Iterable[Piece], configuration: Configuration) -> list[list[int]]:
    """The pieces cut into passages; melodies in the configuration's key and range.

    >>> from psc2.models.rnn.configurations import CONFIGURATIONS
    >>> found = passages([Piece("a vamp", [1] * 1100)], CONFIGURATIONS["drum_kit"])
    >>> [len(passage) for passage in found]
    [512, 512, 76]
    """
    found = [
        piece.events[start : start + PASSAGE_STEPS]
        for piece in pieces
        for start in range(0, len(piece.events), PASSAGE_STEPS)
        if start == 0 or len(piece.events) - start >= MIN_STEPS
    ]
    if configuration.model is Model.MELODY:
        return [squash(drop_leading_note_offs(passage), configuration)[0] for passage in found]
    return found


def drop_leading_note_offs(events: Sequence[int]) -> list[int]:
    """A part of a melody without note-offs before its first note: they end notes of the part before.

    >>> drop_leading_note_offs([-2, -1, 60, -1])
    [-2, -2, 60, -1]

    Source: note-seq's ``Melody``, which holds no others.
    """
    first = next((step for step, event in enumerate(events) if event >= 0), len(events))
    return [NO_EVENT] * first + list(events[first:])


# --- the Weimar Jazz Database ---------------------------------------------------------


def weimar(path: Path) -> list[Piece]:
    """Read solos from a file of one JSON object a line. Raises: ModelError."""
    try:
        with path.open(encoding="utf-8") as file:
            return [_solo(json.loads(line)) for line in file]
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    except (ValueError, LookupError, TypeError) as error:
        raise ModelError(f"{path}: expected solos of the Weimar Jazz Database, one a line") from error


def _solo(solo: dict[str, Any]) -> Piece:
    notes = [(step, length, pitch) for step, length, pitch, *_ in solo["notes"] if step >= 0]
    (_, beats), *others = solo.get("meter", [[0, 4]])
    bar = STEPS_PER_BAR if others else beats * STEPS_PER_QUARTER
    chords = [(beat * solo["grid"], symbol) for beat, symbol in solo["chords"]]
    events: list[int] = []
    left_out = 0  # steps of long rests, as in a player's call
    shifted: list[tuple[int, int]] = []  # (step where a long rest ends, steps left out up to there)
    end = 0
    for step, length, pitch in notes:
        gap = step - left_out - (len(events) - 1)  # from the note before
        if gap > MAX_GAP_STEPS:
            left_out += -(-(gap - MAX_GAP_STEPS) // bar) * bar
            shifted.append((step, left_out))
        onset = step - left_out
        while len(events) < onset:
            events.append(NOTE_OFF if events and len(events) == end else NO_EVENT)
        events.append(pitch)
        end = onset + length
    events += [NO_EVENT] * (end - len(events)) + [NOTE_OFF]

    def moved(step: int) -> int:
        before = max((out for onset, out in shifted if onset <= step), default=0)
        following = (onset - out for onset, out in shifted if onset > step)
        return min(step - before, next(following, step))

    return Piece(
        solo["id"],
        events,
        tuple((moved(step), symbol) for step, symbol in chords),
        qpm=solo.get("tempo", USUAL_QPM) * solo["grid"] / STEPS_PER_QUARTER,
        bar_steps=bar,
    )


# --- the Groove MIDI Dataset ----------------------------------------------------------


def groove(folder: Path, split: Split, configuration: Configuration) -> list[Read]:
    """The beats in 4/4 of a split, without ghost notes, each to be read. Raises: ModelError."""

    def read(row: dict[str, str]) -> list[Piece]:
        found = midi_events.read(folder / row["midi_filename"], configuration, audible)
        return [Piece(row["id"], events, grid_fit=fits.get(row["id"], 1.0)) for events in found]

    try:
        fits = {row["id"]: float(row["within_quarter_step"] or 0) for row in _rows(folder / "fit16.csv")}
        wanted = [
            row
            for row in _rows(folder / "info.csv")
            if (row["split"], row["beat_type"], row["time_signature"]) == (split, "beat", "4-4")
            and row["midi_filename"]
        ]
    except (KeyError, ValueError, TypeError, csv.Error) as error:
        raise ModelError(f"{folder}: expected the tables of the Groove MIDI Dataset") from error
    return [partial(read, row) for row in wanted]


def audible(pitch: int, velocity: int) -> bool:
    """Whether a drummer's stroke is one that a machine may play in its own loudness."""
    return pitch in KICKS or velocity >= GHOST_VELOCITY


def _rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file; empty if there is none. Raises: ModelError."""
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
