"""What one device says on two of its ports at once: a key, or a button, that counts once."""

from __future__ import annotations

from enum import Enum
from itertools import takewhile

from psc2.core.state import SharedState

TWIN_S = 0.010  # the same from two ports of one device comes so close together
ONE_DEVICE = 0.6  # of the shorter name: as much as the names of its ports have in common at their beginning


class Struck(Enum):
    """What goes down."""

    KEY = "key"
    BUTTON = "button"


def twin_of(state: SharedState, kind: Struck, number: int, value: int, source: int, at: float) -> int | None:
    """Which source, perhaps another port of the same device, has just sent the same; None if none has.

    Two that have no names may be one device if a button says so: nobody presses two of them at once.
    """
    latest, state.latest[kind, number] = state.latest.get((kind, number)), (source, value, at)
    if latest is None or latest[0] == source or latest[1] != value or at - latest[2] > TWIN_S:
        return None
    one, other = (state.devices.names.get(uid, "") for uid in (source, latest[0]))
    if not (_is_one_device(one, other) or (kind is Struck.BUTTON and one == other == "")):
        return None
    state.latest[kind, number] = latest
    return latest[0]


def _is_one_device(one: str, other: str) -> bool:
    """Whether two sources' names are those of two ports of one device.

    >>> _is_one_device("KeyLab 61 MIDI", "KeyLab 61 DAW"), _is_one_device("Nord Stage 3", "Nord Lead A1")
    (True, False)
    """
    alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return alike > 0 and alike >= ONE_DEVICE * min(len(one), len(other))
