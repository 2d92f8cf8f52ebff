"""swing: lines that swing are recorded, in virtual time: what the loop learns, and where it plays them.

Basslines of 8ths with rests, by simulated hands, at any tempo; each is recorded and heard once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from psc2.core.effects import NoteOn
from psc2.core.events import Event
from psc2.core.instruments import Layer
from psc2.core.swing import Swing
from psc2.testing import Rehearsal, key, press, sounds
from scripts.benchmarks.measure import Measure, Row, Runs, Values

LINES, QUICK_LINES = 1000, 60
RATIOS, TEMPI = (0.58, 0.68), (100.0, 240.0)
BARS, BEATS = 4, 16
SHARE = 0.8  # of the 8ths that are played
JITTER_S, LATE_S = (
    0.004,
    (-0.005, 0.015),
)  # of hands that are human: the deviation, and how late they are as a whole
TARGET_POINTS, TARGET_MS = 1.0, 5.0


@dataclass(frozen=True, slots=True)
class Line:
    """When its keys go down, in seconds from the sequence's start."""

    qpm: float
    ratio: float
    struck: Sequence[float]


def line(rng: Random, ratio: float, jitter_s: float, late_s: float) -> Line:
    qpm = rng.uniform(*TEMPI)
    eighths = [(beat + off) * 60 / qpm for beat in range(BEATS) for off in (0.0, ratio)]
    struck = [at + late_s + rng.gauss(0.0, jitter_s) for at in eighths if rng.random() < SHARE]
    return Line(qpm, ratio, sorted(max(0.001, at) for at in struck))


def heard(played: Line, quantise: float) -> tuple[float, list[float]]:
    """The ratio that the loop has learned, and its onsets in the next pass, from that pass's start."""
    music = {"qpm": played.qpm, "num_bars": BARS, "quantise": quantise}
    rehearsal = Rehearsal(music=music)
    start, length_s = rehearsal.start(), BEATS * 60 / played.qpm
    events: list[Event] = [press(start, "record", Layer.BASS)]
    for n, at in enumerate(played.struck):
        events += key(start + at, 28 + n, duration_s=0.05)
    rehearsal.play(sorted(events, key=lambda event: event.at), until=start + 2 * length_s)
    onsets = [at for at, _ in sounds(rehearsal.output.sent, NoteOn)]
    again = onsets[len(played.struck) : 2 * len(played.struck)]
    return rehearsal.state.feel.ratio, [at - start - length_s for at in again]


def measure(folder: Path, quick: bool) -> Values:
    rng = Random(1)
    lines = QUICK_LINES if quick else LINES
    points, human, kept, grid, straight = [0.0], [0.0], [0.0], [0.0], 0
    for _ in range(lines):
        ratio = rng.uniform(*RATIOS)
        exact = line(rng, ratio, 0.0, 0.0)
        learned, again = heard(exact, quantise=0.0)
        points.append(100 * abs(learned - ratio))
        kept.append(worst_ms(again, exact.struck))
        learned, again = heard(exact, quantise=100.0)
        grid.append(worst_ms(again, on_grid(exact, learned)))
        learned, _ = heard(line(rng, ratio, JITTER_S, rng.uniform(*LATE_S)), quantise=100.0)
        human.append(100 * abs(learned - ratio))
        learned, _ = heard(line(rng, 0.5, JITTER_S, rng.uniform(*LATE_S)), quantise=100.0)
        straight += learned == 0.5
    return {
        "lines": lines,
        "points": max(points),
        "human_points": sorted(human)[round(0.95 * lines)],
        "kept_ms": max(kept),
        "grid_ms": max(grid),
        "bent": lines - straight,
    }


def on_grid(played: Line, ratio: float) -> list[float]:
    """Where the line's notes belong on a grid that swings by ``ratio``."""
    swing, step_s = Swing(ratio), 15 / played.qpm
    return [swing.swung(2 * round(swing.straight(at / step_s) / 2)) * step_s for at in played.struck]


def worst_ms(heard_s: Sequence[float], expected_s: Sequence[float]) -> float:
    return max(1000 * abs(one - other) for one, other in zip(heard_s, expected_s, strict=True))


def rows(runs: Runs) -> list[Row]:
    (low, high), (slow, fast) = RATIOS, TEMPI
    lines = f"{runs.median('lines'):,.0f} swung lines, {low:.0%}–{high:.0%}, {slow:.0f}–{fast:.0f} qpm"
    return [
        Row(
            "swing", f"{lines}: the ratio that is learned", f"± {TARGET_POINTS:g} point",
            f"{runs.worst('points'):.2f} points at most",
            f"by human hands, {1000 * JITTER_S:.0f} ms uneven and up to {1000 * LATE_S[1]:.0f} late: "
            f"95 % within {runs.median('human_points'):.2f}",
            runs.worst("points") <= TARGET_POINTS,
        ),
        Row(
            "swing", "… unquantised: from where each note was played", f"≤ {TARGET_MS:g} ms",
            f"{runs.worst('kept_ms'):.2f} ms at most", "", runs.worst("kept_ms") <= TARGET_MS,
        ),
        Row(
            "swing", "… quantised: from the swung 8ths", "0",
            f"{runs.worst('grid_ms'):.3f} ms at most", "", runs.worst("grid_ms") < 0.01,
        ),
        Row(
            "swing", "as many straight lines by the same hands: that the loop takes for swung", "0",
            f"{runs.worst('bent'):,.0f}", "", runs.worst("bent") == 0,
        ),
    ]  # fmt: skip


SWING = Measure(names=("swing",), seconds=60, quick_seconds=5, run=measure, rows=rows)
