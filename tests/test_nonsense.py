"""Files as nobody means them: one line each, soon, in little room."""

import subprocess
import sys

import pytest

from scripts.benchmarks.nonsense import MAX_MB, MAX_S, measure
from tests import nonsense

COUNT, COMMANDS = 100, 2


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    return dict(measure(COUNT, seed=1000, commands=COMMANDS))


@pytest.mark.parametrize("kind", nonsense.KINDS)
def test_each_is_read_or_refused_in_one_line(measured: dict[str, float], kind: str) -> None:
    assert (measured[f"{kind} ended_well"], measured[f"{kind} commands"]) == (COUNT, COMMANDS)
    assert measured[f"{kind} largest_mb"] <= MAX_MB


@pytest.mark.timing
@pytest.mark.parametrize("kind", nonsense.KINDS)
def test_each_takes_a_moment(measured: dict[str, float], kind: str) -> None:
    assert measured[f"{kind} longest_s"] <= 2 * MAX_S  # this machine may be busy


@pytest.mark.parametrize("kind", nonsense.KINDS)
def test_a_seed_makes_the_same_file_in_every_process(kind: str) -> None:
    program = "import sys, zlib; from tests import nonsense; "
    program += "print([zlib.crc32(nonsense.KINDS[sys.argv[1]](seed)) for seed in range(9)])"
    command = [sys.executable, "-c", program, kind]
    first, second = (subprocess.run(command, capture_output=True, check=True).stdout for _ in range(2))
    assert first == second
