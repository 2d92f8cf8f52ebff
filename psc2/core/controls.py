"""Control change → press, read off the controller's map, and whose control change it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psc2.core.events import ControlChange, Press
from psc2.core.instruments import Layer

PRESSED = 127  # what a button sends when it goes down, as a rule; its release is 0
DOWN = 64  # from this value on it is down, whatever it sends


def rises(value: int, before: int | None) -> bool:
    """Whether a button goes down: ``value`` is past the middle, and ``before``, what it sent last, was not.

    127 again is another press: there are buttons that send nothing when they come up.

    >>> rises(126, None), rises(126, 70), rises(127, 127), rises(70, 70), rises(0, 127)
    (True, False, True, False, False)
    """
    return value >= DOWN and (before is None or before < DOWN or before == value == PRESSED)


def falls(value: int, before: int | None) -> bool:
    """Whether a button comes up."""
    return before is not None and value < DOWN <= before


@dataclass(frozen=True, slots=True)
class Control:
    """One row of a controller's map: what a button, knob or fader stands for."""

    action: str  # a name in ``psc2.core.actions.ACTIONS``
    layer: Layer | None = None  # where the action is one layer's
    scale: tuple[float, float] | None = None  # what 0 and 127 mean on a knob or fader; None for a button
    toggle: bool = False  # whether it is a button that latches, and sends 127 and 0 in turn, a press each

    def value_at(self, position: int) -> float:
        """What a position, 0–127, of a knob or fader means."""
        low, high = self.scale or (0.0, 127.0)
        return low + (high - low) * position / 127

    def press(self, event: ControlChange, before: int | None) -> Press | None:
        """What moving the control means, from ``before`` on, where it was; None for a button that comes up.

        >>> knob = Control("qpm", scale=(60.0, 187.0))
        >>> knob.press(ControlChange(0.0, source=7, control=16, value=60, channel=0), before=None)
        Press(at=0.0, source=7, action='qpm', layer=None, value=120.0)
        """
        if self.scale is not None:
            value = self.value_at(event.value)
        elif rises(event.value, before) or (self.toggle and falls(event.value, before)):
            value = None
        else:
            return None
        return Press(event.at, event.source, self.action, self.layer, value)


@dataclass(frozen=True, slots=True)
class ControllerMap:
    """A controller: how it is recognised and what its controls do."""

    name: str  # found within the device's own name, whatever the case
    learn: frozenset[int]  # the buttons by whose press and release it is known where its name is not
    controls: Mapping[int, Control]  # by control change number, 0–127
    keyboard: bool = False  # whether it has keys, wheels and pedals that are played, too
    pickup: bool = True  # whether knobs and faders take over only where they pass the present value

    def is_named(self, device_name: str) -> bool:
        """Whether a device of this name is the controller."""
        return self.name.casefold() in device_name.casefold()
