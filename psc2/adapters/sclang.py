"""The SuperCollider process: started with psc2, started again when it ends, ended with psc2."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

from pythonosc.udp_client import SimpleUDPClient

from psc2 import resources
from psc2.errors import StartError
from psc2.platforms import environment
from psc2.platforms import find as find

ENDING_S = (0.4, 0.1, 0.1)  # how long it may take after being asked, told, and forced to end
LOOK_S = 0.01
WATCH_S = 0.1
SAYS = "psc2: "  # how a line of the script's own begins
PAUSES_S = (0.1, 1.0, 2.0, 5.0, 10.0, 30.0)  # before it is started again, the more often it ends …
STEADY_S = 60.0  # … within this time


class Sclang:
    """sclang with its sound server, in a process group of their own."""

    def __init__(self, executable: str, daemon_host: str, daemon_port: int, port: int, log: Path) -> None:
        """``log``: what it prints is added to this file. Raises: StartError if it cannot be started."""
        self.log = log
        with log.open("a") as output:
            try:
                self._process = subprocess.Popen(
                    [executable, "-u", str(port), str(resources.SCLANG_SCRIPT)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env=environment(daemon_host, daemon_port),
                )
            except OSError as error:
                raise StartError(f"cannot start {executable}: {error.strerror or error}") from error

    def ended(self) -> bool:
        return self._process.poll() is not None

    def last_words(self) -> str:
        """What it said last, or where all that it said can be read."""
        said = [line for line in self.log.read_text(errors="replace").splitlines() if line.startswith(SAYS)]
        return said[-1].removeprefix(SAYS) if said else f"its messages are in {self.log}"

    def stop(self, port: int | None) -> None:
        """Ends both within half a second.

        They are asked first, if it is known where they listen: a sound server that is not
        asked leaves shared memory behind.
        """
        if port is not None and not self.ended():
            SimpleUDPClient("127.0.0.1", port).send_message("/psc2/quit", [])
        else:
            self._signal(signal.SIGTERM)
        for number, patience_s in zip(
            (signal.SIGTERM, signal.SIGKILL, signal.SIGKILL), ENDING_S, strict=True
        ):
            deadline = time.monotonic() + patience_s
            while time.monotonic() < deadline:
                if self.ended() and not self._signal(0):
                    if self._process.returncode == 0:
                        self.log.unlink(missing_ok=True)
                    return
                time.sleep(LOOK_S)
            self._signal(number)

    def _signal(self, number: int) -> bool:
        """Signals the whole group; tells whether anybody is left in it."""
        try:
            os.killpg(self._process.pid, number)
        except (ProcessLookupError, PermissionError):
            return False
        return True


def new_log() -> Path:
    """A file of its own for what SuperCollider prints."""
    with NamedTemporaryFile("w", prefix="psc2-sclang-", suffix=".log", delete=False) as log:
        return Path(log.name)


class Keeper:
    """SuperCollider for as long as the instrument plays: one that ends is followed by another."""

    def __init__(self, begin: Callable[[], Sclang], pauses_s: Sequence[float] = PAUSES_S) -> None:
        """``begin``: starts one. Raises: StartError from the first."""
        self._begin = begin
        self._pauses_s = pauses_s
        self._current = begin()
        self._news = deque([f"starting SuperCollider; its messages are in {self._current.log}"])
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supercollider", daemon=True)
        self._thread.start()

    def news(self) -> Iterator[str]:
        """What has happened since this was asked last, a line each."""
        while self._news:
            yield self._news.popleft()

    def stop(self, port: int | None) -> None:
        """``port``: where it listens, if that is known."""
        self._stopping.set()
        self._thread.join()
        self._current.stop(port)

    def _run(self) -> None:
        ended, began = 0, time.monotonic()
        while not self._stopping.wait(WATCH_S):
            if not self._current.ended():
                continue
            ended = 1 if time.monotonic() - began > STEADY_S else ended + 1
            pause_s = self._pauses_s[min(ended, len(self._pauses_s)) - 1]
            self._news.append(
                f"SuperCollider has ended: {self._current.last_words()}; starting it again in {pause_s:g} s"
            )
            self._current.stop(None)  # what it has left behind: its sound server
            if self._stopping.wait(pause_s):
                return
            began = time.monotonic()
            self._start_again()

    def _start_again(self) -> None:
        try:
            self._current = self._begin()
        except StartError as error:
            self._news.append(str(error))
