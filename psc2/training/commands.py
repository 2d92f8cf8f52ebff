"""``psc2 models train`` and ``report``: from music to a bundle, and to its measures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from psc2.core.ranges import counted
from psc2.errors import ModelError
from psc2.files import make_folder
from psc2.models.bundles import store
from psc2.models.interval import bundle as interval_bundle
from psc2.models.interval.configuration import EVERY_CONFIGURATION, INTERVAL_RNN
from psc2.resources import COMMAND
from psc2.text import print_line
from psc2.training import datasets, fit, pictures
from psc2.training.datasets import Piece, Read
from psc2.training.epoch import Epoch, best_of
from psc2.training.interval_trainee import IntervalTrainee
from psc2.training.magenta_trainee import MagentaTrainee
from psc2.training.recipe import RECIPES, Recipe, changed
from psc2.training.report import Report, write
from psc2.training.trainee import Trainee

CURVE = "loss.png"


def train(options: argparse.Namespace) -> int:
    """Train, or go on with a training, and write what foresaw the held-out music best as a bundle."""
    recipe = changed(RECIPES[options.configuration], options.set)
    folder: Path = options.out
    _make(folder)
    with _bars() as bars:
        configuration = EVERY_CONFIGURATION[recipe.configuration]
        train, validation = _read(datasets.to_train(options.data, configuration, _remark), bars)
        print_line(
            f"{recipe.configuration}: {_summary(train)} to train on, {_summary(validation)} held out",
            flush=True,
        )
        history = _fit(recipe, train, validation, folder, bars)
    best = best_of(history)
    pictures.loss_curve(history, folder / CURVE)
    description = options.description or f"Trained with psc2 on {options.data.resolve().name}."
    path = _write(folder, recipe, description)
    print_line(
        f"{path}: epoch {best.number} of {recipe.epochs}, {best.validation:.4f} nats per held-out event"
    )
    print_line(f"to play with it: {COMMAND} models add {path}")
    return 0


def report(options: argparse.Namespace) -> int:
    """Measure a model, and write figures and pictures."""
    bundle = store.read(options.name)
    _make(options.out)
    with _bars() as bars:
        train, validation = _read(datasets.to_train(options.data, bundle.configuration, _remark), bars)
        path = write(Report(bundle, train, validation, options.out), _remark)
    print_line(path)
    return 0


def _remark(line: str) -> None:
    print_line(line, file=sys.stderr, flush=True)


def _make(folder: Path) -> None:
    """Make a folder that can be written, if it is not there. Raises: ModelError."""
    try:
        make_folder(folder)
    except OSError as error:
        raise ModelError(
            f"{folder}: expected a folder that can be written, got none ({error.strerror})"
        ) from error


def _read(splits: Iterable[Sequence[Read]], bars: Progress) -> list[list[Piece]]:
    """Read the pieces of each split. Raises: ModelError if one has none."""
    found = []
    for reads in splits:
        pieces: list[Piece] = []
        for read in bars.track(reads, description="reading"):
            try:
                pieces += read()
            except ModelError as error:
                _remark(f"left out: {error}")
        found.append(pieces)
    if not all(found):
        raise ModelError("expected music to train on and to choose by, got none that can be read")
    return found


def _fit(
    recipe: Recipe, train: list[Piece], validation: list[Piece], folder: Path, bars: Progress
) -> list[Epoch]:
    history = fit.history_in(folder)
    all_epochs = bars.add_task("epochs", total=recipe.epochs, completed=len(history))
    windows = bars.add_task("windows", total=None)

    def progress(done: int, of: int) -> None:
        bars.update(windows, completed=done, total=of)

    if history:
        print_line(f"{folder}: going on after epoch {len(history)}", flush=True)
    for epoch in fit.train_epochs(_trainee(recipe), train, validation, folder, progress):
        history.append(epoch)
        bars.update(all_epochs, completed=epoch.number)
        print_line(
            f"epoch {epoch.number:3}  {epoch.train:.4f} nats per event while learning, "
            f"{epoch.validation:.4f} held out",
            flush=True,
        )
    return history


def _write(folder: Path, recipe: Recipe, description: str) -> Path:
    """Write what foresaw the held-out music best as a bundle. Returns: its file. Raises: ModelError."""
    if recipe.configuration == INTERVAL_RNN.id:
        path = folder / f"{recipe.configuration}.npz"
        interval_bundle.write([fit.best_in(folder)], description, path)
        return path
    from psc2.training import bundle_file  # TensorFlow, which takes seconds

    path = folder / f"{recipe.configuration}.mag"
    bundle_file.write(fit.best_in(folder), recipe, description, path)
    return path


def _trainee(recipe: Recipe) -> Trainee:
    """The kind of network that a recipe is for."""
    return IntervalTrainee(recipe) if recipe.configuration == INTERVAL_RNN.id else MagentaTrainee(recipe)


def _summary(pieces: Sequence[Piece]) -> str:
    events = sum(len(piece.events) for piece in pieces)
    return f"{counted(len(pieces), 'piece')} ({counted(events, 'event')})"


def _bars() -> Progress:
    """Progress bars, where somebody looks."""
    return Progress(
        TextColumn("{task.description:8}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(file=sys.stderr),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        disable=not sys.stderr.isatty(),
    )
