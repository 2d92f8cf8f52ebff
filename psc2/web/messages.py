"""What pages say and are told, over WebSocket: one JSON object a message, its ``type`` first.

A page says events, as ``psc2.wire.codec`` writes them, but without ``at``: they happen when they arrive.
What it calls ``source`` is its own: 0 is the page itself, its keys and buttons; another one is a MIDI device
of its computer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, get_args

from psc2.core.events import (
    ControlChange,
    KeyDown,
    KeyUp,
    PitchBend,
    Press,
    ProgramChange,
    SourceGone,
    SourceNamed,
)
from psc2.core.ranges import LATENCIES_S
from psc2.errors import CodecError
from psc2.wire.codec import Codec

PageEvent = KeyDown | KeyUp | PitchBend | ControlChange | ProgramChange | SourceNamed | SourceGone | Press
PLAYED = [kind.__name__ for kind in get_args(PageEvent)]

MAX_MESSAGE = 4096  # bytes, that a page sends
SOURCES = 64  # that a page may have at a time, the page itself among them


@dataclass(frozen=True, slots=True)
class Ping:
    """The page asks what the daemon's clock shows; ``sent`` is its own, and comes back."""

    sent: float  # seconds


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to a ``Ping``."""

    sent: float
    at: float  # the engine's clock, in seconds


@dataclass(frozen=True, slots=True)
class SoundHere:
    """The page wants to be the one that sounds, or, without a latency, no longer."""

    latency_s: Annotated[float, LATENCIES_S] | None


@dataclass(frozen=True, slots=True)
class Sounds:
    """Whether it is this page that sounds, and whether another one does."""

    here: bool
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A line for whoever looks at the page."""

    line: str


Said = PageEvent | Ping | SoundHere
SAID = Codec(*get_args(PageEvent), Ping, SoundHere)  # by a page
CODEC = Codec(Pong, Sounds, Told)  # to a page


def read(text: str, at: float) -> Said:
    """What a page says, and has said at ``at``. Raises: CodecError.

    >>> read('{"type": "KeyDown", "source": 0, "pitch": 60, "velocity": 90}', at=1.5)
    KeyDown(at=1.5, source=0, pitch=60, velocity=90)
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CodecError("expected JSON") from error
    if isinstance(data, dict) and data.get("type") in PLAYED:
        data["at"] = at
    said: Said = SAID.from_json(data)
    return said
