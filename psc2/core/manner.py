"""The manner in which the band plays a tune, as its style and its tempo want it."""

from __future__ import annotations

from enum import Enum

from psc2.core.chart import Chart
from psc2.core.grouping import Groups
from psc2.core.meter import TimeSignature
from psc2.core.pulse import half_steps
from psc2.core.ranges import Qpm

LATIN = ("bossa", "samba", "latin")  # words in the names of styles that have the rhythms of a bossa nova
SLOW, FAST = (
    70.0,
    220.0,
)  # quarter notes a minute: below the one all is a ballad; above the other few strokes fit
MEDIUM: Qpm = 120.0  # where nobody says how fast
COMMON, TWO_HALVES = TimeSignature(4, 4), (0, 8)  # and the steps of its half notes


class Manner(Enum):
    """What tempo and style make of the same players."""

    MEDIUM = "medium"
    BALLAD = "ballad"  # chords are held long
    FAST = "fast"  # fewer strokes, and no short notes
    BOSSA = "bossa"  # dotted quarters and 8ths, in figures of two bars


def manner_of(chart: Chart, groups: Groups, qpm: Qpm) -> Manner:
    """The manner in which a chart is played at a tempo.

    A bossa nova and what is near it have bars of two half notes; in other meters they are as all others.
    """
    style = chart.style.lower()
    is_latin = not chart.swings and any(word in style for word in LATIN)
    if is_latin and chart.time_signature == COMMON and half_steps(COMMON, groups) == TWO_HALVES:
        return Manner.BOSSA
    if "ballad" in style or qpm < SLOW:
        return Manner.BALLAD
    return Manner.FAST if qpm > FAST else Manner.MEDIUM
