"""In which octave a pitch of the machine's sounds: near the hands, along the model's line.

Pitches that a model has drawn may lie two octaves from the key that is pressed. Each keeps its pitch class
and comes in the octave where the hands are; where two are as near, the line's own direction says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from psc2.core.ranges import Pitch
from psc2.core.spelling import OCTAVE

NEAR = 7  # semitones from the key pressed, and from the last own note into the answer
LANDING, CLOSE = (
    6,
    2,
)  # pitches that the last one is chosen from; semitones from the key where that is as good
# What the choice costs: a wrong direction, a semitone beyond ``NEAR`` of the key, or of the last own note,
# any semitone from the key; and how much of that the next pitch counts, whose key is not known yet.
AGAINST, FAR, LEAP, AWAY, AHEAD = 6.0, 3.5, 20.0, 0.15, 0.5


class Register(NamedTuple):
    """Where the machine's pitches lie: both ends inclusive, an octave apart at least."""

    low: Pitch
    high: Pitch


class Sounded(NamedTuple):
    """The note before in the solo."""

    pitch: Pitch  # as it sounded
    drawn: Pitch | None  # the model's, before it was moved; None for the player's own


def placed(
    drawn: Pitch, key: Pitch, before: Sounded | None, following: Pitch | None, register: Register
) -> Pitch:
    """The pitch, of the class of ``drawn``, that a key sounds.

    ``following``: what the model has drawn next, if that is known: it has to be reachable too.

    >>> placed(81, 60, Sounded(62, None), None, Register(48, 96))  # A5 after an own D4
    57
    >>> placed(79, 60, Sounded(57, 81), None, Register(48, 96))  # on down, as the model does
    55
    """

    def cost(pitch: Pitch) -> float:
        there = _cost(pitch, drawn, key, before)
        if following is None:
            return there
        here = Sounded(pitch, drawn)
        return there + AHEAD * min(
            _cost(next_pitch, following, key, here) for next_pitch in _octaves(following, key, register)
        )

    return min(_octaves(drawn, key, register), key=cost)


def _octaves(drawn: Pitch, key: Pitch, register: Register) -> Sequence[Pitch]:
    """The pitches of a class within the register: those within reach of the key, if there are any."""
    lowest = register.low + (drawn - register.low) % OCTAVE
    octaves = range(lowest, register.high + 1, OCTAVE)
    return [pitch for pitch in octaves if abs(pitch - key) <= OCTAVE] or octaves


def _cost(pitch: Pitch, drawn: Pitch, key: Pitch, before: Sounded | None) -> float:
    away = abs(pitch - key)
    cost = AWAY * away + FAR * max(0, away - NEAR)
    if before is None:
        return cost
    if before.drawn is None:
        return cost + LEAP * max(0, abs(pitch - before.pitch) - NEAR)
    return cost + AGAINST * (direction(pitch - before.pitch) != direction(drawn - before.drawn))


def direction(interval: int) -> int:
    """1 up, -1 down, 0 for the same pitch."""
    return (interval > 0) - (interval < 0)


def landed(coming: Sequence[Pitch], key: Pitch, register: Register) -> Pitch:
    """The last pitch leads back to the hands: the key's own, or the nearest to it of those that come next.

    >>> landed([74, 64, 61], 60, Register(48, 96)), landed([66, 64, 63], 60, Register(48, 96))
    (60, 63)
    """
    near = [placed(drawn, key, None, None, register) for drawn in coming]
    nearest = min(near, key=lambda pitch: abs(pitch - key))
    return key if abs(nearest - key) <= CLOSE and register.low <= key <= register.high else nearest
