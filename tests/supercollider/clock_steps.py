"""psc2 play on a computer whose clock is set while a loop plays and a key is held, on tape.

All three programs see the same wall clock, by libfaketime, and it is set for all of them at once.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import numpy as np

from psc2.testing import FakeClient
from tests.supercollider.processes import Process, until
from tests.supercollider.rig import BOOT_S, Rig
from tests.supercollider.sound import Sound, load_channels
from tests.supercollider.test_play import played, wait_for

LIBRARIES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1")
PLAY = 41
QUARTER_S = 0.5
BEFORE_S, HELD_S, AFTER_S = 3.3, 9.0, 2.0
KEY_FROM_S = 1.0  # of the tape
BEATS_BEFORE, BEATS_AFTER = 5, 8  # that are looked at, from the tape's begin and to its end
STARTS, START_S = 4, 20.0
GAP_S = 0.05  # pieces of the held key's sound that are looked at
LAYERS = ("SuperCollider:out_3", "SuperCollider:out_1")  # the click's and the others'
CONFIG = """\
music: {qpm: 120}
output: {lookahead_ms: 100}
sound: {click_out: 3, voices: {lead: pad}}
improv: {model: markov}
drums: {model: markov}
"""


def missing_programs() -> list[str]:
    """What this needs beside a rig: Debian's package ``faketime``."""
    return [] if library() else ["libfaketime"]


def library() -> str:
    return next((path for pattern in LIBRARIES for path in glob(pattern)), "")


class WallClock:
    """The wall clock of programs that are started with its ``environment``."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "wall_clock"
        self._total_s = 0.0
        self.step(0.0)
        self.environment = {
            "LD_PRELOAD": library(),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",  # by which the threads of sclang's browser would never wait
        }

    def step(self, seconds: float) -> None:
        """Put it forward, or back; whole at any moment, as it is read whenever the time is asked for."""
        self._total_s += seconds
        new = self._file.with_suffix(".new")
        new.write_text(f"{self._total_s:+.3f}\n")
        new.replace(self._file)


@dataclass(frozen=True, slots=True)
class Stepped:
    """What became of the loop and of the key. Seconds are those of the clicks: a busy JACK is slow."""

    silent_s: float  # the longest time without a click, less the quarter that it should be
    moved_ms: float  # how far the clicks some seconds after the step are from the grid of those before it
    spread_ms: float  # how far one of them is from the rest, at most
    held: float  # the share of the time that the key is down in which it sounds, about 1
    said: str  # what psc2 has printed since


def stepped(card: Rig, folder: Path, seconds: float) -> Stepped:
    """Sets the clock by ``seconds`` while an instrument on the sound card ``card`` plays."""
    clock = WallClock(folder)
    with instrument(card, folder, clock) as (process, port), FakeClient(port) as hands:
        hands.control(PLAY)
        wait_for(process, "\nplay\n")
        time.sleep(2 * QUARTER_S)
        recorder = tape(card, folder / "tape.wav")
        try:
            time.sleep(KEY_FROM_S)
            hands.key_down(60)
            time.sleep(BEFORE_S - KEY_FROM_S)
            before_it = len(process.output())
            clock.step(seconds)
            time.sleep(HELD_S)
            said = process.output()[before_it:]
            hands.key_up(60)
            until(lambda: not recorder.running, BOOT_S, "the recording ends")
        finally:
            recorder.end()
    clicks, lead = load_channels(folder / "tape.wav")
    return judged(clicks, lead, said)


def judged(clicks: Sound, lead: Sound, said: str) -> Stepped:
    onsets = np.array(clicks.onsets(gap_s=0.1))
    pace = float(np.median(np.diff(onsets))) / QUARTER_S
    silent_s = float(np.diff(np.append(onsets, clicks.length_s)).max()) / pace - QUARTER_S
    quarters = onsets / pace / QUARTER_S
    off_ms = 1000 * QUARTER_S * (quarters - np.round(quarters - quarters[0]) - quarters[0])
    before, after = off_ms[:BEATS_BEFORE], off_ms[-BEATS_AFTER:]
    sounding = sum(not lead.is_silent(at, at + GAP_S) for at in np.arange(0, lead.length_s, GAP_S))
    return Stepped(
        silent_s,
        float(np.median(after) - np.median(before)),
        float(np.abs(after - np.median(after)).max()),
        sounding * GAP_S / pace / (BEFORE_S + HELD_S - KEY_FROM_S),
        said,
    )


def tape(card: Rig, path: Path) -> Process:
    length = f"{BEFORE_S + HELD_S + AFTER_S:.0f}"
    command = ["jack_rec", "-f", str(path), "-d", length, "-b", "32", *LAYERS]
    return Process(command, path.with_suffix(".log"), card.jack_environment)


@contextmanager
def instrument(card: Rig, folder: Path, clock: WallClock) -> Iterator[tuple[Process, int]]:
    """``psc2 play`` by that wall clock, and the port where it listens."""
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    process, port = started(card, folder, config, clock)
    try:
        yield process, port
    finally:
        process.end()


def started(card: Rig, folder: Path, config: Path, clock: WallClock) -> tuple[Process, int]:
    """Tries it anew where libfaketime hangs or kills a program that starts. Raises: TimeoutError."""
    for _ in range(STARTS):
        process, port = played(card, folder, "--config", str(config), environment=clock.environment)
        try:
            until(lambda: "SuperCollider is there" in process.output(), START_S, "SuperCollider is there")  # noqa: B023
        except TimeoutError:
            process.end()
        else:
            return process, port
    raise TimeoutError(f"not one of {STARTS} has started")
