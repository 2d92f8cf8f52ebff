"""Control change → action, read off the controller's map, and whose control change it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from psc2.core.events import ControlChange
from psc2.core.instruments import Layer

PRESSED = 127  # what a button sends when it goes down; its release, 0, does nothing


class Action(Enum):
    """What a control can do, by its name in a controller's map."""

    PLAY = "play"
    STOP = "stop"
    BARS_DOWN = "bars_down"
    BARS_UP = "bars_up"
    NUMERATOR_DOWN = "numerator_down"
    NUMERATOR_UP = "numerator_up"
    DENOMINATOR_DOWN = "denominator_down"
    DENOMINATOR_UP = "denominator_up"
    QPM = "qpm"
    TAP = "tap"
    MUTE = "mute"
    RECORD = "record"
    DETERMINISTIC_DRUMS = "deterministic_drums"
    MODEL_DRUMS = "model_drums"
    DRUMS_TEMPERATURE = "drums_temperature"
    IMPROV = "improv"
    MELODY_TEMPERATURE = "melody_temperature"
    FREE = "free"
    VOLUME = "volume"
    UNDO = "undo"
    OVERDUB = "overdub"

    @property
    def is_continuous(self) -> bool:
        """A knob or fader, which acts at every value; the others are buttons."""
        return self in (Action.QPM, Action.DRUMS_TEMPERATURE, Action.MELODY_TEMPERATURE, Action.VOLUME)


DEFAULT_LOW, DEFAULT_HIGH = 0.0, 1.27  # a fader's: value/100


@dataclass(frozen=True, slots=True)
class Control:
    """One row of a controller's map."""

    action: Action
    layer: Layer | None = None  # for mute, record and volume
    low: float = DEFAULT_LOW  # a knob's or fader's value at 0 …
    high: float = DEFAULT_HIGH  # … and at 127

    def scaled(self, value: int) -> float:
        """A knob's position, 0–127, on its own scale.

        >>> Control(Action.QPM, low=60, high=187).scaled(60)
        120.0
        """
        return self.low + (self.high - self.low) * value / 127


@dataclass(frozen=True, slots=True)
class ControllerMap:
    """A controller: how it is recognised and what its controls do."""

    name: str  # found within the device's own name, whatever the case
    learn: frozenset[int]  # the buttons that only this controller has
    controls: Mapping[int, Control]

    def is_named(self, device_name: str) -> bool:
        return self.name.casefold() in device_name.casefold()

    def teaches(self, event: ControlChange) -> bool:
        """Whether this press tells that its device is the controller."""
        return event.control in self.learn and event.value == PRESSED
