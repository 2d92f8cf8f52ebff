"""YAML → frozen values, with every problem of a file reported at once.

``configs/default.yaml`` is the only place of defaults. A problem reads
``configs/blues.yaml: music.qpm: expected a number within 20–400, got 12``.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from psc2 import resources
from psc2.core.controls import DEFAULT_HIGH, DEFAULT_LOW, Action, Control, ControllerMap
from psc2.core.events import Layer
from psc2.core.meter import TimeSignature
from psc2.core.state import Settings, TapUnit, Timing
from psc2.core.transport import MAX_QPM, MIN_QPM
from psc2.errors import ConfigError


def _time_signature(value: object) -> object:
    return TimeSignature.parse(value) if isinstance(value, str) else value


Port = Annotated[int, Field(ge=1, le=65535, description="a whole number within 1–65535")]
Host = Annotated[str, Field(min_length=1, description="a host name or address, such as 127.0.0.1")]


class Section(BaseModel):
    """A part of a file. A field's description says what is expected there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Music(Section):
    time_signature: Annotated[TimeSignature, BeforeValidator(_time_signature)] = Field(
        description='a time signature such as "7/8", numerator 2–64, denominator 4, 8 or 16'
    )
    num_bars: int = Field(ge=1, le=256, description="a whole number of bars within 1 to max_bars")
    max_bars: int = Field(ge=1, le=256, description="a whole number of bars within 1–256")
    qpm: float = Field(ge=MIN_QPM, le=MAX_QPM, description=f"a number within {MIN_QPM:g}–{MAX_QPM:g}")
    tap_unit: TapUnit = Field(strict=False, description="one of quarter, click, dotted_quarter")
    count_in_bars: int = Field(ge=0, le=8, description="a whole number of bars within 0–8")

    @model_validator(mode="after")
    def _bars_fit(self) -> Music:
        if self.num_bars > self.max_bars:
            raise PydanticCustomError(
                "bars", f"num_bars: expected at most max_bars, which is {self.max_bars}, got {self.num_bars}"
            )
        return self


class Osc(Section):
    receive_host: Host
    receive_port: Port
    send_host: Host
    send_port: Port


class Output(Section):
    timing: Timing = Field(strict=False, description="one of timetag, immediate, auto")
    lookahead_ms: float = Field(ge=10, le=200, description="a number of milliseconds within 10–200")


class Improv(Section):
    min_primer_length: int = Field(ge=1, le=200, description="a whole number of notes within 1–200")
    max_robot_length: int = Field(ge=1, le=200, description="a whole number of pitches within 1–200")
    model: Literal["markov"] = Field(description="markov")


class Config(Section):
    """What ``psc2 play`` is told."""

    music: Music
    osc: Osc
    output: Output
    improv: Improv
    controller: str = Field(
        min_length=1, description="the name of a map in configs/controllers, or the path of one"
    )

    def settings(self) -> Settings:
        """What the rules need of it. Raises: ConfigError for the controller's map."""
        return Settings(
            max_bars=self.music.max_bars,
            tap_unit=self.music.tap_unit,
            count_in_bars=self.music.count_in_bars,
            timing=self.output.timing,
            lookahead_s=self.output.lookahead_ms / 1000,
            min_primer_length=self.improv.min_primer_length,
            max_robot_length=self.improv.max_robot_length,
            controller=load_controller(self.controller),
        )


ControlNumber = Annotated[int, Field(ge=0, le=127, description="a control change number within 0–127")]


class ControlRow(Section):
    action: Action = Field(strict=False, description=f"one of {', '.join(action.value for action in Action)}")
    layer: Layer | None = Field(
        default=None, strict=False, description=f"one of {', '.join(layer.value for layer in Layer)}"
    )
    low: float = Field(default=DEFAULT_LOW, description="a number")
    high: float = Field(default=DEFAULT_HIGH, description="a number")

    @model_validator(mode="after")
    def _layer_fits(self) -> ControlRow:
        allowed = LAYERS_OF_ACTION.get(self.action, (None,))
        if self.layer not in allowed:
            names = ", ".join(layer.value for layer in allowed if layer) or "no layer"
            got = self.layer.value if self.layer else "none"
            raise PydanticCustomError("layer", f"layer: expected {names} for {self.action.value}, got {got}")
        return self


LAYERS_OF_ACTION: Mapping[Action, tuple[Layer | None, ...]] = {
    Action.MUTE: (Layer.CLICK, Layer.BASS, Layer.DRUMS, Layer.CHORDS),
    Action.RECORD: (Layer.BASS, Layer.CHORDS),
    Action.VOLUME: tuple(Layer),
}


class ControllerFile(Section):
    name: str = Field(min_length=1, description="a part of the device's name")
    learn: list[ControlNumber] = Field(description="a list of control change numbers")
    controls: dict[ControlNumber, ControlRow]


def load_config(path: Path | None, overrides: Mapping[str, Mapping[str, object]] | None = None) -> Config:
    """The defaults, what the file at ``path`` says otherwise, and what the command line does.

    Raises: ConfigError with every problem.
    """
    defaults = _read(resources.DEFAULT_CONFIG)
    own = _read(path) if path is not None else {}
    merged = _merge(_merge(defaults, own), overrides or {})
    return _validate(Config, merged, path or resources.DEFAULT_CONFIG)


def load_controller(name: str) -> ControllerMap:
    """The map called ``name``, or the one at that path. Raises: ConfigError."""
    shipped = resources.CONTROLLERS / f"{name}.yaml"
    path = shipped if shipped.is_file() else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in resources.CONTROLLERS.glob("*.yaml")))
        raise ConfigError([f"controller: expected one of {known}, or the path of a map, got {name!r}"])
    file = _validate(ControllerFile, _read(path), path)
    controls = {
        number: Control(row.action, row.layer, row.low, row.high) for number, row in file.controls.items()
    }
    return ControllerMap(file.name, frozenset(file.learn), controls)


def _read(path: Path) -> dict[Any, Any]:
    """The mapping in a YAML file; an empty file is an empty mapping."""
    name = shown(path)
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"{name}: {error.strerror or error}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "not a text file in UTF-8"
        raise ConfigError([f"{name}: {where}expected YAML, {problem}"]) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError([f"{name}: expected keys and values, got {_got(content)}"])
    return content


def _merge(base: Mapping[Any, Any], over: Mapping[Any, Any]) -> dict[Any, Any]:
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return merged


AnySection = TypeVar("AnySection", bound=Section)


def _validate(model: type[AnySection], content: Mapping[Any, Any], path: Path) -> AnySection:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = (_problem(model, details) for details in error.errors())
        raise ConfigError([f"{shown(path)}: {problem}" for problem in dict.fromkeys(problems)]) from error


def _problem(model: type[Section], details: ErrorDetails) -> str:
    location = [part for part in details["loc"] if part != "[key]"]
    key = ".".join(str(part) for part in location)
    match details["type"]:
        case "extra_forbidden":
            known = list(_section(model, location[:-1]).model_fields)
            close = difflib.get_close_matches(str(location[-1]), known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(known)}"
            return f"{key}: unknown key, {hint}"
        case "missing":
            return f"{key}: expected {_expected(model, location)}, got nothing"
        case "bars" | "layer":
            return f"{key}.{details['msg']}"
        case _:
            return f"{key}: expected {_expected(model, location)}, got {_got(details['input'])}"


def _fields(model: type[Section], location: list[int | str]) -> Iterator[Any]:
    """The annotations on the way to ``location``: sections, then the field."""
    for part in location:
        field = model.model_fields.get(str(part))
        if field is None:
            return
        yield field
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            model = field.annotation
        elif str(part) == "controls":
            model = ControlRow
            location = location[2:]
            yield from _fields(model, location)
            return


def _section(model: type[Section], location: list[int | str]) -> type[Section]:
    for field in _fields(model, location):
        model = field.annotation if isinstance(field.annotation, type) else ControlRow
    return model


def _expected(model: type[Section], location: list[int | str]) -> str:
    fields = list(_fields(model, location))
    description = fields[-1].description if fields else None
    return description or "keys and values"


def _got(value: object) -> str:
    """A value as the file's author wrote it, at a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def shown(path: Path) -> str:
    """The path as a person would type it."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)
