"""The developer's kit: write a performance, play it without hardware, look at what it sounds.

In virtual time, everything exact and nothing waited for::

    rehearsal = Rehearsal()
    sent = rehearsal.play(
        [press(0.0, "play"), *key(0.5, pitch=60)], until=2.0
    )
    assert sounds(sent, NoteOn) == [(0.5, NoteOn(Instrument.LEAD, 60, 100))]

Against a running daemon, over real OSC: ``FakeClient``.
"""

from __future__ import annotations

import random
import select
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import repeat
from types import MappingProxyType
from typing import Any

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.osc_packet import OscPacket

from psc2.core.controls import PRESSED
from psc2.core.effects import NoteOff, NoteOn, Outbound, Strike
from psc2.core.events import Event, SourceNamed
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest
from psc2.core.transport import START_S
from psc2.daemon import initial_state
from psc2.models.markov import MarkovDrums
from psc2.ports import DrumsModel, MelodyModel
from psc2.runtime.virtual import (
    CONTROLLER_UID,
    Behaviour,
    Performance,
    RecordingOutput,
    VirtualClock,
    key,
    press,
)
from psc2.scores.score import Sent
from psc2.settings.config import load_config

__all__ = [
    "Behaviour",
    "FakeClient",
    "FakeDrums",
    "FakeMelody",
    "Message",
    "RecordingOutput",
    "Rehearsal",
    "Sent",
    "VirtualClock",
    "anonymous",
    "free_port",
    "key",
    "late_keys",
    "press",
    "sounds",
    "step_times",
]


class FakeMelody:
    """Answers every request with the same pitches, and keeps the requests."""

    def __init__(self, *pitches: int) -> None:
        self._pitches = pitches
        self.requests: list[MelodyRequest] = []

    def continue_melody(self, request: MelodyRequest) -> tuple[int, ...]:
        self.requests.append(request)
        return self._pitches


class FakeDrums:
    """Answers every request with the same hits, and keeps the requests."""

    def __init__(self, *hits: Hit) -> None:
        self._hits = hits
        self.requests: list[DrumsRequest] = []

    def make_beat(self, request: DrumsRequest) -> tuple[Hit, ...]:
        self.requests.append(request)
        return self._hits


class Rehearsal(Performance):
    """A performance with the default configuration, time tags and a known controller.

    ``behaviours``: how the models take their requests, one after the other.
    ``music``, ``output``, ``improv``, ``midi``, ``practice`` and ``band`` are sections of the configuration:
    ``music={"qpm": 90.0}``.
    """

    def __init__(
        self,
        melody: MelodyModel | None = None,
        drums: DrumsModel | None = None,
        seed: int = 0,
        behaviours: Iterable[Behaviour] = repeat(Behaviour()),
        music: Mapping[str, object] = MappingProxyType({}),
        output: Mapping[str, object] = MappingProxyType({}),
        improv: Mapping[str, object] = MappingProxyType({}),
        midi: Mapping[str, object] = MappingProxyType({}),
        practice: Mapping[str, object] = MappingProxyType({}),
        band: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """Check the sections. Raises: ConfigError."""
        overrides = {
            "music": music,
            "output": {"timing": "timetag", **output},
            "improv": improv,
            "midi": midi,
            "practice": practice,
            "band": band,
        }
        state = initial_state(load_config(None, overrides), seed)
        super().__init__(state, melody or FakeMelody(72, 74, 76), drums or MarkovDrums(), behaviours)
        self.engine.dispatch(SourceNamed(0.0, CONTROLLER_UID, state.settings.controller.name))

    def start(self, at: float = 0.0) -> float:
        """Press play. Returns: the moment of step 0, in seconds."""
        self.play([press(at, "play")], until=at)
        assert self.state.transport is not None
        return self.state.transport.grid.time_of(0)


def late_keys(
    moments: Iterable[float],
    late_ms: float,
    jitter_ms: float = 0.0,
    seed: int = 0,
    pitch: int = 60,
    length_s: float = 0.1,
) -> list[Event]:
    """A player who means ``moments``, in seconds, and is so late at each; early is negative.

    ``jitter_ms``: the standard deviation around that, by ``seed``.
    """
    rng = random.Random(seed)
    struck = (at + (late_ms + rng.gauss(0.0, jitter_ms)) / 1000 for at in moments)
    return [event for at in struck for event in key(at, pitch, length_s)]


def sounds(sent: Iterable[Sent], *kinds: type[Outbound]) -> list[tuple[float, Outbound]]:
    """(when, effect) of the effects of ``kinds``, in order of hearing; ``when`` to the microsecond.

    The effects come without their tag, which is what ``when`` says, and without their notes' ids.
    """
    found = [(round(one.when, 6), anonymous(one.effect)) for one in sent if isinstance(one.effect, kinds)]
    return sorted(found, key=lambda pair: pair[0])


def anonymous(effect: Outbound) -> Outbound:
    """An effect without its moment and its note's id: what it is, whenever and whichever it is."""
    match effect:
        case Strike():
            return replace(effect, at=None)
        case NoteOn() | NoteOff():
            return replace(effect, at=None, note_id=0)
        case _:
            return effect


@dataclass(frozen=True, slots=True)
class Message:
    """An OSC message as it arrived."""

    address: str
    arguments: tuple[Any, ...]
    tag: float | None  # Unix time in seconds; None for an untagged one
    arrived: float  # Unix time in seconds


class FakeClient:
    """SuperCollider's part over real OSC: sends what keyboards and controllers send, receives the rest."""

    def __init__(self, daemon_port: int, host: str = "127.0.0.1") -> None:
        self._daemon = (host, daemon_port)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.port: int = self._socket.getsockname()[1]

    def __enter__(self) -> FakeClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, address: str, *arguments: int | float | str) -> None:
        builder = OscMessageBuilder(address)
        for argument in arguments:
            builder.add_arg(argument)
        self.send_raw(builder.build().dgram)

    def send_raw(self, datagram: bytes) -> None:
        self._socket.sendto(datagram, self._daemon)

    def hello(self) -> None:
        """Say where we listen, and that we understand time tags."""
        self.send("/psc2/hello", self.port)

    def control(self, control: int, value: int | None = None, uid: int = CONTROLLER_UID) -> None:
        """A button of a controller is pressed and let go; with a value a knob or fader is moved there."""
        for sent in (PRESSED, 0) if value is None else (value,):
            self.send("/ccevent", sent, control, 0, uid)

    def key_down(self, pitch: int, velocity: int = 100, uid: int = 0) -> None:
        """A key of the keyboard with that uid goes down."""
        self.send("/processnoteon", pitch, velocity, 0, uid)

    def key_up(self, pitch: int, uid: int = 0) -> None:
        """A key of the keyboard with that uid comes up."""
        self.send("/processnoteoff", pitch, 0, 0, uid)

    def receive(self, duration_s: float) -> list[Message]:
        """Everything that arrives within ``duration_s`` seconds."""
        end = time.monotonic() + duration_s
        messages: list[Message] = []
        while (left_s := end - time.monotonic()) > 0:
            messages += self._receive_one(left_s)
        return messages

    def receive_until(self, address: str, timeout_s: float = 5.0) -> list[Message]:
        """Everything up to a message for ``address``. Raises: TimeoutError if there is none."""
        end = time.monotonic() + timeout_s
        messages: list[Message] = []
        while (left_s := end - time.monotonic()) > 0:
            messages += self._receive_one(left_s)
            if any(message.address == address for message in messages):
                return messages
        raise TimeoutError(f"expected {address} within {timeout_s} s, got {messages}")

    def _receive_one(self, timeout_s: float) -> list[Message]:
        """One datagram's messages, or none."""
        if not select.select([self._socket], [], [], timeout_s)[0]:
            return []
        datagram = self._socket.recv(65_536)
        arrived = time.time()
        tag = OscBundle(datagram).timestamp if OscBundle.dgram_is_bundle(datagram) else None
        return [
            Message(timed.message.address, tuple(timed.message.params), tag, arrived)
            for timed in OscPacket(datagram).messages
        ]


def free_port() -> int:
    """A UDP port of this machine that nobody listens on."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def step_times(count: int, qpm: float, first: float = START_S) -> list[float]:
    """The moments of the first ``count`` steps, rounded like ``sounds``."""
    return [round(first + step * 60 / qpm / 4, 6) for step in range(count)]
