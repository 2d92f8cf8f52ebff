"""Turns: when the player's call ends, when the machine's answer begins, and when that ends.

What musicians do, as values; ``turn_taking`` lets it happen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from psc2.core.ranges import Range

TURN_LENGTHS = Range(1, 64)  # bars, or sequences
RESTS_BEATS = Range(0.25, 8)
PATIENCES_BARS = Range(0, 64)
STOPPED_BAR_S = 2.0  # how long a bar of patience is while the loop is stopped …
STOPPED_REST_S = 0.6  # … and how long a rest ends a phrase; source: AI Duet, 2016
QUICK_S = 0.250  # two notes so close give the solo back
MIN_PHRASE = 5  # notes: fewer are no phrase to be answered
LONG_CALL = 3  # times the usual length: such a call is answered though it brings no rest
LONG_ANSWER = 3  # times the usual length: an answer ends there in the midst of a line


class TurnKind(Enum):
    """What ends a turn."""

    COUNT = "count"  # so many notes, as in the paper
    PHRASE = "phrase"  # a rest
    BARS = "bars"  # a bar line: trading
    CHORUS = "chorus"  # the start of a sequence
    PEDAL = "pedal"

    @property
    def has_length(self) -> bool:
        """Whether it is so many bars, or sequences, long."""
        return self in (TurnKind.BARS, TurnKind.CHORUS)


class Handover(Enum):
    """How the turn changes between two notes, where they are counted."""

    NOW = "now"  # at the next note, as in the paper
    REST = "rest"  # after a rest, between two lines


class Answerer(Enum):
    """Who plays the answer."""

    HANDS = "hands"  # the player: rhythm and touch; the machine gives the pitches
    MACHINE = "machine"  # the machine itself


class Under(Enum):
    """What the player's keys sound while the machine plays its answer."""

    LEAD = "lead"
    CHORDS = "chords"


class ChordPolicy(Enum):
    """What becomes of several keys that are struck together."""

    EACH = "each"  # every key is a note of the line
    TOP = "top"  # the highest is; the others sound as played
    PARALLEL = "parallel"  # the first is; the others keep their distance to it


@dataclass(frozen=True, slots=True)
class TurnRule:
    """What ends a turn, and of how many bars or sequences.

    >>> TurnRule.parse("bars: 4")
    TurnRule(kind=<TurnKind.BARS: 'bars'>, length=4)
    """

    kind: TurnKind = TurnKind.COUNT
    length: int = 0  # 1–64 bars or sequences; 0 where neither matters

    @classmethod
    def parse(cls, text: str) -> TurnRule:
        """The rule written as ``"count"`` or ``"bars: 4"``. Raises: ValueError."""
        match = re.fullmatch(r" *([a-z]+) *(?:[: ] *([0-9]{1,3}))? *", text)
        if match is None:
            raise ValueError(text)
        kind = TurnKind(match[1])
        if (match[2] is not None) is not kind.has_length:
            raise ValueError(text)
        length = int(match[2] or 0)
        if kind.has_length and length not in TURN_LENGTHS:
            raise ValueError(text)
        return cls(kind, length)

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.length}" if self.kind.has_length else self.kind.value


COUNTING = TurnRule()  # the paper's
CHOICES = (  # in the order in which they are offered
    COUNTING,
    TurnRule(TurnKind.PHRASE),
    TurnRule(TurnKind.BARS, 4),
    TurnRule(TurnKind.CHORUS, 1),
    TurnRule(TurnKind.PEDAL),
)


def next_choice(now: TurnRule, configured: TurnRule) -> TurnRule:
    """The rule that is offered after ``now``; of its kind the one that is configured has its own length.

    >>> next_choice(TurnRule(TurnKind.PHRASE), TurnRule(TurnKind.BARS, 2))
    TurnRule(kind=<TurnKind.BARS: 'bars'>, length=2)
    """
    choices = [configured if rule.kind is configured.kind else rule for rule in CHOICES]
    kinds = [rule.kind for rule in choices]
    return choices[(kinds.index(now.kind) + 1) % len(choices)]


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """How turns are taken, whatever ends them; ``configs/default.yaml`` has each key's meaning."""

    rule: TurnRule  # at first
    takeover: Handover
    handback: Handover
    rest_beats: float
    patience_bars: float
    chords: ChordPolicy
    answer: Answerer
    under: Under
