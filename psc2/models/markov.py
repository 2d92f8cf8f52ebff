"""Markov models of variable order: they learn from the player, back off, and never fail.

Source: François Pachet, "The Continuator: Musical interaction with style", Journal of New
Music Research 32(3), 2003: the longest context that has been heard before decides; a
context never heard is shortened.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import partial
from math import log
from random import Random
from typing import Generic, TypeVar

from psc2.core.instruments import Instrument
from psc2.core.pitch_row import DISTANCES, PITCHES, PitchRow, row_of
from psc2.core.ranges import TEMPERATURES
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest, Model, PitchRequest
from psc2.models.heard_solo import HeardSolo

Token = TypeVar("Token", bound=Hashable)

MAX_ORDER = 4
NUM_EVENTS = {Model.MELODY: 128 + 2, Model.DRUMS: 2**9}  # pitches, note off and none; nine drums


class MarkovChain(Generic[Token]):
    """Counts what followed each context of 0 to ``max_order`` tokens."""

    def __init__(self, max_order: int = MAX_ORDER) -> None:
        self._max_order = max_order
        self._followers: defaultdict[tuple[Token, ...], Counter[Token]] = defaultdict(Counter)

    def learn(self, tokens: Sequence[Token]) -> None:
        """Count what follows what in a row of tokens."""
        for index in range(len(tokens)):
            self.learn_last(tokens[max(0, index - self._max_order) : index + 1])

    def learn_last(self, tokens: Sequence[Token]) -> None:
        """Count only what the last token of a row followed."""
        index = len(tokens) - 1
        for order in range(min(index, self._max_order) + 1):
            self._followers[tuple(tokens[index - order : index])][tokens[index]] += 1

    def probability(self, context: Sequence[Token], token: Token, num_tokens: int) -> float:
        """How likely a token is after ``context``, of ``num_tokens`` that there may be; above 0.

        Source: Ian Witten and Timothy Bell, "The zero-frequency problem", IEEE Transactions on Information
        Theory 37(4), 1991: what never came shares as much as there were different tokens that did.
        """
        probability = 1 / num_tokens
        for order in range(min(len(context), self._max_order) + 1):
            followers = self._followers.get(tuple(context[len(context) - order :]))
            if followers:
                shares = followers.total() + len(followers)
                probability = (followers[token] + len(followers) * probability) / shares
        return probability

    def choices(
        self, context: Sequence[Token], variety: int = 1, fits: Callable[[Token], bool] | None = None
    ) -> Counter[Token]:
        """What followed the longest known end of ``context``, and how often.

        The context is shortened until there are ``variety`` different tokens to choose from, or none is left.
        ``fits``: whether a token counts; all do, if it is left out.
        """
        found: Counter[Token] = Counter()
        for order in range(min(len(context), self._max_order), -1, -1):
            followers = self._followers.get(tuple(context[len(context) - order :]), found)
            if fits is not None:
                followers = Counter({token: count for token, count in followers.items() if fits(token)})
            found = followers or found
            if len(found) >= variety:
                break
        return found


def choose(counts: Counter[Token], random: Random, temperature: float = 1.0) -> Token:
    """Draw a token, each as likely as its count to the power of ``1 / temperature``."""
    tokens = sorted(counts, key=repr)
    weights = [counts[token] ** (1 / max(temperature, TEMPERATURES.low)) for token in tokens]
    return random.choices(tokens, weights)[0]


class MarkovMelody:
    """Continues a melody in the pitches and turns that the player has used so far.

    It remembers all the calls of a performance. Where the call's end has only ever been
    followed by one pitch, a shorter context is asked, so that the answer is not the call.
    """

    def __init__(self) -> None:
        self._chain: MarkovChain[int] = MarkovChain()
        self._solo = HeardSolo()
        self._latest: list[int] = []  # pitches of the solo that is heard note by note

    def weigh(self, request: PitchRequest) -> list[PitchRow]:
        """How likely each pitch is after those that were heard, whenever it comes."""
        if self._solo.is_another(request):
            self._latest = []
        for note in self._solo.new_notes(request):
            self._latest = [*self._latest[-MAX_ORDER:], note.pitch]
            self._chain.learn_last(self._latest)
        context = self._latest[-MAX_ORDER:]
        likely = (self._chain.probability(context, pitch, PITCHES) for pitch in range(PITCHES))
        return [row_of([log(each) for each in likely])] * len(DISTANCES)

    def continue_melody(self, request: MelodyRequest) -> Iterator[int]:
        """New pitches after the call, which is learnt whether or not any of them is asked for."""
        melody = [note.pitch for note in request.primer]
        self._chain.learn(melody)
        return self._continue(melody, request)

    def _continue(self, melody: list[int], request: MelodyRequest) -> Iterator[int]:
        random = Random(request.seed)
        while True:
            melody.append(choose(self._chain.choices(melody, variety=2), random, request.temperature))
            yield melody[-1]


Stroke = tuple[tuple[str, int], ...]  # the drums of one step with their velocities, by name


class MarkovDrums:
    """Makes a beat of a beat: each step follows from those before it and belongs to its place in the bar."""

    def make_beat(self, request: DrumsRequest) -> tuple[Hit, ...]:
        """A beat as long as the loop, made of the request's own."""
        length = request.steps_per_bar * request.num_bars
        strokes: list[Stroke] = [
            tuple(sorted((hit.instrument.value, hit.velocity) for hit in request.primer if hit.step == step))
            for step in range(length)
        ]
        chain: MarkovChain[tuple[int, Stroke]] = MarkovChain(max_order=2)
        places = [_place(step % request.steps_per_bar) for step in range(length)]
        chain.learn(list(zip(places, strokes, strict=True)) * 2)
        random = Random(request.seed)
        beat = [(places[0], strokes[0])]
        for place in places[1:]:
            fitting = chain.choices(beat, variety=2, fits=partial(_is_at, place))
            beat.append(choose(fitting, random, request.temperature))
        return tuple(
            Hit(step, Instrument(name), velocity)
            for step, (_, stroke) in enumerate(beat)
            for name, velocity in stroke
        )


class Markov(MarkovMelody, MarkovDrums):
    """Learns melodies and beats from you while you play; knows nothing before."""

    def __init__(self) -> None:
        super().__init__()
        self._foreseen: dict[Model, MarkovChain[int]] = {model: MarkovChain() for model in Model}

    def log_likelihood(self, model: Model, events: Sequence[int]) -> float:
        """The log likelihood of all events after the first, in nats, each learnt once it has come."""
        chain, total = self._foreseen[model], 0.0
        chain.learn_last(events[:1])
        for index in range(1, len(events)):
            context = events[max(0, index - MAX_ORDER) : index]
            total += log(chain.probability(context, events[index], NUM_EVENTS[model]))
            chain.learn_last([*context, events[index]])
        return total


def _is_at(place: int, token: tuple[int, Stroke]) -> bool:
    return token[0] == place


def _place(step_in_bar: int) -> int:
    """What a step may sound like: the bar line is a place of its own, and so is each 16th of a quarter.

    >>> [_place(step) for step in range(6)]
    [-1, 1, 2, 3, 0, 1]
    """
    return step_in_bar % 4 if step_in_bar else -1
