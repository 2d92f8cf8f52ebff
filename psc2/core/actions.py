"""What each control of the controller does: one short function an action."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from psc2.core import drums, improv, layers, recording, transport
from psc2.core.controls import PRESSED, Action, Control
from psc2.core.events import ControlChange, DrumsReady, DrumsRequest, Effect, ModelFailed
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
        transport.set_bars(state, (state.pending_num_bars or state.num_bars) + change)
        return []

    return perform_bars


def _meter(change: Callable[[int, int], tuple[int, int]]) -> Performer:
    def perform_meter(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
        latest = state.pending_time_signature or state.time_signature
        transport.change_meter(state, *change(latest.numerator, latest.denominator))
        return []

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
    improv.leave(state)
    recording.arm(state, _layer(control))
    return []


def _deterministic_drums(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    state.drums_wanted, state.drums_again, state.pending_beat = False, False, None
    layers.use_deterministic_beat(state)
    return []


def _model_drums(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    state.drums_wanted = True
    if state.drums_job is None:
        return _ask_for_beat(state)
    state.drums_again = True
    return []


def _ask_for_beat(state: SharedState) -> list[Effect]:
    """The deterministic beat primes DrumsRNN, in the meter and bars that will hold when it answers."""
    time_signature = state.pending_time_signature or state.time_signature
    num_bars = state.pending_num_bars or state.num_bars
    beat = drums.deterministic_beat(state.bass_line, time_signature, num_bars)
    state.drums_job = DrumsRequest(
        request_id=state.next_request_id(),
        primer=drums.pattern_of(beat, time_signature.steps_per_bar),
        steps_per_beat=time_signature.steps_per_beat,
        steps_per_bar=time_signature.steps_per_bar,
        num_bars=num_bars,
        qpm=state.qpm,
        temperature=state.drums_temperature,
        seed=state.next_seed(),
    )
    return [state.drums_job]


def drums_ready(state: SharedState, event: DrumsReady) -> list[Effect]:
    """A new beat waits for the next sequence start; while the loop is stopped it is there at once."""
    job = state.drums_job
    if job is None or event.request_id != job.request_id:
        return []
    state.drums_job = None
    if state.drums_again:
        state.drums_again = False
        return _ask_for_beat(state)
    if state.drums_wanted:
        state.drums_wanted = False
        notes = drums.notes_of(event.hits, job.steps_per_bar, job.num_bars)
        if state.transport is None:
            layers.use_model_beat(state, notes)
        else:
            state.pending_beat = notes
    return []


def drums_failed(state: SharedState, event: ModelFailed) -> None:
    """The beat stays as it is."""
    if state.drums_job is not None and event.request_id == state.drums_job.request_id:
        state.drums_job, state.drums_wanted, state.drums_again = None, False, False


def _drums_temperature(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    state.drums_temperature = control.scaled(event.value)
    return []


def _improv(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    recording.leave(state)
    state.mode = Mode.IMPROV
    improv.enter(state)
    return []


def _free(state: SharedState, control: Control, event: ControlChange) -> list[Effect]:
    recording.leave(state)
    improv.leave(state)
    state.mode = Mode.FREE
    return []


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
    Action.FREE: _free,
    Action.VOLUME: _volume,
    Action.UNDO: _undo,
    Action.OVERDUB: _overdub,
}
