"""What the instrument can be asked for: one short function an action, by its name.

A controller's map, a terminal's key, a page or a song asks for it with a ``Press``. The table ``ACTIONS``
is made of the functions here, and in ``band_actions``, ``practice_actions`` and ``turn_actions``: a new one
is one more function.
"""

from __future__ import annotations

from dataclasses import replace

from psc2.core import (
    band_actions,
    beat,
    improv,
    keyboard,
    layers,
    practice_actions,
    recording,
    tempo,
    transport,
    turn_actions,
)
from psc2.core.action_table import ActionTable, layer_of, value_of
from psc2.core.effects import Effect
from psc2.core.events import Modulation, Press
from psc2.core.instruments import INSTRUMENT_OF_LAYER, Layer
from psc2.core.loop import Beat
from psc2.core.notices import Notice, NoticeKind
from psc2.core.ranges import GAINS, PERCENT, QPM, SEVEN_BITS, SWING_PERCENT, TEMPERATURES
from psc2.core.state import Mode, Phase, SharedState

RECORDED = (Layer.BASS, Layer.CHORDS)
LOOPED = (Layer.CLICK, Layer.BASS, Layer.DRUMS, Layer.CHORDS)

ACTIONS = ActionTable()
action = ACTIONS.action


def perform(state: SharedState, press: Press) -> list[Effect] | None:
    """What follows from a press; None if there is no such action, or not so."""
    asked = ACTIONS.get(press.action)
    if asked is None or not asked.fits(press):
        return None
    if asked.values is not None and press.value is not None:
        press = replace(press, value=asked.values.clamp(press.value))
    return asked.perform(state, press)


# --- the loop -------------------------------------------------------------------------


@action("play")
def _play(state: SharedState, press: Press) -> list[Effect]:
    """Start the loop."""
    if state.transport is not None:
        _tell_already(state, press)
    return transport.play(state, press.at)


@action("stop")
def _stop(state: SharedState, press: Press) -> list[Effect]:
    """Stop the loop; while it is stopped: panic, everything silent.

    Panic also forgets what a lost key-up or pedal would leave behind.
    """
    if state.mode is Mode.CALIBRATE:
        state.mode = Mode.FREE
    if state.transport is None:
        state.counts = replace(state.counts, panics=state.counts.panics + 1)
        keyboard.forget(state, press.at)
    return [*transport.stop(state, press.at), *improv.fall_silent(state, press.at)]


@action("bars_down")
def _bars_down(state: SharedState, press: Press) -> list[Effect]:
    """One bar fewer."""
    return transport.set_bars(state, state.next_form.num_bars - 1)


@action("bars_up")
def _bars_up(state: SharedState, press: Press) -> list[Effect]:
    """One bar more."""
    return transport.set_bars(state, state.next_form.num_bars + 1)


@action("numerator_down")
def _numerator_down(state: SharedState, press: Press) -> list[Effect]:
    """One beat a bar fewer."""
    return _set_meter(state, -1, 1)


@action("numerator_up")
def _numerator_up(state: SharedState, press: Press) -> list[Effect]:
    """One beat a bar more."""
    return _set_meter(state, +1, 1)


@action("denominator_down")
def _denominator_down(state: SharedState, press: Press) -> list[Effect]:
    """Beats of twice the length."""
    return _set_meter(state, 0, 0.5)


@action("denominator_up")
def _denominator_up(state: SharedState, press: Press) -> list[Effect]:
    """Beats of half the length."""
    return _set_meter(state, 0, 2)


def _set_meter(state: SharedState, more_beats: int, factor: float) -> list[Effect]:
    meter = state.next_form.time_signature
    return transport.set_meter(state, meter.numerator + more_beats, int(meter.denominator * factor))


@action("qpm", values=QPM, present=lambda state, press: state.qpm)
def _qpm(state: SharedState, press: Press) -> list[Effect]:
    """The tempo, in quarter notes a minute."""
    return tempo.set_qpm(state, value_of(press), press.at)


@action("tap")
def _tap(state: SharedState, press: Press) -> list[Effect]:
    """Tap the tempo."""
    return tempo.tap(state, press.at)


@action("swing", values=SWING_PERCENT, present=lambda state, press: 100 * state.feel.ratio)
def _swing(state: SharedState, press: Press) -> list[Effect]:
    """How the loop swings, in percent: 50 is straight, 67 triplets; takes say nothing of it any more."""
    tempo.set_swing(state, value_of(press) / 100)
    return []


@action("learn_swing")
def _learn_swing(state: SharedState, press: Press) -> list[Effect]:
    """Whether each take says by its off-beats how the loop swings."""
    state.feel = replace(state.feel, learns=not state.feel.learns)
    return []


@action("quantise", values=PERCENT, present=lambda state, press: state.feel.quantise_percent)
def _quantise(state: SharedState, press: Press) -> list[Effect]:
    """How exactly the loop plays what you recorded, in percent: 0 is as you played it."""
    state.feel = replace(state.feel, quantise_percent=value_of(press))
    return []


# --- the layers -----------------------------------------------------------------------


@action("record", layers=RECORDED)
def _record(state: SharedState, press: Press) -> list[Effect]:
    """Clear a layer, unless overdub is on, and record it from your next key."""
    if recording.is_armed(state, layer_of(press)):
        _tell_already(state, press)
    recording.arm(state, layer_of(press), press.at)
    return improv.leave(state, press.at)


@action("clear", layers=RECORDED)
def _clear(state: SharedState, press: Press) -> list[Effect]:
    """Empty a layer."""
    if recording.is_empty(state, layer_of(press)):
        _tell_already(state, press)
    recording.clear(state, layer_of(press), press.at)
    return []


@action("overdub")
def _overdub(state: SharedState, press: Press) -> list[Effect]:
    """Whether the next recording adds to its layer instead of clearing it."""
    state.recorder.overdub = not state.recorder.overdub
    return []


@action("undo")
def _undo(state: SharedState, press: Press) -> list[Effect]:
    """Take back the latest take, clear or beat."""
    recording.undo(state, press.at)
    return []


@action("redo")
def _redo(state: SharedState, press: Press) -> list[Effect]:
    """Take back the latest undo."""
    recording.redo(state, press.at)
    return []


@action("mute", layers=LOOPED)
def _mute(state: SharedState, press: Press) -> list[Effect]:
    """Leave a layer out of the loop, or let it in again; what is under your hands stays."""
    state.mixer = state.mixer.with_mute_toggled(layer_of(press))
    return transport.end_unheard(state, press.at)


@action("solo", layers=LOOPED)
def _solo(state: SharedState, press: Press) -> list[Effect]:
    """Hear a layer alone, or with others that are soloed; what is under your hands stays."""
    state.mixer = state.mixer.with_solo_toggled(layer_of(press))
    return transport.end_unheard(state, press.at)


@action(
    "volume",
    layers=tuple(Layer),
    values=GAINS,
    present=lambda state, press: state.mixer.faders[layer_of(press)].gain,
)
def _volume(state: SharedState, press: Press) -> list[Effect]:
    """A layer's volume: at 100 % it is as played."""
    layer = layer_of(press)
    state.mixer = state.mixer.with_gain(layer, value_of(press))
    if value_of(press) > 0 or layer not in INSTRUMENT_OF_LAYER:
        return []
    return [*state.ledger.silence(press.at, {INSTRUMENT_OF_LAYER[layer]})]


@action("deterministic_drums")
def _deterministic_drums(state: SharedState, press: Press) -> list[Effect]:
    """The beat that follows your bassline."""
    if not _want_bass_line(state) and state.beat is Beat.DETERMINISTIC and not beat.is_coming(state):
        _tell_already(state, press)
    layers.use_deterministic_beat(state)
    return beat.drop(state)


@action("model_drums")
def _model_drums(state: SharedState, press: Press) -> list[Effect]:
    """A new beat from the machine."""
    _want_bass_line(state)
    return beat.want(state)


def _want_bass_line(state: SharedState) -> bool:
    """Without a bassline there is a beat, but it follows nothing. Returns: whether that has been told."""
    if not state.bass_line:
        state.notify(Notice(0, NoticeKind.NO_BASS_LINE))
    return not state.bass_line


@action("drums_temperature", values=TEMPERATURES, present=lambda state, press: state.beat_maker.temperature)
def _drums_temperature(state: SharedState, press: Press) -> list[Effect]:
    """How surprising the machine's beats are."""
    beat.set_temperature(state, value_of(press))
    return []


# --- the hands ------------------------------------------------------------------------


@action("sustain", values=SEVEN_BITS)
def _sustain(state: SharedState, press: Press) -> list[Effect]:
    """A sustain pedal: down from 64 on."""
    return keyboard.pedal(state, press.source, round(value_of(press)), press.at)


@action("modulation", values=SEVEN_BITS)
def _modulation(state: SharedState, press: Press) -> list[Effect]:
    """A modulation wheel: vibrato of the lead."""
    return keyboard.modulation(state, Modulation(press.at, press.source, round(value_of(press))))


@action("free")
def _free(state: SharedState, press: Press) -> list[Effect]:
    """Play freely."""
    if state.mode is Mode.FREE:
        _tell_already(state, press)
    recording.leave(state)
    state.mode = Mode.FREE
    return improv.leave(state, press.at)


@action("improv")
def _improv(state: SharedState, press: Press) -> list[Effect]:
    """Play with the machine: after your call its pitches, in your rhythm."""
    if state.improv.phase is Phase.LISTENING and not state.accumulated_primer_melody:
        _tell_already(state, press)
    recording.leave(state)
    state.mode = Mode.IMPROV
    return improv.enter(state, press.at)


@action("melody_temperature", values=TEMPERATURES, present=lambda state, press: state.improv.temperature)
def _melody_temperature(state: SharedState, press: Press) -> list[Effect]:
    """How surprising the machine's pitches are."""
    improv.set_temperature(state, value_of(press))
    return []


def _tell_already(state: SharedState, press: Press) -> None:
    state.notify(Notice(0, NoticeKind.ALREADY, action=press.action, layer=press.layer))


ACTIONS.update(band_actions.ACTIONS)
ACTIONS.update(practice_actions.ACTIONS)
ACTIONS.update(turn_actions.ACTIONS)
