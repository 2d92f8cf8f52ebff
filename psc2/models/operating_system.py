"""What Linux, macOS and Windows do differently about a model's process: the one place that knows it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import FileIO

NICENESS = 10  # how much less urgent a model is than the instrument itself
MAX_FILE_BYTES = 2**28  # that it may write into one file


def creation_flags() -> int:
    """Flags for ``subprocess.Popen``: on Windows a lower priority, and no window of its own."""
    if sys.platform == "win32":
        from subprocess import BELOW_NORMAL_PRIORITY_CLASS, CREATE_NO_WINDOW

        return BELOW_NORMAL_PRIORITY_CLASS | CREATE_NO_WINDOW
    else:  # for mypy, which looks at one system at a time
        return 0


def lower_priority(pid: int) -> None:
    """Make a process less urgent than this one; on Windows its start (``creation_flags``) did that."""
    if sys.platform != "win32":
        with suppress(OSError):  # it may have ended already
            os.setpriority(os.PRIO_PROCESS, pid, os.nice(0) + NICENESS)


def limit_files() -> None:
    """Limit the size of the files that this process writes; Windows has no such limit."""
    if sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        limit = MAX_FILE_BYTES if hard == resource.RLIM_INFINITY else min(MAX_FILE_BYTES, hard)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))


def open_again(path: str) -> FileIO:
    """A temporary file that is open already, for reading: on Windows, only as it was opened first."""
    shared = getattr(os, "O_TEMPORARY", 0)
    return FileIO(path, opener=lambda path, flags: os.open(path, flags | shared))
