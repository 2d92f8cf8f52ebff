"""OSC over loopback, seen from the other end: what arrived, and when the kernel had it."""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

HOST = "127.0.0.1"
HEARTBEAT = "/psc2/alive"
RECEIVE_BUFFER = 4 << 20  # bytes asked of the kernel, which may give less
SO_TIMESTAMPNS = 35  # Linux: the kernel notes when each datagram came
TIMESPEC = struct.Struct("ll")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A datagram.

    On loopback Linux notes its arrival while the sender is still sending it, so that ``at``
    says when it was sent, whatever held up the receiver. Elsewhere it is when it was read.
    """

    datagram: bytes
    at: float  # seconds, as time.time

    @property
    def tag(self) -> float | None:
        """Its time tag, in seconds as time.time; None for a message without a bundle."""
        return OscBundle(self.datagram).timestamp if OscBundle.dgram_is_bundle(self.datagram) else None

    @property
    def is_heartbeat(self) -> bool:
        """Whether it only says that the daemon is there, and what time it is there."""
        return [address for address, _ in self.messages()] == [HEARTBEAT]

    def messages(self) -> Iterator[tuple[str, list[object]]]:
        """Address and arguments of each message in it."""
        if OscBundle.dgram_is_bundle(self.datagram):
            contents = [content for content in OscBundle(self.datagram) if isinstance(content, OscMessage)]
        else:
            contents = [OscMessage(self.datagram)]
        for message in contents:
            yield message.address, message.params


class Sender:
    """Sends to one UDP port."""

    def __init__(self, port: int, host: str = HOST) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect((host, port))

    def send(self, datagram: bytes) -> None:
        """Raises: ConnectionRefusedError if nobody listened to what was sent before."""
        self._socket.send(datagram)

    def close(self) -> None:
        self._socket.close()


class Receiver:
    """A UDP port of our own."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        if sys.platform == "linux":
            self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()

    def receive(self, timeout_s: float) -> Arrival | None:
        """The next datagram, or None if none came in time."""
        self._socket.settimeout(max(0.0, timeout_s))
        try:
            datagram, ancillary, *_ = self._socket.recvmsg(65_536, 64)
        except (TimeoutError, BlockingIOError):
            return None
        at = time.time()
        for _, _, timespec in ancillary:
            seconds, nanoseconds = TIMESPEC.unpack(timespec)
            at = seconds + nanoseconds / 1e9
        return Arrival(datagram, at)

    def receive_until(self, moment_s: float) -> Iterator[Arrival]:
        """What arrives up to ``moment_s``, as time.time."""
        while (left_s := moment_s - time.time()) > 0:
            if (arrival := self.receive(left_s)) is not None:
                yield arrival


def encoded(address: str, *arguments: int) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument, OscMessageBuilder.ARG_TYPE_INT)
    return builder.build().dgram


def kernel_drops(port: int) -> float:
    """How many datagrams the kernel has dropped for want of room at ``port``; NaN where it does not say."""
    try:
        lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    except OSError:
        return float("nan")
    fields = [line.split() for line in lines]
    return sum(float(field[-1]) for field in fields if field[1].endswith(f":{port:04X}"))
