"""How a model is trained: what was found to be best, and what may be changed to try something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from math import inf, isfinite
from typing import Any

from psc2.errors import ModelError
from psc2.models.rnn.encodings import STEPS_PER_BAR


@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of a training; with the data they decide what comes out."""

    configuration: str  # one of Magenta's
    units: tuple[int, ...]  # of each layer
    attention: int  # steps that it looks back, 0 for none
    window: int = 512  # steps that the network hears in one go …
    part: int = 128  # … and that a step of learning looks back
    batch: int = 16  # windows at a time
    epochs: int = 45
    learning_rate: float = 5e-3  # the highest; it falls to nothing
    clip: float = 1.0  # the longest that a gradient may be
    averaging: float = 0.99  # share of the averaged weights that a step of learning leaves as it is
    dropout: float = 0.1  # of what a layer passes on
    recurrent_dropout: float = 0.1  # of a layer's weights from its own last output
    weight_decay: float = 0.0  # share of the weights that goes in a step of learning at a rate of 1
    any_key: float = 0.0  # melodies: share of windows moved by any interval, not into C
    even: float = 0.0  # melodies: share of windows whose pitches come one a 16th
    grid_fit: float = 0.0  # drums: takes of which a smaller share lies on the grid are left out
    seed: int = 0


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
    values: dict[str, Any] = {}
    for change in changes:
        name, _, text = change.partition("=")
        if name not in READERS:
            raise ModelError(f"--set {change}: expected one of {', '.join(READERS)} before the =, got {name}")
        expected, read = READERS[name]
        try:
            values[name] = read(text)
        except ValueError as error:
            raise ModelError(f"--set {change}: expected {expected} after the =, got {text}") from error
    return replace(recipe, **values)


def _whole(least: int) -> Callable[[str], int]:
    """A reader of whole numbers of ``least`` or more."""

    def read(text: str) -> int:
        """Read a whole number that is not too small. Raises: ValueError."""
        return int(_within(int(text), least, inf))

    return read


def _wholes(text: str) -> tuple[int, ...]:
    """Read whole numbers of 1 or more between commas. Raises: ValueError."""
    return tuple(map(_whole(1), text.split(",")))


def _bars(text: str) -> int:
    """Read a number of steps that makes two or more whole bars. Raises: ValueError."""
    if int(text) % STEPS_PER_BAR:
        raise ValueError(text)
    return int(_within(int(text), 2 * STEPS_PER_BAR, inf))


def _share(text: str) -> float:
    """Read a share, 0 ≤ share < 1. Raises: ValueError."""
    return _within(float(text), 0, 1 - 1e-9)


def _positive(text: str) -> float:
    """Read a number above 0. Raises: ValueError."""
    return _within(float(text), 1e-9, inf)


def _within(number: float, least: float, most: float) -> float:
    """Check that a number is finite and from ``least`` to ``most``, inclusive. Raises: ValueError."""
    if not isfinite(number) or not least <= number <= most:
        raise ValueError(number)
    return number


BY_TYPE: dict[str, tuple[str, Callable[[str], Any]]] = {
    "tuple[int, ...]": ("whole numbers of 1 or more", _wholes),
    "int": ("a whole number of 1 or more", _whole(1)),
    "float": ("a share of 0 to below 1", _share),
}
OTHERS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "attention": ("a whole number of 0 or more", _whole(0)),
    "window": ("whole bars of 16 steps, 2 or more,", _bars),
    "seed": ("a whole number of 0 or more", _whole(0)),
    "learning_rate": ("a number above 0", _positive),
    "clip": ("a number above 0", _positive),
}
READERS = {
    field.name: OTHERS.get(field.name) or BY_TYPE[str(field.type)]
    for field in fields(Recipe)
    if field.name != "configuration"
}
