"""What each control of the controller does: one short function an action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from psc2.core import beat, improv, layers, recording, transport
from psc2.core.controls import PRESSED, Action, Control
from psc2.core.events import ControlChange, Effect
from psc2.core.instruments import INSTRUMENT_OF_LAYER, Layer
from psc2.core.state import Mode, SharedState


def perform(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    """The control does what its map says; a button only when it is pressed."""
    if control.action.is_continuous or event.value == PRESSED:
        return PERFORM[control.action](state, control, event)
    return []


class Performer(Protocol):
    def __call__(self, state: SharedState, control: Control, event: ControlChange, /) -> list[Effect]: ...


def _play(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    return transport.play(state, event.at)


def _stop(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    """Stop; while stopped, panic: also what a lost key-up or pedal would leave behind."""
    if state.transport is None:
        state.panics += 1
        state.pedal_down = False
        state.keys_down.clear()
        state.keys_sustained.clear()
    return transport.stop(state, event.at)


def _bars(change: int) -> Performer:
    def perform_bars(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
        before = transport.coming(state)
        transport.set_bars(state, before[1] + change)
        return [] if transport.coming(state) == before else beat.refit(state)

    return perform_bars


def _meter(change: Callable[[int, int], tuple[int, int]]) -> Performer:
    def perform_meter(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
        before = transport.coming(state)
        transport.change_meter(state, *change(before[0].numerator, before[0].denominator))
        return [] if transport.coming(state) == before else beat.refit(state)

    return perform_meter


def _qpm(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    return transport.set_qpm(state, control.scaled(event.value), event.at)


def _tap(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    return transport.tap(state, event.at)


def _mute(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    """The loop lets go of a muted layer's notes; those under the player's hands stay."""
    layer = _layer(control)
    state.mixer.muted ^= {layer}
    if layer not in state.mixer.muted or layer not in INSTRUMENT_OF_LAYER:
        return []
    names = [name for name in state.ledger.voices if name[0] is INSTRUMENT_OF_LAYER[layer]]
    return [*state.ledger.end_loop(event.at, names=names)]


def _volume(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    layer = _layer(control)
    state.mixer.gains[layer] = max(0.0, control.scaled(event.value))
    if state.mixer.gains[layer] > 0 or layer not in INSTRUMENT_OF_LAYER:
        return []
    return [*state.ledger.silence(event.at, {INSTRUMENT_OF_LAYER[layer]})]


def _record(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    recording.arm(state, _layer(control))
    return improv.leave(state)


def _deterministic_drums(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    layers.use_deterministic_beat(state)
    return beat.drop(state)


def _model_drums(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    return beat.want(state)


def _drums_temperature(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    state.drums_temperature = control.scaled(event.value)
    return []


def _improv(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    recording.leave(state)
    state.mode = Mode.IMPROV
    return improv.enter(state)


def _melody_temperature(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    state.melody_temperature = control.scaled(event.value)
    return []


def _free(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    recording.leave(state)
    state.mode = Mode.FREE
    return improv.leave(state)


def _undo(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    if state.undo is not None:
        recording.cancel(state, state.undo.layer)
        layers.undo(state)
    return []


def _overdub(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    state.overdub = not state.overdub
    return []


def _layer(control: Control) -> Layer:
    assert control.layer is not None, f"{control.action} needs a layer"
    return control.layer


PERFORM: dict[Action, Performer] = {
    Action.PLAY: _play,
    Action.STOP: _stop,
    Action.BARS_DOWN: _bars(-1),
    Action.BARS_UP: _bars(+1),
    Action.NUMERATOR_DOWN: _meter(lambda numerator, denominator: (numerator - 1, denominator)),
    Action.NUMERATOR_UP: _meter(lambda numerator, denominator: (numerator + 1, denominator)),
    Action.DENOMINATOR_DOWN: _meter(lambda numerator, denominator: (numerator, denominator // 2)),
    Action.DENOMINATOR_UP: _meter(lambda numerator, denominator: (numerator, denominator * 2)),
    Action.QPM: _qpm,
    Action.TAP: _tap,
    Action.MUTE: _mute,
    Action.RECORD: _record,
    Action.DETERMINISTIC_DRUMS: _deterministic_drums,
    Action.MODEL_DRUMS: _model_drums,
    Action.DRUMS_TEMPERATURE: _drums_temperature,
    Action.IMPROV: _improv,
    Action.MELODY_TEMPERATURE: _melody_temperature,
    Action.FREE: _free,
    Action.VOLUME: _volume,
    Action.UNDO: _undo,
    Action.OVERDUB: _overdub,
}
