"""Where psc2's files lie, its own and the user's configuration and logs, and what psc2 is started by.

In a checkout ``configs`` and ``sclang`` stand beside the package; a wheel has them inside it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE if (PACKAGE / "configs").is_dir() else PACKAGE.parent
DEFAULT_CONFIG = ROOT / "configs" / "default.yaml"
CONTROLLERS = ROOT / "configs" / "controllers"
SONGS = ROOT / "configs" / "songs"
SCLANG_SCRIPT = ROOT / "sclang" / "psc2.scd"
AUDIO = ROOT / "sclang" / "audio"
PAGE = PACKAGE / "web" / "page"
BUNDLES = PACKAGE / "models" / "bundles"
CONFIG_VARIABLE = "PSC2_CONFIG"  # of the environment: another file; os.devnull for none
LOGS_VARIABLE = "PSC2_LOGS"  # … another folder for what SuperCollider prints
COMMAND_VARIABLE = "PSC2_COMMAND"  # of the environment: what a script that starts psc2 is called by


def started_as(environ: Mapping[str, str], program: str) -> str:
    """What is typed to start psc2, as it was this time; ``program``: the first of its arguments.

    >>> started_as({"PSC2_COMMAND": "scripts/run"}, ".venv/bin/psc2"), started_as({}, "/psc2/__main__.py")
    ('scripts/run', 'python -m psc2')
    """
    if script := environ.get(COMMAND_VARIABLE):
        return shlex.quote(script)
    path = Path(program)
    if path.name == "__main__.py" and path.parent.name == "psc2":
        return "python -m psc2"
    found = shutil.which("psc2", path=environ.get("PATH"))
    if path.name != "psc2" or (found is not None and Path(found).resolve() == path.resolve()):
        return "psc2"
    return shlex.quote(program)


COMMAND = started_as(os.environ, sys.argv[0])  # for all that names one of psc2's commands


def user_config() -> Path:
    """The user's own configuration; it need not be there yet."""
    return named_config() or platformdirs.user_config_path("psc2", appauthor=False) / "config.yaml"


def named_config() -> Path | None:
    """The configuration that ``PSC2_CONFIG`` in the environment names; None if it names none."""
    chosen = os.environ.get(CONFIG_VARIABLE)
    return Path(chosen) if chosen else None


def logs() -> Path:
    """The folder for what SuperCollider prints, in the system's place for such; it need not be there yet."""
    chosen = os.environ.get(LOGS_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_log_path("psc2", appauthor=False)
