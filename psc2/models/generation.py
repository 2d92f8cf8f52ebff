"""Generating with a model: its answer is taken part by part, so that it can be cancelled in between."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import index
from typing import Any, TypeVar

from psc2.core.instruments import Instrument
from psc2.core.pitch_row import DISTANCES, PITCHES, PitchRow, is_row
from psc2.core.requests import AnswerNote, DrumsRequest, Hit, MelodyRequest, PitchRequest, Request
from psc2.ports import DrumsModel, LineModel, MelodyModel, PitchModel

Part = TypeVar("Part")

IsCancelled = Callable[[], bool]
GenerateMelody = Callable[[MelodyRequest, IsCancelled], Sequence[int | AnswerNote]]
Weigh = Callable[[PitchRequest, IsCancelled], Sequence[PitchRow]]
GenerateSolo = Callable[[MelodyRequest | PitchRequest, IsCancelled], Sequence[Any]]
GenerateBeat = Callable[[DrumsRequest, IsCancelled], list[Hit]]

ALL_PITCHES = frozenset(range(PITCHES))
MAX_HITS = 100_000  # of one beat: more than any loop has room for


class GenerationCancelled(Exception):
    """The request was cancelled while the model worked on it."""


class GenerationError(Exception):
    """Why a model gives no answer, in words for the player."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request, sent from one process to another; empty for one that was cancelled."""

    parts: tuple[Any, ...] = ()  # pitches, rows of weights or hits
    error: str = ""  # why there are none


def answer(model: Any, request: Request | PitchRequest, is_cancelled: IsCancelled) -> Sequence[Any]:
    """What a model answers: pitches or notes, rows of weights, or hits.

    Raises: GenerationCancelled, ValueError, and what the model raises.
    """
    match request:
        case MelodyRequest():
            return generate_answer(model, request, is_cancelled)
        case PitchRequest():
            return weigh(model, request)
        case DrumsRequest():
            return generate_beat(model, request, is_cancelled)


def generate_melody(model: MelodyModel, request: MelodyRequest, is_cancelled: IsCancelled) -> list[int]:
    """Up to as many pitches as are wanted.

    Raises: GenerationCancelled, ValueError, and what the model raises.
    """
    pitches = _take(model.continue_melody(request), request.num_pitches, is_cancelled)
    if not ALL_PITCHES.issuperset(pitches):
        raise ValueError(f"expected pitches within 0–127, got {pitches}")
    return [int(pitch) for pitch in pitches]


def generate_answer(
    model: MelodyModel, request: MelodyRequest, is_cancelled: IsCancelled
) -> Sequence[int | AnswerNote]:
    """Pitches, or notes where a rhythm is wanted and the model has one.

    Raises: GenerationCancelled, ValueError, and what the model raises.
    """
    if not request.with_rhythm or not isinstance(model, LineModel):
        return generate_melody(model, request, is_cancelled)
    notes = _take(model.continue_line(request), request.num_pitches, is_cancelled)
    if not all(note.pitch in ALL_PITCHES and note.onset >= 0 and note.steps > 0 for note in notes):
        raise ValueError(f"expected notes with pitches within 0–127, got {notes}")
    return notes


def weigh(model: MelodyModel, request: PitchRequest) -> Sequence[PitchRow]:
    """How likely each pitch is to come next. Raises: ValueError, and what the model raises."""
    if not isinstance(model, PitchModel):
        raise ValueError("expected a model that weighs pitches, got one that only makes phrases")
    rows = tuple(model.weigh(request))
    if len(rows) != len(DISTANCES) or not all(map(is_row, rows)):
        raise ValueError(f"expected {len(DISTANCES)} rows of {PITCHES} weights, got {rows!r:.80}")
    return rows


def generate_beat(model: DrumsModel, request: DrumsRequest, is_cancelled: IsCancelled) -> list[Hit]:
    """The hits of a beat. Raises: GenerationCancelled, ValueError, and what the model raises."""
    hits = _take(model.make_beat(request), MAX_HITS, is_cancelled)
    if {type(hit) for hit in hits} - {Hit} or {type(hit.instrument) for hit in hits} - {Instrument}:
        raise ValueError(f"expected hits, got {hits}")
    try:
        return [Hit(index(hit.step), hit.instrument, index(hit.velocity)) for hit in hits]
    except TypeError as error:
        raise ValueError(f"expected hits, got {hits}") from error


def _take(parts: Iterable[Part], number: int, is_cancelled: IsCancelled) -> list[Part]:
    taken: list[Part] = []
    for part in islice(parts, number):
        if is_cancelled():
            raise GenerationCancelled
        taken.append(part)
    return taken
