"""How a model is trained: what was found to be best, and what may be changed to try something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError

from psc2.errors import ModelError
from psc2.models.rnn.encodings import STEPS_PER_BAR

TWO_BARS = 2 * STEPS_PER_BAR

Positive = Annotated[int, Field(ge=1, description="a whole number of 1 or more")]
NotNegative = Annotated[int, Field(ge=0, description="a whole number of 0 or more")]
Sizes = Annotated[
    tuple[Positive, ...],
    BeforeValidator(lambda text: text.split(",")),
    Field(description="whole numbers of 1 or more"),
]
Bars = Annotated[
    int, Field(ge=TWO_BARS, multiple_of=STEPS_PER_BAR, description="whole bars of 16 steps, 2 or more,")
]
Rate = Annotated[float, Field(gt=0, allow_inf_nan=False, description="a number above 0")]
Share = Annotated[float, Field(ge=0, lt=1, description="a share of 0 to below 1")]


@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of a training; with the data they decide what comes out."""

    configuration: str  # one of Magenta's, or interval_rnn
    units: Sizes  # of each layer
    attention: NotNegative  # steps that it looks back, 0 for none
    window: Bars = 512  # steps that the network hears in one go …
    part: Positive = 128  # … and that a step of learning looks back
    batch: Positive = 16  # windows at a time
    epochs: Positive = 45
    learning_rate: Rate = 5e-3  # the highest; it falls to nothing
    clip: Rate = 1.0  # the longest that a gradient may be
    averaging: Share = 0.99  # share of the averaged weights that a step of learning leaves as it is
    dropout: Share = 0.1  # of what a layer passes on
    recurrent_dropout: Share = 0.1  # of a layer's weights from its own last output
    weight_decay: Share = 0.0  # share of the weights that goes in a step of learning at a rate of 1
    any_key: Share = 0.0  # melodies: share of windows moved by any interval, not into C
    even: Share = 0.0  # melodies: share of windows whose pitches come one a 16th
    no_chords: Share = 0.0  # interval_rnn: share of windows that are heard without their chords
    grid_fit: Share = 0.0  # drums: takes of which a smaller share lies on the grid are left out
    seed: NotNegative = 0


RECIPES = {
    recipe.configuration: recipe
    for recipe in (
        Recipe(
            "attention_rnn",
            units=(128, 128),
            attention=40,
            epochs=70,
            recurrent_dropout=0.2,
            weight_decay=0.1,
            any_key=0.5,
            even=0.1,
        ),
        Recipe(
            "interval_rnn",
            units=(384,),
            attention=0,
            epochs=14,
            learning_rate=3e-3,
            dropout=0.3,
            recurrent_dropout=0.3,
            weight_decay=0.1,
            no_chords=0.2,
        ),
        Recipe(
            "drum_kit",
            units=(256, 256, 256),
            attention=32,
            window=128,
            epochs=10,
            learning_rate=2e-3,
            dropout=0.2,
        ),
    )
}


def changed(recipe: Recipe, changes: Sequence[str]) -> Recipe:
    """The recipe with changes such as ``dropout=0.5`` or ``units=256,256``. Raises: ModelError.

    >>> changed(RECIPES["drum_kit"], ["units=64,64", "dropout=0.5"]).units
    (64, 64)
    """
    settings = get_type_hints(Recipe, include_extras=True)
    del settings["configuration"]
    values: dict[str, Any] = {}
    for change in changes:
        name, _, text = change.partition("=")
        if name not in settings:
            raise ModelError(
                f"--set {change}: expected one of {', '.join(settings)} before the =, got {name}"
            )
        try:
            values[name] = TypeAdapter(settings[name]).validate_python(text)
        except ValidationError as error:
            expected = get_args(settings[name])[-1].description
            raise ModelError(f"--set {change}: expected {expected} after the =, got {text}") from error
    return replace(recipe, **values)
