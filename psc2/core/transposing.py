"""Practising in other keys: the chart is played higher each chorus, or in every key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from psc2.core.ranges import Range
from psc2.core.spelling import OCTAVE

INTERVALS = Range(0, OCTAVE - 1)  # semitones
ALL_KEYS = frozenset(range(OCTAVE))


@dataclass(frozen=True, slots=True)
class Transposition:
    """In which keys a player practises; by default in the chart's own."""

    semitones: Annotated[int, INTERVALS] = 0  # up, each chorus
    every_key: bool = False  # all twelve instead, each once, in an order that nobody can foresee


FOURTH, SEMITONE, EVERY_KEY = Transposition(5), Transposition(1), Transposition(every_key=True)
USUAL = (Transposition(), FOURTH, SEMITONE, EVERY_KEY)  # that a button goes through


@dataclass(frozen=True, slots=True)
class KeyTurn:
    """The key of a chorus, and where that lies on the way through all of them.

    >>> keys = KeyTurn()
    >>> for _ in range(3):
    ...     keys = keys.following(FOURTH, lambda: 0)
    >>> keys.semitones
    3
    """

    semitones: Annotated[int, INTERVALS] = 0  # above the chart's own
    left: frozenset[int] | None = None  # of every key, those that are still to come; None: all others

    def following(self, wanted: Transposition, draw: Callable[[], int]) -> KeyTurn:
        """The key of the chorus after this one. ``draw`` gives a large random number, 0 and up."""
        if wanted.every_key:
            left = ALL_KEYS - {self.semitones} if self.left is None else self.left or ALL_KEYS
            others = sorted(left - {self.semitones}) or [self.semitones]
            chosen = others[draw() % len(others)]
            return KeyTurn(chosen, left - {chosen})
        return KeyTurn((self.semitones + wanted.semitones) % OCTAVE if wanted.semitones else 0)
