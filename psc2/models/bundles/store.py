"""Where models are kept: the bundles that come with psc2, and copies of those that the user adds.

The daemon looks here before it plays; what reads a whole model is imported only where one is read.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from psc2 import resources
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.files import write_bytes
from psc2.models.bundles.files import (
    INTERVAL_RNN,
    MAX_METADATA_BYTES,
    METADATA_ENTRY,
    check_directory,
    is_metadata,
)
from psc2.resources import COMMAND

if TYPE_CHECKING:
    from psc2.models.bundles.bundle import Bundle
    from psc2.models.interval.bundle import IntervalBundle

SUFFIX = ".npz"  # of the user's
VARIABLE = "PSC2_MODELS"  # of the environment: another folder
ARCHIVE = b"PK\x03\x04"  # how our own bundles begin
PACKAGED = {"changes": Model.MELODY, "groove": Model.DRUMS, "weimar": Model.MELODY}  # what comes with psc2
FILES = {"changes": "changes.npz", "groove": "groove.mag", "weimar": "weimar.mag"}
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def folder() -> Path:
    """Where the user's models are installed; it need not be there yet."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("psc2", appauthor=False) / "models"


def names() -> list[str]:
    """The names of all bundles, psc2's own and the user's, in alphabetical order."""
    return sorted({*installed(), *PACKAGED})


def installed() -> list[str]:
    """The names of the models that the user has installed, in alphabetical order."""
    return sorted(path.stem for path in folder().glob(f"*{SUFFIX}"))


def find(name: str) -> Path:
    """The file of a model. One that the user has installed goes before one of that name that comes with psc2.

    Raises: ModelError if there is none.
    """
    if name in installed():
        return folder() / f"{name}{SUFFIX}"
    if name in PACKAGED:
        return resources.BUNDLES / FILES[name]
    raise ModelError(
        f"{name}: expected one of {', '.join(names())} ({COMMAND} models add FILE.mag installs more)"
    )


def model_of(name: str) -> Model:
    """What a model plays, without its weights. Raises: ModelError if there is none, or it is damaged."""
    path = find(name)
    if name not in installed():
        return PACKAGED[name]
    try:
        return Model(_metadata(path)["model"])
    except Exception as error:  # a damaged file may raise anything
        raise ModelError(f"{path}: {_damaged_message(name)}") from error


def is_interval_rnn(path: Path) -> bool:
    """Whether a file is one of our own networks, which hears intervals; a damaged one is none."""
    if path.suffix != SUFFIX:
        return False
    try:
        return bool(_metadata(path)["configuration"] == INTERVAL_RNN)
    except Exception:  # a damaged file may raise anything
        return False


def _metadata(path: Path) -> dict[str, Any]:
    """What a model's file says of itself. Raises: anything, for a file that is damaged."""
    if not path.is_file():
        raise ValueError("not a file")
    with path.open("rb") as content, zipfile.ZipFile(check_directory(content)) as file:
        if file.getinfo(METADATA_ENTRY).file_size > MAX_METADATA_BYTES:
            raise ValueError("too large")
        found = json.loads(file.read(METADATA_ENTRY))
    if not is_metadata(found):
        raise ValueError("something else")
    return found


def read(name: str) -> Bundle:
    """Read the bundle of one of Magenta's networks with its weights.

    Raises: ModelError if there is none, it is damaged, or the network is one of our own.
    """
    from psc2.models.bundles.bundle import Bundle

    bundle = read_any(name)
    if not isinstance(bundle, Bundle):
        raise ModelError(f"{name}: expected one of Magenta's networks, got one that is psc2's own")
    return bundle


def read_any(name: str) -> Bundle | IntervalBundle:
    """Read a model's bundle with its weights. Raises: ModelError if there is none, or it is damaged."""
    from psc2.models.bundles.bundle import load, read_bundle
    from psc2.models.bundles.checkpoint import FormatError
    from psc2.models.interval import bundle as interval

    path = find(name)
    try:
        if is_interval_rnn(path):
            return interval.read(path)
        bundle = load(path) if path.suffix == SUFFIX else read_bundle(path.read_bytes())
        _ = bundle.network  # raises what does not fit
        return bundle
    except FormatError as error:
        raise ModelError(f"{path}: {error}; {_damaged_message(name)}") from error
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def add(data: bytes, name: str, origin: str) -> Bundle | IntervalBundle:
    """Install a bundle, Magenta's or our own. It is there when this returns, and otherwise nothing is.

    ``data``: the file. ``origin``: what it is called in messages.

    Raises: ModelError for a file that is no such bundle, or a name that is taken or no name.
    """
    from psc2.models.bundles.bundle import read_bundle, save
    from psc2.models.bundles.checkpoint import FormatError
    from psc2.models.interval import bundle as interval

    check_new(name)
    path, is_ours = folder() / f"{name}{SUFFIX}", data.startswith(ARCHIVE)
    try:
        bundle = interval.parse(data) if is_ours else read_bundle(data)
    except FormatError as error:
        raise ModelError(f"{origin}: {error}") from error
    try:
        folder().mkdir(parents=True, exist_ok=True)
        if isinstance(bundle, interval.IntervalBundle):
            write_bytes(path, data)
        else:
            save(bundle, path)
    except OSError as error:
        raise ModelError(f"{folder()}: {error.strerror}") from error
    return bundle


def check_new(name: str) -> None:
    """Check a name for a new model. Raises: ModelError for one that is taken, or no name."""
    if not NAME.fullmatch(name):
        raise ModelError(f"{name}: expected a name of a–z, 0–9, _ and -, 64 at most (--name gives another)")
    if name in PACKAGED:
        raise ModelError(f"{name}: expected a new name, got one that comes with psc2 (--name)")
    if name in installed():
        cure = f"{COMMAND} models remove {name}, or --name"
        raise ModelError(f"{name}: expected a new name, got one that is installed ({cure})")


def remove(name: str) -> None:
    """Remove a model of the user's. Raises: ModelError for another one, or if it cannot be removed."""
    path = find(name)
    if name not in installed():
        raise ModelError(f"{name}: expected a model of yours, got one that comes with psc2 and stays")
    try:
        path.unlink()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def fix_for(name: str) -> str:
    """What to do about a model that is damaged."""
    return f"{COMMAND} models remove {shlex.quote(name)}" if name in installed() else "install psc2 again"


def _damaged_message(name: str) -> str:
    again = ", and add it again" if name in installed() else ""
    return f"it is damaged: {fix_for(name)}{again}"


def name_of(origin: str) -> str:
    """The name that a file or an address suggests.

    >>> name_of("/music/Attention RNN (2016).mag"), name_of("https://example.org/drum_kit_rnn.mag?x=1")
    ('attention_rnn_2016', 'drum_kit_rnn')
    """
    stem = (
        origin.split("?")[0].rstrip("/").rpartition("/")[2].removesuffix(".mag").removesuffix(SUFFIX).lower()
    )
    return re.sub(r"[^a-z0-9_-]+", "_", stem).strip("_-")[:64]
