"""The band in the loop: its choruses are laid into the layers bar by bar, as if they had been recorded.

While one is played the next is thought of, by a worker, so that nothing waits for it; a bar is laid when it
begins. A chorus that comes too late is played once more instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from psc2.core import layers
from psc2.core.band import SEATS, Band, ChorusBars, ChorusRequest
from psc2.core.changes import chart_in
from psc2.core.chart import Chart
from psc2.core.effects import Effect
from psc2.core.events import ChorusReady
from psc2.core.harmony import Chord
from psc2.core.instruments import INSTRUMENT_OF_LAYER, Layer
from psc2.core.meter import Pass
from psc2.core.ranges import Pitch
from psc2.core.state import SharedState
from psc2.core.transposing import KeyTurn, Transposition


def set_player(state: SharedState, layer: Layer, wanted: Band, now: float) -> list[Effect]:
    """The player of a layer is another, or none; what was in the layer can come back."""
    end_chorus(state, [layer])
    before = layers.content_of(state, layer)
    layers.seat(state, layer, wanted)
    if not wanted.plays(layer):
        layers.set_layer(state, layer, ())
    layers.record_change(state, before)
    rings = state.ledger.end_loop(now, instrument=INSTRUMENT_OF_LAYER[layer])
    return [*rings, *_think(state, layer, _pass_now(state))]


def keep(state: SharedState) -> None:
    """What the band plays now stays, chorus after chorus, as if it had been recorded."""
    end_chorus(state)
    for layer in SEATS:
        before = layers.content_of(state, layer)
        layers.seat(state, layer, Band())
        layers.record_change(state, before)


def set_transposition(state: SharedState, wanted: Transposition) -> list[Effect]:
    """In which keys the chart is played from the next chorus on."""
    state.practice, transport = replace(state.practice, transpose=wanted), state.transport
    state.later_keys = None
    if transport is None or not transport.passes:
        _think_anew(state)  # what is played first is another, as it leads to another key
        return []
    transport.keys = KeyTurn(transport.passes[-1].semitones).following(wanted, state.next_seed)
    for choruses in (state.coming_choruses, state.thinking):
        choruses.clear()
    return follow(state)


def sit_down(state: SharedState) -> None:
    """The band has its first chorus in the layers before anything is played; this alone is waited for."""
    for layer in SEATS:
        if not state.layer_sizes[layer]:
            for request in _think(state, layer, _pass_now(state)):
                chorus_ready(state, ChorusReady(0.0, request.request_id, layer, request.bars()))


def chorus_ready(state: SharedState, event: ChorusReady) -> None:
    """A chorus has been thought of: it waits for its pass, or is laid, where that is the one that sounds."""
    request = state.thinking.get(event.layer)
    if request is None or request.request_id != event.request_id:
        return
    del state.thinking[event.layer]
    transport = state.transport
    if transport is not None and request.start == transport.next_start:
        state.coming_choruses[event.layer] = event.bars
        return
    passed = _pass_now(state)
    if request.start != passed.start:
        return  # it comes more than a pass too late
    state.choruses[event.layer] = event.bars
    if transport is None:
        end_chorus(state, [event.layer])
    else:
        _lay(state, event.layer, event.bars, passed.locate(transport.next_step - 1).bar)


def begin_chorus(state: SharedState) -> None:
    """A pass begins, and with it what has been thought of for it."""
    state.choruses, state.coming_choruses = state.coming_choruses, {}
    if state.chart is not None and state.chart.time_signature != state.time_signature:
        _rest(state)


def _rest(state: SharedState) -> None:
    """The chart has another meter than the pass that begins: nobody plays from it."""
    state.choruses.clear()
    for layer in SEATS:
        if state.band.plays(layer):
            layers.set_layer(state, layer, ())


def lay_bar(state: SharedState, bar: int) -> None:
    """Bar number ``bar`` of a pass begins, and is laid."""
    for layer, chorus in state.choruses.items():
        _lay(state, layer, chorus, bar)


def end_chorus(state: SharedState, seats: Iterable[Layer] = SEATS) -> None:
    """The chorus that sounds is laid as a whole, and nothing follows it."""
    for layer in seats:
        if layer in state.choruses:
            for bar in range(state.form.num_bars):
                _lay(state, layer, state.choruses[layer], bar)
        for choruses in (state.choruses, state.coming_choruses, state.thinking):
            choruses.pop(layer, None)


def go_home(state: SharedState) -> None:
    """The loop is about to stop, or its keys are others: the first chorus is in the chart's own key.

    Where it is not that which is there, or leads to another key, it is thought of anew.
    """
    state.later_keys = None
    if state.semitones or state.practice.transpose != Transposition():
        _think_anew(state)


def _think_anew(state: SharedState) -> None:
    state.astray.update(layer for layer in SEATS if state.band.plays(layer))


def later_keys(state: SharedState) -> KeyTurn:
    """The key of the pass after the next; while the loop is stopped, of the second. It is drawn but once."""
    if state.later_keys is None:
        coming = KeyTurn() if state.transport is None else state.transport.keys
        state.later_keys = coming.following(state.practice.transpose, state.next_seed)
    return state.later_keys


def follow(state: SharedState) -> list[Effect]:
    """Whoever plays has something to play next, whatever has happened: what is missing is thought of.

    That is the next pass, or the one that sounds, where its layer has come back in another key.
    """
    effects, transport = list[Effect](), state.transport
    coming = None
    if transport is not None and transport.passes:
        coming = Pass(transport.next_start, state.next_form, transport.keys.semitones)
    for layer in SEATS:
        if not state.band.plays(layer) or layer in state.thinking:
            continue
        if layer in state.astray:
            state.astray.discard(layer)
            effects += _think(state, layer, _pass_now(state))
        elif coming is not None and layer not in state.coming_choruses:
            effects += _think(state, layer, coming)
    return effects


def _think(state: SharedState, layer: Layer, passed: Pass) -> list[ChorusRequest]:
    """A layer's player is asked for a chorus; not where there is none, or the chart has another meter."""
    chart = chart_in(state, passed.semitones)
    if chart is None or not state.band.plays(layer) or chart.time_signature != passed.form.time_signature:
        return []
    request = ChorusRequest(
        state.next_request_id(), layer, state.band, chart, state.settings.groups, state.next_seed(),
        _last_pitches(state, layer), passed.start, state.qpm, _chord_after(state, passed, chart),
    )  # fmt: skip
    state.thinking[layer] = request
    return [request]


def _chord_after(state: SharedState, passed: Pass, chart: Chart) -> Chord:
    """The first chord of the chorus that follows a pass: that which sounds, or the one after it."""
    transport = state.transport
    sounds = transport is not None and passed.start < transport.next_start
    keys = transport.keys if transport is not None and sounds else later_keys(state)
    return (chart_in(state, keys.semitones) or chart).changes[0].chord


def _pass_now(state: SharedState) -> Pass:
    """The pass that sounds; before there is one, or while the loop is stopped, the first."""
    transport = state.transport
    return transport.passes[-1] if transport is not None and transport.passes else Pass(0, state.form)


def _last_pitches(state: SharedState, layer: Layer) -> tuple[Pitch, ...]:
    """The pitches struck last in the chorus that is played, or else in the layer, from low to high."""
    bars = [bar for bar in state.choruses.get(layer, ()) if bar]
    notes = bars[-1] if bars else layers.layer_notes(state, layer)[-12:]
    return tuple(sorted(note.pitch for note in notes if note.place == notes[-1].place))


def _lay(state: SharedState, layer: Layer, chorus: ChorusBars, bar: int) -> None:
    """A bar of a pass is laid; where that is longer than the chorus, this begins again."""
    layers.set_bar(state, layer, bar, [replace(note, bar=bar) for note in chorus[bar % len(chorus)]])
