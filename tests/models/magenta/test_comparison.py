"""Both engines, held against Magenta as it loads the file itself: each step of each network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from scipy import stats

from psc2.core.requests import Model
from psc2.models.bundles.bundle import Bundle, read_bundle
from psc2.models.rnn.configurations import CONFIGURATIONS, Configuration
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.models.rnn.native import NativeRnn, choose
from psc2.models.rnn.players import ClassRnn
from tests.models.bundles.examples import Floats, Foundry, Reference, written

if TYPE_CHECKING:
    from psc2.models.magenta.engine import MagentaRnn

CLOSE = 1e-5  # how far two softmaxes may be apart
CLOSE_NATS = 1e-4  # and two log-likelihoods, an event
NO_CHANCE = 1e-6  # a temperature at which the likeliest class is as good as certain


class Kind(NamedTuple):
    """What to ask of the foundry."""

    configuration: str
    layers: tuple[int, ...] = ()  # none for the configuration's own
    attention_length: int | None = None  # None for the configuration's own
    made: str = "today"

    def __str__(self) -> str:
        layers = "-".join(map(str, self.layers))
        attention = "" if self.attention_length is None else f"+{self.attention_length}"
        return " ".join(filter(None, (self.made, self.configuration, layers + attention)))


KINDS = (
    *(Kind(name) for name in CONFIGURATIONS),
    Kind("basic_rnn", (64,)),
    Kind("basic_rnn", (24, 40), 7),
    Kind("lookback_rnn", (48, 32, 16)),
    Kind("attention_rnn", (64,), 1),
    Kind("attention_rnn", (48, 32, 16), 7),
    Kind("attention_rnn", (16, 24), 40),
    Kind("attention_rnn", (32, 20), 0),
    Kind("drum_kit", (32,), 1),
    Kind("attention_rnn", (24, 16, 20), 7, "2016"),
    Kind("attention_rnn", (32,), 40, "2016"),
    Kind("attention_rnn", (16, 24), 5, "2016 for three at once"),
    Kind("attention_rnn", made="third party"),
)


class Engines(NamedTuple):
    native: NativeRnn
    magenta: MagentaRnn
    reference: Reference

    @property
    def both(self) -> tuple[ClassRnn, ClassRnn]:
        return self.native, self.magenta

    @property
    def configuration(self) -> Configuration:
        return self.native.bundle.configuration


def data_of(kind: Kind, foundry: Foundry, request: pytest.FixtureRequest) -> bytes:
    match kind.made:
        case "2016" | "2016 for three at once":
            return foundry.make_old(kind.layers, kind.attention_length or 0, 1 if kind.made == "2016" else 3)
        case "third party":
            data: bytes = request.getfixturevalue("third_party")
            return data
        case _:
            return foundry.make(kind.configuration, kind.layers, kind.attention_length)


@pytest.fixture(scope="module", params=KINDS, ids=str)
def engines(foundry: Foundry, request: pytest.FixtureRequest) -> Iterator[Engines]:
    from psc2.models.magenta.engine import MagentaRnn

    data = data_of(request.param, foundry, request)
    bundle = read_bundle(data)
    magenta, reference = MagentaRnn(bundle), foundry.read(data)
    yield Engines(NativeRnn(bundle), magenta, reference)
    magenta.close()
    reference.close()


def primers(configuration: Configuration) -> list[list[int]]:
    """Sequences of 1 to 72 events, the last two of them longer than any attention."""
    random = Random(1)

    def event() -> int:
        if configuration.model is Model.DRUMS:
            return random.choice([0, random.randrange(configuration.encoding.num_classes)])
        pitch = random.randrange(configuration.min_pitch, configuration.max_pitch)
        return random.choice([NO_EVENT, NOTE_OFF, pitch, pitch])

    first = configuration.min_pitch + 7 if configuration.model is Model.MELODY else 1
    long = [first, *(event() for _ in range(71))]
    bar = [first, *(event() for _ in range(15))]
    return [[first], long[:2], long[:20], long, bar * 4]


models = pytest.mark.models


@models
def test_every_softmax_is_magentas(engines: Engines) -> None:
    for events in primers(engines.configuration):
        expected = engines.reference.softmaxes(events)
        assert expected.shape == (len(events), engines.configuration.encoding.num_classes)
        for rnn in engines.both:
            assert np.abs(rnn.softmaxes(events) - expected).max() <= CLOSE


@models
def test_the_weights_matter(engines: Engines) -> None:
    """Each event changes what comes next: a network that hears nothing would pass no test here."""
    softmaxes = engines.reference.softmaxes(primers(engines.configuration)[3])
    changes = np.abs(np.diff(softmaxes, axis=0)).max(axis=1)
    assert np.median(changes) > 100 * CLOSE


@models
def test_the_log_likelihood_is_magentas(engines: Engines) -> None:
    for events in primers(engines.configuration)[1:4]:
        expected = engines.reference.log_likelihood(events)
        assert expected < 0
        for rnn in engines.both:
            assert abs(rnn.log_likelihood(events) - expected) <= CLOSE_NATS * len(events)


@models
@pytest.mark.filterwarnings("ignore:divide by zero")  # Magenta's thoughts on what is not to happen at all
def test_both_engines_go_on_as_magenta_does(engines: Engines) -> None:
    """Without chance there is one way to go on. 50 events are more than are made at a time."""
    events = primers(engines.configuration)[2]
    expected = engines.reference.continued(events, 50, NO_CHANCE)
    for rnn in engines.both:
        assert list(islice(rnn.continuation(events, NO_CHANCE, seed=0), 50)) == expected


@models
def test_what_follows_comes_from_the_seed(engines: Engines) -> None:
    primer = primers(engines.configuration)[2]
    for rnn in engines.both:
        one, again, other = (
            list(islice(rnn.continuation(primer, 1.0, seed), 20)) for seed in (1, 1, 2**32 - 1)
        )
        assert one == again != other


# --- the native engine alone ----------------------------------------------------------


@pytest.fixture(scope="module", params=["attention_rnn", "drum_kit"])
def native(request: pytest.FixtureRequest) -> NativeRnn:
    return NativeRnn(small(request.param))


def small(configuration: str) -> Bundle:
    return read_bundle(written(configuration, layers=(12, 8), attention_length=5))


def test_two_sequences_at_once_do_not_hear_each_other(native: NativeRnn) -> None:
    first, second = primers(native.bundle.configuration)[2:4]
    alone = [list(islice(native.continuation(primer, 1.0, seed=3), 40)) for primer in (first, second)]
    one, other = native.continuation(first, 1.0, seed=3), native.continuation(second, 1.0, seed=3)
    together = [[next(one), next(other)] for _ in range(40)]
    assert [list(events) for events in zip(*together, strict=True)] == alone


def test_a_softmax_is_of_what_was_before_it(native: NativeRnn) -> None:
    events = primers(native.bundle.configuration)[2]
    whole = native.softmaxes(events)
    assert np.abs(whole[:7] - native.softmaxes(events[:7])).max() < 1e-6
    assert np.abs(whole.sum(axis=1) - 1).max() < 1e-6


def test_the_last_event_is_not_needed_for_the_likelihood_of_those_before(native: NativeRnn) -> None:
    events = primers(native.bundle.configuration)[2]
    assert native.log_likelihood(events) < native.log_likelihood(events[:-1]) < 0.0


DRAWS = 20_000
UNLIKELY = 0.001


def expected_counts(likely: Floats, temperature: float) -> Floats:
    scaled = likely.astype(np.float64) ** (1 / temperature)
    counts: Floats = DRAWS * scaled / scaled.sum()
    return counts


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_classes_are_drawn_as_often_as_they_are_likely(temperature: float) -> None:
    likely = np.array([0.4, 0.3, 0.15, 0.1, 0.05], np.float32)
    random = np.random.default_rng(1)
    drawn = [choose(np.log(likely) + 7, temperature, random.random()) for _ in range(DRAWS)]
    found = np.bincount(drawn, minlength=len(likely))
    assert stats.chisquare(found, expected_counts(likely, temperature)).pvalue > UNLIKELY
    for other in (0.8 * temperature, 1.25 * temperature):
        assert stats.chisquare(found, expected_counts(likely, other)).pvalue < UNLIKELY


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_the_first_event_is_drawn_from_the_softmax_after_the_primer(temperature: float) -> None:
    rnn, primer = NativeRnn(small("attention_rnn")), [60, NO_EVENT, 64]
    encoder = rnn.bundle.configuration.encoding.encoder()
    for event in primer:
        encoder.append(event)
    expected: dict[int, float] = {}
    for label, count in enumerate(expected_counts(rnn.softmaxes(primer)[-1], temperature)):
        event = encoder.event(label)  # two classes may be the same event
        expected[event] = expected.get(event, 0.0) + count / 10
    found = dict.fromkeys(expected, 0)
    for seed in range(DRAWS // 10):
        found[next(rnn.continuation(primer, temperature, seed))] += 1
    assert stats.chisquare([*found.values()], [*expected.values()]).pvalue > UNLIKELY


@pytest.mark.parametrize("temperature", [0.05, 1.0, 4.0])
def test_no_chance_is_too_small_or_too_great(temperature: float) -> None:
    logits = np.array([-1e4, 3.0, 2.0, -1e4], np.float32)
    assert choose(logits, temperature, 0.0) == 1
    assert choose(logits, temperature, np.nextafter(1.0, 0.0)) == 2 if temperature == 4.0 else True
    assert choose(np.full(40, 1e30, np.float32), temperature, np.nextafter(1.0, 0.0)) == 39
