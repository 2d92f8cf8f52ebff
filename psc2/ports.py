"""What the inside asks of the outside, as Protocols."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeVar, runtime_checkable

from psc2.core.band import ChorusRequest
from psc2.core.effects import Outbound
from psc2.core.pitch_row import PitchRow
from psc2.core.requests import AnswerNote, DrumsRequest, Hit, MelodyRequest, Model, PitchRequest
from psc2.core.snapshot import Snapshot

Request_contra = TypeVar("Request_contra", contravariant=True)


class Clock(Protocol):
    """Seconds that only ever go forward."""

    def now(self) -> float: ...


class Output(Protocol):
    """Where sounds go. ``send`` is called under the engine's lock and never blocks."""

    def send(self, effects: Sequence[Outbound]) -> None: ...


class Screen(Protocol):
    """Where the player reads what happens. All but ``unblock`` may block; one thread calls them."""

    def write_line(self, line: str) -> None: ...

    def open(self) -> None: ...

    def pause_s(self, at: float) -> float:
        """How long to wait before it is shown something again, in seconds."""

    def show(self, now: Snapshot, at: float, unable: Mapping[Model, str]) -> None:
        """The state at a moment, and the models that cannot be loaded, and why."""

    def close(self) -> None: ...

    def unblock(self) -> None:
        """Called by another thread at the end, where the one that shows does not come back."""


class MelodyModel(Protocol):
    """Continues a melody. Asked one request at a time; the player goes on without it if it fails."""

    def continue_melody(self, request: MelodyRequest) -> Iterable[int]:
        """New pitches, 0–127, never the primer's own played back, for as long as they are asked for.

        It is asked for ``request.num_pitches``, one after another, and for no more once they are
        there or the request is cancelled. Raises: whatever it likes.
        """


@runtime_checkable
class LineModel(Protocol):
    """A melody model that has a rhythm of its own."""

    def continue_line(self, request: MelodyRequest) -> Iterable[AnswerNote]:
        """New notes, as ``MelodyModel.continue_melody`` gives pitches, from the step after the call on."""


@runtime_checkable
class PitchModel(Protocol):
    """A melody model that hears a solo note by note, and says of each pitch how likely it comes next."""

    def weigh(self, request: PitchRequest) -> Sequence[PitchRow]:
        """How likely each pitch is after the request's latest note, for each of ``pitch_row.DISTANCES``.

        The notes of one solo come in order, each once, unless an answer was lost: then from that note on
        again. What is missing before them has been heard by a process that has ended.
        """


class DrumsModel(Protocol):
    """Makes a beat out of a beat. Asked one request at a time."""

    def make_beat(self, request: DrumsRequest) -> Iterable[Hit]:
        """The strokes of a pattern as long as the sequence. Raises: whatever it likes."""


class Players(Protocol):
    """Where the engine leaves what it wants of the band; it never blocks."""

    def submit(self, request: ChorusRequest) -> None: ...


class Requests(Protocol[Request_contra]):
    """Where the engine leaves a request, and takes it back; neither ever blocks."""

    def submit(self, request: Request_contra) -> None: ...

    def cancel(self, request_id: int) -> None: ...
