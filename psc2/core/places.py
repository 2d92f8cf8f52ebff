"""Where a moment falls on the grid: the nearest step, the pass that it belongs to, and the next one."""

from __future__ import annotations

from math import floor

from psc2.core.meter import Pass
from psc2.core.state import SharedState, Transport


def nearest_step(transport: Transport, now: float) -> int:
    """The step, on the grid as it has been played, that ``now`` is nearest to."""
    return floor(transport.grid.step_at(now) + 0.5)


def pass_at(state: SharedState, transport: Transport, step: int) -> Pass | None:
    """The pass that ``step`` belongs to; None in the count-in and in the distant past.

    A step past what has been sent belongs to the pass that is to come, or after a stall to
    one of those after it.
    """
    if step >= transport.next_start:
        form = state.next_form
        return Pass(step - (step - transport.next_start) % form.length_steps, form)
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
