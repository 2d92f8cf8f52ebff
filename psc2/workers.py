"""The model threads: a request comes in, an answer is dispatched, the beat never waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

from psc2.core.events import DrumsReady, DrumsRequest, Event, Hit, MelodyReady, MelodyRequest, ModelFailed
from psc2.ports import Clock, DrumsModel, MelodyModel

logger = logging.getLogger(__name__)

PITCHES = frozenset(range(128))
MAX_REASON = 120  # characters of a model's complaint that a player is shown

Request = TypeVar("Request", MelodyRequest, DrumsRequest)


class Worker(Generic[Request]):
    """One thread that answers requests in turn."""

    def __init__(
        self, name: str, answer: Callable[[Request], Event], dispatch: Callable[[Event], None]
    ) -> None:
        self._answer: Callable[[Request], Event] = answer
        self._dispatch = dispatch
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: Request) -> None:
        self._requests.put(request)

    def stop(self) -> None:
        """No further request is taken; one under way is not waited for."""
        self._requests.put(None)

    def _run(self) -> None:
        while (request := self._requests.get()) is not None:
            self._dispatch(self._answer(request))


def melody_answer(model: MelodyModel, clock: Clock, request: MelodyRequest) -> MelodyReady | ModelFailed:
    """The model's answer as an event, whatever the model does."""
    try:
        pitches = tuple(model.continue_melody(request))
        if not pitches or not set(pitches) <= PITCHES:
            raise ValueError(f"expected pitches within 0–127, got {pitches}")
        return MelodyReady(clock.now(), request.request_id, tuple(map(int, pitches)))
    except Exception as error:
        return _failed("melody", error, clock, request.request_id)


def drums_answer(model: DrumsModel, clock: Clock, request: DrumsRequest) -> DrumsReady | ModelFailed:
    """The model's answer as an event, whatever the model does."""
    try:
        hits = tuple(model.make_beat(request))
        if not {type(hit) for hit in hits} <= {Hit}:
            raise ValueError(f"expected hits, got {hits}")
        return DrumsReady(clock.now(), request.request_id, hits)
    except Exception as error:
        return _failed("drums", error, clock, request.request_id)


def _failed(name: str, error: Exception, clock: Clock, request_id: int) -> ModelFailed:
    logger.debug("the %s model failed", name, exc_info=error)
    told = " ".join(f"{name} model: {type(error).__name__}: {error}".split())
    return ModelFailed(
        clock.now(), request_id, told if len(told) <= MAX_REASON else told[: MAX_REASON - 1] + "…"
    )
