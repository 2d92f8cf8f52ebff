"""stage_return: sclang or scsynth is killed while the loop plays, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.rig import no_rig, not_installed, running_rig
from tests.supercollider import tape
from tests.supercollider.returns import returned
from tests.supercollider.rig import Rig

TARGET_S = 2.0


def measure(folder: Path, quick: bool) -> Values:
    with running_rig(folder) as metronome:
        return dict(_returns(metronome, folder))


def _returns(metronome: Rig, folder: Path) -> Iterator[tuple[str, float]]:
    for program in ("sclang", "scsynth"):
        own = folder / program
        own.mkdir(exist_ok=True)
        back = returned(metronome, own, program)
        yield f"{program}_back_s", back.back_s
        yield f"{program}_sound_s", back.sound_s
        yield f"{program}_moved_ms", float(np.median(back.moved_ms))


def rows(runs: Runs) -> list[Row]:
    return [
        Row(
            "stage_return",
            f"{program} is killed while the loop plays: from its return to sound",
            f"≤ {TARGET_S:g} s",
            f"{runs.worst(f'{program}_sound_s'):.1f} s; "
            f"the grid has moved {runs.median(f'{program}_moved_ms'):.1f} ms",
            f"its return: {runs.median(f'{program}_back_s'):.1f} s after the kill; "
            "a metronome of its own on the same sound card",
            runs.worst(f"{program}_sound_s") <= TARGET_S,
        )
        for program in ("sclang", "scsynth")
    ]


def why_not() -> str:
    return no_rig() or not_installed(tape.missing_programs())


RETURNS = Measure(
    names=("stage_return",),
    seconds=60, quick_seconds=60, run=measure, rows=rows, why_not=why_not,
)  # fmt: skip
