"""The loop's time: play and stop, what one step plays, meter, bars and tempo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from psc2.core import accompaniment, beat, changes, layers, machine_line, recording, tempo, turn_lines
from psc2.core.calibration import click_steps
from psc2.core.click import CLICK_VELOCITY, Gap, GapTurn, clicks_at
from psc2.core.effects import Effect, Flush, Retimed, Strike
from psc2.core.events import Tick
from psc2.core.instruments import INSTRUMENT_OF_LAYER, Instrument, Layer
from psc2.core.loop import PlayableNote, notes_at
from psc2.core.meter import STEPS_PER_QUARTER, Form, Grid, Pass, Position, TimeSignature
from psc2.core.notices import Notice, NoticeKind
from psc2.core.places import pass_at
from psc2.core.quantise import EARLIEST_STEPS, DueNote, due_note, sending_step
from psc2.core.state import MAX_PASSES, Mode, SharedState, Transport

START_S = 0.060  # from the play button to step 0, at least …
MAX_START_S = 0.100  # … and at most, however long the look-ahead is
WAKE_S = 0.010  # beyond the look-ahead, so that the looper is awake when step 0 is to be sent
LATE_S = 0.030  # a note-on later than this is left out
EARLY_S = 0.001  # a turn earlier than this was decided on a grid that holds no more
TEST_CLICK = PlayableNote(0, 0, Layer.CLICK, Instrument.CLICK_BEAT, 0, CLICK_VELOCITY)  # of the tap test


def play(state: SharedState, now: float) -> list[Effect]:
    """The loop starts, with the count-in first; pressed while it plays, nothing happens."""
    if state.transport is not None:
        return []
    first = -state.practice.count_in_bars * state.time_signature.steps_per_bar
    start_s = min(MAX_START_S, max(START_S, state.lookahead_s + WAKE_S))
    effects = _start(state, now + start_s, first)
    recording.begin(state, now)
    return effects


def start_with_key(state: SharedState, now: float) -> list[Effect]:
    """A first key starts the loop, where it may: the key is beat 1, there is no count-in."""
    if state.transport is not None or state.recorder.recording is None or not state.settings.first_key_starts:
        return []
    return _start(state, now, 0)


def _start(state: SharedState, at: float, first: int) -> list[Effect]:
    """The loop starts, with step ``first`` at ``at``; a ramp begins with it."""
    swing = state.feel.swing(0, state.time_signature.steps_per_bar)
    grid = Grid.starting(at, first, state.qpm, swing)
    state.transport = Transport(grid, next_step=first, quantise=state.quantise)
    if state.practice.ramp.active:
        tempo.begin_ramp(state, state.transport)
    effects = machine_line.move(state, at)
    turn_lines.draw(state, at)
    return [*effects, Retimed()]


def stop(state: SharedState, now: float) -> list[Effect]:
    """The loop stops and everything is silent; pressed while it is stopped, panic: the same.

    A ramp ends, and the tempo is again what it began with.
    """
    recording.close_all(state, now)
    stopped, line_at = state.transport is not None, turn_lines.line_at(state)
    accompaniment.end_chorus(state)
    if stopped:
        accompaniment.go_home(state)
    tempo.take(state, state.beginning_qpm)
    state.transport = None
    _begin_coming(state)
    beat.place_coming(state)
    effects = silence(state, now)
    machine_line.drop(state, now)  # which is silent by now
    if not stopped:
        return effects
    turn_lines.keep(state, line_at, now)
    return [*effects, Retimed()]


def silence(state: SharedState, now: float) -> list[Effect]:
    """Whatever sounds or is about to is silenced, by a flush and by note-offs."""
    return [Flush(), *state.ledger.silence(now)]


def next_turn(state: SharedState) -> tuple[int, float] | None:
    """The first step that has not been sent, and when it is to be; None while the loop is stopped."""
    transport = state.transport
    if transport is None:
        return None
    return transport.next_step, transport.grid.time_of(transport.next_step) - state.lookahead_s


def tick(state: SharedState, event: Tick) -> list[Effect]:
    """One step is sent: note-offs first, then what is due.

    A step whose turn comes too late gets its note-offs only; the grid stays where it is. A turn that
    was decided before the loop was stopped or retimed is not taken.
    """
    transport = state.transport
    if transport is None or event.step != transport.next_step:
        return []
    due = transport.grid.time_of(event.step)
    if event.at < due - state.lookahead_s - EARLY_S:
        return []
    transport.next_step += 1
    at = due if state.sends_ahead and due > event.at else None
    starts = event.step == transport.next_start
    effects: list[Effect] = [*state.ledger.end_loop(due, at, before=event.step)]
    if starts:
        _begin_pass(state, transport, event.step)
    _take_up_swing(state, transport, event.step)
    recording.join(state, before=event.step)
    place = transport.passes[-1].locate(event.step) if event.step >= 0 else None
    if place is not None and place.step == 0:
        transport.gap = transport.gap.next_bar(state.practice.gap, state.next_seed)
        accompaniment.lay_bar(state, place.bar)
    notes = _due(state, transport, event.step, place)
    if event.at - due > LATE_S:
        counts = state.counts
        state.counts = replace(
            counts, late_steps=counts.late_steps + 1, skipped_notes=counts.skipped_notes + len(notes)
        )
        return effects
    effects += [_sound(state, transport, note, velocity, event) for note, velocity in notes]
    if at is not None:
        effects += state.ledger.end_between(event.step, transport.grid.time_of)
    return effects


def _begin_pass(state: SharedState, transport: Transport, start: int) -> None:
    """A pass starts: what was to come holds from here on, what is held from before is closed."""
    recording.close_at(state, start)
    recording.learn_swing(state, before=start)
    _begin_coming(state)
    transport.num_bars += transport.passes[-1].form.num_bars if transport.passes else 0
    transport.num_passes += 1
    passed = Pass(start, state.form, transport.keys.semitones)
    transport.passes = (*transport.passes, passed)[-MAX_PASSES:]
    transport.keys, state.later_keys = accompaniment.later_keys(state), None
    beat.place_coming(state)
    if transport.ramp is not None:
        transport.ramp, qpm = transport.ramp.next_pass(state.practice.ramp, state.qpm)
        if qpm != state.qpm:
            tempo.take(state, qpm)
            transport.grid = transport.grid.changed_at(start, qpm)
    accompaniment.begin_chorus(state)


def _take_up_swing(state: SharedState, transport: Transport, step: int) -> None:
    """From a beat on, which is about to be sent, the loop swings as it is to."""
    passed = transport.passes[-1] if transport.passes else Pass(0, state.form)
    in_bar, steps_per_bar = passed.locate(step).step, passed.form.time_signature.steps_per_bar
    swing = state.feel.swing(step - in_bar, steps_per_bar)
    if in_bar % STEPS_PER_QUARTER == 0 and not transport.grid.segments[-1].swing.is_like(swing):
        transport.grid = transport.grid.changed_at(step, swing=swing)


def _begin_coming(state: SharedState) -> None:
    """Meter and bars that were to come hold from now on."""
    if state.coming is not None:
        state.form, state.coming = state.coming, None
        layers.lay_click(state)
        layers.follow_bass_line(state)


def _due(
    state: SharedState, transport: Transport, step: int, place: Position | None
) -> list[tuple[DueNote, int]]:
    """The notes of ``step`` that sound, each with its velocity, 1–127; in the tap test its clicks alone.

    ``place``: in the sequence; None in the count-in, which clicks on every beat, whatever is soloed.
    """
    if state.mode is Mode.CALIBRATE:
        steps = click_steps(state.time_signature.steps_per_beat, state.qpm)
        return [] if step % steps else [(DueNote(TEST_CLICK, step, step + 1), CLICK_VELOCITY)]
    notes = [*_notes_to_send(state, transport, step, place)]
    if place is None:
        clicks = clicks_at(Pass(0, state.form).locate(step), state.time_signature)
        notes = [*(DueNote(note, step, step + 1) for note in clicks), *notes]
        silent = {Layer.CLICK} if state.mixer.faders[Layer.CLICK].muted else set()
    else:
        silent = {Layer.CLICK} if transport.gap.is_silent else set()
    unsure = {due.note.layer for due in notes} - ({Layer.CLICK} if place is None else set())
    silent |= {layer for layer in unsure if not state.practice.is_heard(layer, state.mixer)}
    heard = [due for due in notes if due.note.layer not in silent] if silent else notes
    struck = ((due, state.mixer.velocity(due.note.layer, due.note.velocity)) for due in heard)
    return [(due, velocity) for due, velocity in struck if velocity]


def _notes_to_send(
    state: SharedState, transport: Transport, step: int, place: Position | None
) -> Iterator[DueNote]:
    """The loop's notes of ``step``; where they sound as they were played, those of the next that come early.

    Whatever ``quantise`` was with the step before, each is sent once.
    """
    before, transport.quantise = transport.quantise, state.quantise
    if before == transport.quantise == 1:
        if place is not None:
            passed = transport.passes[-1]
            swing = transport.grid.segments[-1].swing
            for note in notes_at(state.playable_notes, place):
                yield due_note(note, step, step - place.step, passed.end, swing, 1)
        return
    for own in range(max(0, step), max(0, step + EARLIEST_STEPS + 1)):
        yield from _early(state, transport, step, own, before)


def _early(state: SharedState, transport: Transport, step: int, own: int, before: float) -> Iterator[DueNote]:
    """The notes of step ``own`` that are sent with ``step``; ``before``: how the latest was quantised."""
    passed = pass_at(state, transport, own)
    if passed is None:
        return
    place, swing = passed.locate(own), transport.grid.segments[-1].swing
    for note in notes_at(state.playable_notes, place):
        once, due = (
            due_note(note, own, own - place.step, passed.end, swing, part)
            for part in (before, transport.quantise)
        )
        was_sent = step > transport.first_step and sending_step(once.begin, own, transport.first_step) < step
        if not was_sent and sending_step(due.begin, own, transport.first_step) <= step:
            yield due


def _sound(state: SharedState, transport: Transport, due: DueNote, velocity: int, event: Tick) -> Effect:
    """A due note: struck if it ends by itself, otherwise held by the loop for its duration."""
    note, sounds_at = due.note, transport.grid.time_of(max(event.step, due.begin))
    at = sounds_at if state.sends_ahead and sounds_at > event.at else None
    if note.layer in (Layer.CLICK, Layer.DRUMS):
        return Strike(note.instrument, velocity, at)
    return state.ledger.play(note.instrument, note.pitch, velocity, due.end, sounds_at, at)


def end_unheard(state: SharedState, now: float) -> list[Effect]:
    """The loop's notes of layers that are not heard any more end; what the hands hold does not."""
    return [
        ended
        for layer, instrument in INSTRUMENT_OF_LAYER.items()
        if not state.practice.is_heard(layer, state.mixer)
        for ended in state.ledger.end_loop(now, instrument=instrument)
    ]


def set_gap(state: SharedState, gap: Gap) -> None:
    """Which bars the click leaves out, counted anew from the next bar on; up to there it sounds."""
    state.practice = replace(state.practice, gap=gap)
    if state.transport is not None:
        state.transport.gap = GapTurn()


def set_bars(state: SharedState, num_bars: int) -> list[Effect]:
    """The number of bars from the next sequence start on, within 1 to ``max_bars``."""
    return _set_form(state, replace(state.next_form, num_bars=max(1, min(state.settings.max_bars, num_bars))))


def set_meter(state: SharedState, numerator: int, denominator: int) -> list[Effect]:
    """The meter from the next sequence start on; one that does not exist is told, and changes nothing."""
    try:
        wanted = TimeSignature(numerator, denominator)
    except ValueError:
        state.notify(Notice(0, NoticeKind.AT_LIMIT, action="meter"))
        return []
    return _set_form(state, replace(state.next_form, time_signature=wanted))


def _set_form(state: SharedState, form: Form) -> list[Effect]:
    if form == state.next_form:  # there is no meter that is the same as the one before
        state.notify(Notice(0, NoticeKind.AT_LIMIT, action="bars", value=form.num_bars))
        return []
    changes.tell_what_becomes_of_chart(state, state.next_form, form)
    state.coming = None if form == state.form else form
    if state.transport is None:
        _begin_coming(state)
    return beat.refit(state)
