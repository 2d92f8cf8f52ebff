"""The lock and the one state: every event of every thread passes here, one at a time."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from psc2.core import transport, turn_taking
from psc2.core.band import ChorusRequest
from psc2.core.effects import Alarm, Cancel, Outbound, Retimed
from psc2.core.events import Due, Event, Tick
from psc2.core.requests import DrumsRequest, MelodyRequest, Model, PitchRequest
from psc2.core.rules import count_bad_input, react
from psc2.core.snapshot import Snapshot, snapshot_of
from psc2.core.state import SharedState
from psc2.ports import Output, Players, Requests

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the looper does next, and when."""

    at: float  # seconds on the engine's clock: for a step its moment less the look-ahead
    what: int | str  # a step, or an alarm's name

    def event(self, now: float) -> Tick | Due:
        """The event that the looper's turn is, if it is taken at ``now``."""
        return Tick(now, self.what) if isinstance(self.what, int) else Due(now, self.what)


class Engine:
    """Hands events to the rules and their effects to the outside.

    Under the lock nothing is done but deciding and sending; requests to models are left
    with their worker threads.
    """

    def __init__(
        self,
        state: SharedState,
        output: Output,
        melody: Requests[MelodyRequest | PitchRequest],
        drums: Requests[DrumsRequest],
        band: Players,
    ) -> None:
        self._lock = threading.Lock()
        self._state = state
        self._output = output
        self._melody = melody
        self._drums = drums
        self._band = band
        self._alarms: dict[str, float] = {}  # when each is due, by name
        self.retimed = threading.Event()  # set when the looper's next turn has changed

    def dispatch(self, event: Event) -> None:
        """Let ``event`` happen. Whatever goes wrong is logged and counted: the music goes on."""
        with self._lock:
            try:
                self._handle(event)
            except Exception as error:
                self._count(error, event)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Due):
            if self._alarms.get(event.name, event.at) > event.at:
                return  # it has been set anew, for later, since the looper took its turn
            self._alarms.pop(event.name, None)
        outbound: list[Outbound] = []
        for effect in react(self._state, event):
            match effect:
                case MelodyRequest() | PitchRequest():
                    self._melody.submit(effect)
                case DrumsRequest():
                    self._drums.submit(effect)
                case ChorusRequest():
                    self._band.submit(effect)
                case Cancel():
                    worker = self._melody if effect.model is Model.MELODY else self._drums
                    worker.cancel(effect.request_id)
                case Alarm():
                    self._alarms[effect.name] = effect.at
                    self.retimed.set()
                case Retimed():
                    self.retimed.set()
                case _:
                    outbound.append(effect)
        if outbound:
            self._output.send(outbound)

    def _count(self, error: Exception, event: Event) -> None:
        kind = f"internal {type(error).__name__}"
        if kind not in self._state.counts.bad_input:
            logger.exception("could not handle %r; the music goes on", event)
        count_bad_input(self._state, kind)

    def next_turn(self) -> Turn | None:
        """The next step or alarm, whichever is earlier; None while there is neither."""
        with self._lock:
            turns = [Turn(at, name) for name, at in self._alarms.items()]
            step = transport.next_turn(self._state)
            change = turn_taking.next_change(self._state)
        if step is not None:
            turns.append(Turn(step[1], step[0]))
        if change is not None:
            turns.append(Turn(change.at, turn_taking.TURN))
        return min(turns, key=lambda turn: turn.at, default=None)

    def snapshot(self) -> Snapshot:
        """What can be shown of the state now."""
        with self._lock:
            return snapshot_of(self._state)
