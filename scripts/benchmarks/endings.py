"""fault_signals: two signals at once end the instrument, while it plays and while it starts."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from psc2.testing import free_port
from scripts.benchmarks.companion import end
from scripts.benchmarks.daemon_process import BOOT_S, MARKOV, PSC2
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from scripts.benchmarks.wire import Receiver

PAIRS, QUICK_PAIRS = 1_000, 20
AT_A_TIME = 2
MAX_GAP_S = 0.002  # from the one signal to the other
START_S = 0.3  # within which every other pair comes
TARGET_S = 1.0
TIMEOUT_S = 10.0
SIGNALS = (
    (signal.SIGTERM, signal.SIGHUP),
    (signal.SIGINT, signal.SIGTERM),
    (signal.SIGINT, signal.SIGINT),
    (signal.SIGQUIT, signal.SIGINT),
    (signal.SIGHUP, signal.SIGTERM),
    (signal.SIGTERM, signal.SIGTERM),
    (signal.SIGQUIT, signal.SIGQUIT),
)
OWN_FILE = "__main__.py"  # begins every traceback of psc2's, and none of Python's before it has begun
CONTENTS = ("Traceback", "Exception ignored", "Error")  # of what should not be printed
SHOWN = 2_000  # characters of it


@dataclass(frozen=True, slots=True)
class Pair:
    """Two signals, and when they come."""

    numbers: tuple[signal.Signals, signal.Signals]
    gap_s: float
    after_s: float | None  # the first, from the command on; None: once it plays


@dataclass(frozen=True, slots=True)
class End:
    """What a pair of signals has brought about."""

    pair: Pair
    took_s: float  # from the first signal on
    code: int | None  # negative: the signal that ended it; None: nothing did
    printed: str

    @property
    def is_clean(self) -> bool:
        """Nothing lost, and nothing that looks like a crash; before it plays a signal may end it."""
        expected = {0} if self.pair.after_s is None else {0, *(-number for number in self.pair.numbers)}
        return self.code in expected and not any(content in self.printed for content in CONTENTS)

    @property
    def is_pythons(self) -> bool:
        """Whether Ctrl-C came before psc2's first line, where Python prints a traceback or a part of it."""
        return "Traceback" in self.printed and OWN_FILE not in self.printed


def pairs(seed: int) -> Iterator[Pair]:
    """In turn while it plays and while it starts; all kinds equally often."""
    chance = Random(seed)
    while True:
        for numbers in SIGNALS:
            yield Pair(numbers, chance.uniform(0, MAX_GAP_S), None)
            yield Pair(numbers, chance.uniform(0, MAX_GAP_S), chance.uniform(0, START_S))


def end_by(pair: Pair, folder: Path) -> End:
    """Start the instrument and have a pair of signals end it. Raises: MeasureFailed if it does not start."""
    receiver, port = Receiver(), free_port()
    ports = ["--receive-port", str(port), "--send-port", str(receiver.port)]
    log = folder / f"ending{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*PSC2, "play", "--no-sclang", "--config", str(folder / "ending.yaml"), *ports],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        if pair.after_s is not None:
            time.sleep(pair.after_s)
        elif receiver.receive(BOOT_S) is None:
            raise MeasureFailed(f"no hello within {BOOT_S:g} s: {log.read_text()[-SHOWN:]}")
        began = time.monotonic()
        process.send_signal(pair.numbers[0])
        time.sleep(pair.gap_s)
        process.send_signal(pair.numbers[1])
        try:
            code = process.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            code = None
        return End(pair, time.monotonic() - began, code, log.read_text(errors="replace")[-SHOWN:])
    finally:
        end(process)
        receiver.close()
        log.unlink()


def _take_all_signals() -> None:
    """What a shell runs in the background ignores Ctrl-C, and so would all that is started from here."""
    for number in {number for both in SIGNALS for number in both}:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def measure(folder: Path, quick: bool) -> Values:
    _take_all_signals()
    (folder / "ending.yaml").write_text(MARKOV)
    number = QUICK_PAIRS if quick else PAIRS
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        chosen = islice(pairs(seed=1), number)
        ends = list(reported(threads.map(lambda pair: end_by(pair, folder), chosen), number))
    return dict(summary(ends))


def reported(ends: Iterable[End], number: int) -> Iterator[End]:
    """The ends as they come, those that are not clean told at once."""
    for n, one in enumerate(ends, 1):
        if not one.is_clean and not one.is_pythons:
            names = " + ".join(each.name for each in one.pair.numbers)
            when = "playing" if one.pair.after_s is None else f"{one.pair.after_s:.3f} s after the command"
            print(
                f"\nfault_signals {n}/{number}: {names}, {when}: exit {one.code}: {one.printed}",
                file=sys.stderr,
            )
        yield one


def summary(ends: list[End]) -> Iterator[tuple[str, float]]:
    yield "pairs", len(ends)
    for name, those in (
        ("playing", [one for one in ends if one.pair.after_s is None]),
        ("starting", [one for one in ends if one.pair.after_s is not None]),
    ):
        yield f"{name}_unclean", sum(not one.is_clean and not one.is_pythons for one in those)
        yield f"{name}_pythons", sum(one.is_pythons for one in those)
        yield f"{name}_slow", sum(one.took_s > TARGET_S for one in those)
        yield f"{name}_slowest_s", max(one.took_s for one in those)


def rows(runs: Runs) -> list[Row]:
    return [
        Row(
            "fault_signals",
            f"two ending signals within {1000 * MAX_GAP_S:g} ms, {runs.median('pairs') / 2:,.0f} pairs "
            f"{'while it plays' if name == 'playing' else f'in the first {START_S:g} s'}",
            f"each clean, ≤ {TARGET_S:g} s",
            f"{unclean:.0f} not clean, {slow:.0f} slow; the slowest {runs.worst(f'{name}_slowest_s'):.2f} s",
            "exit code 0"
            if name == "playing"
            else "exit code 0, or ended by the signal; Python's own start, before psc2, printed a traceback "
            f"{runs.worst('starting_pythons'):.0f} times",
            unclean + slow == 0,
        )
        for name in ("playing", "starting")
        for unclean, slow in [(runs.worst(f"{name}_unclean"), runs.worst(f"{name}_slow"))]
    ]


ENDINGS = Measure(names=("fault_signals",), seconds=200, quick_seconds=6, run=measure, rows=rows)
