"""stage_live: from a key on a MIDI keyboard to its sound, through the real SuperCollider.

The test rig injects the MIDI and records what the sound server puts out. A click with a time tag
goes before each note, and tells what time it is in the recording: the server puts it out so early
that it leaves the speaker at its tag, JACK's output latency later. A live note cannot be early, so
it reaches the speaker that much after it is put out.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray

from scripts.benchmarks.daemon_process import MARKOV
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from scripts.benchmarks.rig import no_rig, running_rig
from tests.supercollider.rig import Rig
from tests.supercollider.sound import Sound

NOTES, QUICK_NOTES = 60, 10
PERIOD_MS = 1000 * 1024 / 48_000  # of the rig's JACK server, which starts every sound at a period's beginning
TARGET_MS = PERIOD_MS + 10
NOTE_EVERY_S = 0.5
AHEAD_S = 0.15  # how long before its moment a click is sent
NOTE_S = 0.12  # from a click to its note, so that the click has faded
HELD_S = 0.08
NEAR_S = 0.1  # how far an onset may be from where it is looked for


@dataclass(frozen=True, slots=True)
class Pair:
    """A click and the note after it, in seconds as time.time."""

    click_at: float  # its time tag
    key_at: float  # when sclang had the note-on


def measure(folder: Path, quick: bool) -> Values:
    config = folder / "audio.yaml"
    config.write_text(MARKOV)
    with running_rig(folder) as rig:
        with rig.daemon(config):
            with rig.recording() as recording:
                pairs = play(rig, QUICK_NOTES if quick else NOTES)
            at_speaker_ms = 1000 * np.array(latencies(recording.sound, pairs))
        output_latency_ms = announced_latency_ms(rig.said())
    put_out_ms = at_speaker_ms - output_latency_ms
    return {
        "notes": len(put_out_ms),
        "least_ms": float(np.min(put_out_ms)),
        "p50_ms": float(np.median(put_out_ms)),
        "p95_ms": float(np.percentile(put_out_ms, 95)),
        "worst_ms": float(np.max(put_out_ms)),
        "output_latency_ms": output_latency_ms,
    }


def play(rig: Rig, number: int) -> list[Pair]:
    """Clicks and notes in turn; the notes fall anywhere within a JACK period."""
    random = Random(1)
    pairs = []
    start = time.time() + 2 * AHEAD_S
    for n in range(number):
        click_at = start + n * NOTE_EVERY_S
        sleep_until(click_at - AHEAD_S)
        rig.send("/playclick1", 127, at=click_at)
        sleep_until(click_at + NOTE_S + random.uniform(0, PERIOD_MS / 1000))
        pairs.append(Pair(click_at, rig.note_on(72)))
        time.sleep(HELD_S)
        rig.note_off(72)
    time.sleep(NOTE_EVERY_S)
    return pairs


def sleep_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.time()))


def latencies(sound: Sound, pairs: list[Pair]) -> list[float]:
    """From each key to its sound at the speaker, in seconds. Raises: MeasureFailed if one cannot be heard."""
    onsets = np.array(sound.onsets())
    if not len(onsets):
        raise MeasureFailed("nothing is heard in the recording")
    first = pairs[0].click_at - onsets[0]
    found = []
    for pair in pairs:
        click = onset_from(onsets, pair.click_at - first - NEAR_S / 2)
        note = onset_from(onsets, pair.key_at - first)
        found.append((note - click) - (pair.key_at - pair.click_at))
    return found


def onset_from(onsets: NDArray[np.float64], moment: float) -> float:
    """The first onset from a moment of the recording on. Raises: MeasureFailed if it is not near."""
    index = int(np.searchsorted(onsets, moment))
    if index == len(onsets) or onsets[index] > moment + NEAR_S:
        raise MeasureFailed(f"no sound is heard within {NEAR_S:g} s of {moment:.3f} s in the recording")
    return float(onsets[index])


def announced_latency_ms(output: str) -> float:
    """JACK's output latency, as the sound server says it. Raises: MeasureFailed."""
    found = re.search(r"max output latency ([\d.]+) ms", output)
    if found is None:
        raise MeasureFailed("the sound server does not say what JACK's output latency is")
    return float(found[1])


def rows(runs: Runs) -> list[Row]:
    p95_ms = runs.median("p95_ms")
    return [
        Row(
            "stage_live",
            f"MIDI in → onset in the sound server's output, p95 of {runs.median('notes'):.0f}",
            f"≤ {TARGET_MS:.1f} ms",
            f"{p95_ms:.1f} ms; least {runs.median('least_ms'):.1f}, median {runs.median('p50_ms'):.1f}, "
            f"worst {runs.worst('worst_ms'):.1f}",
            f"JACK period {PERIOD_MS:.1f} + 10 ms; JACK's own output latency, "
            f"{runs.median('output_latency_ms'):.1f} ms, comes after it",
            p95_ms <= TARGET_MS,
        )
    ]


AUDIO = Measure(names=("stage_live",), seconds=40, quick_seconds=15, run=measure, rows=rows, why_not=no_rig)
