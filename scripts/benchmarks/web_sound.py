"""web_key and web_loop: what the page sounds, and when, in the real Chromium.

The keys are KeyboardEvents that are dispatched in the page; from there all is as for a person's: to the
daemon over the WebSocket, back, and to the band. What the loop sounds like is taken down by an AudioWorklet
behind the band's own, on the audio clock; there the click is alone on the right.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from psc2.testing import free_port
from scripts.benchmarks.browser import Page, no_browser, running_browser
from scripts.benchmarks.companion import running_program
from scripts.benchmarks.daemon_process import MARKOV, R3_DRUMS, R5_IMPROV, DaemonProcess, running_daemon
from scripts.benchmarks.load import BUSY_MODELS
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from tests.repeating import repeating
from tests.supercollider.sound import Sound

Floats = NDArray[np.float64]

OPEN_S = 13  # until the loop is filled and the page sounds it


@contextmanager
def sounding_page(folder: Path, models: str = MARKOV) -> Iterator[tuple[DaemonProcess, Page]]:
    """The loop plays, and a page sounds it."""
    with running_daemon(folder, models) as daemon, running_browser(folder) as page:
        daemon.play()
        page.open(daemon.page_address())
        page.ask("probe.sound()")
        yield daemon, page


# --- key ------------------------------------------------------------------------------

KEYS, QUICK_KEYS = 1_000, 50
KEY_S = 0.08  # a key and an echo, with their pauses
MEDIAN_MS, P99_MS, SPREAD_MS = 3.0, 8.0, 2.0


def measure_keys(folder: Path, quick: bool) -> Values:
    number, port = QUICK_KEYS if quick else KEYS, free_port()
    with running_program("web_echo", port), sounding_page(folder) as (_, page):
        found = page.ask("probe.keys(...given)", number, f"ws://127.0.0.1:{port}/")
    return {"keys": number, **distribution("key", found["key"]), **distribution("echo", found["echo"])}


def distribution(name: str, ms: list[float]) -> Values:
    """Median, 99th percentile, and half of what lies between the 5th percentile and the 95th."""
    low, median, high, p99 = (float(np.percentile(ms, percent)) for percent in (5, 50, 95, 99))
    return {f"{name}_p50_ms": median, f"{name}_p99_ms": p99, f"{name}_spread_ms": (high - low) / 2}


def key_rows(runs: Runs) -> list[Row]:
    return [
        Row(
            "web_key",
            f"{what}: a key in the page → its sound scheduled there, {runs.median('keys'):,.0f} of them",
            f"≤ {target:g} ms",
            f"{runs.median(f'key_{key}_ms'):.2f} ms = {runs.ratio(f'key_{key}_ms', f'echo_{key}_ms'):.2f} ×",
            f"bare WebSocket echo in the same page: {runs.median(f'echo_{key}_ms'):.2f} ms",
            runs.median(f"key_{key}_ms") <= target,
        )
        for what, key, target in (
            ("median", "p50", MEDIAN_MS),
            ("p99", "p99", P99_MS),
            ("spread (half of p95 − p5)", "spread", SPREAD_MS),
        )
    ]


KEY = Measure(
    names=("web_key",), seconds=OPEN_S + KEYS * KEY_S, quick_seconds=OPEN_S + QUICK_KEYS * KEY_S,
    run=measure_keys, rows=key_rows, why_not=no_browser,
)  # fmt: skip


# --- loop -----------------------------------------------------------------------------

LENGTH_S, QUICK_LENGTH_S = 60, 8
LOOP_MS = 2.0
CLICK_DB = -45.0
CLICK_GAP_S = 0.1
NEAR_S = 0.1  # how far from where it belongs a click is looked for
ASK_S = 0.05  # between two requests, so that both models are always at work


def measure_loop(folder: Path, quick: bool) -> Values:
    length_s = QUICK_LENGTH_S if quick else LENGTH_S
    with sounding_page(folder, BUSY_MODELS) as (daemon, page), busy_models(daemon):
        found = page.ask("probe.rendered(...given)", length_s)
    off_ms, wanted = click_errors_ms(found)
    return {
        "seconds": length_s,
        "clicks": len(off_ms),
        "missing": wanted - len(off_ms),
        "late": found["late"],
        "p50_ms": float(np.median(off_ms)),
        "p99_ms": float(np.percentile(np.abs(off_ms), 99)),
        "worst_ms": float(np.abs(off_ms).max()),
    }


@contextmanager
def busy_models(daemon: DaemonProcess) -> Iterator[None]:
    """Both are always at work while the block runs, as in model_load."""
    numbers = count()

    def ask() -> None:
        pitch = 30 + next(numbers) % 60
        daemon.press(R5_IMPROV)
        daemon.press(R3_DRUMS)
        daemon.send("/processnoteon", pitch, 100)
        daemon.send("/processnoteoff", pitch, 0)

    with repeating(ask, ASK_S):
        yield


def click_errors_ms(found: Any) -> tuple[Floats, int]:
    """How long after its moment each click is in the rendered audio, and how many there should be.

    Its moment is the daemon's, carried over to the page's clock as the page knows it, and from there to the
    audio clock by the straight line through all that was seen of both.

    Raises: MeasureFailed if none is heard.
    """
    rate, first = float(found["rate"]), int(found["first"])
    samples = np.frombuffer(base64.b64decode(found["samples"]), np.float32).astype(np.float64)
    audio, own = np.array(found["clocks"]).T
    slope, offset = np.polyfit(own, audio - own, 1)
    moments = np.array([strike["own"] for strike in found["strikes"]])
    moments = np.unique((moments + slope * moments + offset).round(6)) - first / rate
    moments = moments[(moments > NEAR_S) & (moments < len(samples) / rate - NEAR_S)]
    onsets = np.array(Sound(samples, round(rate)).onsets(CLICK_DB, CLICK_GAP_S))
    if not len(onsets) or not len(moments):
        raise MeasureFailed(f"{len(onsets)} clicks are heard of {len(moments)}")
    nearest = np.array([onsets[np.abs(onsets - moment).argmin()] - moment for moment in moments])
    return 1000 * nearest[np.abs(nearest) < NEAR_S], len(moments)


def loop_rows(runs: Runs) -> list[Row]:
    p99_ms, missing = runs.median("p99_ms"), runs.worst("missing")
    return [
        Row(
            "web_loop",
            f"{runs.median('clicks'):.0f} looped clicks in the page's rendered audio against the daemon's "
            f"t(n), {runs.median('seconds'):.0f} s, both models at work: p99",
            f"≤ {LOOP_MS:g} ms",
            f"{p99_ms:.2f} ms; median {runs.median('p50_ms'):+.2f}, worst {runs.worst('worst_ms'):.2f}",
            f"missing {missing:.0f}, late in the page {runs.worst('late'):.0f}",
            p99_ms <= LOOP_MS and missing == 0,
        )
    ]


LOOP = Measure(
    names=("web_loop",), seconds=OPEN_S + LENGTH_S, quick_seconds=OPEN_S + QUICK_LENGTH_S,
    run=measure_loop, rows=loop_rows, why_not=no_browser,
)  # fmt: skip
