"""fault_processes and fault_stall: each process hangs, or is killed, while the loop plays."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from scripts.benchmarks.daemon_process import AS_SHIPPED, R3_DRUMS, R5_IMPROV, DaemonProcess
from scripts.benchmarks.floods import playing
from scripts.benchmarks.measure import Measure, MeasureFailed, Row, Runs, Values
from scripts.benchmarks.rig import no_rig, not_installed, running_rig
from scripts.benchmarks.stage import CONFIG, fill_loop
from tests.supercollider import tape
from tests.supercollider.processes import until
from tests.supercollider.returns import returned

# --- fault_processes ------------------------------------------------------------------

TOLD_S, SOUND_S, KILLED_S = 3.0, 12.0, 2.0
LOADING_S = 3.0
CALL = 20  # notes, after which the machine answers
NOTE_S = 0.01
TIMEOUT_S = 20.0
TAPE_S = 32.0
HANGS, IS_KILLED = "hangs", "is killed"
HOW = {HANGS: signal.SIGSTOP, IS_KILLED: signal.SIGKILL}


@dataclass(frozen=True, slots=True)
class Voice:
    """A model of the machine's, as the player meets it."""

    button: int  # by which it is asked
    trouble: str  # how a line about it begins
    sound: str  # in the line that says it has been answered


VOICES = {
    "melody": Voice(R5_IMPROV, "melody model", "the machine's pitches"),
    "drums": Voice(R3_DRUMS, "drums model", "drums: the machine's beat"),
}


def measure(folder: Path, quick: bool) -> Values:
    found: dict[str, float] = {}
    for name in VOICES:
        for how, number in HOW.items():
            with playing(folder, AS_SHIPPED) as daemon:
                time.sleep(LOADING_S)
                found |= {f"{name} {how} {key}": value for key, value in lost_model(daemon, name, number)}
    with running_rig(folder) as metronome:
        for program in ("sclang", "scsynth"):
            for how, number in HOW.items():
                own = folder / f"{program} {how}"
                own.mkdir(exist_ok=True)
                back = returned(metronome, own, program, number, TAPE_S)
                found |= {f"{program} {how} told_s": back.told_s}
                found |= {f"{program} {how} sound_s": back.back_s + back.sound_s}
    return found


def lost_model(daemon: DaemonProcess, name: str, number: signal.Signals) -> Iterator[tuple[str, float]]:
    """A model's process gets a signal and is asked at once. Raises: MeasureFailed."""
    voice, seen = VOICES[name], len(daemon.log.read_text())
    (victim,) = [child for child in daemon.models() if name in child.cmdline()]
    began = time.monotonic()
    victim.send_signal(number)
    daemon.press(voice.button)
    for pitch in range(CALL):
        daemon.send("/processnoteon", 60 + pitch, 90)
        daemon.send("/processnoteoff", 60 + pitch, 0)
        time.sleep(NOTE_S)
    moments: dict[str, float] = {}
    while len(moments) < 2:
        said = daemon.log.read_text()[seen:]
        for key, line in (("told_s", voice.trouble), ("sound_s", voice.sound)):
            if line in said:
                moments.setdefault(key, time.monotonic() - began)
        if time.monotonic() - began > TIMEOUT_S:
            break
        time.sleep(NOTE_S)
    if "sound_s" not in moments:
        raise MeasureFailed(f"no answer for {name}; the daemon says: {daemon.last_output()}")
    # One that is back before anybody waits for it has nothing to tell.
    yield from ({"told_s": moments["sound_s"]} | moments).items()


def rows(runs: Runs) -> list[Row]:
    return [process_row(runs, name, how) for name in ("sclang", "scsynth", *VOICES) for how in HOW]


def process_row(runs: Runs, name: str, how: str) -> Row:
    told_s, sound_s = (runs.worst(f"{name} {how} {key}") for key in ("told_s", "sound_s"))
    is_on_tape = (name, how) != ("scsynth", HANGS)  # with which JACK itself stands still, and the tape
    most_told_s, most_sound_s = (TOLD_S, SOUND_S) if how == HANGS else (KILLED_S, KILLED_S)
    return Row(
        "fault_processes",
        f"{name} {how} while the loop plays: until told, until sound",
        f"≤ {most_told_s:g} s, ≤ {most_sound_s:g} s",
        f"{told_s:.1f} s, {f'{sound_s:.1f} s' if is_on_tape else 'not on tape: JACK stands still, too'}",
        "nobody waits longer than its deadline_s, then Markov answers" if name in VOICES else "",
        told_s <= most_told_s and (sound_s <= most_sound_s or not is_on_tape),
    )


def why_not() -> str:
    return no_rig() or not_installed(tape.missing_programs())


PROCESSES = Measure(
    names=("fault_processes",), seconds=230, quick_seconds=230, run=measure, rows=rows, why_not=why_not
)

# --- fault_stall ----------------------------------------------------------------------

STALL_S, QUICK_STALL_S = 8.0, 3.0
BEGIN_TARGET = 8
AFTERWARDS_S = 3.0
LEFT_OUT = "came too late and were left out"


def measure_stall(folder: Path, quick: bool) -> Values:
    config = folder / "stall.yaml"
    config.write_text(CONFIG)
    with running_rig(folder) as rig, rig.daemon(config) as daemon:
        fill_loop(rig, daemon)
        sclang = psutil.Process(rig.sclang.popen.pid)
        rig.forget_heard()
        sclang.suspend()
        until(lambda: sclang.status() == psutil.STATUS_STOPPED, 5, "sclang stands still")
        stopped = time.time()
        time.sleep(QUICK_STALL_S if quick else STALL_S)
        woken = time.time()
        sclang.resume()
        heard = rig.heard(AFTERWARDS_S)
        said = daemon.output()
    missed = [one for one in heard if one.address.startswith("/play") and stopped < one.at < woken]
    told = [line for line in said.splitlines() if LEFT_OUT in line]
    left_out = sum(int(word) for line in told for word in line.split() if word.isdecimal())
    return {"stall_s": woken - stopped, "missed": len(missed), "left_out": left_out}


def stall_rows(runs: Runs) -> list[Row]:
    begun = max(run["missed"] - run["left_out"] for run in runs.runs)
    return [
        Row(
            "fault_stall",
            f"sclang stands still for {runs.median('stall_s'):.0f} s while the loop plays: voices that begin "
            "on waking",
            f"≤ {BEGIN_TARGET}",
            f"{max(0.0, begun):.0f}",
            f"{runs.median('missed'):.0f} were due meanwhile, {runs.median('left_out'):.0f} told as left out",
            begun <= BEGIN_TARGET,
        )
    ]


STALL = Measure(
    names=("fault_stall",), seconds=45, quick_seconds=40, run=measure_stall, rows=stall_rows, why_not=no_rig
)
