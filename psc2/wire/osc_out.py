"""OSC out: effects become messages, and bundles with the exact moment of their step."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Protocol

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from psc2.core.events import (
    Alive,
    Bend,
    Flush,
    Modulate,
    NoteOff,
    NoteOn,
    Outbound,
    Redirect,
    SetUp,
    Sound,
    Strike,
)
from psc2.core.instruments import Instrument
from psc2.core.rig import Rig
from psc2.errors import StartError

logger = logging.getLogger(__name__)

MAX_BUNDLE = 64  # messages in one bundle, so that it fits into any receiver's buffer

PLAY = {instrument: f"/play{instrument.value}" for instrument in Instrument}
STOP = {
    Instrument.BASS: "/stopbass",
    Instrument.CHORDS: "/stopchords",
    Instrument.WURLY: "/stopnote",
}
OFF_VELOCITY = 0


def message_of(effect: Sound | Flush | Bend | Modulate | Alive) -> OscMessage:
    """The effect as an OSC message, its moment apart."""
    match effect:
        case Strike(instrument, velocity):
            return _message(PLAY[instrument], velocity)
        case NoteOn(instrument, pitch, velocity):
            return _message(PLAY[instrument], pitch, velocity)
        case NoteOff(instrument, pitch):
            return _message(STOP[instrument], pitch, OFF_VELOCITY)
        case Flush():
            return _message("/psc2/flush")
        case Bend(value):
            return _message("/psc2/pitchbend", value)
        case Modulate(value):
            return _message("/psc2/modulation", value)
        case Alive():
            return _message("/psc2/alive")


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


def _bundle(tag: float, messages: Iterable[OscMessage | OscBundle]) -> OscBundle:
    """``tag``: seconds since 1970, or IMMEDIATELY."""
    builder = OscBundleBuilder(tag)  # type: ignore[arg-type]  # it takes seconds
    for message in messages:
        builder.add_content(message)
    return builder.build()


class WallClock(Protocol):
    def wall_time_of(self, moment_s: float) -> float: ...


class OscOutput:
    """Sends effects to SuperCollider: those with a moment in bundles, one a moment; others at once."""

    def __init__(self, host: str, port: int, clock: WallClock) -> None:
        """Raises: StartError if ``host`` cannot be found."""
        try:
            self._host = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_DGRAM)[0][4][0]
        except OSError as error:
            raise StartError(f"osc.send_host: cannot find {host}: {error.strerror or error}") from error
        self._port = port
        self._clock = clock
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._unsent = 0

    def send(self, effects: Sequence[Outbound]) -> None:
        for at, together in groupby(effects, key=_moment):
            messages = (message for effect in together for message in self._messages(effect))
            if at is None:
                for message in messages:
                    self._send_datagram(message.dgram)
            else:
                self._send_bundles(at, list(messages))

    def greet(self, own_port: int) -> None:
        """Ask whoever is there to say hello, and to forget what a daemon before this one left sounding."""
        self._send_datagram(_message("/psc2/hello", own_port).dgram)
        self._send_datagram(message_of(Flush()).dgram)

    def close(self) -> None:
        self._socket.close()

    def _messages(self, effect: Outbound) -> Iterator[OscMessage | OscBundle]:
        """The effect's message; a redirection has none, it changes where the next ones go.

        A rig is a bundle, so that it arrives whole.
        """
        match effect:
            case Redirect(port):
                self._port = port
            case SetUp(rig):
                yield _bundle(IMMEDIATELY, messages_of(rig))
            case _:
                yield message_of(effect)

    def _send_bundles(self, at: float, messages: Sequence[OscMessage | OscBundle]) -> None:
        tag = self._clock.wall_time_of(at)
        for first in range(0, len(messages), MAX_BUNDLE):
            self._send_datagram(_bundle(tag, messages[first : first + MAX_BUNDLE]).dgram)

    def _send_datagram(self, datagram: bytes) -> None:
        try:
            self._socket.sendto(datagram, (self._host, self._port))
        except OSError as error:
            self._unsent += 1
            if self._unsent == 1:
                logger.warning("could not send to %s:%d: %s", self._host, self._port, error)


def _moment(effect: Outbound) -> float | None:
    return effect.at if isinstance(effect, Strike | NoteOn | NoteOff) else None
