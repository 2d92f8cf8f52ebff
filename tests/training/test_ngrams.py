"""Interpolated Markov models."""

import math

import pytest

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("jax", "short_contexts")]


@pytest.fixture
def short_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    from psc2.training import ngrams

    monkeypatch.setattr(ngrams, "MAX_ORDER", 3)


def test_what_a_context_decides_is_found_at_its_order() -> None:
    """After two events the third is certain; after one it is one of two."""
    from psc2.training import ngrams

    cycle = [0, 1, 0, 2] * 200
    first, second, *_ = ngrams.best_of_each_order([cycle], [cycle[:101]], num_events=3)
    assert (first.order, second.order) == (1, 2)
    assert first.nats == pytest.approx(math.log(2) / 2, abs=0.02)
    assert second.nats < 0.03


def test_what_was_never_heard_is_as_likely_as_anything() -> None:
    from psc2.training import ngrams

    found = ngrams.best_of_each_order([[0] * 10], [[1, 2, 3, 1, 3, 2]], num_events=4)
    assert all(math.log(3) <= order.nats <= math.log(4) + 0.3 for order in found)


@pytest.mark.parametrize("smoothing", ["Pitman-Yor", "Kneser-Ney"])
def test_the_probabilities_of_all_events_add_up_to_one(smoothing: str) -> None:
    """So that no model can seem better than it is."""
    import numpy as np

    from psc2.training import ngrams

    random = np.random.default_rng(1)
    train = [random.integers(0, 5, 60).tolist() for _ in range(4)]
    context = train[0][:8]
    parameters = [(0.6, 0.8), (0.4, 2.0), (0.9, 0.1), (0.3, 0.5)]
    total = 0.0
    for event in range(5):
        likely = np.array([1 / 5])
        counted = ngrams._counted(train, [[*context, event]], smoothing == "Kneser-Ney", bar=0)
        for table, (discount, weight) in zip(counted, parameters, strict=True):
            likely = ngrams._corrected(table[-1:], discount, weight, likely)
        total += float(likely[0])
    assert total == pytest.approx(1, abs=1e-5)


def test_a_meter_helps_where_the_place_in_the_bar_decides() -> None:
    from psc2.training import ngrams

    bars = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] * 40
    blind = ngrams.best_of_each_order([bars], [bars[:161]], num_events=2)[-1]
    knowing = ngrams.best_of_each_order([bars], [bars[:161]], num_events=2, bar=16)[-1]
    assert knowing.nats < 0.01 < blind.nats
