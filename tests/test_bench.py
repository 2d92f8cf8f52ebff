import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.timing
@pytest.mark.loopback
def test_the_quick_measures_can_be_taken() -> None:
    """What they say on a busy machine is not asked here, only that they say something."""
    command = [
        sys.executable,
        "-m",
        "scripts.benchmarks",
        "tags",
        "tick",
        "burst",
        "start",
        "--quick",
        "--runs=1",
    ]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "messages/s" in run.stdout
