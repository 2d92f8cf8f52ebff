"""Everything musical is decided here: an event comes in, effects go out.

The same events at the same times give the same effects, to the byte.
"""

from __future__ import annotations

from dataclasses import replace

from psc2.core import actions, beat, improv, keyboard, recording, transport
from psc2.core.effects import Alarm, Alive, Bend, Effect, Modulate, Redirect, Retimed, SetUp
from psc2.core.events import (
    BadInput,
    Cancelled,
    ControlChange,
    DrumsReady,
    Due,
    Event,
    Hello,
    KeyDown,
    KeyUp,
    MelodyReady,
    ModelFailed,
    Modulation,
    PitchBend,
    Press,
    ProgramChange,
    Shutdown,
    SourceGone,
    SourceNamed,
    SuperColliderStatus,
    Sustain,
    Tick,
)
from psc2.core.state import SharedState, Timing

MODULATION = 1  # the control changes that keyboards send
SUSTAIN = 64
PEDAL_DOWN = 64  # from this value on

HEARTBEAT, HEARTBEAT_S = "heartbeat", 1.0  # by which SuperCollider notices that the daemon has gone
PEER_GONE, PEER_GONE_S = "peer gone", 3.0  # a hello comes every second


def react(state: SharedState, event: Event) -> list[Effect]:
    """What follows from ``event``; changes nothing but ``state``."""
    recording.finish_if_over(state, event.at)
    effects = _react(state, event)
    return effects if state.peer.knows_ids or not effects else state.pitch_voices.merge(effects)


def _react(state: SharedState, event: Event) -> list[Effect]:
    match event:
        case KeyDown():
            return keyboard.key_down(state, event)
        case KeyUp():
            return keyboard.key_up(state, event)
        case Tick():
            return transport.tick(state, event)
        case Sustain():
            return keyboard.sustain(state, event)
        case PitchBend():
            return [Bend(event.value)]
        case Modulation():
            return [Modulate(event.value)]
        case Press():
            return _press(state, event)
        case ControlChange():
            return _control_change(state, event)
        case ProgramChange():
            return []  # part of the protocol; nothing is bound to it
        case MelodyReady() | DrumsReady() | ModelFailed() | Cancelled():
            return _answer(state, event)
        case Due():
            return _due(state, event)
        case SourceNamed() | SourceGone():
            return _source(state, event)
        case Hello():
            return _hello(state, event)
        case SuperColliderStatus():
            state.peer = replace(state.peer, status=event.text)
            return []
        case BadInput():
            count_bad_input(state, event.kind)
            return []
        case Shutdown():
            return transport.stop(state, event.at)


def _press(state: SharedState, event: Press) -> list[Effect]:
    effects = actions.perform(state, event)
    if effects is None:
        count_bad_input(state, "unknown action")
    return effects or []


def _control_change(state: SharedState, event: ControlChange) -> list[Effect]:
    """The controller's controls do what its map says, any other device's what a keyboard's do."""
    controller = state.settings.controller
    if state.devices.controller is None and controller.reveals(event):
        state.devices = replace(state.devices, controller=event.source)
    if event.source == state.devices.controller:
        press = controller.press(event)
        return [] if press is None else _press(state, press)
    if event.control == MODULATION:
        return _react(state, Modulation(event.at, event.source, event.value))
    if event.control == SUSTAIN:
        return _react(state, Sustain(event.at, event.source, event.value >= PEDAL_DOWN))
    return []


def _answer(state: SharedState, event: MelodyReady | DrumsReady | ModelFailed | Cancelled) -> list[Effect]:
    """A model's answer goes to whoever waits for it; a stale one is dropped."""
    is_melody = state.improv.job.is_answered_by(event)
    if not is_melody and not state.beat_maker.job.is_answered_by(event):
        return []
    match event:
        case MelodyReady():
            return improv.melody_ready(state, event) if is_melody else []
        case DrumsReady():
            return [] if is_melody else beat.drums_ready(state, event)
        case ModelFailed():
            return improv.melody_failed(state, event) if is_melody else beat.drums_failed(state, event)
        case Cancelled():
            return improv.melody_cancelled(state, event) if is_melody else beat.drums_cancelled(state, event)


def _source(state: SharedState, event: SourceNamed | SourceGone) -> list[Effect]:
    """MIDI sources come, with a name that may be the controller's, and go, with all that they hold."""
    devices, source = state.devices, event.source
    names = {uid: name for uid, name in devices.names.items() if uid != source}
    if isinstance(event, SourceNamed):
        is_controller = state.settings.controller.is_named(event.name)
        controller = source if is_controller else devices.controller
        state.devices = replace(devices, names=names | {source: event.name}, controller=controller)
        return []
    controller = None if devices.controller == source else devices.controller
    state.devices = replace(devices, names=names, controller=controller)
    return keyboard.source_gone(state, event)


def _hello(state: SharedState, event: Hello) -> list[Effect]:
    """SuperCollider has said where it listens, by which rig it plays, and that it understands time tags."""
    effects: list[Effect] = [Alarm(event.at + PEER_GONE_S, PEER_GONE)]
    before, rig = state.peer, state.settings.rig
    if before.hello_at is None:
        effects.append(Alarm(event.at + HEARTBEAT_S, HEARTBEAT))
    if event.port != before.port:
        effects += [*transport.silence(state, event.at), Redirect(event.port)]
    tagged = before.tagged or state.settings.timing is Timing.AUTO
    state.peer = replace(before, port=event.port, tagged=tagged, hello_at=event.at, gone=False)
    if tagged and not before.tagged:
        effects.append(Retimed())
    if event.rig != rig.number:
        effects.append(SetUp(rig))
    return effects


def _due(state: SharedState, event: Due) -> list[Effect]:
    """An alarm: a heartbeat for SuperCollider, or that it has not said hello for a while.

    A SuperCollider that has never said hello, such as the program of 2018, gets no heartbeat.
    """
    if event.name == HEARTBEAT:
        return [Alive(), Alarm(event.at + HEARTBEAT_S, HEARTBEAT)]
    if event.name == PEER_GONE:
        state.peer = replace(state.peer, gone=True)
    return []


def count_bad_input(state: SharedState, kind: str) -> None:
    """One more message, or event, that could not be used; ``kind`` is one of a few."""
    bad_input = state.counts.bad_input
    state.counts = replace(state.counts, bad_input={**bad_input, kind: bad_input.get(kind, 0) + 1})
