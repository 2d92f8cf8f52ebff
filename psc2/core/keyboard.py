"""The hands: what a key does, and how long a pedal makes it last."""

from __future__ import annotations

from collections.abc import Callable

from psc2.core import call, improv, recording, solo, solo_line, timing, transport
from psc2.core.controls import PEDAL
from psc2.core.effects import Bend, Effect, Modulate
from psc2.core.events import KeyDown, KeyUp, Modulation, PitchBend, SourceGone, Sustain
from psc2.core.instruments import INSTRUMENT_OF_LAYER, Layer
from psc2.core.ledger import Key
from psc2.core.notices import Notice, NoticeKind
from psc2.core.places import played_at
from psc2.core.ranges import BEND_CENTRE
from psc2.core.state import Mode, SharedState, StruckKey
from psc2.core.turns import Under
from psc2.core.wheel import Wheel


def key_down(state: SharedState, event: KeyDown) -> list[Effect]:
    """A key sounds at once; in improv mode perhaps at the machine's pitch."""
    hands, key, now = state.hands, (event.source, event.pitch), event.at
    effects = _end(state, key, now) if key in hands.down or key in hands.sustained else []
    if state.mode is Mode.CALIBRATE:
        return effects + timing.tap(state, now)
    hands.down.add(key)
    effects += transport.start_with_key(state, now)
    recording.key_down(state, key, event.velocity, now)
    layer = state.mode.layer
    timing.note_key(state, layer, event.pitch, event.velocity, now)
    pitch, holder, others = event.pitch, key, list[Effect]()
    if state.mode is Mode.IMPROV:
        pitch, holder, others = solo.key_down(state, key, event.velocity, now)
        if improv.plays_itself(state) and state.settings.turns.under is Under.CHORDS:
            layer = Layer.CHORDS
    state.struck = StruckKey(played_at(state, now), layer, event.pitch, pitch)
    velocity = state.mixer.velocity(layer, event.velocity)
    if not velocity:
        state.notify_once(Notice(0, NoticeKind.NO_VOLUME, layer=layer))
    else:
        effects.append(state.ledger.press(holder, INSTRUMENT_OF_LAYER[layer], pitch, velocity, now))
    return effects + others


def twin_down(state: SharedState, event: KeyDown, other_source: int) -> list[Effect]:
    """A key has just been struck on another port, or keyboard of its kind, too: both hold that one note."""
    hands, key, other = state.hands, (event.source, event.pitch), (other_source, event.pitch)
    effects = _end(state, key, event.at) if key in hands.down | hands.sustained else []
    if other in hands.down | hands.sustained:
        hands.down.add(key)
        hands.twins[key] = hands.twins.get(other, other)
    if other in hands.sustained:
        effects += _end(state, other, event.at)
    return effects


def key_up(state: SharedState, event: KeyUp) -> list[Effect]:
    """A key ends what it really sounds, now or when the last pedal comes up; not while a twin holds it."""
    hands, key = state.hands, (event.source, event.pitch)
    if key not in hands.down:
        return []
    if hands.pedals and key not in {*hands.twins.keys(), *hands.twins.values()}:
        hands.lift(key, event.at)
        hands.sustained.add(key)
        solo_line.lift(state, key, event.at)
        call.key_up(state, key, event.at)
        return []
    return _end(state, key, event.at)


def sustain(state: SharedState, event: Sustain) -> list[Effect]:
    """A sustain pedal: with the last one that comes up, the keys that it held end."""
    if event.down:
        state.hands.pedals.add(event.source)
        return []
    return _lift(state, event.source, event.at)


def pedal(state: SharedState, source: int, position: int, now: float) -> list[Effect]:
    """A sustain pedal is at ``position``, 0–127; around the middle it stays as it was."""
    was_down = source in state.hands.pedals
    is_down = PEDAL.is_down(position, was_down)
    return [] if is_down == was_down else sustain(state, Sustain(now, source, is_down))


def bend(state: SharedState, event: PitchBend) -> list[Effect]:
    """A pitch wheel bends the lead."""
    state.hands.bend.move(event.source, event.value)
    return [Bend(event.value)]


def modulation(state: SharedState, event: Modulation) -> list[Effect]:
    """A modulation wheel gives the lead vibrato."""
    state.hands.modulation.move(event.source, event.value)
    return [Modulate(event.value)]


def wheels(state: SharedState) -> list[Effect]:
    """Where the wheels stand, for a SuperCollider that does not know it."""
    effects: list[Effect] = []
    if state.hands.bend.value != BEND_CENTRE:
        effects.append(Bend(state.hands.bend.value))
    if state.hands.modulation.value:
        effects.append(Modulate(state.hands.modulation.value))
    return effects


def end_keys(state: SharedState, source: int, now: float) -> list[Effect]:
    """All that a keyboard's keys sound ends, whatever the pedal does."""
    hands = state.hands
    keys = sorted(key for key in hands.down | hands.sustained if key[0] == source)
    return [effect for key in keys for effect in _end(state, key, now)]


def release_keys(state: SharedState, source: int, now: float) -> list[Effect]:
    """All of a keyboard's keys come up."""
    keys = sorted(key for key in state.hands.down if key[0] == source)
    return [effect for key in keys for effect in key_up(state, KeyUp(now, *key))]


def reset_controllers(state: SharedState, source: int, now: float) -> list[Effect]:
    """A keyboard's pedal comes up and its wheels go back."""
    return _let_go(state, source, now, Wheel.reset)


def source_gone(state: SharedState, event: SourceGone) -> list[Effect]:
    """A keyboard that is pulled out lets go of its keys, its pedal and its wheels; the others' stay."""
    effects = end_keys(state, event.source, event.at)
    return effects + _let_go(state, event.source, event.at, Wheel.remove)


def forget(state: SharedState, now: float) -> None:
    """Keys and pedals count as up: what a lost key-up would leave behind."""
    for key in [*state.primer_keys]:
        call.key_up(state, key, now)
    for key in [*state.hands.down]:
        state.hands.lift(key, now)
    state.hands.sustained.clear()
    state.hands.twins.clear()
    state.hands.pedals.clear()


def _let_go(
    state: SharedState, source: int, now: float, release: Callable[[Wheel, int], None]
) -> list[Effect]:
    """A keyboard's pedal comes up, and its wheels are released; what is heard of them then."""
    hands = state.hands
    effects = _lift(state, source, now) if source in hands.pedals else []
    bend_before, modulation_before = hands.bend.value, hands.modulation.value
    for wheel in (hands.bend, hands.modulation):
        release(wheel, source)
    if hands.bend.value != bend_before:
        effects.append(Bend(hands.bend.value))
    if hands.modulation.value != modulation_before:
        effects.append(Modulate(hands.modulation.value))
    return effects


def _lift(state: SharedState, source: int, now: float) -> list[Effect]:
    hands = state.hands
    hands.pedals.discard(source)
    if hands.pedals:
        return []
    return [effect for key in sorted(hands.sustained) for effect in _end(state, key, now)]


def _end(state: SharedState, key: Key, now: float) -> list[Effect]:
    """A key lets go of its note, which ends unless a twin holds it."""
    hands = state.hands
    hands.lift(key, now)
    hands.sustained.discard(key)
    if hands.twins.pop(key, None) is not None:
        return []
    heirs = [twin for twin, holder in hands.twins.items() if holder == key]
    if heirs:
        _hand_over(state, key, heirs)
        return []
    recording.key_up(state, key, now)
    solo_line.lift(state, key, now)
    call.key_up(state, key, now)
    return [*state.ledger.release(key, now)]


def _hand_over(state: SharedState, key: Key, heirs: list[Key]) -> None:
    """The first of a key's twins has its note from now on, and the others are that one's."""
    heir, *others = heirs
    del state.hands.twins[heir]
    state.hands.twins.update(dict.fromkeys(others, heir))
    state.ledger.hand_over(key, heir)
    recording.hand_over(state, key, heir)
    call.hand_over(state, key, heir)
