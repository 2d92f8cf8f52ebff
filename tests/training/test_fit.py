"""Training: it learns, it can be stopped and goes on, and it keeps the best."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from psc2.errors import ModelError
from psc2.training.recipe import RECIPES, Recipe
from tests.training.corpora import beats, scales

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("jax")]

SMALL = {"window": 128, "part": 32, "batch": 4, "epochs": 3, "dropout": 0.1, "recurrent_dropout": 0.1}
DRUMS = replace(RECIPES["drum_kit"], units=(16, 16), attention=4, **SMALL)  # type: ignore[arg-type]
MELODY = replace(RECIPES["attention_rnn"], units=(16, 16), attention=4, **SMALL)  # type: ignore[arg-type]
TRAIN, HELD_OUT = beats(6, 256, seed=1), beats(2, 200, seed=2)


def trained(recipe: Recipe, folder: Path) -> list[tuple[int, float, float]]:
    from psc2.training import fit
    from psc2.training.magenta_trainee import MagentaTrainee

    train, held_out = (
        (TRAIN, HELD_OUT) if recipe.configuration == "drum_kit" else (scales(6, 256, 1), scales(2, 200, 2))
    )
    return [
        (e.number, e.train, e.validation)
        for e in fit.train_epochs(MagentaTrainee(recipe), train, held_out, folder)
    ]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("uninterrupted")
    trained(DRUMS, folder)
    return folder


def weights(folder: Path) -> dict[str, np.ndarray]:
    with np.load(folder / "best.npz") as file:
        return {name: file[name] for name in file.files}


def test_it_learns_what_is_easily_foreseen(tmp_path: Path) -> None:
    epochs = trained(replace(MELODY, epochs=6), tmp_path)
    assert [number for number, *_ in epochs] == [1, 2, 3, 4, 5, 6]
    assert epochs[-1][2] < 0.75 * epochs[0][2]
    assert epochs[-1][1] < 0.75 * epochs[0][1]


def test_what_it_keeps_is_as_good_in_the_engine_that_plays_it(uninterrupted: Path) -> None:
    from psc2.models.bundles.bundle import Bundle
    from psc2.models.rnn.configurations import CONFIGURATIONS
    from psc2.models.rnn.native import NativeRnn
    from psc2.training import fit
    from psc2.training.datasets import passages

    best = min(epoch.validation for epoch in fit.history_in(uninterrupted))
    configuration = CONFIGURATIONS["drum_kit"]
    native = NativeRnn(Bundle(configuration, "", weights(uninterrupted), 4, ""))
    found = passages(HELD_OUT, configuration)
    nats = -sum(native.log_likelihood(passage) for passage in found) / sum(len(p) - 1 for p in found)
    assert nats == pytest.approx(best, abs=1e-4)


def test_stopped_and_gone_on_with_it_is_as_if_never_stopped(uninterrupted: Path, tmp_path: Path) -> None:
    from psc2.training import fit
    from psc2.training.magenta_trainee import MagentaTrainee

    stopped = fit.train_epochs(MagentaTrainee(DRUMS), TRAIN, HELD_OUT, tmp_path)
    next(stopped)
    stopped.close()
    assert len(fit.history_in(tmp_path)) == 1
    assert [number for number, *_ in trained(DRUMS, tmp_path)] == [2, 3]
    assert fit.history_in(tmp_path) == fit.history_in(uninterrupted)
    assert all((tensor == weights(uninterrupted)[name]).all() for name, tensor in weights(tmp_path).items())


def test_one_that_is_done_is_left_as_it_is(uninterrupted: Path) -> None:
    before = (uninterrupted / "best.npz").read_bytes()
    assert trained(DRUMS, uninterrupted) == []
    assert (uninterrupted / "best.npz").read_bytes() == before


def test_a_checkpoint_of_another_recipe_or_other_music_is_reported(uninterrupted: Path) -> None:
    from psc2.training import fit
    from psc2.training.magenta_trainee import MagentaTrainee

    message = "expected a training of the same recipe and music, or an empty folder"
    with pytest.raises(ModelError, match=message):
        trained(replace(DRUMS, dropout=0.2), uninterrupted)
    with pytest.raises(ModelError, match=message):
        next(fit.train_epochs(MagentaTrainee(DRUMS), TRAIN[1:], HELD_OUT, uninterrupted))


@pytest.mark.parametrize("damage", [b"", b"no zip", None])
def test_a_damaged_checkpoint_is_reported(uninterrupted: Path, tmp_path: Path, damage: bytes | None) -> None:
    whole = (uninterrupted / "checkpoint.npz").read_bytes()
    (tmp_path / "checkpoint.npz").write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(ModelError, match=r"checkpoint\.npz: expected a checkpoint of psc2 models train"):
        trained(DRUMS, tmp_path)


def test_too_little_music_is_reported(tmp_path: Path) -> None:
    from psc2.training import fit
    from psc2.training.magenta_trainee import MagentaTrainee

    with pytest.raises(ModelError, match="expected pieces of 32 steps or more to train on, got none"):
        next(fit.train_epochs(MagentaTrainee(DRUMS), beats(3, 20, seed=1), HELD_OUT, tmp_path))


def test_a_training_that_breaks_is_reported_and_leaves_nothing_to_play(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="epoch 1: expected finite losses, got others"):
        trained(replace(DRUMS, learning_rate=1e30), tmp_path)
    assert not (tmp_path / "best.npz").exists()


def test_another_seed_is_another_training(uninterrupted: Path, tmp_path: Path) -> None:
    from psc2.training import fit

    trained(replace(DRUMS, seed=1, epochs=1), tmp_path)
    assert fit.history_in(tmp_path)[0] != fit.history_in(uninterrupted)[0]


def test_the_history_can_be_read_by_anyone(uninterrupted: Path) -> None:
    history = json.loads((uninterrupted / "history.json").read_text())
    assert [epoch["number"] for epoch in history["history"]] == [1, 2, 3]
    assert history["recipe"]["configuration"] == "drum_kit"


def test_the_best_is_kept_and_not_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from psc2.training import fit
    from psc2.training.magenta_trainee import MagentaTrainee

    scores = iter([2.0, 1.0, 3.0])
    kept = []
    monkeypatch.setattr(fit.Learner, "score", lambda *_: next(scores))
    for epoch in fit.train_epochs(MagentaTrainee(DRUMS), TRAIN, HELD_OUT, tmp_path):
        kept.append((epoch.number, weights(tmp_path)["fully_connected/bias"]))
    assert (kept[1][1] == kept[2][1]).all()
    assert (kept[0][1] != kept[1][1]).any()
