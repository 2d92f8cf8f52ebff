"""The 16th-note thread: wakes for each step, a look-ahead before it sounds, and for each alarm.

Deadlines are absolute, so lateness never adds up; a change of tempo, stop or play wakes
it at once.
"""

from __future__ import annotations

import threading

from psc2.ports import Clock
from psc2.runtime.engine import Engine

MAX_WAIT_S = 3600.0  # at a time: what lies in a very distant future would be no time to the system


class Looper:
    """The thread that takes the engine's turns."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="looper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._engine.retimed.set()
        self._thread.join()

    def _run(self) -> None:
        retimed = self._engine.retimed
        while not self._stopping.is_set():
            retimed.clear()
            turn = self._engine.next_turn()
            if self._stopping.is_set():
                return
            if turn is None:
                retimed.wait()
                continue
            wait_s = max(0.0, turn.at - self._clock.now())
            if not retimed.wait(min(wait_s, MAX_WAIT_S)) and wait_s <= MAX_WAIT_S:
                self._engine.dispatch(turn.event(self._clock.now()))
