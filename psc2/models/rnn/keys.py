"""The twelve major keys, C first, and which of them notes fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

KEYS = 12
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
KEYS_OF_NOTE = [[key for key in range(KEYS) if (note - key) % KEYS in MAJOR_SCALE] for note in range(KEYS)]


def key_counts(pitches: Iterable[int]) -> list[int]:
    """How many of the pitches fit each of the twelve major keys, C first.

    >>> key_counts([60, 62, 64, 65, 66])
    [4, 3, 3, 3, 2, 4, 2, 4, 2, 3, 3, 2]
    """
    counts = [0] * KEYS
    for pitch in pitches:
        for key in KEYS_OF_NOTE[pitch % KEYS]:
            counts[key] += 1
    return counts


def likeliest_keys(counts: Sequence[int]) -> list[int]:
    """The keys that most notes fit, 0–11; all of them where there are no notes."""
    most = max(counts)
    return [key for key, count in enumerate(counts) if count == most]
