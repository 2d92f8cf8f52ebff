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


def start(command: Sequence[str], output: IO[bytes], environ: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a program without input, in a session of its own, its output in a file. Raises: OSError."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=environ,
        start_new_session=True,
    )


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
