"""The name of a chord from the notes that sound, over the bass."""

from __future__ import annotations

from collections.abc import Set

from psc2.core.harmony import MAJOR_SEVENTH, MINOR_SEVENTH, SIXTH, Chord, Quality, chord_on, scale_of
from psc2.core.spelling import OCTAVE, plain

QUALITIES = (  # where two fit as well, the first
    Quality(4, 7, MINOR_SEVENTH), Quality(3, 7, MINOR_SEVENTH), Quality(4, 7, MAJOR_SEVENTH),
    Quality(3, 6, MINOR_SEVENTH), Quality(4, 7), Quality(3, 7), Quality(4, 7, SIXTH), Quality(3, 7, SIXTH),
    Quality(3, 6, SIXTH), Quality(5, 7, MINOR_SEVENTH), Quality(3, 7, MAJOR_SEVENTH),
    Quality(4, 8, MINOR_SEVENTH), Quality(4, 8), Quality(3, 6), Quality(5, 7),
)  # fmt: skip
SCALES_OF = tuple((quality, scale_of(quality)) for quality in QUALITIES)
MIN_TONES = 2  # pitch classes; fewer name no chord
# What a reading gains and loses. A bass that is the root is worth more than a tone; a fifth is hardly missed.
TONE, BASS_IS_ROOT, BASS_IS_TONE = 1.0, 1.8, 0.4
NO_THIRD, NO_FIFTH, NO_TOP = 1.2, 0.2, 0.9
COLOUR, STRANGER = 0.35, 1.3  # another note of its scale; one outside it


def named(sounding: Set[int], bass: int | None = None) -> Chord | None:
    """The chord that pitch classes are, 0–11, ``bass`` the lowest; None where they are too few.

    The root may be left to the bass, as in the voicings of pianists.

    >>> chord = named({5, 9, 0, 4}, bass=2)  # F A C E over D
    >>> chord.symbol if chord else None
    'Dm7'
    """
    heard = sounding | ({bass} if bass is not None else set())
    if len(heard) < MIN_TONES:
        return None
    _, (root, quality) = max(
        ((_worth(frozenset((tone - root) % OCTAVE for tone in heard), quality, scale), (root, quality))
         for quality, scale in SCALES_OF
         for root in heard),
        key=lambda reading: reading[0] + _of_bass(reading[1][0], reading[1][1], bass),
    )  # fmt: skip
    low = bass if bass is not None and (bass - root) % OCTAVE in quality.tones - {0} else None
    name = plain(root, quality.is_minor)
    return chord_on(name, quality, "" if low is None else plain(low))


def _worth(above: frozenset[int], quality: Quality, scale: frozenset[int]) -> float:
    """How well a quality explains what sounds, in semitones above its root."""
    others = above - quality.tones
    worth = TONE * len(above & quality.tones)
    worth -= COLOUR * len(others & scale) + STRANGER * len(others - scale)
    losses = ((quality.third, NO_THIRD), (quality.fifth, NO_FIFTH), (quality.top, NO_TOP))
    return worth - sum(loss for tone, loss in losses if tone is not None and tone not in above)


def _of_bass(root: int, quality: Quality, bass: int | None) -> float:
    """What the bass adds to a reading."""
    if bass is None:
        return 0.0
    return BASS_IS_ROOT if bass == root else BASS_IS_TONE * ((bass - root) % OCTAVE in quality.tones)
