"""The default engine: MelodyRNN and DrumsRNN without TensorFlow, one event after another.

Source: ``_generate_events`` in Magenta's ``events_rnn_model.py``, as it is for one sequence and
without beam search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from psc2.core.events import DrumsRequest, Hit, MelodyRequest
from psc2.models import primers
from psc2.models.bundle import Bundle
from psc2.models.tensorflow_files import Tensor

MAX_STEPS_PER_PITCH = 16  # a model that is silent for longer is asked no further


def continuation(bundle: Bundle, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
    """The events that follow the primer's, for as long as they are asked for.

    ``primer``: at least one event, within the configuration's range. ``temperature``: above 0.
    """
    network, encoder = bundle.network, bundle.configuration.encoding.encoder()
    chance = np.random.default_rng(seed)
    state = network.start()
    logits = network.output_bias
    for event in primer:
        logits = network.step(state, encoder.append(event))
    while True:
        event = encoder.event(choose(logits, temperature, chance.random()))
        yield event
        logits = network.step(state, encoder.append(event))


def choose(logits: Tensor, temperature: float, chance: float) -> int:
    """The class at ``chance``, 0 ≤ chance < 1, of the classes' probabilities laid end to end.

    >>> choose(np.log(np.array([0.5, 0.25, 0.25], np.float32)), 1.0, 0.6)
    1
    """
    likely = np.exp((logits.astype(np.float64) - logits.max()) / temperature).cumsum()
    return int(np.searchsorted(likely, chance * likely[-1], side="right").clip(max=len(likely) - 1))


def softmaxes(bundle: Bundle, events: Sequence[int]) -> Tensor:
    """How likely each class was after each event, (events, classes)."""
    network, encoder = bundle.network, bundle.configuration.encoding.encoder()
    state = network.start()
    logits = np.array([network.step(state, encoder.append(event)) for event in events])
    likely = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Tensor = likely / likely.sum(axis=1, keepdims=True)
    return result


def labels(bundle: Bundle, events: Iterable[int]) -> list[int]:
    """The class of each event after those before it."""
    encoder = bundle.configuration.encoding.encoder()
    found = []
    for event in events:
        found.append(encoder.label(event))
        encoder.append(event)
    return found


class NativeMelody:
    """A MelodyRNN."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def continue_melody(self, request: MelodyRequest) -> Iterator[int]:
        """New pitches in the primer's register; none any more where the model stays silent."""
        primer, amount = primers.squash(primers.melody_events(request), self._bundle.configuration)
        silent = 0
        for event in continuation(self._bundle, primer, request.temperature, request.seed):
            if event >= 0:
                yield primers.within(event - amount, 0, 128)
                silent = 0
            elif (silent := silent + 1) == MAX_STEPS_PER_PITCH:
                return


class NativeDrums:
    """A DrumsRNN."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def make_beat(self, request: DrumsRequest) -> Iterator[Hit]:
        """The strokes of a beat as long as the loop, in order of their steps."""
        configuration = self._bundle.configuration
        primer = primers.drum_events(request, configuration)
        events = continuation(self._bundle, primer, request.temperature, request.seed)
        for number, event in zip(range(len(primer)), events, strict=False):
            yield from primers.hits_of(event, number, request, configuration)
