"""Recording a layer: from its first key to the end of the sequence.

A note belongs to the step nearest to its key, and joins the loop once that step has
been passed, so that the loop first plays it in the next pass. The key that opens a recording
may come early: it is beat 1 of the pass that is about to start, or a pickup to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from psc2.core import accompaniment, layers
from psc2.core.band import Band
from psc2.core.instruments import INSTRUMENT_OF_LAYER, Layer
from psc2.core.ledger import Key
from psc2.core.loop import PlayableNote, Touch
from psc2.core.meter import Pass
from psc2.core.notices import Notice, NoticeKind
from psc2.core.places import next_start, pass_at, played_at
from psc2.core.quantise import nearest_step
from psc2.core.state import Mode, Recording, SharedState, TakenNote, Transport
from psc2.core.swing import STRAIGHT, Swing, learned

MIN_LENGTH = 0.05  # steps, of a note as it was played
CHORD_S = 0.030  # keys this close together share a step
EARLY_S, EARLY_STEPS = 0.100, 2  # the longer of both: how early the first key may be, and is beat 1


def arm(state: SharedState, layer: Layer, now: float) -> None:
    """The next key opens a recording of ``layer``, which is cleared unless overdub is on.

    Armed again before its first key it stays as it is; armed again in the midst of it, it begins anew, or
    with overdub on what has been played so far stays and is added to.
    """
    recorder = state.recorder
    current, overdub = recorder.recording, recorder.overdub
    anew = current is not None and current.layer is layer and not (overdub and current.is_open)
    if current is not None and anew:
        before, overdub = current.before, overdub or current.overdub
    else:
        leave(state)
        _let_in(state, layer, now)
        accompaniment.end_chorus(state, (layer,))
        before = layers.content_of(state, layer)
    recorder.recording, recorder.overdub = Recording(layer, before, overdub), False
    recorder.chord_at, recorder.early_keys = float("-inf"), {}
    state.mode = Mode(layer.value)
    layers.seat(state, layer, Band())
    if anew or not overdub:
        _discard_taken(state, layer)
    layers.set_layer(state, layer, before.notes if overdub else ())


def is_armed(state: SharedState, layer: Layer) -> bool:
    """Whether arming a recording of ``layer`` would change nothing: one waits for its first key already."""
    current = state.recorder.recording
    if current is None or current.layer is not layer or current.is_open:
        return False
    return current.overdub or not state.recorder.overdub


def is_empty(state: SharedState, layer: Layer) -> bool:
    """Whether there is nothing in ``layer``, and nothing on its way there."""
    current = state.recorder.recording
    is_coming = any(note.layer is layer for note in state.recorder.taken)
    return not state.layer_sizes[layer] and not is_coming and (current is None or current.layer is not layer)


def leave(state: SharedState) -> None:
    """No recording is armed or under way any more. One that no key has begun gives back what it cleared."""
    recording = state.recorder.recording
    if recording is None:
        return
    learn_swing(state)
    state.recorder.recording = None
    if recording.is_open:
        state.history = state.history.recorded(recording.before)
    else:
        layers.set_content(state, recording.before)


def leave_to_free(state: SharedState) -> None:
    """A recording that was begun is over; one that is only armed stays so."""
    recording = state.recorder.recording
    if recording is not None and recording.is_open:
        state.recorder.over = recording
        leave(state)
        state.mode = Mode.FREE


def undo(state: SharedState, now: float) -> None:
    """The latest act is taken back: the recording under way, if there is one."""
    recording = state.recorder.recording
    if recording is not None:
        state.mode = Mode.FREE
        leave(state)
    if recording is None or recording.is_open:
        for content in state.history.past[-1:]:
            _let_in(state, content.layer, now)
            accompaniment.end_chorus(state, (content.layer,))
        layers.undo(state)


def redo(state: SharedState, now: float) -> None:
    """The latest undo is taken back; once a recording has begun there is none."""
    recording = state.recorder.recording
    if recording is not None and not recording.is_open:
        state.mode = Mode.FREE
        leave(state)
    for content in state.history.future[-1:]:
        _let_in(state, content.layer, now)
        accompaniment.end_chorus(state, (content.layer,))
    layers.redo(state)


def clear(state: SharedState, layer: Layer, now: float) -> None:
    """``layer`` is emptied; a recording of it that is armed or under way ends."""
    end_take(state, layer, now)
    accompaniment.end_chorus(state, (layer,))
    layers.clear(state, layer)


def end_take(state: SharedState, layer: Layer, now: float) -> None:
    """A recording of ``layer`` that is armed or under way ends, and what was taken joins the loop."""
    recording = state.recorder.recording
    if recording is not None and recording.layer is layer:
        state.mode = Mode.FREE
        leave(state)
    _let_in(state, layer, now)


def key_down(state: SharedState, key: Key, velocity: int, now: float) -> None:
    """A key is taken down, if a recording is armed or under way; while the loop is stopped, for its start."""
    recorder, transport = state.recorder, state.transport
    recording = recorder.recording
    if recording is None:
        return
    if transport is None:
        recorder.early_keys[key] = velocity, now
        state.notify_once(Notice(0, NoticeKind.PRESS_PLAY, layer=recording.layer))
        return
    at = played_at(state, now)
    if not recording.is_open:
        opening = _opening(state, transport, at)
        if opening is None:
            state.notify_once(Notice(0, NoticeKind.TOO_EARLY, layer=recording.layer))
            return
        _open(state, transport, recording, *opening, at)
    elif at - recorder.chord_at > CHORD_S:
        recorder.chord_at = at
        recorder.chord_place = _place_at(transport, at)
        recorder.onsets.append(recorder.chord_place)
        nearest = nearest_step(recorder.chord_place, transport.grid.segments[-1].swing)
        recorder.chord_step = max(recording.first, nearest)
    _take(state, transport, key, velocity, at)


def begin(state: SharedState, now: float) -> None:
    """The loop has been started: a key of the same gesture, if a recording is armed, is on its first beat."""
    recorder, transport = state.recorder, state.transport
    recording, early_keys = recorder.recording, recorder.early_keys
    recorder.early_keys = {}
    if recording is None or transport is None or transport.next_step < 0:
        return
    earliest = min(now - EARLY_S, transport.grid.time_of(-EARLY_STEPS))
    for key, (velocity, at) in early_keys.items():
        if at >= earliest:
            _open(state, transport, recording, 0, 0, at)
            note = _take(state, transport, key, velocity, at)
            if note is not None and key not in state.hands.down | state.hands.sustained:
                _exchange(state, {id(note): replace(note, duration_steps=1)})


def _opening(state: SharedState, transport: Transport, now: float) -> tuple[int, int] | None:
    """The pass that a first key begins, by its first step, and the key's own step.

    Shortly before a pass starts, at most half a pass, the key is its beat 1; within the beat before, a pickup
    to it. Where the loop swings its off-beat is a pickup. None in the count-in before that.
    """
    grid = transport.grid
    nearest = nearest_step(_place_at(transport, now), grid.segments[-1].swing)
    coming = next_start(state, transport, now)
    begins, offbeat = grid.time_of(coming), grid.time_of(coming - EARLY_STEPS)
    swings = grid.segments[-1].swing.ratio > STRAIGHT.ratio
    earliest = (offbeat + begins) / 2 if swings else min(begins - EARLY_S, offbeat)
    if now >= max(earliest, grid.time_of(coming - state.form.length_steps / 2)):
        return coming, coming
    if nearest >= coming - state.time_signature.steps_per_beat:
        return coming, nearest
    passed = pass_at(state, transport, nearest)
    return None if passed is None else (passed.start, nearest)


def _open(
    state: SharedState, transport: Transport, recording: Recording, start: int, first: int, now: float
) -> None:
    """The first key has been struck, for step ``first``; the pass from step ``start`` on is recorded."""
    recorder = state.recorder
    recorder.recording = replace(recording, start=start, first=first)
    recorder.chord_at, recorder.chord_step = now, first
    recorder.chord_place = _place_at(transport, now)
    recorder.onsets = [recorder.chord_place]
    recorder.takes, state.look_back = recorder.takes + 1, None
    state.history = replace(state.history, future=())


def _take(state: SharedState, transport: Transport, key: Key, velocity: int, at: float) -> TakenNote | None:
    """A note at the latest chord's step; a pickup belongs to the last steps of the pass that it leads to."""
    recorder = state.recorder
    recording, step = recorder.recording, recorder.chord_step
    if recording is None or recording.start is None:
        return None
    passed = pass_at(state, transport, max(step, recording.start))
    if passed is None:
        return None
    is_pickup = step < passed.start
    position = passed.locate(step + passed.form.length_steps if is_pickup else step)
    end = passed.start if is_pickup else passed.end
    place = _place_at(transport, at)
    note = TakenNote(recording.layer, step, recorder.chord_place, place, position, end, key[1], velocity)
    recorder.taken = (*recorder.taken, note)
    recorder.open_notes[key] = note
    return note


def key_up(state: SharedState, key: Key, now: float) -> None:
    """A held note gets its duration: to the nearest step, one at least, and to the end of the pass at most.

    The end is sent ahead, so the note may be in the loop already, as long as it could be.
    """
    recorder, transport = state.recorder, state.transport
    note = recorder.open_notes.get(key)
    if note is not None and transport is not None:
        up_place = _place_at(transport, played_at(state, now))
        duration_steps = _duration(note, up_place, transport.grid.segments[-1].swing)
        ended = replace(note, duration_steps=duration_steps, up_place=up_place)
        _exchange(state, {id(note): ended})
        if not _is_taken(state, ended):
            layers.add_notes(state, [_playable(ended)])
    recorder.open_notes.pop(key, None)


def hand_over(state: SharedState, key: Key, heir: Key) -> None:
    """The note that ``key`` holds, if there is one, is held by ``heir`` from now on."""
    recorder = state.recorder
    if key in recorder.open_notes:
        recorder.open_notes[heir] = recorder.open_notes.pop(key)
    if key in recorder.early_keys:
        recorder.early_keys[heir] = recorder.early_keys.pop(key)


def close_at(state: SharedState, end: int) -> None:
    """Keys still held when their pass ends, at step ``end``, are closed there."""
    for note in [note for note in state.recorder.open_notes.values() if note.end <= end]:
        _exchange(state, {id(note): replace(note, duration_steps=note.end - note.onset)})


def _place_at(transport: Transport, time_s: float) -> float:
    return transport.grid.segment_at(time_s).place_at(time_s)


def _duration(note: TakenNote, up_place: float, swing: Swing) -> int:
    return max(1, min(note.end - note.onset, nearest_step(up_place, swing) - note.onset))


def learn_swing(state: SharedState, before: int | None = None) -> None:
    """The latest take, once it is over, tells how it swings, and is put on the grid that swings so.

    An overdub follows the swing that its layer has.

    ``before``: the step that is about to be sent; its pass has to end there. Without it, it ends now.
    """
    recorder, transport = state.recorder, state.transport
    recording = recorder.recording
    if recording is None or recording.start is None or transport is None or not state.feel.learns:
        return
    passed = pass_at(state, transport, recording.start)
    if passed is None or before not in (None, passed.end):
        return
    onsets, recorder.onsets = recorder.onsets, []
    if recording.overdub:
        return
    swing = state.feel.swing(passed.start, passed.form.time_signature.steps_per_bar)
    ratio = learned(onsets, swing)
    if ratio is not None and ratio != state.feel.ratio:
        state.feel = state.feel.with_ratio(ratio)
        _put_on_grid(state, recording, passed, replace(swing, ratio=ratio))


def _put_on_grid(state: SharedState, recording: Recording, passed: Pass, swing: Swing) -> None:
    """A layer's notes go to the steps that they were played nearest to on a grid of another swing."""
    recorder = state.recorder
    layers.put_on_grid(state, recording.layer, swing)
    coming = (*recorder.taken, *recorder.open_notes.values())
    moved = {id(note): _moved(note, passed, swing) for note in coming if note.layer is recording.layer}
    _exchange(state, moved)
    state.played.move(recorder.takes, passed.start, swing)


def _moved(note: TakenNote, passed: Pass, swing: Swing) -> TakenNote:
    """A note at the step nearest to where it was played; one on the pass's beat 1 stays there."""
    is_pickup = note.onset < passed.start
    earliest = passed.start - passed.form.time_signature.steps_per_beat if is_pickup else passed.start
    onset = max(earliest, min(note.end - 1, nearest_step(note.chord_place, swing)))
    if note.onset == passed.start:
        onset = passed.start
    position = passed.locate(onset + passed.form.length_steps if is_pickup else onset)
    moved = replace(note, onset=onset, position=position)
    if note.duration_steps is None:
        return moved
    if note.up_place is None:
        return replace(moved, duration_steps=note.end - onset)
    return replace(moved, duration_steps=_duration(moved, note.up_place, swing))


def _exchange(state: SharedState, notes: Mapping[int, TakenNote]) -> None:
    """Notes on their way into the loop, and those whose keys are held, become others, by their identity."""
    recorder = state.recorder
    recorder.taken = tuple(notes.get(id(note), note) for note in recorder.taken)
    recorder.open_notes = {key: notes.get(id(note), note) for key, note in recorder.open_notes.items()}


def _is_taken(state: SharedState, note: TakenNote) -> bool:
    return any(other is note for other in state.recorder.taken)


def close_all(state: SharedState, now: float) -> None:
    """The loop stops: every held note ends here, and all that was taken joins the loop."""
    for layer in Layer:
        _let_in(state, layer, now)
    leave_to_free(state)


def finish_if_over(state: SharedState, now: float) -> None:
    """The recorded pass has been heard to its end: the mode is free.

    A chord begun before the end is let in whole.
    """
    recorder, transport = state.recorder, state.transport
    recording = recorder.recording
    if recording is None or recording.start is None or transport is None:
        return
    passed = pass_at(state, transport, recording.start)
    at = played_at(state, now)
    over = passed is None or at >= transport.grid.time_of(passed.end)
    if over and at - recorder.chord_at > CHORD_S:
        leave_to_free(state)


def join(state: SharedState, before: int) -> None:
    """Taken notes whose onset lies before step ``before``, and whose end is known, join the loop."""
    ripe = [note for note in state.recorder.taken if note.duration_steps is not None and note.onset < before]
    if ripe:
        _join(state, ripe)


def _let_in(state: SharedState, layer: Layer, now: float) -> None:
    """All that was taken of ``layer`` joins the loop; what is held ends here."""
    recorder = state.recorder
    for key in [key for key, note in recorder.open_notes.items() if note.layer is layer]:
        key_up(state, key, now)
    _join(state, [note for note in recorder.taken if note.layer is layer])


def _join(state: SharedState, notes: list[TakenNote]) -> None:
    joining = {id(note) for note in notes}
    state.recorder.taken = tuple(note for note in state.recorder.taken if id(note) not in joining)
    layers.add_notes(state, map(_playable, notes))


def _discard_taken(state: SharedState, layer: Layer) -> None:
    """What was taken of ``layer`` and is not in the loop yet is forgotten."""
    recorder = state.recorder
    recorder.taken = tuple(note for note in recorder.taken if note.layer is not layer)
    recorder.open_notes = {key: note for key, note in recorder.open_notes.items() if note.layer is not layer}


def _playable(note: TakenNote) -> PlayableNote:
    assert note.duration_steps is not None
    up_place = note.end if note.up_place is None else min(note.end, note.up_place)
    bar_line = note.onset - note.position.step
    return PlayableNote(
        note.position.bar,
        note.position.step,
        note.layer,
        INSTRUMENT_OF_LAYER[note.layer],
        note.pitch,
        note.velocity,
        note.duration_steps,
        Touch(note.place - bar_line, max(MIN_LENGTH, up_place - note.place)),
    )
