import base64
import signal
import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

from scripts.benchmarks import endings, packets, web_sound
from tests.web.browser import require_browser

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
    assert "messages/s" in bench("tags", "swing", "tick", "burst", "start").stdout


@pytest.mark.timing
@pytest.mark.loopback
def test_the_machines_edges_can_be_measured() -> None:
    run = bench("fault_fuzz", "fault_datagrams", "fault_sources", "fault_strangers", "fault_signals")
    for measured in ("fuzzed packets", "datagrams of 64 kB", "names of new devices", "ending signals"):
        assert measured in " ".join(run.stdout.replace("│", " ").split()), run.stdout


@pytest.mark.timing
@pytest.mark.browser
def test_the_page_can_be_measured() -> None:
    require_browser()
    run = bench("web_start", "web_weight", "web_key", "web_loop", "web_pages")
    for measured in ("scheduled", "samples", "WebSocket", "looped clicks", "(RSS)"):
        assert measured in " ".join(run.stdout.replace("│", " ").split()), run.stdout


def test_clicks_are_found_in_what_the_page_has_rendered_however_its_clocks_stand() -> None:
    """The audio clock stands 5 s before the page's and is 50 ppm too fast; every click is 1 ms too late."""
    rate, first, own = 48_000, 480_000, np.arange(16.0, 18.01, 0.5)
    audio = (own - 5) * (1 + 50e-6)
    samples = np.zeros(4 * rate, np.float32)
    samples[((audio + 0.001) * rate - first).round().astype(int)] = 0.5
    clocks = [((at - 5) * (1 + 50e-6), at) for at in np.arange(14.5, 19, 0.1)]
    found = {
        "rate": rate, "first": first, "samples": base64.b64encode(samples.tobytes()).decode(),
        "strikes": [{"own": at} for at in (*own, *own)], "clocks": clocks,
    }  # fmt: skip
    off_ms, wanted = web_sound.click_errors_ms(found)
    assert wanted == len(off_ms) == 5
    assert off_ms == pytest.approx([1.0] * 5, abs=0.03)


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
