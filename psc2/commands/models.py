"""``psc2 models …``: the models that there are, and what can be done with them.

Each command returns its exit code and raises ModelError with one line for what cannot be done.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from importlib import util
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TypeVar

from rich.console import Console
from rich.progress import track

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.bundles import download, store
from psc2.models.bundles.bundle import MAX_BUNDLE_BYTES, Bundle
from psc2.models.bundles.files import bounded_bytes
from psc2.models.rnn.players import continuation, event_log_likelihood
from psc2.models.rnn.written_primer import read_primer

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
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if not store.installed():
        print(f"\nNone is installed in {store.folder()}; psc2 models add --help says where there are more.")
    return 0


def _row(name: str) -> tuple[str, str, str, str, str]:
    try:
        bundle = store.read(name)
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
    print(f"{name}: {_what(bundle)}, {bundle.configuration.id}, {_layers(bundle)}")
    section = "improv" if bundle.configuration.model is Model.MELODY else "drums"
    print(f"to play with it: {section}: {{model: {name}}} in a configuration, psc2 play --config FILE")
    return 0


def show(options: argparse.Namespace) -> int:
    """Print what a model is made of."""
    path = store.find(options.name)
    bundle = store.read(options.name)
    configuration = bundle.configuration
    rows = {
        "model": f"{_what(bundle)}, Magenta's {configuration.id}",
        "layers": _layers(bundle),
        "weights": f"{bundle.num_weights:,}",
        "steps": f"{configuration.steps_per_quarter} a quarter note",
        "described as": bundle.description or "nothing",
        "original": f"sha256 {bundle.sha256}",
        "here": f"{_origin(options.name)}, {path} ({path.stat().st_size:,} bytes)",
    }
    if configuration.model is Model.MELODY:
        rows["pitches"] = f"{configuration.min_pitch}–{configuration.max_pitch - 1}"
    for key, value in rows.items():
        print(f"{key + ':':14}{value}")
    return 0


def remove(options: argparse.Namespace) -> int:
    """Remove a model that the user has installed."""
    store.remove(options.name)
    print(f"{options.name}: removed")
    return 0


def generate(options: argparse.Namespace) -> int:
    """Continue a primer, and write both as a MIDI file."""
    from psc2.models.rnn import midi_events

    bundle = store.read(options.name)
    configuration = bundle.configuration
    primer = read_primer(options.primer, configuration)
    rnn = catalogue.open_rnn(bundle, options.engine)
    events = continuation(rnn, primer, options.temperature, options.seed)
    new = list(_progress(islice(events, options.steps), options.steps, "generating"))
    midi_events.write([*primer, *new], configuration, options.qpm, options.out)
    print(f"{options.out}: {len(primer)} steps of primer, {len(new)} new ones")
    return 0


def score(options: argparse.Namespace) -> int:
    """Print how well a model foresees music, in nats per event: the lower, the better."""
    from psc2.training import datasets

    bundle = store.read(options.name)
    rnn = catalogue.open_rnn(bundle, options.engine)
    looks_back = bundle.configuration.looks_back
    total, by_any_class, events, left_out = 0.0, 0.0, 0, 0
    wanted = datasets.to_score(options.data, bundle.configuration)
    for read in _progress(wanted, len(wanted), "scoring"):
        try:
            found = datasets.passages(read(), bundle.configuration)
        except ModelError as error:
            if len(wanted) == 1:
                raise
            print(f"left out: {error}", file=sys.stderr)
            left_out += 1
            continue
        for passage in found:
            if len(passage) > 1:
                total += rnn.log_likelihood(passage)
                if looks_back:
                    by_any_class += event_log_likelihood(rnn, passage)
                events += len(passage) - 1
    if not isfinite(total):
        raise ModelError(f"{options.name}: expected finite probabilities, got others")
    if not events:
        raise ModelError(f"{options.data}: expected {_what(bundle)} of two events or more, got none")
    print(f"{-total / events:.4f} nats per event over {events:,} events "
          f"of {_pieces(len(wanted) - left_out)} ({options.engine} engine)")  # fmt: skip
    if looks_back:
        print(f"{-by_any_class / events:.4f} for the event itself, which “as a bar ago” may say as well")
    return 0


def compare(options: argparse.Namespace) -> int:
    """Hold the native engine against Magenta's own. Exit code 1 if they differ."""
    from psc2.models.magenta.comparison import TOLERANCE, compare

    bundle = store.read(options.name)
    native, magenta = (catalogue.open_rnn(bundle, engine) for engine in ("native", "magenta"))
    differs = False
    for found in compare(native, magenta):
        differs |= not found.agrees
        native_ms, magenta_ms = 1000 * found.native_s, 1000 * found.magenta_s
        print(f"{found.primer:42} {found.steps:4} steps  largest difference {found.difference:.1e}  "
              f"native {native_ms:5.1f} ms  magenta {magenta_ms:5.1f} ms")  # fmt: skip
    print(f"{'they differ by more' if differs else 'all differences are smaller'} than {TOLERANCE:g}")
    return int(differs)


def examples(options: argparse.Namespace) -> int:
    """Write what a melody model and a drums model play, to be listened to."""
    from psc2.training.examples import render

    bundles = [store.read(name) for name in (options.melody, options.drums)]
    for name, bundle, model in zip((options.melody, options.drums), bundles, Model, strict=True):
        if bundle.configuration.model is not model:
            raise ModelError(f"{name}: expected a {model.value} model, got a {_what(bundle)} model")
    try:
        melody, drums = bundles
        for path in render(melody, drums, options.out, options.seed):
            print(path)
    except OSError as error:
        raise ModelError(f"{options.out}: {error.strerror}") from error
    return 0


def train(options: argparse.Namespace) -> int:
    """Train a model on music, and write it as a bundle."""
    _check_training()
    from psc2.training import commands

    return commands.train(options)


def report(options: argparse.Namespace) -> int:
    """Measure a model, and write figures and pictures."""
    _check_training()
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


def _pieces(number: int) -> str:
    return "1 piece" if number == 1 else f"{number:,} pieces"


def _what(bundle: Bundle) -> str:
    """What a bundle plays: melody or drums."""
    return bundle.configuration.model.value


def _layers(bundle: Bundle) -> str:
    """The size of a bundle's layers, as in "2 × 128, attention 40"."""
    units = bundle.units
    layers = f"{len(units)} × {units[0]}" if len(set(units)) == 1 else " + ".join(map(str, units))
    return f"{layers}, attention {bundle.attention_length}" if bundle.attention_length else layers


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
