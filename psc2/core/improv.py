"""Call and response, as a transition table over the paper's five steps.

1. Listening: the player's pitches are collected in ``accumulated_primer_melody``.
2. When the call is over they are taken, and MelodyRNN is asked for a continuation.
3. Waiting, then ready: notes sound as played and are not kept. Pitches are published whole.
4. Answering: each note that is played takes the next pitch of ``generated_melody``.
5. When the answer is over: listening again.

When a call or an answer is over, and when the answer begins, ``turn_taking`` says.

Source: the paper, "Improvisation".
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from psc2.core import call, machine_line, melody_request, register, solo_line, turn_lines
from psc2.core.effects import Cancel, Effect
from psc2.core.events import Cancelled, MelodyReady, ModelFailed, WeightsReady
from psc2.core.jobs import Job, JobState
from psc2.core.notices import Notice, NoticeKind
from psc2.core.requests import MelodyRequest, Model, PitchRequest
from psc2.core.state import Improv, Phase, SharedState
from psc2.core.turns import Answerer, Handover, TurnKind, TurnRule


class Cue(Enum):
    """What moves the call and response on."""

    ENTERED = "improv mode entered"
    CALL_OVER = "the player's call is over, and the model is free"
    PITCHES_READY = "the model has answered"
    NO_ANSWER = "the model has failed or given up"
    MACHINES_TURN = "the answer's turn has come"
    PLAYERS_TURN = "the answer is over, or taken back"
    AGAIN = "the answer is wanted once more"
    LEFT = "improv mode left"


TRANSITIONS: dict[tuple[Phase, Cue], Phase] = {
    (Phase.IDLE, Cue.ENTERED): Phase.LISTENING,
    (Phase.LISTENING, Cue.CALL_OVER): Phase.WAITING,
    (Phase.WAITING, Cue.PITCHES_READY): Phase.READY,
    (Phase.WAITING, Cue.NO_ANSWER): Phase.LISTENING,
    (Phase.READY, Cue.MACHINES_TURN): Phase.ANSWERING,
    **{(phase, Cue.PLAYERS_TURN): Phase.LISTENING for phase in Phase if phase is not Phase.IDLE},
    **{(phase, Cue.AGAIN): Phase.ANSWERING for phase in Phase if phase is not Phase.IDLE},
    **{(phase, Cue.LEFT): Phase.IDLE for phase in Phase if phase is not Phase.IDLE},
}


# --- in and out -----------------------------------------------------------------------


def enter(state: SharedState, now: float = 0.0) -> list[Effect]:
    """Improv mode is entered, or begun afresh."""
    effects = leave(state, now)
    solo_line.forget(state)
    _move(state, Cue.ENTERED, now)
    return effects


def leave(state: SharedState, now: float = 0.0) -> list[Effect]:
    """Improv mode is left: primer and pitches are dropped, a request under way is cancelled."""
    return [] if state.improv.phase is Phase.IDLE else _begin_afresh(state, Cue.LEFT, now)


def fall_silent(state: SharedState, now: float) -> list[Effect]:
    """An answer that the machine would play by itself does not come any more: it listens anew."""
    plays = state.settings.turns.answer is Answerer.MACHINE
    return hand_back(state, now) if plays and state.improv.phase in (Phase.WAITING, Phase.READY) else []


def hand_back(state: SharedState, now: float) -> list[Effect]:
    """The player's turn begins, whatever of the answer is left; a call that was begun is thrown away."""
    return _begin_afresh(state, Cue.PLAYERS_TURN, now)


def _begin_afresh(state: SharedState, cue: Cue, now: float) -> list[Effect]:
    call.clear(state)
    effects: list[Effect] = machine_line.drop(state, now)
    state.generated_melody.clear()
    state.struck_together = None
    state.improv = replace(state.improv, at_once=False)
    request, given_up = state.improv.job.request, state.improv.job.given_up
    if request is None or given_up or isinstance(request, PitchRequest):  # weights are always welcome
        _move(state, cue, now)
        return effects
    _move(state, cue, now, Job(request, given_up=True))
    return [*effects, Cancel(Model.MELODY, request.request_id)]


# --- the pedal and the buttons --------------------------------------------------------


def hold(state: SharedState, is_down: bool, source: int, now: float) -> list[Effect]:
    """A pedal of ``source``, down: the machine listens; up, as the last: it answers."""
    was_held, holding = state.improv.held, state.improv.held_by
    holding = holding | {source} if is_down else holding - {source}
    state.improv = replace(state.improv, held=bool(holding), held_by=holding)
    if bool(holding) == was_held or state.improv.phase is Phase.IDLE:
        return []
    if holding:
        state.improv = replace(state.improv, at_once=False)
        return [] if state.accumulated_primer_melody else hand_back(state, now)
    if state.improv.phase is Phase.LISTENING and state.accumulated_primer_melody:
        state.improv = replace(state.improv, at_once=True)
    return []


def source_gone(state: SharedState, source: int, now: float) -> list[Effect]:
    """A device that is pulled out lets go of its pedal."""
    return hold(state, False, source, now)


def listen(state: SharedState, source: int, now: float) -> list[Effect]:
    """The machine listens as with a pedal down; if it does, it answers as with all of them up."""
    if not state.improv.held:
        return hold(state, True, source, now)
    state.improv = replace(state.improv, held_by=frozenset((source,)))
    return hold(state, False, source, now)


def again(state: SharedState, now: float) -> list[Effect]:
    """The latest answer once more, from its first pitch on; where there is none, that is told."""
    if state.improv.phase is Phase.IDLE or not state.answer:
        is_idle = state.improv.phase is Phase.IDLE
        state.notify(Notice(0, NoticeKind.NOT_IMPROVISING if is_idle else NoticeKind.NO_ANSWER_YET))
        return []
    effects = _begin_afresh(state, Cue.AGAIN, now)
    state.improv = replace(state.improv, answered=0)
    state.generated_melody.extend(state.answer)
    if plays_itself(state):
        state.played_under = None
        machine_line.lay(state, now + machine_line.START_S, now)
    return effects


def mute(state: SharedState, now: float) -> list[Effect]:
    """The machine is off, or goes on where it was: what is left of call and answer is kept."""
    state.improv = replace(state.improv, muted=not state.improv.muted)
    if state.improv.muted:
        return machine_line.silence(state, now)
    machine_line.resume(state, now)
    return []


def set_rule(state: SharedState, rule: TurnRule, now: float) -> list[Effect]:
    """What ends a turn from now on; a call or an answer under way is dropped."""
    state.improv = replace(state.improv, rule=rule)
    return [] if state.improv.phase is Phase.IDLE else hand_back(state, now)


def set_temperature(state: SharedState, temperature: float) -> None:
    """How surprising the machine's next answers are, 0.05–4."""
    state.improv = replace(state.improv, temperature=temperature)


# --- the turns ------------------------------------------------------------------------


def end_call(state: SharedState, now: float) -> list[Effect]:
    """The primer is taken and cleared, and one request is made; none where pitches are drawn one by one."""
    state.last_call = call.so_far(state, now)
    if solo_line.is_heard(state):
        call.clear(state)
        state.improv = replace(state.improv, called=len(state.last_call))
        _move(state, Cue.CALL_OVER, now)
        if has_pitches(state):
            _move(state, Cue.PITCHES_READY, now)
        return solo_line.ask(state)
    plays = state.settings.turns.answer is Answerer.MACHINE
    is_as_long = plays and state.improv.rule.kind is TurnKind.PHRASE
    num_pitches = len(state.last_call) if is_as_long else state.settings.max_robot_length
    num_pitches += register.LANDING - 1 if lands(state) else 0
    request = melody_request.of(state, state.last_call, num_pitches, now)
    call.clear(state)
    state.improv = replace(state.improv, called=len(state.last_call))
    _move(state, Cue.CALL_OVER, now, Job(request))
    return [request]


def wait_for_call(state: SharedState, now: float) -> list[Effect]:
    """Nothing was played in a turn that a line has ended: the next one is the player's, too."""
    turn_lines.draw(state, now)
    return []


def take_over(state: SharedState, now: float) -> list[Effect]:
    """The machine's turn begins."""
    call.clear(state)
    state.improv = replace(state.improv, answered=0, at_once=False)
    state.played_under = None
    _move(state, Cue.MACHINES_TURN, now)
    if plays_itself(state) and not state.machine_line.laid:
        machine_line.lay(state, now + machine_line.START_S, now)
    return []


def play_line(state: SharedState, now: float) -> list[Effect]:
    """The machine's own line goes on; where notes do not say its end, more is asked for in time."""
    effects = machine_line.play_due(state, now)
    kind, usual = state.improv.rule.kind, state.settings.max_robot_length
    line_at = turn_lines.line_at(state)
    is_endless = kind is TurnKind.PEDAL or (line_at is not None and machine_line.laid_until(state) < line_at)
    if is_endless and plays_itself(state) and 2 * len(state.machine_line.coming) <= usual:
        effects += ask_for_more(state, usual, now)
    return effects


def plays_itself(state: SharedState) -> bool:
    """Whether the machine plays an answer itself now, and the hands play under it."""
    return state.improv.phase is Phase.ANSWERING and state.settings.turns.answer is Answerer.MACHINE


def has_pitches(state: SharedState) -> bool:
    """Whether the machine has a pitch for a key that goes down."""
    return bool(state.generated_melody) or solo_line.serves(state)


def lands(state: SharedState) -> bool:
    """Whether an answer has a last pitch, which is chosen so that it leads back to the hands."""
    settings = state.settings
    is_counted = state.improv.rule.kind is TurnKind.COUNT and settings.turns.handback is Handover.NOW
    return is_counted and settings.register is not None and settings.turns.answer is Answerer.HANDS


def ask_for_more(state: SharedState, num_pitches: int, now: float) -> list[Effect]:
    """A continuation of what has been played of the answer, if the model is free."""
    if state.improv.job.state is not JobState.IDLE:
        return []
    usual = max(state.settings.max_robot_length, state.settings.min_primer_length)
    played = (*state.last_call, *call.so_far(state, now))[-usual:]
    request = melody_request.of(state, played, num_pitches, now)
    state.improv = replace(state.improv, job=Job(request))
    return [request]


# --- the model ------------------------------------------------------------------------


def melody_ready(state: SharedState, event: MelodyReady) -> list[Effect]:
    """The answer, or more of it, is published whole, if it is still waited for."""
    improv = state.improv
    is_first, is_more = improv.phase is Phase.WAITING, improv.phase is Phase.ANSWERING
    if improv.job.given_up or not (is_first or is_more) or not event.pitches:
        return _unanswered(state, event.at, event.trouble)
    state.generated_melody.extend(event.pitches)
    rhythm = event.rhythm if is_first or len(state.answer_rhythm) == len(state.answer) else ()
    state.answer_rhythm = rhythm if is_first else (*state.answer_rhythm, *rhythm)
    state.answer = event.pitches if is_first else (*state.answer, *event.pitches)
    state.improv = replace(
        improv,
        job=Job(),
        took_s=event.at - improv.since if is_first else improv.took_s,
        from_model=improv.from_model + event.from_model,
        from_stand_in=improv.from_stand_in + len(event.pitches) - event.from_model,
        trouble=event.trouble,
    )
    if is_first:
        _move(state, Cue.PITCHES_READY, event.at)
    line_at = turn_lines.line_at(state)
    if state.settings.turns.answer is Answerer.MACHINE and is_more:
        machine_line.lay(state, None, event.at)
    elif state.settings.turns.answer is Answerer.MACHINE and line_at is not None and not improv.at_once:
        machine_line.lay(state, max(line_at, event.at), event.at)
    return []


def weights_ready(state: SharedState, event: WeightsReady) -> list[Effect]:
    """The solo has been heard up to a note; if only that was missing, the machine's turn can begin."""
    solo_line.weights_ready(state, event)
    state.improv = replace(state.improv, job=Job(), trouble=event.trouble)
    if state.improv.phase is Phase.WAITING:
        _move(state, Cue.PITCHES_READY, event.at)
    return solo_line.ask(state)


def melody_failed(state: SharedState, event: ModelFailed) -> list[Effect]:
    """The player keeps their own pitches."""
    return _unanswered(state, event.at, event.reason)


def melody_cancelled(state: SharedState, event: Cancelled) -> list[Effect]:
    """The model has given up what it was asked."""
    return _unanswered(state, event.at, state.improv.trouble)


def _unanswered(state: SharedState, now: float, trouble: str) -> list[Effect]:
    """Nothing is published, but the model is free: for the next call, if that is over already."""
    state.improv = replace(state.improv, job=Job(), trouble=trouble)
    if state.improv.phase is Phase.WAITING:
        state.improv = replace(state.improv, at_once=False)
        _move(state, Cue.NO_ANSWER, now)
    return []


def counted(improv: Improv, is_stale: bool) -> Improv:
    """One more pitch has been drawn; ``is_stale``: of the weights of an earlier note, as it came so soon."""
    return replace(improv, from_model=improv.from_model + 1, stale=improv.stale + is_stale)


def _move(
    state: SharedState, cue: Cue, now: float, job: Job[MelodyRequest | PitchRequest] | None = None
) -> None:
    """The call and response goes on, with the model at another job or at the same."""
    improv = state.improv
    state.improv = replace(improv, phase=TRANSITIONS[improv.phase, cue], since=now, job=job or improv.job)
    if cue not in (Cue.CALL_OVER, Cue.PITCHES_READY):  # both lead to a turn whose line is drawn
        turn_lines.draw(state, now)
