"""The chart that is heard: the chords of the recorded layers, named, the bassline below them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from psc2.core import layers
from psc2.core.chart import Bar, Chart, PlacedChord
from psc2.core.grouping import Groups, strong_steps
from psc2.core.harmony import Chord
from psc2.core.instruments import Layer
from psc2.core.meter import Form
from psc2.core.naming import named
from psc2.core.spelling import OCTAVE
from psc2.core.state import SharedState

PUSHED = 2  # steps: what begins so shortly before a strong beat is played for it
FULL = 3  # pitch classes: a broken chord is heard until it has so many


Sounding = tuple[frozenset[int], int | None]  # pitch classes of the chord, and the bass's


class Span(NamedTuple):
    """From one strong beat to the next, in steps of the sequence."""

    begin: int
    end: int
    begins_bar: bool


class Held(NamedTuple):
    """A note of a layer, from one step of the sequence to another."""

    begin: int
    end: int
    pitch: int


def heard_chart(state: SharedState) -> Chart | None:
    """One chord for each strong beat, from the chords that were recorded; None while there are none.

    They are spelled together, in the key that they fit best. Where nothing is struck the chord before goes
    on, also over a bass that moves; a bar is heard anew.
    """
    form = state.form
    chords, bass = (_by_bar(_held(state, layer, form), form) for layer in (Layer.CHORDS, Layer.BASS))
    spans = [*_spans(form, state.settings.groups)]
    names: dict[tuple[Sounding, Chord | None], Chord | None] = {}
    found: list[Chord | None] = []
    for span in spans:
        bar = span.begin // form.time_signature.steps_per_bar
        heard = _sounding(chords[bar], bass[bar], span), None if span.begins_bar else found[-1]
        if heard not in names:
            names[heard] = named(*heard[0], heard[1])
        found.append(names[heard])
    known = [chord for chord in found if chord is not None]
    if not known:
        return None
    now, bars = known[-1], list[list[PlacedChord]]([] for _ in range(form.num_bars))
    for span, chord in zip(spans, found, strict=True):
        now = chord or now
        bar, step = divmod(span.begin, form.time_signature.steps_per_bar)
        bars[bar].append(PlacedChord(step, now))
    return Chart("", "", "", form.time_signature, tuple(Bar(tuple(placed)) for placed in bars)).spelled()


def _spans(form: Form, groups: Groups) -> Iterator[Span]:
    """From each strong beat to the next, over the whole sequence."""
    steps_per_bar = form.time_signature.steps_per_bar
    strong = [*sorted(strong_steps(form.time_signature, groups)), steps_per_bar]
    for bar in range(form.num_bars):
        for begin, end in pairwise(strong):
            first = bar * steps_per_bar
            yield Span(first + begin, first + end, begins_bar=begin == 0)


def _held(state: SharedState, layer: Layer, form: Form) -> list[Held]:
    """The notes of a layer that lie in the sequence; what rings over its end goes on at its beginning."""
    steps_per_bar, length = form.time_signature.steps_per_bar, form.length_steps
    notes = [note for note in layers.layer_notes(state, layer) if note.bar < form.num_bars]
    held = [
        Held(note.bar * steps_per_bar + note.step, note.bar * steps_per_bar + note.step + note.duration_steps,
             note.pitch)
        for note in notes
        if note.step < steps_per_bar
    ]  # fmt: skip
    return held + [
        Held(note.begin - length, note.end - length, note.pitch) for note in held if note.end > length
    ]


def _by_bar(notes: Iterable[Held], form: Form) -> Mapping[int, Sequence[Held]]:
    """The notes that begin in each bar, just before it, or ring into it."""
    steps_per_bar, found = form.time_signature.steps_per_bar, defaultdict[int, list[Held]](list)
    for note in notes:
        last = max(note.begin + PUSHED, note.end - 1)
        for bar in range(max(0, note.begin // steps_per_bar), last // steps_per_bar + 1):
            found[bar].append(note)
    return found


def _sounding(chords: Sequence[Held], bass: Sequence[Held], span: Span) -> Sounding:
    """What is struck first for a strong beat, or held into a bar: pitch classes, and the bass; or nothing."""
    struck = sorted(note for note in chords if _is_struck(note, span))
    held = [note for note in chords if note.begin < span.begin - PUSHED and _is_held(note, span)]
    if not struck and not span.begins_bar:
        return frozenset(), None
    here: set[int] = {note.pitch % OCTAVE for note in held if not struck or note.end > struck[0].begin + 1}
    for note in struck:
        if len(here) >= FULL and note.begin > struck[0].begin + 1:
            break
        here.add(note.pitch % OCTAVE)
    low = min((one for one in bass if _is_struck(one, span) or _is_held(one, span)), default=None)
    if low is not None:
        return frozenset(here), low.pitch % OCTAVE if here else None
    lowest = min((note.pitch for note in (*struck, *held)), default=None)
    return frozenset(here), None if lowest is None or len(here) < FULL else lowest % OCTAVE


def _is_struck(note: Held, span: Span) -> bool:
    """Whether a note is struck for a span; just before its end it is struck for the next."""
    return span.begin - PUSHED <= note.begin < span.end - PUSHED


def _is_held(note: Held, span: Span) -> bool:
    """Whether a note from before is held through half of a span."""
    return note.begin < span.begin and 2 * (min(note.end, span.end) - span.begin) >= span.end - span.begin
