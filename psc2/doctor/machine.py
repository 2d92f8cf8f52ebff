"""This machine, as ``psc2 doctor`` looks at it."""

from __future__ import annotations

import glob
import os
import shutil
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryFile

from psc2.supercollider import programs
from psc2.supercollider.platforms import Platform, RunResult, this_platform

LOOPBACK_TIMEOUT_S = 1.0
POLL_S = 0.02
KILL_TIMEOUT_S = 2.0  # for what has been killed to be gone
MAX_OUTPUT_BYTES = 1 << 20


class Machine:
    """The real ``System``. A program that it runs ends in time, or with ``close``."""

    def __init__(self) -> None:
        self._closing = threading.Event()

    @property
    def platform(self) -> Platform:
        return this_platform()

    @property
    def environ(self) -> Mapping[str, str]:
        return os.environ

    def close(self) -> None:
        """End the programs that still run; from now on each ends at once."""
        self._closing.set()

    def is_closing(self) -> bool:
        return self._closing.is_set()

    def which(self, program: str) -> str | None:
        return shutil.which(program)

    def run(
        self, command: Sequence[str], timeout_s: float, environ: Mapping[str, str] | None = None
    ) -> RunResult:
        """Run a program without input, in a session of its own, so that all of it can be ended."""
        deadline = time.monotonic() + timeout_s
        try:
            with TemporaryFile() as output:
                process = programs.start(command, output, os.environ if environ is None else environ)
                try:
                    while process.poll() is None and time.monotonic() < deadline:
                        if self._closing.wait(POLL_S):
                            break
                finally:
                    code = process.poll()
                    programs.end(process, KILL_TIMEOUT_S)
                output.seek(0)
                return RunResult(code, output.read(MAX_OUTPUT_BYTES).decode(errors="replace"))
        except OSError as error:
            return RunResult(None, error.strerror or str(error))

    def glob(self, pattern: str) -> Sequence[str]:
        return glob.glob(os.path.expanduser(pattern))

    def read(self, path: str) -> str:
        try:
            return Path(path).read_text(errors="replace")
        except OSError:
            return ""

    def link(self, path: str) -> str:
        try:
            return os.readlink(path)
        except OSError:
            return ""

    def writable(self, path: str) -> bool:
        return os.access(path, os.W_OK)

    def bind_error(self, host: str, port: int) -> int:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((host, port))
            except OSError as error:
                return error.errno or -1
        return 0

    def loopback_ms(self) -> float | None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.settimeout(LOOPBACK_TIMEOUT_S)
            try:
                probe.bind(("127.0.0.1", 0))
                began = time.perf_counter()
                probe.sendto(b"psc2", probe.getsockname())
                probe.recv(16)
            except OSError:
                return None
            return (time.perf_counter() - began) * 1000

    def is_root(self) -> bool:
        return hasattr(os, "geteuid") and os.geteuid() == 0

    def rtprio(self) -> int:
        return int(min(_limit("RLIMIT_RTPRIO"), 99))

    def memlock_bytes(self) -> float:
        return _limit("RLIMIT_MEMLOCK")

    def cores(self) -> int:
        return os.cpu_count() or 1

    def load(self) -> float | None:
        try:
            return os.getloadavg()[0]
        except (AttributeError, OSError):
            return None

    def free_bytes(self, path: str) -> float:
        try:
            return shutil.disk_usage(path).free
        except OSError:
            return float("inf")

    def version(self, distribution: str) -> str:
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return ""


def _limit(name: str) -> float:
    """A limit of this process's resources, by its name; 0 where the platform has no such limit."""
    try:
        import resource

        value = resource.getrlimit(getattr(resource, name))[0]
    except (ImportError, AttributeError, OSError, ValueError):
        return 0
    return float("inf") if value == resource.RLIM_INFINITY else value
