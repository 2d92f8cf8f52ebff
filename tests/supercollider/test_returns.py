"""The whole instrument, one half of which is killed while it plays: what is heard before and after."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.supercollider import tape
from tests.supercollider.conftest import require, require_programs
from tests.supercollider.returns import returned
from tests.supercollider.rig import PERIOD, RATE, Rig

pytestmark = pytest.mark.supercollider

AGAIN_S = 2.0  # from its return to sound
# A sound server that has just begun does not know the time to the millisecond yet.
NEAR_MS = 1000 * PERIOD / RATE


@pytest.fixture(scope="module")
def metronome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """A SuperCollider of its own on the same sound card, which nobody kills."""
    require_programs()
    require(tape.missing_programs())
    rig = Rig(tmp_path_factory.mktemp("metronome"))
    rig.start()
    yield rig
    rig.stop()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("program", ["sclang", "scsynth"])
def test_what_is_killed_is_soon_back_on_the_same_grid(metronome: Rig, tmp_path: Path, program: str) -> None:
    back = returned(metronome, tmp_path, program)
    moved_ms, worst_ms = np.median(back.moved_ms), np.abs(back.moved_ms).max()
    print(f"{program} killed: outputs are back after {back.back_s:.1f} s, sound {back.sound_s:.1f} s later")
    print(f"the grid has moved {moved_ms:.1f} ms, a click at most {worst_ms:.1f}")
    assert back.sound_s < AGAIN_S
    assert len(back.moved_ms) > 8
    assert abs(moved_ms) < NEAR_MS
    assert back.left_over == 0
