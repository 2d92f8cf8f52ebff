"""Where psc2's files lie: those that come with it, and the user's own configuration.

In a checkout ``configs`` and ``sclang`` stand beside the package; a wheel has them inside it.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE if (PACKAGE / "configs").is_dir() else PACKAGE.parent
DEFAULT_CONFIG = ROOT / "configs" / "default.yaml"
CONTROLLERS = ROOT / "configs" / "controllers"
SONGS = ROOT / "configs" / "songs"
SCLANG_SCRIPT = ROOT / "sclang" / "psc2.scd"
BUNDLES = PACKAGE / "models" / "bundles"
CONFIG_VARIABLE = "PSC2_CONFIG"  # of the environment: another file; os.devnull for none


def user_config() -> Path:
    """The user's own configuration; it need not be there yet."""
    return named_config() or platformdirs.user_config_path("psc2", appauthor=False) / "config.yaml"


def named_config() -> Path | None:
    """The configuration that ``PSC2_CONFIG`` in the environment names; None if it names none."""
    chosen = os.environ.get(CONFIG_VARIABLE)
    return Path(chosen) if chosen else None
