"""The layers of the loop: replaced, added to, undone; drums that follow the bassline."""

from __future__ import annotations

from collections.abc import Iterable

from psc2.core.click import click_track
from psc2.core.drums import deterministic_beat
from psc2.core.instruments import Layer
from psc2.core.loop import PlayableNote, notes_at
from psc2.core.meter import Position
from psc2.core.state import Beat, LayerMemory, SharedState


def layer_notes(state: SharedState, layer: Layer) -> list[PlayableNote]:
    """The notes of ``layer``, in order."""
    return [note for note in state.playable_notes if note.layer is layer]


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


def add_notes(state: SharedState, notes: Iterable[PlayableNote]) -> None:
    """Notes join their layers; each takes the place of one of the same pitch and onset."""
    for note in notes:
        here = notes_at(state.playable_notes, Position(note.bar, note.step))
        doubled = [old for old in here if (old.layer, old.pitch) == (note.layer, note.pitch)]
        for old in doubled:
            _remove(state, old)
        _insert(state, note)
    follow_bass_line(state)


def remember(state: SharedState, layer: Layer) -> None:
    """Undo brings ``layer`` back to what it is now."""
    state.undo = _memory(state, layer)


def undo(state: SharedState) -> None:
    """The last take, clear or machine's beat is taken back; called again, it is there again."""
    memory = state.undo
    if memory is None:
        return
    state.undo = _memory(state, memory.layer)
    if memory.layer is Layer.DRUMS:
        state.beat = memory.beat
    set_layer(state, memory.layer, memory.notes)
    follow_bass_line(state)


def lay_click(state: SharedState) -> None:
    """The click track of the meter and bars that hold now."""
    set_layer(state, Layer.CLICK, click_track(state.time_signature, state.num_bars))


def follow_bass_line(state: SharedState) -> None:
    """The deterministic beat, if that is the beat, as bassline, meter and bars ask for it."""
    if state.beat is Beat.DETERMINISTIC:
        beat = deterministic_beat(state.bass_line, state.time_signature, state.num_bars)
        set_layer(state, Layer.DRUMS, beat)


def use_deterministic_beat(state: SharedState) -> None:
    state.beat = Beat.DETERMINISTIC
    follow_bass_line(state)


def use_model_beat(state: SharedState, notes: Iterable[PlayableNote]) -> None:
    """The machine's beat is there. Undo takes it back, unless it comes in the middle of a recording."""
    if state.recording is None:
        remember(state, Layer.DRUMS)
    state.beat = Beat.MODEL
    state.machine_beats += 1
    state.pending_beat = None
    set_layer(state, Layer.DRUMS, notes)


def _memory(state: SharedState, layer: Layer) -> LayerMemory:
    return LayerMemory(layer, tuple(layer_notes(state, layer)), state.beat)


def _insert(state: SharedState, note: PlayableNote) -> None:
    state.playable_notes.add(note)
    state.layer_sizes[note.layer] += 1
    if note.layer is Layer.BASS:
        state.bass_line.add(note)


def _remove(state: SharedState, note: PlayableNote) -> None:
    state.playable_notes.remove(note)
    state.layer_sizes[note.layer] -= 1
    if note.layer is Layer.BASS:
        state.bass_line.remove(note)
