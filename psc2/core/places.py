"""Where a moment falls on the grid: what it was played for, the pass that it belongs to, and the next one."""

from __future__ import annotations

from math import floor

from psc2.core.meter import Pass
from psc2.core.state import SharedState, Transport

GESTURE_S = 0.100  # before a loop's first step, and the key that comes just after play is its beat 1


def played_at(state: SharedState, now: float) -> float:
    """The moment on the grid that a key was played for which is heard of at ``now``, in seconds.

    That is earlier by the player's latency; but a key of one gesture with play follows no click.
    """
    transport = state.transport
    if transport is None or not state.latency_s or transport.next_step == transport.first_step:
        return now  # so far there has been nothing to be late for
    grid, first = transport.grid, transport.first_step
    together = max(grid.time_of(first) - GESTURE_S, grid.time_of(first - state.form.length_steps / 2))
    return max(now - state.latency_s, min(now, together))


def pass_at(state: SharedState, transport: Transport, step: int) -> Pass | None:
    """The pass that ``step`` belongs to; None in the count-in and in the distant past.

    A step past what has been sent belongs to the pass that is to come, or after a stall to
    one of those after it.
    """
    if step >= transport.next_start:
        form = state.next_form
        start = step - (step - transport.next_start) % form.length_steps
        return Pass(start, form, transport.keys.semitones)
    return next((passed for passed in transport.passes if passed.start <= step < passed.end), None)


def next_start(state: SharedState, transport: Transport, now: float) -> int:
    """The first step of the pass that starts next after ``now``, sent already or not."""
    place = transport.grid.step_at(now)
    starts = [*(passed.start for passed in transport.passes), transport.next_start]
    later = [start for start in starts if start > place]
    if later:
        return later[0]
    passed = pass_at(state, transport, floor(place))
    return transport.next_start if passed is None else passed.end


def bar_line(state: SharedState, transport: Transport, bar: int) -> int:
    """The step at which bar number ``bar`` begins, counted from 0 since the loop was started.

    From the latest pass on it is exact; before it, bars count as long as that pass's.
    """
    latest = transport.passes[-1] if transport.passes else Pass(0, state.next_form)
    later = bar - transport.num_bars - latest.form.num_bars
    if later < 0:
        return latest.end + later * latest.form.time_signature.steps_per_bar
    passes, within = divmod(later, state.next_form.num_bars)
    return (
        latest.end
        + passes * state.next_form.length_steps
        + within * state.next_form.time_signature.steps_per_bar
    )


def pass_start(state: SharedState, transport: Transport, number: int) -> int:
    """The step at which pass ``number`` begins, counted from 0; exact from the latest on."""
    latest = transport.passes[-1] if transport.passes else Pass(0, state.next_form)
    later = number - max(1, transport.num_passes)
    return latest.end + later * (latest.form if later < 0 else state.next_form).length_steps
