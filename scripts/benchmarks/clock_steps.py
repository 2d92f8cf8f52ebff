"""fault_clock: the computer's clock is set while the whole instrument plays, by libfaketime."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.rig import no_rig, not_installed
from tests.supercollider import clock_steps, tape
from tests.supercollider.clock_steps import stepped
from tests.supercollider.rig import Rig

STEPS_S, QUICK_STEPS_S = (30.0, -30.0, 3600.0, -3600.0), (-30.0,)
SILENT_TARGET_S = 0.2


def measure(folder: Path, quick: bool) -> Values:
    values = {}
    with sound_card(folder) as card:
        for seconds in QUICK_STEPS_S if quick else STEPS_S:
            own = folder / f"{seconds:+.0f}"
            own.mkdir(exist_ok=True)
            found = stepped(card, own, seconds)
            values[f"{seconds:+.0f}_silent_s"] = found.silent_s
            values[f"{seconds:+.0f}_held"] = found.held
    return values


@contextmanager
def sound_card(folder: Path) -> Iterator[Rig]:
    card = Rig(folder)
    card.start_sound_card()
    try:
        yield card
    finally:
        card.stop()


def rows(runs: Runs) -> list[Row]:
    steps = [key.removesuffix("_silent_s") for key in runs.runs[0] if key.endswith("_silent_s")]
    return [
        Row(
            "fault_clock",
            f"the computer's clock is set by {step} s while the loop plays: silence beyond a quarter",
            f"≤ {SILENT_TARGET_S:g} s",
            f"{runs.worst(f'{step}_silent_s'):.2f} s",
            f"a key held meanwhile is heard for {100 * runs.median(f'{step}_held'):.0f} % of its time",
            runs.worst(f"{step}_silent_s") <= SILENT_TARGET_S,
        )
        for step in steps
    ]


def why_not() -> str:
    return no_rig() or not_installed(tape.missing_programs() + clock_steps.missing_programs())


CLOCK_STEPS = Measure(
    names=("fault_clock",),
    seconds=100, quick_seconds=25, run=measure, rows=rows, why_not=why_not,
)  # fmt: skip
