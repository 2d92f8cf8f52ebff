"""Programs in a session of their own: how one is started, its last message, and how all of it is ended."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

MESSAGE_PREFIX = "psc2: "  # how a line of psc2's own begins among what SuperCollider prints
TAIL_BYTES = 10_000  # bytes from the end of the log, in which the last message is looked for


def start(
    command: Sequence[str], output: IO[bytes], environ: Mapping[str, str], inherited: Sequence[int] = ()
) -> subprocess.Popen[bytes]:
    """Start a program without input, in a session of its own, its output in a file. Raises: OSError.

    ``inherited``: file descriptors that it and what it starts may have, besides.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environ,
        start_new_session=True,
        pass_fds=inherited,
    )


class Group:
    """A program, and all that it starts, in a session of their own."""

    def __init__(self, command: Sequence[str], output: IO[bytes], environ: Mapping[str, str]) -> None:
        """Start it, as ``start`` does. Raises: OSError."""
        self._pipe: IO[bytes] | None = None
        if not hasattr(os, "killpg"):  # Windows, where the program stands for all of them
            self.program = start(command, output, environ)
            return
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._pipe = os.fdopen(reading, "rb", buffering=0)
        try:
            self.program = start(command, output, environ, (writing,))
        except OSError:
            self.close()
            raise
        finally:
            os.close(writing)

    def is_gone(self) -> bool:
        """Whether none of them runs any more.

        All have inherited one end of a pipe, which the system closes where a program ends. So one that nobody
        has reaped counts as gone, too, though it still takes signals: init may be slow, or missing.
        """
        if self.program.poll() is None:
            return False
        return self._pipe is None or self._pipe.read(1) == b""

    def signal(self, number: int) -> None:
        """Send a signal to all of them."""
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.program.pid, number)
            else:
                self.program.send_signal(number)

    def close(self) -> None:
        """Ask no more: from now on they count as gone when the program has ended."""
        if self._pipe is not None:
            self._pipe.close()
        self._pipe = None


def last_message(log: Path, begin: int = 0) -> str:
    """The last message of psc2's script in a log from byte ``begin`` on; empty if there is none."""
    lines = last_lines(log, begin)
    messages = [line.removeprefix(MESSAGE_PREFIX) for line in lines if line.startswith(MESSAGE_PREFIX)]
    return messages[-1] if messages else ""


def last_lines(log: Path, begin: int = 0) -> list[str]:
    """The last lines of a log from byte ``begin`` on; none if it is gone."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(begin if begin <= size else 0, size - TAIL_BYTES))  # it may have been cut since
            return file.read().decode(errors="replace").splitlines()
    except OSError:  # whoever cleans up may have removed it
        return []


def end(process: subprocess.Popen[bytes], timeout_s: float = 1.0) -> None:
    """Kill the program, and all that it has started and left behind, within ``timeout_s`` seconds."""
    with suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout_s)
