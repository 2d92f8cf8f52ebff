"""Tap tempo under hands as people have them: how often the tempo is what they meant."""

from collections.abc import Callable
from random import Random

import pytest

from psc2.core.ranges import QPM, Range
from psc2.core.taps import Taps

HANDS = 600  # of each kind, in each unit
UNITS = {"quarter": 1.0, "click in x/8": 0.5, "click in x/16": 0.25}  # quarters a tap
TAPPED = Range(40, 400)  # qpm
JITTERS_S = (0.0, 0.005, 0.01, 0.02, 0.03)  # from where a tap should be, at most …
MAX_JITTER = 0.08  # … of the interval: a hand that taps fast is no worse
FASTEST_S = 0.1  # from tap to tap: nobody taps faster for long

Tapped = tuple[list[float], list[float]]  # moments in seconds: good taps, by which a tempo is meant, and all


class Hand:
    """Somebody who taps in one unit."""

    def __init__(self, random: Random, quarters: float) -> None:
        self.random = random
        self.tempos = Range(60 * quarters / QPM.high - 1e-9, 60 * quarters / QPM.low + 1e-9)
        self.quarters = quarters
        self.jitter_s = random.choice(JITTERS_S)
        self.interval = self.interval_within(TAPPED)

    def interval_within(self, qpm: Range) -> float:
        """Of any tempo within a range, as far as a hand can tap it."""
        return max(FASTEST_S, 60 * self.quarters / self.random.uniform(qpm.low, qpm.high))

    def another_interval(self) -> float:
        """Of another tempo, half to twice as fast: by 3 % or more."""
        times = self.random.choice((self.random.uniform(0.5, 0.97), self.random.uniform(1.03, 2.0)))
        fastest = max(FASTEST_S, 60 * self.quarters / TAPPED.high)
        return Range(fastest, 60 * self.quarters / TAPPED.low).clamp(times * self.interval)

    def taps(self, first: float, interval: float, fewest: int = 3, most: int = 9) -> list[float]:
        """The moments of some taps, the first at ``first``, each a little too early or late."""
        jitter_s = min(self.jitter_s, MAX_JITTER * interval)
        number = self.random.randint(fewest, most)
        return [first + n * interval + self.random.uniform(-jitter_s, jitter_s) for n in range(number)]


def steady(hand: Hand) -> Tapped:
    good = hand.taps(10.0, hand.interval)
    return good, good


def with_a_stray_tap_before(hand: Hand) -> Tapped:
    good = hand.taps(10.0, hand.interval)
    return good, [*good, good[0] - hand.random.uniform(hand.tempos.low, hand.tempos.high)]


def exact_and_three_after_a_stray_tap(hand: Hand) -> Tapped:
    hand.jitter_s = 0.0
    good = hand.taps(10.0, hand.interval, most=3)
    return good, [*good, good[0] - hand.random.uniform(hand.tempos.low, hand.tempos.high)]


def with_bounces(hand: Hand) -> Tapped:
    good, latest = hand.taps(10.0, hand.interval), min(0.12, 0.6 * hand.interval)
    bouncing = [at for at in good if hand.random.random() < 0.4]
    return good, good + [at + hand.random.uniform(0.005, latest) for at in bouncing]


def missing_one(hand: Hand) -> Tapped:
    good = hand.taps(10.0, hand.interval, fewest=5)
    missed = hand.random.randint(2, len(good) - 2)
    return good, good[:missed] + good[missed + 1 :]


def changing_the_tempo(hand: Hand) -> Tapped:
    before, interval = hand.taps(10.0, hand.interval), hand.another_interval()
    good = [before[-1], *hand.taps(before[-1] + interval, interval, fewest=2)]
    return good, before[:-1] + good


def changing_the_tempo_exactly_with_three_taps(hand: Hand) -> Tapped:
    hand.jitter_s = 0.0
    before, interval = hand.taps(10.0, hand.interval), hand.another_interval()
    good = [before[-1], *hand.taps(before[-1] + interval, interval, fewest=2, most=2)]
    return good, before[:-1] + good


def changing_the_tempo_after_a_pause(hand: Hand) -> Tapped:
    before, interval = hand.taps(10.0, hand.interval), hand.another_interval()
    pause_s = hand.random.uniform(2.2, 5.0) * hand.interval
    good = hand.taps(before[-1] + pause_s, interval)
    return good, before + good


def at_390_to_400(hand: Hand) -> Tapped:
    hand.jitter_s = hand.quarters * hand.random.choice((0.002, 0.005, 0.009))
    good = hand.taps(10.0, 60 * hand.quarters / hand.random.uniform(390, 400))
    return good, good


def share_understood(kind: Callable[[Hand], Tapped], quarters: float) -> float:
    """Of how many hands the tempo is within 1 % of the mean interval of their good taps."""
    random, understood = Random(7), 0
    for _ in range(HANDS):
        hand, taps = Hand(random, quarters), Taps()
        good, tapped = kind(hand)
        for at in sorted(tapped):
            taps = taps.struck(at, hand.tempos)
        tempos = Range(60 * quarters / QPM.high, 60 * quarters / QPM.low)
        meant = tempos.clamp((good[-1] - good[0]) / (len(good) - 1))
        understood += taps.interval_s is not None and abs(tempos.clamp(taps.interval_s) / meant - 1) <= 0.01
    return understood / HANDS


@pytest.mark.parametrize(
    ("kind", "shares"),
    [(steady, (0.95, 0.92, 0.90)), (with_a_stray_tap_before, (0.92, 0.90, 0.86)),
     (exact_and_three_after_a_stray_tap, (0.97, 0.97, 0.97)), (with_bounces, (0.94, 0.82, 0.57)),
     (missing_one, (0.85, 0.75, 0.70)), (changing_the_tempo, (0.88, 0.84, 0.80)),
     (changing_the_tempo_exactly_with_three_taps, (0.97, 0.97, 0.97)),
     (changing_the_tempo_after_a_pause, (0.94, 0.90, 0.88)), (at_390_to_400, (0.96, 0.96, 0.96))],
)  # fmt: skip
def test_most_hands_are_understood(kind: Callable[[Hand], Tapped], shares: tuple[float, ...]) -> None:
    for quarters, share in zip(UNITS.values(), shares, strict=True):
        assert share_understood(kind, quarters) >= share, quarters
