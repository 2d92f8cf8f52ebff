"""The machine's beat in the making: wanted, given up, placed.

One request at most is with the drums model. When what it makes is no longer wanted it is
cancelled, but only the model's worker itself says that the model is free.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from psc2.core import drums, layers
from psc2.core.effects import Cancel, Effect
from psc2.core.events import Cancelled, DrumsReady, ModelFailed
from psc2.core.jobs import Job, JobState
from psc2.core.requests import DrumsRequest, Hit, Model
from psc2.core.state import SharedState


def want(state: SharedState) -> list[Effect]:
    """A new beat is wanted; one in the making is given up for it."""
    state.beat_maker = replace(state.beat_maker, wanted=True)
    return _ask(state) if state.beat_maker.job.state is JobState.IDLE else _give_up(state)


def drop(state: SharedState) -> list[Effect]:
    """No new beat is wanted any more, neither one in the making nor one that waits for its start."""
    state.beat_maker = replace(state.beat_maker, wanted=False, coming=None)
    return _give_up(state)


def is_coming(state: SharedState) -> bool:
    """Whether a machine's beat is being made or waits for the next sequence start."""
    return state.beat_maker.wanted or state.beat_maker.coming is not None


def refit(state: SharedState) -> list[Effect]:
    """Meter or bars of the sequence to come have changed: a beat on its way is made anew for them."""
    maker = state.beat_maker
    if maker.coming is None and not maker.wanted:
        return []
    state.beat_maker = replace(maker, coming=None)
    return want(state)


def set_temperature(state: SharedState, temperature: float) -> None:
    """How surprising the machine's next beats are, 0.05–4."""
    state.beat_maker = replace(state.beat_maker, temperature=temperature)


def place_coming(state: SharedState) -> None:
    """A sequence starts, or the loop has stopped: the beat that waits for it is there."""
    maker = state.beat_maker
    if maker.coming is not None:
        layers.use_model_beat(state, maker.coming)
        state.beat_maker = replace(maker, coming=None, placed=maker.placed + 1)


def drums_ready(state: SharedState, event: DrumsReady) -> list[Effect]:
    """The beat that is waited for is placed; one that was given up is dropped."""
    job = state.beat_maker.job
    state.beat_maker = replace(state.beat_maker, trouble=event.trouble)
    if job.request is not None and not job.given_up:
        _place(state, job.request, event.hits)
    return _released(state)


def drums_failed(state: SharedState, event: ModelFailed) -> list[Effect]:
    """The beat stays as it is, and the model is free; why there is none is kept to be shown."""
    state.beat_maker = replace(state.beat_maker, trouble=event.reason)
    return _released(state)


def drums_cancelled(state: SharedState, event: Cancelled) -> list[Effect]:
    """The model has given up what it was asked, and is free."""
    return _released(state)


def _ask(state: SharedState) -> list[Effect]:
    """The deterministic beat primes DrumsRNN, in the meter and bars that will hold when it answers."""
    form = state.next_form
    time_signature = form.time_signature
    beat = layers.beat_of(state, state.bass_line, form)
    request = DrumsRequest(
        request_id=state.next_request_id(),
        primer=drums.pattern_of(beat, time_signature.steps_per_bar),
        steps_per_beat=time_signature.steps_per_beat,
        steps_per_bar=time_signature.steps_per_bar,
        num_bars=form.num_bars,
        qpm=state.qpm,
        temperature=state.beat_maker.temperature,
        seed=state.next_seed(),
    )
    state.beat_maker = replace(state.beat_maker, job=Job(request))
    return [request]


def _give_up(state: SharedState) -> list[Effect]:
    """The request under way, if there is one, is cancelled; once is enough."""
    job = state.beat_maker.job
    if job.request is None or job.given_up:
        return []
    state.beat_maker = replace(state.beat_maker, job=replace(job, given_up=True))
    return [Cancel(Model.DRUMS, job.request.request_id)]


def _place(state: SharedState, request: DrumsRequest, hits: Iterable[Hit]) -> None:
    """A new beat waits for the next sequence start; while the loop is stopped it is there at once."""
    notes = drums.notes_of(hits, request.steps_per_bar, request.num_bars)
    state.beat_maker = replace(state.beat_maker, coming=tuple(notes))
    if state.transport is None:
        place_coming(state)


def _released(state: SharedState) -> list[Effect]:
    """The model is free; if it was held by a beat that was given up for another, it makes that one now."""
    maker = state.beat_maker
    wanted = maker.wanted and maker.job.given_up
    state.beat_maker = replace(maker, job=Job(), wanted=wanted)
    return _ask(state) if wanted else []
