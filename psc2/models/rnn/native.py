"""The default engine: a bundle's network without TensorFlow, one event after another.

Source: ``_generate_events`` in Magenta's ``events_rnn_model.py``, as it is for one sequence and
without beam search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from psc2.models.bundles.bundle import Bundle
from psc2.models.bundles.checkpoint import Tensor


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


def choose(logits: Tensor, temperature: float, draw: float) -> int:
    """Choose the class at ``draw``, 0 ≤ draw < 1, of the classes' probabilities laid end to end.

    >>> choose(np.log(np.array([0.5, 0.25, 0.25], np.float32)), 1.0, 0.6)
    1
    """
    likely = np.exp((logits.astype(np.float64) - logits.max(axis=0)) / temperature).cumsum()
    return min(int(np.searchsorted(likely, draw * likely[-1], side="right")), len(likely) - 1)
