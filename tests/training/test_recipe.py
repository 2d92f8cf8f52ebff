"""Recipes, and what may be changed in them."""

import pytest

from psc2.errors import ModelError
from psc2.models.interval.configuration import EVERY_CONFIGURATION
from psc2.training.recipe import RECIPES, changed


def test_there_is_a_recipe_for_each_kind_of_model_in_magentas_own_size() -> None:
    assert {EVERY_CONFIGURATION[name].model.value for name in RECIPES} == {"melody", "drums"}
    melody, drums = RECIPES["attention_rnn"], RECIPES["drum_kit"]
    assert (melody.units, melody.attention) == ((128, 128), 40)
    assert (drums.units, drums.attention) == ((256, 256, 256), 32)


def test_each_part_may_be_changed() -> None:
    recipe = changed(RECIPES["drum_kit"], ["units=64,32", "dropout=0.5", "epochs=3"])
    assert (recipe.units, recipe.dropout, recipe.epochs) == ((64, 32), 0.5, 3)
    assert recipe.attention == RECIPES["drum_kit"].attention


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("speed=3", "expected one of units, attention,"),
        ("configuration=one_drum", "expected one of units, attention,"),
        ("", "expected one of units, attention,"),
        ("epochs=x", "expected a whole number of 1 or more after the =, got x"),
        ("epochs=0", "expected a whole number of 1 or more after the =, got 0"),
        ("seed=-1", "expected a whole number of 0 or more after the =, got -1"),
        ("units=", "expected whole numbers of 1 or more after the =, got "),
        ("units=64,0", "expected whole numbers of 1 or more after the =, got 64,0"),
        ("window=100", "expected whole bars of 16 steps, 2 or more, after the =, got 100"),
        ("window=16", "expected whole bars of 16 steps, 2 or more, after the =, got 16"),
        ("dropout=1", "expected a share of 0 to below 1 after the =, got 1"),
        ("dropout=nan", "expected a share of 0 to below 1 after the =, got nan"),
        ("learning_rate=0", "expected a number above 0 after the =, got 0"),
        ("learning_rate=inf", "expected a number above 0 after the =, got inf"),
    ],
)
def test_what_makes_no_sense_is_reported(change: str, message: str) -> None:
    with pytest.raises(ModelError) as error:
        changed(RECIPES["attention_rnn"], [change])
    assert str(error.value).startswith(f"--set {change}: {message}")
