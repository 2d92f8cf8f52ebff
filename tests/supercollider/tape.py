"""A recording of what leaves for the loudspeakers that outlives SuperCollider: JACK's own recorder."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

from tests.supercollider.processes import Process, until
from tests.supercollider.rig import BOOT_S, Rig
from tests.supercollider.sound import Sound, load_channels

PROGRAMS = ("jack_rec", "jack_connect")
FIRST, SECOND = "SuperCollider:out_1", "SuperCollider-01:out_1"  # of the sound servers, in order of starting
INPUT = "jackrec:input2"  # where the second one is plugged in
LOOK_S = 0.05


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


class Tape:
    """Runs for a fixed time, with a track for each of two sound servers.

    The second one may go; when it comes back, it is plugged in again. JACK's dummy driver stumbles
    when a server is killed, so the tape may lose a moment: both tracks lose the same.
    """

    def __init__(self, card: Rig, path: Path, seconds: float) -> None:
        """Both have to be there."""
        self._environment = card.jack_environment
        self._path = path
        self.plugged_in_at: list[float] = []  # at first and again, as time.monotonic
        command = ["jack_rec", "-f", str(path), "-d", f"{seconds:.0f}", "-b", "32", FIRST, SECOND]
        self._recorder = Process(command, path.with_suffix(".log"), self._environment)
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        there = False
        while self._recorder.running:
            before, there = there, self._connected()
            if there and not before:
                self.plugged_in_at.append(time.monotonic())
            time.sleep(LOOK_S)

    def _connected(self) -> bool:
        """Plugs it in; a plug that is in already counts as well."""
        done = subprocess.run(
            ["jack_connect", SECOND, INPUT],
            env=os.environ | self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode == 0 or "already" in done.stdout + done.stderr

    def tracks(self, timeout_s: float = BOOT_S) -> tuple[Sound, Sound]:
        """What has been recorded, once the time is over."""
        until(lambda: not self._recorder.running, timeout_s, "the recording ends")
        self._thread.join()
        first, second = load_channels(self._path)
        return first, second

    def end(self) -> None:
        self._recorder.end()
        self._thread.join()
