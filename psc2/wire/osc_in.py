"""OSC in: UDP datagrams become events, in the order of their arrival."""

from __future__ import annotations

import errno
import math
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from pythonosc.parsing import osc_types

from psc2.core.events import (
    BadInput,
    ControlChange,
    Event,
    Hello,
    KeyDown,
    KeyUp,
    PitchBend,
    ProgramChange,
    SourceNamed,
    SuperColliderStatus,
)
from psc2.errors import StartError
from psc2.ports import Clock

MAX_DATAGRAM = 65_536
BURST = 1_000  # datagrams taken from the kernel at a time
RECEIVE_BUFFER = 4 << 20  # asked of the kernel, which may give less
PATIENCE_S = 0.3  # for the thread to end

BUNDLE_HEAD = b"#bundle\0"
BUNDLE_HEAD_SIZE = 16  # with the time tag
MAX_DEPTH = 8  # of bundles in bundles
MAX_MESSAGES = 512  # in one datagram
MALFORMED = "malformed packet"
UNREADABLE = (osc_types.ParseError, UnicodeDecodeError)
DECODE: Mapping[str, Callable[[bytes, int], tuple[object, int]]] = {
    "i": osc_types.get_int,
    "f": osc_types.get_float,
    "h": osc_types.get_int64,
    "d": osc_types.get_double,
    "s": osc_types.get_string,
}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number within ``low`` to ``high``, inclusive; int32 or float32 on the wire."""

    low: int
    high: int
    optional: bool = False

    def read(self, value: object) -> int:
        """Raises: TypeError, ValueError."""
        if not isinstance(value, int | float):
            raise TypeError
        if not math.isfinite(value) or not self.low <= round(value) <= self.high:
            raise ValueError
        return round(value)


@dataclass(frozen=True, slots=True)
class Text:
    optional: bool = False

    def read(self, value: object) -> str:
        """Raises: TypeError."""
        if not isinstance(value, str):
            raise TypeError
        return value


SEVEN_BIT = Number(0, 127)
FOURTEEN_BIT = Number(0, 16_383)
CHANNEL = Number(0, 15)
UID = Number(-(2**63), 2**63 - 1)
PORT = Number(1, 65_535)
RIG = Number(0, 2**31 - 1, optional=True)


def _key_down(at: float, pitch: int, velocity: int) -> Event:
    return KeyDown(at, pitch, velocity) if velocity else KeyUp(at, pitch)


def _key_up(at: float, pitch: int, velocity: int) -> Event:
    return KeyUp(at, pitch)


def _hello(at: float, port: int, rig: int = 0) -> Event:
    return Hello(at, port, rig)


# Each address, its arguments in order, and the event that they make.
INBOUND: Mapping[str, tuple[tuple[Number | Text, ...], Callable[..., Event]]] = {
    "/processnoteon": ((SEVEN_BIT, SEVEN_BIT), _key_down),
    "/processnoteoff": ((SEVEN_BIT, SEVEN_BIT), _key_up),
    "/ccevent": ((SEVEN_BIT, SEVEN_BIT, CHANNEL, UID), ControlChange),
    "/programevent": ((SEVEN_BIT, CHANNEL, UID), ProgramChange),
    "/psc2/pitchbend": ((FOURTEEN_BIT, CHANNEL, UID), PitchBend),
    "/psc2/source": ((UID, Text()), SourceNamed),
    "/psc2/hello": ((PORT, RIG), _hello),
    "/psc2/status": ((Text(),), SuperColliderStatus),
}


def events_of(datagram: bytes, at: float) -> list[Event]:
    """The events in a datagram that arrived at ``at``, in order; never raises.

    Time tags are not waited for: what has arrived happens now. What cannot be understood
    becomes BadInput, a giant bundle as a whole, so that it holds nothing up.
    """
    messages = list(islice(_messages(datagram), MAX_MESSAGES + 1))
    if len(messages) > MAX_MESSAGES:
        return [BadInput(at, "giant bundle")]
    return [_event_of(message, at) if message else BadInput(at, MALFORMED) for message in messages]


def _messages(packet: bytes, depth: int = 0) -> Iterator[bytes]:
    """The messages of a packet, bundles unpacked; an empty one for what is malformed."""
    if not packet.startswith(BUNDLE_HEAD):
        yield packet
        return
    index = BUNDLE_HEAD_SIZE
    while index < len(packet):
        size = int.from_bytes(packet[index : index + 4], "big")
        element = packet[index + 4 : index + 4 + size]
        if len(element) < size or depth == MAX_DEPTH:
            yield b""
            return
        yield from _messages(element, depth + 1)
        index += 4 + size
    if index > len(packet):
        yield b""


def _event_of(message: bytes, at: float) -> Event:
    try:
        address, index = osc_types.get_string(message, 0)
        tags, index = osc_types.get_string(message, index) if index < len(message) else (",", index)
    except UNREADABLE:
        return BadInput(at, MALFORMED)
    if not address.startswith("/") or not tags.startswith(","):
        return BadInput(at, MALFORMED)
    known = INBOUND.get(address)
    if known is None:
        return BadInput(at, "unknown address")
    readers, make = known
    if len(tags) - 1 < sum(not reader.optional for reader in readers):
        return BadInput(at, "too few arguments")
    arguments = []
    try:
        for reader, tag in zip(readers, tags[1:], strict=False):
            value, index = DECODE[tag](message, index)
            arguments.append(reader.read(value))
    except UNREADABLE:
        return BadInput(at, MALFORMED)
    except (KeyError, TypeError):
        return BadInput(at, "argument of a wrong type")
    except ValueError:
        return BadInput(at, "argument out of range")
    return make(at, *arguments)


class OscReceiver:
    """The receiving thread: takes datagrams in the order of their arrival.

    It empties the kernel's buffer between any two events, so that a burst waits here,
    where there is room, and not where it would be dropped.
    """

    def __init__(self, host: str, port: int, clock: Clock, dispatch: Callable[[Event], None]) -> None:
        """Raises: StartError if the port cannot be had."""
        self._clock = clock
        self._dispatch = dispatch
        self._stopping = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            key, hint = "osc.receive_host", ""
            if error.errno == errno.EADDRINUSE:
                key, hint = "osc.receive_port", "; is psc2 running already? --receive-port takes another one"
            raise StartError(
                f"{key}: cannot listen on {host}:{port}: {error.strerror or error}{hint}"
            ) from error
        self._thread = threading.Thread(target=self._run, name="osc receiver", daemon=True)

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._socket.sendto(b"", self._socket.getsockname())  # wakes the thread
        self._thread.join(PATIENCE_S)
        self._socket.close()

    def _run(self) -> None:
        backlog: deque[tuple[float, bytes]] = deque()
        while not self._stopping:
            if not backlog:
                select.select([self._socket], [], [])
            self._empty_kernel_buffer(backlog)
            if backlog and not self._stopping:
                at, datagram = backlog.popleft()
                for event in events_of(datagram, at):
                    self._dispatch(event)

    def _empty_kernel_buffer(self, backlog: deque[tuple[float, bytes]]) -> None:
        try:
            for _ in range(BURST):
                backlog.append((self._clock.now(), self._socket.recv(MAX_DATAGRAM)))
        except OSError:  # nothing left, or the network's complaint about something sent
            return
