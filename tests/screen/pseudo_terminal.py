"""psc2 in a terminal of its own, held open from outside."""

import fcntl
import os
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from psc2.testing import FakeClient, free_port

SEIZE = """
import fcntl, os, sys, termios
fcntl.ioctl(1, termios.TIOCSCTTY, 0)  # the terminal is ours, as a shell's command has it
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
STYLE = re.compile(r"\x1b\[[0-9;]*m")
HIDE, SHOW = b"\x1b[?25l", b"\x1b[?25h"


class PseudoTerminal:
    """psc2 in a pseudoterminal, of which this is the side with screen and keys."""

    def __init__(
        self,
        port: int,
        client: FakeClient,
        *arguments: str,
        program: tuple[str, str] = ("-m", "psc2"),
        environ: Mapping[str, str] = MappingProxyType({}),
        stdin: int | None = None,
    ) -> None:
        """``stdin``: what it reads, if not the terminal."""
        self._screen, self._inside = os.openpty()
        self.modes = self.current_modes()
        self.resize(80, 24)
        ports = ["--receive-port", str(port), "--send-port", str(client.port)]
        command = [*program, "play", "--no-sclang", *ports, *arguments]
        self.process = subprocess.Popen(
            [sys.executable, "-c", SEIZE, *command],
            stdin=self._inside if stdin is None else stdin, stdout=self._inside, stderr=self._inside,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **environ},
        )  # fmt: skip
        self.written = b""

    def current_modes(self) -> list[Any]:
        return termios.tcgetattr(self._inside)

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._screen, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def press(self, keys: bytes) -> None:
        os.write(self._screen, keys)

    def read(self, duration_s: float) -> bytes:
        """What is written within ``duration_s`` seconds."""
        end = time.monotonic() + duration_s
        before = len(self.written)
        while (left_s := end - time.monotonic()) > 0:
            if select.select([self._screen], [], [], left_s)[0]:
                self.written += os.read(self._screen, 65_536)
        return self.written[before:]

    def text(self) -> str:
        """All that has been written, without its styles."""
        return STYLE.sub("", self.written.decode(errors="replace"))

    def read_until(self, text: str, timeout_s: float = 10.0) -> None:
        """Raises: TimeoutError if ``text`` has not been written by then."""
        end = time.monotonic() + timeout_s
        while text not in self.text():
            if time.monotonic() > end:
                raise TimeoutError(f"expected {text!r} in {self.written[-2000:]!r}")
            self.read(0.05)

    def is_full(self) -> bool:
        return not select.select([], [self._inside], [], 0)[1]

    def end(self, number: int = signal.SIGINT) -> int:
        """The exit code, after at most five seconds."""
        self.process.send_signal(number)
        return self.process.wait(5)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._screen)
        os.close(self._inside)


@contextmanager
def terminal(
    *arguments: str, stdin: int | None = None, **environ: str
) -> Iterator[tuple[PseudoTerminal, FakeClient]]:
    port = free_port()
    with FakeClient(port) as client:
        held = PseudoTerminal(port, client, *arguments, environ=environ, stdin=stdin)
        try:
            client.receive_until("/psc2/hello", timeout_s=20.0)
            yield held, client
        finally:
            held.close()
