"""Which psc2 this is: its number, and the commit that it was made from.

A checkout asks git; what is built from one has its commit in ``commit.txt``, which ``scripts/built.py``
adds. Only the standard library is needed, so that it can be asked before anything is installed.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
COMMIT_FILE = "commit.txt"
UNKNOWN = "unknown"
GIT = ("git", "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=no")
GIT_TIMEOUT_S = 5.0
SHORT = 7  # digits of a commit


def describe() -> str:
    """The version as ``psc2 --version`` prints it, such as ``0.1.0 (0f09593, changed)``."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        number = version("psc2")
    except PackageNotFoundError:  # a tree that is not installed
        number = UNKNOWN
    return f"{number} ({commit()})"


def commit(package: Path = PACKAGE) -> str:
    """The commit of the psc2 whose package lies there: ``0f09593``, ``0f09593, changed``, or ``unknown``."""
    try:
        return (package / COMMIT_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return _of_checkout(package.parent)


def _of_checkout(root: Path) -> str:
    if not (root / ".git").exists():
        return UNKNOWN  # and not that of whatever repository may lie around it
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        run = subprocess.run(
            GIT, cwd=root, env=variables, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=GIT_TIMEOUT_S, check=True, text=True, errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return _read(run.stdout)


def _read(status: str) -> str:
    """The commit in the output of ``git status``.

    >>> _read("# branch.oid 0f09593b1c\\n# branch.head main\\n1 .M N... README.md")
    '0f09593, changed'
    """
    lines = status.splitlines()
    oid = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), "")
    if not oid or not oid.isalnum():  # "(initial)" where nothing is committed yet
        return UNKNOWN
    return oid[:SHORT] + (", changed" if any(not line.startswith("#") for line in lines) else "")
