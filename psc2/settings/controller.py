"""A controller's map: YAML → what its buttons, knobs and faders stand for."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from psc2 import resources
from psc2.core.actions import ACTIONS
from psc2.core.controls import Bound, Control, ControllerMap, MessageKind
from psc2.core.instruments import Layer
from psc2.core.ranges import GAINS, SEVEN_BITS
from psc2.errors import ConfigError
from psc2.settings.yaml_file import DevicePart, Section, named, one_of, read, shown, validate, within
from psc2.text import printable

MAX_SHOWN = 60  # characters of what was not found

ControlNumber = Annotated[int, within(SEVEN_BITS, "a control change number")]
ActionName = Annotated[str, named(ACTIONS), WithJsonSchema({"type": "string", "enum": list(ACTIONS)})]

MACHINES_MUTE = "lay_out"  # what mute is without a layer
NATURAL = (GAINS, SEVEN_BITS)  # what 0 and 127 mean where a map does not say it


class ControlRow(Section):
    """What one control stands for."""

    action: ActionName = Field(description=f"one of {', '.join(ACTIONS)}")
    layer: Layer | None = one_of(Layer, default=None)
    low: float = Field(default=GAINS.low, description="a number of the action's own")
    high: float = Field(default=GAINS.high, description="a number of the action's own")
    toggle: bool = Field(default=False, description="true for a button that latches, or false")

    @model_validator(mode="after")
    def _fits_action(self) -> ControlRow:
        action = ACTIONS[self.action]
        if action.values not in (None, *NATURAL) and not {"low", "high"} <= self.model_fields_set:
            raise PydanticCustomError("row", f"low, high: expected what 0 and 127 mean for {self.action}")
        if self.toggle and action.values is not None:
            expected = f"toggle: expected none for {self.action}, which follows its control"
            raise PydanticCustomError("row", expected)
        if self.low == self.high:
            raise PydanticCustomError("row", f"high: expected another number than low, got {self.high:g}")
        for key, value in self._bounds().items():
            if action.values is not None and value not in action.values:
                expected = f"expected a number within {action.values} for {self.action}"
                raise PydanticCustomError("row", f"{key}: {expected}, got {value:g}")
        is_machines_mute = self.action == "mute" and self.layer is None
        if self.layer not in (action.layers or (None,)) and not is_machines_mute:
            names = ", ".join(layer.value for layer in action.layers) or "no layer"
            got = self.layer.value if self.layer else "none"
            raise PydanticCustomError("row", f"layer: expected {names} for {self.action}, got {got}")
        return self

    def as_control(self) -> Control:
        """The row as the rules need it."""
        action = MACHINES_MUTE if self.action == "mute" and self.layer is None else self.action
        return Control(action, self.layer, self._scale(), self.toggle)

    def _scale(self) -> tuple[float, float] | None:
        """What 0 and 127 mean; None for a button."""
        values = ACTIONS[self.action].values
        if values is None:
            return None
        bounds = {"low": values.low, "high": values.high} | self._bounds()
        return bounds["low"], bounds["high"]

    def _bounds(self) -> dict[str, float]:
        """What the file says of 0 and 127."""
        return {key: getattr(self, key) for key in ("low", "high") if key in self.model_fields_set}


class BoundRow(ControlRow):
    """A control, note or program change of any device, and what it stands for."""

    device: str = Field(default="", description="a part of the device's name, or none for any")
    control: int | None = within(SEVEN_BITS, "a control change number", default=None)
    note: int | None = within(SEVEN_BITS, "a note", default=None)
    program: int | None = within(SEVEN_BITS, "a program change", default=None)

    @model_validator(mode="after")
    def _is_one(self) -> BoundRow:
        sent = self._sent()
        if len(sent) != 1:
            got = ", ".join(kind.value for kind in sent) or "none"
            raise PydanticCustomError("row", f"control: expected it, or note, or program, got {got}")
        if MessageKind.PROGRAM in sent and ACTIONS[self.action].values is not None:
            raise PydanticCustomError("row", f"program: expected a button's action, got {self.action}")
        return self

    def bound(self) -> Bound:
        """The row as the rules need it."""
        ((sent, number),) = self._sent().items()
        return Bound(sent, number, self.as_control(), self.device)

    def _sent(self) -> dict[MessageKind, int]:
        numbers = {sent: getattr(self, sent.value) for sent in MessageKind}
        return {sent: number for sent, number in numbers.items() if number is not None}


def bound_rows(rows: Iterable[BoundRow]) -> tuple[Bound, ...]:
    """What the rows stand for, those of a device of a certain name first."""
    return tuple(sorted((row.bound() for row in rows), key=lambda one: not one.device))


def taken_twice(rows: Iterable[BoundRow]) -> str | None:
    """The first control that two rows are about, in words; None if there is none."""
    seen = set()
    for one in map(BoundRow.bound, rows):
        place = one.sent, one.number, one.device.casefold()
        if place in seen:
            return f"{one.sent.value} {one.number}{f' of {one.device}' if one.device else ''}"
        seen.add(place)
    return None


class ControllerFile(Section):
    """A file in ``configs/controllers``."""

    name: DevicePart
    learn: list[ControlNumber] = Field(description="a list of control change numbers")
    notes: dict[ControlNumber, ControlRow] = Field(default={}, description=f"notes within {SEVEN_BITS}")
    programs: dict[ControlNumber, ControlRow] = Field(
        default={}, description=f"program changes within {SEVEN_BITS}"
    )
    keyboard: bool = Field(default=False, description="true for a controller with keys, or false")
    pickup: bool = Field(default=True, description="true, or false for knobs and faders that jump")
    controls: dict[ControlNumber, ControlRow] = Field(
        description=f"control change numbers within {SEVEN_BITS}"
    )


def load_controller(name: str) -> ControllerMap:
    """The map called ``name``, or the one at that path. Raises: ConfigError."""
    path = resources.CONTROLLERS / f"{name}.yaml" if name in shipped_names() else Path(name)
    file = validate(ControllerFile, read(path), path)
    controls = {number: row.as_control() for number, row in file.controls.items()}
    notes = {number: row.as_control() for number, row in file.notes.items()}
    programs = {number: row.as_control() for number, row in file.programs.items()}
    learn = frozenset(file.learn)
    return ControllerMap(file.name, learn, controls, file.keyboard, file.pickup, notes, programs)


def shipped_names() -> list[str]:
    """The names of the maps that come with psc2, in alphabetical order."""
    return sorted(path.stem for path in resources.CONTROLLERS.glob("*.yaml"))


def find_controller(name: str, beside: Path) -> str:
    """A map of one's own by its whole path; it is looked for beside the configuration that names it.

    Raises: ConfigError, in that file's name, if there is none.
    """
    if name in shipped_names():
        return name
    path = beside.parent / name
    if os.path.isfile(path):  # which a name that is too long is not, in any Python
        return str(path.absolute())
    expected = f"expected one of {', '.join(shipped_names())}, or the path of a map"
    got = printable(json.dumps(name), MAX_SHOWN)
    raise ConfigError([f"{shown(beside)}: controller: {expected}, got {got}"])
