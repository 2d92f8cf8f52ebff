"""The real daemon as a process of its own, played from outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from psc2.models.bundles.store import VARIABLE
from psc2.testing import free_port
from scripts.benchmarks import bundles
from scripts.benchmarks.companion import end
from scripts.benchmarks.measure import MeasureFailed
from scripts.benchmarks.wire import Arrival, Receiver, Sender, encoded

BOOT_S = 20.0
POLL_S = 0.005

CONTROLLER_UID = 77
PRESS = 127
# The nanoKONTROL2's control change numbers.
PLAY, STOP, KNOB_1, R2_BASS, R4_CHORDS, S3_DRUMS, S5_FREE = 41, 42, 16, 65, 67, 34, 36
R3_DRUMS, R5_IMPROV = 66, 68
KNOB_1_LOW_QPM = 60

LOOKAHEAD_S = 0.050
QPM = 120
STEP_S = 60 / QPM / 4
STEPS = 32  # two bars of 4/4
# While the loop is filled it goes faster, so that a measure need not wait long for its music.
FILL_QPM = 200
FILL_STEP_S = 60 / FILL_QPM / 4
MARKOV = "improv: {model: markov}\ndrums: {model: markov}\n"
# As large as Magenta's own; they are asked as often as in the paper.
MODELS = "improv: {model: melody, takeover: now, handback: now}\ndrums: {model: drums}\n"
AS_SHIPPED = ""  # those of configs/default.yaml
CONFIG = f"""\
music: {{qpm: {FILL_QPM}, num_bars: 2}}
output: {{lookahead_ms: {1000 * LOOKAHEAD_S:g}}}
web: {{port: 0}}
"""


@dataclass(frozen=True, slots=True)
class Key:
    onset: int  # step
    pitch: int
    steps: int  # how long it is held


# With these, each of the 32 steps has something to send: a note begins or ends there.
BASS = [Key(onset, 36 + onset % 12, 1) for onset in range(0, STEPS, 2)]
CHORDS = [Key(onset, pitch, 3) for onset in range(4, STEPS, 8) for pitch in (60, 64, 67)]


class DaemonProcess:
    """Made by ``running_daemon``, which also ends it."""

    def __init__(self, folder: Path, models: str, program: Sequence[str]) -> None:
        self.receiver = Receiver()
        self.port = free_port()
        self.log = folder / f"daemon{self.port}.log"
        config = folder / "daemon.yaml"
        config.write_text(CONFIG + models)
        if models not in (MARKOV, AS_SHIPPED):
            bundles.install(folder)
        command = [*program, "play", "--no-sclang", "--config", str(config)]
        ports = ["--receive-port", str(self.port), "--send-port", str(self.receiver.port)]
        self.sender = Sender(self.port)
        self.retimed_at = 0.0  # when the tempo was last changed, as time.time
        with self.log.open("wb") as log:
            self.started_at = time.time()
            self.process = subprocess.Popen(
                [*command, *ports],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, VARIABLE: str(folder)},
            )

    def end(self) -> None:
        end(self.process)
        self.sender.close()
        self.receiver.close()

    def page_address(self, timeout_s: float = BOOT_S) -> str:
        """Where its page is, as soon as it says so. Raises: MeasureFailed if it does not."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end and self.process.poll() is None:
            if found := re.search(r"http://[\d.]+:\d+/", self.log.read_text(errors="replace")):
                return found[0]
            time.sleep(POLL_S)
        raise MeasureFailed(f"no page; the daemon says: {self.last_output()}")

    def resident_mb(self) -> float:
        """Of the daemon alone, without the processes of its models."""
        return float(psutil.Process(self.process.pid).memory_info().rss / 1e6)

    def models(self) -> list[psutil.Process]:
        """The processes of its models."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def send(self, address: str, *arguments: int) -> None:
        self.sender.send(encoded(address, *arguments))

    def press(self, control: int) -> None:
        """A button of the controller is pressed and let go."""
        self.turn(control, PRESS, 0)

    def turn(self, control: int, *values: int) -> None:
        """A knob of the controller is turned to one value after the other."""
        for value in values:
            self.send("/ccevent", value, control, 0, CONTROLLER_UID)

    def send_hello(self) -> None:
        """As our SuperCollider script does: from now on looped notes come with time tags."""
        self.send("/psc2/hello", self.receiver.port)

    def wait_until_there(self) -> None:
        """Raises: MeasureFailed if it does not greet in time."""
        self.wait_for("/psc2/hello", BOOT_S)

    def wait_for(self, address: str, timeout_s: float) -> Arrival:
        """The next datagram with a message to ``address``. Raises: MeasureFailed if none comes in time."""
        for arrival in self.receiver.receive_until(time.time() + timeout_s):
            if any(each == address for each, _ in arrival.messages()):
                return arrival
        raise MeasureFailed(f"no {address} within {timeout_s:g} s; the daemon says: {self.last_output()}")

    def play(self) -> None:
        """The loop plays, tagged, with a bassline, chords and drums, at 120 qpm. Raises: MeasureFailed."""
        self.wait_until_there()
        self.send_hello()
        self.press(PLAY)
        self._record(R2_BASS, BASS, "bass")
        self._record(R4_CHORDS, CHORDS, "chords")
        self.press(S3_DRUMS)
        self.press(S5_FREE)
        self.turn(KNOB_1, PRESS, QPM - KNOB_1_LOW_QPM)  # from its end, which is nearest to the present tempo
        self.retimed_at = time.time()

    def _record(self, button: int, keys: list[Key], layer: str) -> None:
        for _ in range(3):  # on a busy machine a key may come too late for its pass
            self.press(button)
            self._perform(keys, self._next_pass())
            time.sleep(2 * FILL_STEP_S)
            if f"{layer}: {len(keys)} notes\n" in self.log.read_text():
                return
        raise MeasureFailed(f"could not record the {layer}; the daemon says: {self.last_output()}")

    def _next_pass(self) -> float:
        """When the next pass through the sequence begins."""
        while True:
            tag = self.wait_for("/playclick0", 10.0).tag
            if tag is not None and tag > time.time():
                return tag

    def _perform(self, keys: list[Key], start: float) -> None:
        downs = [(key.onset, encoded("/processnoteon", key.pitch, 100)) for key in keys]
        ups = [(key.onset + key.steps, encoded("/processnoteoff", key.pitch, 0)) for key in keys]
        for step, datagram in sorted(ups + downs):
            time.sleep(max(0.0, start + step * FILL_STEP_S - time.time()))
            self.sender.send(datagram)

    def last_output(self) -> str:
        return " / ".join(self.log.read_text(errors="replace").splitlines()[-3:]) or "nothing"


PSC2 = (str(Path(sys.executable).with_name("psc2")),)


@contextmanager
def running_daemon(
    folder: Path, models: str = MARKOV, program: Sequence[str] = PSC2
) -> Iterator[DaemonProcess]:
    """The daemon while the block runs. ``models``: its models' part of the configuration, Markov's by
    default, which has nothing to load. ``program``: what is run for ``psc2``."""
    daemon = DaemonProcess(folder, models, program)
    try:
        yield daemon
    finally:
        daemon.end()
