"""The loop's tempo and swing: set, tapped, or changed by a ramp."""

from __future__ import annotations

from dataclasses import replace

from psc2.core import machine_line
from psc2.core.effects import Effect, Retimed
from psc2.core.notices import Notice, NoticeKind
from psc2.core.ramp import Ramp, RampRun
from psc2.core.ranges import QPM, SWINGS, Range
from psc2.core.setup import TapUnit
from psc2.core.state import SharedState, Transport

ROUNDING_S = 1e-9  # of a moment


def set_qpm(state: SharedState, qpm: float, now: float) -> list[Effect]:
    """The tempo from the first step on that has not been sent, within 20–400 qpm."""
    take(state, QPM.clamp(qpm))
    transport = state.transport
    if transport is None:
        machine_line.retime(state, now)
        return []
    if transport.ramp is not None:
        transport.ramp = transport.ramp.set_by_hand(state.qpm)
    transport.grid = transport.grid.retimed(state.qpm, transport.next_step - 1, now)
    return [Retimed()]


def take(state: SharedState, qpm: float) -> None:
    """The tempo is another, and so is the swing, where that follows it."""
    state.qpm, state.feel = qpm, state.feel.at(qpm)


def set_swing(state: SharedState, ratio: float) -> None:
    """How much of a pair its first note lasts, 0.5–0.75, from the first beat on that has not been sent.

    What is learned from takes would change it again, and so it is off.
    """
    state.feel = replace(state.feel.with_ratio(SWINGS.clamp(ratio)), learns=False)


def tap(state: SharedState, now: float) -> list[Effect]:
    """Tap tempo, from the second tap on."""
    quarters = _quarters_per_tap(state)
    tempos = Range(60 * quarters / QPM.high - ROUNDING_S, 60 * quarters / QPM.low + ROUNDING_S)
    state.taps = state.taps.struck(now, tempos)
    interval_s = state.taps.interval_s
    if interval_s is None:
        state.notify(Notice(0, NoticeKind.FIRST_TAP))
    if interval_s is None or state.taps.doubted_s is not None:
        return []
    return set_qpm(state, 60 * quarters / interval_s, now)


def _quarters_per_tap(state: SharedState) -> float:
    match state.settings.tap_unit:
        case TapUnit.QUARTER:
            return 1.0
        case TapUnit.CLICK:
            return state.time_signature.steps_per_beat / 4
        case TapUnit.DOTTED_QUARTER:
            return 1.5


def set_ramp(state: SharedState, ramp: Ramp) -> None:
    """How the tempo changes by itself; one that is switched off leaves it where it is."""
    was_active, state.practice = state.practice.ramp.active, replace(state.practice, ramp=ramp)
    if ramp.active and not was_active:
        begin_ramp(state, state.transport)
    elif not ramp.active and state.transport is not None:
        state.transport.ramp = None


def begin_ramp(state: SharedState, transport: Transport | None) -> None:
    """A ramp begins where the tempo is, if the loop plays; one that has nowhere to go is told."""
    run = RampRun(state.qpm, passes=0 if transport is not None and transport.passes else -1)
    if transport is not None:
        transport.ramp = run
    ramp = state.practice.ramp
    if run.goal_qpm(ramp, state.qpm) is None:
        state.notify(Notice(0, NoticeKind.AT_LIMIT, action="ramp", value=ramp.limit_qpm, present=state.qpm))
