"""The configuration: YAML → frozen values. ``configs/default.yaml`` is the only place of defaults."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

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
from psc2.core.chart import Chart
from psc2.core.controls import ControllerMap
from psc2.core.drums import DrumStyle
from psc2.core.fitting import HarmonyPolicy
from psc2.core.grouping import Groups, parse_groups
from psc2.core.memory import Memory
from psc2.core.meter import DENOMINATORS, MAX_NUMERATOR, MIN_NUMERATOR, Form, TimeSignature
from psc2.core.practice import COUNT_INS
from psc2.core.ranges import (
    BARS,
    LOOKAHEADS_MS,
    PERCENT,
    PLAYER_LATENCIES_MS,
    PORTS,
    QPM,
    SWING_PERCENT,
    TEMPERATURES,
    Range,
)
from psc2.core.register import Register
from psc2.core.requests import PrimerRhythm
from psc2.core.setup import Settings, TapUnit, Timing
from psc2.core.spelling import OCTAVE
from psc2.core.swing import Feel, SwingUnit
from psc2.core.turns import (
    PATIENCES_BARS,
    RESTS_BEATS,
    TURN_LENGTHS,
    Answerer,
    ChordPolicy,
    Handover,
    TurnKind,
    TurnRule,
    TurnSettings,
    Under,
)
from psc2.errors import ConfigError
from psc2.models.catalogue import Engine
from psc2.resources import COMMAND
from psc2.scores.notation import pitch_of
from psc2.settings.chart import find_chart, load_chart
from psc2.settings.controller import BoundRow, bound_rows, find_controller, load_controller, taken_twice
from psc2.settings.practice import PracticeSection
from psc2.settings.rig import MidiParts, Sound, Targets, rig_of
from psc2.settings.yaml_file import DevicePart, Section, merge, one_of, read, validate, within


def _time_signature(value: object) -> object:
    return TimeSignature.parse(value) if isinstance(value, str) else value


BROADCAST = re.compile(r"255\.255\.255\.255|(22[4-9]|23\d)\.")  # … and what many share, multicast


def _host(name: str) -> str:
    """A name that the network can be asked for. Raises: ValueError for one that no single host can have."""
    if not re.fullmatch(r"[\w.:%-]+", name) or BROADCAST.match(name):
        raise ValueError(name)
    name.encode("idna")
    return name


METER = r"^ *0*([2-9]|[1-5][0-9]|6[0-4]) */ *0*(4|8|16) *$"  # as ``TimeSignature.parse`` reads it
Meter = Annotated[
    TimeSignature, BeforeValidator(_time_signature), WithJsonSchema({"type": "string", "pattern": METER})
]
Port = Annotated[int, within(PORTS, "a whole number")]
Host = Annotated[
    str,
    Field(min_length=1, description="a host name or address, such as 127.0.0.1"),
    AfterValidator(_host),
]
ModelName = Annotated[str, Field(min_length=1, description=f"the name of a model ({COMMAND} models list)")]
ModelEngine = Annotated[Engine, Field(description=f"one of {', '.join(get_args(Engine))}")]
Temperature = Annotated[float, within(TEMPERATURES)]
Deadline = Annotated[float, within(Range(0.05, 60), "a number of seconds")]


def _swing(value: object) -> object:
    """A swing in percent; None where takes tell it. YAML reads a bare ``off`` as false."""
    if value == "auto":
        return None
    return SWING_PERCENT.low if value is False or value == "off" else value


SWING_SCHEMA = {
    "anyOf": [
        {"enum": ["auto", "off", False]},
        {"type": "number", "minimum": SWING_PERCENT.low, "maximum": SWING_PERCENT.high},
    ]
}
SwingPercent = Annotated[float | None, BeforeValidator(_swing), WithJsonSchema(SWING_SCHEMA)]


def _turns(value: object) -> object:
    """What ends a turn: ``count``, ``bars: 4``, or a table of one row."""
    if isinstance(value, dict) and len(value) == 1:
        value = "{}: {}".format(*next(iter(value.items())))
    return TurnRule.parse(value) if isinstance(value, str) else value


TURN_LENGTH = {"type": "integer", "minimum": TURN_LENGTHS.low, "maximum": TURN_LENGTHS.high}
TURNS_TEXT = r"^ *(count|phrase|pedal|(bars|chorus) *[: ] *0*([1-9]|[1-5][0-9]|6[0-4])) *$"
TURNS_SCHEMA = {
    "anyOf": [
        {"type": "string", "pattern": TURNS_TEXT},
        *(
            {
                "type": "object",
                "properties": {kind.value: TURN_LENGTH},
                "required": [kind.value],
                "additionalProperties": False,
            }
            for kind in TurnKind
            if kind.has_length
        ),
    ]
}


def _register(value: object) -> object:
    """The lowest and the highest pitch, ``C3–C7``; None for ``off``, which YAML reads as false."""
    if value is False or value == "off":
        return None
    low, _, high = str(value).replace("-", "–").partition("–")
    register = Register(pitch_of(low.strip()), pitch_of(high.strip()))
    if register.high - register.low < OCTAVE:
        raise ValueError(value)
    return register


REGISTER_SCHEMA = {
    "anyOf": [
        {"enum": ["off", False]},
        {"type": "string", "pattern": r"^ *[A-G][#b]?[0-9] *[-–] *[A-G][#b]?[0-9] *$"},
    ]
}


def _harmony(value: object) -> object:
    return "off" if value is False else value


Harmony = Annotated[
    HarmonyPolicy,
    BeforeValidator(_harmony),
    WithJsonSchema({"enum": [*(policy.value for policy in HarmonyPolicy), False]}),
]


def _groups(value: object) -> object:
    """The groups of a bar's beats; () for ``auto``."""
    if value == "auto":
        return ()
    return parse_groups(value) if isinstance(value, str) else value


GROUPS_SCHEMA = {"type": "string", "pattern": r"^(auto|[1-9][0-9]*(\+[1-9][0-9]*)*)$"}
Grouping = Annotated[Groups, BeforeValidator(_groups), WithJsonSchema(GROUPS_SCHEMA)]
RegisterText = Annotated[Register | None, BeforeValidator(_register), WithJsonSchema(REGISTER_SCHEMA)]
Turns = Annotated[TurnRule, BeforeValidator(_turns), WithJsonSchema(TURNS_SCHEMA)]


class Music(Section):
    time_signature: Meter = Field(
        description=f'a time signature such as "7/8", numerator {MIN_NUMERATOR}–{MAX_NUMERATOR}, '
        f"denominator {', '.join(map(str, DENOMINATORS[:-1]))} or {DENOMINATORS[-1]}"
    )
    num_bars: int = Field(
        ge=BARS.low, le=BARS.high, description=f"a whole number of bars within {BARS.low} to max_bars"
    )
    max_bars: int = within(BARS, "a whole number of bars")
    qpm: float = within(QPM)
    swing: SwingPercent = within(SWING_PERCENT, "auto, off, or a number of percent")
    swing_unit: SwingUnit = one_of(SwingUnit)
    quantise: float = within(PERCENT, "a number of percent")
    tap_unit: TapUnit = one_of(TapUnit)
    count_in_bars: int = within(COUNT_INS, "a whole number of bars")
    first_key_starts: bool = Field(description="true for a first key that starts the loop, or false")
    chart: str = Field(description="a chart of chords, the path of one, or a link of iReal Pro")
    grouping: Grouping = Field(description='auto, or the groups of a bar\'s beats such as "2+2+3"')

    @property
    def feel(self) -> Feel:
        """How the loop swings at first."""
        learns = self.swing is None
        ratio = (SWING_PERCENT.low if self.swing is None else self.swing) / 100
        return Feel(ratio, self.swing_unit, learns, self.quantise)

    @field_validator("grouping")
    @classmethod
    def _fills_a_bar(cls, grouping: Groups, info: ValidationInfo) -> Groups:
        meter = info.data.get("time_signature")
        if grouping and meter is not None and sum(grouping) != meter.numerator and not info.data.get("chart"):
            expected = f"grouping: expected groups of {meter.numerator} beats in all, got {sum(grouping)}"
            raise PydanticCustomError("beside", expected)
        return grouping

    @field_validator("max_bars")
    @classmethod
    def _bars_fit(cls, max_bars: int, info: ValidationInfo) -> int:
        num_bars = info.data.get("num_bars", 1)
        if num_bars > max_bars:
            raise PydanticCustomError(
                "beside", f"num_bars: expected at most max_bars, {max_bars}, got {num_bars}"
            )
        return max_bars


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


# Classes have a method of that name, by which nobody registers anything here.
warnings.filterwarnings("ignore", 'Field name "register" in "ImprovSection" shadows')


class ImprovSection(Section):
    min_primer_length: int = within(Range(1, 200), "a whole number of notes")
    max_robot_length: int = within(Range(1, 200), "a whole number of pitches")
    model: ModelName
    engine: ModelEngine
    temperature: Temperature
    primer_rhythm: PrimerRhythm = one_of(PrimerRhythm)
    deadline_s: Deadline
    turns: Turns = Field(
        description=f"count, phrase, pedal, {{bars: N}} or {{chorus: N}} with N within {TURN_LENGTHS}"
    )
    takeover: Handover = one_of(Handover)
    handback: Handover = one_of(Handover)
    rest_beats: float = within(RESTS_BEATS, "a number of beats")
    patience_bars: float = within(PATIENCES_BARS, "a number of bars")
    harmony: Harmony = one_of(HarmonyPolicy)
    register: RegisterText = Field(description="two notes an octave or more apart, such as C3–C7, or off")
    chords: ChordPolicy = one_of(ChordPolicy)
    answer: Answerer = one_of(Answerer)
    under: Under = one_of(Under)

    @property
    def turn_settings(self) -> TurnSettings:
        """How turns are taken, whatever ends them."""
        return TurnSettings(
            rule=self.turns,
            takeover=self.takeover,
            handback=self.handback,
            rest_beats=self.rest_beats,
            patience_bars=self.patience_bars,
            chords=self.chords,
            answer=self.answer,
            under=self.under,
        )


class Drums(Section):
    style: DrumStyle = one_of(DrumStyle)
    model: ModelName
    engine: ModelEngine
    temperature: Temperature
    deadline_s: Deadline


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
        if music is not None:
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
        music = self.music
        return Memory(
            form=self.chart.form if self.chart else Form(music.time_signature, music.num_bars),
            qpm=music.qpm,
            melody_temperature=self.improv.temperature,
            drums_temperature=self.drums.temperature,
            practice=self.practice.practice(music.count_in_bars),
            feel=music.feel,
            turns=self.improv.turns,
            chart=self.chart,
            harmony=self.improv.harmony,
        )

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
            primer_rhythm=self.improv.primer_rhythm,
            turns=self.improv.turn_settings,
            groups=self.music.grouping,
            register=self.improv.register,
            drum_style=self.drums.style,
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
    return config


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
