"""How a player is in time: a look back at what was played, and the test that finds a player's latency."""

from __future__ import annotations

from dataclasses import replace

from psc2.core import improv, recording, transport
from psc2.core.calibration import BOUNCE_S, Calibration, measured, tap_at
from psc2.core.effects import Effect
from psc2.core.instruments import Layer
from psc2.core.look_back import PlayedKey, latest_pass, look_back_at
from psc2.core.meter import Pass
from psc2.core.notices import Notice, NoticeKind
from psc2.core.places import played_at
from psc2.core.recording import CHORD_S
from psc2.core.state import Mode, Recording, SharedState


def note_key(state: SharedState, layer: Layer, pitch: int, velocity: int, now: float) -> None:
    """What a look back will need of a key that is heard of at ``now``; nothing is computed from it yet.

    A key that was struck before play, as one gesture with it, has nothing to be early or late against.
    """
    loop, recorder, played = state.transport, state.recorder, state.played
    if loop is None:
        return
    if played.over is not loop:
        played.over = loop
        played.keys.clear()
    take = recorder.recording
    is_taken = take is not None and take.is_open
    step = recorder.chord_step if is_taken else None
    at = played_at(state, now)
    if step is not None and at > now - state.latency_s:  # of one gesture with play: it follows no click
        at = loop.grid.time_of(step)
    before = played.keys[-1].chord_at if played.keys else float("-inf")
    played.keys.append(
        PlayedKey(
            at,
            before if 0 <= at - before <= CHORD_S else at,
            step,
            recorder.takes if is_taken else 0,
            layer,
            pitch,
            velocity,
            loop.grid,
            loop.passes,
            state.form,
        )
    )


def look_back_at_take(state: SharedState) -> None:
    """A take that is over is looked back at, if there is one."""
    over, state.recorder.over = state.recorder.over, None
    keys = [key for key in state.played.keys if key.take == state.recorder.takes]
    if over is not None and keys:
        state.look_back = look_back_at(keys, _pass_of(over, state))


def _pass_of(take: Recording, state: SharedState) -> Pass:
    assert take.start is not None, "it is over"
    known = (one for key in reversed(state.played.keys) for one in key.passes if one.start == take.start)
    return next(known, Pass(take.start, state.form))


def look_back(state: SharedState) -> None:
    """The lead that was played last over the loop is looked back at, as much as one pass holds."""
    keys = latest_pass(state.played.keys, Layer.LEAD)
    if keys:
        state.look_back = look_back_at(keys)
    else:
        state.notify(Notice(0, NoticeKind.NOTHING_PLAYED))


def calibrate(state: SharedState, now: float) -> list[Effect]:
    """The tap test begins, with nothing but the click; in the midst of it, it is left."""
    if state.mode is Mode.CALIBRATE:
        return leave(state, now)
    recording.leave(state)
    effects = improv.leave(state)
    state.mode = Mode.CALIBRATE
    state.calibration = Calibration(started_loop=state.transport is None)
    return [*effects, *state.ledger.end_loop(now), *transport.play(state, now)]


def leave(state: SharedState, now: float) -> list[Effect]:
    """The tap test is over, and so is a loop that has been started for it; another one goes on."""
    state.mode = Mode.FREE
    return transport.stop(state, now) if state.calibration.started_loop else []


def tap(state: SharedState, now: float) -> list[Effect]:
    """A tap of the test, which neither sounds nor is recorded; after the last one it is measured."""
    loop, test = state.transport, state.calibration
    if loop is None or (test.latest is not None and now - test.latest < BOUNCE_S):
        return []
    one = tap_at(now, loop.grid, state.time_signature.steps_per_beat, state.qpm)
    state.calibration = replace(test, taps=(*test.taps, one), latest=now)
    return _conclude(state, now) if state.calibration.taps_left == 0 else []


def _conclude(state: SharedState, now: float) -> list[Effect]:
    """What steady taps tell holds from now on; after others the test begins anew."""
    found = measured(state.calibration.taps)
    latency_ms, spread_ms = round(1000 * found.latency_s), 1000 * found.spread_s
    if not found.is_steady:
        state.calibration = replace(state.calibration, taps=())
        state.notify(Notice(0, NoticeKind.UNSTEADY_TAPS, value=spread_ms))
        return []
    state.latency_s = latency_ms / 1000
    state.notify(Notice(0, NoticeKind.CALIBRATED, value=latency_ms, present=spread_ms))
    return leave(state, now)
