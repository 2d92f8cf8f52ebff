"""Files as nobody means them, by the hundred: each ends in one line, soon and in little room."""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from psc2.commands.main import main
from psc2.models.bundles import store
from psc2.settings.yaml_file import MAX_PROBLEMS
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from tests import nonsense

COUNT, QUICK_COUNT = 300, 20
COMMANDS = 20  # of each kind, that are read by the real command, started anew
MAX_S, MAX_MB = 2.0, 300.0
KILL_S = 10.0  # a reader that takes as long is hanging
NAME = "nonsense"
SUFFIXES = {"configurations": ".yaml", "MIDI files": ".mid", "bundles": ".mag", "installed models": ".npz"}


class Hanging(BaseException):
    """A reader does not come to an end; nothing that it catches."""


class Outcome(NamedTuple):
    """How a reader ended."""

    path: Path
    code: int
    errors: str  # what it has printed to stderr
    seconds: float

    @property
    def ends_well(self) -> bool:
        """Whether it read the file, or said in one line why it cannot: of settings, one for each problem."""
        lines = self.errors.splitlines()
        most = MAX_PROBLEMS + 1 if self.path.suffix == SUFFIXES["configurations"] else 1
        is_told = 0 < len(lines) <= most and all(line.startswith(f"{self.path}: ") for line in lines)
        return all(map(str.isprintable, lines)) and (self.code == 0 or (self.code == 2 and is_told))


def arguments(kind: str, path: Path) -> list[str]:
    """The command that reads a file of a kind."""
    match kind:
        case "configurations":
            return ["config", "show", "--config", str(path)]
        case "MIDI files":
            out = str(path.with_suffix(".out"))
            return ["models", "generate", "markov", "--primer", str(path), "--steps", "2", "--out", out]
        case "bundles":
            return ["models", "add", str(path), "--name", NAME]
        case _:
            return ["models", "show", NAME]


def placed(kind: str, seed: int, folder: Path) -> Path:
    """Write the file of a seed where its reader finds it."""
    path = folder / f"{NAME}{SUFFIXES[kind]}"
    (folder / f"{NAME}.npz").unlink(missing_ok=True)  # what an earlier one has installed
    path.write_bytes(nonsense.KINDS[kind](seed))
    return path


def read(kind: str, seed: int, folder: Path) -> Outcome:
    """Let the reader of a kind read the file of a seed, in this process."""
    path = placed(kind, seed, folder)
    errors, code = io.StringIO(), 1
    signal.setitimer(signal.ITIMER_REAL, KILL_S)
    began = time.perf_counter()
    try:
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(io.StringIO()):
            code = main(arguments(kind, path))
    except (Exception, Hanging) as error:
        print(f"{type(error).__name__}: {error}", file=errors)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return Outcome(path, code, errors.getvalue(), time.perf_counter() - began)


def command(kind: str, seed: int, folder: Path) -> Outcome:
    """Let the real command read the file of a seed."""
    path = placed(kind, seed, folder)
    program = [sys.executable, "-m", "psc2", *arguments(kind, path)]
    began = time.perf_counter()
    ended = subprocess.run(program, capture_output=True, env=environment(folder), timeout=60)
    errors = ended.stderr.decode(errors="replace")
    return Outcome(path, ended.returncode, errors, time.perf_counter() - began)


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, store.VARIABLE: str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}


def work(kind: str, count: int, seed: int, folder: Path) -> Values:
    """Read ``count`` files of a kind in this process. Returns: how many ended well, what the worst took."""
    os.environ |= environment(folder)

    def interrupt(*_: object) -> None:
        raise Hanging(f"not within {KILL_S:g} s")

    signal.signal(signal.SIGALRM, interrupt)
    outcomes = {number: read(kind, number, folder) for number in range(seed, seed + count)}
    for number, outcome in outcomes.items():
        if not outcome.ends_well:
            print(f"{kind}, seed {number}: {outcome.code}, {outcome.errors[-2000:]}", file=sys.stderr)
    return {
        "ended_well": sum(outcome.ends_well for outcome in outcomes.values()),
        "longest_s": sorted(outcome.seconds for outcome in outcomes.values())[-2],  # one of them imports
        "largest_mb": peak_mb(),
    }


def peak_mb() -> float:
    """The most memory that this process has had, in MB; elsewhere than on Linux perhaps its parent's."""
    status = Path("/proc/self/status")  # what getrusage tells is there what the parent had when it began
    if status.exists():
        return float(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    unit = 2**20 if sys.platform == "darwin" else 2**10  # of what the system counts in
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def measure(count: int, seed: int, commands: int = COMMANDS) -> Values:
    """Read ``count`` files of each kind, from ``seed`` on, and ``commands`` of them by the command itself.

    Returns: for each kind how many ended well, the longest time and the largest room. Raises: MeasureFailed.
    """
    found: dict[str, float] = {}
    for kind in nonsense.KINDS:
        with tempfile.TemporaryDirectory(prefix="psc2-nonsense-") as folder:
            program = [
                sys.executable,
                "-m",
                "scripts.benchmarks.nonsense",
                kind,
                str(count),
                str(seed),
                folder,
            ]
            ended = subprocess.run(program, capture_output=True, text=True, env=environment(Path(folder)))
            if ended.returncode:
                raise MeasureFailed(f"{kind}: {ended.stderr[-500:]}")
            sys.stderr.write(ended.stderr)
            found |= {f"{kind} {key}": value for key, value in json.loads(ended.stdout).items()}
            outcomes = [command(kind, number, Path(folder)) for number in range(seed, seed + commands)]
            found[f"{kind} commands"] = sum(outcome.ends_well for outcome in outcomes)
    return {**found, "count": count, "commands": commands}


def run(folder: Path, quick: bool) -> Values:
    return measure(QUICK_COUNT if quick else COUNT, seed=0, commands=2 if quick else COMMANDS)


def rows(runs: Runs) -> list[Row]:
    return [_row(runs, kind) for kind in nonsense.KINDS]


def _row(runs: Runs, kind: str) -> Row:
    count, commands = runs.median("count"), runs.median("commands")
    bad = runs.worst("count") - min(run[f"{kind} ended_well"] for run in runs.runs)
    bad += commands - min(run[f"{kind} commands"] for run in runs.runs)
    longest_s, largest_mb = runs.worst(f"{kind} longest_s"), runs.worst(f"{kind} largest_mb")
    return Row(
        "fault_files",
        f"{count:.0f} nonsense {kind} that do not end in one line",
        f"0, each ≤ {MAX_S:g} s, ≤ {MAX_MB:g} MB",
        f"{bad:.0f}, {longest_s:.2f} s, {largest_mb:.0f} MB",
        "",
        bad == 0 and longest_s <= MAX_S and largest_mb <= MAX_MB,
    )


FILES = Measure(("fault_files",), seconds=300, quick_seconds=40, run=run, rows=rows)

if __name__ == "__main__":
    print(json.dumps(work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))))
