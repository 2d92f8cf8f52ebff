"""stage_beat, stage_cpu and stage_return: the whole instrument with its real SuperCollider, as on a stage.

Everything plays: click, bass, chords and drums are looped, and a hand improvises over them with a model.
The click has outputs of its own, so that its onsets can be told from the rest in the recording. In
the end the daemon is killed.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil

from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from scripts.benchmarks.rig import no_rig, running_rig
from tests.supercollider.processes import Process, until
from tests.supercollider.rig import PERIOD, RATE, Rig
from tests.supercollider.sound import Samples, Sound, residuals_ms

LENGTH_S, QUICK_LENGTH_S = 30.0, 8.0
QUARTER_S = 0.5
BEATS = 8
HELD = 0.6  # of a beat
CONFIG = f"""\
music: {{qpm: {60 / QUARTER_S:g}, num_bars: 2}}
output: {{lookahead_ms: 100}}
sound: {{click_out: 3}}
"""
PLAY, STOP, R2_BASS, R4_CHORDS, S3_DRUMS, R3_DRUMS, R5_IMPROV = 41, 42, 65, 67, 34, 66, 68
BASS, CHORDS = (36, 43, 38, 45, 40, 43, 41, 43), (60, 64, 67)
LINE = (72, 74, 76, 79, 81, 79, 76, 74)
CLICK_DB = -40.0
BEAT_TARGET_MS = 1.5
MISSED_S, SILENT_TARGET_S = 3.0, 4.0  # after the daemon's last sign of life; the heartbeat comes every second
PERIOD_MS = 1000 * PERIOD / RATE


def measure(folder: Path, quick: bool) -> Values:
    config = folder / "stage.yaml"
    config.write_text(CONFIG)
    with running_rig(folder) as rig:
        if not quick:
            rig.settle()
        with rig.daemon(config) as daemon:
            fill_loop(rig, daemon)
            processes = players(rig, daemon)
            rig.press(R5_IMPROV)
            with rig.recording(channels=4) as recording:
                busy = {name: cpu_s(process) for name, process in processes.items()}
                began = time.monotonic()
                improvise(rig, QUICK_LENGTH_S if quick else LENGTH_S)
                wall_s = time.monotonic() - began
                used = {name: (cpu_s(process) - busy[name]) / wall_s for name, process in processes.items()}
            silence_s = silence_after_death(rig, daemon)
    residuals = click_residuals(recording.channels[2])
    loudest = max(float(np.abs(channel.samples).max()) for channel in recording.channels)
    return {
        "clicks": len(residuals),
        "p50_ms": float(np.median(np.abs(residuals))),
        "p95_ms": float(np.percentile(np.abs(residuals), 95)),
        "worst_ms": float(np.abs(residuals).max()),
        "peak_db": 20 * float(np.log10(loudest)),
        "silence_s": silence_s,
        **{f"{name}_cpu": share for name, share in used.items()},
    }


def fill_loop(rig: Rig, daemon: Process) -> None:
    """Bass, then chords, each in one pass; then drums. Raises: MeasureFailed."""
    until(lambda: "SuperCollider is there" in daemon.output(), 10, "SuperCollider is found")
    rig.press(PLAY)
    record(rig, daemon, R2_BASS, [(pitch,) for pitch in BASS], "bass")
    record(rig, daemon, R4_CHORDS, [CHORDS] * BEATS, "chords")
    rig.press(S3_DRUMS)
    rig.press(R3_DRUMS)


def record(rig: Rig, daemon: Process, button: int, chords: Sequence[tuple[int, ...]], layer: str) -> None:
    """Raises: MeasureFailed."""
    notes = sum(map(len, chords))
    for _ in range(3):  # on a busy machine a key may come too late for its pass
        rig.press(button)
        rig.forget_heard()
        start = rig.wait_until_heard("/playclick0").at
        for beat, pitches in enumerate(chords):
            time.sleep(max(0.0, start + beat * QUARTER_S + 0.01 - time.time()))
            for pitch in pitches:
                rig.note_on(pitch)
            time.sleep(HELD * QUARTER_S)
            for pitch in pitches:
                rig.note_off(pitch)
        time.sleep(QUARTER_S)
        if f"{layer}: {notes} notes" in daemon.output():
            return
    raise MeasureFailed(f"could not record the {layer}; the daemon says: {daemon.output()[-300:]}")


def improvise(rig: Rig, seconds: float) -> None:
    """Eighths, which the machine answers."""
    end = time.monotonic() + seconds
    for n in range(10_000):
        if time.monotonic() > end:
            return
        pitch = LINE[n % len(LINE)]
        rig.note_on(pitch)
        time.sleep(QUARTER_S / 4)
        rig.note_off(pitch)
        time.sleep(QUARTER_S / 4)


def players(rig: Rig, daemon: Process) -> dict[str, list[psutil.Process]]:
    """Who plays: the daemon, its models, sclang with its helpers, and the sound server."""
    own = psutil.Process(daemon.popen.pid)
    sclang = psutil.Process(rig.sclang.popen.pid)
    servers = [child for child in sclang.children(recursive=True) if child.name() == "scsynth"]
    others = [child for child in sclang.children(recursive=True) if child.name() != "scsynth"]
    models = own.children(recursive=True)
    return {"daemon": [own], "models": models, "sclang": [sclang, *others], "scsynth": servers}


def cpu_s(processes: list[psutil.Process]) -> float:
    return sum(times.user + times.system for times in (process.cpu_times() for process in processes))


def click_residuals(clicks: Sound) -> Samples:
    """How far each click lies from the grid, in ms. Raises: MeasureFailed if there are none."""
    onsets = clicks.onsets(threshold_db=CLICK_DB, gap_s=0.1)
    if len(onsets) < 4:
        raise MeasureFailed(f"{len(onsets)} clicks are heard in the recording")
    grid = [round((onset - onsets[0]) / QUARTER_S) * QUARTER_S for onset in onsets]
    return residuals_ms(onsets, grid)


def silence_after_death(rig: Rig, daemon: Process) -> float:
    """The daemon is killed while a key is held: how long until SuperCollider is silent, in seconds."""
    rig.note_on(60)
    os.kill(daemon.popen.pid, signal.SIGKILL)
    killed = time.monotonic()
    rig.wait_for_voices(0, timeout_s=10)
    return time.monotonic() - killed


def rows(runs: Runs) -> list[Row]:
    worst_ms, silence_s = runs.median("worst_ms"), runs.worst("silence_s")
    shares = {name: runs.median(f"{name}_cpu") for name in ("daemon", "models", "sclang", "scsynth")}
    return [
        Row(
            "stage_beat",
            f"while everything plays, {runs.median('clicks'):.0f} looped clicks in the recording",
            f"≤ {BEAT_TARGET_MS:g} ms",
            f"worst {worst_ms:.2f} ms; median {runs.median('p50_ms'):.2f}, p95 {runs.median('p95_ms'):.2f}",
            f"JACK's period, {PERIOD_MS:.1f} ms, to which untagged notes are held; "
            f"the loudest sample {runs.worst('peak_db'):.1f} dBFS",
            worst_ms <= BEAT_TARGET_MS,
        ),
        Row(
            "stage_cpu",
            "CPU while everything plays and the machine improvises, of one core",
            "",
            ", ".join(f"{name} {100 * share:.1f} %" for name, share in shares.items()),
            "click, bass, chords, drums, eighths by hand, weimar and groove",
            None,
        ),
        Row(
            "stage_return",
            "the daemon is killed with a key held: until SuperCollider is silent",
            f"≤ {SILENT_TARGET_S:g} s",
            f"{silence_s:.1f} s",
            f"{MISSED_S:g} s without a heartbeat",
            silence_s <= SILENT_TARGET_S,
        ),
    ]


STAGE = Measure(
    names=("stage_beat", "stage_cpu", "stage_return"),
    seconds=130, quick_seconds=45, run=measure, rows=rows, why_not=no_rig,
)  # fmt: skip
