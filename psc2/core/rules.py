"""Everything musical is decided here: an event comes in, effects go out.

The same events at the same times give the same effects, to the byte.
"""

from __future__ import annotations

from dataclasses import replace

from psc2.core import (
    accompaniment,
    actions,
    beat,
    changes,
    devices,
    improv,
    keyboard,
    recording,
    timing,
    transport,
    turn_taking,
)
from psc2.core.effects import Alarm, Alive, Effect, Flush, Redirect, Refuse, Retimed, SetUp
from psc2.core.events import (
    Answer,
    BadInput,
    Cancelled,
    ChorusReady,
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
    PageSounds,
    PitchBend,
    Press,
    ProgramChange,
    Shutdown,
    SoundServer,
    SourceGone,
    SourceNamed,
    SuperColliderProcess,
    SuperColliderStatus,
    Sustain,
    Tick,
    WeightsReady,
)
from psc2.core.notices import Notice, NoticeKind
from psc2.core.other_side import Page
from psc2.core.setup import Timing
from psc2.core.state import SharedState

MAX_STATUS = 200  # characters
HEARTBEAT, HEARTBEAT_S = "heartbeat", 1.0  # by which SuperCollider notices that the daemon has gone
PEER_GONE, PEER_GONE_S = "peer gone", 2.7  # a hello comes every second


def react(state: SharedState, event: Event) -> list[Effect]:
    """What follows from ``event``; changes nothing but ``state``."""
    recording.finish_if_over(state, event.at)
    knew_ids = state.knows_ids
    effects = _in_turn(state, event)
    if state.recorder.over is not None and not isinstance(event, KeyDown):  # no key waits for it
        timing.look_back_at_take(state)
    if not isinstance(event, KeyDown):
        changes.listen(state)
        effects += accompaniment.follow(state)
    return _named(state, effects, knew_ids)


def _in_turn(state: SharedState, event: Event) -> list[Effect]:
    """What follows from ``event``, once the turns have changed that were to, and as they change by it."""
    before = turn_taking.next_change(state)
    effects = turn_taking.settle(state, event.at, with_key=isinstance(event, KeyDown))
    effects += _react(state, event)
    effects += turn_taking.settle(state, event.at)
    if turn_taking.next_change(state) != before and Retimed() not in effects:
        effects.append(Retimed())
    return effects


def _named(state: SharedState, effects: list[Effect], knew_ids: bool) -> list[Effect]:
    """``effects`` as whoever sounds can tell their notes apart; ``knew_ids``: whether it did so by ids."""
    voices = state.pitch_voices
    if state.knows_ids:
        return effects if knew_ids else [*effects, *voices.retire(state.ledger.notes)]
    if knew_ids:
        return [*effects, *voices.adopt(state.ledger.notes)]
    return voices.merge(effects) if effects else effects


def _react(state: SharedState, event: Event) -> list[Effect]:
    match event:
        case KeyDown():
            return devices.key_down(state, event)
        case KeyUp():
            return devices.key_up(state, event)
        case Tick():
            return transport.tick(state, event)
        case Sustain():
            return keyboard.sustain(state, event)
        case PitchBend():
            return devices.pitch_bend(state, event)
        case Modulation():
            return keyboard.modulation(state, event)
        case Press():
            return _press(state, event)
        case ControlChange():
            return devices.control_change(state, event)
        case ProgramChange():
            return devices.program_change(state, event)
        case MelodyReady() | WeightsReady() | DrumsReady() | ModelFailed() | Cancelled() | ChorusReady():
            return _answer(state, event)
        case Due():
            return _due(state, event)
        case SourceNamed():
            return devices.named(state, event)
        case SourceGone():
            return devices.gone(state, event)
        case Hello():
            return _hello(state, event)
        case SuperColliderStatus() | SuperColliderProcess() | SoundServer():
            return _supercollider(state, event)
        case PageSounds():
            return _page(state, event)
        case BadInput():
            count_bad_input(state, event.kind)
            return []
        case Shutdown():
            return transport.stop(state, event.at)


def _press(state: SharedState, event: Press) -> list[Effect]:
    effects = actions.perform(state, event)
    if effects is None:
        count_bad_input(state, "unknown action")
    else:
        state.counts = replace(state.counts, presses=state.counts.presses + 1)
    return effects or []


def _answer(state: SharedState, event: Answer | ChorusReady) -> list[Effect]:
    """What was asked for goes to whoever waits for it; what nobody does is dropped."""
    if isinstance(event, ChorusReady):
        accompaniment.chorus_ready(state, event)
        return []
    is_melody = state.improv.job.is_answered_by(event)
    if not is_melody and not state.beat_maker.job.is_answered_by(event):
        return []
    match event:
        case MelodyReady():
            return improv.melody_ready(state, event) if is_melody else []
        case WeightsReady():
            return improv.weights_ready(state, event) if is_melody else []
        case DrumsReady():
            return [] if is_melody else beat.drums_ready(state, event)
        case ModelFailed():
            return improv.melody_failed(state, event) if is_melody else beat.drums_failed(state, event)
        case Cancelled():
            return improv.melody_cancelled(state, event) if is_melody else beat.drums_cancelled(state, event)


def _hello(state: SharedState, event: Hello) -> list[Effect]:
    """SuperCollider has said where it listens, by which rig it plays, and that it understands time tags.

    Of two that say so the one stays that is played with, unless psc2 has started the other.
    """
    before, rig, token = state.peer, state.settings.rig, state.settings.token
    is_ours = bool(token) and event.token == token
    is_another = event.port != before.port
    if event.port == state.settings.receive_port:
        count_bad_input(state, "hello from psc2's own port")
        return []
    if is_another and before.hello_at is not None and not before.gone and not is_ours:
        return _refuse(state, event.port)
    effects: list[Effect] = [Alarm(event.at + PEER_GONE_S, PEER_GONE)]
    if before.hello_at is None:
        effects.append(Alarm(event.at + HEARTBEAT_S, HEARTBEAT))
    if is_another:
        effects += [*transport.silence(state, event.at), Redirect(event.port)]
    if before.hello_at is None:
        effects.append(Flush())  # what a daemon before this one may have left sounding
    tagged = before.tagged or state.settings.timing is Timing.AUTO
    refused = None if before.refused == event.port else before.refused
    state.peer = replace(
        before,
        port=event.port,
        tagged=tagged,
        hello_at=event.at,
        gone=False,
        is_ours=is_ours,
        refused=refused,
    )
    if tagged and not before.tagged:
        effects.append(Retimed())
    if event.rig != rig.number:
        effects += [SetUp(rig), *keyboard.wheels(state)]
    return effects


def _refuse(state: SharedState, port: int) -> list[Effect]:
    """Another SuperCollider is told, once, that it is not played with, and so is the player."""
    if port == state.peer.refused:
        return []
    state.peer = replace(state.peer, refused=port)
    state.notify(Notice(0, NoticeKind.ANOTHER_SUPERCOLLIDER, value=port))
    return [Refuse(port)]


def _supercollider(
    state: SharedState, event: SuperColliderStatus | SuperColliderProcess | SoundServer
) -> list[Effect]:
    """How SuperCollider is; the look-ahead follows from its server's latency, where it is left to it."""
    before, peer = state.lookahead_s, state.peer
    match event:
        case SuperColliderStatus():
            state.peer = replace(peer, status=event.text[:MAX_STATUS])
        case SuperColliderProcess():
            state.peer = replace(peer, process=event)
        case SoundServer():
            late_at = event.at if event.late_bundles > peer.late_bundles else peer.late_at
            late_bundles = event.late_bundles
            state.peer = replace(peer, period_s=event.period_s, late_bundles=late_bundles, late_at=late_at)
    return [Retimed()] if state.lookahead_s != before else []


def _page(state: SharedState, event: PageSounds) -> list[Effect]:
    """A page begins or ends to sound what is played; it needs notes ahead, as SuperCollider does."""
    before = state.lookahead_s
    state.page = None if event.latency_s is None else Page(event.latency_s)
    return [Retimed()] if state.lookahead_s != before else []


def _due(state: SharedState, event: Due) -> list[Effect]:
    """An alarm: a heartbeat for SuperCollider, or that it has not said hello for a while.

    A SuperCollider that has never said hello, such as the program of 2018, gets no heartbeat.
    """
    if event.name == HEARTBEAT:
        return [Alive(), Alarm(event.at + HEARTBEAT_S, HEARTBEAT)]
    return _gone(state) if event.name == PEER_GONE else []


def _gone(state: SharedState) -> list[Effect]:
    """SuperCollider is missed; unless it is psc2's own, what sounds goes where it is configured again."""
    state.peer = replace(state.peer, gone=True)
    port = state.settings.send_port
    if state.peer.is_ours or state.peer.port == port:
        return []
    state.notify(Notice(0, NoticeKind.BACK_TO_PORT, value=port, present=state.peer.port))
    state.peer = replace(state.peer, port=port, tagged=state.settings.timing is Timing.TIMETAG)
    return [Redirect(port), Retimed()]


def count_bad_input(state: SharedState, kind: str) -> None:
    """One more message, or event, that could not be used; ``kind`` is one of a few."""
    bad_input = state.counts.bad_input
    state.counts = replace(state.counts, bad_input={**bad_input, kind: bad_input.get(kind, 0) + 1})
