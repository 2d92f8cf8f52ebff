"""The tests' rig, a real SuperCollider without a sound card, for as long as a measure takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.supercollider.rig import Rig, missing_programs


@contextmanager
def running_rig(folder: Path) -> Iterator[Rig]:
    """A rig while the block runs, with its files in ``folder``."""
    rig = Rig(folder)
    rig.start()
    try:
        yield rig
    finally:
        rig.stop()


def no_rig() -> str:
    """Why no rig can run on this machine; empty if one can."""
    return not_installed(missing_programs())


def not_installed(programs: Sequence[str]) -> str:
    """A line that names the programs; empty if there are none."""
    return f"not installed: {', '.join(programs)}" if programs else ""
