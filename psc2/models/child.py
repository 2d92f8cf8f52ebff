"""The process that a model works in, as the operating system sees it: its start, what it prints, its end."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from functools import cached_property
from io import FileIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import cast

from psc2.errors import StartError
from psc2.models import operating_system
from psc2.models.channel import Channel
from psc2.models.server import REASON

OUTPUT_BYTES = 4096  # from the end of what it has printed, which may be much more
EXIT_TIMEOUT_S = 0.5  # for a process that closes its channel to print why it ends

# Python looks for modules in the current folder first: a random.py that lies there would be run in place of
# the library's. -P turns that off; Python 3.10, which has no -P, imports nothing before the program does.
SAFE_PATH = ("-P",) if sys.version_info >= (3, 11) else ()
WITHOUT_CURRENT_FOLDER = "import sys; sys.path = [folder for folder in sys.path if folder]\n"
PROGRAM = "; ".join(
    (
        "sys.path.insert(0, sys.argv.pop(1))",  # this very psc2, however it was found …
        "import psc2",  # … and nothing else that lies beside it
        "del sys.path[0]",
        "from psc2.models import server",
        "sys.exit(server.main(sys.argv[1:]))",
    )
)
FOLDER = Path(__file__).parents[2]  # where psc2 lies


class Child:
    """A process that serves a model (``psc2.models.server``), and the channel to it."""

    def __init__(self, model: str, name: str, engine: str) -> None:
        """Start the process; meanwhile it loads its model. Raises: StartError."""
        try:
            with NamedTemporaryFile(prefix="psc2-", buffering=0) as output:
                self._output = operating_system.open_again(output.name)
                self._process = subprocess.Popen(
                    command(model, name, engine),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=output,
                    bufsize=0,
                    creationflags=operating_system.creation_flags(),
                )
        except OSError as error:
            raise StartError(f"cannot start a model's process: {error.strerror or error}") from error
        self.pid = self._process.pid
        operating_system.lower_priority(self.pid)
        self.in_use = threading.Lock()  # by whoever waits for a message: that it is loaded, or its reply
        self.in_use.acquire()
        self.is_loaded = False
        self.has_answered = False
        self.did_not_exit = False  # in time, when nothing more could be received from it
        self._last_line = self._reason = ""
        self._reading = threading.Lock()

    @cached_property
    def channel(self) -> Channel:
        """Messages to and from the process.

        Its threads are started when it is first used: while models load that takes milliseconds, and the
        instrument's first click is not to wait for them.
        """
        streams = cast(FileIO, self._process.stdout), cast(FileIO, self._process.stdin)
        return Channel(*streams, at_end=self.kill_unless_it_exits)

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def wait(self) -> None:
        """Wait for the process to end, however long that takes."""
        self._process.wait()

    def kill(self) -> None:
        """End the process, whatever it is doing, and wait for nothing."""
        self._process.kill()

    def kill_unless_it_exits(self, timeout_s: float = EXIT_TIMEOUT_S) -> None:
        """End the process if it does not end by itself within so many seconds."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.did_not_exit = True
            self.kill()

    def end(self, timeout_s: float = 0.0) -> None:
        """End the process, unless it ends by itself within so many seconds, and close what leads to it."""
        self.kill_unless_it_exits(timeout_s)
        self.wait()
        self.channel.close()
        self._read_output()
        with self._reading:
            self._output.close()

    def last_line(self) -> str:
        """The last line that the process has printed, or its exit code."""
        self._read_output()
        return self._last_line or f"code {self._process.returncode}"

    def reason(self) -> str:
        """Why the process has ended, as it has said itself; otherwise its exit code."""
        self._read_output()
        return self._reason or f"code {self._process.returncode}"

    def _read_output(self) -> None:
        with self._reading:
            if not self._output.closed:
                self._output.seek(max(0, os.fstat(self._output.fileno()).st_size - OUTPUT_BYTES))
                lines = self._output.read().decode(errors="replace").split("\n")
                self._last_line = next((line for line in reversed(lines) if line.strip()), "")
                reasons = [line.removeprefix(REASON) for line in lines if line.startswith(REASON)]
                self._reason = reasons[-1] if reasons else ""


def command(*arguments: str) -> list[str]:
    """What runs ``psc2.models.server`` with these arguments."""
    return python(PROGRAM, str(FOLDER), *arguments)


def python(program: str, *arguments: str) -> list[str]:
    """What runs a program in this Python, and nothing out of the current folder."""
    return [sys.executable, *SAFE_PATH, "-c", WITHOUT_CURRENT_FOLDER + program, *arguments]
