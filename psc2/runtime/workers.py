"""The model threads: a request comes in, an answer is dispatched, the beat never waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from itertools import islice
from queue import SimpleQueue
from typing import Generic, TypeVar

from psc2.core.band import ChorusRequest
from psc2.core.events import Cancelled, ChorusReady, DrumsReady, Event, MelodyReady, ModelFailed, WeightsReady
from psc2.core.requests import AnswerNote, DrumsRequest, MelodyRequest, Model, PitchRequest
from psc2.models.generation import (
    ALL_PITCHES,
    GenerateBeat,
    GenerateMelody,
    GenerateSolo,
    GenerationCancelled,
    GenerationError,
    IsCancelled,
    Weigh,
    generate_beat,
    weigh,
)
from psc2.ports import Clock, DrumsModel, MelodyModel
from psc2.runtime.clock import SystemClock

logger = logging.getLogger(__name__)

MAX_REASON = 120  # characters of a model's complaint that a player is shown
STAND_IN = "stand-in"

Request = TypeVar("Request", MelodyRequest, MelodyRequest | PitchRequest, DrumsRequest)


class Worker(Generic[Request]):
    """One thread that answers requests in turn, each of them, whatever happens."""

    def __init__(
        self,
        model: Model,
        answer: Callable[[Request, IsCancelled], Event],
        dispatch: Callable[[Event], None],
    ) -> None:
        self._model = model
        self._clock = SystemClock()
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
            try:
                event = self._answer(request, self._is_cancelled(request.request_id))
            except BaseException as error:  # SystemExit too: a thread that ends answers nobody ever after
                event = ModelFailed(self._clock.now(), request.request_id, _trouble(self._model, error))
            self._dispatch(event)

    def _is_cancelled(self, request_id: int) -> IsCancelled:
        return lambda: self._cancelled_id == request_id


class BandWorker:
    """One thread that thinks of choruses, in turn."""

    def __init__(self, dispatch: Callable[[Event], None]) -> None:
        self._dispatch = dispatch
        self._clock = SystemClock()
        self._requests: SimpleQueue[ChorusRequest | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="band", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def submit(self, request: ChorusRequest) -> None:
        self._requests.put(request)

    def stop(self) -> None:
        """No further request is taken."""
        self._requests.put(None)

    def _run(self) -> None:
        while (request := self._requests.get()) is not None:
            try:
                bars = request.bars()
            except Exception:  # and the chorus before is played once more
                logger.exception("no chorus from %r", request)
                continue
            self._dispatch(ChorusReady(self._clock.now(), request.request_id, request.layer, bars))


def soloists_answer(
    generate: GenerateSolo,
    stand_in: MelodyModel | None,
    clock: Clock,
    request: MelodyRequest | PitchRequest,
    is_cancelled: IsCancelled,
) -> MelodyReady | WeightsReady | ModelFailed | Cancelled:
    """What the melody model answers, or where it fails its stand-in, as an event."""
    if isinstance(request, PitchRequest):
        return weights_answer(generate, stand_in, clock, request, is_cancelled)
    return melody_answer(generate, stand_in, clock, request, is_cancelled)


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
    rhythm: tuple[tuple[int, int], ...] = ()
    others = _Substitute(stand_in, request)
    try:
        notes = generate(request, is_cancelled)
        pitches = tuple(note.pitch if isinstance(note, AnswerNote) else note for note in notes)
        rhythm = tuple((note.onset, note.steps) for note in notes if isinstance(note, AnswerNote))
    except GenerationCancelled:
        return Cancelled(clock.now(), request.request_id)
    except Exception as error:
        trouble = _trouble(Model.MELODY, error)
    filled = (*pitches, *others.take(max(0, request.num_pitches - len(pitches))))
    trouble = trouble or others.trouble
    if not filled:
        reason = trouble or f"{Model.MELODY.value} model: no pitches"
        return ModelFailed(clock.now(), request.request_id, reason)
    return MelodyReady(clock.now(), request.request_id, filled, len(pitches), trouble, rhythm)


def weights_answer(
    generate: Weigh,
    stand_in: MelodyModel | None,
    clock: Clock,
    request: PitchRequest,
    is_cancelled: IsCancelled,
) -> WeightsReady | ModelFailed | Cancelled:
    """How likely the model takes each pitch to be, as an event; its stand-in where the model fails."""
    heard = request.first + len(request.notes)
    try:
        rows = tuple(generate(request, is_cancelled))
        return WeightsReady(clock.now(), request.request_id, heard, rows, from_model=True, trouble="")
    except GenerationCancelled:
        return Cancelled(clock.now(), request.request_id)
    except Exception as error:
        trouble = _trouble(Model.MELODY, error)
    try:
        rows = tuple(weigh(stand_in, request)) if stand_in is not None else ()
    except Exception as error:
        _trouble(Model.MELODY, error, STAND_IN)
        rows = ()
    if not rows:
        return ModelFailed(clock.now(), request.request_id, trouble)
    return WeightsReady(clock.now(), request.request_id, heard, rows, False, trouble)


class _Substitute:
    """What a stand-in plays after a call, whatever it does."""

    def __init__(self, stand_in: MelodyModel | None, request: MelodyRequest) -> None:
        """Let the stand-in hear the call."""
        self._pitches: Iterable[int] = ()
        self.trouble = ""  # one line for the player, empty if all is well
        try:
            self._pitches = () if stand_in is None else stand_in.continue_melody(request)
        except Exception as error:
            self.trouble = _trouble(Model.MELODY, error, STAND_IN)

    def take(self, number: int) -> list[int]:
        """The next pitches, ``number`` of them unless something goes wrong before."""
        taken: list[int] = []
        try:
            for pitch in islice(self._pitches, number):
                if pitch not in ALL_PITCHES:
                    raise ValueError(f"expected pitches within 0–127, got {pitch}")
                taken.append(int(pitch))
        except Exception as error:
            self.trouble = _trouble(Model.MELODY, error, STAND_IN)
        return taken


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
    try:
        hits = tuple(generate_beat(stand_in, request, lambda: False))
    except Exception as error:
        _trouble(Model.DRUMS, error, STAND_IN)
        return ModelFailed(clock.now(), request.request_id, trouble)
    return DrumsReady(clock.now(), request.request_id, hits, False, trouble)


def _trouble(model: Model, error: BaseException, who: str = "model") -> str:
    """One line for the player."""
    logger.debug("the %s %s failed", model.value, who, exc_info=error)
    kind = "" if isinstance(error, GenerationError) else f"{type(error).__name__}: "
    line = " ".join(f"{model.value} {who}: {kind}{error}".split())
    return line if len(line) <= MAX_REASON else line[: MAX_REASON - 1] + "…"
