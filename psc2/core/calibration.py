"""The tap test: how late a player comes who plays with the click, by ears, hands and devices.

A tap that comes long after its click is taken for one that comes before the next, so the clicks are far
enough apart: every beat of the meter, or every second one or so where beats are short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, ceil, cos, floor, sin, tau
from statistics import fmean, median, pstdev

from psc2.core.meter import Grid
from psc2.core.ranges import PLAYER_LATENCIES_MS, Count

EARLIEST_S = PLAYER_LATENCIES_MS.low / 1000
APART_S = (PLAYER_LATENCIES_MS.high - PLAYER_LATENCIES_MS.low) / 1000  # from click to click, at least
NUM_TAPS = 12
WARM_UP = 2  # of them, which do not count
BOUNCE_S = 0.05  # from one tap to the next, at least
STEADY_S = 0.030  # the standard deviation of taps that say something, at most
MIN_SHARE = 2 / 3  # of the taps, which are no outliers
OUTLIER = 3.0  # so many standard deviations, by the median of the deviations …
MAD = 1.4826  # … of which a normal distribution has so many
MIN_OUTLIER_S = 0.02
MIN_BEAT_S = 0.15  # shorter ones cannot be tapped steadily


@dataclass(frozen=True, slots=True)
class Tap:
    """A tap: how long after the latest click it came, in seconds, up to 0.1 s before one."""

    late_s: float
    beat_s: float  # from one beat to the next
    click_s: float  # from one click to the next: some beats


@dataclass(frozen=True, slots=True)
class Calibration:
    """A tap test under way, or the one before."""

    started_loop: bool = False  # whether the loop plays for its sake alone
    taps: tuple[Tap, ...] = ()  # NUM_TAPS at most
    latest: float | None = None  # when the latest was, in seconds
    num_taps: Count = NUM_TAPS  # that there are to be

    @property
    def taps_left(self) -> int:
        return self.num_taps - len(self.taps)


@dataclass(frozen=True, slots=True)
class Measured:
    """What taps have told, in seconds."""

    latency_s: float
    spread_s: float  # the standard deviation of those that are no outliers
    share: float  # of the taps, that are none

    @property
    def is_steady(self) -> bool:
        is_near = 1000 * self.latency_s in PLAYER_LATENCIES_MS
        return is_near and self.spread_s <= STEADY_S and self.share >= MIN_SHARE


def click_steps(steps_per_beat: int, qpm: float) -> int:
    """From one click of the test to the next, in steps: the fewest beats that last half a second.

    >>> click_steps(4, 120.0), click_steps(4, 121.0), click_steps(2, 120.0), click_steps(4, 40.0)
    (4, 8, 4, 4)
    """
    beat_s = steps_per_beat * 15 / qpm
    return steps_per_beat * ceil(APART_S / beat_s - 1e-9)


def tap_at(at: float, grid: Grid, steps_per_beat: int, qpm: float) -> Tap:
    """A tap at ``at``, in seconds, against the clicks, which are counted from step 0."""
    steps = click_steps(steps_per_beat, qpm)
    click = floor(grid.step_at(at - EARLIEST_S) / steps) * steps
    return Tap(at - grid.time_of(click), steps_per_beat * 15 / qpm, steps * 15 / qpm)


def measured(taps: Sequence[Tap]) -> Measured:
    """The player's latency: the median of the taps but for the first few and outliers.

    Who taps each beat, though not each is clicked, is measured by the nearest beat.
    """
    late_s, latest = [tap.late_s for tap in taps[WARM_UP:]], taps[-1]
    by_click = _measured(late_s, latest.click_s, EARLIEST_S)
    if by_click.is_steady or not MIN_BEAT_S <= latest.beat_s < latest.click_s:
        return by_click
    return _measured(late_s, latest.beat_s, -latest.beat_s / 2)


def _measured(late_s: Sequence[float], period_s: float, earliest_s: float) -> Measured:
    """How late in their periods taps come; the same, one period later, is as late."""
    angles = [tau * late / period_s for late in late_s]
    centre = atan2(fmean(map(sin, angles)), fmean(map(cos, angles))) / tau * period_s
    around = [(late - centre + period_s / 2) % period_s - period_s / 2 for late in late_s]
    middle = median(around)
    allowed = max(MIN_OUTLIER_S, OUTLIER * MAD * median(abs(one - middle) for one in around))
    kept = [one for one in around if abs(one - middle) <= allowed]
    latency = (centre + median(kept) - earliest_s) % period_s + earliest_s
    return Measured(latency, pstdev(kept), len(kept) / len(late_s))
