"""Where turns change that are so many bars, or sequences, long: at a bar line, counted from the loop's start.

While the loop is stopped they are as long in seconds, from the call's first key on.
"""

from __future__ import annotations

from dataclasses import replace

from psc2.core.places import bar_line, pass_start
from psc2.core.state import Phase, SharedState, Transport
from psc2.core.turns import TurnKind

ROUNDING_STEPS = 1e-6  # of a moment computed from a step


def draw(state: SharedState, now: float) -> None:
    """From ``now`` on the turn is to change at the next line that leaves half a turn's length before it."""
    improv, transport = state.improv, state.transport
    line, line_s = None, None
    if improv.rule.kind.has_length and improv.phase is not Phase.IDLE:
        if transport is not None:
            line = _line_after(state, transport, now)
        elif improv.phase is not Phase.LISTENING or state.accumulated_primer_melody:
            line_s = now + _length_steps(state) * _step_s(state)
    state.improv = replace(improv, line=line, line_s=line_s)


def keep(state: SharedState, line_at: float | None, now: float) -> None:
    """The loop has been stopped: a turn that something was played in ends when it was to."""
    draw(state, now)
    if state.improv.line_s is not None and line_at is not None:
        state.improv = replace(state.improv, line_s=line_at)


def line_at(state: SharedState) -> float | None:
    """The moment at which the turn changes, in seconds; None if no line says it."""
    improv, transport = state.improv, state.transport
    if transport is None or improv.line is None:
        return improv.line_s
    return transport.grid.time_of(_step_of(state, transport, improv.line))


def steps(state: SharedState) -> tuple[int, int] | None:
    """The steps at which this turn and the next one end; None where no line says it."""
    improv, transport = state.improv, state.transport
    if transport is None or improv.line is None:
        return None
    lines = improv.line, improv.line + improv.rule.length
    return _step_of(state, transport, lines[0]), _step_of(state, transport, lines[1])


def bar_s(state: SharedState) -> float:
    """How long a bar is now, in seconds."""
    return state.time_signature.steps_per_bar * _step_s(state)


def _line_after(state: SharedState, transport: Transport, now: float) -> int:
    """The number of the line: of the bars, or the passes, those that are a multiple of a turn's length."""
    length = state.improv.rule.length
    earliest = transport.grid.step_at(now) + _length_steps(state) / 2 - ROUNDING_STEPS
    begun = transport.num_bars if state.improv.rule.kind is TurnKind.BARS else transport.num_passes - 1
    line = max(length, begun // length * length)
    while _step_of(state, transport, line) < earliest:
        line += length
    return line


def _step_of(state: SharedState, transport: Transport, line: int) -> int:
    if state.improv.rule.kind is TurnKind.BARS:
        return bar_line(state, transport, line)
    return pass_start(state, transport, line)


def _length_steps(state: SharedState) -> int:
    """How long a turn is, as meter and bars are now."""
    rule, form = state.improv.rule, state.form
    return rule.length * (
        form.time_signature.steps_per_bar if rule.kind is TurnKind.BARS else form.length_steps
    )


def _step_s(state: SharedState) -> float:
    return 60 / state.qpm / 4
