"""web_start, web_weight and web_checkout: how soon the page is there, and how heavy it is, in Chromium.

The browser runs already. START is pressed by the probe, as soon as the page knows the daemon's clock.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from psc2 import resources
from scripts.benchmarks.browser import no_browser, running_browser
from scripts.benchmarks.daemon_process import AS_SHIPPED, DaemonProcess, running_daemon
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values

ROOT = Path(__file__).resolve().parent.parent.parent
PRESS_START = "window.begun = probe.start()"

# --- start ----------------------------------------------------------------------------

START_S = 1.5


def measure_start(folder: Path, quick: bool) -> Values:
    with (
        running_browser(folder) as page,
        running_daemon(folder, AS_SHIPPED, (str(ROOT / "scripts" / "run"),)) as daemon,
    ):
        page.before(PRESS_START)
        page.open(daemon.page_address())
        told_s = time.time()
        begun = page.ask("begun")
        resident_mb = daemon.resident_mb()
    return {
        "address_s": told_s - daemon.started_at,
        "scheduled_s": begun["scheduled"] - daemon.started_at,
        "resident_mb": resident_mb,
    }


def start_rows(runs: Runs) -> list[Row]:
    scheduled_s = runs.median("scheduled_s")
    return [
        Row(
            "web_start",
            "scripts/run → the page open, START pressed, the first click scheduled in it",
            f"≤ {START_S:g} s",
            f"{scheduled_s:.2f} s",
            f"its address after {runs.median('address_s'):.2f} s; slowest {runs.worst('scheduled_s'):.2f} s; "
            f"the daemon then {runs.median('resident_mb'):.0f} MB",
            scheduled_s <= START_S,
        )
    ]


START = Measure(
    names=("web_start",), seconds=5, quick_seconds=5, run=measure_start, rows=start_rows, why_not=no_browser
)

# --- weight ---------------------------------------------------------------------------

WEIGHT_KB, INTERACTIVE_S = 300, 0.8


def measure_weight(folder: Path, quick: bool) -> Values:
    """The first visit, for which the daemon has yet to load its server, and a second, with an empty cache."""
    with running_browser(folder) as page, running_daemon(folder, AS_SHIPPED) as daemon:
        page.open(daemon.page_address())
        first_ms = page.ask("probe.pressable")
        page.ask("probe.sound()")
        loaded = page.ask("probe.bytes()")
        page.open("about:blank")
        page.command("Network.clearBrowserCache")
        page.open(daemon.page_address())
        again_ms = page.ask("probe.pressable")
    files = [path for path in resources.PAGE.rglob("*") if path.is_file()]
    return {
        "loaded_kb": loaded / 1000,
        "files_kb": sum(path.stat().st_size for path in files) / 1000,
        "first_s": first_ms / 1000,
        "again_s": again_ms / 1000,
    }


def weight_rows(runs: Runs) -> list[Row]:
    files_kb, first_s = runs.worst("files_kb"), runs.median("first_s")
    return [
        Row(
            "web_weight",
            "all files of the page, without samples",
            f"≤ {WEIGHT_KB} kB",
            f"{files_kb:.0f} kB",
            f"loaded until it sounds: {runs.worst('loaded_kb'):.0f} kB, without the worklet's modules",
            files_kb <= WEIGHT_KB,
        ),
        Row(
            "web_weight",
            "navigation → START can be pressed, first visit",
            f"≤ {INTERACTIVE_S:g} s",
            f"{first_s:.2f} s",
            f"second visit, nothing cached: {runs.median('again_s'):.2f} s",
            first_s <= INTERACTIVE_S,
        ),
    ]


WEIGHT = Measure(
    names=("web_weight",),
    seconds=6,
    quick_seconds=6,
    run=measure_weight,
    rows=weight_rows,
    why_not=no_browser,
)

# --- checkout -------------------------------------------------------------------------

CHECKOUT_S, SET_UP_S = 60, 300
ASKED = "h11"  # one of base.lock's packages, and small


def no_checkout() -> str:
    """What is missing for one, if anything: a browser, git, or the way to the packages."""
    if missing := no_browser():
        return missing
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        return "no git, or no clone"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--retries=0"]
        asking = subprocess.run([*command, "--timeout=5", "--dest", folder, ASKED], capture_output=True)
    return "" if asking.returncode == 0 else "the package registry cannot be reached"


def measure_checkout(folder: Path, quick: bool) -> Values:
    """What README says, from a clone on; pip takes nothing from its cache."""
    with running_browser(folder) as page:
        page.before(PRESS_START)
        began = time.time()
        with clone(folder) as checkout, fresh_daemon(folder, checkout) as daemon:
            page.open(daemon.page_address(SET_UP_S))
            told_s = time.time() - began
            heard_s = page.ask("begun")["heard"] - began
            if strangers := strangers_of(daemon, checkout):
                raise MeasureFailed(f"the checkout has {', '.join(strangers)}")
    return {"told_s": told_s, "heard_s": heard_s}


@contextmanager
def clone(folder: Path) -> Iterator[Path]:
    """A clean checkout, while the block runs."""
    checkout = folder / "checkout"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, checkout], check=True)
    try:
        yield checkout
    finally:
        shutil.rmtree(checkout)


@contextmanager
def fresh_daemon(folder: Path, checkout: Path) -> Iterator[DaemonProcess]:
    """Set up and started by the checkout's own scripts/run, while the block runs."""
    os.environ["PIP_NO_CACHE_DIR"] = "1"
    try:
        with running_daemon(folder, AS_SHIPPED, (str(checkout / "scripts" / "run"),)) as daemon:
            yield daemon
    finally:
        del os.environ["PIP_NO_CACHE_DIR"]


def strangers_of(daemon: DaemonProcess, checkout: Path) -> list[str]:
    """What playing in a page needs nothing of, and is there nevertheless."""
    installed = {path.name for path in checkout.glob(".venv/lib/*/site-packages/*")}
    running = {process.name() for process in (psutil.Process(daemon.process.pid), *daemon.models())}
    return sorted({"tensorflow", "magenta"} & installed | {"sclang", "scsynth"} & running)


def checkout_rows(runs: Runs) -> list[Row]:
    heard_s = runs.median("heard_s")
    return [
        Row(
            "web_checkout",
            "git clone, scripts/run without SuperCollider → the first click heard in the page",
            f"≤ {CHECKOUT_S} s",
            f"{heard_s:.1f} s",
            f"the page's address after {runs.median('told_s'):.1f} s; no TensorFlow, no SuperCollider",
            heard_s <= CHECKOUT_S,
        )
    ]


CHECKOUT = Measure(
    names=("web_checkout",), seconds=40, quick_seconds=40,
    run=measure_checkout, rows=checkout_rows, why_not=no_checkout,
)  # fmt: skip
