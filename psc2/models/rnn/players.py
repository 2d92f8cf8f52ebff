"""MelodyRNN and DrumsRNN as the instrument asks them, whichever engine runs their network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import inf, log
from typing import Protocol

from psc2.core.requests import AnswerNote, DrumsRequest, Hit, MelodyRequest, Model
from psc2.models import choice
from psc2.models.bundles.checkpoint import Tensor
from psc2.models.rnn import candidates, primers
from psc2.models.rnn.candidates import MAX_SILENT_STEPS, AnyBundle, BranchingRnn, Draft
from psc2.models.rnn.encodings import NO_EVENT, STEPS_PER_BAR


class Rnn(Protocol):
    """An engine with a bundle's weights.

    Events are those of ``psc2.models.rnn.encodings``: for a melody within the configuration's range.
    """

    @property
    def bundle(self) -> AnyBundle: ...

    def continuation(self, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
        """The events that follow the primer's, for as long as they are asked for.

        ``primer``: at least one event. ``temperature``: above 0. The same seed gives the same events.
        """

    def log_likelihood(self, events: Sequence[int]) -> float:
        """The log likelihood of all events after the first, in nats; at most 0."""


class ClassRnn(Rnn, Protocol):
    """An engine of one of Magenta's networks, whose outputs are classes."""

    def softmaxes(self, events: Sequence[int]) -> Tensor:
        """How likely each class was after each event, (events, classes)."""


def continuation(rnn: Rnn, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
    """The events that follow the primer's, a melody's in the key and register of the primer.

    They go on for as long as they are asked for.
    """
    configuration = rnn.bundle.configuration
    if configuration.model is Model.DRUMS:
        return rnn.continuation(primer, temperature, seed)
    squashed, amount = primers.squash(primer, configuration)
    events = rnn.continuation(squashed, temperature, seed)
    return (primers.within(event - amount, 0, 128) if event >= 0 else event for event in events)


def event_log_likelihood(rnn: ClassRnn, events: Sequence[int]) -> float:
    """The log likelihood of all events after the first, in nats, each by all the classes that mean it.

    A network with a look back has two for what repeats: the pitch, and "as a bar ago". Magenta's loss,
    ``log_likelihood``, counts only one of them.
    """
    encoder = rnn.bundle.configuration.encoding.encoder()
    total = 0.0
    for event, following, likely in zip(events, events[1:], rnn.softmaxes(events[:-1]), strict=False):
        encoder.append(event)
        probability = sum(float(p) for label, p in enumerate(likely) if encoder.event(label) == following)
        total += log(probability) if probability > 0 else -inf
    return total


class RnnMelody:
    """A MelodyModel that asks a MelodyRNN."""

    def __init__(self, rnn: Rnn) -> None:
        self._rnn = rnn

    def continue_melody(self, request: MelodyRequest) -> Iterator[int]:
        """New pitches in the primer's register; none any more where the model stays silent.

        Of several candidates those of the best, all at once; else each as soon as it is asked for.
        """
        if isinstance(self._rnn, BranchingRnn) and candidates.number_of(request) > 1:
            return iter(best_of(self._rnn, request).candidate.pitches)
        return (event for event in self._events(request) if event >= 0)

    def continue_line(self, request: MelodyRequest) -> Iterator[AnswerNote]:
        """New notes in the primer's register, in the network's own rhythm."""
        if isinstance(self._rnn, BranchingRnn) and candidates.number_of(request) > 1:
            return notes_of(best_of(self._rnn, request).events)
        return notes_of(self._events(request))

    def _events(self, request: MelodyRequest) -> Iterator[int]:
        primer = primers.melody_events(request)
        silent = 0
        for event in continuation(self._rnn, primer, request.temperature, request.seed):
            silent = 0 if event >= 0 else silent + 1
            if silent == MAX_SILENT_STEPS:
                return
            yield event


def best_of(rnn: BranchingRnn, request: MelodyRequest) -> Draft:
    """The continuation to answer with; the others are made no further once it is known."""
    heard, drafts = choice.Heard(request), list[Draft]()
    costs: list[float | None] = [None] * candidates.number_of(request)
    for drafts in candidates.progress(rnn, request):
        for number, draft in enumerate(drafts):
            if draft.is_whole and costs[number] is None:
                costs[number] = choice.cost(draft.candidate, heard)
        settled = choice.settled(costs)
        if settled is not None:
            return drafts[settled]
    known = [cost for cost in costs if cost is not None]  # all of them
    return drafts[known.index(min(known))]


def notes_of(events: Iterable[int]) -> Iterator[AnswerNote]:
    """The notes of a melody's events, each once it is known how long it is.

    >>> [(note.pitch, note.onset, note.steps) for note in notes_of([-2, 60, -2, 62, -1, -2])]
    [(60, 1, 2), (62, 3, 1)]
    """
    pitch, onset, step = None, 0, -1
    for step, event in enumerate(events):
        if event == NO_EVENT:
            continue
        if pitch is not None:
            yield AnswerNote(pitch, onset, step - onset)
        pitch, onset = (event, step) if event >= 0 else (None, step)
    if pitch is not None:
        yield AnswerNote(pitch, onset, min(step + 1 - onset, STEPS_PER_BAR))


class RnnDrums:
    """A DrumsModel that asks a DrumsRNN."""

    def __init__(self, rnn: Rnn) -> None:
        self._rnn = rnn

    def make_beat(self, request: DrumsRequest) -> Iterator[Hit]:
        """The strokes of a beat as long as the loop, in order of their steps."""
        configuration = self._rnn.bundle.configuration
        primer = primers.drum_events(request, configuration)
        events = continuation(self._rnn, primer, request.temperature, request.seed)
        for number, event in zip(range(len(primer)), events, strict=False):
            yield from primers.hits_of(event, number, request, configuration)
