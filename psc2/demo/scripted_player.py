"""A song against the clock: a scripted player at an instrument that plays."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from psc2.core.events import Press
from psc2.demo.script import Script
from psc2.ports import Clock
from psc2.runtime.engine import Engine
from psc2.scores.score import Timeline

POLL_S = 0.02  # how often it is seen where the beat is: a person may change the tempo


class Stopping(Protocol):
    """What a ``threading.Event`` can do: be waited for."""

    def wait(self, timeout: float) -> bool: ...


def play_script(script: Script, engine: Engine, clock: Clock, stopping: Stopping) -> None:
    """Play a script on a running engine, from play to stop; each step is found on the loop's own grid.

    Ends early when ``stopping`` is set, or when somebody has pressed stop.
    """
    timeline = Timeline()
    engine.dispatch(Press(clock.now(), 0, "play"))
    for event in (*script.events, script.stop):
        wait_s = float("inf")
        while wait_s > 0:
            grid = engine.snapshot().grid
            if grid is None:
                return
            timeline.follow(grid)
            wait_s = timeline.time_of(event.at) - clock.now()
            if wait_s > 0 and stopping.wait(min(wait_s, POLL_S)):
                return
        engine.dispatch(replace(event, at=clock.now()))
