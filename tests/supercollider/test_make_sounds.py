"""The drums and clicks come from a script of ours, and nothing else."""

import subprocess
import sys
from pathlib import Path

from tests.supercollider.processes import ROOT
from tests.supercollider.rig import AUDIO


def test_the_script_makes_the_committed_sounds(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "make_sounds"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True, stdout=subprocess.DEVNULL)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in AUDIO.iterdir()}
