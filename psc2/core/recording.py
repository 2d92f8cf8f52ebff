"""Recording a layer: from its first key to the end of the sequence.

A note belongs to the step nearest to its key, and joins the loop once that step has
been passed, so that the loop first plays it in the next pass.
"""

from __future__ import annotations

from dataclasses import replace
from math import floor

from psc2.core import layers
from psc2.core.instruments import INSTRUMENT_OF_LAYER, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Sequence
from psc2.core.state import Mode, Recording, SharedState, TakenNote, Transport

CHORD_S = 0.030  # keys this close together share a step


def arm(state: SharedState, layer: Layer) -> None:
    """The next key opens a recording of ``layer``, which is cleared unless overdub is on."""
    recording = state.recording
    armed_already = recording is not None and recording.layer is layer and recording.start is None
    if not armed_already:  # otherwise undo still knows what was there before
        layers.remember(state, layer)
        leave(state)
    state.mode = Mode(layer.value)
    state.recording = Recording(layer)
    if not state.overdub:
        discard(state, layer)
        layers.set_layer(state, layer, ())


def discard(state: SharedState, layer: Layer) -> None:
    """What was taken of ``layer`` and is not in the loop yet is forgotten."""
    state.taken = [note for note in state.taken if note.layer is not layer]
    state.open_notes = {key: note for key, note in state.open_notes.items() if note.layer is not layer}


def cancel(state: SharedState, layer: Layer) -> None:
    """A recording of ``layer`` under way is given up."""
    discard(state, layer)
    if state.recording is not None and state.recording.layer is layer:
        leave(state)
        state.mode = Mode.FREE


def nearest_step(transport: Transport, now: float) -> int:
    """The step, on the grid as it has been played, that ``now`` is nearest to."""
    return floor(transport.grid.step_at(now) + 0.5)


def sequence_at(state: SharedState, transport: Transport, step: int) -> Sequence | None:
    """The pass that ``step`` belongs to; None in the count-in and in the distant past.

    A step past what has been sent belongs to the pass that is to come, or after a stall to
    one of those after it.
    """
    if step >= transport.next_start:
        coming = Sequence(
            transport.next_start,
            state.pending_time_signature or state.time_signature,
            state.pending_num_bars or state.num_bars,
        )
        return replace(coming, start=step - (step - coming.start) % coming.length_steps)
    return next((passed for passed in transport.sequences if passed.start <= step < passed.end), None)


def key_down(state: SharedState, key: int, velocity: int, now: float) -> None:
    """A key is taken down, if a recording is armed or under way and the loop plays."""
    recording, transport = state.recording, state.transport
    if recording is None or transport is None:
        return
    if now - recording.chord_at > CHORD_S:
        recording.chord_at, recording.chord_step = now, nearest_step(transport, now)
    step = recording.chord_step
    sequence = sequence_at(state, transport, step)
    if sequence is None:
        return
    if recording.start is None:
        recording.start = sequence.start
    note = TakenNote(recording.layer, step, sequence.locate(step), sequence.end, key, velocity)
    state.taken.append(note)
    state.open_notes[key] = note


def key_up(state: SharedState, key: int, now: float) -> None:
    """A held note gets its duration: to the nearest step, one at least, and to the end of the pass at most.

    The end is sent ahead, so the note may be in the loop already, as long as it could be.
    """
    note = state.open_notes.pop(key, None)
    if note is None or state.transport is None:
        return
    longest = note.end - note.onset
    note.duration_steps = max(1, min(longest, nearest_step(state.transport, now) - note.onset))
    if note not in state.taken:
        layers.add_notes(state, [_playable(note)])


def close_at(state: SharedState, end: int) -> None:
    """Keys still held when their pass ends, at step ``end``, are closed there."""
    for note in state.open_notes.values():
        if note.end <= end:
            note.duration_steps = note.end - note.onset


def close_all(state: SharedState, now: float) -> None:
    """The loop stops: every held note ends here, and all that was taken joins the loop."""
    for key in list(state.open_notes):
        key_up(state, key, now)
    join(state, None)
    leave_to_free(state)


def finish_if_over(state: SharedState, now: float) -> None:
    """The recorded pass has been heard to its end: the mode is free.

    A chord begun before the end is let in whole.
    """
    recording, transport = state.recording, state.transport
    if recording is None or recording.start is None or transport is None:
        return
    sequence = sequence_at(state, transport, recording.start)
    over = sequence is None or now >= transport.grid.time_of(sequence.end)
    if over and now - recording.chord_at > CHORD_S:
        leave_to_free(state)


def leave(state: SharedState) -> None:
    """No recording is armed or under way any more; overdub was for the one that was begun."""
    if state.recording is not None and state.recording.start is not None:
        state.overdub = False
    state.recording = None


def leave_to_free(state: SharedState) -> None:
    """A recording that was begun is over; one that is only armed stays so."""
    if state.recording is not None and state.recording.start is not None:
        leave(state)
        state.mode = Mode.FREE


def join(state: SharedState, before: int | None) -> None:
    """Taken notes with an onset before step ``before``, or all of them, join the loop."""
    ripe = [
        note for note in state.taken
        if note.duration_steps is not None and (before is None or note.onset < before)
    ]  # fmt: skip
    if not ripe:
        return
    state.taken = [note for note in state.taken if note not in ripe]
    layers.add_notes(state, map(_playable, ripe))


def _playable(note: TakenNote) -> PlayableNote:
    assert note.duration_steps is not None
    return PlayableNote(
        note.position.bar,
        note.position.step,
        note.layer,
        INSTRUMENT_OF_LAYER[note.layer],
        note.pitch,
        note.velocity,
        note.duration_steps,
    )
