"""What a measure is: something that is run a few times, and the rows of the table that its runs fill."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Values = Mapping[str, float]  # what one run found, by name; the names carry the unit


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    name: str  # of the measure, as on the command line
    what: str
    target: str
    measured: str
    compared_with: str
    met: bool | None  # None where there is no target


@dataclass(frozen=True, slots=True)
class Runs:
    """All runs of one measure, summed up.

    >>> runs = Runs([{"lost": 0, "ms": 1.0}, {"lost": 2, "ms": 3.0}, {"lost": 0, "ms": 1.5}])
    >>> runs.median("ms"), runs.worst("lost"), runs.ratio("ms", "ms")
    (1.5, 2, 1.0)
    """

    runs: Sequence[Values]

    def median(self, key: str) -> float:
        return statistics.median(run[key] for run in self.runs)

    def worst(self, key: str) -> float:
        """The greatest: for what should not happen even once."""
        return max(run[key] for run in self.runs)

    def ratio(self, key: str, to: str) -> float:
        """The median of the runs' ratios: each run is compared with what it shared the machine with."""
        return statistics.median(run[key] / run[to] for run in self.runs)


@dataclass(frozen=True, slots=True)
class Measure:
    names: tuple[str, ...]  # more than one where they share a run
    seconds: float  # how long one run takes, about
    quick_seconds: float
    run: Callable[[Path, bool], Values]  # given a folder for its files, and whether it is to be quick
    rows: Callable[[Runs], list[Row]]
    why_not: Callable[[], str] = lambda: ""  # what it lacks on this machine, if anything


class MeasureFailed(Exception):
    """A run went wrong in a way that leaves nothing to measure."""
