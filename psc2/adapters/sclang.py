"""The SuperCollider process: started with psc2, ended with it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from tempfile import NamedTemporaryFile

from pythonosc.udp_client import SimpleUDPClient

from psc2 import resources
from psc2.errors import StartError

ENDING_S = (0.4, 0.1, 0.1)  # how long it may take after being asked, told, and forced to end
LOOK_S = 0.01
SAYS = "psc2: "  # how a line of the script's own begins


class Sclang:
    """sclang with its sound server, in a process group of their own."""

    def __init__(self, executable: str, daemon_host: str, daemon_port: int, port: int) -> None:
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


def find() -> str | None:
    """sclang on the path, or where its macOS application has it."""
    return shutil.which("sclang") or shutil.which("/Applications/SuperCollider.app/Contents/MacOS/sclang")


def environment(daemon_host: str, daemon_port: int) -> dict[str, str]:
    """sclang's environment: where the daemon listens, whom not to outlive, how to do without a screen."""
    variables = dict(
        os.environ,
        PSC2_DAEMON_HOST="127.0.0.1" if daemon_host == "0.0.0.0" else daemon_host,
        PSC2_DAEMON_PORT=str(daemon_port),
        PSC2_PARENT_PID=str(os.getpid()),
    )
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        variables.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    return variables
