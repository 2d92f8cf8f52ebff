"""With the wire of 2018 alone: a client that never says /psc2/…, and a receiver that ignores time tags."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from pythonosc.osc_bundle import OscBundle

from psc2.testing import FakeClient, free_port
from tests.supercollider.conftest import require_programs
from tests.supercollider.osc import Mailbox, decoded
from tests.supercollider.processes import HEADLESS, Process, until
from tests.supercollider.rig import BOOT_S, HERE, PERIOD, RATE, Rig
from tests.supercollider.sound import load_channels, residuals_ms

pytestmark = pytest.mark.supercollider

PLAY, RECORD_BASS = 41, 65
QUARTER_S = 0.5
LINE = (40, 43, 45, 47)
PERIOD_MS = 1000 * PERIOD / RATE
# A sound to be played at once waits for the sound card's next period; the rest is the machine's.
AT_ONCE_MS = PERIOD_MS + 15


class Relay:
    """Between daemon and receiver: notes what passes, and passes it on as it is."""

    def __init__(self, receiver_port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.passed: list[tuple[float, bytes]] = []
        self._receiver_port = receiver_port
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while datagram := self._socket.recv(65_536):
            self.passed.append((time.time(), datagram))
            self._socket.sendto(datagram, ("127.0.0.1", self._receiver_port))

    def stop(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())  # wakes the thread
        self._thread.join()
        self._socket.close()

    def moments(self, address: str) -> list[float]:
        """When messages whose address begins so have passed, as time.time."""
        return [
            at
            for at, datagram in self.passed
            for message in decoded(datagram)
            if message.address.startswith(address)
        ]


@contextmanager
def receiver(card: Rig, folder: Path, tests: Mailbox) -> Iterator[int]:
    """A SuperCollider of 2018; the port where it listens."""
    ports = {"PSC2_TEST_PORT": str(tests.port), "PSC2_TEST_SERVER_PORT": str(free_port())}
    command = ["sclang", "-u", str(free_port()), str(HERE / "receiver.scd")]
    process = Process(command, folder / "receiver.log", ports | HEADLESS | card.jack_environment)
    try:
        port = tests.wait_for("/test/ready", timeout_s=BOOT_S).arguments[0]
        assert isinstance(port, int)
        yield port
        tests.send(port, "/test/end")
        process.ends_within(5)
    finally:
        process.end()


@contextmanager
def daemon(folder: Path, send_port: int) -> Iterator[tuple[Process, FakeClient]]:
    config = folder / "config.yaml"
    music = f"music: {{num_bars: 1, qpm: {60 / QUARTER_S:g}}}"
    config.write_text(f"{music}\nimprov: {{model: markov}}\ndrums: {{model: markov}}\n")
    port = free_port()
    command = [sys.executable, "-m", "psc2", "play", "--no-sclang", "--config", str(config)]
    ports = ["--receive-port", str(port), "--send-port", str(send_port)]
    process = Process(command + ports, folder / "daemon.log", {"PYTHONUNBUFFERED": "1"})
    try:
        with FakeClient(port) as hands:
            yield process, hands
    finally:
        process.end()


def test_click_and_bass_are_heard_where_they_belong(tmp_path: Path) -> None:
    require_programs()
    card, tests = Rig(tmp_path), Mailbox()
    card.start_sound_card()
    try:
        with receiver(card, tmp_path, tests) as port:
            relay = Relay(port)
            with daemon(tmp_path, relay.port) as (process, hands):
                until(lambda: bool(relay.passed), BOOT_S, "the daemon greets")
                wav = tmp_path / "heard.wav"
                tests.send(port, "/test/record", str(wav))
                tests.wait_for("/test/recording")
                play(hands, relay, process)
                tests.send(port, "/test/stop")
                tests.wait_for("/test/stopped")
            relay.stop()
    finally:
        card.stop()
        tests.close()
    assert not [datagram for _, datagram in relay.passed if OscBundle.dgram_is_bundle(datagram)]
    own = {m.address for _, d in relay.passed for m in decoded(d) if m.address.startswith("/psc2/")}
    assert own <= {"/psc2/hello", "/psc2/flush"}  # a greeting, no heartbeat: nobody has said hello
    left, right = load_channels(wav)
    clicks, notes = left.onsets(gap_s=0.1), right.onsets(gap_s=0.01)
    check_on_grid(clicks, relay.moments("/playclick"), QUARTER_S)
    looped = notes[len(LINE) :]  # after those that the player played
    assert len(looped) >= 2 * len(LINE)
    heard = [round(right.strongest_pitch(onset + 0.02, onset + 0.15)) for onset in looped]
    assert heard == [LINE[n % len(LINE)] for n in range(len(heard))]
    # The loop's bass notes sound with its clicks, neither before nor after.
    apart_ms = [1000 * min(abs(click - note) for click in clicks) for note in looped]
    print(f"{len(looped)} bass notes, the farthest {max(apart_ms):.1f} ms from their click")
    assert max(apart_ms) < AT_ONCE_MS


def play(hands: FakeClient, relay: Relay, process: Process) -> None:
    """A bar of bass, one note a beat, which then is looped."""
    hands.control(PLAY)  # first: it tells which device is the controller
    hands.control(RECORD_BASS)
    until(lambda: len(relay.moments("/playclick0")) == 1, 10, "the first click")
    first = relay.moments("/playclick0")[0]
    for beat, pitch in enumerate(LINE):
        time.sleep(max(0.0, first + beat * QUARTER_S + 0.03 - time.time()))  # a little late, as people are
        hands.key_down(pitch)
        time.sleep(0.6 * QUARTER_S)
        hands.key_up(pitch)
    until(lambda: f"bass: {len(LINE)} notes" in process.output(), 10, "the bassline is recorded")
    time.sleep(12 * QUARTER_S)


def check_on_grid(heard: list[float], sent: list[float], every_s: float) -> None:
    """Sound follows sending, and both the loop's grid."""
    assert len(heard) in (len(sent), len(sent) - 1)  # the last one may be too late for the recording
    grid = [n * every_s for n in range(len(heard))]
    sent_ms, heard_ms = residuals_ms(sent[: len(heard)], grid), residuals_ms(heard, grid)
    print(
        f"{len(heard)} clicks: sent within {np.abs(sent_ms).max():.1f} ms, heard {np.abs(heard_ms).max():.1f}"
    )
    assert np.abs(heard_ms).max() < AT_ONCE_MS
