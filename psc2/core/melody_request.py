"""What MelodyRNN is asked: a call, as the model hears it.

Source: the paper, "Improvisation".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import floor

from psc2.core import coming_harmony
from psc2.core.meter import Pass
from psc2.core.places import pass_at, played_at
from psc2.core.requests import MelodyRequest, PrimerNote, PrimerRhythm
from psc2.core.state import SharedState
from psc2.core.turns import Answerer

MAX_PRIMER = 200  # notes of a call, the last ones, that a model hears


def of(state: SharedState, played: Sequence[PrimerNote], num_pitches: int, now: float) -> MelodyRequest:
    """A request at ``now`` for ``num_pitches`` that continue what was played, which begins at 0."""
    primer = played[-MAX_PRIMER:]
    first_s, plays = primer[0].onset_s, state.settings.turns.answer is Answerer.MACHINE
    chooses = state.settings.candidates > 1
    return MelodyRequest(
        request_id=state.next_request_id(),
        primer=tuple(replace(note, onset_s=_straight_s(state, first_s, note.onset_s)) for note in primer),
        num_pitches=num_pitches,
        qpm=state.qpm,
        upbeat_steps=_steps_after_bar_line(state, played_at(state, first_s)),
        primer_rhythm=PrimerRhythm.PLAYED if plays else state.settings.primer_rhythm,
        temperature=state.improv.temperature,
        seed=state.next_seed(),
        with_rhythm=plays,
        candidates=state.settings.candidates,
        last_answer=state.answer[-MAX_PRIMER:] if chooses else (),
        harmony=coming_harmony.of(state, primer, num_pitches, now) if chooses else None,
    )


def _straight_s(state: SharedState, first_s: float, onset_s: float) -> float:
    """How long after the first note another would have begun on a grid that does not swing."""
    if state.feel.ratio == 0.5:
        return onset_s - first_s
    step_s = 15 / state.qpm
    if state.transport is not None:
        first, onset = (state.transport.grid.step_at(played_at(state, at)) for at in (first_s, onset_s))
        return (onset - first) * step_s
    swing = state.feel.swing(0, state.time_signature.steps_per_bar)
    return swing.straight((onset_s - first_s) / step_s) * step_s


def _steps_after_bar_line(state: SharedState, time_s: float) -> float:
    """How far into its bar ``time_s`` falls, in steps; 0 while the loop is stopped."""
    transport = state.transport
    if transport is None:
        return 0.0
    place = transport.grid.step_at(time_s)
    passed = pass_at(state, transport, floor(place)) or Pass(0, state.form)
    steps_per_bar = passed.form.time_signature.steps_per_bar
    steps = (place - passed.start) % steps_per_bar
    return steps if steps < steps_per_bar else 0.0  # a remainder of next to nothing below 0
