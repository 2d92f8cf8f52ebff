"""The model threads: a request comes in, an answer is dispatched, the beat never waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

from psc2.core.events import DrumsReady, DrumsRequest, Event, MelodyReady, MelodyRequest, ModelFailed
from psc2.ports import Clock, DrumsModel, MelodyModel

logger = logging.getLogger(__name__)

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
        pitches = model.continue_melody(request)
        return MelodyReady(clock.now(), request.request_id, tuple(pitches))
    except Exception as error:
        return _failed("melody", error, clock, request.request_id)


def drums_answer(model: DrumsModel, clock: Clock, request: DrumsRequest) -> DrumsReady | ModelFailed:
    """The model's answer as an event, whatever the model does."""
    try:
        hits = model.make_beat(request)
        return DrumsReady(clock.now(), request.request_id, tuple(hits))
    except Exception as error:
        return _failed("drums", error, clock, request.request_id)


def _failed(name: str, error: Exception, clock: Clock, request_id: int) -> ModelFailed:
    logger.debug("the %s model failed", name, exc_info=error)
    return ModelFailed(clock.now(), request_id, f"{name} model: {type(error).__name__}: {error}")
