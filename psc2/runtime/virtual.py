"""A whole performance in virtual time: the same engine and rules, no threads, no waiting.

The demo, the tests and the benchmarks play through it. Time jumps from one thing that
happens to the next: an event of the script, a turn of the looper, a model's answer.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count, repeat
from typing import NamedTuple

from psc2.core.band import ChorusRequest
from psc2.core.effects import Outbound
from psc2.core.events import (
    Answer,
    BadInput,
    Cancelled,
    ChorusReady,
    Event,
    KeyDown,
    KeyUp,
    ModelFailed,
    Press,
)
from psc2.core.instruments import Layer
from psc2.core.requests import DrumsRequest, PitchRequest, Request
from psc2.core.state import SharedState
from psc2.models.generation import answer, generate_beat
from psc2.models.markov import Markov
from psc2.ports import DrumsModel, MelodyModel
from psc2.runtime.engine import Engine
from psc2.runtime.workers import drums_answer, soloists_answer
from psc2.scores.score import Sent

CONTROLLER_UID = 7
NOTHING = BadInput(at=math.inf, kind="the end of time")


class VirtualClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now

    def now(self) -> float:
        """The moment that it is set to, in seconds."""
        return self._now

    def advance_to(self, moment_s: float) -> None:
        """Set the clock forward. Raises: ValueError if that moment has passed."""
        if moment_s < self._now:
            raise ValueError(f"expected a moment from {self._now} on, got {moment_s}")
        self._now = moment_s


class RecordingOutput:
    """Keeps what is sent, in the order of sending."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.sent: list[Sent] = []

    def send(self, effects: Sequence[Outbound]) -> None:
        """Keep effects, each with the moment when it is to be heard."""
        now = self._clock.now()
        for effect in effects:
            tag = getattr(effect, "at", None)
            self.sent.append(Sent(now if tag is None else tag, effect, now))


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How a model takes one request."""

    delay_s: float = 0.2  # from the request to the answer
    fails: bool = False  # there is no answer
    ignores_cancel: bool = False  # what has been cancelled is answered all the same


class Performance:
    """Plays events through an engine of its own.

    ``stand_in``: what gives the pitches and beats that the models do not, as in the instrument.
    ``behaviours``: how the models take their requests, one after the other.
    """

    def __init__(
        self,
        state: SharedState,
        melody: MelodyModel,
        drums: DrumsModel,
        behaviours: Iterable[Behaviour] = repeat(Behaviour()),
        stand_in: Markov | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.output = RecordingOutput(self.clock)
        self.state = state
        self.requests: list[Request] = []
        self.pitch_requests: list[PitchRequest] = []
        self.cancelled: list[int] = []  # their ids, as often as each was cancelled
        self.most_at_once = 0  # requests that one model had
        self._melody = melody
        self._drums = drums
        self._behaviours = iter(behaviours)
        self._under_way: dict[int, tuple[Request | PitchRequest, Behaviour]] = {}  # by request id
        self._stand_in = stand_in
        self._agenda: list[tuple[float, int, Event]] = []
        self._order = count()
        self.engine = Engine(state, self.output, melody=self, drums=self, band=_Band(self._think))

    def submit(self, request: Request | PitchRequest) -> None:
        """What a worker thread would do; its answer comes after the model's delay."""
        if isinstance(request, PitchRequest):
            self.pitch_requests.append(request)
        else:
            self.requests.append(request)
        behaviour = next(self._behaviours)
        self._under_way[request.request_id] = (request, behaviour)
        self.most_at_once = max(self.most_at_once, self.under_way(type(request)))
        answer = self._failure(request) if behaviour.fails else self._answer(request)
        self._schedule(replace(answer, at=self.clock.now() + behaviour.delay_s))

    def cancel(self, request_id: int) -> None:
        """What a worker thread would do: an answer that is still to come is given up at once."""
        self.cancelled.append(request_id)
        if request_id not in self._under_way or self._under_way[request_id][1].ignores_cancel:
            return
        self._agenda = [entry for entry in self._agenda if not _answers(entry[2], request_id)]
        heapq.heapify(self._agenda)
        self._schedule(Cancelled(self.clock.now(), request_id))

    def under_way(self, kind: type[Request] | type[PitchRequest]) -> int:
        """How many requests of a kind have not come back in any way."""
        return sum(isinstance(request, kind) for request, _ in self._under_way.values())

    def play(
        self, events: Iterable[Event], until: float, stall: tuple[float, float] = (0.0, 0.0)
    ) -> list[Sent]:
        """Play up to the moment ``until``, inclusive.

        ``stall`` is a stretch of seconds in which the looper gets no turn.

        Returns: what was sent in this call, in the order of sending.
        """
        already = len(self.output.sent)
        for event in events:
            self._schedule(event)
        while (happening := self._next(stall)).at <= until:
            if self._agenda and happening is self._agenda[0][2]:
                heapq.heappop(self._agenda)
            if isinstance(happening, Answer):
                self._under_way.pop(happening.request_id, None)
            self.clock.advance_to(happening.at)
            self.engine.dispatch(happening)
        self.clock.advance_to(until)
        return self.output.sent[already:]

    def _think(self, request: ChorusRequest) -> None:
        """What the band's thread would do, in no time."""
        now = self.clock.now()
        self._schedule(ChorusReady(now, request.request_id, request.layer, request.bars()))

    def _failure(self, request: Request | PitchRequest) -> Answer:
        return ModelFailed(self.clock.now(), request.request_id, "not today")

    def _answer(self, request: Request | PitchRequest) -> Answer:
        if not isinstance(request, DrumsRequest):
            melody = partial(answer, self._melody)
            return soloists_answer(melody, self._stand_in, self.clock, request, lambda: False)
        drums = partial(generate_beat, self._drums)
        return drums_answer(drums, self._stand_in, self.clock, request, lambda: False)

    def _schedule(self, event: Event) -> None:
        heapq.heappush(self._agenda, (event.at, next(self._order), event))

    def _next(self, stall: tuple[float, float]) -> Event:
        """What happens first; of the script and the looper at the same moment the script."""
        scripted = self._agenda[0][2] if self._agenda else NOTHING
        turn = self.engine.next_turn()
        if turn is None:
            return scripted
        at = max(turn.at, self.clock.now())
        at = stall[1] if stall[0] <= at < stall[1] else at
        return turn.event(at) if at < scripted.at else scripted


class _Band(NamedTuple):
    """What the engine takes for the band."""

    submit: Callable[[ChorusRequest], None]


def _answers(event: Event, request_id: int) -> bool:
    return isinstance(event, Answer) and event.request_id == request_id


# --- writing a performance ------------------------------------------------------------


def key(at: float, pitch: int, duration_s: float = 0.1, velocity: int = 100, source: int = 0) -> list[Event]:
    """A key that goes down at ``at`` and up again, both in seconds."""
    return [KeyDown(at, source, pitch, velocity), KeyUp(at + duration_s, source, pitch)]


def press(at: float, action: str, layer: Layer | None = None, value: float | None = None) -> Press:
    """A button of the controller is pressed, or a knob set to ``value``, in the action's own unit."""
    return Press(at, CONTROLLER_UID, action, layer, value)
