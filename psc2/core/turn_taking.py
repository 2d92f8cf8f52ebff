"""Whose turn it is: the moments at which a call ends, an answer begins and ends.

Each follows from the state, and is exact whoever comes late: what is due is settled before the next event.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import NamedTuple

from psc2.core import improv, machine_line, solo_line, turn_lines
from psc2.core.call import CHORD_S
from psc2.core.effects import Effect
from psc2.core.jobs import JobState
from psc2.core.state import Phase, SharedState
from psc2.core.turns import (
    LONG_CALL,
    MIN_PHRASE,
    STOPPED_BAR_S,
    STOPPED_REST_S,
    Answerer,
    ChordPolicy,
    Handover,
    TurnKind,
)

TURN = "turn"  # the alarm's name
EARLY_S = 0.030  # a key that comes so shortly before a line is struck with it
DRAWN_LEFT = 10**9  # pitches: as many as are wanted, where each is drawn when it is played
MARGIN_S = 0.030  # beyond twice the time that the model took, by which it is asked before a line


class Change(NamedTuple):
    """What happens to the turns next, unless a key comes between."""

    at: float  # seconds on the engine's clock
    make: Callable[[SharedState, float], list[Effect]]


def settle(state: SharedState, now: float, with_key: bool = False) -> list[Effect]:
    """What is due up to ``now`` happens; with a key that is struck with a line, what is due there, too."""
    effects: list[Effect] = []
    while (change := next_change(state)) is not None:
        is_turn = change.make is not improv.play_line and change.at == _line_played_at(state)
        if change.at > now + (EARLY_S if with_key and is_turn else 0):
            break
        effects += change.make(state, now)
    return effects


def next_change(state: SharedState) -> Change | None:
    """What is due next; None where only a note or the model can say."""
    if state.improv.muted:
        return None
    change: Change | None = None
    match state.improv.phase:
        case Phase.LISTENING:
            return _end_of_call(state)
        case Phase.READY:
            change = _unless_never(_takeover_at(state), improv.take_over)
        case Phase.ANSWERING:
            change = _unless_never(_handback_at(state), improv.hand_back)
        case Phase.WAITING | Phase.IDLE:
            return None
    played_at = machine_line.next_moment(state)
    if played_at < inf and (change is None or played_at <= change.at):
        return Change(played_at, improv.play_line)
    return change


def latest_change_at(state: SharedState) -> float | None:
    """When the turn changes at the latest, as far as that is known; a screen counts down to it."""
    at = turn_lines.line_at(state)
    if at is None and state.improv.phase is Phase.READY and state.improv.rule.kind is TurnKind.COUNT:
        at = state.improv.since + _patience_s(state)
    return None if state.improv.muted or state.improv.phase is Phase.IDLE else at


def pitches_left(state: SharedState) -> int:
    """The machine's pitches that are still to be played in this turn, as far as notes say its length."""
    left, answered = len(state.generated_melody), state.improv.answered
    if state.improv.phase in (Phase.READY, Phase.ANSWERING) and solo_line.is_heard(state):
        left = DRAWN_LEFT
    match state.improv.rule.kind:
        case TurnKind.COUNT:
            return min(left, max(0, state.settings.max_robot_length - answered))
        case TurnKind.PHRASE:
            return min(left, max(0, state.improv.called - answered))
    return 0 if left == DRAWN_LEFT else left


def _end_of_call(state: SharedState) -> Change | None:
    taken, notes = state.improv, len(state.accumulated_primer_melody)
    usual = state.settings.min_primer_length
    at = inf
    if taken.job.state is not JobState.IDLE:
        return None  # it ends when the model is free
    if taken.at_once:
        at = taken.since
    elif not taken.held:
        match taken.rule.kind:
            case TurnKind.COUNT:
                at = _full_at(state) if notes >= usual else inf
            case TurnKind.PHRASE if notes >= LONG_CALL * usual:
                at = _silent_from(state)
            case TurnKind.PHRASE if notes >= MIN_PHRASE:
                at = _silent_from(state) + _rest_s(state)
            case TurnKind.BARS | TurnKind.CHORUS:
                return _end_at_line(state)
    return _unless_never(at, improv.end_call)


def _full_at(state: SharedState) -> float:
    """When a call of enough notes is over: at once, or when its last chord is complete."""
    if state.settings.turns.chords is ChordPolicy.EACH:
        return state.improv.since
    return state.accumulated_primer_melody[-1].onset_s + CHORD_S


def _end_at_line(state: SharedState) -> Change | None:
    """A call that a line ends; where nothing was played up to there, it goes on to the next."""
    at = _line_played_at(state)
    if at is None:
        return None
    if not state.accumulated_primer_melody:
        return Change(at, improv.wait_for_call)
    return Change(at - min(_lead_s(state), 60 / state.qpm), improv.end_call)


def _lead_s(state: SharedState) -> float:
    """How long before a line the call is taken, so that its answer is there with the line."""
    if solo_line.is_heard(state):
        return 0.0
    ahead_s = state.lookahead_s if state.settings.turns.answer is Answerer.MACHINE else 0.0
    return 2 * state.improv.took_s + MARGIN_S + ahead_s


def _takeover_at(state: SharedState) -> float:
    taken, turns = state.improv, state.settings.turns
    line_at = _line_played_at(state)
    if taken.at_once or taken.rule.kind is TurnKind.PEDAL:
        return taken.since
    if line_at is not None:
        return line_at
    at = _silent_from(state) + _rest_s(state)
    if taken.rule.kind is not TurnKind.COUNT:
        return at
    return taken.since if turns.takeover is Handover.NOW else min(at, taken.since + _patience_s(state))


def _handback_at(state: SharedState) -> float:
    """The end of an answer that a line or a rest says; pitches that are spent are told by their last note."""
    taken = state.improv
    line_at = _line_played_at(state)
    if improv.plays_itself(state) and not state.machine_line.laid:
        return taken.since  # the loop has been stopped, and the line with it
    if line_at is not None:
        return line_at
    if improv.plays_itself(state):
        return inf if taken.rule.kind is TurnKind.PEDAL else machine_line.over_at(state)
    has_pitches = state.generated_melody or solo_line.serves(state)
    is_spent = not has_pitches and taken.job.state is JobState.IDLE
    match taken.rule.kind:
        case TurnKind.COUNT if is_spent or taken.answered >= state.settings.max_robot_length:
            return _silent_from(state) + _rest_s(state)
        case TurnKind.PHRASE if is_spent or taken.answered >= taken.called:
            return _silent_from(state) + _rest_s(state)
    return inf


def _unless_never(at: float, make: Callable[[SharedState, float], list[Effect]]) -> Change | None:
    return None if at == inf else Change(at, make)


def _line_played_at(state: SharedState) -> float | None:
    """When a key is heard of that was played with the line: later by the player's latency."""
    at = turn_lines.line_at(state)
    return None if at is None else at + (max(0.0, state.latency_s) if state.transport else 0.0)


def _silent_from(state: SharedState) -> float:
    """Since when no key has been held; never, while one is."""
    return inf if state.hands.down else state.hands.silent_since


def _rest_s(state: SharedState) -> float:
    if state.transport is None and state.improv.rule.kind is TurnKind.PHRASE:
        return STOPPED_REST_S
    return state.settings.turns.rest_beats * 60 / state.qpm


def _patience_s(state: SharedState) -> float:
    bar_s = STOPPED_BAR_S if state.transport is None else turn_lines.bar_s(state)
    return state.settings.turns.patience_bars * bar_s
