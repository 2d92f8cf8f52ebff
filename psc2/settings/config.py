"""The configuration: YAML → frozen values. ``configs/default.yaml`` is the only place of defaults."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from psc2 import resources
from psc2.core.band import Band
from psc2.core.chart import Chart
from psc2.core.controls import ControllerMap
from psc2.core.drum_styles import DrumStyle
from psc2.core.loop import Beat
from psc2.core.memory import Memory
from psc2.core.meter import Form
from psc2.core.ranges import LOOKAHEADS_MS, PLAYER_LATENCIES_MS, PORTS, Range
from psc2.core.requests import Generation
from psc2.core.setup import Settings, Timing
from psc2.errors import ConfigError
from psc2.models import catalogue
from psc2.settings.chart import find_chart, load_chart
from psc2.settings.controller import BoundRow, bound_rows, find_controller, load_controller, taken_twice
from psc2.settings.music import Music
from psc2.settings.players import BandSection, Drums, ImprovSection
from psc2.settings.practice import PracticeSection
from psc2.settings.rig import MidiParts, Sound, Targets, rig_of
from psc2.settings.yaml_file import DevicePart, Section, merge, one_of, read, shown, validate, within

BROADCAST = re.compile(r"255\.255\.255\.255|(22[4-9]|23\d)\.")  # … and what many share, multicast


def _host(name: str) -> str:
    """A name that the network can be asked for. Raises: ValueError for one that no single host can have."""
    if not re.fullmatch(r"[\w.:%-]+", name) or BROADCAST.match(name):
        raise ValueError(name)
    name.encode("idna")
    return name


Port = Annotated[int, within(PORTS, "a whole number")]
Host = Annotated[
    str,
    Field(min_length=1, description="a host name or address, such as 127.0.0.1"),
    AfterValidator(_host),
]
LOCAL_HOSTS = ("127.0.0.1", "localhost", "0.0.0.0", "::1")


class Osc(Section):
    receive_host: Host
    receive_port: Port
    send_host: Host
    send_port: Port
    allow: list[Host] = Field(description="a list of host names or addresses")

    @field_validator("send_port")
    @classmethod
    def _is_another(cls, send_port: int, info: ValidationInfo) -> int:
        """Check that the daemon would not hear itself."""
        send_host, receive_port = info.data.get("send_host"), info.data.get("receive_port")
        if send_port == receive_port and send_host in (*LOCAL_HOSTS, info.data.get("receive_host")):
            raise PydanticCustomError(
                "beside", f"send_port: expected another port than receive_port, got {send_port} for both"
            )
        return send_port

    @property
    def own_port(self) -> int | None:
        """Where the daemon listens, if that is on the computer to which it sends."""
        return self.receive_port if self.send_host in (*LOCAL_HOSTS, self.receive_host) else None


THIS_COMPUTER = ("127.0.0.1", "localhost")
MIN_TOKEN = 8
OPTIONS = Path("the options")  # where a problem is that no file has


def _auto(value: object) -> object:
    return None if value == "auto" else value


LOOKAHEAD_SCHEMA = {
    "anyOf": [
        {"enum": ["auto"]},
        {"type": "number", "minimum": LOOKAHEADS_MS.low, "maximum": LOOKAHEADS_MS.high},
    ]
}
Lookahead = Annotated[float | None, BeforeValidator(_auto), WithJsonSchema(LOOKAHEAD_SCHEMA)]


class OutputSection(Section):
    timing: Timing = one_of(Timing)
    lookahead_ms: Lookahead = within(LOOKAHEADS_MS, "auto, or a number of milliseconds")
    target: Targets
    midi: MidiParts


class Web(Section):
    host: Host
    port: int = within(Range(0, PORTS.high), "a whole number")
    token: str = Field(description=f"a text of {MIN_TOKEN} characters or more, where others are served")

    @field_validator("token")
    @classmethod
    def _is_secret(cls, token: str, info: ValidationInfo) -> str:
        """Check that nobody on the network gets in without one."""
        host = info.data.get("host", "127.0.0.1")
        if len(token) < MIN_TOKEN and (token or host not in THIS_COMPUTER):
            raise ValueError(token)
        return token


class MidiIn(Section):
    keyboards: list[DevicePart] = Field(description="a list of parts of devices' names")
    ignore: list[DevicePart] = Field(description="a list of parts of devices' names")
    latency_ms: float = within(PLAYER_LATENCIES_MS, "a number of milliseconds")
    controls: list[BoundRow] = Field(description="a list of rows such as {control: 64, action: hold}")

    @field_validator("controls")
    @classmethod
    def _are_bound_once(cls, controls: list[BoundRow]) -> list[BoundRow]:
        twice = taken_twice(controls)
        if twice is not None:
            raise PydanticCustomError("beside", f"controls: expected each once, got two rows for {twice}")
        return controls


class Config(Section):
    """All that may be configured, with the controller's map that it names."""

    music: Music
    practice: PracticeSection
    osc: Osc
    output: OutputSection
    sound: Sound
    improv: ImprovSection
    band: BandSection
    drums: Drums
    web: Web
    midi: MidiIn
    controller: str = Field(
        min_length=1, description="the name of a map in configs/controllers, or the path of one"
    )

    @field_validator("practice")
    @classmethod
    def _fits_the_music(cls, practice: PracticeSection, info: ValidationInfo) -> PracticeSection:
        music = info.data.get("music")
        if music is not None and not music.chart:  # whose meter is yet to be read
            practice.check(music.time_signature, music.qpm)
        return practice

    _controller_map: ControllerMap | None = PrivateAttr(default=None)
    _chart: Chart | None = PrivateAttr(default=None)

    @property
    def controller_map(self) -> ControllerMap:
        """The controller's map, read together with the configuration."""
        assert self._controller_map is not None, "load_files has read it"
        return self._controller_map

    @property
    def chart(self) -> Chart | None:
        """The chart of the tune, read together with the configuration; None if there is none."""
        return self._chart

    def allowed_hosts(self) -> list[str]:
        """Whom the daemon listens to beside this computer: the other side's host, and others as named."""
        return [self.osc.send_host, *self.osc.allow]

    def memory(self) -> Memory:
        """What the instrument begins with."""
        music, chart, band = self.music, self.chart, self._band
        return Memory(
            form=chart.form if chart else Form(music.time_signature, music.num_bars),
            qpm=music.qpm,
            melody_temperature=self.improv.temperature,
            drums_temperature=self.drums.temperature,
            practice=self.practice.practice(music.count_in_bars),
            feel=music.feel_with(chart) if chart and band != Band() else music.feel,
            turns=self.improv.turns,
            chart=chart,
            band=band,
            beat=Beat.DETERMINISTIC if band != Band() and self.band.drums else Beat.NONE,
            harmony=self.improv.harmony,
        )

    @property
    def _band(self) -> Band:
        """Who plays from the chart at first; nobody without one."""
        return self.band.band(self.chart) if self.chart else Band()

    def _drum_style(self) -> DrumStyle:
        """The style that is configured, or the one that fits the band."""
        banded = self.chart if self._band != Band() else None
        return self.drums.style or (banded.playing.drums if banded else DrumStyle.PAPER)

    def _generation(self) -> Generation:
        """When pitches are made: as configured, but phrases of a model that only makes those."""
        can = self.improv.generation is Generation.PHRASE or catalogue.weighs_pitches(self.improv.model)
        return self.improv.generation if can else Generation.PHRASE

    def settings(self) -> Settings:
        """What stays as it was configured, as the rules need it."""
        lookahead_ms = self.output.lookahead_ms
        return Settings(
            max_bars=max(self.music.max_bars, len(self.chart.bars) if self.chart else 0),
            tap_unit=self.music.tap_unit,
            click_beats=self.practice.click_beats,
            first_key_starts=self.music.first_key_starts,
            timing=self.output.timing,
            lookahead_s=None if lookahead_ms is None else lookahead_ms / 1000,
            min_primer_length=self.improv.min_primer_length,
            max_robot_length=self.improv.max_robot_length,
            generation=self._generation(),
            primer_rhythm=self.improv.primer_rhythm,
            candidates=self.improv.candidates,
            turns=self.improv.turn_settings,
            groups=self.music.grouping,
            register=self.improv.register,
            drum_style=self._drum_style(),
            transpose=self.practice.transpose,
            send_port=self.osc.send_port,
            receive_port=self.osc.own_port,
            controller=self.controller_map,
            bound=bound_rows(self.midi.controls),
            keyboards=tuple(self.midi.keyboards),
            ignored=tuple(self.midi.ignore),
            latency_s=self.midi.latency_ms / 1000,
            rig=rig_of(self.output.target, self.output.midi, self.sound),
        )


def load_config(path: Path | None, overrides: Mapping[str, Mapping[str, object]] | None = None) -> Config:
    """The configuration of one file, as ``load_files`` has it. Raises: ConfigError with every problem."""
    return load_files([path] if path is not None else [], overrides)


def load_files(paths: Sequence[Path], overrides: Mapping[str, Mapping[str, object]] | None = None) -> Config:
    """The defaults, what each file says otherwise than those before it, and what the command line does.

    Raises: ConfigError with every problem of every file.
    """
    content, controller_map = _loaded(paths, overrides)
    config = Config.model_validate(content)
    config._controller_map = controller_map
    config._chart = load_chart(config.music.chart)
    by_options = (overrides or {}).get("music") or (overrides or {}).get("practice")
    _check_meter(config, OPTIONS if by_options else [resources.DEFAULT_CONFIG, *paths][-1])
    return config


def _check_meter(config: Config, path: Path) -> None:
    """Check what has to go with the meter, the chart's if there is one. Raises: ConfigError."""
    groups, own_meter = config.music.grouping, config.music.time_signature
    meter = config.chart.time_signature if config.chart else own_meter
    if groups and sum(groups) != meter.numerator == own_meter.numerator:  # a chart's meter has its own
        expected = f"music.grouping: expected groups of {meter.numerator} beats in all, got {sum(groups)}"
        raise ConfigError([f"{shown(path)}: {expected}"])
    try:
        config.practice.check(meter, config.music.qpm)
    except PydanticCustomError as error:
        raise ConfigError([f"{shown(path)}: practice.{error.message()}"]) from error


def own_files(path: Path | None) -> list[Path]:
    """What is read beside the defaults: the user's own configuration, where there is one, and ``path``."""
    named = resources.named_config()  # which has to be there
    user = named or resources.user_config()
    is_wanted = user != Path(os.devnull) if named else os.path.exists(user)
    return [*([user] if is_wanted else []), *([path] if path is not None else [])]


def in_force(paths: Sequence[Path]) -> dict[Any, Any]:
    """What ``load_files`` finds, as a file would say it. Raises: ConfigError."""
    return _loaded(paths)[0]


def _loaded(
    paths: Sequence[Path], overrides: Mapping[str, Mapping[str, object]] | None = None
) -> tuple[dict[Any, Any], ControllerMap]:
    """The content that holds, and the controller's map that it names. Raises: ConfigError."""
    content = read(resources.DEFAULT_CONFIG)
    problems: list[str] = []
    for path in paths:
        try:
            content = _with(content, read(path), path)
        except ConfigError as error:  # and what it says is nothing to measure the next one by
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    options = overrides or {}
    path = OPTIONS if any(options.values()) else [resources.DEFAULT_CONFIG, *paths][-1]
    content = _with(content, options, path)
    return content, load_controller(content["controller"])


def _with(content: Mapping[Any, Any], own: Mapping[Any, Any], path: Path) -> dict[Any, Any]:
    """``content`` with what the file at ``path`` says otherwise. Raises: ConfigError."""
    merged = merge(content, own)
    config = validate(Config, merged, path)
    if "controller" in own:
        merged["controller"] = find_controller(config.controller, beside=path)
    if "chart" in own.get("music", {}):
        merged["music"] = {**merged["music"], "chart": find_chart(config.music.chart, beside=path)}
    return merged
