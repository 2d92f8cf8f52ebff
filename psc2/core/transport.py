"""The loop's time: play and stop, what one step plays, meter, bars and tempo."""

from __future__ import annotations

from collections.abc import Iterator

from psc2.core import layers, recording
from psc2.core.click import CLICK_VELOCITY, click_at
from psc2.core.events import Effect, Flush, NoteOff, Retimed, Strike, Tick
from psc2.core.instruments import Layer
from psc2.core.loop import PlayableNote, notes_at
from psc2.core.meter import Grid, Sequence, TimeSignature
from psc2.core.state import SharedState, TapUnit, Transport

START_S = 0.060  # from the play button to step 0, at least …
MAX_START_S = 0.100  # … and at most, however long the look-ahead is
WAKE_S = 0.010  # beyond the look-ahead, so that the looper is awake when step 0 is to be sent
LATE_S = 0.030  # a note-on later than this is left out
MIN_QPM = 20.0
MAX_QPM = 400.0
TAP_PAUSE_S = 3.5  # a longer pause starts the tapping afresh
MAX_TAPS = 5


def play(state: SharedState, now: float) -> list[Effect]:
    """The loop starts, with the count-in first; pressed while it plays, nothing happens."""
    if state.transport is not None:
        return []
    first = -state.settings.count_in_bars * state.time_signature.steps_per_bar
    start_s = min(MAX_START_S, max(START_S, state.lookahead_s + WAKE_S))
    state.transport = Transport(Grid(now + start_s, first, state.qpm), next_step=first)
    return [Retimed()]


def stop(state: SharedState, now: float) -> list[Effect]:
    """The loop stops and everything is silent; pressed while it is stopped, panic: the same."""
    recording.close_all(state, now)
    stopped = state.transport is not None
    state.transport = None
    _begin_pending(state)
    _place_pending_beat(state)
    return [*silence(state, now), *([Retimed()] if stopped else [])]


def silence(state: SharedState, now: float) -> list[Effect]:
    """Whatever sounds or is about to is silenced, by a flush and by note-offs."""
    return [Flush(), *state.ledger.silence(now)]


def tick(state: SharedState, event: Tick) -> list[Effect]:
    """One step is sent: note-offs first, then what is due.

    A step whose turn comes too late gets its note-offs only; the grid stays where it is.
    """
    transport = state.transport
    if transport is None or event.step != transport.next_step:
        return []  # the loop has been stopped or retimed meanwhile
    transport.next_step += 1
    at = event.due if state.tagged and event.due > event.at else None
    if event.step == transport.next_start:
        effects: list[Effect] = [*state.ledger.end_loop(event.due, at)]
        _begin_sequence(state, transport, event.step)
    else:
        ending = state.ledger.ending_at(event.step)
        effects = [*state.ledger.end_loop(event.due, at, ending)]
    recording.join(state, before=event.step)
    notes = list(_due(state, transport, event.step))
    if event.at - event.due > LATE_S:
        state.late_steps += 1
        state.skipped_notes += len(notes)
        return effects
    struck = [effect for note in notes for effect in _sound(state, note, event, at)]
    return effects + sorted(struck, key=lambda effect: not isinstance(effect, NoteOff))


def _begin_sequence(state: SharedState, transport: Transport, start: int) -> None:
    """A pass starts: what was pending holds from here on, what is held from before is closed."""
    recording.close_at(state, start)
    _begin_pending(state)
    transport.sequences.append(Sequence(start, state.time_signature, state.num_bars))
    _place_pending_beat(state)


def _begin_pending(state: SharedState) -> None:
    time_signature, num_bars = state.pending_time_signature, state.pending_num_bars
    state.pending_time_signature = state.pending_num_bars = None
    if time_signature is None and num_bars is None:
        return
    state.time_signature = time_signature or state.time_signature
    state.num_bars = num_bars or state.num_bars
    layers.lay_click(state)
    layers.follow_bass_line(state)


def _place_pending_beat(state: SharedState) -> None:
    if state.pending_beat is not None:
        layers.use_model_beat(state, state.pending_beat)


def _due(state: SharedState, transport: Transport, step: int) -> Iterator[PlayableNote]:
    """The notes of ``step`` that are to be heard, at their volume."""
    if step < 0:
        position = Sequence(0, state.time_signature, state.num_bars).locate(step)
        click = click_at(position, state.time_signature)
        notes = [] if click is None else [
            PlayableNote(position.bar, position.step, Layer.CLICK, click, 0, CLICK_VELOCITY)
        ]  # fmt: skip
    else:
        notes = list(notes_at(state.playable_notes, transport.sequences[-1].locate(step)))
    return (note for note in notes if state.mixer.loop_velocity(note.layer, note.velocity))


def _sound(state: SharedState, note: PlayableNote, event: Tick, at: float | None) -> list[Effect]:
    """A due note: struck if it ends by itself, otherwise held by the loop for its duration."""
    velocity = state.mixer.loop_velocity(note.layer, note.velocity)
    if note.layer in (Layer.CLICK, Layer.DRUMS):
        return [Strike(note.instrument, velocity, at)]
    end = event.step + note.duration_steps
    return [*state.ledger.play((note.instrument, note.pitch), velocity, end, event.due, at)]


def coming(state: SharedState) -> tuple[TimeSignature, int]:
    """Meter and bars of the sequence to come."""
    return state.pending_time_signature or state.time_signature, state.pending_num_bars or state.num_bars


def set_bars(state: SharedState, num_bars: int) -> None:
    """The number of bars from the next sequence start on, within 1 to ``max_bars``."""
    wanted = max(1, min(state.settings.max_bars, num_bars))
    state.pending_num_bars = None if wanted == state.num_bars else wanted
    if state.transport is None:
        _begin_pending(state)


def change_meter(state: SharedState, numerator: int, denominator: int) -> None:
    """The meter from the next sequence start on; one that does not exist is ignored."""
    try:
        wanted = TimeSignature(numerator, denominator)
    except ValueError:
        return
    state.pending_time_signature = None if wanted == state.time_signature else wanted
    if state.transport is None:
        _begin_pending(state)


def set_qpm(state: SharedState, qpm: float, now: float) -> list[Effect]:
    """The tempo from the first step on that has not been sent, within 20–400 qpm."""
    state.qpm = max(MIN_QPM, min(MAX_QPM, qpm))
    transport = state.transport
    if transport is None:
        return []
    transport.grid = transport.grid.retimed(state.qpm, transport.next_step - 1, now)
    return [Retimed()]


def tap(state: SharedState, now: float) -> list[Effect]:
    """Tap tempo: the mean of the recent taps; a pause of 3.5 s starts afresh."""
    if state.taps and now - state.taps[-1] >= TAP_PAUSE_S:
        state.taps.clear()
    state.taps = [*state.taps, now][-MAX_TAPS:]
    elapsed_s = state.taps[-1] - state.taps[0]
    if elapsed_s <= 0:
        return []
    return set_qpm(state, 60 * _quarters_per_tap(state) * (len(state.taps) - 1) / elapsed_s, now)


def _quarters_per_tap(state: SharedState) -> float:
    match state.settings.tap_unit:
        case TapUnit.QUARTER:
            return 1.0
        case TapUnit.CLICK:
            return state.time_signature.steps_per_beat / 4
        case TapUnit.DOTTED_QUARTER:
            return 1.5
