"""Which of two names the roots of a chart's chords have, Db or C#: chosen for all of them together.

Each name has a place on the line of fifths, … Eb Bb F C G D A E …, a minor or diminished chord that of its
relative major. A chart is spelled so that its chords lie near its key, and each near the one before: a II V
away from home is C#m7 F#7 or Dbm7 Gb7, and never half of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from psc2.core.harmony import Chord
from psc2.core.spelling import FLATS, OCTAVE, SHARPS, tonic_of

FIFTHS = "FCGDAEB"
C = FIFTHS.index("C")
KEYS = (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6)  # fifths above C; of two that fit as well, the first
MINOR_THIRD = 3  # fifths by which a minor chord lies below a major one on its root
MAJOR = frozenset((0, 2, 4, 5, 7, 9, 11))  # a scale, in semitones


def names_of(chords: Sequence[Chord], steps: Sequence[int], key: str = "") -> list[str]:
    """A name for each root, of a chart in ``key``, or in the one that its chords fit best.

    ``steps``: how long each chord lasts. What is no chord has a name that nobody sees.

    >>> from psc2.core.harmony import Quality, chord_on
    >>> two_five = [chord_on("C#", Quality(3, 7, 10)), chord_on("Gb", Quality(4, 7, 10))]
    >>> names_of(two_five, [16, 16])
    ['C#', 'F#']
    """
    home = _place(tonic_of(key), key.endswith("m")) if key else _best_key(zip(chords, steps, strict=True))
    sounding = [(chord.root, _is_minor(chord)) for chord in chords if chord.tones]
    runs = [(root, len([*run])) for root, run in groupby(sounding)]
    best = _nearest([root for root, _ in runs], home)
    named = iter([name for name, (_, length) in zip(best, runs, strict=True) for _ in range(length)])
    return [next(named) if chord.tones else FLATS[0] for chord in chords]


def _nearest(roots: Sequence[tuple[int, bool]], home: int) -> list[str]:
    """The names that lie nearest to home and to each other, taken over all of them."""
    ways: dict[int, tuple[int, list[str]]] = {home: (0, [])}  # by the place that each has come to
    for root, is_minor in roots:
        found: dict[int, tuple[int, list[str]]] = {}
        for name in dict.fromkeys((FLATS[root], SHARPS[root])):
            place = _place(name, is_minor)
            cost, names = min(
                ((cost + abs(place - before), names) for before, (cost, names) in ways.items()),
                key=lambda way: way[0],
            )
            found[place] = cost + abs(place - home), [*names, name]
        ways = found
    return min(ways.values(), key=lambda way: way[0])[1]


def _best_key(chords: Iterable[tuple[Chord, int]]) -> int:
    """The major key, in fifths above C, to whose scale most of what sounds belongs."""
    weights = [0.0] * OCTAVE
    for chord, steps in chords:
        for tone in chord.tones:
            weights[tone] += steps
    return max(KEYS, key=lambda key: sum(weights[(7 * key + tone) % OCTAVE] for tone in MAJOR))


def _place(name: str, is_minor: bool) -> int:
    """Where a key or chord lies on the line of fifths: 0 is C major, or A minor."""
    fifths = FIFTHS.index(name[0]) - C + len(FIFTHS) * (name.count("#") - name[1:].count("b"))
    return fifths - MINOR_THIRD * is_minor


def _is_minor(chord: Chord) -> bool:
    return (chord.root + 3) % OCTAVE in chord.tones and (chord.root + 4) % OCTAVE not in chord.tones
