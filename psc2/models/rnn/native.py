"""The default engine: a bundle's network without TensorFlow, one event after another.

Source: ``_generate_events`` in Magenta's ``events_rnn_model.py``, without beam search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from psc2.models.bundles.bundle import Bundle
from psc2.models.bundles.checkpoint import Tensor

Labels = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]


class NativeRnn:
    """A bundle's network in NumPy."""

    def __init__(self, bundle: Bundle) -> None:
        """Build the network. Raises: FormatError for weights that do not fit each other or the encoding."""
        self.bundle = bundle
        self._network = bundle.network

    def continuation(self, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
        """The events that follow the primer's, for as long as they are asked for."""
        encoder = self.bundle.configuration.encoding.encoder()
        random = np.random.default_rng(seed)
        state = self._network.start()
        for event in primer[:-1]:
            self._network.step(state, encoder.append(event))
        event = primer[-1]
        while True:
            logits = self._network.logits(self._network.step(state, encoder.append(event)))
            event = encoder.event(choose(logits, temperature, random.random()))
            yield event

    def branches(self, primer: Sequence[int], temperature: float, seed: int, number: int) -> NativeBranches:
        """Several continuations of one primer, made together."""
        return NativeBranches(self.bundle, primer, temperature, seed, number)

    def softmaxes(self, events: Sequence[int]) -> Tensor:
        """How likely each class was after each event, (events, classes)."""
        logits = self._logits(events)
        probabilities: Tensor = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        return probabilities

    def log_likelihood(self, events: Sequence[int]) -> float:
        """The log likelihood of all events after the first, in nats; at most 0."""
        encoder = self.bundle.configuration.encoding.encoder()
        labels = []
        for event in events:
            labels.append(encoder.label(event))
            encoder.append(event)
        logits = self._logits(events[:-1]).astype(np.float64)
        logits -= logits.max(axis=1, keepdims=True)
        found = logits[np.arange(len(logits)), labels[1:]] - np.log(np.exp(logits).sum(axis=1))
        return float(found.sum())

    def _logits(self, events: Sequence[int]) -> Tensor:
        """The network's logits after each event, (events, classes)."""
        encoder = self.bundle.configuration.encoding.encoder()
        state = self._network.start()
        outputs = np.array([self._network.step(state, encoder.append(event)).copy() for event in events])
        return self._network.logits(outputs)


class NativeBranches:
    """Continuations of one primer, which is read once; then all of them take each step together."""

    def __init__(
        self, bundle: Bundle, primer: Sequence[int], temperature: float, seed: int, number: int
    ) -> None:
        """Read the primer. The first continues it as ``NativeRnn.continuation`` does, but for rounding."""
        self._network = bundle.network
        self._temperature = temperature
        self._randoms = [np.random.default_rng((seed, n) if n else seed) for n in range(number)]
        encoder, state = bundle.configuration.encoding.encoder(), self._network.start()
        for event in primer[:-1]:
            self._network.step(state, encoder.append(event))
        self._encoders = [encoder.branch() for _ in range(number)]
        self._state = self._network.branch(state, number)
        self._events = [primer[-1]] * number

    def step(self) -> tuple[list[int], list[float]]:
        """The next event of each, and how likely the network took it to be: log probabilities, in nats."""
        inputs = [one.append(event) for one, event in zip(self._encoders, self._events, strict=True)]
        logits = self._network.logits(self._network.step_all(self._state, inputs))
        draws = np.array([random.random() for random in self._randoms])
        labels = choose_each(logits, self._temperature, draws)
        self._events = [one.event(label) for one, label in zip(self._encoders, labels.tolist(), strict=True)]
        likely: list[float] = log_softmax(logits)[np.arange(len(labels)), labels].tolist()
        return self._events, likely

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with some of them alone; ``rows``: their numbers among those there still are, 0-based."""
        self._randoms = [self._randoms[row] for row in rows]
        self._encoders = [self._encoders[row] for row in rows]
        self._events = [self._events[row] for row in rows]
        self._state = self._network.keep(self._state, rows)


def choose(logits: Tensor, temperature: float, draw: float) -> int:
    """Choose the class at ``draw``, 0 ≤ draw < 1, of the classes' probabilities laid end to end.

    >>> choose(np.log(np.array([0.5, 0.25, 0.25], np.float32)), 1.0, 0.6)
    1
    """
    likely = np.exp((logits.astype(np.float64) - logits.max(axis=0)) / temperature).cumsum()
    return min(int(np.searchsorted(likely, draw * likely[-1], side="right")), len(likely) - 1)


def choose_each(logits: Tensor, temperature: float, draws: Numbers) -> Labels:
    """Choose a class for each of n sequences, as ``choose`` does. Logits: (n, classes); draws: (n,).

    >>> choose_each(np.zeros((2, 2), np.float32), 1.0, np.array([0.2, 0.6])).tolist()
    [0, 1]
    """
    highest = logits.max(axis=1, keepdims=True)
    likely = np.exp((logits.astype(np.float64) - highest) / temperature).cumsum(axis=1)
    labels = (likely <= draws[:, np.newaxis] * likely[:, -1:]).sum(axis=1)
    found: Labels = np.minimum(labels, logits.shape[1] - 1)
    return found


def log_softmax(logits: Tensor) -> Numbers:
    """The log probabilities of each row's classes, (n, classes)."""
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    found: Numbers = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found
