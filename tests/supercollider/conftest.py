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
    missing = missing_programs()
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
    """The rig, silent and with its wheels at rest."""
    session_rig.send("/psc2/flush")
    session_rig.send("/psc2/pitchbend", 8192)
    session_rig.send("/psc2/modulation", 0)
    session_rig.wait_for_synths(1)
    session_rig.forget_heard()
    return session_rig
