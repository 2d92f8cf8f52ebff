"""Control change → press, read off the controller's map, and whose control change it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from psc2.core.events import ControlChange, Press
from psc2.core.instruments import Layer

PRESSED = 127  # what a button sends when it goes down, as a rule; its release is 0


@dataclass(frozen=True, slots=True)
class Threshold:
    """From where on something that is pressed is down, and from where it is up again.

    In between it stays as it was, however it trembles.
    """

    down: int  # this value and those above
    up: int  # this one and those below

    def is_down(self, value: int, was_down: bool) -> bool:
        """Whether it is down at ``value``, 0–127.

        >>> pedal = Threshold(down=64, up=48)
        >>> [pedal.is_down(value, was) for value, was in ((64, False), (63, True), (63, False), (48, True))]
        [True, True, False, False]
        """
        return value >= self.down or (was_down and value > self.up)


PEDAL = Threshold(down=64, up=48)
BUTTON = Threshold(down=64, up=31)  # pressure trembles more widely than a foot


class Reading(NamedTuple):
    """Where a control stands, as its latest control change says."""

    value: int  # 0–127
    is_down: bool  # if it is a button

    def followed_by(self, value: int) -> Reading:
        """Where the control stands after a control change of ``value``, 0–127.

        >>> [UNTOUCHED.followed_by(126).followed_by(value).is_down for value in (40, 31)]
        [True, False]
        """
        return Reading(value, BUTTON.is_down(value, self.is_down))

    def rises(self, before: Reading) -> bool:
        """Whether a button has gone down since ``before``.

        127 again is another press: there are buttons that send nothing when they come up.

        >>> down = UNTOUCHED.followed_by(127)
        >>> down.rises(UNTOUCHED), down.followed_by(126).rises(down), down.followed_by(127).rises(down)
        (True, False, True)
        """
        return self.is_down and (not before.is_down or before.value == self.value == PRESSED)


UNTOUCHED = Reading(0, is_down=False)  # a control that has sent nothing yet


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

    def press(self, event: ControlChange, before: Reading) -> Press | None:
        """What moving the control means, from ``before`` on, where it was; None for a button that comes up.

        >>> knob = Control("qpm", scale=(60.0, 187.0))
        >>> knob.press(ControlChange(0.0, source=7, control=16, value=60, channel=0), UNTOUCHED)
        Press(at=0.0, source=7, action='qpm', layer=None, value=120.0)
        """
        now = before.followed_by(event.value)
        if self.scale is not None:
            value = self.value_at(event.value)
        elif now.rises(before) or (self.toggle and before.is_down and not now.is_down):
            value = None
        else:
            return None
        return Press(event.at, event.source, self.action, self.layer, value)


class MessageKind(Enum):
    """What a control sends."""

    CONTROL = "control"
    NOTE = "note"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Bound:
    """A control of any device, and what it stands for."""

    sent: MessageKind
    number: int  # of the control change, the note or the program, 0–127
    control: Control
    device: str = ""  # a part of its name, whatever the case; empty for any that is no controller

    def is_of(self, device_name: str, is_controller: bool) -> bool:
        """Whether the device of this name is meant."""
        return self.device.casefold() in device_name.casefold() if self.device else not is_controller


@dataclass(frozen=True, slots=True)
class ControllerMap:
    """A controller: how it is recognised and what its controls do."""

    name: str  # found within the device's own name, whatever the case
    learn: frozenset[int]  # the buttons by whose press and release it is known where its name is not
    controls: Mapping[int, Control]  # by control change number, 0–127
    keyboard: bool = False  # whether it has keys, wheels and pedals that are played, too
    pickup: bool = True  # whether knobs and faders take over only where they pass the present value
    notes: Mapping[int, Control] = field(default_factory=dict)  # by pitch
    programs: Mapping[int, Control] = field(default_factory=dict)  # by number, 0–127

    def is_named(self, device_name: str) -> bool:
        """Whether a device of this name is the controller."""
        return self.name.casefold() in device_name.casefold()
