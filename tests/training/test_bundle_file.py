"""What has been trained is a bundle that Magenta itself loads, with its own commands."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from psc2.models.bundles.bundle import read_bundle
from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.training.recipe import RECIPES

pytestmark = [pytest.mark.models, pytest.mark.usefixtures("jax", "foundry")]


@pytest.mark.parametrize("configuration", sorted(RECIPES.keys() & CONFIGURATIONS.keys()))
def test_it_holds_the_very_weights(configuration: str, tmp_path: Path) -> None:
    from psc2.training import bundle_file
    from psc2.training.magenta_trainee import MagentaTrainee

    recipe = replace(RECIPES[configuration], units=(16, 8), attention=5)
    weights = {n: np.asarray(w) for n, w in MagentaTrainee(recipe).initial().items()}
    path = tmp_path / "made.mag"
    bundle = bundle_file.write(weights, recipe, "Of scales.", path)
    assert bundle.sha256 == read_bundle(path.read_bytes()).sha256
    assert (bundle.units, bundle.attention_length, bundle.description) == ([16, 8], 5, "Of scales.")
    assert {name: tensor.tolist() for name, tensor in bundle.tensors.items()} == {
        name: tensor.tolist() for name, tensor in weights.items()
    }
    assert list(tmp_path.iterdir()) == [path]
