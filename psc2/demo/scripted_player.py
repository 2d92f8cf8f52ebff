"""A song against the clock: a scripted player at an instrument that plays."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from psc2.core.events import Event, Press
from psc2.demo.script import Script
from psc2.ports import Clock
from psc2.runtime.engine import Engine
from psc2.scores.score import Timeline

POLL_S = 0.02  # how often it is seen where the beat is: a person may change the tempo


class Stopping(Protocol):
    """What a ``threading.Event`` can do: be waited for."""

    def wait(self, timeout: float) -> bool: ...


class ScriptedPlayer:
    """Plays a script on a running engine: finds each step on the loop's own grid, as a player does by ear."""

    def __init__(self, script: Script, engine: Engine, clock: Clock) -> None:
        self._script = script
        self._engine = engine
        self._clock = clock
        self._timeline = Timeline()

    def play(self, stopping: Stopping) -> None:
        """From play to stop, or until ``stopping`` is set or somebody has pressed stop."""
        self._act(Press(0.0, 0, "play"))
        for event in (*self._script.events, self._script.stop):
            if not self._reached(event.at, stopping):
                return
            self._act(event)

    def _reached(self, step: float, stopping: Stopping) -> bool:
        """Waits for the step. Returns: whether it has come."""
        while (grid := self._engine.snapshot().grid) is not None:
            self._timeline.follow(grid)
            wait_s = self._timeline.time_of(step) - self._clock.now()
            if wait_s <= 0:
                return True
            if stopping.wait(min(wait_s, POLL_S)):
                return False
        return False

    def _act(self, event: Event) -> None:
        self._engine.dispatch(replace(event, at=self._clock.now()))
