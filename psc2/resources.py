"""Where the files that come with psc2 lie."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_CONFIG = ROOT / "configs" / "default.yaml"
CONTROLLERS = ROOT / "configs" / "controllers"
SONGS = ROOT / "configs" / "songs"
SCLANG_SCRIPT = ROOT / "sclang" / "psc2.scd"
BUNDLES = ROOT / "psc2" / "models" / "bundles"
