"""What the inside asks of the outside, as Protocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from psc2.core.events import DrumsRequest, Hit, MelodyRequest, Outbound

Request_contra = TypeVar("Request_contra", contravariant=True)


class Clock(Protocol):
    """Seconds that only ever go forward."""

    def now(self) -> float: ...


class Output(Protocol):
    """Where sounds go. ``send`` is called under the engine's lock and never blocks."""

    def send(self, effects: Sequence[Outbound]) -> None: ...


class MelodyModel(Protocol):
    """Continues a melody. Called in a worker thread, one request at a time."""

    def continue_melody(self, request: MelodyRequest) -> tuple[int, ...]:
        """New pitches, 0–127, ``request.num_pitches`` of them, never the primer's own played back.

        Raises: whatever it likes; the player goes on without it.
        """


class DrumsModel(Protocol):
    """Makes a beat out of a beat. Called in a worker thread, one request at a time."""

    def make_beat(self, request: DrumsRequest) -> tuple[Hit, ...]:
        """A pattern as long as the sequence. Raises: whatever it likes."""


class Requests(Protocol[Request_contra]):
    """Where the engine leaves a request; ``submit`` never blocks."""

    def submit(self, request: Request_contra) -> None: ...
