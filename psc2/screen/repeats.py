"""Which of the characters that come are a held key's repeats, where the terminal does not tell."""

from __future__ import annotations

from enum import Enum

from psc2.core.ranges import Range

REPEAT_S = 0.120  # at most from one repeat to the next; nobody strikes one key as fast
DELAYS_S = Range(REPEAT_S, 2.0)  # from the stroke to the first repeat, on whatever system
TOLERANCE_S = 0.030  # of the delay from one time to the next


class Verdict(Enum):
    """What a character may be."""

    STROKE = "stroke"
    REPEAT = "repeat"
    UNSURE = "unsure"  # the first repeat, or a stroke: a repeat if another follows within ``REPEAT_S``


class Repeats:
    """Judges characters by when they come: a held key's first repeat after a delay, all others soon after it.

    >>> repeats = Repeats()
    >>> [repeats.judge("u", at, DELAYS_S).value for at in (0.0, 0.5, 0.53, 0.56)]
    ['stroke', 'unsure', 'repeat', 'repeat']
    >>> repeats.judge("u", 3.0, DELAYS_S).value, repeats.delay_s
    ('stroke', 0.5)
    """

    def __init__(self) -> None:
        self.delay_s: float | None = None  # to the first repeat; None as long as no key has been held
        self._key = ""  # the latest
        self._at = 0.0
        self._first_s: float | None = None  # how long after the stroke it came again, if it did

    def judge(self, key: str, at: float, delays_s: Range | None) -> Verdict:
        """``delays_s``: where a first repeat is to be expected; None where a stroke may not wait."""
        interval_s, is_again = at - self._at, key == self._key
        self._key, self._at = key, at
        if not is_again:
            self._first_s = None
            return Verdict.STROKE
        if interval_s <= REPEAT_S:
            if self._first_s is not None and self._first_s in DELAYS_S:
                self.delay_s = self._first_s
            self._first_s = None
            return Verdict.REPEAT
        self._first_s = interval_s
        return Verdict.UNSURE if delays_s is not None and interval_s in delays_s else Verdict.STROKE

    @property
    def known_delays_s(self) -> Range | None:
        """Where a first repeat comes here; None as long as no key has been held."""
        if self.delay_s is None:
            return None
        return Range(self.delay_s - TOLERANCE_S, self.delay_s + TOLERANCE_S)
