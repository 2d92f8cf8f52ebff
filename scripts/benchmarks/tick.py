"""tick: what one step costs, by the notes that are due and by those that are stored."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from psc2.core.band import ChorusRequest
from psc2.core.effects import Outbound
from psc2.core.events import Tick
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.memory import state_of
from psc2.core.meter import Form, TimeSignature
from psc2.core.requests import PitchRequest, Request
from psc2.core.transport import play
from psc2.runtime.engine import Engine
from psc2.settings.config import load_config
from scripts.benchmarks.measure import Measure, Row, Runs, Values

STORED = (10, 100, 1_000, 10_000)
DUE = (1, 4, 16, 64)
TYPICAL_DUE = 4
MOST_STORED = STORED[-1]
FLAT = 2.0  # the greatest ratio, 10,000 notes stored to 10, that passes for none

METER = TimeSignature(4, 4)
BARS = 256
PLACE = BARS // 2 * METER.steps_per_bar + 2  # the step that is measured: no beat, nothing else there


class NullOutput:
    """An output, and workers, that do nothing."""

    def send(self, effects: Sequence[Outbound]) -> None: ...

    def submit(self, request: Request | PitchRequest | ChorusRequest) -> None: ...

    def cancel(self, request_id: int) -> None: ...


class Loop:
    """A sequence of 256 bars with ``stored`` notes, ``due`` of them at one step."""

    def __init__(self, stored: int, due: int) -> None:
        config = load_config(None)
        memory = replace(config.memory(), form=Form(METER, BARS))
        state = state_of(memory, config.settings(), seed=1, random=Random(1))
        state.playable_notes.clear()
        state.playable_notes.update(note(PLACE, 30 + n) for n in range(due))
        elsewhere = [step for step in range(BARS * METER.steps_per_bar) if step not in (PLACE, PLACE + 1)]
        state.playable_notes.update(
            note(elsewhere[n * len(elsewhere) // stored], n % 128) for n in range(stored - due)
        )
        self._state = state
        self._engine = Engine(state, NullOutput(), NullOutput(), NullOutput(), NullOutput())
        play(state, 0.0)
        self._tick(0)
        self.times_us: list[float] = []

    def turn(self) -> None:
        """The step's notes begin, which is measured, and end again at the next step."""
        self.times_us.append(self._tick(PLACE))
        self._tick(PLACE + 1)

    def _tick(self, step: int) -> float:
        transport = self._state.transport
        assert transport is not None
        transport.next_step = step  # the steps between are left out
        due = transport.grid.time_of(step)
        tick = Tick(due, step)
        before = time.perf_counter()
        self._engine.dispatch(tick)
        return (time.perf_counter() - before) * 1e6


def note(step: int, pitch: int) -> PlayableNote:
    bar, step_in_bar = divmod(step, METER.steps_per_bar)
    return PlayableNote(bar, step_in_bar, Layer.CHORDS, Instrument.CHORDS, pitch, velocity=100)


def measure(folder: Path, quick: bool) -> Values:
    by_stored = {stored: Loop(stored, TYPICAL_DUE) for stored in STORED}
    by_due = {due: Loop(MOST_STORED, due) for due in DUE}
    for _ in range(200 if quick else 2_000):
        for loop in (*by_stored.values(), *by_due.values()):  # in turn, so that noise hits all alike
            loop.turn()
    return {
        **{f"stored_{n}_us": statistics.median(loop.times_us) for n, loop in by_stored.items()},
        **{f"due_{n}_us": statistics.median(loop.times_us) for n, loop in by_due.items()},
    }


def rows(runs: Runs) -> list[Row]:
    ratio = runs.ratio(f"stored_{MOST_STORED}_us", f"stored_{STORED[0]}_us")
    return [
        Row(
            "tick",
            f"a step, {TYPICAL_DUE} notes due of {' / '.join(f'{n:,}' for n in STORED)} stored",
            f"{MOST_STORED:,} : {STORED[0]} ≤ {FLAT:g}",
            f"{_all(runs, 'stored', STORED)} µs",
            f"{MOST_STORED:,} : {STORED[0]} stored = {ratio:.2f}",
            ratio <= FLAT,
        ),
        Row(
            "tick",
            f"a step, {' / '.join(map(str, DUE))} notes due of {MOST_STORED:,} stored",
            "",
            f"{_all(runs, 'due', DUE)} µs",
            f"{DUE[-1]} : {DUE[0]} due = {runs.ratio(f'due_{DUE[-1]}_us', f'due_{DUE[0]}_us'):.1f}",
            None,
        ),
    ]


def _all(runs: Runs, key: str, numbers: Sequence[int]) -> str:
    return " / ".join(f"{runs.median(f'{key}_{n}_us'):.0f}" for n in numbers)


TICK = Measure(names=("tick",), seconds=1, quick_seconds=0.5, run=measure, rows=rows)
