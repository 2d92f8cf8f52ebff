"""A line as it is played: the call, or what the hands make of the answer, note by note.

Both are primers: what a model continues.
"""

from __future__ import annotations

from dataclasses import replace

from psc2.core.ledger import Key
from psc2.core.ranges import Pitch, Velocity
from psc2.core.requests import PrimerNote
from psc2.core.state import Phase, SharedState
from psc2.core.turns import ChordPolicy

MIN_DURATION_S = 0.001
CHORD_S = 0.030  # keys that come so close after the first are struck together


def note(state: SharedState, key: Key, pitch: Pitch, velocity: Velocity, now: float) -> None:
    """A key adds ``pitch`` to the line; of a chord, where that is one note, the highest is it."""
    key_up(state, key, now)  # of a note before it, if that has been lost
    line = _line(state)
    played = PrimerNote(pitch, velocity, onset_s=now, duration_s=0.0)
    if state.settings.turns.chords is ChordPolicy.EACH or not line or now - line[-1].onset_s > CHORD_S:
        state.primer_keys[key] = len(line)
        line.append(played)
    elif pitch > line[-1].pitch:
        state.primer_keys = {
            held: index for held, index in state.primer_keys.items() if index < len(line) - 1
        }
        state.primer_keys[key] = len(line) - 1
        line[-1] = replace(played, onset_s=line[-1].onset_s)


def key_up(state: SharedState, key: Key, now: float) -> None:
    """A note of the line gets its duration."""
    if key in state.primer_keys:
        _set_duration(state, state.primer_keys.pop(key), now)


def hand_over(state: SharedState, key: Key, heir: Key) -> None:
    """The note of the line that ``key`` holds, if there is one, is held by ``heir`` from now on."""
    if key in state.primer_keys:
        state.primer_keys[heir] = state.primer_keys.pop(key)


def so_far(state: SharedState, now: float) -> tuple[PrimerNote, ...]:
    """The line up to ``now``, in seconds on the engine's clock: what is held counts up to here."""
    for index in state.primer_keys.values():
        _set_duration(state, index, now)
    return tuple(_line(state))


def clear(state: SharedState) -> None:
    """Another line begins."""
    state.accumulated_primer_melody.clear()
    state.answer_line.clear()
    state.primer_keys.clear()


def _line(state: SharedState) -> list[PrimerNote]:
    return state.answer_line if state.improv.phase is Phase.ANSWERING else state.accumulated_primer_melody


def _set_duration(state: SharedState, index: int, now: float) -> None:
    line = _line(state)
    line[index] = replace(line[index], duration_s=max(now - line[index].onset_s, MIN_DURATION_S))
