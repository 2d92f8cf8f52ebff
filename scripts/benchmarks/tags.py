"""tags: where the time tags lie, against a computation of our own in exact fractions.

Ten minutes of 16ths are played in virtual time, with a tempo change every ten seconds or so,
and their tags are read back from the bytes that go on the wire.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random

from psc2.core.effects import Strike
from psc2.core.events import Event, Hello
from psc2.core.setup import LOOKAHEAD_S
from psc2.daemon import initial_state
from psc2.models.markov import MarkovDrums, MarkovMelody
from psc2.runtime.virtual import Performance, VirtualClock, press
from psc2.settings.config import Config, load_config
from psc2.wire.osc_out import OscOutput
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from scripts.benchmarks.wire import Receiver

BEGIN_S = 86_400.0  # the engine's clock after a day: a large number, as floats like them least
WALL_CLOCK_AHEAD_S = 1_800_000_000.1234567
LENGTH_S = 600
NTP_EPOCH_S = 2_208_988_800  # from 1900 to 1970
KNOB_LOW_QPM = 60
CONFIG = {"music": {"time_signature": "16/16", "num_bars": 1}}  # a click at every 16th


@dataclass(frozen=True, slots=True)
class Change:
    at: float  # seconds on the engine's clock
    qpm: int


class WallClock(VirtualClock):
    def wall_time_of(self, moment_s: float) -> float:
        return moment_s + WALL_CLOCK_AHEAD_S


def measure(folder: Path, quick: bool) -> Values:
    length_s = LENGTH_S / 10 if quick else LENGTH_S
    random = Random(1)
    changes = [
        Change(BEGIN_S + 10 * n + random.random(), random.randrange(60, 188))
        for n in range(1, int(length_s) // 10)
    ]
    receiver = Receiver()
    try:
        start_s, tags = play(changes, BEGIN_S + length_s, receiver)
    finally:
        receiver.close()
    expected = moments(Fraction(start_s), changes, len(tags))
    errors = [
        (float(moment - expected[0]) / 60, abs(float(tag - moment)) * 1e6)
        for tag, moment in zip(tags, expected, strict=True)
        if tag is not None
    ]
    minutes = errors[-1][0]
    return {
        "steps": len(tags),
        "untagged_steps": tags.count(None),
        "changes": len(changes),
        "minutes": minutes,
        "worst_us": max(error_us for _, error_us in errors),
        "first_minute_us": max(error_us for minute, error_us in errors if minute < 1),
        "last_minute_us": max(error_us for minute, error_us in errors if minute > minutes - 1),
    }


def play(changes: Sequence[Change], until: float, receiver: Receiver) -> tuple[float, list[Fraction | None]]:
    """When the first step is, on the engine's clock, and the tag of every step, as Unix time.

    A step that a faster tempo has put into the past sounds at once, and has no tag.
    """
    performance = Performance(initial_state(config(), seed=1), MarkovMelody(), MarkovDrums())
    events: list[Event] = [Hello(BEGIN_S, receiver.port, 0), press(BEGIN_S, "play")]
    events += [press(change.at, "qpm", value=change.qpm) for change in changes]
    clicks = [sent for sent in performance.play(events, until) if isinstance(sent.effect, Strike)]
    output = OscOutput("127.0.0.1", receiver.port, WallClock())
    tags: list[Fraction | None] = []
    try:
        for click in clicks:
            output.send([click.effect])
            if (arrival := receiver.receive(5.0)) is None:
                raise MeasureFailed("a bundle was lost on loopback")
            tags.append(tag_of(arrival.datagram))
    finally:
        output.close()
    return clicks[0].when, tags


def config() -> Config:
    return load_config(None, CONFIG)


def tag_of(datagram: bytes) -> Fraction | None:
    """The time tag, 32 bits of seconds and 32 of their fraction, as exact Unix time."""
    if not datagram.startswith(b"#bundle\0"):
        return None
    return Fraction(int.from_bytes(datagram[8:16], "big"), 2**32) - NTP_EPOCH_S


def moments(start_s: Fraction, changes: Sequence[Change], number: int) -> list[Fraction]:
    """Unix times of the steps: ``anchor + n · 60 / qpm / 4``.

    A tempo change moves the anchor to the last step that has been sent, a look-ahead before its
    time. Where the new tempo would put the next step into the past, that step sounds at once.
    """
    lookahead_s = Fraction(str(LOOKAHEAD_S))
    steps = [start_s]
    segments = pairwise([Change(0.0, int(config().music.qpm)), *changes, Change(float("inf"), 60)])
    for tempo, following in segments:
        step_s = Fraction(60, tempo.qpm) / 4
        pulled = max(steps[-1] + step_s, Fraction(tempo.at))
        while len(steps) < number and pulled - lookahead_s < following.at:
            steps.append(pulled)
            pulled += step_s
    return [step + Fraction(WALL_CLOCK_AHEAD_S) for step in steps]


def rows(runs: Runs) -> list[Row]:
    worst_us = runs.worst("worst_us")
    return [
        Row(
            "tags",
            f"time tags, {runs.median('minutes'):.0f} min of 16ths, "
            f"{runs.median('changes'):.0f} tempo changes",
            "≤ 1 µs off, no more at the end",
            f"{worst_us:.2f} µs; first minute {runs.worst('first_minute_us'):.2f}, "
            f"last {runs.worst('last_minute_us'):.2f}",
            f"exact fractions, {runs.median('steps'):.0f} steps",
            worst_us <= 1,
        )
    ]


TAGS = Measure(names=("tags",), seconds=0.5, quick_seconds=0.5, run=measure, rows=rows)
