"""A pitch that clashes with the chord moves to the nearest that does not."""

from __future__ import annotations

from enum import Enum

from psc2.core.harmony import Chord
from psc2.core.ranges import SEVEN_BITS, Pitch
from psc2.core.register import Register, direction
from psc2.core.spelling import OCTAVE

FARTHEST = 2  # semitones that a pitch may move
TURNED, COLOUR = 3.0, 0.75  # what the line's direction costs, in semitones, and a note that is no chord tone


class HarmonyPolicy(Enum):
    """Which of the machine's pitches are fitted to the chord that sounds."""

    OFF = "off"
    STRONG = "strong"  # those on strong beats; passing notes live
    ALL = "all"


def fitted(
    pitch: Pitch,
    chord: Chord,
    is_strong: bool,
    before: Pitch | None = None,
    way: int | None = None,
    register: Register | None = None,
) -> Pitch:
    """``pitch``, or, where it clashes, the nearest chord or scale tone that goes on in the line's direction.

    On a strong beat an avoid note clashes too. It moves by two semitones at most. ``before``: the pitch
    before; ``way``: 1 where the line goes up, -1 down, 0 where it stays, if the two do not tell that.

    >>> from psc2.core.harmony import Quality, chord_on
    >>> dm7 = chord_on("D", Quality(3, 7, 10))
    >>> [fitted(61, dm7, True, before=pitch) for pitch in (60, 62)]
    [62, 60]
    """
    if rests(pitch, chord, is_strong):
        return pitch
    near = [
        other
        for other in range(pitch - FARTHEST, pitch + FARTHEST + 1)
        if rests(other, chord, is_strong) and _is_within(other, register)
    ]

    wanted = direction(pitch - before) if way is None and before is not None else way

    def cost(other: Pitch) -> float:
        is_turned = before is not None and direction(other - before) != wanted
        return abs(other - pitch) + TURNED * is_turned + COLOUR * (other % OCTAVE not in chord.tones)

    return min(near, key=cost, default=pitch)


def rests(pitch: Pitch, chord: Chord, is_strong: bool) -> bool:
    """Whether a pitch can stay with a chord; on a weak beat avoid notes pass."""
    return chord.fits(pitch) and not (is_strong and pitch % OCTAVE in chord.avoid)


def _is_within(pitch: Pitch, register: Register | None) -> bool:
    return pitch in SEVEN_BITS and (register is None or register.low <= pitch <= register.high)
