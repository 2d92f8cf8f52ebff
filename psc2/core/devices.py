"""MIDI devices: which there are, what each is for, and what their control changes mean.

A controller does what its map says, any other device what keyboards do. A source may be both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from psc2.core import actions, bindings, improv, keyboard
from psc2.core import control_numbers as numbers
from psc2.core.controls import UNTOUCHED, Control, MessageKind, Reading
from psc2.core.effects import Effect
from psc2.core.events import (
    ControlChange,
    KeyDown,
    KeyUp,
    Modulation,
    PitchBend,
    Press,
    ProgramChange,
    SourceGone,
    SourceNamed,
)
from psc2.core.notices import Notice, NoticeKind
from psc2.core.other_side import PluggedIn
from psc2.core.ranges import MIDI_UIDS, Range
from psc2.core.state import SharedState
from psc2.core.twins import Struck, twin_of

UNREMARKABLE = {
    0,
    32,
    *range(96, 128),
}  # bank select, parameter numbers and channel modes are not told of

MAX_SOURCES = 64  # that are known at a time
UNKNOWN = 0  # the uid of a source that is not known, and of all those that there are too many of
MAX_NAME = 200  # characters


def named(state: SharedState, event: SourceNamed) -> list[Effect]:
    """A source is connected, or says so again; under a new name it is another device.

    One that was heard before it had a name, as by a psc2 that has just been started, stays what it was.
    """
    source, name = event.source, event.name[:MAX_NAME]
    before = state.devices.names.get(source)
    if before == name:
        return []
    effects = [] if before is None else gone(state, SourceGone(event.at, source))
    if not _remembered(state, source):
        return effects
    settings, devices = state.settings, state.devices
    is_controller = settings.controller.is_named(name)
    is_keyboard = settings.controller.keyboard if is_controller else _has_part(name, settings.keyboards, True)
    is_ignored = _has_part(name, settings.ignored, False)
    controllers = devices.controllers | {source} if is_controller and not is_ignored else devices.controllers
    silent = devices.silent
    if is_ignored or not is_keyboard:
        silent |= {source}
        effects += keyboard.source_gone(state, SourceGone(event.at, source))
    state.devices = PluggedIn(
        names={**devices.names, source: name},
        controllers=controllers,
        learned=frozenset() if controllers else devices.learned - ({source} if is_ignored else set()),
        keyboards=devices.keyboards,
        silent=silent,
        ignored=devices.ignored | {source} if is_ignored else devices.ignored,
    )
    return effects


def gone(state: SharedState, event: SourceGone) -> list[Effect]:
    """A source is pulled out, with all that it held: keys, pedal, wheels, and what it was for."""
    _forget(state, event.source)
    effects = keyboard.source_gone(state, event)
    return effects + improv.source_gone(state, event.source, event.at)


def _remembered(state: SharedState, source: int) -> bool:
    """Whether something is remembered of a source; of very many, not of those that come last.

    One that has no name and holds nothing makes room.
    """
    if source in state.sources:
        return True
    if _are_too_many(state):
        holding = {key[0] for key in state.hands.down | state.hands.sustained} | state.hands.pedals
        spare = [uid for uid in state.sources if uid not in state.devices.names and uid not in holding]
        if not spare:
            return False
        _forget(state, spare[0])
    state.sources[source] = None
    return True


def _are_too_many(state: SharedState) -> bool:
    """Whether there are so many sources that one more may have to share ``UNKNOWN``'s keys and pedal."""
    return len(state.sources) >= MAX_SOURCES


def _forget(state: SharedState, source: int) -> None:
    """Nothing is known of a source any more, neither its name nor what it is for."""
    devices = state.devices
    state.sources.pop(source, None)
    for place in [place for place in state.controls if place[0] == source]:
        del state.controls[place]
    state.devices = PluggedIn(
        names={uid: name for uid, name in devices.names.items() if uid != source},
        controllers=devices.controllers - {source},
        learned=devices.learned - {source},
        keyboards=devices.keyboards - {source},
        silent=devices.silent - {source},
        ignored=devices.ignored - {source},
    )


def key_down(state: SharedState, event: KeyDown) -> list[Effect]:
    """A key sounds, if its device is played and the same is not heard from another port of it."""
    source = event.source
    asked = bindings.note(state, event.at, source, event.pitch, event.velocity)
    if asked is not None:
        return asked
    if _is_silent(state, source):
        _tell_silent(state, source, NoticeKind.CONTROLLERS_NOTES)
        return []
    if not _remembered(state, source):
        return keyboard.key_down(state, replace(event, source=UNKNOWN))
    devices = state.devices
    if source not in devices.keyboards:  # what has keys is not learned as a controller from now on
        state.devices = replace(devices, keyboards=devices.keyboards | {source})
        if source in devices.learned and not state.settings.controller.keyboard:
            state.notify(Notice(0, NoticeKind.LEARNED_KEYS, devices.names.get(source, "")))
    twin = twin_of(state, Struck.KEY, event.pitch, event.velocity, source, event.at)
    return keyboard.key_down(state, event) if twin is None else keyboard.twin_down(state, event, twin)


def key_up(state: SharedState, event: KeyUp) -> list[Effect]:
    """A key comes up, whether its source is remembered by now or was when it went down."""
    asked = bindings.note(state, event.at, event.source, event.pitch, 0)
    if asked is not None:
        return asked
    is_own = (event.source, event.pitch) in state.hands.down or not _are_too_many(state)
    return keyboard.key_up(state, event if is_own else replace(event, source=UNKNOWN))


def pitch_bend(state: SharedState, event: PitchBend) -> list[Effect]:
    """The pitch wheel bends, if its device is played."""
    if _is_silent(state, event.source):
        _tell_silent(state, event.source, NoticeKind.CONTROLLERS_BENDS)
        return []
    return keyboard.bend(state, event)


def control_change(state: SharedState, event: ControlChange) -> list[Effect]:
    """A control change means what the controller's map says, or what a keyboard's does."""
    place = event.source, event.control
    if event.source in state.devices.ignored:
        return []
    if not _remembered(state, event.source):
        return _of_keyboard(state, replace(event, source=UNKNOWN), None)
    control = bindings.bound(state, event.source, MessageKind.CONTROL, event.control)
    if control is not None:
        return bindings.press(state, control, MessageKind.CONTROL, event)
    before = state.controls.get(place)
    state.controls[place] = (before or UNTOUCHED).followed_by(event.value)
    if _is_controllers(state, event):
        return _of_controller(state, event, before)
    if _teaches(state, event, before):
        held_as_keyboard = SourceGone(event.at, event.source)
        effects = keyboard.source_gone(state, held_as_keyboard)
        state.devices = replace(state.devices, learned=state.devices.learned | {event.source})
        return effects + _of_controller(state, replace(event, value=127), None)
    return _of_keyboard(state, event, before)


def program_change(state: SharedState, event: ProgramChange) -> list[Effect]:
    """A program change means what is bound to it; where nothing is, that is told."""
    asked = bindings.program(state, event.at, event.source, event.program)
    if asked is not None:
        return asked
    if event.source not in state.devices.ignored:
        device = state.devices.names.get(event.source, "")
        state.notify_once(Notice(0, NoticeKind.UNBOUND_PROGRAM, device, event.program))
    return []


def _is_silent(state: SharedState, source: int) -> bool:
    """Whether a source's keys and wheels are not played.

    Where the settings name what is, a MIDI source that has no name yet is not. Source 0, and what is no MIDI
    source at all, such as the computer's keys, never gets one.
    """
    devices = state.devices
    if not state.settings.keyboards:
        return source in devices.silent
    has_no_name_yet = source != 0 and source in MIDI_UIDS and source not in devices.names
    return has_no_name_yet or source in devices.silent


def _is_controllers(state: SharedState, event: ControlChange) -> bool:
    """Whether a control change means what the map says.

    A device that was learned from a button and then plays keys has the buttons that it could be learned
    from, and a keyboard's wheel and pedal: they often have numbers that the map has for something else.
    """
    devices, controller, source = state.devices, state.settings.controller, event.source
    if source in devices.controllers:
        return True
    has_all = controller.keyboard or source not in devices.keyboards
    return source in devices.learned and (has_all or event.control in controller.learn)


def _teaches(state: SharedState, event: ControlChange, before: Reading | None) -> bool:
    """Whether a control change shows that its device is the controller, where none is known by its name.

    A button of those that the map names for it is pressed and let go, 127 and then 0, on a device that
    is not known for a keyboard; one whose control moves like a fader is none that could be meant.
    """
    devices, source = state.devices, event.source
    if devices.controllers or event.control not in state.settings.controller.learn:
        return False
    if event.value not in (0, 127):
        state.devices = replace(devices, keyboards=devices.keyboards | {source})
    is_keyboard = source in devices.keyboards or _has_part(
        devices.names.get(source, ""), state.settings.keyboards, False
    )
    return not is_keyboard and before is not None and (before.value, event.value) == (127, 0)


def _of_controller(state: SharedState, event: ControlChange, before: Reading | None) -> list[Effect]:
    controller = state.settings.controller
    control = controller.controls.get(event.control)
    if control is None:
        if controller.keyboard:
            return _of_keyboard(state, event, before)
        was = before or UNTOUCHED
        if was.followed_by(event.value).rises(was):
            _tell_unbound(state, event)
        return []
    press = control.press(event, before or UNTOUCHED)
    if press is None:
        return []
    if control.scale is None:
        twin = twin_of(state, Struck.BUTTON, event.control, event.value, event.source, event.at)
        if twin is not None:
            return []
    elif controller.pickup and not _takes_over(state, control, event, before, press):
        return []
    return actions.perform(state, press) or []


def _takes_over(
    state: SharedState, control: Control, event: ControlChange, before: Reading | None, press: Press
) -> bool:
    """Whether a knob or fader has met the present value: it lies within a notch, or has just been passed.

    Where the present value lies beyond what the knob can say, its end that is nearer counts for it.
    """
    asked = actions.ACTIONS[control.action]
    if asked.present is None or press.value is None:
        return True
    present = asked.present(state, press)
    ends = control.value_at(0), control.value_at(127)
    met = Range(min(ends), max(ends)).clamp(present)
    since = press.value if before is None else control.value_at(before.value)
    notch = abs(ends[1] - ends[0]) / 127
    passed = Range(min(since, press.value) - notch, max(since, press.value) + notch)
    waiting = Notice(
        0, NoticeKind.WAITING_CONTROL, state.devices.names.get(event.source, ""), event.control,
        control.action, control.layer, press.value, present,
    )  # fmt: skip
    is_told = state.notice is not None and state.notice.concerns(waiting)
    if met in passed:
        if is_told:
            state.notify(replace(waiting, kind=NoticeKind.CONTROL_TAKES_OVER))
        return True
    if not is_told:
        state.notify(waiting)
    return False


def _of_keyboard(state: SharedState, event: ControlChange, before: Reading | None) -> list[Effect]:
    """Wheel, pedal and panic; once for each other control, that nothing is bound to it."""
    at, source, value = event.at, event.source, event.value
    if _is_silent(state, source):
        _tell_silent(state, source, NoticeKind.NOT_PLAYED)
        return []
    match event.control:
        case numbers.MODULATION:
            return keyboard.modulation(state, Modulation(at, source, value))
        case numbers.SUSTAIN:
            is_own = source in state.hands.pedals or not _are_too_many(state)
            return keyboard.pedal(state, source if is_own else UNKNOWN, value, at)
        case numbers.ALL_SOUND_OFF:
            return keyboard.end_keys(state, source, at)
        case numbers.ALL_NOTES_OFF:
            return keyboard.release_keys(state, source, at)
        case numbers.RESET_CONTROLLERS:
            return keyboard.reset_controllers(state, source, at)
    if before is None and event.control not in UNREMARKABLE:
        _tell_unbound(state, event)
    return []


def _tell_silent(state: SharedState, source: int, of_controller: NoticeKind) -> None:
    """What a device sends is not played: on a controller for another reason than on a keyboard."""
    devices = state.devices
    if source not in devices.ignored:
        kind = of_controller if source in devices.controllers else NoticeKind.NOT_PLAYED
        state.notify_once(Notice(0, kind, devices.names.get(source, "")))


def _tell_unbound(state: SharedState, event: ControlChange) -> None:
    if event.value > 0:
        device = state.devices.names.get(event.source, "")
        state.notify(Notice(0, NoticeKind.UNBOUND_CONTROL, device, event.control))


def _has_part(name: str, parts: Iterable[str], otherwise: bool) -> bool:
    """Whether one of ``parts`` is in a name, whatever the case; ``otherwise`` where there are none."""
    wanted = [part.casefold() for part in parts]
    return any(part in name.casefold() for part in wanted) if wanted else otherwise
