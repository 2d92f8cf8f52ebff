"""fault_fuzz, fault_datagrams and fault_sources: a live hand while another program floods the daemon."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scripts.benchmarks.companion import printed, running_program
from scripts.benchmarks.daemon_process import (
    CONTROLLER_UID,
    FILL_STEP_S,
    MARKOV,
    PLAY,
    DaemonProcess,
    running_daemon,
)
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.packets import VELOCITY, named
from scripts.benchmarks.wire import Arrival, encoded, kernel_drops

NOTES_PER_S = 100
LIVE_UID = 9
SOUNDS = ("/playwurly", "/playbass", "/playchords")
ANSWER_S = 1.0  # a note without an answer after so long is lost
HELLO_S = 1.0
QUIET_S = 2.0  # before each flood
QUARTER_S = 4 * FILL_STEP_S
P99_TARGET_MS = 5.0
FLAT_MB = 5.0  # that memory may grow
CONTROLLER = "nanoKONTROL2"  # is there by name, so that no flood is taken for a controller


@dataclass
class Hand:
    """Plays one key after the other, whatever else there is, and listens what becomes of each."""

    daemon: DaemonProcess
    sent: list[tuple[float, tuple[int, int]]] = field(default_factory=list)  # when, and pitch and velocity
    received: list[Arrival] = field(default_factory=list)

    def play_while(self, goes_on: Callable[[], bool]) -> None:
        began = time.time()
        while goes_on():
            n = len(self.sent)
            self._wait_until(began + n / NOTES_PER_S)
            if n % round(HELLO_S * NOTES_PER_S) == 0:
                self.daemon.send_hello()
            note = 30 + n % 60, 1 + n % 97
            self.sent.append((time.time(), note))
            self.daemon.sender.send(encoded("/processnoteon", *note, 0, LIVE_UID))
            self._wait_until(began + (n + 0.5) / NOTES_PER_S)
            self.daemon.sender.send(encoded("/processnoteoff", note[0], 0, 0, LIVE_UID))
        self._wait_until(time.time() + ANSWER_S)

    def _wait_until(self, moment: float) -> None:
        self.received += self.daemon.receiver.receive_until(moment)

    def latencies_ms(self) -> list[float]:
        """Of the notes that were answered, in order."""
        answers: dict[tuple[object, ...], list[float]] = {}
        for arrival in self.received:
            for address, arguments in arrival.messages():
                if address in SOUNDS:
                    answers.setdefault(tuple(arguments[:2]), []).append(arrival.at)
        found = []
        for sent_at, note in self.sent:
            after = (at for at in answers.get(note, ()) if 0 <= at - sent_at < ANSWER_S)
            if (answered_at := min(after, default=None)) is not None:
                found.append(1000 * (answered_at - sent_at))
        return found


@contextmanager
def playing(folder: Path, configured: str = MARKOV) -> Iterator[DaemonProcess]:
    """The daemon with its click, a controller that is there by name, and a keyboard that is, too."""
    with running_daemon(folder, configured) as daemon:
        daemon.wait_until_there()
        daemon.send_hello()
        daemon.sender.send(named(CONTROLLER_UID, CONTROLLER))
        daemon.sender.send(named(LIVE_UID, "Piano"))
        daemon.press(PLAY)
        daemon.wait_for("/playclick0", ANSWER_S)
        yield daemon


def obeyed_and_lost(hand: Hand) -> dict[str, float]:
    """Notes of the flood that sound, and clicks that are missing between those that came."""
    messages = [(arrival, *message) for arrival in hand.received for message in arrival.messages()]
    clicks = sorted({arrival.tag for arrival, address, _ in messages if "click" in address and arrival.tag})
    gaps = [round((later - sooner) / QUARTER_S) for sooner, later in itertools.pairwise(clicks)]
    obeyed = sum(address in SOUNDS and arguments[1] == VELOCITY for _, address, arguments in messages)
    return {"obeyed": obeyed, "clicks": len(clicks), "clicks_lost": sum(gap - 1 for gap in gaps)}


def beside(
    daemon: DaemonProcess, name: str, number: int, per_s: float = 0.0, within: Sequence[str] = ()
) -> dict[str, float]:
    """A live hand while a flood of ``number`` packets comes. ``within``: what runs the flooding program.

    Raises: MeasureFailed.
    """
    quiet, end = Hand(daemon), time.monotonic() + QUIET_S
    quiet.play_while(lambda: time.monotonic() < end)
    hand, dropped, before_mb = Hand(daemon), kernel_drops(daemon.port), daemon.resident_mb()
    with running_program(name, daemon.port, number, per_s, within=within) as flooding:
        most_mb = before_mb

        def goes_on() -> bool:
            nonlocal most_mb
            most_mb = max(most_mb, daemon.resident_mb())
            return flooding.poll() is None

        hand.play_while(goes_on)
        (seconds,) = printed(flooding)
    latencies_ms = hand.latencies_ms()
    return {
        **obeyed_and_lost(hand),
        "packets": number,
        "per_s": number / seconds,
        "notes": len(hand.sent),
        "lost": len(hand.sent) - len(latencies_ms),
        "dropped": kernel_drops(daemon.port) - dropped,
        "dropped_answers": kernel_drops(daemon.receiver.port),  # by whoever measures, who is slower
        "p50_ms": float(np.percentile(latencies_ms, 50)),
        "p99_ms": float(np.percentile(latencies_ms, 99)),
        "quiet_p99_ms": float(np.percentile(quiet.latencies_ms(), 99)),
        "worst_ms": max(latencies_ms),
        "most_mb": most_mb - before_mb,
        "grown_mb": daemon.resident_mb() - before_mb,
    }


RATES_PER_S = (60_000.0, 40_000.0, 20_000.0, 10_000.0, 5_000.0)
AS_FAST_AS_CAN_BE = 0.0
FUZZED, QUICK_FUZZED = 1_000_000, 10_000
LARGE, QUICK_LARGE = 200_000, 5_000  # datagrams: three seconds and more
SOURCES, QUICK_SOURCES, SOURCES_PER_S = 1_000_000, 5_000, 15_000.0


def lossless_rate(daemon: DaemonProcess) -> float:
    """The highest of RATES_PER_S, packets a second, at which the kernel drops nothing for a second."""
    for per_s in RATES_PER_S:
        if not beside(daemon, "fuzz", round(per_s), per_s)["dropped"]:
            return per_s
    return RATES_PER_S[-1]


def measure_fuzz(folder: Path, quick: bool) -> Values:
    number = QUICK_FUZZED if quick else FUZZED
    with playing(folder) as daemon:
        per_s = RATES_PER_S[-1] if quick else lossless_rate(daemon)
        paced = beside(daemon, "fuzz", number, per_s)
    with playing(folder) as daemon:
        return labelled(paced=paced, full=beside(daemon, "fuzz", number, AS_FAST_AS_CAN_BE))


def measure_datagrams(folder: Path, quick: bool) -> Values:
    with playing(folder) as daemon:
        number = QUICK_LARGE if quick else LARGE
        return labelled(large=beside(daemon, "datagrams", number, AS_FAST_AS_CAN_BE))


def measure_sources(folder: Path, quick: bool) -> Values:
    number = QUICK_SOURCES if quick else SOURCES
    found = {}
    for name in ("notes", "names"):
        with playing(folder) as daemon:
            found[name] = beside(daemon, name, number, SOURCES_PER_S)
    return labelled(**found)


def labelled(**found: dict[str, float]) -> Values:
    return {f"{name}_{key}": value for name, values in found.items() for key, value in values.items()}


def flood_rows(runs: Runs, measure: str, name: str, what: str, is_bound: bool = True) -> list[Row]:
    """``is_bound``: whether the targets hold for it; otherwise the kernel drops what they would speak of."""

    def worst(key: str) -> float:
        return runs.worst(f"{name}_{key}")

    met = worst("lost") <= worst("dropped") + worst("dropped_answers") and worst("p99_ms") <= P99_TARGET_MS
    return [
        Row(
            measure,
            f"{runs.median(f'{name}_packets'):,.0f} {what} at {runs.median(f'{name}_per_s'):,.0f}/s beside "
            f"{runs.median(f'{name}_notes'):,.0f} live notes",
            f"0 lost after the kernel; p99 ≤ {P99_TARGET_MS:g} ms" if is_bound else "",
            f"{worst('lost'):.0f} lost; p50 {worst('p50_ms'):.2f}, p99 {worst('p99_ms'):.2f} ms",
            f"without it: p99 {worst('quiet_p99_ms'):.2f} ms; {worst('dropped'):,.0f} of all dropped by the "
            f"kernel, {worst('dropped_answers'):,.0f} of the answers; {worst('clicks_lost'):.0f} clicks lost",
            met if is_bound else None,
        ),
        Row(
            measure,
            "… memory (RSS): what it grows by",
            f"≤ {FLAT_MB:g} MB" if is_bound else "",
            f"{worst('grown_mb'):.1f} MB",
            f"{worst('most_mb'):.1f} MB meanwhile",
            worst("grown_mb") <= FLAT_MB if is_bound else None,
        ),
    ]


def fuzz_rows(runs: Runs) -> list[Row]:
    return [
        *flood_rows(runs, "fault_fuzz", "paced", "fuzzed packets"),
        *flood_rows(runs, "fault_fuzz", "full", "fuzzed packets, as fast as can be,", is_bound=False),
    ]


def datagram_rows(runs: Runs) -> list[Row]:
    return flood_rows(runs, "fault_datagrams", "large", "datagrams of 64 kB")


def source_rows(runs: Runs) -> list[Row]:
    return [
        *flood_rows(runs, "fault_sources", "notes", "note-ons without end, each of a new device,"),
        *flood_rows(runs, "fault_sources", "names", "names of new devices"),
    ]


FUZZ = Measure(names=("fault_fuzz",), seconds=60, quick_seconds=9, run=measure_fuzz, rows=fuzz_rows)
DATAGRAMS = Measure(
    names=("fault_datagrams",), seconds=8, quick_seconds=4, run=measure_datagrams, rows=datagram_rows
)
NEW_SOURCES = Measure(
    names=("fault_sources",), seconds=140, quick_seconds=7, run=measure_sources, rows=source_rows
)
