"""psc2 play with a SuperCollider of its own, one half of which is killed while it plays, on tape."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from psc2.testing import FakeClient
from tests.supercollider.processes import Process, until
from tests.supercollider.rig import Rig
from tests.supercollider.sound import Samples
from tests.supercollider.tape import Tape
from tests.supercollider.test_play import children, played, wait_for

PLAY = 41
TOLD = "SuperCollider"  # of whatever has happened to it
QUARTER_S = 0.25
AHEAD_S = 0.2
BEFORE_S, TAPE_S = 4.0, 12.0
CONFIG = """\
music: {qpm: 240}
output: {lookahead_ms: 100}
improv: {model: markov}
drums: {model: markov}
"""


@dataclass(frozen=True, slots=True)
class Return:
    """Of what was killed."""

    told_s: float  # from the kill until a line of SuperCollider
    back_s: float  # from the kill until the sound server's outputs are there again
    sound_s: float  # from then on to the next click
    moved_ms: Samples  # how far each click after it lies from where it belongs
    left_over: int  # sound servers more than one


def returned(
    metronome: Rig,
    folder: Path,
    program: str,
    number: signal.Signals = signal.SIGKILL,
    tape_s: float = TAPE_S,
) -> Return:
    """Kills sclang or scsynth of an instrument whose click plays, or stops it for good.

    ``metronome``: on the same sound card.
    """
    with instrument(metronome, folder) as (process, port), ticking(metronome), FakeClient(port) as hands:
        recorder = Tape(metronome, folder / "tape.wav", tape_s)
        try:
            hands.control(PLAY)
            time.sleep(BEFORE_S)
            killed = time.monotonic()
            before_it = len(process.output())
            send_signal(process, program, number)
            until(lambda: TOLD in process.output()[before_it:], tape_s, "it is told")
            told_s = time.monotonic() - killed
            reference, own = recorder.tracks()
        finally:
            recorder.end()
        servers = [child for child in children(process) if name_of(child) == "scsynth"]
    ticks, clicks = np.array(reference.onsets(gap_s=0.1)), np.array(own.onsets(gap_s=0.1))
    silence = int(np.argmax(np.diff(clicks)))
    before, after = clicks[: silence + 1], clicks[silence + 1 :]
    back_s = recorder.plugged_in_at[-1] - killed
    usual = float(np.median(offsets(before, ticks, 0.0)))
    return Return(
        told_s,
        back_s,
        float(after[0] - before[-1]) - back_s,
        1000 * offsets(after, ticks, usual),
        len(servers) - 1,
    )


def send_signal(process: Process, program: str, number: signal.Signals) -> None:
    """To what ``psc2 play`` has started, by its name."""
    (victim,) = [child for child in children(process) if name_of(child) == program]
    os.kill(int(victim.name), number)


@contextmanager
def instrument(card: Rig, folder: Path) -> Iterator[tuple[Process, int]]:
    """``psc2 play`` with a SuperCollider of its own, and the port where it listens."""
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    process, port = played(card, folder, "--config", str(config))
    try:
        wait_for(process, "SuperCollider is there")
        yield process, port
    finally:
        process.end()


@contextmanager
def ticking(rig: Rig) -> Iterator[None]:
    """A click every quarter, each with its time tag."""
    stopping = threading.Event()

    def tick() -> None:
        tag = time.time() + 2 * AHEAD_S
        while not stopping.wait(max(0.0, tag - AHEAD_S - time.time())):
            rig.send("/playclick0", 100, at=tag)
            tag += QUARTER_S

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def offsets(clicks: Samples, ticks: Samples, usual: float) -> Samples:
    """How much more than ``usual`` after the metronome each click is heard, ± QUARTER_S / 2, in seconds."""
    behind = clicks - ticks[np.abs(clicks[:, None] - ticks[None]).argmin(axis=1)]
    return np.asarray((behind - usual + QUARTER_S / 2) % QUARTER_S - QUARTER_S / 2)


def name_of(process: Path) -> str:
    return (process / "comm").read_text().strip()
