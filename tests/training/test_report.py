"""What is told of a model: all of it, from the model's own scores to the pictures."""

from math import log
from pathlib import Path

import pytest

from psc2.models.bundles.bundle import read_bundle
from psc2.models.rnn.native import NativeRnn
from psc2.models.rnn.players import event_log_likelihood
from psc2.training.datasets import Piece, passages
from tests.models.bundles.examples import written
from tests.training.corpora import beats, scales

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("jax", "foundry")]


@pytest.mark.parametrize("configuration", ["attention_rnn", "drum_kit"])
def test_magentas_own_evaluation_finds_the_same(configuration: str) -> None:
    """To a thousandth, in the graph that its trainer evaluates with."""
    from psc2.training import evaluation

    attention = 5 if configuration == "attention_rnn" else 0
    bundle = read_bundle(written(configuration, (16, 8), attention))
    make = scales if configuration == "attention_rnn" else beats
    found = passages(make(3, 150, seed=1), bundle.configuration)
    native = -sum(map(NativeRnn(bundle).log_likelihood, found)) / sum(len(p) - 1 for p in found)
    assert evaluation.nats_per_event(bundle, found) == pytest.approx(native, abs=1e-4)


def test_an_event_is_as_likely_as_all_the_classes_that_say_it() -> None:
    """A pitch that repeats is said by two; a hold by three, as nothing came before the beginning."""
    bar = [60, -2, 62, -2, 64, -2, 65, -2, 67, -2, 69, -2, 71, -2, 72, -2]
    rnn = NativeRnn(read_bundle(written("attention_rnn", (16, 8), 5)))
    likely = rnn.softmaxes(bar * 2)[15:]
    # attention_rnn's classes: 36 pitches from 48 on, no event, note off, as a bar ago, as two bars ago
    say_it = [(36, 38, 39) if event == -2 else (event - 48, 38) for event in bar]
    expected = sum(log(row[list(classes)].sum()) for row, classes in zip(likely, say_it, strict=False))
    second = event_log_likelihood(rnn, bar * 2) - event_log_likelihood(rnn, bar)
    assert second == pytest.approx(expected, abs=1e-4)
    one_way = NativeRnn(read_bundle(written("basic_rnn", (16, 8), 0)))
    assert event_log_likelihood(one_way, bar * 2) == pytest.approx(one_way.log_likelihood(bar * 2), abs=1e-4)


@pytest.mark.parametrize("configuration", ["attention_rnn", "drum_kit"])
def test_a_report_has_every_figure_and_picture(
    configuration: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from psc2.training import ngrams, report

    monkeypatch.setattr(report, "SIZE", 3)
    monkeypatch.setattr(report, "BEATS", 3)
    monkeypatch.setattr(ngrams, "TUNING_STEPS", 5)
    monkeypatch.setattr(ngrams, "MAX_ORDER", 2)
    make = scales if configuration == "attention_rnn" else beats
    train, held_out = make(3, 400, seed=1), make(2, 400, seed=2)
    if configuration == "attention_rnn":
        held_out = [Piece(p.name, p.events, ((0, "C"), (160, "F7"))) for p in held_out]
    output: list[str] = []
    bundle = read_bundle(written(configuration, (16, 8)))
    path = report.write(report.Report(bundle, train, held_out, tmp_path / "new"), output.append)
    text = path.read_text()
    assert "**" + configuration + "**, native engine" in text
    assert "Markov, order 2" in text
    assert "Patterns that the training split has as well" in text
    assert ("**temperature " in text) == (configuration == "attention_rnn")
    assert output
    pictures = {picture.name for picture in path.parent.glob("*.png")}
    assert "copies.png" in pictures
    assert ("temperatures.png" in pictures) == (configuration == "attention_rnn")
