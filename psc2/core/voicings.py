"""Voicings: which notes of a chord a pianist's left hand plays above a bass, and where.

As in the books: no root, which the bass has; both guide tones, the third and the seventh; and two colours,
the ninth, and the fifth or, above a dominant, the thirteenth. With the third below it is 3-5-7-9, form A,
with the seventh below 7-9-3-5, form B; of a dominant 3-13-7-9 and 7-9-3-13. A symbol's own tensions come
first.

Source: Mark Levine, The Jazz Piano Book (1989), on left-hand voicings and on altering notes in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from math import inf

from psc2.core.harmony import MAJOR_SEVENTH, MINOR_SEVENTH, SIXTH, Chord
from psc2.core.ranges import Pitch
from psc2.core.spelling import OCTAVE

Voicing = tuple[Pitch, ...]  # from the lowest note up
Shape = tuple[int, tuple[int, ...], float]  # lowest note, all notes above that one, and what it costs

LOWEST, HIGHEST = 48, 72  # C3–C5
LOWEST_SECOND = 52  # E3: below it a second is mud, as a third is below C3; the usual low-interval limits
MIDDLE = 61  # where the left hand likes to lie
NOTES = 4

NINTHS = frozenset({1, 2, 3})  # in semitones above the root …
FIFTHS = frozenset({6, 7, 8, 9})  # … and fifths and thirteenths, of which a voicing has one
ALTERED_FIFTHS = frozenset({6, 8})
FIFTH, FOURTH, NINTH, FLAT_NINTH, FLAT_THIRTEENTH, THIRTEENTH = 7, 5, 2, 1, 8, 9
NATURAL = (NINTH, FOURTH, THIRTEENTH)  # tensions that can be missed where there is no room for all

# What a voicing costs, as much as so many semitones that one voice moves.
LEFT_OUT, ALTERED_LEFT_OUT = 4.0, 6.0  # a tension that the symbol names
DOUBLED_COLOUR, CLASH = 8.0, 3.0  # two ninths, or two fifths; a semitone that is none of the usual
NO_GUIDE_BELOW, SEMITONE_OUTSIDE = 2.5, 4.0
OFF_MIDDLE = 0.05  # by the square of the semitones
TOP, TOP_LEAP, LEAP = 0.8, 2.0, 2  # the voice that one hears; each semitone beyond so many
AS_GOOD = 1.2  # how much more the next best may cost, to be taken at times
ALSO_GOOD, FAR = 4.0, 5  # the same by itself, where a chord stays long; how far the top may then go
WORTH = 4.0  # how much more than the cheapest a set of notes may cost, to be thought of at all
AWKWARD = 5.0  # the same of a set and its lowest note
PLACED = 12  # places of a chord that are thought of


@dataclass(frozen=True, slots=True)
class Above:
    """A chord's notes as semitones above its root."""

    tones: frozenset[int]
    open: frozenset[int]  # the rest of the scale, but for what is to be avoided
    named: frozenset[int]
    is_over_root: bool  # whether the root is in the bass

    third: int | None = field(init=False, compare=False)  # or what stands in its place
    is_diminished: bool = field(init=False, compare=False)  # or half so
    top: int | None = field(init=False, compare=False)  # sixth or seventh, a diminished triad's too
    guides: frozenset[int] = field(init=False, compare=False)  # of these two those that the chord has
    wanted: frozenset[int] = field(init=False, compare=False)  # what the symbol says besides

    def __post_init__(self) -> None:
        third = next((tone for tone in (4, 3, 5, 2) if tone in self.tones), None)
        is_diminished = third == 3 and FIFTH - 1 in self.tones
        top = next((tone for tone in (SIXTH, MINOR_SEVENTH, MAJOR_SEVENTH) if tone in self.tones), None)
        if top is None and is_diminished and SIXTH in self.open:
            top = SIXTH
        guides = frozenset(tone for tone in (third, top) if tone is not None)
        said = self.named | (self.tones & ALTERED_FIFTHS)
        object.__setattr__(self, "third", third)
        object.__setattr__(self, "is_diminished", is_diminished)
        object.__setattr__(self, "top", top)
        object.__setattr__(self, "guides", guides)
        object.__setattr__(self, "wanted", (said if self.is_over_root else said | {0}) - guides)

    @classmethod
    def of(cls, chord: Chord) -> Above:
        """A chord's notes, as they lie above its root."""
        tones, scale, avoid, named = (
            frozenset([(tone - chord.root) % OCTAVE for tone in notes])
            for notes in (chord.tones, chord.scale, chord.avoid, chord.named)
        )
        return cls(tones, scale - tones - avoid, named, chord.bass == chord.root)

    @property
    def colours(self) -> dict[int, float]:
        """What may stand beside the guide tones, and how much it costs."""
        guides = self.guides
        costs = dict.fromkeys(self.wanted, 0.0)
        if FIFTH in self.tones:
            costs.setdefault(FIFTH, 1.0)
        if self.is_over_root and self.third is not None:
            for tone, cost in self._unnamed():
                if tone in self.open:
                    costs.setdefault(tone, cost)
        costs = {tone: cost for tone, cost in costs.items() if tone not in guides}
        if self.top is None or self.is_diminished or len(guides) + len(costs) < NOTES - 1:
            costs.setdefault(0, 0.5 if self.is_diminished else 3.0)  # the others leave it to the bass
        return costs

    def _unnamed(self) -> Iterator[tuple[int, float]]:
        """The tensions that jazz adds without being asked."""
        is_dominant = self.third != 3 and self.top == MINOR_SEVENTH
        if not self.wanted & (NINTHS - {self.third}):
            yield (NINTH, 2.0 if self.is_diminished else 0.0)
            if is_dominant and NINTH not in self.open:
                yield FLAT_NINTH, 0.0
        if is_dominant and not self.wanted & FIFTHS:
            if NINTH in self.open | self.wanted:  # an altered ninth goes with a fifth or an altered one
                yield (THIRTEENTH, 0.5)
            if THIRTEENTH not in self.open:
                yield FLAT_THIRTEENTH, 1.5
        if (self.third, self.top) == (4, MAJOR_SEVENTH) and not self.wanted & FIFTHS:
            yield (THIRTEENTH, 2.5)
        if (self.third, self.top) == (3, MINOR_SEVENTH) and not self.is_diminished:
            yield (FOURTH, 4.8)


def _note_sets(above: Above) -> list[tuple[frozenset[int], float]]:
    """The sets of notes that a chord can be played with, and what each costs; one or more."""
    guides, colours, wanted = above.guides, above.colours, above.wanted
    chosen = combinations(sorted(colours), min(NOTES - len(guides), len(colours)))
    ranked = sorted((sum([colours[tone] for tone in tones]), tones) for tones in chosen)
    found, least = list[tuple[frozenset[int], float]](), inf
    for cost, tones in ranked:
        if cost > least + WORTH:
            break  # as are all that follow
        notes = guides.union(tones)
        cost += sum([LEFT_OUT if tone in NATURAL else ALTERED_LEFT_OUT for tone in wanted - notes])
        cost += DOUBLED_COLOUR * (_doubles(NINTHS, tones) + _doubles(FIFTHS, tones))
        cost += CLASH * sum([(tone + 1) % OCTAVE in notes and not _is_usual(tone, notes) for tone in notes])
        found.append((notes, cost))
        least = min(least, cost)
    return [(notes, cost - least) for notes, cost in found if cost <= least + WORTH]


def _doubles(family: frozenset[int], chosen: Iterable[int]) -> int:
    return max(0, len(family.intersection(chosen)) - 1)


def _is_usual(tone: int, tones: frozenset[int]) -> bool:
    """Whether a tone goes with the next semitone: ninth and minor third, #9 and third, 13 and seventh."""
    return tone in (2, 3) or (tone == THIRTEENTH and MINOR_SEVENTH in tones)


def _shapes(above: Above) -> list[Shape]:
    """The forms of a chord, in close position."""
    found, guides = list[Shape](), above.guides
    for tones, cost in _note_sets(above):
        for low in sorted(tones):
            steps = tuple(sorted([(tone - low) % OCTAVE for tone in tones]))
            if len(steps) < NOTES - 1:
                steps = (*steps, OCTAVE)  # a fifth with its lowest note doubled
            outside = (steps[1] - steps[0] == 1) + (steps[-1] - steps[-2] == 1)
            below = NO_GUIDE_BELOW * (low not in guides)
            found.append((low, steps, cost + below + SEMITONE_OUTSIDE * outside))
    least = min(cost for *_, cost in found)
    return [shape for shape in found if shape[-1] <= least + AWKWARD]


def _is_clear(voicing: Voicing) -> bool:
    """Whether no second lies too low."""
    return voicing[0] >= LOWEST_SECOND or all(
        high - low > 2 or low >= LOWEST_SECOND for low, high in pairwise(voicing)
    )


def movement(before: Voicing, after: Voicing) -> int:
    """How far the voices move in all, in semitones; of voicings of different sizes, each to the nearest.

    >>> movement((53, 57, 60, 64), (53, 57, 59, 64))
    1
    """
    if len(before) == len(after):
        return sum([abs(one - other) for one, other in zip(before, after, strict=True)])
    return sum([min([abs(pitch - other) for other in before]) for pitch in after])


class Voicings:
    """The voicings of the chords of one chorus, each worked out once."""

    def __init__(self) -> None:
        self._shapes: dict[Above, list[Shape]] = {}
        self._placed: dict[Chord, list[tuple[Voicing, float]]] = {}
        self._near: dict[tuple[Chord, Voicing], tuple[Voicing, ...]] = {}

    def near(self, chord: Chord, before: Voicing = ()) -> tuple[Voicing, ...]:
        """The best voicings of a chord, the very best first; one or more.

        ``before``: what sounded last; without it those are best that lie in the middle.
        """
        found = self._near.get((chord, before))
        if found is None:
            costs, most = list[tuple[float, Voicing]](), inf
            for voicing, cost in self.places(chord):
                if cost > most:
                    break  # as are all that follow
                led = cost + _top_cost(before, voicing) if before else cost
                if led <= most:
                    led += movement(before, voicing) if before else 0
                    costs.append((led, voicing))
                    most = min(most, led + AS_GOOD)
            found = tuple(voicing for cost, voicing in sorted(costs) if cost <= most)
            self._near[chord, before] = found
        return found

    def apart(self, chord: Chord, before: Voicing) -> tuple[Voicing, ...]:
        """Good voicings of a chord whose top note is another than before, and not far from it."""
        found = self.places(chord)
        good = tuple(
            voicing for voicing, cost in found
            if cost <= found[0][1] + ALSO_GOOD and 0 < abs(voicing[-1] - before[-1]) <= FAR
        )  # fmt: skip
        return good or (before,)

    def places(self, chord: Chord) -> list[tuple[Voicing, float]]:
        """Every voicing of a chord with what it costs by itself, the cheapest first; one or more."""
        found = self._placed.get(chord)
        if found is None:
            above = Above.of(chord)
            if above not in self._shapes:
                self._shapes[above] = _shapes(above)
            placed = sorted(_placed(chord.root, self._shapes[above]), key=lambda it: (it[1], it[0]))
            found = self._placed[chord] = placed[:PLACED]
        return found


def _placed(root: int, shapes: Iterable[Shape]) -> Iterator[tuple[Voicing, float]]:
    """Shapes in each octave in which they can be played."""
    for low, steps, cost in shapes:
        lowest = LOWEST + (root + low - LOWEST) % OCTAVE
        for bottom in range(lowest, HIGHEST - steps[-1] + 1, OCTAVE):
            voicing = tuple([bottom + step for step in steps])
            if _is_clear(voicing):
                middle = sum(voicing) / len(voicing)
                yield voicing, cost + OFF_MIDDLE * (middle - MIDDLE) ** 2


def _top_cost(before: Voicing, after: Voicing) -> float:
    """What it costs that the top note moves, beside that it is one of the voices."""
    top = abs(after[-1] - before[-1])
    return TOP * top + TOP_LEAP * (top - LEAP) if top > LEAP else TOP * top


def darkened(chord: Chord) -> Chord:
    """A dominant as before a minor chord: with a flat ninth, unless its symbol says another, and no more.

    The natural ninth and thirteenth that jazz adds elsewhere would belie the minor chord.
    """
    said = chord.tones | chord.named
    says_ninth = any((chord.root + tone) % OCTAVE in said for tone in NINTHS)
    return replace(chord, scale=said if says_ninth else said | {(chord.root + FLAT_NINTH) % OCTAVE})


def voiced(chord: Chord, after: Chord) -> Chord:
    """A chord as the left hand plays it before another one."""
    return darkened(chord) if leads_to_minor(chord, after) else chord


def leads_to_minor(chord: Chord, after: Chord) -> bool:
    """Whether a chord is a dominant that leads to the minor chord a fourth above."""
    if after.root != (chord.root + FOURTH) % OCTAVE or (after.root + 3) % OCTAVE not in after.tones:
        return False
    return {(chord.root + 4) % OCTAVE, (chord.root + MINOR_SEVENTH) % OCTAVE} <= chord.tones
