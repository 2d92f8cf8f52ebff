"""Sound files: what would have been sent to SuperCollider, rendered by SuperCollider itself."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from psc2 import resources
from psc2.errors import StartError
from psc2.files import replacing
from psc2.supercollider import platforms, programs

SCRIPT = resources.SCLANG_SCRIPT.with_name("render.scd")
NO_MESSAGE = "SuperCollider has ended without a word"
TIMEOUT_S = 120.0  # a song of some minutes takes seconds

TimedMessage = tuple[float, str, tuple[object, ...]]


def render(
    messages: Iterable[TimedMessage],
    path: Path,
    executable: str | None = None,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Render messages into a WAV file, 48 kHz, 24 bit, stereo, that ends 3 s after the last one.

    messages: the moment at which each sounds (seconds, from 0 on), its OSC address and its
        arguments (numbers and strings), in the order in which they were sent; a rig first, or
        the defaults hold. Everything is heard, also what the rig sends elsewhere.
    executable: sclang; the one on this machine if not given.

    Raises: StartError if it cannot be rendered, or not within ``timeout_s`` seconds.
    """
    executable = executable or platforms.find_sclang()
    if executable is None:
        raise StartError(f"{path}: cannot be rendered: sclang is not installed")
    try:
        _render(messages, path, executable, timeout_s)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror or error}") from error


def _render(messages: Iterable[TimedMessage], path: Path, executable: str, timeout_s: float) -> None:
    """Render messages as ``render`` does. Raises: StartError, OSError."""
    with TemporaryDirectory(prefix="psc2-render-") as name:
        score, rendered, log = (Path(name) / file for file in ("score.txt", "rendered.wav", "sclang.log"))
        score.write_text("".join(map(_line, messages)), encoding="utf-8")
        files = {"PSC2_RENDER_SCORE": str(score), "PSC2_RENDER_WAV": str(rendered)}
        variables = platforms.environment("127.0.0.1", 0) | files
        code = _run([executable, str(SCRIPT)], variables, log, timeout_s)
        if code != 0 or not rendered.exists():
            reason = (
                f"not within {timeout_s:g} s" if code is None else programs.last_message(log) or NO_MESSAGE
            )
            raise StartError(f"{path}: cannot be rendered: {reason}")
        with replacing(path) as part:
            shutil.copyfile(rendered, part)


def _line(message: TimedMessage) -> str:
    """A message as a line of the score for sclang. Raises: StartError for a text that would end its field."""
    moment, address, arguments = message
    fields = [f"{moment:.9f}", address, *map(str, arguments)]
    if any(mark in field for field in fields for mark in "\t\n"):
        raise StartError(f"cannot be rendered: a tab or the end of a line in {fields}")
    return "\t".join(fields) + "\n"


def _run(command: list[str], environment: Mapping[str, str], log: Path, timeout_s: float) -> int | None:
    """Run a program. Returns: its exit code; None if it took too long and was killed, with all it started."""
    with log.open("wb") as output:
        try:
            process = programs.start(command, output, environment)
        except OSError as error:
            raise StartError(f"cannot start {command[0]}: {error.strerror or error}") from error
    try:
        return process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        programs.end(process)
