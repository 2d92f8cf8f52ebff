"""The model threads: a request comes in, an answer is dispatched, the beat never waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from itertools import islice
from queue import SimpleQueue
from typing import Generic, TypeVar

from psc2.core.events import Cancelled, DrumsReady, Event, MelodyReady, ModelFailed
from psc2.core.requests import DrumsRequest, MelodyRequest, Model
from psc2.models.generation import (
    GenerateBeat,
    GenerateMelody,
    GenerationCancelled,
    GenerationError,
    IsCancelled,
)
from psc2.ports import Clock, DrumsModel, MelodyModel

logger = logging.getLogger(__name__)

MAX_REASON = 120  # characters of a model's complaint that a player is shown

Request = TypeVar("Request", MelodyRequest, DrumsRequest)


class Worker(Generic[Request]):
    """One thread that answers requests in turn."""

    def __init__(
        self,
        model: Model,
        answer: Callable[[Request, IsCancelled], Event],
        dispatch: Callable[[Event], None],
    ) -> None:
        self._answer: Callable[[Request, IsCancelled], Event] = answer
        self._dispatch = dispatch
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._cancelled_id = 0
        self._thread = threading.Thread(target=self._run, name=model.value, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: Request) -> None:
        self._requests.put(request)

    def cancel(self, request_id: int) -> None:
        """Nobody waits for the answer any more; the model finds out when it next looks."""
        self._cancelled_id = request_id

    def stop(self) -> None:
        """No further request is taken; one under way is not waited for."""
        self._requests.put(None)

    def _run(self) -> None:
        while (request := self._requests.get()) is not None:
            self._dispatch(self._answer(request, self._is_cancelled(request.request_id)))

    def _is_cancelled(self, request_id: int) -> IsCancelled:
        return lambda: self._cancelled_id == request_id


def melody_answer(
    generate: GenerateMelody,
    stand_in: MelodyModel | None,
    clock: Clock,
    request: MelodyRequest,
    is_cancelled: IsCancelled,
) -> MelodyReady | ModelFailed | Cancelled:
    """The model's pitches as an event, whatever the model does.

    A stand-in hears every call, and gives the pitches that the model does not.
    """
    trouble = ""
    pitches: tuple[int, ...] = ()
    others = iter(()) if stand_in is None else iter(stand_in.continue_melody(request))
    try:
        pitches = tuple(generate(request, is_cancelled))
    except GenerationCancelled:
        return Cancelled(clock.now(), request.request_id)
    except Exception as error:
        trouble = _trouble(Model.MELODY, error)
    filled = (*pitches, *islice(others, max(0, request.num_pitches - len(pitches))))
    if not filled:
        reason = trouble or f"{Model.MELODY.value} model: no pitches"
        return ModelFailed(clock.now(), request.request_id, reason)
    return MelodyReady(clock.now(), request.request_id, filled, len(pitches), trouble)


def drums_answer(
    generate: GenerateBeat,
    stand_in: DrumsModel | None,
    clock: Clock,
    request: DrumsRequest,
    is_cancelled: IsCancelled,
) -> DrumsReady | ModelFailed | Cancelled:
    """The model's beat as an event, whatever the model does; the stand-in's where it fails."""
    try:
        hits = tuple(generate(request, is_cancelled))
        return DrumsReady(clock.now(), request.request_id, hits, from_model=True, trouble="")
    except GenerationCancelled:
        return Cancelled(clock.now(), request.request_id)
    except Exception as error:
        trouble = _trouble(Model.DRUMS, error)
    if stand_in is None:
        return ModelFailed(clock.now(), request.request_id, trouble)
    return DrumsReady(clock.now(), request.request_id, tuple(stand_in.make_beat(request)), False, trouble)


def _trouble(model: Model, error: Exception) -> str:
    """One line for the player."""
    logger.debug("the %s model failed", model.value, exc_info=error)
    kind = "" if isinstance(error, GenerationError) else f"{type(error).__name__}: "
    line = " ".join(f"{model.value} model: {kind}{error}".split())
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 1] + "…"
