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
from typing import NamedTuple

from pythonosc.udp_client import SimpleUDPClient

from psc2 import resources
from psc2.errors import StartError
from psc2.ports import Clock
from psc2.supercollider import programs
from psc2.supercollider.platforms import environment
from psc2.supercollider.platforms import find as find

ENDING_S = (0.4, 0.1, 0.1)  # how long it may take after being asked, told, and forced to end
LOOK_S = 0.01
WATCH_S = 0.1
PAUSES_S = (0.1, 1.0, 2.0, 5.0, 10.0, 30.0)  # before it is started again, the more often it ends …
STEADY_S = 60.0  # … within this time
HANGS_S = 10.0  # without a hello, where one comes every second


class Sclang:
    """sclang with its sound server, in a process group of their own."""

    def __init__(self, executable: str, daemon_host: str, daemon_port: int, port: int, log: Path) -> None:
        """``log``: what it prints is added to this file. Raises: StartError if it cannot be started."""
        self.log = log
        try:
            with log.open("a") as output:
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
        return programs.last_words(self.log) or f"its messages are in {self.log}"

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


class Heard(NamedTuple):
    """SuperCollider's latest hello."""

    at: float  # seconds on the keeper's clock
    port: int  # where it listens


class Keeper:
    """SuperCollider for as long as the instrument plays: one that ends or hangs is followed by another."""

    def __init__(
        self,
        begin: Callable[[], Sclang],
        clock: Clock,
        heard: Callable[[], Heard | None],
        pauses_s: Sequence[float] = PAUSES_S,
        hangs_s: float = HANGS_S,
    ) -> None:
        """``begin``: starts one. Raises: StartError from the first."""
        self._begin = begin
        self._clock = clock
        self._heard = heard
        self._pauses_s = pauses_s
        self._hangs_s = hangs_s
        self._began = clock.now()
        self._current = begin()
        self._news = deque([f"starting SuperCollider; its messages are in {self._current.log}"])
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supercollider", daemon=True)
        self._thread.start()

    def news(self) -> Iterator[str]:
        """What has happened since this was asked last, a line each."""
        while self._news:
            yield self._news.popleft()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        hello = self._hello()
        self._current.stop(hello.port if hello else None)

    def _run(self) -> None:
        ended = 0
        while not self._stopping.wait(WATCH_S):
            trouble = self._trouble()
            if not trouble:
                continue
            ended = 1 if self._clock.now() - self._began > STEADY_S else ended + 1
            pause_s = self._pauses_s[min(ended, len(self._pauses_s)) - 1]
            self._news.append(f"SuperCollider {trouble}; starting it again in {pause_s:g} s")
            self._current.stop(None)  # with what it leaves behind: its sound server
            if self._stopping.wait(pause_s):
                return
            self._start_again()

    def _trouble(self) -> str:
        """Why another one is needed, if it is."""
        if self._current.ended():
            return f"has ended: {self._current.last_words()}"
        hello = self._hello()
        hangs = hello is not None and self._clock.now() - hello.at > self._hangs_s
        return f"has not answered for {self._hangs_s:g} s" if hangs else ""

    def _hello(self) -> Heard | None:
        """The latest of the one that runs now, if it has said any."""
        hello = self._heard()
        return hello if hello is not None and hello.at > self._began else None

    def _start_again(self) -> None:
        self._began = self._clock.now()
        try:
            self._current = self._begin()
        except StartError as error:
            self._news.append(str(error))
