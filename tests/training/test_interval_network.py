"""Training a network that hears intervals: the same network as the one that plays, and it learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from psc2.errors import ModelError
from psc2.models.bundles.checkpoint import FormatError
from psc2.models.interval import bundle as bundles
from psc2.models.interval.engine import IntervalRnn
from psc2.training import lines
from psc2.training.datasets import Piece
from psc2.training.lines import SoloPassage
from psc2.training.recipe import RECIPES
from tests.models.interval.networks import weights

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("jax")]

CHORDS = ((0, "D-7"), (16, "G7"), (32, "Cj7"))


def solo(seed: int, steps: int = 160) -> Piece:
    """A line of thirds and seconds with rests, over chords."""
    random = np.random.default_rng(seed)
    events, pitch = list[int](), 62
    while len(events) < steps:
        pitch = int(np.clip(pitch + random.choice([-4, -2, -1, 1, 2, 3]), 50, 80))
        events += [pitch, *[-2] * int(random.integers(0, 3))]
        if random.random() < 0.2:
            events += [-1, -2]
    chords = tuple((start + step, symbol) for start in range(0, steps, 48) for step, symbol in CHORDS)
    return Piece(f"solo {seed}", events[:steps], chords, qpm=180.0)


def test_training_and_playing_are_one_network() -> None:
    from psc2.training import interval_network
    from psc2.training.network import Dropout

    passages = [
        SoloPassage(solo(1), 0, 120),
        SoloPassage(solo(2), 16, 100, 3),
        SoloPassage(solo(3), 0, 90, -2, False),
    ]
    batch = lines.encode(passages, num_lines=4, num_steps=130)
    given = weights(1, units=12, hidden=10)
    happens, pitches = interval_network.losses(dict(given), batch, Dropout(), None)
    rnn = IntervalRnn(bundles.IntervalBundle("", (given,), ""))
    for row, passage in enumerate(passages):
        nats = float(np.asarray(happens)[:, row].sum() + np.asarray(pitches)[:, row].sum())
        assert -rnn.over(passage.context).log_likelihood(passage.events) == pytest.approx(nats, rel=2e-3)
    assert batch.num_events == sum(len(passage.events) - 1 for passage in passages)


SMALL = {"units": (16,), "window": 64, "batch": 4, "epochs": 3, "dropout": 0.1, "learning_rate": 1e-2}
RECIPE = replace(RECIPES["interval_rnn"], **SMALL)  # type: ignore[arg-type]


def test_it_learns_goes_on_where_it_was_stopped_and_is_a_bundle_at_last(tmp_path: Path) -> None:
    from psc2.training import fit
    from psc2.training.interval_trainee import IntervalTrainee

    trainee = IntervalTrainee(RECIPE)
    train, held_out = [solo(seed) for seed in range(6)], [solo(9)]
    at_once = [epoch.validation for epoch in fit.train_epochs(trainee, train, held_out, tmp_path / "at once")]
    assert at_once[2] < at_once[0]
    stopped = fit.train_epochs(trainee, train, held_out, tmp_path / "stopped")
    next(stopped)
    stopped.close()
    resumed = [epoch.validation for epoch in fit.train_epochs(trainee, train, held_out, tmp_path / "stopped")]
    assert resumed == at_once[1:]
    path = tmp_path / "ours.npz"
    bundles.write([fit.best_in(tmp_path / "stopped")], "Of thirds.", path)
    rnn = IntervalRnn(bundles.read(path))
    passage = SoloPassage(held_out[0], 0, 160)
    nats = -rnn.over(passage.context).log_likelihood(passage.events) / (len(passage.events) - 1)
    assert nats == pytest.approx(min(at_once), abs=0.02)


def test_the_weights_that_training_begins_with_are_those_that_a_bundle_holds(tmp_path: Path) -> None:
    from psc2.training.interval_trainee import IntervalTrainee

    initial = {name: np.asarray(each) for name, each in IntervalTrainee(RECIPE).initial().items()}
    path = tmp_path / "ours.npz"
    bundles.write([initial], "", path)
    assert bundles.read(path).units == [16]
    bundles.write([{**initial, "another": np.zeros(3, np.float32)}], "", path)
    with pytest.raises(FormatError):
        bundles.read(path)


@pytest.mark.parametrize("change", [{"units": (16, 16)}, {"attention": 4}])
def test_sizes_that_it_does_not_have_are_told(change: dict[str, object], tmp_path: Path) -> None:
    from psc2.training import fit
    from psc2.training.interval_trainee import IntervalTrainee

    trainee = IntervalTrainee(replace(RECIPE, **change))  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="interval_rnn: expected units of one layer and no attention"):
        next(fit.train_epochs(trainee, [solo(1)], [solo(2)], tmp_path))
