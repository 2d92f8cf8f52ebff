"""The machine's beat in the making: wanted, given up, placed.

One request at most is with the drums model. When what it makes is no longer wanted it is
cancelled, but only the model's worker itself says that the model is free.
"""

from __future__ import annotations

from collections.abc import Iterable

from psc2.core import drums, layers, transport
from psc2.core.events import Cancel, Cancelled, DrumsReady, DrumsRequest, Effect, Hit, Model, ModelFailed
from psc2.core.state import SharedState


def want(state: SharedState) -> list[Effect]:
    """A new beat is wanted; one in the making is given up for it."""
    state.drums_wanted = True
    return _ask(state) if state.drums_job is None else _give_up(state)


def drop(state: SharedState) -> list[Effect]:
    """No new beat is wanted any more, neither one in the making nor one that waits for its start."""
    state.drums_wanted, state.pending_beat = False, None
    return _give_up(state)


def refit(state: SharedState) -> list[Effect]:
    """Meter or bars of the sequence to come have changed: a beat on its way is made anew for them."""
    if state.pending_beat is None and not state.drums_wanted:
        return []
    state.pending_beat = None
    return want(state)


def drums_ready(state: SharedState, event: DrumsReady) -> list[Effect]:
    """The beat that is waited for is placed; one that was given up is dropped."""
    job = state.drums_job
    if job is None or event.request_id != job.request_id:
        return []
    state.model_trouble[Model.DRUMS] = event.trouble
    if not state.drums_given_up:
        _place(state, job, event.hits)
    return _released(state)


def drums_failed(state: SharedState, event: ModelFailed) -> list[Effect]:
    """The beat stays as it is."""
    job = state.drums_job
    if job is None or event.request_id != job.request_id:
        return []
    state.model_trouble[Model.DRUMS] = event.reason
    return _released(state)


def drums_cancelled(state: SharedState, event: Cancelled) -> list[Effect]:
    """The beat stays as it is."""
    job = state.drums_job
    return [] if job is None or event.request_id != job.request_id else _released(state)


def _ask(state: SharedState) -> list[Effect]:
    """The deterministic beat primes DrumsRNN, in the meter and bars that will hold when it answers."""
    time_signature, num_bars = transport.coming(state)
    beat = drums.deterministic_beat(state.bass_line, time_signature, num_bars)
    state.drums_job = DrumsRequest(
        request_id=state.next_request_id(),
        primer=drums.pattern_of(beat, time_signature.steps_per_bar),
        steps_per_beat=time_signature.steps_per_beat,
        steps_per_bar=time_signature.steps_per_bar,
        num_bars=num_bars,
        qpm=state.qpm,
        temperature=state.drums_temperature,
        seed=state.next_seed(),
    )
    return [state.drums_job]


def _give_up(state: SharedState) -> list[Effect]:
    """The request under way, if there is one, is cancelled; once is enough."""
    if state.drums_job is None or state.drums_given_up:
        return []
    state.drums_given_up = True
    return [Cancel(Model.DRUMS, state.drums_job.request_id)]


def _place(state: SharedState, job: DrumsRequest, hits: Iterable[Hit]) -> None:
    """A new beat waits for the next sequence start; while the loop is stopped it is there at once."""
    notes = drums.notes_of(hits, job.steps_per_bar, job.num_bars)
    if state.transport is None:
        layers.use_model_beat(state, notes)
    else:
        state.pending_beat = notes


def _released(state: SharedState) -> list[Effect]:
    """The model is free; if it was held by a beat that was given up for another, it makes that one now."""
    state.drums_wanted = state.drums_wanted and state.drums_given_up
    state.drums_job, state.drums_given_up = None, False
    return _ask(state) if state.drums_wanted else []
