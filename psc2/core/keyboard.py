"""The hands: what a key does, and how long a pedal makes it last."""

from __future__ import annotations

from psc2.core import improv, recording
from psc2.core.effects import Effect
from psc2.core.events import KeyDown, KeyUp, SourceGone, Sustain
from psc2.core.instruments import INSTRUMENT_OF_LAYER
from psc2.core.ledger import Key
from psc2.core.state import Mode, SharedState


def key_down(state: SharedState, event: KeyDown) -> list[Effect]:
    """A key sounds at once; in improv mode perhaps at the machine's pitch."""
    hands, key, now = state.hands, (event.source, event.pitch), event.at
    effects = _end(state, key, now) if key in hands.down or key in hands.sustained else []
    hands.down.add(key)
    recording.key_down(state, key, event.velocity, now)
    pitch = event.pitch
    requests: list[Effect] = []
    if state.mode is Mode.IMPROV:
        pitch, requests = improv.key_down(state, key, event.velocity, now)
    layer = state.mode.layer
    velocity = state.mixer.velocity(layer, event.velocity)
    if velocity:
        effects.append(state.ledger.press(key, INSTRUMENT_OF_LAYER[layer], pitch, velocity, now))
    return effects + requests


def key_up(state: SharedState, event: KeyUp) -> list[Effect]:
    """A key ends what it really sounds, now or when the last pedal comes up."""
    hands, key = state.hands, (event.source, event.pitch)
    if key not in hands.down:
        return []
    if hands.pedals:
        hands.down.remove(key)
        hands.sustained.add(key)
        return []
    return _end(state, key, event.at)


def sustain(state: SharedState, event: Sustain) -> list[Effect]:
    """A sustain pedal: with the last one that comes up, the keys that it held end."""
    if event.down:
        state.hands.pedals.add(event.source)
        return []
    return _lift(state, event.source, event.at)


def source_gone(state: SharedState, event: SourceGone) -> list[Effect]:
    """A keyboard that is pulled out lets go of its keys and its pedal."""
    hands = state.hands
    keys = sorted(key for key in hands.down | hands.sustained if key[0] == event.source)
    effects = [effect for key in keys for effect in _end(state, key, event.at)]
    return effects + _lift(state, event.source, event.at)


def forget(state: SharedState) -> None:
    """Keys and pedals count as up: what a lost key-up would leave behind."""
    state.hands.down.clear()
    state.hands.sustained.clear()
    state.hands.pedals.clear()


def _lift(state: SharedState, source: int, now: float) -> list[Effect]:
    hands = state.hands
    hands.pedals.discard(source)
    if hands.pedals:
        return []
    return [effect for key in sorted(hands.sustained) for effect in _end(state, key, now)]


def _end(state: SharedState, key: Key, now: float) -> list[Effect]:
    state.hands.down.discard(key)
    state.hands.sustained.discard(key)
    recording.key_up(state, key, now)
    improv.key_up(state, key, now)
    return [*state.ledger.release(key, now)]
