"""One rig for all tests of this folder; starting it takes a few seconds."""

import os
import sys
from collections.abc import Iterator

import pytest

from tests.supercollider.rig import Rig, missing_programs


def require_programs() -> None:
    """Skips where SuperCollider or JACK is missing; fails there if CI=true."""
    if sys.platform != "linux":
        pytest.skip("the sound is taken from JACK's dummy driver, as SuperCollider uses it on Linux")
    require(missing_programs())


def require(missing: list[str]) -> None:
    """Skips where a program is missing; fails there if CI=true."""
    if missing:
        reason = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def session_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    require_programs()
    rig = Rig(tmp_path_factory.mktemp("rig"))
    rig.start()
    try:
        yield rig
    finally:
        rig.stop()


@pytest.fixture
def rig(session_rig: Rig) -> Rig:
    """The rig, silent, with its wheels at rest and everything in SuperCollider."""
    session_rig.reset()
    return session_rig
