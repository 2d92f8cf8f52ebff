"""How likely each pitch is to come next, in a row of characters: small enough to be kept with all else.

A row says it for one distance in time from the note before: what is likely depends on the beat and on the
chord that the next note meets, and when it comes only the hands know.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import exp, inf

from psc2.core.ranges import Pitch

# 128 characters, one for each pitch: a space for the likeliest, ! where that is ``UNIT_NATS`` less likely,
# and so on in the order of ASCII; ~ for what never comes.
PitchRow = str

PITCHES = 128
UNIT_NATS = 1 / 8
LIKELIEST, NEVER = " ", "~"
MOST_UNITS = ord(NEVER) - ord(LIKELIEST)  # never
# Steps after the note before for which there is a row: two bars of 4/4, the far end of them more coarsely.
DISTANCES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32)


def row_of(log_weights: Sequence[float]) -> PitchRow:
    """The row of 128 log weights in nats, whatever they sum to; −inf for a pitch that never comes.

    Raises: ValueError for others than 128 of them, for NaN, and where no pitch may come.
    """
    best = max(log_weights, default=-inf)
    if len(log_weights) != PITCHES or not -inf < best < inf:
        raise ValueError(f"expected {PITCHES} weights, one of them finite, got {log_weights!r:.80}")
    units = (min((best - one) / UNIT_NATS, MOST_UNITS) for one in log_weights)
    return "".join(chr(ord(LIKELIEST) + round(one)) for one in units)  # round raises ValueError for NaN


def is_row(row: object) -> bool:
    """Whether something is a row."""
    return isinstance(row, str) and len(row) == PITCHES and min(row) >= LIKELIEST and max(row) <= NEVER


def row_at(rows: Sequence[PitchRow], distance: int) -> PitchRow:
    """The row for a note that comes so many steps after the one before; beyond the last distance, the last.

    >>> row_at("abcdefghijklmnop", 9), DISTANCES["abcdefghijklmnop".index("i")]
    ('i', 10)
    """
    return rows[min(bisect_left(DISTANCES, distance), len(rows) - 1)]


def drawn(row: PitchRow, pitches: Sequence[Pitch], temperature: float, draw: float) -> Pitch:
    """The pitch at ``draw``, 0 ≤ draw < 1, of the weights of some pitches laid end to end.

    ``pitches``: one or more. ``temperature``: above 0. Where none of them ever comes, all are as likely.

    >>> row = row_of([0.0 if pitch in (60, 62) else -inf for pitch in range(128)])
    >>> drawn(row, [59, 60, 61, 62], 1.0, 0.6)
    62
    """
    units = [ord(row[pitch]) for pitch in pitches]
    best, scale, never = min(units), UNIT_NATS / temperature, ord(NEVER)
    weights = [0.0 if unit == never and best != never else exp((best - unit) * scale) for unit in units]
    left = draw * sum(weights)
    for pitch, weight in zip(pitches, weights, strict=True):
        left -= weight
        if left < 0:
            return pitch
    return max(zip(weights, pitches, strict=True))[1]  # rounding has left a little over
