"""Where the user's models are kept: one file each, installed from Magenta's bundles.

The daemon looks here before it plays; what reads a whole model is imported only where one is read.
"""

from __future__ import annotations

import errno
import json
import os
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeGuard

import platformdirs

from psc2.errors import ModelError

if TYPE_CHECKING:
    from psc2.models.bundle import Bundle

SUFFIX = ".npz"
ABOUT = "psc2.json"  # the entry of a model's file that says what the others are
MAX_ABOUT_BYTES = 2**16
SAID = {
    "format": int,
    "model": str,
    "configuration": str,
    "description": str,
    "attention_length": int,
    "sha256": str,
}
VARIABLE = "PSC2_MODELS"  # of the environment: another folder
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def folder() -> Path:
    """Where models are installed; it need not be there yet."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_data_path("psc2", appauthor=False) / "models"


def names() -> list[str]:
    """Of the models that are installed, in order."""
    return sorted(path.stem for path in folder().glob(f"*{SUFFIX}"))


def find(name: str) -> Path:
    """Where the model is. Raises: ModelError if it is not installed."""
    if name not in names():
        known = ", ".join(names()) or "none is; psc2 models add FILE.mag installs one"
        raise ModelError(f"{name}: expected an installed model ({known})")
    return folder() / f"{name}{SUFFIX}"


def about(name: str) -> dict[str, Any]:
    """What a model is, without its weights. Raises: ModelError if it is not installed, or damaged."""
    path = find(name)
    try:
        if not path.is_file():
            raise ValueError("not a file")
        with zipfile.ZipFile(path) as file:
            if file.getinfo(ABOUT).file_size > MAX_ABOUT_BYTES:
                raise ValueError("too large")
            found = json.loads(file.read(ABOUT))
    except Exception as error:  # a damaged file may raise anything
        raise ModelError(f"{path}: {_damaged(name)}") from error
    if not is_about(found):
        raise ModelError(f"{path}: {_damaged(name)}")
    return found


def is_about(found: object) -> TypeGuard[dict[str, Any]]:
    """Whether it is what a model's file says of itself."""
    return isinstance(found, dict) and {key: type(found.get(key)) for key in SAID} == SAID


def read(name: str) -> Bundle:
    """Raises: ModelError if it is not installed, or damaged."""
    from psc2.models.bundle import load
    from psc2.models.tensorflow_files import FormatError

    path = find(name)
    try:
        bundle = load(path)
        _ = bundle.network  # raises what does not fit
        return bundle
    except FormatError as error:
        raise ModelError(f"{path}: {error}; {_damaged(name)}") from error
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def add(data: bytes, name: str, origin: str) -> Bundle:
    """Install one of Magenta's bundles. It is there when this returns, and otherwise nothing is.

    ``data``: the file. ``origin``: what it is called in messages.

    Raises: ModelError for a file that is no such bundle, or a name that is taken or no name.
    """
    from psc2.models.bundle import read_bundle, save
    from psc2.models.tensorflow_files import FormatError

    check_new(name)
    try:
        bundle = read_bundle(data)
    except FormatError as error:
        raise ModelError(f"{origin}: {error}") from error
    try:
        folder().mkdir(parents=True, exist_ok=True)
        save(bundle, folder() / f"{name}{SUFFIX}")
    except OSError as error:
        raise ModelError(f"{folder()}: {error.strerror}") from error
    return bundle


def check_new(name: str) -> None:
    """Raises: ModelError for a name that is taken, or no name."""
    if not NAME.fullmatch(name):
        raise ModelError(f"{name}: expected a name of a–z, 0–9, _ and -, 64 at most (--name gives another)")
    if name in names():
        raise ModelError(
            f"{name}: expected a new name, got one that is installed (psc2 models remove {name}, or --name)"
        )


def remove(name: str) -> None:
    """Raises: ModelError if it is not installed, or cannot be removed."""
    path = find(name)
    try:
        path.unlink()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def _damaged(name: str) -> str:
    return f"it is damaged: psc2 models remove {name}, and add it again"


def bounded_bytes(path: Path, most: int) -> bytes:
    """A file's bytes, or those up to one more than ``most``. Raises: OSError."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "expected a file, got something else")  # a pipe may have no end
    with path.open("rb") as file:
        return file.read(most + 1)


def name_of(origin: str) -> str:
    """The name that a file or an address suggests.

    >>> name_of("/music/Attention RNN (2016).mag"), name_of("https://example.org/drum_kit_rnn.mag?x=1")
    ('attention_rnn_2016', 'drum_kit_rnn')
    """
    stem = origin.split("?")[0].rstrip("/").rpartition("/")[2].removesuffix(".mag").lower()
    return re.sub(r"[^a-z0-9_-]+", "_", stem).strip("_-")[:64]
