"""Call and response, as a transition table over the paper's five steps.

1. Listening: the player's pitches are collected in ``accumulated_primer_melody``.
2. Once there are enough they are taken, and MelodyRNN is asked for a continuation.
3. Waiting: notes sound as played and are not kept. Pitches are published whole.
4. Answering: each note that is played takes the next pitch of ``generated_melody``.
5. When that is empty: listening again.

Source: the paper, "Improvisation".
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from math import floor

from psc2.core.effects import Cancel, Effect
from psc2.core.events import Cancelled, MelodyReady, ModelFailed
from psc2.core.jobs import Job, JobState
from psc2.core.ledger import Key
from psc2.core.meter import Pass
from psc2.core.places import pass_at, played_at
from psc2.core.requests import MelodyRequest, Model, PrimerNote
from psc2.core.state import Phase, SharedState

MIN_DURATION_S = 0.001


class Cue(Enum):
    """What moves the call and response on."""

    ENTERED = "improv mode entered"
    PRIMER_FULL = "enough notes played, and the model is free"
    PITCHES_READY = "the model has answered"
    NO_ANSWER = "the model has failed or given up"
    PITCHES_SPENT = "the last machine pitch has been played"
    LEFT = "improv mode left"


TRANSITIONS: dict[tuple[Phase, Cue], Phase] = {
    (Phase.IDLE, Cue.ENTERED): Phase.LISTENING,
    (Phase.LISTENING, Cue.PRIMER_FULL): Phase.WAITING,
    (Phase.LISTENING, Cue.LEFT): Phase.IDLE,
    (Phase.WAITING, Cue.PITCHES_READY): Phase.ANSWERING,
    (Phase.WAITING, Cue.NO_ANSWER): Phase.LISTENING,
    (Phase.WAITING, Cue.LEFT): Phase.IDLE,
    (Phase.ANSWERING, Cue.PITCHES_SPENT): Phase.LISTENING,
    (Phase.ANSWERING, Cue.LEFT): Phase.IDLE,
}


def enter(state: SharedState) -> list[Effect]:
    """Improv mode is entered, or begun afresh."""
    effects = leave(state)
    _move(state, Cue.ENTERED)
    return effects


def leave(state: SharedState) -> list[Effect]:
    """Improv mode is left: primer and pitches are dropped, a request under way is cancelled."""
    improv = state.improv
    if improv.phase is Phase.IDLE:
        return []
    state.accumulated_primer_melody.clear()
    state.primer_keys.clear()
    state.generated_melody.clear()
    request = improv.job.request
    if improv.phase is not Phase.WAITING or improv.job.given_up or request is None:
        _move(state, Cue.LEFT)
        return []
    _move(state, Cue.LEFT, Job(request, given_up=True))
    return [Cancel(Model.MELODY, request.request_id)]


def key_down(state: SharedState, key: Key, velocity: int, now: float) -> tuple[int, list[Effect]]:
    """The pitch that a key sounds, and the request that it may set off."""
    pitch = key[1]
    match state.improv.phase:
        case Phase.ANSWERING:
            answered = state.generated_melody.popleft()
            if not state.generated_melody:
                _move(state, Cue.PITCHES_SPENT)
            return answered, []
        case Phase.LISTENING:
            key_up(state, key, now)  # of a note before it, if that has been lost
            state.primer_keys[key] = len(state.accumulated_primer_melody)
            state.accumulated_primer_melody.append(PrimerNote(pitch, velocity, onset_s=now, duration_s=0.0))
            return pitch, _ask_if_full(state, now)
        case Phase.WAITING | Phase.IDLE:
            return pitch, []


def key_up(state: SharedState, key: Key, now: float) -> None:
    """A note of the call gets its duration."""
    if key in state.primer_keys:
        _set_duration(state, state.primer_keys.pop(key), now)


def hand_over(state: SharedState, key: Key, heir: Key) -> None:
    """The note of the call that ``key`` holds, if there is one, is held by ``heir`` from now on."""
    if key in state.primer_keys:
        state.primer_keys[heir] = state.primer_keys.pop(key)


def set_temperature(state: SharedState, temperature: float) -> None:
    """How surprising the machine's next answers are, 0.05–4."""
    state.improv = replace(state.improv, temperature=temperature)


def melody_ready(state: SharedState, event: MelodyReady) -> list[Effect]:
    """The answer is published whole, if it is still waited for."""
    improv = state.improv
    if improv.phase is not Phase.WAITING or not event.pitches:
        return _unanswered(state, event.at, event.trouble)
    state.generated_melody.extend(event.pitches)
    state.improv = replace(
        improv,
        job=Job(),
        from_model=improv.from_model + event.from_model,
        from_stand_in=improv.from_stand_in + len(event.pitches) - event.from_model,
        trouble=event.trouble,
    )
    _move(state, Cue.PITCHES_READY)
    return []


def melody_failed(state: SharedState, event: ModelFailed) -> list[Effect]:
    """The player keeps their own pitches."""
    return _unanswered(state, event.at, event.reason)


def melody_cancelled(state: SharedState, event: Cancelled) -> list[Effect]:
    """The model has given up what it was asked."""
    return _unanswered(state, event.at, state.improv.trouble)


def _unanswered(state: SharedState, now: float, trouble: str) -> list[Effect]:
    """Nothing is published, but the model is free: for the next call, if that is full already."""
    state.improv = replace(state.improv, job=Job(), trouble=trouble)
    if state.improv.phase is Phase.WAITING:
        _move(state, Cue.NO_ANSWER)
    return _ask_if_full(state, now)


def _ask_if_full(state: SharedState, now: float) -> list[Effect]:
    """The primer is taken and cleared, and one request is made.

    While the model still works on a request that nobody waits for, listening goes on.
    """
    improv, call = state.improv, state.accumulated_primer_melody
    is_full = len(call) >= state.settings.min_primer_length
    if improv.phase is not Phase.LISTENING or not is_full or improv.job.state is not JobState.IDLE:
        return []
    for index in state.primer_keys.values():
        _set_duration(state, index, now)
    first_s = call[0].onset_s
    request = MelodyRequest(
        request_id=state.next_request_id(),
        primer=tuple(replace(note, onset_s=note.onset_s - first_s) for note in call),
        num_pitches=state.settings.max_robot_length,
        qpm=state.qpm,
        upbeat_steps=_steps_after_bar_line(state, played_at(state, first_s)),
        primer_rhythm=state.settings.primer_rhythm,
        temperature=improv.temperature,
        seed=state.next_seed(),
    )
    state.accumulated_primer_melody.clear()
    state.primer_keys.clear()
    _move(state, Cue.PRIMER_FULL, Job(request))
    return [request]


def _steps_after_bar_line(state: SharedState, time_s: float) -> float:
    """How far into its bar ``time_s`` falls, in steps; 0 while the loop is stopped."""
    transport = state.transport
    if transport is None:
        return 0.0
    place = transport.grid.step_at(time_s)
    passed = pass_at(state, transport, floor(place)) or Pass(0, state.form)
    steps_per_bar = passed.form.time_signature.steps_per_bar
    steps = (place - passed.start) % steps_per_bar
    return steps if steps < steps_per_bar else 0.0  # a remainder of next to nothing below 0


def _set_duration(state: SharedState, index: int, now: float) -> None:
    melody = state.accumulated_primer_melody
    melody[index] = replace(melody[index], duration_s=max(now - melody[index].onset_s, MIN_DURATION_S))


def _move(state: SharedState, cue: Cue, job: Job[MelodyRequest] | None = None) -> None:
    """The call and response goes on, with the model at another job or at the same."""
    improv = state.improv
    state.improv = replace(improv, phase=TRANSITIONS[improv.phase, cue], job=job or improv.job)
