"""The part of the configuration that says what is practised with."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from psc2.core.click import BEATS, EVERY_BEAT, GAP_BARS, ClickBeats, Gap, GapMode
from psc2.core.meter import TimeSignature
from psc2.core.practice import Practice
from psc2.core.ramp import RAMP_PASSES, RAMP_STEPS, Ramp, RampRun
from psc2.core.ranges import PERCENT, QPM
from psc2.core.transposing import EVERY_KEY, INTERVALS, Transposition
from psc2.settings.yaml_file import Section, one_of, within

WORDS = {"all": EVERY_BEAT, "offbeats": ClickBeats(offbeats=True)}


def _click_beats(value: object) -> ClickBeats:
    """The beats that a word or a list names, each once. Raises: ValueError."""
    if isinstance(value, str) and value in WORDS:
        return WORDS[value]
    beats = value if isinstance(value, list) else []
    if not beats or not all(type(beat) is int and beat in BEATS for beat in beats):
        raise ValueError(value)
    return ClickBeats(tuple(sorted(set(beats))))


CLICK_BEATS_SCHEMA = {
    "anyOf": [
        {"enum": [*WORDS]},
        {
            "type": "array",
            "minItems": 1,
            "items": {"type": "integer", "minimum": BEATS.low, "maximum": BEATS.high},
        },
    ]
}
Beats = Annotated[ClickBeats, BeforeValidator(_click_beats), WithJsonSchema(CLICK_BEATS_SCHEMA)]


def _transpose(value: object) -> object:
    """How far the chart goes up each chorus. Raises: ValueError."""
    if value == "all":
        return EVERY_KEY
    if type(value) is not int or value not in INTERVALS:
        raise ValueError(value)
    return Transposition(value)


TRANSPOSE_SCHEMA = {
    "anyOf": [
        {"enum": ["all"]},
        {"type": "integer", "minimum": INTERVALS.low, "maximum": INTERVALS.high},
    ]
}
Transpose = Annotated[Transposition, BeforeValidator(_transpose), WithJsonSchema(TRANSPOSE_SCHEMA)]


class GapSection(Section):
    mode: GapMode = one_of(GapMode)
    click_bars: int = within(GAP_BARS, "a whole number of bars")
    silent_bars: int = within(GAP_BARS, "a whole number of bars")
    chance_percent: float = within(PERCENT)


class RampSection(Section):
    active: bool = Field(description="true for a tempo that changes by itself, or false")
    step_qpm: float = within(RAMP_STEPS, "a number of qpm")
    passes: int = within(RAMP_PASSES, "a whole number of passes")
    limit_qpm: float = within(QPM)
    back: bool = Field(description="true for a ramp that returns to where it began, or false")


class PracticeSection(Section):
    click_beats: Beats = Field(
        description=f"all, offbeats, or a list of beats within {BEATS} such as [2, 4]",
    )
    gap: GapSection
    metronome_only: bool = Field(description="true for the click without the loop, or false")
    transpose: Transpose = Field(description=f"a number of semitones within {INTERVALS}, or all")
    ramp: RampSection

    def check(self, time_signature: TimeSignature, qpm: float) -> None:
        """Check that something clicks, and that a ramp leads somewhere. Raises: PydanticCustomError."""
        if not self.click_beats.steps_of(time_signature):
            has = "no off-beats" if self.click_beats.offbeats else f"beats 1–{time_signature.numerator}"
            got = "offbeats" if self.click_beats.offbeats else f"{[*self.click_beats.beats]}"
            raise PydanticCustomError(
                "row", f"click_beats: expected a beat of {time_signature}, which has {has}, got {got}"
            )
        ramp = self._ramp()
        if ramp.active and not ramp.step_qpm:
            raise PydanticCustomError("row", "ramp.step_qpm: expected another number than 0, got 0")
        if ramp.active and RampRun(qpm).goal_qpm(ramp, qpm) is None:
            side = "above" if ramp.step_qpm > 0 else "below"
            expected = f"a tempo {side} music.qpm, {qpm:g}, as step_qpm is {ramp.step_qpm:g}"
            raise PydanticCustomError("row", f"ramp.limit_qpm: expected {expected}, got {ramp.limit_qpm:g}")

    def _ramp(self) -> Ramp:
        ramp = self.ramp
        return Ramp(ramp.active, ramp.step_qpm, ramp.passes, ramp.limit_qpm, ramp.back)

    def practice(self, count_in_bars: int) -> Practice:
        """What the instrument begins with."""
        gap = self.gap
        return Practice(
            count_in_bars=count_in_bars,
            click_beats=self.click_beats,
            gap=Gap(gap.mode, gap.click_bars, gap.silent_bars, gap.chance_percent),
            metronome_only=self.metronome_only,
            ramp=self._ramp(),
            transpose=self.transpose,
        )
