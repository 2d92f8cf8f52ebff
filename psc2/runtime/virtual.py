"""A whole performance in virtual time: the same engine and rules, no threads, no waiting.

The demo, the tests and the benchmarks play through it. Time jumps from one thing that
happens to the next: an event of the script, a turn of the looper, a model's answer.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count

from psc2.core.controls import PRESSED, Action, ControllerMap
from psc2.core.events import (
    BadInput,
    Cancelled,
    ControlChange,
    DrumsReady,
    DrumsRequest,
    Event,
    KeyDown,
    KeyUp,
    MelodyReady,
    MelodyRequest,
    ModelFailed,
    Outbound,
    Tick,
)
from psc2.core.instruments import Layer
from psc2.core.state import SharedState
from psc2.models.asking import ask_drums, ask_melody
from psc2.models.markov import Markov
from psc2.ports import DrumsModel, MelodyModel
from psc2.runtime.engine import Engine
from psc2.runtime.workers import drums_answer, melody_answer
from psc2.scores.score import Sent

Answer = MelodyReady | DrumsReady | ModelFailed | Cancelled

CONTROLLER_UID = 7
NOTHING = BadInput(at=math.inf, kind="the end of time")


class VirtualClock:
    """A clock that stands still until it is set."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def advance_to(self, moment_s: float) -> None:
        """Raises: ValueError if that moment has passed."""
        if moment_s < self._now:
            raise ValueError(f"expected a moment from {self._now} on, got {moment_s}")
        self._now = moment_s


class RecordingOutput:
    """Keeps what is sent, in the order of sending."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.sent: list[Sent] = []

    def send(self, effects: Sequence[Outbound]) -> None:
        now = self._clock.now()
        for effect in effects:
            tag = getattr(effect, "at", None)
            self.sent.append(Sent(now if tag is None else tag, effect, now))


class Performance:
    """Plays events through an engine of its own. Models answer after ``model_delay_s``.

    ``stand_in``: what gives the pitches and beats that they do not, as in the instrument.
    """

    def __init__(
        self,
        state: SharedState,
        melody: MelodyModel,
        drums: DrumsModel,
        model_delay_s: float = 0.2,
        stand_in: Markov | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.output = RecordingOutput(self.clock)
        self.state = state
        self.requests: list[MelodyRequest | DrumsRequest] = []
        self.cancelled: list[int] = []  # their ids, as often as each was cancelled
        self._melody = melody
        self._drums = drums
        self._model_delay_s = model_delay_s
        self._stand_in = stand_in
        self._agenda: list[tuple[float, int, Event]] = []
        self._order = count()
        self.engine = Engine(state, self.output, melody=self, drums=self)

    def submit(self, request: MelodyRequest | DrumsRequest) -> None:
        """What a worker thread would do; its answer comes after the delay."""
        self.requests.append(request)
        self._schedule(replace(self._answer(request), at=self.clock.now() + self._model_delay_s))

    def cancel(self, request_id: int) -> None:
        """What a worker thread would do: an answer that is still to come is given up at once."""
        self.cancelled.append(request_id)
        for entry in self._agenda:
            event = entry[2]
            if isinstance(event, Answer) and event.request_id == request_id:
                self._agenda.remove(entry)
                heapq.heapify(self._agenda)
                self._schedule(Cancelled(self.clock.now(), request_id))
                return

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
            self.clock.advance_to(happening.at)
            self.engine.dispatch(happening)
        self.clock.advance_to(until)
        return self.output.sent[already:]

    def _answer(self, request: MelodyRequest | DrumsRequest) -> Answer:
        if isinstance(request, MelodyRequest):
            melody = partial(ask_melody, self._melody)
            return melody_answer(melody, self._stand_in, self.clock, request, lambda: False)
        drums = partial(ask_drums, self._drums)
        return drums_answer(drums, self._stand_in, self.clock, request, lambda: False)

    def _schedule(self, event: Event) -> None:
        heapq.heappush(self._agenda, (event.at, next(self._order), event))

    def _next(self, stall: tuple[float, float]) -> Event:
        """What happens first; of the script and the looper at the same moment the script."""
        scripted = self._agenda[0][2] if self._agenda else NOTHING
        turn = self.engine.next_turn()
        if turn is None:
            return scripted
        at = max(turn.send_at, self.clock.now())
        at = stall[1] if stall[0] <= at < stall[1] else at
        return Tick(at, turn.step, turn.due) if at < scripted.at else scripted


# --- writing a performance ------------------------------------------------------------


def key(at: float, pitch: int, duration_s: float = 0.1, velocity: int = 100) -> list[Event]:
    """A key that goes down at ``at`` and up again."""
    return [KeyDown(at, pitch, velocity), KeyUp(at + duration_s, pitch)]


def press(
    controller: ControllerMap, at: float, action: Action, layer: Layer | None = None, value: int = PRESSED
) -> ControlChange:
    """The controller's control for an action, pressed or, for a knob or fader, at ``value``.

    Raises: KeyError if the controller has none.
    """
    for number, control in controller.controls.items():
        if control.action is action and control.layer is layer:
            return ControlChange(at, value, number, channel=0, uid=CONTROLLER_UID)
    raise KeyError((action, layer))
