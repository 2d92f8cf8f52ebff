"""``music``: the loop's form and tempo, how it swings, and the tune's chart."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from psc2.core.chart import Chart
from psc2.core.grouping import Groups, parse_groups
from psc2.core.meter import DENOMINATORS, MAX_NUMERATOR, MIN_NUMERATOR, TimeSignature
from psc2.core.practice import COUNT_INS
from psc2.core.ranges import BARS, PERCENT, QPM, SWING_PERCENT
from psc2.core.setup import TapUnit
from psc2.core.swing import Feel, SwingUnit
from psc2.settings.yaml_file import Section, one_of, within


def _time_signature(value: object) -> object:
    return TimeSignature.parse(value) if isinstance(value, str) else value


METER = r"^ *0*([2-9]|[1-5][0-9]|6[0-4]) */ *0*(4|8|16) *$"  # as ``TimeSignature.parse`` reads it
Meter = Annotated[
    TimeSignature, BeforeValidator(_time_signature), WithJsonSchema({"type": "string", "pattern": METER})
]


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


def _groups(value: object) -> object:
    """The groups of a bar's beats; () for ``auto``."""
    if value == "auto":
        return ()
    return parse_groups(value) if isinstance(value, str) else value


GROUPS_SCHEMA = {"type": "string", "pattern": r"^(auto|[1-9][0-9]*(\+[1-9][0-9]*)*)$"}
Grouping = Annotated[Groups, BeforeValidator(_groups), WithJsonSchema(GROUPS_SCHEMA)]


class Music(Section):
    time_signature: Meter = Field(
        description=f'a time signature such as "7/8", numerator {MIN_NUMERATOR}–{MAX_NUMERATOR}, '
        f"denominator {', '.join(map(str, DENOMINATORS[:-1]))} or {DENOMINATORS[-1]}"
    )
    chart: str = Field(description="a chart of chords, the path of one, or a link of iReal Pro")
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
    grouping: Grouping = Field(description='auto, or the groups of a bar\'s beats such as "2+2+3"')

    @property
    def feel(self) -> Feel:
        """How the loop swings at first."""
        learns = self.swing is None
        ratio = (SWING_PERCENT.low if self.swing is None else self.swing) / 100
        return Feel(ratio, self.swing_unit, learns, self.quantise)

    def feel_with(self, chart: Chart) -> Feel:
        """How a band swings at first: where nothing else is said, as its chart is played at the tempo."""
        follows = self.swing is None and chart.swings and self.swing_unit is SwingUnit.EIGHTH
        return replace(self.feel, follows_tempo=follows).at(self.qpm)

    @field_validator("max_bars")
    @classmethod
    def _bars_fit(cls, max_bars: int, info: ValidationInfo) -> int:
        num_bars = info.data.get("num_bars", 1)
        if num_bars > max_bars and not info.data.get("chart"):  # which says how many bars there are
            raise PydanticCustomError(
                "beside", f"num_bars: expected at most max_bars, {max_bars}, got {num_bars}"
            )
        return max_bars
