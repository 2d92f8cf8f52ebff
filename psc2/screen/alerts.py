"""What keeps sound or hands away from the player, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psc2.core.other_side import Peer
from psc2.core.snapshot import Snapshot
from psc2.resources import COMMAND

START_S = 10.0  # what SuperCollider may take to start before that is alarming
SERVER = "the sound server"  # how a status of our sclang begins that tells of silence


@dataclass(frozen=True, slots=True)
class Alert:
    """One of them."""

    title: str
    reason: str  # with its cure
    hides_the_music: bool  # whether it is worth more than the mode, also while the loop plays

    def __str__(self) -> str:
        return f"{self.title}: {self.reason}"


def alerts_at(now: Snapshot, at: float, instead: str = "") -> Iterator[Alert]:
    """What stands in the way at the moment ``at``, in seconds on the engine's clock, the worst first.

    ``instead``: what could sound meanwhile.

    While a page in a browser sounds it is not silent, whatever SuperCollider does. Of a SuperCollider that
    psc2 does not start, and that never says hello, such as the program of 2018, nothing is known: neither
    whether it sounds nor what is plugged in.
    """
    silence = silence_of(now.peer, at) if now.page is None else ""
    if silence:
        yield Alert("NO SOUND", "; ".join(filter(None, (silence, instead))), hides_the_music=True)
    devices, is_there = now.devices, now.peer.hello_at is not None and not now.peer.gone
    if is_there and not devices.has_keyboard:
        reason = "plug one in, or press k: the computer's keys play"
        if devices.other_names:
            reason = f"{', '.join(devices.other_names)} is not played, by midi.keyboards or midi.ignore"
        yield Alert("NO KEYBOARD", reason, hides_the_music=False)
    if (is_there or silence) and not devices.has_controller and not now.counts.presses:
        yield Alert("NO CONTROLLER", "space plays, ? shows the keys", hides_the_music=False)


def silence_of(peer: Peer, at: float) -> str:
    """Why nothing can be heard from SuperCollider, with the cure; empty if there is no reason to think so."""
    process, hello_at = peer.process, peer.hello_at
    if process is not None and is_awaited(peer):
        if process.reason:
            return process.reason
        if process.running and at - process.at > START_S:
            return f"SuperCollider has been starting for {at - process.at:.0f} s: {COMMAND} doctor tells why"
    if peer.gone and hello_at is not None:
        cure = "start it again" if process is None else "psc2 starts it again"
        return f"SuperCollider has not answered for {at - hello_at:.0f} s: {cure}"
    return peer.status if peer.status.startswith(SERVER) else ""


def is_starting(now: Snapshot) -> bool:
    """Whether sound is to be expected in a moment, from psc2's own SuperCollider."""
    process = now.peer.process
    return now.page is None and process is not None and process.running and is_awaited(now.peer)


def is_awaited(peer: Peer) -> bool:
    """Whether psc2's own SuperCollider has not said hello since the latest that is known of its process."""
    return peer.process is not None and (peer.hello_at is None or peer.hello_at <= peer.process.at)
