"""Programs that tests start, and waiting for what they do."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
END_S = 5.0
# What sclang needs where there is no screen, and where root is its user.
HEADLESS = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1"}


def until(condition: Callable[[], bool], timeout_s: float, what: str) -> None:
    """Waits until the condition holds.

    Raises:
        TimeoutError: it does not, in time.
    """
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout_s} s")
        time.sleep(0.02)


def wait_until(moment: float) -> None:
    """Waits for a moment of time.time."""
    time.sleep(max(moment - time.time(), 0.0))


def language_settings(folder: Path, extensions: Path | None = None) -> Path:
    """A file for sclang's -l: nobody's own extensions, only those of a folder if there is one."""
    path = folder / "sclang.yaml"
    include = f"'{extensions}'" if extensions else ""
    path.write_text(f"includePaths: [{include}]\nexcludePaths: []\npostInlineWarnings: false\n")
    return path


class Process:
    """A program in a process group of its own, its output in a file."""

    def __init__(self, command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.log = log
        with log.open("wb") as output:
            self.popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env=os.environ | dict(environment or {}),
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self.popen.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def ends_within(self, seconds: float) -> bool:
        """Waits until neither the program nor anything that it started is left."""
        try:
            until(
                lambda: not self.running and not group_is_alive(self.popen.pid), seconds, "the program ends"
            )
        except TimeoutError:
            return False
        return True

    def end(self) -> None:
        """Ends the program and whatever it started: politely, then not."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not group_is_alive(self.popen.pid):
                break
            os.killpg(self.popen.pid, number)
            self.ends_within(END_S)
        self.popen.wait(END_S)


def group_is_alive(group: int) -> bool:
    """Whether a process group has a member that is not a zombie."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue  # it has just ended
        if int(its_group) == group and state != "Z":
            return True
    return False
