"""OSC out: effects become messages, and bundles with the exact moment of their step."""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from pythonosc.osc_bundle_builder import IMMEDIATELY
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder
from pythonosc.parsing import osc_types

from psc2.core.effects import Alive, Bend, Flush, Modulate, NoteOff, NoteOn, Outbound, Redirect, SetUp, Strike
from psc2.core.rig import Rig
from psc2.errors import StartError
from psc2.wire.protocol import OFF_VELOCITY, OUTBOUND, WireMessage

logger = logging.getLogger(__name__)

MAX_BUNDLE = 64  # messages in one bundle, so that it fits into any receiver's buffer


# What of an effect its message says, in the order of the table: see ``psc2.wire.protocol``.
VALUES: Mapping[type[Outbound], Callable[[Any], tuple[int, ...]]] = {
    Strike: lambda effect: (effect.velocity,),
    NoteOn: lambda effect: (effect.pitch, effect.velocity, effect.note_id),
    NoteOff: lambda effect: (effect.pitch, OFF_VELOCITY, effect.note_id),
    Bend: lambda effect: (effect.value,),
    Modulate: lambda effect: (effect.value,),
    Flush: lambda effect: (),
    Alive: lambda effect: (),
}


class Template(NamedTuple):
    """An OSC message whose arguments are int32: what stands before them, and how they are packed."""

    head: bytes
    pack: Callable[..., bytes]


def _template(message: WireMessage) -> Template:
    size = len(message.names)
    datagram = _message(message.address, *[0] * size).dgram
    return Template(datagram[: len(datagram) - 4 * size], struct.Struct(f">{size}i").pack)


def datagram_of(effect: Outbound) -> bytes:
    """An effect as OSC, its moment apart. Raises: KeyError for one that is no single message."""
    kind = type(effect)
    template = TEMPLATES[kind, getattr(effect, "instrument", None)]
    return template.head + template.pack(*VALUES[kind](effect))


def message_of(effect: Outbound) -> OscMessage:
    """An effect as a message that can be read again. Raises: KeyError."""
    return OscMessage(datagram_of(effect))


def messages_of(rig: Rig) -> Iterator[OscMessage]:
    """A rig, its number last."""
    for strip in rig.strips:
        voice = strip.voice.value if strip.voice else ""
        heard, gain_db, pan = int(strip.heard), float(strip.gain_db), float(strip.pan)
        yield _message("/psc2/sound", strip.layer.value, heard, voice, strip.out, gain_db, pan)
    for part in rig.midi_parts:
        program = part.program or 0
        yield _message("/psc2/midi", part.layer.value, part.port, part.channel, program, part.transpose)
    for instrument, note in rig.midi_notes:
        yield _message("/psc2/midi_note", instrument.value, note)
    yield _message("/psc2/rig", rig.number)


OSC_TYPES = {int: "i", float: "f", str: "s"}


def _message(address: str, *arguments: int | float | str) -> OscMessage:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument, OSC_TYPES[type(argument)])
    return builder.build()


TEMPLATES = {kind: _template(message) for kind, message in OUTBOUND.items()}


def _bundle(tag: float, datagrams: Iterable[bytes]) -> bytes:
    """Messages that happen at one moment; ``tag``: seconds since 1970, or IMMEDIATELY.

    Source: the OSC 1.0 specification, "OSC Bundles": a size before each element.
    """
    parts = [b"#bundle\0", osc_types.write_date(tag)]
    for datagram in datagrams:
        parts += [len(datagram).to_bytes(4, "big"), datagram]
    return b"".join(parts)


class WallClock(Protocol):
    def wall_time_of(self, moment_s: float) -> float: ...


class OscOutput:
    """Sends effects to SuperCollider: those with a moment in bundles, one a moment; others at once."""

    def __init__(self, host: str, port: int, clock: WallClock) -> None:
        """Raises: StartError if ``host`` cannot be found."""
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
        """Ask whoever is there to say hello, and to forget what a daemon before this one left sounding."""
        self._send_datagram(_message("/psc2/hello", own_port).dgram)
        self._send_datagram(datagram_of(Flush()))

    def close(self) -> None:
        self._socket.close()

    def _datagrams(self, effect: Outbound) -> Iterator[bytes]:
        """The effect's message; a redirection has none, it changes where the next ones go.

        A rig is a bundle, so that it arrives whole.
        """
        match effect:
            case Redirect(port):
                self._address = (self._address[0], port)
            case SetUp(rig):
                yield _bundle(IMMEDIATELY, (message.dgram for message in messages_of(rig)))
            case _:
                yield datagram_of(effect)

    def _send_bundles(self, at: float, datagrams: Sequence[bytes]) -> None:
        tag = self._clock.wall_time_of(at)
        for first in range(0, len(datagrams), MAX_BUNDLE):
            self._send_datagram(_bundle(tag, datagrams[first : first + MAX_BUNDLE]))

    def _send_datagram(self, datagram: bytes) -> None:
        try:
            self._socket.sendto(datagram, self._address)
        except OSError as error:
            self._unsent += 1
            if self._unsent == 1:
                logger.warning("could not send to %s:%d: %s", *self._address, error)


def _moment(effect: Outbound) -> float | None:
    return effect.at if isinstance(effect, Strike | NoteOn | NoteOff) else None
