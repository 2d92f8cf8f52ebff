"""The layers of the loop: replaced, added to, taken back; drums that follow the bassline."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import groupby

from psc2.core.band import Band
from psc2.core.click import click_track
from psc2.core.drums import deterministic_beat
from psc2.core.history import History, LayerContent
from psc2.core.instruments import Layer
from psc2.core.loop import Beat, PlayableNote, notes_at
from psc2.core.meter import Form, Position
from psc2.core.notices import Notice, NoticeKind
from psc2.core.quantise import on_grid
from psc2.core.state import BarNotes, SharedState
from psc2.core.swing import Swing


def layer_notes(state: SharedState, layer: Layer) -> tuple[PlayableNote, ...]:
    """The notes of ``layer``, in the loop's order."""
    return tuple(note for note in state.playable_notes if note.layer is layer)


def bar_notes(state: SharedState, bar: int) -> BarNotes:
    """The notes of ``bar`` but for the click, in the loop's order: the same until they change."""
    if bar not in state.bars:
        found = state.playable_notes.irange_key((bar, 0), (bar + 1, 0), (True, False))
        notes = tuple(note for note in found if note.layer is not Layer.CLICK)
        longest = max((note.duration_steps for note in notes), default=0)
        state.bars[bar] = BarNotes(notes, longest)
    return state.bars[bar]


def bars_that_ring(state: SharedState, bar: int, steps_per_bar: int) -> set[int]:
    """The bars before ``bar`` that may have a note which still sounds in it; ``steps_per_bar``: at least."""
    return {
        before
        for before in range(bar)
        if bar_notes(state, before).longest_steps > (bar - before - 1) * steps_per_bar
    }


def content_of(state: SharedState, layer: Layer) -> LayerContent:
    """What ``layer`` is now."""
    notes = layer_notes(state, layer)
    return LayerContent(layer, notes, state.beat, state.feel.ratio, state.band, state.semitones)


def set_layer(state: SharedState, layer: Layer, notes: Iterable[PlayableNote]) -> None:
    """``layer`` becomes ``notes``; what stays the same is not touched."""
    wanted = set(notes)
    kept = set()
    for note in layer_notes(state, layer):
        if note in wanted:
            kept.add(note)
        else:
            _remove(state, note)
    for note in sorted(wanted - kept, key=lambda note: (note.place, note.pitch)):
        _insert(state, note)
    if layer is Layer.BASS:
        follow_bass_line(state)


def set_bar(state: SharedState, layer: Layer, bar: int, notes: Iterable[PlayableNote]) -> None:
    """A bar of ``layer`` becomes ``notes``; a beat of the bassline follows in that bar."""
    wanted = set(notes)
    here = {note for note in bar_notes(state, bar).notes if note.layer is layer}
    for note in here - wanted:
        _remove(state, note)
    for note in sorted(wanted - here, key=lambda note: (note.place, note.pitch)):
        _insert(state, note)
    if layer is Layer.BASS and state.beat is Beat.DETERMINISTIC and bar < state.form.num_bars:
        set_bar(state, Layer.DRUMS, bar, beat_of(state, wanted, state.form, range(bar, bar + 1)))


def seat(state: SharedState, layer: Layer, band: Band) -> None:
    """From now on ``layer`` is played by the player that ``band`` has for it, or by nobody."""
    state.band = state.band.taking(layer, band)
    state.astray.discard(layer)
    for choruses in (state.choruses, state.coming_choruses, state.thinking):
        choruses.pop(layer, None)


def set_content(state: SharedState, content: LayerContent) -> None:
    """A layer becomes what it was at another moment; a beat of the bassline follows the one of now.

    The loop swings again as it did then, unless that has been set by hand.
    """
    if state.feel.learns and not state.feel.follows_tempo:
        state.feel = replace(state.feel, ratio=content.swing)
    seat(state, content.layer, content.band)
    if content.layer is Layer.DRUMS:
        state.beat = content.beat
    if content.semitones != state.semitones:
        state.astray.add(content.layer)
    set_layer(state, content.layer, content.notes)
    follow_bass_line(state)


def add_notes(state: SharedState, notes: Iterable[PlayableNote]) -> None:
    """Notes join their layers; each takes the place of one of the same pitch and onset."""
    latest = {(note.layer, note.place, note.pitch): note for note in notes}
    for note in latest.values():
        here = notes_at(state.playable_notes, Position(note.bar, note.step))
        doubled = [old for old in here if (old.layer, old.pitch) == (note.layer, note.pitch)]
        for old in doubled:
            _remove(state, old)
        _insert(state, note)
    if any(layer is Layer.BASS for layer, _, _ in latest):
        follow_bass_line(state)


def put_on_grid(state: SharedState, layer: Layer, swing: Swing) -> None:
    """What was played of ``layer`` goes to the steps that it is nearest to on a grid that swings so.

    Notes of one step, which are a chord's, stay together, and what begins the sequence begins it.
    """
    notes = layer_notes(state, layer)
    in_bar = replace(swing, bar_line=0)
    moved: list[PlayableNote] = []
    for _, together in groupby(notes, key=lambda note: note.place):
        moved += on_grid([*together], in_bar)
    set_layer(state, layer, {(note.place, note.pitch): note for note in moved}.values())


def record_change(state: SharedState, before: LayerContent) -> None:
    """What has just been done to a layer can be taken back; nothing is recorded if it changed nothing."""
    if replace(content_of(state, before.layer), semitones=before.semitones) != before:
        state.history = state.history.recorded(before)


def clear(state: SharedState, layer: Layer) -> None:
    """``layer`` is emptied; a beat of the bassline follows."""
    before = content_of(state, layer)
    seat(state, layer, Band())
    set_layer(state, layer, ())
    record_change(state, before)


def undo(state: SharedState) -> None:
    """The latest act is taken back; where there is none, that is told."""
    _exchange(state, state.history.past, state.history.undone, NoticeKind.NOTHING_TO_UNDO)


def redo(state: SharedState) -> None:
    """The latest undo is taken back; where there is none, that is told."""
    _exchange(state, state.history.future, state.history.redone, NoticeKind.NOTHING_TO_REDO)


def _exchange(
    state: SharedState,
    entries: tuple[LayerContent, ...],
    exchanged: Callable[[LayerContent], tuple[LayerContent, History]],
    nothing: NoticeKind,
) -> None:
    """A layer as it is and the newest of ``entries`` change places."""
    if entries:
        content, state.history = exchanged(content_of(state, entries[-1].layer))
        set_content(state, content)
    else:
        state.notify(Notice(0, nothing))


def lay_click(state: SharedState) -> None:
    """The click track of the meter and bars that hold now, on the beats that are chosen."""
    set_layer(state, Layer.CLICK, click_track(state.form, state.practice.click_beats))


def beat_of(
    state: SharedState, bass_line: Iterable[PlayableNote], form: Form, bars: range | None = None
) -> list[PlayableNote]:
    """The beat of a bassline, in the style that is set; ``bars``: those that are wanted, None for all."""
    return deterministic_beat(bass_line, form, state.settings.drum_style, bars, state.settings.groups)


def follow_bass_line(state: SharedState) -> None:
    """The deterministic beat, if that is the beat, as bassline, meter and bars ask for it."""
    if state.beat is Beat.DETERMINISTIC:
        set_layer(state, Layer.DRUMS, beat_of(state, state.bass_line, state.form))


def use_deterministic_beat(state: SharedState) -> None:
    """From now on the drums follow the bassline."""
    before = content_of(state, Layer.DRUMS)
    state.beat = Beat.DETERMINISTIC
    follow_bass_line(state)
    record_change(state, before)


def use_model_beat(state: SharedState, notes: Iterable[PlayableNote]) -> None:
    """The machine's beat is there."""
    before = content_of(state, Layer.DRUMS)
    state.beat = Beat.MODEL
    set_layer(state, Layer.DRUMS, notes)
    record_change(state, before)


def _insert(state: SharedState, note: PlayableNote) -> None:
    state.playable_notes.add(note)
    state.bars.pop(note.bar, None)
    state.layer_sizes[note.layer] += 1
    state.heard_anew |= note.layer in (Layer.CHORDS, Layer.BASS)
    if note.layer is Layer.BASS:
        state.bass_line.add(note)


def _remove(state: SharedState, note: PlayableNote) -> None:
    state.playable_notes.remove(note)
    state.bars.pop(note.bar, None)
    state.layer_sizes[note.layer] -= 1
    state.heard_anew |= note.layer in (Layer.CHORDS, Layer.BASS)
    if note.layer is Layer.BASS:
        state.bass_line.remove(note)
