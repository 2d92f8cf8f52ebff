"""live and burst: what happens between a note's arrival at the daemon and its answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from math import isnan
from pathlib import Path

import numpy as np

from psc2.testing import free_port
from scripts.benchmarks.companion import BURST_PITCHES, printed, running_program
from scripts.benchmarks.daemon_process import running_daemon
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from scripts.benchmarks.wire import Arrival, Receiver, Sender, encoded, kernel_drops

# --- live -----------------------------------------------------------------------------

NOTES, QUICK_NOTES = 10_000, 1_000
NOTES_PER_S = 200
ANSWER_S = 1.0  # a note without an answer after so long is lost
TIMES_THE_ECHO = 1.1


class Side:
    """The daemon or the echo, as the client of a note sees it."""

    def __init__(self, sender: Sender, receiver: Receiver) -> None:
        self._sender = sender
        self._receiver = receiver
        self.received: list[Arrival] = []  # all that came meanwhile
        self.latencies_ms: list[float] = []

    def play(self, pitch: int, velocity: int) -> None:
        """A key goes down, its sound is waited for, the key comes up. Raises: Broken if there is none."""
        answer = ("/playwurly", pitch, velocity)
        on, off = encoded("/processnoteon", pitch, velocity), encoded("/processnoteoff", pitch, 0)
        sent_at = time.time()
        self._sender.send(on)
        for arrival in self._receiver.receive_until(sent_at + ANSWER_S):
            self.received.append(arrival)
            address, arguments = next(arrival.messages())
            if (address, *arguments[:2]) == answer:  # what follows is the note's id
                self.latencies_ms.append(1000 * (arrival.at - sent_at))
                self._sender.send(off)
                return
        raise MeasureFailed("a live note got no answer")


def percentiles_ms(ours: Side, echo: Side) -> Values:
    """Median and 99th percentile of both sides' latencies, in milliseconds."""
    return {
        f"{name}_{key}_ms": float(np.percentile(side.latencies_ms, percent))
        for key, percent in (("p50", 50), ("p99", 99))
        for name, side in (("ours", ours), ("echo", echo))
    }


def measure_live(folder: Path, quick: bool) -> Values:
    """Both get the same notes at the same rate, each half a period after the other."""
    number = QUICK_NOTES if quick else NOTES
    echo_receiver, echo_port = Receiver(), free_port()
    with running_program("echo", echo_port, echo_receiver.port), running_daemon(folder) as daemon:
        daemon.play()
        ours, echo = Side(daemon.sender, daemon.receiver), Side(Sender(echo_port), echo_receiver)
        start = time.time()
        for n in range(2 * number):
            time.sleep(max(0.0, start + n / (2 * NOTES_PER_S) - time.time()))
            (ours, echo)[n % 2].play(30 + n % 60, 1 + n % 100)
        resident_mb = daemon.resident_mb()
    return {
        "notes": number,
        **percentiles_ms(ours, echo),
        "ours_worst_ms": max(ours.latencies_ms),
        "echo_worst_ms": max(echo.latencies_ms),
        "resident_mb": resident_mb,
    }


def live_rows(runs: Runs) -> list[Row]:
    number = runs.median("notes")
    return [
        Row(
            "live",
            f"live note in → out, {number:,.0f} at {NOTES_PER_S}/s, {name}",
            f"≤ {TIMES_THE_ECHO} × the echo",
            f"{runs.median(f'ours_{key}_ms'):.3f} ms = {ratio:.2f} ×",
            f"bare python-osc echo: {runs.median(f'echo_{key}_ms'):.3f} ms",
            ratio <= TIMES_THE_ECHO,
        )
        for name, key in (("median", "p50"), ("p99", "p99"))
        for ratio in [runs.ratio(f"ours_{key}_ms", f"echo_{key}_ms")]
    ]


LIVE = Measure(names=("live",), seconds=58, quick_seconds=13, run=measure_live, rows=live_rows)


# --- burst ----------------------------------------------------------------------------

MESSAGES, QUICK_MESSAGES = 20_000, 4_000
GREETING = ("/psc2/hello", "/psc2/flush")
SILENCE_S = 1.5  # after so long without an answer no more are expected


def measure_burst(folder: Path, quick: bool) -> Values:
    number = QUICK_MESSAGES if quick else MESSAGES
    with running_daemon(folder) as daemon:
        daemon.wait_until_there()
        with running_program("burst", daemon.port, number) as sender:
            answers = list(answers_to(daemon.receiver, number))
            first_sent, last_sent = printed(sender)
        dropped, dropped_back = kernel_drops(daemon.port), kernel_drops(daemon.receiver.port)
    places = list(places_of(answers))
    drops = float(np.nansum([dropped, dropped_back]))
    return {
        "messages": number,
        "answers": len(answers),
        "kernel_drops": dropped,
        "kernel_drops_of_answers": dropped_back,
        # The kernel dropping one message can cost two answers: a key that never went down is not let go.
        "lost": max(0.0, number - len(set(places)) - 2 * drops),
        "reordered": sum(
            1 for place, latest in zip(places[1:], running_max(places), strict=False) if place < latest
        ),
        "sent_per_s": number / (last_sent - first_sent),
        "answered_per_s": len(answers) / (answers[-1].at - first_sent),
    }


def answers_to(receiver: Receiver, number: int) -> Iterator[Arrival]:
    """Leaves out the daemon's greeting. Raises: MeasureFailed if nothing comes."""
    timeout_s, received = 10.0, 0
    while received < number and (arrival := receiver.receive(timeout_s)) is not None:
        if next(arrival.messages())[0] not in GREETING:
            timeout_s, received = SILENCE_S, received + 1
            yield arrival
    if not received:
        raise MeasureFailed("no answer to a burst of notes")


def places_of(answers: list[Arrival]) -> Iterator[int]:
    """Which message of the burst each answer belongs to.

    A note-on tells its note by pitch and velocity; a note-off has only its pitch, which comes
    again after 128 notes, and belongs to the nearest of them.
    """
    note = 0
    for answer in answers:
        (address, arguments), *_ = answer.messages()
        pitch, velocity = (int(str(argument)) for argument in arguments[:2])
        if address == "/playwurly":
            note = (velocity - 1) * BURST_PITCHES + pitch
            yield 2 * note
        else:
            half = BURST_PITCHES // 2
            yield 2 * (note + (pitch - note + half) % BURST_PITCHES - half) + 1


def running_max(places: list[int]) -> list[int]:
    return [int(latest) for latest in np.maximum.accumulate(places)]


def burst_rows(runs: Runs) -> list[Row]:
    lost, reordered = runs.worst("lost"), runs.worst("reordered")
    return [
        Row(
            "burst",
            f"lost of a burst of {runs.median('messages'):,.0f} notes, worst run",
            "0 after the kernel",
            f"{lost:.0f}",
            f"dropped by the kernel: {count(runs.worst('kernel_drops'))}, "
            f"of the answers {count(runs.worst('kernel_drops_of_answers'))}",
            lost == 0,
        ),
        Row(
            "burst",
            "out of order, worst run",
            "0",
            f"{reordered:.0f}",
            f"{runs.median('answers'):,.0f} answers",
            reordered == 0,
        ),
        Row(
            "burst",
            "answered",
            "",
            f"{runs.median('answered_per_s'):,.0f} messages/s",
            f"sent: {runs.median('sent_per_s'):,.0f} messages/s",
            None,
        ),
    ]


def count(number: float) -> str:
    return "not told here" if isnan(number) else f"{number:.0f}"


BURST = Measure(names=("burst",), seconds=1.5, quick_seconds=1, run=measure_burst, rows=burst_rows)
