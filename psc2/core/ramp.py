"""The tempo ramp: so many qpm more every so many passes, up to a limit, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import copysign
from typing import Annotated

from psc2.core.ranges import Qpm, Range

RAMP_STEPS = Range(-50, 50)  # qpm
RAMP_PASSES = Range(1, 64)

RampStep = Annotated[float, RAMP_STEPS]
RampPasses = Annotated[int, RAMP_PASSES]


@dataclass(frozen=True, slots=True)
class Ramp:
    """How the tempo changes by itself."""

    active: bool = False
    step_qpm: RampStep = 4.0  # more each time; below 0 less
    passes: RampPasses = 2  # from one step to the next
    limit_qpm: Qpm = 160.0
    back: bool = False  # whether it returns from the limit to where it began


@dataclass(frozen=True, slots=True)
class RampRun:
    """A ramp on its way: from the loop's start, or from where it was switched on.

    >>> ramp = Ramp(active=True, step_qpm=10, passes=1, limit_qpm=125, back=True)
    >>> run, qpm, tempos = RampRun(began_qpm=110.0), 110.0, []
    >>> for _ in range(6):
    ...     run, qpm = run.next_pass(ramp, qpm)
    ...     tempos.append(qpm)
    >>> tempos
    [120.0, 125, 115.0, 110.0, 110.0, 110.0]
    """

    began_qpm: Qpm  # where it returns to, and begins anew
    passes: int = 0  # that have begun since the latest step; −1 before the loop's first
    is_returning: bool = False

    def next_pass(self, ramp: Ramp, qpm: float) -> tuple[RampRun, float]:
        """The run, and the tempo, from the pass on that begins; ``qpm``: the tempo up to there."""
        run = replace(self, passes=self.passes + 1)
        if run.passes < ramp.passes:
            return run, qpm
        goal = self.goal_qpm(ramp, qpm)
        if goal is None:
            return replace(run, passes=0), qpm
        away = goal - qpm
        is_returning = self.is_returning or not _is_ahead(ramp, qpm)
        stepped = goal if abs(away) <= abs(ramp.step_qpm) else qpm + copysign(ramp.step_qpm, away)
        return replace(run, passes=0, is_returning=is_returning), stepped

    def goal_qpm(self, ramp: Ramp, qpm: float) -> float | None:
        """Where the tempo is heading for from ``qpm``; None where it stays.

        >>> RampRun(120.0).goal_qpm(Ramp(step_qpm=-5, limit_qpm=90), qpm=110.0)
        90
        """
        if not self.is_returning and _is_ahead(ramp, qpm):
            return ramp.limit_qpm
        is_away = (qpm - self.began_qpm) * ramp.step_qpm > 0
        return self.began_qpm if ramp.back and is_away else None

    def set_by_hand(self, qpm: float) -> RampRun:
        """The run goes on from a tempo that the player has set; on its way back it keeps its beginning."""
        return self if self.is_returning else replace(self, began_qpm=qpm)


def _is_ahead(ramp: Ramp, qpm: float) -> bool:
    """Whether the limit lies ahead of a tempo, in the direction of the steps."""
    return (ramp.limit_qpm - qpm) * ramp.step_qpm > 0
