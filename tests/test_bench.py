import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from scripts.benchmarks import endings, packets

ROOT = Path(__file__).resolve().parent.parent


def bench(*names: str) -> subprocess.CompletedProcess[str]:
    """What they say on a busy machine is not asked here, only that they say something."""
    command = [sys.executable, "-m", "scripts.benchmarks", *names, "--quick", "--runs=1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run


@pytest.mark.timing
@pytest.mark.loopback
def test_the_quick_measures_can_be_taken() -> None:
    assert "messages/s" in bench("tags", "tick", "burst", "start").stdout


@pytest.mark.timing
@pytest.mark.loopback
def test_the_machines_edges_can_be_measured() -> None:
    run = bench("fault_fuzz", "fault_datagrams", "fault_sources", "fault_strangers", "fault_signals")
    for measured in ("fuzzed packets", "datagrams of 64 kB", "names of new devices", "ending signals"):
        assert measured in " ".join(run.stdout.replace("│", " ").split()), run.stdout


def test_fuzzed_packets_are_the_same_each_time_and_none_is_too_long() -> None:
    for kind in (packets.random_bytes, packets.mutated, packets.bundled):
        one, other = ([kind(Random(seed)) for seed in range(500)] for _ in range(2))
        assert one == other
        assert len(set(one)) > 250
        assert max(map(len, one)) <= 2_000


def test_an_end_is_clean_only_with_its_exit_code_and_without_a_traceback() -> None:
    pair = endings.Pair((signal.SIGINT, signal.SIGTERM), 0.0, None)
    starting = endings.Pair(pair.numbers, 0.0, 0.1)
    crash = "Traceback (most recent call last):\nKeyboardInterrupt"
    assert endings.End(pair, 0.1, 0, "").is_clean
    assert not endings.End(pair, 0.1, -2, "").is_clean
    assert endings.End(starting, 0.1, -2, "").is_clean
    assert not endings.End(starting, 0.1, -3, "").is_clean
    assert not endings.End(starting, 0.1, None, "").is_clean
    assert not endings.End(starting, 0.1, -2, crash).is_clean
    assert endings.End(starting, 0.1, 1, crash).is_pythons
    assert not endings.End(starting, 0.1, 1, f"{endings.OWN_FILE} {crash}").is_pythons
