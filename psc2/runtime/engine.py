"""The lock and the one state: every event of every thread passes here, one at a time."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from psc2.core.events import Cancel, DrumsRequest, Event, MelodyRequest, Model, Outbound, Retimed
from psc2.core.rules import react
from psc2.core.snapshot import Snapshot, snapshot
from psc2.core.state import SharedState
from psc2.ports import Output, Requests

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """The looper's next step."""

    step: int
    due: float  # when it sounds, in seconds on the engine's clock
    send_at: float  # when it is to be sent: ``due`` less the look-ahead


class Engine:
    """Hands events to the rules and their effects to the outside.

    Under the lock nothing is done but deciding and sending; requests to models are left
    with their worker threads.
    """

    def __init__(
        self,
        state: SharedState,
        output: Output,
        melody: Requests[MelodyRequest],
        drums: Requests[DrumsRequest],
    ) -> None:
        self._lock = threading.Lock()
        self._state = state
        self._output = output
        self._melody = melody
        self._drums = drums
        self.retimed = threading.Event()  # set when the looper's next turn has changed

    def dispatch(self, event: Event) -> None:
        """Let ``event`` happen. Whatever goes wrong is logged and counted: the music goes on."""
        with self._lock:
            try:
                self._handle(event)
            except Exception as error:
                kind = f"internal {type(error).__name__}"
                if not self._state.bad_input[kind]:
                    logger.exception("could not handle %r; the music goes on", event)
                self._state.bad_input[kind] += 1

    def _handle(self, event: Event) -> None:
        outbound: list[Outbound] = []
        for effect in react(self._state, event):
            match effect:
                case MelodyRequest():
                    self._melody.submit(effect)
                case DrumsRequest():
                    self._drums.submit(effect)
                case Cancel():
                    worker = self._melody if effect.model is Model.MELODY else self._drums
                    worker.cancel(effect.request_id)
                case Retimed():
                    self.retimed.set()
                case _:
                    outbound.append(effect)
        if outbound:
            self._output.send(outbound)

    def next_turn(self) -> Turn | None:
        """The first step that has not been sent, or None while the loop is stopped."""
        with self._lock:
            transport = self._state.transport
            if transport is None:
                return None
            due = transport.grid.time_of(transport.next_step)
            return Turn(transport.next_step, due, due - self._state.lookahead_s)

    def snapshot(self) -> Snapshot:
        with self._lock:
            return snapshot(self._state)
