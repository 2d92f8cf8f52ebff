"""The solo as a model hears it that weighs each pitch: every note as it sounded, soon after it was struck.

One request is under way at a time, and brings the model what it has not heard yet. Whoever plays the next
note waits for nothing: until its answer is there, the weights of the note before serve.
"""

from __future__ import annotations

from dataclasses import replace

from psc2.core import changes
from psc2.core.call import CHORD_S
from psc2.core.effects import Effect
from psc2.core.events import WeightsReady
from psc2.core.jobs import Job, JobState
from psc2.core.ledger import Key
from psc2.core.meter import Pass
from psc2.core.pitch_row import DISTANCES, PitchRow, row_at
from psc2.core.places import pass_at, played_at
from psc2.core.ranges import Pitch
from psc2.core.requests import Generation, PitchRequest, SoloNote
from psc2.core.state import SharedState, SoloLine
from psc2.core.turns import Answerer

MAX_STALE = 4  # notes that the weights may lie behind: older ones say nothing of what comes next


def is_heard(state: SharedState) -> bool:
    """Whether the machine's pitches are drawn one by one, and so the solo is heard note by note."""
    settings = state.settings
    return settings.generation is Generation.NOTE and settings.turns.answer is Answerer.HANDS


def note(state: SharedState, key: Key, pitch: Pitch, now: float) -> None:
    """A note of the solo sounds; of keys that are struck together the first is it."""
    line, transport = state.solo_line, state.transport
    if line.transport is not transport or not line.count:
        line = _begin(state, now)
    elif now - line.struck_at <= CHORD_S:
        line.together = (*line.together, pitch)
        return
    onset = max(_step(state, line, now), line.notes[-1].onset if line.notes else 0)
    line.notes.append(SoloNote(pitch, onset, _held_steps(state, line, now)))
    line.count += 1
    line.struck_at, line.lifted_at, line.key, line.together = now, None, key, (pitch,)


def lift(state: SharedState, key: Key, now: float) -> None:
    """A key comes up: if it is the latest note's, its length is known."""
    line = state.solo_line
    if line.key == key and line.lifted_at is None:
        line.lifted_at = now


def ask(state: SharedState) -> list[Effect]:
    """What the model has not heard yet, if it is free."""
    line = state.solo_line
    new = line.count - line.told
    if not new or not line.notes or state.improv.job.state is not JobState.IDLE:
        return []
    notes = tuple(line.notes)[-new:]
    first, last = notes[0].onset, notes[-1].onset
    bar_line, passed = 0, Pass(0, state.form)
    if line.transport is not None:
        passed = pass_at(state, line.transport, last) or passed
        bar_line = last - passed.locate(last).step
    chords = changes.chords_between(state, first, last + DISTANCES[-1] + 1, 0)
    request = PitchRequest(
        state.next_request_id(), line.number, line.count - len(notes), notes, bar_line,
        passed.form.time_signature, tuple(chords), state.qpm,
    )  # fmt: skip
    state.improv = replace(state.improv, job=Job(request))
    return [request]


def weights_ready(state: SharedState, event: WeightsReady) -> None:
    """The model has heard so many notes of the solo."""
    line = state.solo_line
    line.told = min(line.count, event.heard)
    line.rows, line.weighed = event.rows, event.heard


def serves(state: SharedState) -> bool:
    """Whether pitches are drawn one by one, and the weights at hand still say something of the next one."""
    line = state.solo_line
    return is_heard(state) and bool(line.rows) and line.count - line.weighed <= MAX_STALE


def row_now(state: SharedState, now: float) -> PitchRow:
    """How likely each pitch is that is struck now."""
    line = state.solo_line
    if line.transport is not state.transport or not line.notes:
        return line.rows[0]
    return row_at(line.rows, _step(state, line, now) - line.notes[-1].onset)


def struck_together(state: SharedState, now: float) -> tuple[Pitch, ...]:
    """What sounds of the keys that one struck now is struck together with."""
    line = state.solo_line
    return line.together if now - line.struck_at <= CHORD_S else ()


def is_stale(state: SharedState) -> bool:
    """Whether the latest note has not been heard by the model yet."""
    return state.solo_line.weighed < state.solo_line.count


def forget(state: SharedState) -> None:
    """Another solo begins."""
    state.solo_line = SoloLine(number=state.solo_line.number + 1)


def _begin(state: SharedState, now: float) -> SoloLine:
    """The solo goes on in another time: on the loop's grid, or without one; the old weights still serve."""
    before = state.solo_line
    state.solo_line = SoloLine(before.number + 1, state.transport, now, rows=before.rows)
    return state.solo_line


def _step(state: SharedState, line: SoloLine, now: float) -> int:
    """The step that a key is struck on."""
    if line.transport is not None:
        return line.transport.grid.nearest_step(played_at(state, now))
    return round((now - line.origin_s) * state.qpm / 15)


def _held_steps(state: SharedState, line: SoloLine, now: float) -> int:
    """How long the note before was held, in steps: one at least."""
    if not line.notes:
        return 0
    up_at = now if line.lifted_at is None else line.lifted_at
    return max(1, _step(state, line, up_at) - line.notes[-1].onset)
