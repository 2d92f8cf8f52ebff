"""``psc2 models …``: the models that there are, and what can be done with them.

Each command returns its exit code and raises ModelError with one line for what cannot be done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from importlib import util
from inspect import getdoc
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from rich.console import Console
from rich.progress import track

from psc2.core.ranges import counted
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.files import bounded_bytes, check_writable, make_folder
from psc2.models import catalogue, continuers
from psc2.models.bundles import download, store
from psc2.models.bundles.bundle import MAX_BUNDLE_BYTES, Bundle
from psc2.models.interval.bundle import IntervalBundle
from psc2.models.rnn import midi_events
from psc2.models.rnn.midi_events import Remark
from psc2.resources import COMMAND
from psc2.text import print_line

if TYPE_CHECKING:
    from psc2.training.datasets import Read

Item = TypeVar("Item")
TRAINING_PACKAGES = ("jax", "optax", "magenta", "tensorflow")


def list_models(options: argparse.Namespace) -> int:
    """List the models that there are to play with, a line each."""
    rows = [_row(name) for name in store.names()]
    for name, entry in sorted(catalogue.offered().items()):
        package = entry.dist.name if entry.dist else "a package"
        rows.append((name, "", "", "", f"offered by {package}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if not store.installed():
        more = f"{COMMAND} models add --help says where there are more"
        print_line()
        print_line(f"None is installed in {store.folder()}; {more}.")
    return 0


def _row(name: str) -> tuple[str, str, str, str, str]:
    try:
        bundle = store.read_any(name)
    except ModelError:
        return name, "damaged", store.fix_for(name), "", _origin(name)
    return name, _what(bundle), bundle.configuration.id, _layers(bundle), _origin(name)


def _origin(name: str) -> str:
    if name not in store.installed():
        return "comes with psc2"
    return "installed, in place of psc2's own" if name in store.PACKAGED else "installed"


def add(options: argparse.Namespace) -> int:
    """Install a bundle as a model of the user's."""
    origin = options.file
    name = options.name or store.name_of(origin)
    if name in catalogue.offered():
        raise ModelError(f"{name}: expected a new name, got one that a package offers (--name)")
    store.check_new(name)
    data = download.fetch(origin, MAX_BUNDLE_BYTES) if "://" in origin else _read(Path(origin))
    bundle = store.add(data, name, origin)
    print_line(f"{name}: {_what(bundle)}, {bundle.configuration.id}, {_layers(bundle)}")
    section = "improv" if bundle.configuration.model is Model.MELODY else "drums"
    how = f"{section}: {{model: {name}}} in a configuration, {COMMAND} play --config FILE"
    print_line(f"to play with it: {how}")
    return 0


def show(options: argparse.Namespace) -> int:
    """Print what a model is made of."""
    name = options.name
    catalogue.check_name(name)
    rows = _offered_rows(name) if name in catalogue.offered() else _bundle_rows(name)
    for key, value in rows.items():
        print_line(f"{key + ':':14}{value}")
    return 0


def _bundle_rows(name: str) -> dict[str, str]:
    """What a bundle is made of."""
    path = store.find(name)
    bundle = store.read_any(name)
    configuration = bundle.configuration
    whose = "" if isinstance(bundle, IntervalBundle) else "Magenta's "
    rows = {
        "model": f"{_what(bundle)}, {whose}{configuration.id}",
        "layers": _layers(bundle),
        "weights": f"{bundle.num_weights:,}",
        "steps": f"{configuration.steps_per_quarter} a quarter note",
        "described as": bundle.description or "nothing",
        "original": f"sha256 {bundle.sha256}",
        "here": f"{_origin(name)}, {path} ({path.stat().st_size:,} bytes)",
    }
    if configuration.model is Model.MELODY:
        rows["pitches"] = f"{configuration.min_pitch}–{configuration.max_pitch - 1}"
    return rows


def _offered_rows(name: str) -> dict[str, str]:
    """What is known of a model that a package offers."""
    entry = catalogue.offered()[name]
    opened = catalogue.open_offered(name)
    described = (getdoc(type(opened)) or "nothing").splitlines()[0]
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "a package"
    return {
        "model": " and ".join(kind.value for kind in catalogue.kinds(name, opened)),
        "described as": described,
        "here": f"offered by {package} as {entry.value}",
    }


def remove(options: argparse.Namespace) -> int:
    """Remove a model that the user has installed."""
    _check_bundle(options.name)
    store.remove(options.name)
    print_line(f"{options.name}: removed")
    return 0


def _check_bundle(name: str) -> None:
    """Check that a model is none of a package's, of which there are no weights. Raises: ModelError."""
    if name in catalogue.offered():
        raise ModelError(f"{name}: expected a bundle, got a model that a package offers")


def generate(options: argparse.Namespace) -> int:
    """Continue a primer, and write both as a MIDI file."""
    out: Path = options.out
    try:
        check_writable(out)
    except OSError as error:
        raise ModelError(f"{out}: {error.strerror}") from error
    models = continuers.find(options.name, options.engine)
    model, primer = continuers.read_primer(models, options.primer, _remarks())
    if options.qpm is not None:
        primer = [replace(excerpt, tempi=((0.0, options.qpm),)) for excerpt in primer]
    events = model.events(primer[-1], options.steps, options.temperature, options.seed)
    new = list(_progress(events, options.steps, "generating"))
    written = [*primer[:-1], replace(primer[-1], events=[*primer[-1].events, *new])]
    midi_events.write_excerpts(written, model.configuration, out)
    steps = sum(len(excerpt.events) for excerpt in primer)
    print_line(f"{out}: {counted(steps, 'step')} of primer, {counted(len(new), 'new one')}")
    return 0


def score(options: argparse.Namespace) -> int:
    """Print how well a model foresees music, in nats per event: the lower, the better."""
    from psc2.training import scoring

    scorers = scoring.find(options.name, options.engine)
    remark = _remarks()

    def progress(reads: list[Read]) -> Iterable[Read]:
        return _progress(reads, len(reads), "scoring")

    problem = None
    totals = []
    for scorer in scorers:
        try:
            totals.append((scorer, scoring.score(scorer, options.data, remark, progress)))
        except ModelError as error:  # a model of melodies and drums may find one of them
            problem = problem or error
    totals = [(scorer, total) for scorer, total in totals if total.events]
    if not totals:
        what = " or ".join(scorer.configuration.model.value for scorer in scorers)
        raise problem or ModelError(f"{options.data}: expected {what} of two events or more, got none")
    for scorer, total in totals:
        music = f"{counted(total.events, 'event')} of {counted(total.pieces, 'piece')}"
        print_line(f"{-total.nats / total.events:.4f} nats per event over {music} ({scorer.how})")
        if scorer.configuration.looks_back:
            each = -total.event_nats / total.events
            print_line(f"{each:.4f} for the event itself, which “as a bar ago” may say as well")
    return 0


def compare(options: argparse.Namespace) -> int:
    """Hold the native engine against Magenta's own. Exit code 1 if they differ."""
    from psc2.models.magenta.comparison import TOLERANCE, compare

    _check_bundle(options.name)
    bundle = store.read(options.name)
    native, magenta = (catalogue.open_classes(bundle, engine) for engine in ("native", "magenta"))
    differs = False
    for found in compare(native, magenta):
        differs |= not found.agrees
        native_ms, magenta_ms = 1000 * found.native_s, 1000 * found.magenta_s
        print_line(f"{found.primer:42} {found.steps:4} steps  largest difference {found.difference:.1e}  "
              f"native {native_ms:5.1f} ms  magenta {magenta_ms:5.1f} ms")  # fmt: skip
    print_line(f"{'they differ by more' if differs else 'all differences are smaller'} than {TOLERANCE:g}")
    return int(differs)


def examples(options: argparse.Namespace) -> int:
    """Write what a melody model and a drums model play, to be listened to."""
    from psc2.training.examples import render

    out: Path = options.out
    try:
        make_folder(out)
        melody = continuers.find_kind(options.melody, Model.MELODY)
        drums = continuers.find_kind(options.drums, Model.DRUMS)
        for path in render(melody, drums, out, options.seed):
            print_line(path)
    except OSError as error:
        raise ModelError(f"{out}: {error.strerror}") from error
    return 0


def train(options: argparse.Namespace) -> int:
    """Train a model on music, and write it as a bundle."""
    _check_training()
    from psc2.training import commands

    return commands.train(options)


def report(options: argparse.Namespace) -> int:
    """Measure a model, and write figures and pictures."""
    _check_training()
    _check_bundle(options.name)
    from psc2.training import commands

    return commands.report(options)


def _check_training() -> None:
    """Check that the extra train is installed. Raises: ModelError."""
    missing = [name for name in TRAINING_PACKAGES if util.find_spec(name) is None]
    if missing:
        raise ModelError(f"training needs {' and '.join(missing)}: scripts/extra train")


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "list": list_models,
    "add": add,
    "show": show,
    "remove": remove,
    "generate": generate,
    "score": score,
    "compare": compare,
    "train": train,
    "report": report,
    "examples": examples,
}


# --- showing --------------------------------------------------------------------------


def _what(bundle: Bundle | IntervalBundle) -> str:
    """What a bundle plays: melody or drums."""
    return bundle.configuration.model.value


def _layers(bundle: Bundle | IntervalBundle) -> str:
    """The size of a bundle's layers, as in "2 × 128, attention 40"."""
    units = bundle.units
    layers = f"{len(units)} × {units[0]}" if len(set(units)) == 1 else " + ".join(map(str, units))
    return f"{layers}, attention {bundle.attention_length}" if bundle.attention_length else layers


def _remarks() -> Remark:
    """What tells each remark on a file once."""
    told: set[str] = set()

    def remark(line: str) -> None:
        if line not in told:
            print_line(line, file=sys.stderr)
        told.add(line)

    return remark


def _progress(items: Iterable[Item], total: int, what: str) -> Iterable[Item]:
    """The items, with a progress bar where somebody looks."""
    console = Console(file=sys.stderr)
    return track(items, what, total=total, console=console, transient=True, disable=not sys.stderr.isatty())


def _read(path: Path) -> bytes:
    """The bytes of a bundle's file, if it is not too large. Raises: ModelError."""
    try:
        data = bounded_bytes(path, MAX_BUNDLE_BYTES)
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    if len(data) > MAX_BUNDLE_BYTES:
        raise ModelError(f"{path}: expected at most {MAX_BUNDLE_BYTES:,} bytes, got more")
    return data
