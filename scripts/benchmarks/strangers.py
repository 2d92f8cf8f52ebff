"""fault_strangers: who is not to be listened to, from another address and on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.benchmarks.daemon_process import MARKOV
from scripts.benchmarks.floods import beside, labelled, playing
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.packets import FAR_HOST

LENGTH_S, QUICK_LENGTH_S = 10, 3
FAR_PER_S, HELLOS_PER_S = 2_000, 20
OPEN = MARKOV + "osc: {receive_host: 0.0.0.0}\n"
NAMESPACE, NEAR_END, FAR_END = "psc2far", "psc2near0", "psc2far0"
FAR_ADDRESS = FAR_HOST[: FAR_HOST.rindex(".")] + ".2"
TOLD_FAR, TOLD_HELLO = "dropped input: foreign packet", "another SuperCollider"
FOREIGN, HELLO = "far", "hello"
WHAT = {
    FOREIGN: f"notes of another address, {FAR_PER_S:,}/s",
    HELLO: f"another program that says hello {HELLOS_PER_S} times a second",
}


@contextmanager
def far_away() -> Iterator[list[str]]:
    """What runs a program in a network of its own, from where this machine is FAR_HOST."""
    inside = ["ip", "netns", "exec", NAMESPACE]
    take_down()  # what a run that was killed has left
    try:
        ip("netns", "add", NAMESPACE)
        ip("link", "add", NEAR_END, "type", "veth", "peer", "name", FAR_END, "netns", NAMESPACE)
        ip("addr", "add", f"{FAR_HOST}/30", "dev", NEAR_END)
        ip("link", "set", NEAR_END, "up")
        ip("-n", NAMESPACE, "addr", "add", f"{FAR_ADDRESS}/30", "dev", FAR_END)
        ip("-n", NAMESPACE, "link", "set", FAR_END, "up")
        yield inside
    finally:
        take_down()


def take_down() -> None:
    """Let there be no such network any more."""
    subprocess.run(["ip", "link", "del", NEAR_END], check=False, capture_output=True)
    subprocess.run(["ip", "netns", "del", NAMESPACE], check=False, capture_output=True)


def ip(*arguments: str) -> None:
    """Raises: CalledProcessError."""
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def measure(folder: Path, quick: bool) -> Values:
    seconds = QUICK_LENGTH_S if quick else LENGTH_S
    with far_away() as within, playing(folder, OPEN) as daemon:
        far = beside(daemon, "far_notes", seconds * FAR_PER_S, FAR_PER_S, within)
        far["told"] = TOLD_FAR in daemon.log.read_text()
    with playing(folder) as daemon:
        hello = beside(daemon, "hellos", seconds * HELLOS_PER_S, HELLOS_PER_S)
        hello["told"] = TOLD_HELLO in daemon.log.read_text()
    return labelled(**{FOREIGN: far, HELLO: hello})


def rows(runs: Runs) -> list[Row]:
    return [row(runs, name) for name in (FOREIGN, HELLO)]


def row(runs: Runs, name: str) -> Row:
    def worst(key: str) -> float:
        return runs.worst(f"{name}_{key}")

    told = all(run[f"{name}_told"] for run in runs.runs)
    return Row(
        "fault_strangers",
        WHAT[name],
        "nothing obeyed, told; 0 lost",
        f"{worst('obeyed'):.0f} obeyed, {'told' if told else 'NOT told'}; {worst('clicks_lost'):.0f} of "
        f"{runs.median(f'{name}_clicks'):.0f} clicks and {worst('lost'):.0f} of "
        f"{runs.median(f'{name}_notes'):,.0f} live notes lost",
        f"{worst('packets'):,.0f} sent; live notes meanwhile: p99 {worst('p99_ms'):.2f} ms",
        told and not worst("obeyed") + worst("clicks_lost") + worst("lost"),
    )


def why_not() -> str:
    if shutil.which("ip") is None:
        return "not installed: ip"
    return "" if os.geteuid() == 0 else "another address needs a network of its own, which only root makes"


STRANGERS = Measure(
    names=("fault_strangers",), seconds=28, quick_seconds=13, run=measure, rows=rows, why_not=why_not
)
