"""OSC out: effects become messages, and bundles with the exact moment of their step."""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from pythonosc.osc_bundle_builder import IMMEDIATELY
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

from psc2.core.effects import Alive, NoteOff, NoteOn, Outbound, Redirect, Refuse, SetUp, Strike
from psc2.core.rig import Rig
from psc2.errors import StartError
from psc2.wire.protocol import HELLO, OUTBOUND, REFUSED, Argument, Outgoing, WireMessage, rig_messages

logger = logging.getLogger(__name__)

MAX_BUNDLE = 64  # messages in one bundle, so that it fits into any receiver's buffer


class Template(NamedTuple):
    """An OSC message whose arguments are int32: what stands before them, and how they are packed."""

    head: bytes
    pack: Callable[..., bytes]
    arguments: Callable[[Any], tuple[int, ...]]  # of an effect


def _template(outgoing: Outgoing) -> Template:
    size = len(outgoing.message.names)
    datagram = _datagram(outgoing.message, *[0] * size)
    return Template(datagram[: len(datagram) - 4 * size], struct.Struct(f">{size}i").pack, outgoing.arguments)


OSC_TYPES = {int: "i", float: "f", str: "s"}


def _datagram(message: WireMessage, *arguments: Argument) -> bytes:
    builder = OscMessageBuilder(message.address)
    for argument in arguments:
        builder.add_arg(argument, OSC_TYPES[type(argument)])
    return bytes(builder.build().dgram)


TEMPLATES = {kind: _template(outgoing) for kind, outgoing in OUTBOUND.items()}


def datagram_of(effect: Outbound) -> bytes:
    """An effect as OSC, its moment apart. Raises: KeyError for one that is no single message."""
    template = TEMPLATES[type(effect), getattr(effect, "instrument", None)]
    return template.head + template.pack(*template.arguments(effect))


def rig_datagrams(rig: Rig) -> Iterator[bytes]:
    """A rig as OSC, its number last."""
    return (_datagram(message, *arguments) for message, arguments in rig_messages(rig))


def _bundle(tag: float, datagrams: Iterable[bytes]) -> bytes:
    """Messages that happen at one moment; ``tag``: seconds since 1970, or IMMEDIATELY.

    Source: the OSC 1.0 specification, "OSC Bundles": a size before each element.
    """
    parts = [b"#bundle\0", osc_types.write_date(tag)]
    for datagram in datagrams:
        parts += [len(datagram).to_bytes(4, "big"), datagram]
    return b"".join(parts)


class WallClock(Protocol):
    def now(self) -> float: ...

    def wall_time_of(self, moment_s: float) -> float: ...


class OscOutput:
    """Sends effects to SuperCollider: those with a moment in bundles, one a moment; others at once."""

    def __init__(self, host: str, port: int, clock: WallClock) -> None:
        """Find ``host``. Raises: StartError."""
        try:
            found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4]
        except OSError as error:
            raise StartError(f"osc.send_host: cannot find {host}: {error.strerror or error}") from error
        self._address = (str(found[0]), port)
        self._clock = clock
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._unsent = 0

    def send(self, effects: Sequence[Outbound]) -> None:
        """Send effects in their order; what cannot be sent is counted, and told the first time."""
        for at, together in groupby(effects, key=_moment):
            datagrams = (datagram for effect in together for datagram in self._datagrams(effect))
            if at is None:
                for datagram in datagrams:
                    self._send_datagram(datagram)
            else:
                self._send_bundles(at, list(datagrams))

    def greet(self, own_port: int) -> None:
        """Ask whoever is there to say hello."""
        self._send_datagram(_datagram(HELLO, own_port))

    def close(self) -> None:
        self._socket.close()

    def _datagrams(self, effect: Outbound) -> Iterator[bytes]:
        """The effect's message; a redirection has none, it changes where the next ones go, and a
        refusal goes elsewhere at once.

        A rig is a bundle, so that it arrives whole.
        """
        match effect:
            case Redirect(port):
                self._address = (self._address[0], port)
            case Refuse(port):
                self._send_datagram(_datagram(REFUSED), (self._address[0], port))
            case Alive():  # says what time it is here, to a computer whose clock may be another one
                yield _bundle(self._clock.wall_time_of(self._clock.now()), [datagram_of(effect)])
            case SetUp(rig):
                yield _bundle(IMMEDIATELY, rig_datagrams(rig))
            case _:
                yield datagram_of(effect)

    def _send_bundles(self, at: float, datagrams: Sequence[bytes]) -> None:
        tag = self._clock.wall_time_of(at)
        for first in range(0, len(datagrams), MAX_BUNDLE):
            self._send_datagram(_bundle(tag, datagrams[first : first + MAX_BUNDLE]))

    def _send_datagram(self, datagram: bytes, address: tuple[str, int] | None = None) -> None:
        """``address``: where it goes, if that is not where everything goes."""
        try:
            self._socket.sendto(datagram, address or self._address)
        except OSError as error:
            self._unsent += 1
            if self._unsent == 1:
                logger.warning("could not send to %s:%d: %s", *(address or self._address), error)


def _moment(effect: Outbound) -> float | None:
    return effect.at if isinstance(effect, Strike | NoteOn | NoteOff) else None
