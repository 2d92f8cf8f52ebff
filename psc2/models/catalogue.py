"""The models that there are: bundles, and what packages offer as entry points.

The daemon only checks that there is one; it is opened in a process of its own.

A package adds a model with an entry point of the group ``psc2.models``: a callable without
arguments whose result is a ``MelodyModel``, a ``DrumsModel`` (``psc2.ports``), or both. Markov
comes in by the same door.
"""

from __future__ import annotations

from importlib import metadata, util
from typing import TYPE_CHECKING, Any, Literal

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models.bundles import store
from psc2.resources import COMMAND

if TYPE_CHECKING:
    from psc2.models.bundles.bundle import Bundle
    from psc2.models.interval.bundle import IntervalBundle
    from psc2.models.interval.players import IntervalMelody
    from psc2.models.rnn.players import ClassRnn, Rnn, RnnDrums, RnnMelody

GROUP = "psc2.models"
METHODS = {Model.MELODY: "continue_melody", Model.DRUMS: "make_beat"}
INSTALL_MAGENTA = "the magenta engine needs Magenta and TensorFlow: scripts/extra magenta"
MARKOV = "markov"
MAX_REASON = 500  # characters

Engine = Literal["native", "magenta"]


def offered() -> dict[str, metadata.EntryPoint]:
    """The entry points of models that packages offer, by name."""
    return {entry.name: entry for entry in metadata.entry_points(group=GROUP)}


def names() -> list[str]:
    """The names of all models, bundles and entry points, in alphabetical order."""
    return sorted({*offered(), *store.names()})


def check_name(name: str) -> None:
    """Check that a model of that name is listed. Raises: ModelError."""
    if name not in names():
        more = f"{COMMAND} models add FILE.mag installs more"
        raise ModelError(f"{name}: expected one of {', '.join(names())} ({more})")


def check(model: Model, name: str, engine: Engine) -> None:
    """Check that there is such a model, without loading it. Raises: ModelError."""
    if name in offered():
        return
    if name not in store.names():
        known = ", ".join((*sorted(offered()), *store.names()))
        raise ModelError(f"{model.value} model: expected one of {known}, got {name} ({COMMAND} models list)")
    if (of := store.model_of(name)) is not model:
        raise ModelError(f"{name}: expected a {model.value} model, got a {of.value} model")
    if engine == "magenta" and (util.find_spec("magenta") is None or util.find_spec("tensorflow") is None):
        raise ModelError(INSTALL_MAGENTA)


def open_model(model: Model, name: str, engine: Engine) -> Any:
    """Open the MelodyModel or DrumsModel called ``name``, ready for requests.

    Raises: ModelError, and whatever a package's own model raises.
    """
    check(model, name, engine)
    entry = offered().get(name)
    opened = open_bundle(store.read_any(name), engine) if entry is None else entry.load()()
    if not callable(getattr(opened, METHODS[model], None)):
        raise ModelError(f"{name}: expected a {model.value} model, got one that is none")
    return opened


def open_offered(name: str) -> Any:
    """Open the model that a package offers. Raises: ModelError for whatever the package raises."""
    try:
        return offered()[name].load()()
    except Exception as error:
        raise ModelError(f"{name}: {reason(error)}") from error


def kinds(name: str, opened: Any) -> list[Model]:
    """What an opened model plays: melodies, drums, or both. Raises: ModelError if it is neither's."""
    found = [model for model in Model if callable(getattr(opened, METHODS[model], None))]
    if not found:
        raise ModelError(f"{name}: expected a melody or drums model, got one that is none")
    return found


def reason(error: Exception) -> str:
    """What a package raised, in one line.

    >>> reason(ValueError("out of tune,\\nout of time"))
    'ValueError: out of tune, out of time'
    """
    return " ".join(f"{type(error).__name__}: {error}".split())[:MAX_REASON].rstrip(": ")


def weighs_pitches(name: str) -> bool:
    """Whether a melody model is known to weigh each next pitch, without loading it: ``PitchModel``."""
    if name in offered():
        return name == MARKOV
    return name in store.names() and store.is_interval_rnn(store.find(name))


def open_bundle(bundle: Bundle | IntervalBundle, engine: Engine) -> RnnMelody | RnnDrums | IntervalMelody:
    """Open a bundle as a MelodyModel or DrumsModel. Raises: ModelError."""
    from psc2.models.interval.engine import IntervalRnn
    from psc2.models.interval.players import IntervalMelody
    from psc2.models.rnn.players import RnnDrums, RnnMelody

    rnn = open_rnn(bundle, engine)
    if isinstance(rnn, IntervalRnn):
        return IntervalMelody(rnn)
    return RnnMelody(rnn) if bundle.configuration.model is Model.MELODY else RnnDrums(rnn)


def open_rnn(bundle: Bundle | IntervalBundle, engine: Engine) -> Rnn:
    """Open a bundle in an engine, as a model of events. Raises: ModelError."""
    from psc2.models.interval.bundle import IntervalBundle
    from psc2.models.interval.engine import IntervalRnn

    if not isinstance(bundle, IntervalBundle):
        return open_classes(bundle, engine)
    if engine != "native":
        raise ModelError(f"{bundle.configuration.id}: expected the native engine, got {engine}")
    return IntervalRnn(bundle)


def open_classes(bundle: Bundle, engine: Engine) -> ClassRnn:
    """Open a bundle of one of Magenta's networks in an engine. Raises: ModelError."""
    from psc2.models.bundles.checkpoint import FormatError
    from psc2.models.rnn.native import NativeRnn

    if engine == "native":
        return NativeRnn(bundle)
    try:
        from psc2.models.magenta.engine import MagentaRnn
    except ImportError as error:
        raise ModelError(INSTALL_MAGENTA) from error
    try:
        return MagentaRnn(bundle)
    except FormatError as error:
        raise ModelError(f"{bundle.configuration.id}: {error}") from error
    except Exception as error:
        if not bundle.metagraph:
            raise
        expected = "expected a graph that TensorFlow can run, got one that it cannot"
        raise ModelError(f"{bundle.configuration.id}: {expected}") from error
