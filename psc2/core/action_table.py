"""The table that actions are entered into: each by its name, with what a press must say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from psc2.core.effects import Effect
from psc2.core.events import Press
from psc2.core.instruments import Layer
from psc2.core.ranges import Range
from psc2.core.state import SharedState

Perform = Callable[[SharedState, Press], list[Effect]]
Present = Callable[[SharedState, Press], float]

Choice = TypeVar("Choice")

MAX_VALUE = 1e9  # that a press may ask for, before it is held within its range


@dataclass(frozen=True, slots=True)
class Action:
    """Something that the instrument can be asked for."""

    name: str
    description: str  # one line for the player
    perform: Perform
    layers: tuple[Layer, ...]  # of which a press must name one; empty where it names none
    values: Range | None  # of which a press must give one, for a knob or fader; None for a button
    present: Present | None  # the value that holds, which a knob or fader has to meet before it takes over

    def fits(self, press: Press) -> bool:
        """Whether a press says all that the action needs, and nothing else."""
        if press.layer not in (self.layers or (None,)):
            return False
        if self.values is None:
            return press.value is None
        return isinstance(press.value, int | float) and -MAX_VALUE <= press.value <= MAX_VALUE


class ActionTable(dict[str, Action]):
    """Actions by their names."""

    def action(
        self,
        name: str,
        layers: tuple[Layer, ...] = (),
        values: Range | None = None,
        present: Present | None = None,
    ) -> Callable[[Perform], Perform]:
        """Enter a function into the table; its docstring's first line describes the action."""

        def enter(perform: Perform) -> Perform:
            description = (perform.__doc__ or "").partition("\n")[0]
            self[name] = Action(name, description, perform, layers, values, present)
            return perform

        return enter


def next_of(choices: Iterable[Choice], now: Choice) -> Choice:
    """The choice after the one that holds now; after the last the first.

    >>> next_of("abc", "a"), next_of("abc", "c")
    ('b', 'a')
    """
    offered = list(choices)
    return offered[(offered.index(now) + 1) % len(offered)]


def layer_of(press: Press) -> Layer:
    """The layer that a press which fits names."""
    assert press.layer is not None, "perform has looked"
    return press.layer


def value_of(press: Press) -> float:
    """The value that a press which fits gives."""
    assert press.value is not None, "perform has looked"
    return press.value
