"""How well a model foresees music: the log likelihood of all passages, by all its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Protocol

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.bundles import store
from psc2.models.continuers import EVENTS_OF
from psc2.models.interval.bundle import IntervalBundle
from psc2.models.interval.configuration import INTERVAL_RNN
from psc2.models.interval.engine import IntervalRnn
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.midi_events import Remark
from psc2.models.rnn.players import ClassRnn, event_log_likelihood
from psc2.training import datasets, lines
from psc2.training.datasets import Piece, Read
from psc2.training.lines import SoloPassage

Progress = Callable[[list[Read]], Iterable[Read]]


class Scorer(Protocol):
    """A model that says how likely music is."""

    @property
    def name(self) -> str: ...

    @property
    def configuration(self) -> Configuration: ...

    @property
    def how(self) -> str:
        """What it is that foresees the music."""

    def passages(self, pieces: Sequence[Piece]) -> list[Any]:
        """The passages that it hears of some pieces, each with its events."""

    def log_likelihoods(self, passage: Any) -> tuple[float, float]:
        """The log likelihood of all events after the first, in nats: as Magenta counts, and by any class."""


@dataclass(frozen=True, slots=True)
class RnnScorer:
    """A network in an engine."""

    name: str
    rnn: ClassRnn
    engine: catalogue.Engine

    @property
    def configuration(self) -> Configuration:
        return self.rnn.bundle.configuration

    @property
    def how(self) -> str:
        return f"{self.engine} engine"

    def passages(self, pieces: Sequence[Piece]) -> list[list[int]]:
        return datasets.passages(pieces, self.configuration)

    def log_likelihoods(self, passage: list[int]) -> tuple[float, float]:
        """The log likelihood in both ways, which are one where no event has two classes."""
        events = passage
        total = self.rnn.log_likelihood(events)
        return total, event_log_likelihood(self.rnn, events) if self.configuration.looks_back else total


@dataclass(frozen=True, slots=True)
class IntervalScorer:
    """A network that hears intervals, and the chords where they are known."""

    name: str
    rnn: IntervalRnn

    @property
    def configuration(self) -> Configuration:
        return INTERVAL_RNN

    @property
    def how(self) -> str:
        return "native engine, over the chords"

    def passages(self, pieces: Sequence[Piece]) -> list[SoloPassage]:
        return lines.passages(pieces)

    def log_likelihoods(self, passage: SoloPassage) -> tuple[float, float]:
        """The log likelihood, twice."""
        total = self.rnn.over(passage.context).log_likelihood(passage.events)
        return total, total


@dataclass(frozen=True, slots=True)
class OfferedScorer:
    """A package's model that has ``log_likelihood``."""

    name: str
    opened: Any
    kind: Model

    @property
    def configuration(self) -> Configuration:
        return EVENTS_OF[self.kind]

    @property
    def how(self) -> str:
        return f"{self.name}, {self.kind.value}"

    def passages(self, pieces: Sequence[Piece]) -> list[list[int]]:
        return datasets.passages(pieces, self.configuration)

    def log_likelihoods(self, passage: list[int]) -> tuple[float, float]:
        """The log likelihood, twice. Raises: ModelError for whatever it raises."""
        try:
            total = float(self.opened.log_likelihood(self.kind, passage))
        except Exception as error:
            raise ModelError(f"{self.name}: {catalogue.reason(error)}") from error
        return total, total


@dataclass(slots=True)
class ScoreTotal:
    """What a model foresaw."""

    nats: float = 0.0  # the log likelihood, as Magenta counts
    event_nats: float = 0.0  # by all the classes that mean an event
    events: int = 0
    pieces: int = 0  # files that were read


def find(name: str, engine: catalogue.Engine) -> list[Scorer]:
    """Open a model, once for each kind of music that it plays. Raises: ModelError."""
    catalogue.check_name(name)
    if name not in catalogue.offered():
        bundle = store.read_any(name)
        if isinstance(bundle, IntervalBundle):
            return [IntervalScorer(name, IntervalRnn(bundle))]
        return [RnnScorer(name, catalogue.open_classes(bundle, engine), engine)]
    opened = catalogue.open_offered(name)
    kinds = catalogue.kinds(name, opened)
    if not callable(getattr(opened, "log_likelihood", None)):
        raise ModelError(
            f"{name}: expected a model that says how likely music is, got one that only plays (one of a "
            "package has to have log_likelihood)"
        )
    return [OfferedScorer(name, opened, kind) for kind in kinds]


def score(scorer: Scorer, data: Path, remark: Remark, progress: Progress) -> ScoreTotal:
    """Score a model on all music that can be read. Raises: ModelError if the only file cannot be."""
    found = ScoreTotal()
    wanted = datasets.to_score(data, scorer.configuration, remark)
    for read in progress(wanted):
        try:
            passages = scorer.passages(read())
        except ModelError as error:
            if len(wanted) == 1:
                raise
            remark(f"left out: {error}")
            continue
        found.pieces += 1
        for passage in passages:
            length = len(passage.events if isinstance(passage, SoloPassage) else passage)
            if length > 1:
                nats, event_nats = scorer.log_likelihoods(passage)
                found.nats += nats
                found.event_nats += event_nats
                found.events += length - 1
    if not isfinite(found.nats):
        raise ModelError(f"{scorer.name}: expected finite probabilities, got others")
    return found
