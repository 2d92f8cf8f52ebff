"""``improv`` and ``drums``: who plays with you, and by which rules."""

from __future__ import annotations

import warnings
from typing import Annotated, get_args

from pydantic import BeforeValidator, Field, WithJsonSchema

from psc2.core.band import Band
from psc2.core.bass_player import BassStyle
from psc2.core.chart import Chart
from psc2.core.comping import CompingStyle
from psc2.core.drum_styles import DrumStyle
from psc2.core.fitting import HarmonyPolicy
from psc2.core.ranges import CANDIDATES, TEMPERATURES, Range
from psc2.core.register import Register
from psc2.core.requests import Generation, PrimerRhythm
from psc2.core.spelling import OCTAVE
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
from psc2.models.catalogue import Engine
from psc2.resources import COMMAND
from psc2.scores.notation import pitch_of
from psc2.settings.yaml_file import Section, one_of, within

ModelName = Annotated[str, Field(min_length=1, description=f"the name of a model ({COMMAND} models list)")]
ModelEngine = Annotated[Engine, Field(description=f"one of {', '.join(get_args(Engine))}")]
Temperature = Annotated[float, within(TEMPERATURES)]
Deadline = Annotated[float, within(Range(0.05, 60), "a number of seconds")]


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


RegisterText = Annotated[Register | None, BeforeValidator(_register), WithJsonSchema(REGISTER_SCHEMA)]


def _off(value: object) -> object:
    """YAML reads a bare ``off`` as false."""
    return "off" if value is False else value


Harmony = Annotated[
    HarmonyPolicy,
    BeforeValidator(_off),
    WithJsonSchema({"enum": [*(policy.value for policy in HarmonyPolicy), False]}),
]


Turns = Annotated[TurnRule, BeforeValidator(_turns), WithJsonSchema(TURNS_SCHEMA)]


# Classes have a method of that name, by which nobody registers anything here.
warnings.filterwarnings("ignore", 'Field name "register" in "ImprovSection" shadows')


class ImprovSection(Section):
    min_primer_length: int = within(Range(1, 200), "a whole number of notes")
    max_robot_length: int = within(Range(1, 200), "a whole number of pitches")
    model: ModelName
    engine: ModelEngine
    temperature: Temperature
    generation: Generation = one_of(Generation)
    primer_rhythm: PrimerRhythm = one_of(PrimerRhythm)
    candidates: int = within(CANDIDATES, "a whole number of continuations")
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


def _auto(value: object) -> object:
    """What a setting says; None where that is left to the chart."""
    return None if value == "auto" else _off(value)


Bass = Annotated[
    BassStyle | None,
    BeforeValidator(_auto),
    WithJsonSchema({"enum": ["auto", *(style.value for style in BassStyle), False]}),
]
Comping = Annotated[
    CompingStyle,
    BeforeValidator(_off),
    WithJsonSchema({"enum": [*(style.value for style in CompingStyle), False]}),
]


class BandSection(Section):
    bass: Bass = Field(strict=False, description=f"auto, {', '.join(style.value for style in BassStyle)}")
    comping: Comping = one_of(CompingStyle)
    drums: bool = Field(description="true for a beat that begins with the band, or false")

    def band(self, chart: Chart) -> Band:
        """Who plays from a chart at first: the bass walks where its style swings and is no ballad."""
        walks = chart.playing.swings and "ballad" not in chart.style.lower()
        return Band(self.bass or (BassStyle.WALKING if walks else BassStyle.TWO), self.comping)


BeatStyle = Annotated[
    DrumStyle | None,
    BeforeValidator(_auto),
    WithJsonSchema({"enum": ["auto", *(style.value for style in DrumStyle)]}),
]


class Drums(Section):
    style: BeatStyle = Field(
        strict=False, description=f"auto, {', '.join(style.value for style in DrumStyle)}"
    )
    model: ModelName
    engine: ModelEngine
    temperature: Temperature
    deadline_s: Deadline
