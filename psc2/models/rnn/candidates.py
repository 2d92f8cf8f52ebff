"""Several continuations of one primer, made together, each until it has what is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from psc2.core.requests import MelodyRequest
from psc2.models.choice import Candidate
from psc2.models.rnn import primers
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NO_EVENT

MAX_SILENT_STEPS = 32  # after two bars without a pitch a melody ends
MAX_PITCHES = 1280  # of all candidates together, as bounds the time: 64 of 20, or 6 of 200


class AnyBundle(Protocol):
    """Whatever has weights that play."""

    @property
    def configuration(self) -> Configuration: ...


class Branches(Protocol):
    """Continuations of one primer in an engine that makes them together."""

    def step(self) -> tuple[list[int], list[float]]:
        """The next event of each, and its log probability in nats."""

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with some of them alone; ``rows``: their numbers among those there still are, 0-based."""


@runtime_checkable
class BranchingRnn(Protocol):
    """An engine that continues a primer in several ways at once."""

    @property
    def bundle(self) -> AnyBundle: ...

    def branches(self, primer: Sequence[int], temperature: float, seed: int, number: int) -> Branches:
        """Continuations of a primer.

        ``primer``: at least one event. ``temperature``: above 0. ``number``: 1 or more. The same seed gives
        the same events, and how many continuations there are makes no difference to any.
        """


def number_of(request: MelodyRequest) -> int:
    """How many candidates an answer is chosen of: as many as are wanted, but fewer for a very long one."""
    return max(1, min(request.candidates, MAX_PITCHES // max(1, request.num_pitches)))


@dataclass(slots=True)
class Draft:
    """A continuation while it is made."""

    wanted: int  # pitches
    with_rhythm: bool  # whether the last note has to have an end
    events: list[int] = field(default_factory=list)
    pitches: list[int] = field(default_factory=list)
    onsets: list[int] = field(default_factory=list)  # theirs, in steps after the call's end
    log_likelihood: float = 0.0  # of its pitches
    silent: int = 0  # steps since the last pitch

    @property
    def is_whole(self) -> bool:
        """Whether nothing more is taken of it."""
        if self.silent >= MAX_SILENT_STEPS:
            return True
        if len(self.pitches) < self.wanted:
            return False
        return not self.with_rhythm or len(self.pitches) > self.wanted or self._has_ended

    @property
    def _has_ended(self) -> bool:
        return bool(self.silent) and self.events[-1] != NO_EVENT

    def add(self, event: int, log_probability: float) -> None:
        """Take the next event."""
        self.events.append(event)
        self.silent = self.silent + 1 if event < 0 else 0
        if event >= 0:
            self.pitches.append(event)
            self.onsets.append(len(self.events) - 1)
            self.log_likelihood += log_probability

    @property
    def candidate(self) -> Candidate:
        likely = self.log_likelihood / max(1, len(self.pitches))
        onsets = self.onsets[: self.wanted] if self.with_rhythm else ()
        return Candidate(tuple(self.pitches[: self.wanted]), likely, tuple(onsets))


def drafts(rnn: BranchingRnn, request: MelodyRequest) -> list[Draft]:
    """Continuations of a call in its key and register, whole, in the order in which they are drawn."""
    *_, made = progress(rnn, request)
    return made


def progress(rnn: BranchingRnn, request: MelodyRequest) -> Iterator[list[Draft]]:
    """The drafts while they are made: all of them, each time one or more have become whole."""
    primer, amount = primers.squash(primers.melody_events(request), rnn.bundle.configuration)
    number = number_of(request)
    made = [Draft(request.num_pitches, request.with_rhythm) for _ in range(number)]
    branches, unfinished = rnn.branches(primer, request.temperature, request.seed, number), made
    while unfinished:
        for draft, event, log_probability in zip(unfinished, *branches.step(), strict=True):
            draft.add(primers.within(event - amount, 0, 128) if event >= 0 else event, log_probability)
        rows = [row for row, draft in enumerate(unfinished) if not draft.is_whole]
        if len(rows) < len(unfinished):
            yield made
            branches.keep(rows)
            unfinished = [unfinished[row] for row in rows]
