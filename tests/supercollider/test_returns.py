"""The whole instrument, one half of which is killed while it plays: what is heard before and after."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from psc2.testing import FakeClient, free_port
from tests.supercollider import tape
from tests.supercollider.conftest import require_programs
from tests.supercollider.rig import PERIOD, RATE, Process, Rig
from tests.supercollider.sound import Samples
from tests.supercollider.tape import Tape
from tests.supercollider.test_play import children, wait_for

pytestmark = pytest.mark.supercollider

PLAY = 41
QUARTER_S = 0.5
AHEAD_S = 0.2
AGAIN_S = 2.0  # from its return to sound
# A sound server that has just begun does not know the time to the millisecond yet.
NEAR_MS = 1000 * PERIOD / RATE
CONFIG = """\
music: {qpm: 120}
output: {lookahead_ms: 100}
improv: {model: markov}
drums: {model: markov}
"""


@pytest.fixture(scope="module")
def metronome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A SuperCollider of its own on the same sound card, which nobody kills."""
    require_programs()
    if missing := tape.missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}")
    rig = Rig(tmp_path_factory.mktemp("metronome"))
    rig.start()
    yield rig
    rig.stop()


@contextmanager
def instrument(card: Rig, folder: Path) -> Iterator[tuple[Process, int]]:
    """``psc2 play`` with a SuperCollider of its own, and the port where it listens."""
    config = folder / "config.yaml"
    config.write_text(CONFIG)
    port = free_port()
    command = [sys.executable, "-m", "psc2", "play", "--config", str(config)]
    ports = ["--receive-port", str(port), "--send-port", str(free_port())]
    environment = {
        "JACK_DEFAULT_SERVER": card.jack_name,
        "JACK_NO_START_SERVER": "1",
        "PYTHONUNBUFFERED": "1",
    }
    process = Process(command + ports, folder / "play.log", environment)
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


@pytest.mark.timeout(240)
@pytest.mark.parametrize("program", ["sclang", "scsynth"])
def test_what_is_killed_is_soon_back_on_the_same_grid(metronome: Rig, tmp_path: Path, program: str) -> None:
    seconds = 20.0
    with instrument(metronome, tmp_path) as (process, port), ticking(metronome), FakeClient(port) as hands:
        recorder = Tape(metronome, tmp_path / "tape.wav", seconds)
        try:
            hands.control(PLAY)
            time.sleep(6)
            began = time.monotonic()
            (victim,) = [child for child in children(process) if name_of(child) == program]
            os.kill(int(victim.name), signal.SIGKILL)
            reference, own = recorder.tracks()
        finally:
            recorder.end()
        assert process.running
        assert len([child for child in children(process) if name_of(child) == "scsynth"]) == 1
    ticks, clicks = np.array(reference.onsets(gap_s=0.1)), np.array(own.onsets(gap_s=0.1))
    silence = int(np.argmax(np.diff(clicks)))
    before, after = clicks[: silence + 1], clicks[silence + 1 :]
    assert len(before) > 8
    assert len(after) > 8
    returned = recorder.plugged_in_at[-1]
    again_s = clicks[silence + 1] - clicks[silence] - (returned - began)
    usual = float(np.median(offsets(before, ticks, 0.0)))
    moved_ms = 1000 * offsets(after, ticks, usual)
    print(
        f"{program} killed: its ports are back after {returned - began:.1f} s, sound {again_s:.1f} s later; "
        f"the grid has moved {np.median(moved_ms):.1f} ms, a click at most {np.abs(moved_ms).max():.1f}"
    )
    assert again_s < AGAIN_S
    assert abs(np.median(moved_ms)) < NEAR_MS


def offsets(clicks: Samples, ticks: Samples, usual: float) -> Samples:
    """How much more than ``usual`` after the metronome each click is heard, ± QUARTER_S / 2, in seconds."""
    behind = clicks - ticks[np.abs(clicks[:, None] - ticks[None]).argmin(axis=1)]
    return np.asarray((behind - usual + QUARTER_S / 2) % QUARTER_S - QUARTER_S / 2)


def name_of(process: Path) -> str:
    return (process / "comm").read_text().strip()
