"""Control change → press, read off the controller's map, and whose control change it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psc2.core.events import ControlChange, Press
from psc2.core.instruments import Layer

PRESSED = 127  # what a button sends when it goes down; its release, 0, does nothing


@dataclass(frozen=True, slots=True)
class Control:
    """One row of a controller's map: what a button, knob or fader stands for."""

    action: str  # a name in ``psc2.core.actions.ACTIONS``
    layer: Layer | None = None  # where the action is one layer's
    scale: tuple[float, float] | None = None  # what 0 and 127 mean on a knob or fader; None for a button

    def press(self, event: ControlChange) -> Press | None:
        """What moving the control means; None for a button that comes up.

        >>> knob = Control("qpm", scale=(60.0, 187.0))
        >>> knob.press(ControlChange(0.0, source=7, control=16, value=60, channel=0))
        Press(at=0.0, source=7, action='qpm', layer=None, value=120.0)
        """
        if self.scale is None:
            value = None
            if event.value != PRESSED:
                return None
        else:
            low, high = self.scale
            value = low + (high - low) * event.value / 127
        return Press(event.at, event.source, self.action, self.layer, value)


@dataclass(frozen=True, slots=True)
class ControllerMap:
    """A controller: how it is recognised and what its controls do."""

    name: str  # found within the device's own name, whatever the case
    learn: frozenset[int]  # the buttons that only this controller has
    controls: Mapping[int, Control]  # by control change number, 0–127

    def is_named(self, device_name: str) -> bool:
        """Whether a device of this name is the controller."""
        return self.name.casefold() in device_name.casefold()

    def reveals(self, event: ControlChange) -> bool:
        """Whether this press shows that its device is the controller."""
        return event.control in self.learn and event.value == PRESSED

    def press(self, event: ControlChange) -> Press | None:
        """What a control change of the controller means, None if nothing."""
        control = self.controls.get(event.control)
        return None if control is None else control.press(event)
