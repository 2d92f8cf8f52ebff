"""The machine's pitch for a key, drawn when it goes down: near the key, and as what sounds then wants it.

What the model has weighed is everything that may come; here it is left to what can be played now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

from psc2.core import changes, improv, solo_line
from psc2.core.fitting import HarmonyPolicy, rests
from psc2.core.pitch_row import NEVER, PITCHES, PitchRow, drawn
from psc2.core.places import played_at
from psc2.core.ranges import Pitch
from psc2.core.register import CLOSE, NEAR, Register, Sounded
from psc2.core.state import SharedState

PIECE = 5  # intervals: six notes that are the same in any key are a quotation
RUN = 2  # notes of one pitch, which is then left
DRAW_BITS = 32
ANY = Register(0, PITCHES - 1)


def next_pitch(state: SharedState, key: Pitch, now: float) -> Pitch:
    """The pitch that a key sounds."""
    row = solo_line.row_now(state, now)
    pitches = _playable(state, row, key, now)
    draw = state.random.getrandbits(DRAW_BITS) / 2**DRAW_BITS
    pitch = drawn(row, pitches, state.improv.temperature, draw)
    state.answer = (*state.answer, pitch) if state.improv.answered else (pitch,)
    state.improv = improv.counted(state.improv, is_stale=solo_line.is_stale(state))
    state.sounded = Sounded(pitch, pitch)
    return pitch


def _playable(state: SharedState, row: PitchRow, key: Pitch, now: float) -> list[Pitch]:
    """The pitches that may sound: each rule takes some away, unless none were left that ever come."""
    pitches = _within_reach(state, key)
    for rule in (_leads_on(state), _fits(state, now), _is_new(state, now)):
        if rule is not None:
            kept = [pitch for pitch in pitches if rule(pitch)]
            pitches = kept if any(row[pitch] != NEVER for pitch in kept) else pitches
    return pitches


def _within_reach(state: SharedState, key: Pitch) -> list[Pitch]:
    """The pitches near the key, within the layer's register; very near for the last of an answer."""
    if state.settings.register is None:
        return [*range(PITCHES)]
    low, high = state.settings.register
    is_last = improv.lands(state) and state.improv.answered + 1 >= state.settings.max_robot_length
    reach, middle = CLOSE if is_last else NEAR, max(low, min(high, key))
    return [*range(max(low, middle - reach), min(high, middle + reach) + 1)]


Rule = Callable[[Pitch], bool]


def _leads_on(state: SharedState) -> Rule | None:
    """The first pitch lies near the last of the player's own."""
    own = state.sounded
    if own is None or own.drawn is not None or state.settings.register is None:
        return None
    return lambda pitch: abs(pitch - own.pitch) <= NEAR


def _fits(state: SharedState, now: float) -> Rule | None:
    """No pitch clashes with the chord that sounds, where that is not wanted."""
    if state.transport is None or state.harmony is HarmonyPolicy.OFF:
        return None
    step = state.transport.grid.nearest_step(played_at(state, now))
    strong = changes.is_strong(state, step)
    chord = changes.chord_at(state, step) if strong or state.harmony is HarmonyPolicy.ALL else None
    return None if chord is None else lambda pitch: rests(pitch, chord, strong)


def _is_new(state: SharedState, now: float) -> Rule | None:
    """No pitch a third time in a row, nor what sounds of the same chord, nor a quotation."""
    if state.settings.candidates == 1:
        return None
    line = state.solo_line
    latest = [note.pitch for note in line.notes][-PIECE:]
    taken = set(solo_line.struck_together(state, now))
    if len(latest) >= RUN and len({*latest[-RUN:]}) == 1:
        taken.add(latest[-1])
    if len(latest) == PIECE:
        taken |= {latest[-1] + last for last in _quoted(state, latest)}
    return lambda pitch: pitch not in taken


def _quoted(state: SharedState, latest: list[Pitch]) -> Iterable[int]:
    """The intervals that would make of the latest notes a piece of the call, or of the answer."""
    wanted = [after - before for before, after in pairwise(latest)]
    for pitches in ([note.pitch for note in state.last_call], state.answer):
        intervals = [after - before for before, after in pairwise(pitches)]
        for at in range(len(intervals) - PIECE + 1):
            if intervals[at : at + PIECE - 1] == wanted:
                yield intervals[at + PIECE - 1]
