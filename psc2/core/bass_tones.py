"""Which tones suit a bass note: what each pitch costs by itself, by what the note is for."""

from __future__ import annotations

from psc2.core.harmony import Chord
from psc2.core.instruments import Member
from psc2.core.ranges import Pitch
from psc2.core.spelling import OCTAVE

LOWEST, HIGHEST = 28, 55  # E1, the lowest string of a double bass, to G3, an octave above its highest
CENTRE = range(29, 45)  # where a line lies by itself, F1–G#2 …
BEYOND = 0.25  # … and what each semitone away from there costs
LEFT_HAND = 48  # C3, from where on the chords may lie; what more a pitch costs there, and by each semitone:
IN_ITS_WAY = 1.0

# What a pitch costs before another chord, by its semitones above the bass of that. Steps lead, half ones even
# where they are strange to the chord that ends; the fifth falls or rises into the root; that itself would be
# there too early, and so it is none of them.
APPROACHES = {1: 0.6, 11: 0.4, 2: 0.3, 10: 0.3, 7: -0.1}
HALF_STEPS, MAJOR_THIRD = (1, 11), 4
OTHER_TONE = 1.0  # any other tone of the chord that ends …
STRANGE_HALF = 3.0  # … and one that a half note is not, where it is neither root nor third nor fifth
CLASH = 1.0  # a half step that makes a minor chord a major one
SECOND_HALF = -0.8  # the fifth as the second of two half notes, though it is a leap away …
HELD_HALF = -1.5  # … and where the chord goes on, again and again
LONG = 1.3  # what more an approach costs that is no tone of the chord and a half note long


class Role(Member):
    """What an onset is for."""

    ROOT = "root"  # a chord begins
    FIFTH = "fifth"  # its other pillar, where it is held
    BAR = "bar"  # a bar begins within a chord
    STRONG = "strong"
    WEAK = "weak"
    APPROACH = "approach"  # the last before another chord
    HALF = "half"  # a half note, or as long
    LAST_HALF = "last half"  # the last before another chord
    HALF_BAR = "half bar"  # one with which a bar begins within a chord


# What a note costs: the chord's bass again, its other pillar, its third, another tone of it, one of its
# scale, and one to pass through. Bars begin on what the chord stands on; strong beats have chord tones; on
# weak ones all passes. Half notes are roots where bars begin, and fifths elsewhere.
COSTS = {
    Role.BAR: (0.0, 0.7, 1.1, 1.1, None, None),
    Role.STRONG: (0.9, 0.0, 0.3, 0.3, 1.4, None),
    Role.WEAK: (1.2, 0.3, 0.1, 0.1, 0.3, 0.9),
    Role.HALF: (1.0, HELD_HALF, 1.2, 3.5, None, None),
    Role.HALF_BAR: (-0.3, 1.3, 2.2, None, None, None),
}


def fifth_of(chord: Chord) -> int:
    """The pitch class that a bass plays in turn with the one that it begins on: mostly the chord's fifth.

    >>> from psc2.core.harmony import Quality, chord_on
    >>> [fifth_of(chord_on("C", Quality(3, 6, 10), bass=bass)) for bass in ("C", "Gb")]
    [6, 0]
    """
    fifths = [chord.bass + 7, *(chord.root + semitones for semitones in (7, 6, 8))]
    others = chord.tones - {chord.bass}
    return next((fifth % OCTAVE for fifth in fifths if fifth % OCTAVE in others), chord.root)


def third_of(chord: Chord) -> int | None:
    """The pitch class of a chord's third, or of what stands in its place; None where there is none.

    >>> from psc2.core.harmony import Quality, chord_on
    >>> third_of(chord_on("C", Quality(3, 6, 10)))
    3
    """
    thirds = ((chord.root + semitones) % OCTAVE for semitones in (4, 3, 5, 2))
    return next((third for third in thirds if third in chord.tones), None)


def costs_of_pitches(role: Role, chord: Chord, goal: int | None) -> dict[Pitch, float]:
    """The pitches that a note may have, and what each costs by itself."""
    costs = _costs(role, chord, goal)
    return {
        pitch: costs[pitch % OCTAVE] + _height_cost(pitch)
        for pitch in range(LOWEST, HIGHEST + 1)
        if pitch % OCTAVE in costs
    }


def _height_cost(pitch: Pitch) -> float:
    """What a pitch costs because of where it lies."""
    away = max(CENTRE[0] - pitch, pitch - CENTRE[-1], 0)
    return BEYOND * away + IN_ITS_WAY * max(0, pitch - LEFT_HAND + 1)


def _costs(role: Role, chord: Chord, goal: int | None) -> dict[int, float]:
    """The pitch classes that a note may have, and what each costs."""
    fifth = fifth_of(chord)
    if role is Role.ROOT:
        return {chord.bass: 0.0}
    if role is Role.FIFTH:
        return {fifth: 0.0}
    if goal is not None:
        return _approaching(role, chord, goal)
    bass, pillar, third, tone, scale, passing = COSTS[role]
    costs = {number: passing if number in chord.avoid else scale for number in chord.scale}
    costs |= dict.fromkeys(chord.tones, tone)
    costs |= {chord.root if (other := third_of(chord)) is None else other: third}
    costs |= {fifth: pillar, chord.bass: bass}
    return {number: cost for number, cost in costs.items() if cost is not None}


def _approaching(role: Role, chord: Chord, goal: int) -> dict[int, float]:
    """The pitch classes that lead to the bass of the next chord, and what each costs."""
    costs = dict.fromkeys(chord.tones - {goal}, STRANGE_HALF if role is Role.LAST_HALF else OTHER_TONE)
    costs |= dict.fromkeys((chord.tones & {chord.bass, third_of(chord)}) - {goal}, OTHER_TONE)
    for semitones, cost in APPROACHES.items():
        number = (goal + semitones) % OCTAVE
        if number in chord.scale or semitones in HALF_STEPS:
            clashes = number not in chord.scale and (number - chord.root) % OCTAVE == MAJOR_THIRD
            costs[number] = (
                cost + CLASH * clashes + LONG * (role is Role.LAST_HALF and number not in chord.tones)
            )
    if role is Role.LAST_HALF and fifth_of(chord) != goal:
        costs[fifth_of(chord)] = SECOND_HALF
    return costs
