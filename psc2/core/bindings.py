"""Controls, notes and program changes that stand for an action, whatever device sends them."""

from __future__ import annotations

from collections.abc import Mapping

from psc2.core import actions
from psc2.core.controls import PRESSED, UNTOUCHED, Control, MessageKind
from psc2.core.effects import Effect
from psc2.core.events import ControlChange
from psc2.core.state import SharedState
from psc2.core.twins import Struck, twin_of

TABLES = {
    MessageKind.CONTROL: 0,
    MessageKind.NOTE: 128,
}  # where the readings of each begin in ``SharedState.controls``


def bound(state: SharedState, source: int, sent: MessageKind, number: int) -> Control | None:
    """What a device's control, note or program stands for by the settings, or by its controller's map.

    A controller's control changes are not looked up here: its map has them all.
    """
    devices, controller = state.devices, state.settings.controller
    if source in devices.ignored:
        return None
    is_controller = source in devices.controllers | devices.learned
    name = devices.names.get(source, "")
    for one in state.settings.bound:
        if (one.sent, one.number) == (sent, number) and one.is_of(name, is_controller):
            return one.control
    tables: Mapping[MessageKind, Mapping[int, Control]] = {
        MessageKind.NOTE: controller.notes,
        MessageKind.PROGRAM: controller.programs,
    }
    return tables.get(sent, {}).get(number) if is_controller else None


def note(state: SharedState, at: float, source: int, pitch: int, velocity: int) -> list[Effect] | None:
    """What a key that is bound asks for, 127 down and 0 up, however hard; None for one that is not."""
    control = bound(state, source, MessageKind.NOTE, pitch)
    if control is None or (source, pitch) in state.hands.down:
        return None
    return press(
        state, control, MessageKind.NOTE, ControlChange(at, source, pitch, PRESSED if velocity else 0, 0)
    )


def program(state: SharedState, at: float, source: int, number: int) -> list[Effect] | None:
    """What a program change that is bound asks for: each is a press; None for one that is not."""
    control = bound(state, source, MessageKind.PROGRAM, number)
    if control is None:
        return None
    asked = control.press(ControlChange(at, source, number, PRESSED, 0), UNTOUCHED)
    return actions.perform(state, asked) or [] if asked else []


def press(state: SharedState, control: Control, sent: MessageKind, event: ControlChange) -> list[Effect]:
    """What moving a bound control asks for; one that comes from two ports of a device asks once."""
    place = event.source, TABLES[sent] + event.control
    before = state.controls.get(place, UNTOUCHED)
    state.controls[place] = before.followed_by(event.value)
    asked = control.press(event, before)
    if asked is None:
        return []
    if control.scale is None and twin_of(
        state, Struck.BUTTON, place[1], event.value, event.source, event.at
    ) is not None:  # fmt: skip
        return []
    return actions.perform(state, asked) or []
