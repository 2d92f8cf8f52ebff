"""What stays as it was configured, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import ceil

from psc2.core.click import ClickBeats
from psc2.core.controls import Bound, ControllerMap
from psc2.core.drum_styles import DrumStyle
from psc2.core.grouping import Groups
from psc2.core.ranges import LOOKAHEADS_MS
from psc2.core.register import Register
from psc2.core.requests import Generation, PrimerRhythm
from psc2.core.rig import Rig
from psc2.core.transposing import Transposition
from psc2.core.turns import TurnSettings


class TapUnit(Enum):
    """What one tap stands for."""

    QUARTER = "quarter"
    CLICK = "click"
    DOTTED_QUARTER = "dotted_quarter"


class Timing(Enum):
    """Whether looped notes are sent ahead with a time tag."""

    TIMETAG = "timetag"
    IMMEDIATE = "immediate"
    AUTO = "auto"  # tags once SuperCollider has said hello


@dataclass(frozen=True, slots=True)
class Settings:
    """What stays as it was configured; ``configs/default.yaml`` has each key's meaning."""

    max_bars: int
    tap_unit: TapUnit
    click_beats: ClickBeats  # the player's own choice, beside the usual ones
    first_key_starts: bool  # whether the first key of an armed recording starts a loop that is stopped
    timing: Timing
    lookahead_s: float | None  # None: as the sound server needs it
    min_primer_length: int
    max_robot_length: int
    generation: Generation  # when the machine's pitches are made
    primer_rhythm: PrimerRhythm
    candidates: int  # continuations that the model makes, to answer with the best of them
    turns: TurnSettings
    transpose: Transposition  # the player's own choice, beside the usual ones
    groups: Groups  # of the beats of a bar; () for the usual ones
    register: Register | None  # that the machine's pitches are brought to, near the hands; None: as they come
    drum_style: DrumStyle  # of the beat of the bassline
    send_port: int
    controller: ControllerMap
    bound: tuple[Bound, ...]  # controls of other devices, those of a device of a certain name first
    keyboards: tuple[str, ...]  # parts of the names of what is played; empty for everything
    ignored: tuple[str, ...]  # parts of the names of what nothing is taken from
    latency_s: float  # the player's, of ears, hands and devices
    rig: Rig
    receive_port: int | None = None  # where psc2 listens; None: not where it sends to
    token: str = ""  # by which the SuperCollider that psc2 has started proves itself; empty for none


LOOKAHEAD_S = 0.050  # unless the sound server needs more
LATENCY_PERIODS = 3  # of the sound card, from a note with a time tag to its sound: two of latency, and one
ROUNDING_S = 0.010  # up to which a look-ahead is rounded: what the way to the sound server takes


PAGE_LOOKAHEAD_S = 0.080  # what a page may take to hear of a note and to hand it to its audio thread


def page_lookahead_s(latency_s: float) -> float:
    """The look-ahead, in seconds, that a page needs whose sound comes ``latency_s`` after its audio clock.

    >>> page_lookahead_s(0.01), page_lookahead_s(0.5)
    (0.09, 0.2)
    """
    return min(LOOKAHEADS_MS.high / 1000, PAGE_LOOKAHEAD_S + latency_s)


def auto_lookahead_s(period_s: float | None) -> float:
    """The look-ahead, in seconds, that a sound server needs whose driver's block is ``period_s`` long.

    >>> auto_lookahead_s(None), auto_lookahead_s(512 / 48_000), auto_lookahead_s(1024 / 48_000)
    (0.05, 0.05, 0.07)
    """
    needed_s = LATENCY_PERIODS * (period_s or 0.0)
    return max(LOOKAHEAD_S, min(LOOKAHEADS_MS.high / 1000, ceil(needed_s / ROUNDING_S) * ROUNDING_S))
