"""OSC for tests: a mailbox that remembers what arrived, and messages with a time tag."""

import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

Argument = int | float | str


@dataclass(frozen=True, slots=True)
class Message:
    """One OSC message; `at` is its time tag, or the moment it was read if it had none (s, as time.time)."""

    address: str
    arguments: tuple[Argument, ...]
    at: float


def encoded(address: str, *arguments: Argument, at: float | None = None) -> bytes:
    """The datagram of a message, in a bundle with the time tag `at` unless that is None."""
    message = OscMessageBuilder(address)
    for argument in arguments:
        message.add_arg(argument)
    built = message.build()
    if at is None:
        return bytes(built.dgram)
    bundle = OscBundleBuilder(at)  # type: ignore[arg-type]  # it takes seconds
    bundle.add_content(built)
    return bytes(bundle.build().dgram)


def decoded(datagram: bytes) -> Iterator[Message]:
    """The messages of a datagram, in their order."""
    if OscBundle.dgram_is_bundle(datagram):
        bundle = OscBundle(datagram)
        for content in bundle:
            if isinstance(content, OscMessage):
                yield Message(content.address, tuple(content.params), bundle.timestamp)
    else:
        message = OscMessage(datagram)
        yield Message(message.address, tuple(message.params), time.time())


class Mailbox:
    """A UDP port on 127.0.0.1 whose messages are kept, in order, until somebody asks for them."""

    def __init__(self, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.messages: list[Message] = []

    def close(self) -> None:
        self._socket.close()

    def send(self, port: int, address: str, *arguments: Argument, at: float | None = None) -> None:
        self._socket.sendto(encoded(address, *arguments, at=at), ("127.0.0.1", port))

    def send_raw(self, port: int, datagram: bytes) -> None:
        self._socket.sendto(datagram, ("127.0.0.1", port))

    def wait(self, wanted: Callable[[Message], bool], timeout_s: float = 10.0) -> Message:
        """The oldest message that is `wanted`, and forgets it.

        Raises:
            TimeoutError: none came in time; says what did come.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            for position, message in enumerate(self.messages):
                if wanted(message):
                    return self.messages.pop(position)
            left = deadline - time.monotonic()
            if left <= 0:
                kinds = sorted({message.address for message in self.messages})
                raise TimeoutError(f"not within {timeout_s} s; what came instead: {kinds}")
            self._read(left)

    def wait_for(self, address: str, *arguments: Argument, timeout_s: float = 10.0) -> Message:
        """The oldest message with this address, whose arguments begin like these."""
        return self.wait(
            lambda message: message.address == address and message.arguments[: len(arguments)] == arguments,
            timeout_s,
        )

    def collect(self, seconds: float = 0.0) -> list[Message]:
        """All that has arrived, and what arrives within `seconds`; forgets them."""
        deadline = time.monotonic() + seconds
        while self._read(deadline - time.monotonic()):
            pass
        collected, self.messages = self.messages, []
        return collected

    def _read(self, timeout_s: float) -> bool:
        """Takes in one datagram. False if none came in time."""
        self._socket.settimeout(max(timeout_s, 0.0))
        try:
            datagram = self._socket.recv(65536)
        except (TimeoutError, BlockingIOError):
            return False
        self.messages.extend(decoded(datagram))
        return True
