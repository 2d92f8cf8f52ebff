"""Everything musical is decided here: an event comes in, effects go out.

The same events at the same times give the same effects, to the byte.
"""

from __future__ import annotations

from psc2.core import actions, beat, improv, keyboard, layers, recording, transport
from psc2.core.controls import ControllerMap
from psc2.core.events import (
    Alive,
    BadInput,
    Bend,
    Cancelled,
    ControlChange,
    DrumsReady,
    Effect,
    Event,
    Hello,
    KeyDown,
    KeyUp,
    MelodyReady,
    ModelFailed,
    Modulate,
    PitchBend,
    ProgramChange,
    Pulse,
    Redirect,
    Retimed,
    SetUp,
    Shutdown,
    SourceNamed,
    SuperColliderStatus,
    Tick,
)
from psc2.core.meter import TimeSignature
from psc2.core.state import Chance, Settings, SharedState, Timing

MODULATION = 1  # the control changes that keyboards send
SUSTAIN = 64
PEDAL_DOWN = 64  # from this value on
HELLO_TIMEOUT_S = 3.0  # a hello comes every second


def begin(
    settings: Settings, random: Chance, time_signature: TimeSignature, num_bars: int, qpm: float
) -> SharedState:
    """The state before the first event: stopped, free, nothing but the click track laid."""
    state = SharedState(settings, random, time_signature, qpm, num_bars)
    state.send_port = settings.send_port
    state.tagged = settings.timing is Timing.TIMETAG
    state.melody_temperature = settings.melody_temperature
    state.drums_temperature = settings.drums_temperature
    layers.lay_click(state)
    return state


def react(state: SharedState, event: Event) -> list[Effect]:
    """What follows from ``event``; changes nothing but ``state``."""
    recording.finish_if_over(state, event.at)
    match event:
        case KeyDown():
            return keyboard.key_down(state, event.pitch, event.velocity, event.at)
        case KeyUp():
            return keyboard.key_up(state, event.pitch, event.at)
        case ControlChange():
            return _control_change(state, event)
        case Tick():
            return transport.tick(state, event)
        case PitchBend():
            return [Bend(event.value)]
        case ProgramChange():
            return []  # part of the protocol; nothing is bound to it
        case SourceNamed():
            state.sources[event.uid] = event.name
            if state.settings.controller.is_named(event.name):
                state.controller_uid = event.uid
            return []
        case Hello():
            return _hello(state, event)
        case SuperColliderStatus():
            state.supercollider_status = event.text
            return []
        case Pulse():
            return _pulse(state, event)
        case MelodyReady():
            return improv.melody_ready(state, event)
        case DrumsReady():
            return beat.drums_ready(state, event)
        case ModelFailed():
            return improv.melody_failed(state, event) + beat.drums_failed(state, event)
        case Cancelled():
            return improv.melody_cancelled(state, event) + beat.drums_cancelled(state, event)
        case BadInput():
            state.bad_input[event.kind] += 1
            return []
        case Shutdown():
            return transport.stop(state, event.at)


def _control_change(state: SharedState, event: ControlChange) -> list[Effect]:
    """The controller's controls do what its map says, any other device's what a keyboard's do."""
    controller: ControllerMap = state.settings.controller
    if state.controller_uid is None and controller.teaches(event):
        state.controller_uid = event.uid
    if event.uid == state.controller_uid:
        control = controller.controls.get(event.control)
        return [] if control is None else actions.perform(state, control, event)
    if event.control == MODULATION:
        return [Modulate(event.value)]
    if event.control == SUSTAIN:
        return keyboard.pedal(state, event.value >= PEDAL_DOWN, event.at)
    return []


def _hello(state: SharedState, event: Hello) -> list[Effect]:
    """SuperCollider has said where it listens, by which rig it plays, and that it understands time tags."""
    effects: list[Effect] = []
    state.hello_at = event.at
    state.supercollider_gone = False
    if event.port != state.send_port:
        effects += [*transport.silence(state, event.at), Redirect(event.port)]
        state.send_port = event.port
    if state.settings.timing is Timing.AUTO and not state.tagged:
        state.tagged = True
        effects.append(Retimed())
    if event.rig != state.settings.rig.number:
        effects.append(SetUp(state.settings.rig))
    return effects


def _pulse(state: SharedState, event: Pulse) -> list[Effect]:
    """A heartbeat for a SuperCollider that has said hello; the one of 2018 does not, and gets none."""
    if state.hello_at is None:
        return []
    state.supercollider_gone = event.at - state.hello_at > HELLO_TIMEOUT_S
    return [Alive()]
