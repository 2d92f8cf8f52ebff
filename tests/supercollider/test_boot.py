"""How psc2.scd begins and ends."""

from pathlib import Path

import pytest

from tests.supercollider.conftest import require_programs
from tests.supercollider.rig import Rig

pytestmark = pytest.mark.supercollider


def test_without_a_sequencer_it_says_so_and_works_all_the_same(tmp_path: Path) -> None:
    require_programs()
    rig = Rig(tmp_path, devices=False)
    rig.start()
    try:
        assert "psc2: no MIDI here" in rig.said()
        with rig.listening() as daemon:
            rig.note_on(60, 99)
            assert daemon.wait_for("/processnoteon").arguments == (60, 99)
        rig.send("/psc2/quit")
        assert rig.sclang.ends_within(5)  # and the sound server with it
        assert rig.sclang.popen.returncode == 0
    finally:
        rig.stop()


def test_without_a_sound_card_it_fails_in_one_line(tmp_path: Path) -> None:
    require_programs()
    rig = Rig(tmp_path, sound_card=False)
    with pytest.raises(RuntimeError, match="psc2: the sound server did not start"):
        rig.start()
    assert rig.sclang.popen.returncode == 1
    assert "ERROR" not in rig.said()
