"""The SuperCollider process: started with psc2, ended with it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile

from psc2 import resources
from psc2.errors import StartError

END_S = 0.4  # how long it may take to end by itself


class Sclang:
    """sclang with its server, in a process group of their own, so that both end together."""

    def __init__(self, executable: str, daemon_port: int, port: int) -> None:
        """Raises: StartError if it cannot be started."""
        with NamedTemporaryFile("w", prefix="psc2-sclang-", suffix=".log", delete=False) as log:
            self.log = Path(log.name)
            try:
                self._process = subprocess.Popen(
                    [executable, "-u", str(port), str(resources.SCLANG_SCRIPT)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    env=environment(daemon_port),
                )
            except OSError as error:
                raise StartError(f"cannot start {executable}: {error.strerror or error}") from error

    def ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ends sclang and scsynth within half a second."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                break
            try:
                self._process.wait(END_S)
            except subprocess.TimeoutExpired:
                continue


def find() -> str | None:
    """sclang on the path, or where its macOS application has it."""
    return shutil.which("sclang") or shutil.which("/Applications/SuperCollider.app/Contents/MacOS/sclang")


def environment(daemon_port: int) -> dict[str, str]:
    """sclang's environment: where the daemon listens, whom not to outlive, how to do without a screen."""
    variables = dict(os.environ, PSC2_DAEMON_PORT=str(daemon_port), PSC2_PARENT_PID=str(os.getpid()))
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        variables.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    return variables
