"""The configuration: YAML → frozen values. ``configs/default.yaml`` is the only place of defaults."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from psc2 import resources
from psc2.core.controls import DEFAULT_HIGH, DEFAULT_LOW, Action, Control, ControllerMap
from psc2.core.events import PrimerRhythm
from psc2.core.instruments import Layer
from psc2.core.meter import TimeSignature
from psc2.core.state import Settings, TapUnit, Timing
from psc2.core.transport import MAX_QPM, MIN_QPM
from psc2.errors import ConfigError
from psc2.settings.rig import MidiParts, Sound, Targets, rig_of
from psc2.settings.yaml_file import Section, merge, read, shown, validate


def _time_signature(value: object) -> object:
    return TimeSignature.parse(value) if isinstance(value, str) else value


METER = r"^\s*0*([2-9]|[1-5][0-9]|6[0-4])\s*/\s*0*(4|8|16)\s*$"  # as ``TimeSignature.parse`` reads it
Meter = Annotated[
    TimeSignature, BeforeValidator(_time_signature), WithJsonSchema({"type": "string", "pattern": METER})
]
Port = Annotated[int, Field(ge=1, le=65535, description="a whole number within 1–65535")]
Host = Annotated[str, Field(min_length=1, description="a host name or address, such as 127.0.0.1")]
ModelName = Annotated[str, Field(min_length=1, description="the name of a model (psc2 models list)")]
ModelEngine = Annotated[Literal["native", "magenta"], Field(description="one of native, magenta")]
Temperature = Annotated[float, Field(ge=0.05, le=4, description="a number within 0.05–4")]
Deadline = Annotated[float, Field(ge=0.05, le=60, description="a number of seconds within 0.05–60")]


class Music(Section):
    time_signature: Meter = Field(
        description='a time signature such as "7/8", numerator 2–64, denominator 4, 8 or 16'
    )
    num_bars: int = Field(ge=1, le=256, description="a whole number of bars within 1 to max_bars")
    max_bars: int = Field(ge=1, le=256, description="a whole number of bars within 1–256")
    qpm: float = Field(ge=MIN_QPM, le=MAX_QPM, description=f"a number within {MIN_QPM:g}–{MAX_QPM:g}")
    tap_unit: TapUnit = Field(strict=False, description="one of quarter, click, dotted_quarter")
    count_in_bars: int = Field(ge=0, le=8, description="a whole number of bars within 0–8")

    @field_validator("max_bars")
    @classmethod
    def _bars_fit(cls, max_bars: int, info: ValidationInfo) -> int:
        num_bars = info.data.get("num_bars", 1)
        if num_bars > max_bars:
            raise PydanticCustomError(
                "bars", f"num_bars: expected at most max_bars, {max_bars}, got {num_bars}"
            )
        return max_bars


class Osc(Section):
    receive_host: Host
    receive_port: Port
    send_host: Host
    send_port: Port


class Output(Section):
    timing: Timing = Field(strict=False, description="one of timetag, immediate, auto")
    lookahead_ms: float = Field(ge=10, le=200, description="a number of milliseconds within 10–200")
    target: Targets
    midi: MidiParts


class Improv(Section):
    min_primer_length: int = Field(ge=1, le=200, description="a whole number of notes within 1–200")
    max_robot_length: int = Field(ge=1, le=200, description="a whole number of pitches within 1–200")
    model: ModelName
    engine: ModelEngine
    temperature: Temperature
    primer_rhythm: PrimerRhythm = Field(strict=False, description="one of even, played")
    deadline_s: Deadline


class Drums(Section):
    model: ModelName
    engine: ModelEngine
    temperature: Temperature
    deadline_s: Deadline


class Config(Section):
    """What ``psc2 play`` is told."""

    music: Music
    osc: Osc
    output: Output
    sound: Sound
    improv: Improv
    drums: Drums
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
            primer_rhythm=self.improv.primer_rhythm,
            melody_temperature=self.improv.temperature,
            drums_temperature=self.drums.temperature,
            send_port=self.osc.send_port,
            controller=load_controller(self.controller),
            rig=rig_of(self.output.target, self.output.midi, self.sound),
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
    def _scale_fits(self) -> ControlRow:
        if self.action in SCALED and not {"low", "high"} <= self.model_fields_set:
            raise PydanticCustomError(
                "row", f"low, high: expected what 0 and 127 mean for {self.action.value}"
            )
        if self.low == self.high:
            raise PydanticCustomError("row", f"high: expected another number than low, got {self.high:g}")
        return self

    @model_validator(mode="after")
    def _layer_fits(self) -> ControlRow:
        allowed = LAYERS_OF_ACTION.get(self.action, (None,))
        if self.layer not in allowed:
            names = ", ".join(layer.value for layer in allowed if layer) or "no layer"
            got = self.layer.value if self.layer else "none"
            raise PydanticCustomError("row", f"layer: expected {names} for {self.action.value}, got {got}")
        return self


SCALED = (Action.QPM, Action.DRUMS_TEMPERATURE, Action.MELODY_TEMPERATURE)  # whose scale is not a fader's
LAYERS_OF_ACTION: Mapping[Action, tuple[Layer | None, ...]] = {
    Action.MUTE: (Layer.CLICK, Layer.BASS, Layer.DRUMS, Layer.CHORDS),
    Action.RECORD: (Layer.BASS, Layer.CHORDS),
    Action.VOLUME: tuple(Layer),
}


class ControllerFile(Section):
    name: str = Field(min_length=1, description="a part of the device's name")
    learn: list[ControlNumber] = Field(description="a list of control change numbers")
    controls: dict[ControlNumber, ControlRow] = Field(description="control change numbers within 0–127")


def load_config(path: Path | None, overrides: Mapping[str, Mapping[str, object]] | None = None) -> Config:
    """The defaults, what the file at ``path`` says otherwise, and what the command line does.

    Raises: ConfigError with every problem.
    """
    return load_files([path] if path is not None else [], overrides)


def load_files(paths: Sequence[Path], overrides: Mapping[str, Mapping[str, object]] | None = None) -> Config:
    """As ``load_config``, where each file says what differs from those before it.

    Raises: ConfigError with every problem of every file.
    """
    return Config.model_validate(in_force(paths, overrides))


def own_files(path: Path | None) -> list[Path]:
    """What is read beside the defaults: the user's own configuration, where there is one, and ``path``."""
    named = resources.named_config()  # which has to be there
    user = named or resources.user_config()
    is_wanted = user != Path(os.devnull) if named else os.path.exists(user)
    return [*([user] if is_wanted else []), *([path] if path is not None else [])]


def in_force(
    paths: Sequence[Path], overrides: Mapping[str, Mapping[str, object]] | None = None
) -> dict[Any, Any]:
    """What ``load_files`` finds, as a file would say it. Raises: ConfigError."""
    content = read(resources.DEFAULT_CONFIG)
    problems: list[str] = []
    for path in paths:
        try:
            content = _with(content, read(path), path)
        except ConfigError as error:  # and what it says is nothing to measure the next one by
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    return _with(content, overrides or {}, [resources.DEFAULT_CONFIG, *paths][-1])


def _with(content: Mapping[Any, Any], own: Mapping[Any, Any], path: Path) -> dict[Any, Any]:
    """``content`` with what the file at ``path`` says otherwise. Raises: ConfigError."""
    merged = merge(content, own)
    config = validate(Config, merged, path)
    if "controller" in own and not _shipped(config.controller).is_file():
        beside = path.parent / config.controller  # a map of one's own is looked for beside the configuration
        if not beside.is_file():
            known = ", ".join(sorted(file.stem for file in resources.CONTROLLERS.glob("*.yaml")))
            raise ConfigError([
                f"{shown(path)}: controller: expected one of {known}, or the path of a map, "
                f"got {json.dumps(config.controller)}"
            ])  # fmt: skip
        merged["controller"] = str(beside.absolute())
    return merged


def load_controller(name: str) -> ControllerMap:
    """The map called ``name``, or the one at that path. Raises: ConfigError."""
    path = _shipped(name) if _shipped(name).is_file() else Path(name)
    file = validate(ControllerFile, read(path), path)
    controls = {
        number: Control(row.action, row.layer, row.low, row.high) for number, row in file.controls.items()
    }
    return ControllerMap(file.name, frozenset(file.learn), controls)


def _shipped(name: str) -> Path:
    return resources.CONTROLLERS / f"{name}.yaml"
