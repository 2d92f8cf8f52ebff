"""The chords under an answer that is to come: where it will begin, as far as that is known, and what sounds.

A machine that plays its answer itself begins on a step that is known to it. Hands begin when they like; then
it is the earliest moment at which they can.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from math import ceil, floor

from psc2.core import changes, machine_line, turn_lines
from psc2.core.fitting import HarmonyPolicy
from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.places import pass_at, played_at
from psc2.core.ranges import Count
from psc2.core.requests import ComingHarmony, PrimerNote
from psc2.core.state import Phase, SharedState, Transport
from psc2.core.turns import Answerer, Handover, TurnKind

MAX_CHORDS = 32  # that are told: two bars of them for each of the usual twenty pitches
ROUNDING_STEPS = 1e-6  # of a step computed from a moment


def of(
    state: SharedState, played: Sequence[PrimerNote], num_pitches: Count, now: float
) -> ComingHarmony | None:
    """The chords under the pitches that continue what was played; None where none are known, or wanted.

    ``played``: with its moments on the engine's clock. A pitch is given a quarter note at most, in the mean.
    """
    transport = state.transport
    if transport is None or state.harmony is HarmonyPolicy.OFF or not (state.chart or state.heard):
        return None
    begin, end = _place(state, transport, played, now)
    passed = pass_at(state, transport, begin)
    if passed is None:
        return None
    bar_line = begin - passed.locate(begin).step
    last = begin + STEPS_PER_QUARTER * num_pitches if end is None else end
    chords = tuple(islice(changes.chords_between(state, begin, last, bar_line), MAX_CHORDS))
    if not chords:
        return None
    return ComingHarmony(
        begin - bar_line, chords, passed.form.time_signature, state.settings.groups,
        None if end is None else end - bar_line,
    )  # fmt: skip


def _place(
    state: SharedState, transport: Transport, played: Sequence[PrimerNote], now: float
) -> tuple[int, int | None]:
    """The step at which the answer, or more of it, begins, and the one at which the machine's turn ends."""
    improv, lines = state.improv, turn_lines.steps(state)
    plays = state.settings.turns.answer is Answerer.MACHINE
    if improv.phase is Phase.ANSWERING:
        end = None if lines is None else lines[0]
        return (state.machine_line.end if plays else _after_those_left(state, transport, played)), end
    if lines is not None and not improv.at_once:
        return lines[0] + (machine_line.steps_into_beat(state) if plays else 0), lines[1]
    if plays:
        begin_s = now + improv.took_s + machine_line.START_S
        return machine_line.strong_beat(state, begin_s) + machine_line.steps_into_beat(state), None
    if improv.rule.kind is TurnKind.COUNT and not improv.at_once:
        if state.settings.turns.takeover is Handover.NOW:
            return _after(state, transport, played[-1].onset_s), None
        now += state.settings.turns.rest_beats * 60 / state.qpm
    return ceil(transport.grid.step_at(played_at(state, now)) - ROUNDING_STEPS), None


def _after(state: SharedState, transport: Transport, onset_s: float) -> int:
    """The step after that of a note."""
    return floor(transport.grid.step_at(played_at(state, onset_s)) + 0.5) + 1


def _after_those_left(state: SharedState, transport: Transport, played: Sequence[PrimerNote]) -> int:
    """The step after the pitches that the hands have left, which come as those before did, in the mean."""
    gap_s = (played[-1].onset_s - played[0].onset_s) / max(1, len(played) - 1)
    return _after(state, transport, played[-1].onset_s + gap_s * len(state.generated_melody))
