"""How well a model foresees music: the log likelihood of all passages, by all its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, Protocol

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.bundles import store
from psc2.models.continuers import EVENTS_OF
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.midi_events import Remark
from psc2.models.rnn.players import Rnn, event_log_likelihood
from psc2.training import datasets
from psc2.training.datasets import Read

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

    def log_likelihoods(self, events: list[int]) -> tuple[float, float]:
        """The log likelihood of all events after the first, in nats: as Magenta counts, and by any class."""


@dataclass(frozen=True, slots=True)
class RnnScorer:
    """A network in an engine."""

    name: str
    rnn: Rnn
    engine: catalogue.Engine

    @property
    def configuration(self) -> Configuration:
        return self.rnn.bundle.configuration

    @property
    def how(self) -> str:
        return f"{self.engine} engine"

    def log_likelihoods(self, events: list[int]) -> tuple[float, float]:
        """The log likelihood in both ways, which are one where no event has two classes."""
        total = self.rnn.log_likelihood(events)
        return total, event_log_likelihood(self.rnn, events) if self.configuration.looks_back else total


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

    def log_likelihoods(self, events: list[int]) -> tuple[float, float]:
        """The log likelihood, twice. Raises: ModelError for whatever it raises."""
        try:
            total = float(self.opened.log_likelihood(self.kind, events))
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
        return [RnnScorer(name, catalogue.open_rnn(store.read(name), engine), engine)]
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
            passages = datasets.passages(read(), scorer.configuration)
        except ModelError as error:
            if len(wanted) == 1:
                raise
            remark(f"left out: {error}")
            continue
        found.pieces += 1
        for passage in passages:
            if len(passage) > 1:
                nats, event_nats = scorer.log_likelihoods(passage)
                found.nats += nats
                found.event_nats += event_nats
                found.events += len(passage) - 1
    if not isfinite(found.nats):
        raise ModelError(f"{scorer.name}: expected finite probabilities, got others")
    return found
