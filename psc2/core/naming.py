"""The name of a chord from the notes that sound, over the bass."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from psc2.core.harmony import (
    MAJOR_SEVENTH,
    MINOR_SEVENTH,
    SIXTH,
    TENSIONS,
    Chord,
    Quality,
    avoid_notes,
    chord_on,
    scale_of,
)
from psc2.core.spelling import OCTAVE, plain

# What a reading gains and loses. A fifth is hardly missed; a bass that is the root is worth more than a tone
# where a bar begins, and less within it, where a bass walks; there the chord before counts.
TONE, BASS_IS_ROOT, WALKING_ROOT, BASS_IS_TONE, GOES_ON = 1.0, 1.8, 0.9, 0.4, 2.2
NO_THIRD, NO_FIFTH, NO_TOP = 1.2, 0.2, 0.9
COLOUR, STRANGER = 0.35, 1.6  # a tension of its own; a note that is none
MIN_TONES = 2  # pitch classes; fewer name no chord


class Explanation:
    """A quality that a chord can be read as, and the tensions that go with it."""

    def __init__(self, quality: Quality, *tensions: str) -> None:
        self.quality = quality
        self.tensions = tensions
        self.tones = quality.tones
        self.colours = frozenset(TENSIONS[tension] for tension in tensions)
        self.understood = scale_of(quality) - avoid_notes(quality)  # goes without saying
        tones = ((quality.third, NO_THIRD), (quality.fifth, NO_FIFTH), (quality.top, NO_TOP))
        self.losses = tuple((tone, loss) for tone, loss in tones if tone is not None)

    def worth(self, above: frozenset[int]) -> float:
        """How well it explains what sounds, in semitones above its root."""
        own, others = len(above & self.tones), above - self.tones
        strange = len(others - self.colours)
        missed = sum([loss for tone, loss in self.losses if tone not in above])
        return TONE * own - COLOUR * (len(others) - strange) - STRANGER * strange - missed

    def told(self, above: frozenset[int]) -> Quality:
        """The quality with the tensions that sound and do not go without saying."""
        named_ones = above - self.tones - self.understood
        return replace(
            self.quality, tensions=frozenset(one for one in self.tensions if TENSIONS[one] in named_ones)
        )


READINGS = (  # where two explain as much, the first
    Explanation(Quality(4, 7, MINOR_SEVENTH), "b9", "9", "#9", "#11", "b13", "13"),
    Explanation(Quality(3, 7, MINOR_SEVENTH), "9", "11", "13"),
    Explanation(Quality(4, 7, MAJOR_SEVENTH), "9", "#11", "13"),
    Explanation(Quality(3, 6, MINOR_SEVENTH), "9", "11", "b13"),
    Explanation(Quality(4, 7), "9"),
    Explanation(Quality(3, 7), "9", "11"),
    Explanation(Quality(4, 7, SIXTH), "9", "#11"),
    Explanation(Quality(3, 7, SIXTH), "9", "11"),
    Explanation(Quality(3, 6, SIXTH)),
    Explanation(Quality(5, 7, MINOR_SEVENTH), "b9", "9", "13"),
    Explanation(Quality(3, 7, MAJOR_SEVENTH), "9", "11", "13"),
    Explanation(Quality(4, 8, MINOR_SEVENTH), "b9", "9", "#9", "#11"),
    Explanation(Quality(4, 8)),
    Explanation(Quality(3, 6)),
    Explanation(Quality(5, 7)),
    Explanation(Quality(2, 7)),
)


def named(sounding: Set[int], bass: int | None = None, before: Chord | None = None) -> Chord | None:
    """The chord that pitch classes are, 0–11, ``bass`` the lowest; None where they are too few.

    The root may be left to the bass, as in the voicings of pianists. ``before``: the chord that went before
    in the same bar, which goes on where it explains what sounds as well.

    >>> [chord.symbol for chord in (named({5, 9, 0, 4}, bass=2), named({4, 10, 1}, bass=0)) if chord]
    ['Dm7', 'C7b9']
    """
    heard = sounding | ({bass} if bass is not None else set())
    if len(heard) < MIN_TONES:
        return None
    roots = heard | ({before.root} if before is not None and before.tones else set())
    above = {root: frozenset((tone - root) % OCTAVE for tone in heard) for root in sorted(roots)}
    bonus = {root: GOES_ON if before is not None and root == before.root else 0.0 for root in above}
    if bass is not None:
        bonus[bass] += BASS_IS_ROOT if before is None else WALKING_ROOT
    root, reading = max(
        ((root, reading) for reading in READINGS for root in above),
        key=lambda it: bonus[it[0]] + it[1].worth(above[it[0]]) + _of_bass(it[0], it[1], bass),
    )
    quality = reading.told(above[root])
    low = "" if bass is None or bass == root else plain(bass)
    return chord_on(plain(root, quality.is_minor), quality, low)


def _of_bass(root: int, reading: Explanation, bass: int | None) -> float:
    """What a bass adds that is another tone of the chord than its root."""
    is_tone = bass is not None and bass != root and (bass - root) % OCTAVE in reading.tones
    return BASS_IS_TONE * is_tone
