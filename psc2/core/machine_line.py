"""The line that the machine plays itself: its own rhythm on the grid, with the call's dynamics.

Notes are sent a look-ahead before their moment, as the loop's are. While the loop is stopped the line has
a grid of its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, pairwise, zip_longest
from math import ceil, floor, inf
from statistics import median

from psc2.core import changes, register, turn_lines
from psc2.core.effects import Effect
from psc2.core.instruments import Instrument, Layer
from psc2.core.meter import STEPS_PER_QUARTER, Grid
from psc2.core.places import pass_at, played_at
from psc2.core.ranges import Pitch
from psc2.core.register import Sounded
from psc2.core.requests import PrimerNote
from psc2.core.state import LineNote, MachineLine, Phase, SharedState

START_S = 0.060  # from a turn that begins to the line's first note, at least
LATE_S = 0.030  # a note later than this is left out
ROUNDING_S = 1e-6  # of a moment


def lay(state: SharedState, begin_s: float | None, now: float) -> None:
    """The answer becomes a line, from the first strong beat from ``begin_s`` on; None: after what is laid."""
    line = state.machine_line
    if begin_s is not None:
        state.machine_line = line = MachineLine()
        if state.transport is None:
            swing = state.feel.swing(0, state.time_signature.steps_per_bar)
            line.grid = Grid.starting(now + max(START_S, state.lookahead_s), 0, state.qpm, swing)
        line.end = strong_beat(state, begin_s)
    begin, notes = line.end, _rhythm(state, line.laid)
    if begin_s is not None and state.answer_rhythm:
        begin += steps_into_beat(state)
    rests = notes[0][0] // 4 * 4 if notes else 0  # whole beats at the beginning are not waited for
    velocities = cycle([note.velocity for note in state.last_call] or [90])
    pitches = _in_register(state, state.answer[line.laid :])
    for pitch, (onset, steps), velocity in zip(pitches, notes, velocities, strict=False):
        step = begin + onset - rests
        line.coming.append(LineNote(step, step + steps, pitch, velocity))
        line.end = step + steps
    line.laid = len(state.answer)


def _in_register(state: SharedState, drawn: Sequence[Pitch]) -> list[Pitch]:
    """The pitches of the line, near those of the call; what follows it begins where they end."""
    if state.settings.register is None or not state.last_call:
        return list(drawn)
    centre = round(median(note.pitch for note in state.last_call))
    line, pitches = state.machine_line, []
    before = line.last or state.sounded
    for pitch, following in zip_longest(drawn, drawn[1:]):
        before = Sounded(register.placed(pitch, centre, before, following, state.settings.register), pitch)
        pitches.append(before.pitch)
    line.last = before
    return pitches


def _rhythm(state: SharedState, first: int) -> list[tuple[int, int]]:
    """Onset and length, in steps, of the answer's pitches from ``first`` on; the call's where it has none."""
    rhythm = list(state.answer_rhythm[first:])
    step_s, call = 15 / state.qpm, state.last_call
    gaps = [after.onset_s - note.onset_s for note, after in pairwise(call)]
    spaces = cycle([max(1, min(8, round(gap / step_s))) for gap in gaps] or [2])
    onset = rhythm[-1][0] + rhythm[-1][1] if rhythm else 0
    for _ in range(len(state.answer) - first - len(rhythm)):
        steps = next(spaces)
        rhythm.append((onset, steps))
        onset += steps
    return rhythm


def steps_into_beat(state: SharedState) -> int:
    """Where in a beat an answer with a rhythm begins, 0–3: on the step after the call's last onset."""
    call, swing = state.last_call, state.feel.swing(0, state.time_signature.steps_per_bar)
    if not call:
        return 0
    if state.transport is not None:
        last = state.transport.grid.step_at(played_at(state, call[-1].onset_s))
    else:
        last = swing.straight((call[-1].onset_s - call[0].onset_s) / (15 / state.qpm))
    return (round(last) + 1) % 4


def strong_beat(state: SharedState, begin_s: float) -> int:
    """The first strong beat from a moment on; with a grid of its own the line begins at once."""
    transport = state.transport
    if transport is None:
        return 0
    step = max(ceil(transport.grid.step_at(begin_s) - 1e-6), 0)
    while True:
        passed = pass_at(state, transport, step)
        if passed is None or changes.is_strong(state, step):
            return step
        step += 1


def next_moment(state: SharedState) -> float:
    """When the next note of the line is to be sent, or ended; never, if there is none."""
    line, grid = state.machine_line, _grid(state)
    if grid is None:
        return inf
    steps = [*(end for _, end in line.sounding), *([line.coming[0].step] if line.coming else [])]
    return min((grid.time_of(step) for step in steps), default=inf) - state.lookahead_s


def play_due(state: SharedState, now: float) -> list[Effect]:
    """What is due is ended, and sent."""
    line, grid = state.machine_line, _grid(state)
    if grid is None:
        return []
    effects: list[Effect] = []
    _end_at_line(state, grid)
    until = now + state.lookahead_s + ROUNDING_S
    for note_id, end in [one for one in line.sounding if grid.time_of(one[1]) <= until]:
        line.sounding.remove((note_id, end))
        line.ended_at = grid.time_of(end)
        effects += state.ledger.end(note_id, now, _tag(state, line.ended_at, now))
    while line.coming and grid.time_of(line.coming[0].step) <= until:
        note = line.coming.popleft()
        effects += _begin(state, grid, note, now)
    return effects


def _end_at_line(state: SharedState, grid: Grid) -> None:
    """What would begin in the player's turn is left out, where a line says when that is."""
    line_at = turn_lines.line_at(state) if state.improv.phase is Phase.ANSWERING else None
    coming = state.machine_line.coming
    while line_at is not None and coming and grid.time_of(coming[-1].step) > line_at - ROUNDING_S:
        coming.pop()


def _begin(state: SharedState, grid: Grid, note: LineNote, now: float) -> list[Effect]:
    sounds_at, line = grid.time_of(note.step), state.machine_line
    line.ended_at = grid.time_of(note.end)
    state.improv = replace(state.improv, answered=state.improv.answered + 1)
    if state.generated_melody:
        state.generated_melody.popleft()
    velocity = state.mixer.velocity(Layer.LEAD, note.velocity)
    if now - sounds_at > LATE_S or not velocity:
        return []
    pitch = changes.fitted_at(state, note.step, note.pitch, note.pitch, line.sounded)
    line.sounded = Sounded(pitch, note.pitch)
    state.answer_line.append(PrimerNote(pitch, note.velocity, sounds_at, line.ended_at - sounds_at))
    at = _tag(state, sounds_at, now)
    begun = state.ledger.play(Instrument.LEAD, pitch, velocity, inf, max(now, sounds_at), at)
    line.sounding.append((begun.note_id, note.end))
    return [begun]


def silence(state: SharedState, now: float) -> list[Effect]:
    """What sounds of the line ends at once; what is left of it is kept."""
    sounding, state.machine_line.sounding = state.machine_line.sounding, []
    return [effect for note_id, _ in sounding for effect in state.ledger.end(note_id, now)]


def resume(state: SharedState, now: float) -> None:
    """What is left of the line goes on with the next strong beat, as far into a beat as it was."""
    line, grid = state.machine_line, _grid(state)
    if grid is None or not line.coming:
        return
    begin = strong_beat(state, now + START_S) if line.grid is None else ceil(grid.step_at(now + START_S))
    beats = -(-(begin - line.coming[0].step) // STEPS_PER_QUARTER)
    if beats > 0:
        _shift(line, beats * STEPS_PER_QUARTER)


def move(state: SharedState, now: float) -> list[Effect]:
    """The loop has been started: what is left of a line with a grid of its own goes on in it."""
    line = state.machine_line
    if line.grid is None or not line.coming:
        return drop(state, now)
    effects, line.grid = silence(state, now), None
    line.ended_at = now
    first = line.coming[0].step
    _shift(line, strong_beat(state, now + START_S) + first % STEPS_PER_QUARTER - first)
    return effects


def retime(state: SharedState, now: float) -> None:
    """The tempo has changed while the loop is stopped: what has not been sent follows it."""
    line = state.machine_line
    if line.grid is not None:
        line.grid = line.grid.retimed(state.qpm, floor(line.grid.step_at(now + state.lookahead_s)), now)


def _shift(line: MachineLine, steps: int) -> None:
    line.coming = deque(note._replace(step=note.step + steps, end=note.end + steps) for note in line.coming)
    line.end += steps


def drop(state: SharedState, now: float) -> list[Effect]:
    """The line is over, at once."""
    effects = silence(state, now)
    state.machine_line = MachineLine()
    return effects


def laid_until(state: SharedState) -> float:
    """When the last note that has been laid ends; -inf while none has been."""
    line, grid = state.machine_line, _grid(state)
    return grid.time_of(line.end) if grid is not None and line.laid else -inf


def over_at(state: SharedState) -> float:
    """When the line's last note has ended; never, while one is still to come."""
    line = state.machine_line
    return inf if line.coming or line.sounding else line.ended_at


def _grid(state: SharedState) -> Grid | None:
    return state.machine_line.grid or (state.transport.grid if state.transport else None)


def _tag(state: SharedState, sounds_at: float, now: float) -> float | None:
    return sounds_at if state.sends_ahead and sounds_at > now else None
