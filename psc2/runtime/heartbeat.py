"""The heartbeat thread: a pulse a second, by which either side notices that the other has gone."""

from __future__ import annotations

import threading
from collections.abc import Callable

from psc2.core.events import Event, Pulse
from psc2.ports import Clock

PERIOD_S = 1.0


class Heartbeat:
    def __init__(self, dispatch: Callable[[Event], None], clock: Clock) -> None:
        self._dispatch = dispatch
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(PERIOD_S):
            self._dispatch(Pulse(self._clock.now()))
