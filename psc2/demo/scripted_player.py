"""A song against the clock: a scripted player at an instrument that plays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from psc2.core.events import Event, Press
from psc2.demo.script import BUTTONS, Script
from psc2.ports import Clock
from psc2.runtime.engine import Engine
from psc2.scores.score import Timeline

POLL_S = 0.02  # how often it is seen where the beat is: a person may change the tempo


class Stopping(Protocol):
    """What a ``threading.Event`` can do: be waited for."""

    def wait(self, timeout: float) -> bool: ...


def play_script(
    script: Script, engine: Engine, clock: Clock, stopping: Stopping, write: Callable[[str], None]
) -> None:
    """Play a script on a running engine, from play to stop; each step is found on the loop's own grid.

    ``write``: takes a line for each section, and for each button that the pianist presses or knob turned.
    What plays already, as when START was pressed in a page, is stopped first. Ends early when ``stopping``
    is set, or when somebody has pressed stop.
    """
    timeline = Timeline()
    if engine.snapshot().grid is not None:
        engine.dispatch(Press(clock.now(), 0, "stop"))
    engine.dispatch(Press(clock.now(), 0, "play"))
    for step, what in sorted([*_acts(script), *_words(script)], key=lambda act: act[0]):
        wait_s = float("inf")
        while wait_s > 0:
            grid = engine.snapshot().grid
            if grid is None:
                return
            timeline.follow(grid)
            wait_s = timeline.time_of(step) - clock.now()
            if wait_s > 0 and stopping.wait(min(wait_s, POLL_S)):
                return
        if isinstance(what, str):
            write(what)
        else:
            engine.dispatch(replace(what, at=clock.now()))


def _acts(script: Script) -> Iterator[tuple[float, Event]]:
    """What the hands do, and when."""
    for event in (*script.events, script.stop):
        yield event.at, event


def _words(script: Script) -> Iterator[tuple[float, str]]:
    """What is told of it, and when: sections by their names, and presses."""
    for number, (step, name) in enumerate(script.sections, start=1):
        yield step, f"── {number} of {len(script.sections)}: {name}"
    for at, name in script.controls:
        section = max(begun for begun in script.sections if begun[0] <= max(at, 0))[1]
        yield at, f"{section}: the pianist {'presses' if name in BUTTONS else 'turns'} {name}"
