"""The hands: what a key does, and how long the pedal makes it last."""

from __future__ import annotations

from psc2.core import improv, recording
from psc2.core.events import Effect
from psc2.core.instruments import INSTRUMENT_OF_LAYER
from psc2.core.state import Mode, SharedState


def key_down(state: SharedState, key: int, velocity: int, now: float) -> list[Effect]:
    """A key sounds at once; in improv mode perhaps at the machine's pitch."""
    effects = _end(state, key, now) if key in state.keys_down | state.keys_sustained else []
    state.keys_down.add(key)
    recording.key_down(state, key, velocity, now)
    pitch, requests = (
        improv.key_down(state, key, velocity, now) if state.mode is Mode.IMPROV else (key, [])
    )  # fmt: skip
    layer = state.mode.layer
    sounding = state.mixer.velocity(layer, velocity)
    if sounding:
        effects += state.ledger.press(key, INSTRUMENT_OF_LAYER[layer], pitch, sounding, now)
    return effects + requests


def key_up(state: SharedState, key: int, now: float) -> list[Effect]:
    """A key ends what it really sounds, now or when the pedal comes up."""
    if key not in state.keys_down:
        return []
    if state.pedal_down:
        state.keys_down.remove(key)
        state.keys_sustained.add(key)
        return []
    return _end(state, key, now)


def pedal(state: SharedState, down: bool, now: float) -> list[Effect]:
    """The sustain pedal: coming up, it ends the keys that it held."""
    state.pedal_down = down
    if down:
        return []
    return [effect for key in sorted(state.keys_sustained) for effect in _end(state, key, now)]


def _end(state: SharedState, key: int, now: float) -> list[Effect]:
    state.keys_down.discard(key)
    state.keys_sustained.discard(key)
    recording.key_up(state, key, now)
    improv.key_up(state, key, now)
    return [*state.ledger.release(key, now)]
