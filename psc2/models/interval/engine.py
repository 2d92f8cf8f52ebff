"""A bundle's networks at work: how they go on with a line, and how likely they take one to be.

Several networks that were trained alike are asked together, and the mean of their probabilities counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from psc2.core.chart import PlacedChord
from psc2.models.interval.bundle import IntervalBundle
from psc2.models.interval.hearing import END, LOWEST, NOTE, NOTHING, PITCHES, Features, Lines
from psc2.models.interval.network import LineMemory
from psc2.models.interval.surroundings import Ints, Reals, Surroundings, surroundings_of
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF, STEPS_PER_BAR
from psc2.models.rnn.native import choose_each
from psc2.models.rnn.primers import within

AHEAD_STEPS = 64  # for which chords and places are looked up at once
USUAL_QPM = 120.0


@dataclass(frozen=True, slots=True)
class Context:
    """What a line is played over. Its steps count from where the line begins."""

    chords: tuple[PlacedChord, ...] = ()
    bar_line: int = 0  # a step at which a bar begins
    steps_per_bar: int = STEPS_PER_BAR
    qpm: float = USUAL_QPM

    def surroundings(self, steps: Ints) -> Surroundings:
        return surroundings_of(steps, self.chords, self.bar_line, self.steps_per_bar, self.qpm)


NOWHERE = Context()  # over no chords, in 4/4


@dataclass(slots=True)
class Listener:
    """Some lines as the networks have heard them so far."""

    bundle: IntervalBundle
    lines: Lines
    memories: list[LineMemory] = field(init=False)

    def __post_init__(self) -> None:
        number = len(self.lines.count)
        self.memories = [network.start(number) for network in self.bundle.networks]

    def hear(self, rows: Ints, step: int, events: Ints, around: Surroundings) -> None:
        """What happens on a step of each of ``rows``. ``around``: of that step, for each of them."""
        began, ended = events >= 0, events == NOTE_OFF
        if ended.any():
            self.lines.note_ends(rows[ended], step)
        if began.any():
            pitches = events[began]
            heard = self.lines.note_begins(rows[began], step, pitches, around.at(began))
            for network, memory in zip(self.bundle.networks, self.memories, strict=True):
                network.hear(memory, rows[began], heard, pitches)
        kinds = np.where(began, NOTE, np.where(ended, END, NOTHING)).astype(np.int32)
        self.lines.pass_by(rows, step, kinds)

    def look(self, rows: Ints, steps: Ints, around: Surroundings) -> Features:
        return self.lines.look(rows, steps, around)

    def events(self, rows: Ints, steps: Ints, heard: Features) -> Reals:
        """How likely nothing new is, a note, and the end of one: logarithms, (k, 3)."""
        rests = self.lines.rests(rows, steps)
        each = zip(self.bundle.networks, self.memories, strict=True)
        return _mean([network.events(memory, rows, heard, rests) for network, memory in each])

    def pitches(self, rows: Ints, heard: Features, roots: Ints) -> Reals:
        """How likely each pitch from ``LOWEST`` on is, should a note come: logarithms, (k, ``PITCHES``)."""
        latest = self.lines.pitch[rows]
        each = zip(self.bundle.networks, self.memories, strict=True)
        return _mean([network.pitches(memory, rows, heard, latest, roots) for network, memory in each])

    def keep(self, rows: Ints) -> None:
        """Go on with some of the lines alone; one may come several times."""
        self.lines.keep(rows)
        for memory in self.memories:
            memory.keep(rows)


def _mean(likely: Sequence[Reals]) -> Reals:
    """The logarithm of the mean of some probabilities, which are given as logarithms."""
    if len(likely) == 1:
        return likely[0]
    found: Reals = np.logaddexp.reduce(np.stack(likely), axis=0) - np.log(len(likely))
    return found


class IntervalRnn:
    """A bundle's networks, over a context."""

    def __init__(self, bundle: IntervalBundle, context: Context = NOWHERE) -> None:
        self.bundle = bundle
        self._context = context

    def over(self, context: Context) -> IntervalRnn:
        """A view of these networks over another context."""
        return IntervalRnn(self.bundle, context)

    def continuation(self, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
        """The events that follow the primer's, for as long as they are asked for."""
        branches = self.branches(primer, temperature, seed, 1)
        while True:
            (event,), _ = branches.step()
            yield event

    def branches(self, primer: Sequence[int], temperature: float, seed: int, number: int) -> IntervalBranches:
        """Several continuations of one primer, made together."""
        return IntervalBranches(self.bundle, self._context, primer, temperature, seed, number)

    def log_likelihood(self, events: Sequence[int]) -> float:
        """The log likelihood of all events after the first, in nats; at most 0."""
        listener, row = Listener(self.bundle, Lines(1)), np.zeros(1, np.int32)
        around = self._context.surroundings(np.arange(len(events), dtype=np.int32))
        total = 0.0
        for step, event in enumerate(events):
            here = around.at([step])
            if step:
                total += _log_probability(listener, row, step, event, here)
            played = np.array([within(event, LOWEST, LOWEST + PITCHES) if event >= 0 else event], np.int32)
            listener.hear(row, step, played, here)
        return total


def _log_probability(listener: Listener, row: Ints, step: int, event: int, around: Surroundings) -> float:
    steps = np.full(1, step, np.int32)
    heard = listener.look(row, steps, around)
    kind = NOTE if event >= 0 else END if event == NOTE_OFF else NOTHING
    found = float(listener.events(row, steps, heard)[0, kind])
    if event >= 0:
        pitch = within(event, LOWEST, LOWEST + PITCHES) - LOWEST
        found += float(listener.pitches(row, heard, around.root)[0, pitch])
    return found


class IntervalBranches:
    """Continuations of one primer, which is heard once; then all of them take each step together."""

    def __init__(
        self,
        bundle: IntervalBundle,
        context: Context,
        primer: Sequence[int],
        temperature: float,
        seed: int,
        number: int,
    ) -> None:
        self._context, self._temperature = context, temperature
        self._randoms = [np.random.default_rng((seed, n) if n else seed) for n in range(number)]
        self._listener, row = Listener(bundle, Lines(1)), np.zeros(1, np.int32)
        around = context.surroundings(np.arange(len(primer), dtype=np.int32))
        for step, event in enumerate(primer):
            played = within(event, LOWEST, LOWEST + PITCHES) if event >= 0 else event
            self._listener.hear(row, step, np.array([played], np.int32), around.at([step]))
        self._listener.keep(np.zeros(number, np.int32))
        self._step = self._known_from = len(primer)
        self._known = self._look_up()

    def step(self) -> tuple[list[int], list[float]]:
        """The next event of each, and how likely the networks took it to be: log probabilities, in nats."""
        number, step = len(self._randoms), self._step
        if step - self._known_from >= AHEAD_STEPS:
            self._known_from, self._known = step, self._look_up()
        around = self._known.at(np.full(number, step - self._known_from))
        rows, steps = np.arange(number, dtype=np.int32), np.full(number, step, np.int32)
        heard = self._listener.look(rows, steps, around)
        draws = np.array([random.random(2) for random in self._randoms])
        likely = self._listener.events(rows, steps, heard)
        kinds = choose_each(likely, self._temperature, draws[:, 0])
        events = np.where(kinds == END, NOTE_OFF, NO_EVENT).astype(np.int32)
        found = likely[rows, kinds]
        began = (kinds == NOTE).nonzero()[0].astype(np.int32)
        if len(began):
            given = Features(heard.numbers[began], heard.reals[began])
            pitches = self._listener.pitches(began, given, around.root[began])
            chosen = choose_each(pitches, self._temperature, draws[began, 1])
            events[began] = chosen + LOWEST
            found[began] += pitches[np.arange(len(began)), chosen]
        self._listener.hear(rows, step, events, around)
        self._step += 1
        return events.tolist(), found.tolist()

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with some of them alone; ``rows``: their numbers among those there still are, 0-based."""
        self._randoms = [self._randoms[row] for row in rows]
        self._listener.keep(np.array(rows, np.int32))

    def _look_up(self) -> Surroundings:
        steps = np.arange(self._step, self._step + AHEAD_STEPS, dtype=np.int32)
        return self._context.surroundings(steps)
