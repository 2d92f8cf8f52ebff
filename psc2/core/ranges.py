"""Which numbers there are: ranges, both ends inclusive, named once for types, settings, wire and page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from ``low`` to ``high``, both inclusive.

    >>> Range(20, 400).clamp(12), 12 in Range(20, 400), str(Range(20, 400))
    (20, False, '20–400')
    """

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def clamp(self, value: float) -> float:
        """The number within the range that is nearest to ``value``."""
        return max(self.low, min(self.high, value))

    def __str__(self) -> str:
        return f"{self.low:.10g}–{self.high:.10g}"

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """The range as a limit, for whoever reads the annotated types with pydantic: see ``wire.codec``."""
        return {**handler(source), "ge": self.low, "le": self.high}


def counted(count: int, noun: str) -> str:
    """A number of things in words.

    >>> counted(1, "bar"), counted(1200, "bar")
    ('1 bar', '1,200 bars')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


SEVEN_BITS = Range(0, 127)
VELOCITIES = Range(1, 127)
BENDS = Range(0, 16_383)
BEND_CENTRE = 8192
CHANNELS = Range(0, 15)
PORTS = Range(1, 65_535)
UIDS = Range(-(2**63), 2**63 - 1)
MIDI_UIDS = Range(-(2**31), 2**32 - 1)  # those that the systems give to MIDI sources, signed or not
RIG_NUMBERS = Range(0, 2**31 - 1)
NOTE_IDS = Range(0, 2**31 - 1)
COUNTS = Range(0, 2**53 - 1)  # up to where a JSON number is exact everywhere
DURATIONS = Range(1, 2**31 - 1)  # steps
SEEDS = Range(0, 2**32 - 1)
CANDIDATES = Range(1, 64)  # of which a model answers with one
BARS = Range(1, 256)  # that a sequence can have at most

QPM = Range(20.0, 400.0)
SWINGS = Range(0.5, 0.75)  # how much of a pair its first note lasts …
SWING_PERCENT = Range(50, 75)  # … and in percent
PERCENT = Range(0, 100)
TEMPERATURES = Range(0.05, 4.0)
GAINS = Range(0.0, 1.27)  # a fader's: value/100
LOOKAHEADS_MS = Range(10, 200)
LATENCIES_S = Range(0, 1)  # of a page's sound
PLAYER_LATENCIES_MS = Range(-100, 400)  # of ears, hands and devices together

Pitch = Annotated[int, SEVEN_BITS]
SevenBits = Annotated[int, SEVEN_BITS]
Velocity = Annotated[int, VELOCITIES]
BendValue = Annotated[int, BENDS]
Channel = Annotated[int, CHANNELS]
Port = Annotated[int, PORTS]
Uid = Annotated[int, UIDS]  # of a MIDI source; 0 for one that is not known
RigNumber = Annotated[int, RIG_NUMBERS]
NoteId = Annotated[int, NOTE_IDS]  # 1 and up; 0 for none
Count = Annotated[int, COUNTS]
DurationSteps = Annotated[int, DURATIONS]
Seed = Annotated[int, SEEDS]
Candidates = Annotated[int, CANDIDATES]
Bars = Annotated[int, BARS]
Qpm = Annotated[float, QPM]  # quarter notes a minute
Percent = Annotated[float, PERCENT]
SwingRatio = Annotated[float, SWINGS]  # 0.5: straight
Temperature = Annotated[float, TEMPERATURES]  # of a model: below 1 likelier, above 1 more surprising
Gain = Annotated[float, GAINS]
