"""The SuperCollider process: started with psc2, started again when it ends, ended with psc2."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from psc2 import resources
from psc2.core.events import Event, SuperColliderProcess
from psc2.errors import StartError
from psc2.ports import Clock
from psc2.resources import COMMAND
from psc2.supercollider import programs
from psc2.supercollider.log import LogFollower
from psc2.supercollider.platforms import environment
from psc2.wire.protocol import QUIT

ENDED = "SuperCollider has ended"
FAILED = 1  # the exit code with which psc2's script ends sclang itself
NO_JACK = "jack server is not running"  # as libjack prints it
START_JACK = f"no JACK server: start one (jackd -d alsa &; {COMMAND} doctor has your system's way)"
NO_FOLDER = "filesystem::create_directories"  # as sclang prints it, and aborts
SET_HOME = "it cannot make its folders: let HOME name a folder that it may write to"
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # which on Windows ends a program as surely
STOP_TIMEOUTS_S = (0.4, 0.1, 0.1)  # until it is asked again (SIGTERM), killed, and not waited for any more
POLL_S = 0.01
CHECK_INTERVAL_S = 0.1  # how often it is seen whether SuperCollider still runs
LOST_TIME_S = 1.0  # from one look to the next: this program itself was stopped, or had no time
RESTART_DELAYS_S = (0.1, 1.0, 2.0, 5.0, 10.0, 30.0)  # before it is started again, the more often it ends …
RESTART_RESET_S = 60.0  # … within this time
JACK_DELAY_S = 3.0  # at most, where it is JACK that is missing: the player may be about to start it
HELLO_TIMEOUT_S = 9.0  # SuperCollider says hello every second: after so long without one it hangs


class Sclang:
    """A running sclang with its sound server, in a process group of their own."""

    def __init__(
        self, executable: str, daemon_host: str, daemon_port: int, port: int, log: Path, token: str
    ) -> None:
        """Start sclang; what it prints is added to the file ``log``. Raises: StartError.

        ``token``: what it says with its hello, so that the daemon knows it for its own.
        """
        self.log = log
        try:
            with log.open("ab") as output:
                self._log_begin = output.seek(0, os.SEEK_END)  # those before it have written there, too
                command = [executable, "-u", str(port), str(resources.SCLANG_SCRIPT)]
                self._group = programs.Group(command, output, environment(daemon_host, daemon_port, token))
        except OSError as error:
            raise StartError(f"cannot start {executable}: {error.strerror or error}") from error

    def ended(self) -> bool:
        """Whether sclang has ended; its sound server may be left."""
        return self._group.program.poll() is not None

    def reason(self) -> str:
        """Why it has ended, in one line: as its script or JACK has said it; empty if nobody has.

        A script that ends sclang says why and exits with 1; of any other end its messages know nothing.
        """
        code = self._group.program.poll()
        if any(NO_FOLDER in line for line in programs.last_lines(self.log, self._log_begin)):
            return SET_HOME
        if code is not None and code < 0:
            return next((one.name for one in signal.Signals if one == -code), f"signal {-code}")
        if code != FAILED:
            return ""
        if any(NO_JACK in line for line in programs.last_lines(self.log, self._log_begin)):
            return START_JACK
        return programs.last_message(self.log, self._log_begin)

    def stop(self, port: int | None) -> None:
        """End sclang and its sound server within 0.6 s. ``port``: where sclang listens, if that is known.

        They are asked first, if it is known where they listen: a sound server that is not
        asked leaves shared memory behind.
        """
        if port is not None and not self.ended():
            from pythonosc.udp_client import SimpleUDPClient  # brings asyncio, which the start can do without

            SimpleUDPClient("127.0.0.1", port).send_message(QUIT.address, [])
        else:
            self._group.signal(signal.SIGTERM)
        for number, timeout_s in zip((signal.SIGTERM, KILL, KILL), STOP_TIMEOUTS_S, strict=True):
            if self._is_gone_within(timeout_s):
                break
            self._group.signal(number)
        self._group.close()

    def _is_gone_within(self, timeout_s: float) -> bool:
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self._group.is_gone():
                return True
            time.sleep(POLL_S)
        return False


class LatestHello(NamedTuple):
    """The latest hello that SuperCollider has sent."""

    at: float  # seconds on the keeper's clock
    port: int  # where it listens


class Keeper:
    """Keeps SuperCollider running while the instrument plays: starts it again when it ends or hangs."""

    def __init__(
        self,
        start: Callable[[], Sclang],
        clock: Clock,
        latest_hello: Callable[[], LatestHello | None],
        dispatch: Callable[[Event], None],
        restart_delays_s: Sequence[float] = RESTART_DELAYS_S,
        hello_timeout_s: float = HELLO_TIMEOUT_S,
    ) -> None:
        """Start the first one, by ``start``, and watch it. Raises: StartError if it cannot be started.

        ``dispatch``: takes what its sound server prints, as events.
        """
        self._start = start
        self._clock = clock
        self._latest_hello = latest_hello
        self._restart_delays_s = restart_delays_s
        self._hello_timeout_s = hello_timeout_s
        self._started_at = self._listening_since = clock.now()
        self._current = start()
        self._dispatch = dispatch
        self._reason = ""  # why the latest that has ended did
        self._tell(running=True)
        self._log = LogFollower(self._current.log)
        self._lines = deque([f"starting SuperCollider; its messages are in {self._current.log}"])
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supercollider", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the system has no thread left to watch it with
            self._current.stop(None)
            raise

    def new_lines(self) -> Iterator[str]:
        """Lines for the player about what has happened since the last call."""
        while self._lines:
            yield self._lines.popleft()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        hello = self._hello()
        self._current.stop(hello.port if hello else None)

    def _run(self) -> None:
        ended, looked_at = 0, self._clock.now()
        while not self._stopping.wait(CHECK_INTERVAL_S):
            before, looked_at = looked_at, self._clock.now()
            if looked_at - before > LOST_TIME_S:
                self._listening_since = looked_at  # no hello could be heard meanwhile
            if news := self._log.news(self._clock.now()):
                self._dispatch(news)
            reason = self._restart_reason()
            if not reason:
                continue
            ended = 1 if self._clock.now() - self._started_at > RESTART_RESET_S else ended + 1
            delay_s = self._restart_delays_s[min(ended, len(self._restart_delays_s)) - 1]
            is_without_jack = START_JACK in reason
            if is_without_jack:
                delay_s = min(delay_s, JACK_DELAY_S)
            if not is_without_jack or ended == 1:  # else it has been said
                where = f"its messages are in {self._current.log}"
                self._lines.append(f"{reason}; starting it again in {delay_s:g} s; {where}")
            self._reason = f"{reason.removeprefix(f'{ENDED}: ')}; psc2 starts it again"
            self._tell(running=False)
            self._current.stop(None)  # with what it leaves behind: its sound server
            if self._stopping.wait(delay_s):
                return
            self._start_again()

    def _restart_reason(self) -> str:
        """Why SuperCollider has to be started again; empty if it need not."""
        if self._current.ended():
            reason = self._current.reason()
            return f"{ENDED}: {reason}" if reason else ENDED
        hello = self._hello()
        hangs = (
            hello is not None
            and self._clock.now() - max(hello.at, self._listening_since) > self._hello_timeout_s
        )
        return f"SuperCollider has not answered for {self._hello_timeout_s:g} s" if hangs else ""

    def _hello(self) -> LatestHello | None:
        """The latest hello of the SuperCollider that runs now, if it has sent one."""
        hello = self._latest_hello()
        return hello if hello is not None and hello.at > self._started_at else None

    def _start_again(self) -> None:
        self._started_at = self._clock.now()
        try:
            self._current = self._start()
            self._tell(running=True)
        except StartError as error:
            self._lines.append(str(error))
            self._reason = str(error)
            self._tell(running=False)

    def _tell(self, running: bool) -> None:
        self._dispatch(SuperColliderProcess(self._clock.now(), running, self._reason))
