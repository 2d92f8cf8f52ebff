"""How files are read and written: a bounded part of any, a new one whole; and a model's metadata."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeGuard

MIDI_SUFFIXES = (".mid", ".midi", ".smf", ".kar", ".rmi")  # the last one in a RIFF file
METADATA_ENTRY = "psc2.json"  # the entry of a model's file that says what the others are
MAX_METADATA_BYTES = 2**16
METADATA_TYPES = {
    "format": int,
    "model": str,
    "configuration": str,
    "description": str,
    "attention_length": int,
    "sha256": str,
}


def is_metadata(found: object) -> TypeGuard[dict[str, Any]]:
    """Whether ``found`` has all the metadata of a model's file, in the right types."""
    return isinstance(found, dict) and {key: type(found.get(key)) for key in METADATA_TYPES} == METADATA_TYPES


def bounded_bytes(path: Path, most: int) -> bytes:
    """The bytes of a file, of a larger one only the first ``most`` + 1. Raises: OSError."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "expected a file, got something else")  # a pipe may have no end
    with path.open("rb") as file:
        return file.read(most + 1)


def make_folder(path: Path) -> None:
    """Make a folder that files can be written into, if there is none yet. Raises: OSError."""
    path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path):
        pass


def check_writable(path: Path) -> None:
    """Check that a file can be written, by ``replacing``, and change nothing. Raises: OSError."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    part = _part_of(path)
    with part.open("ab"):
        pass
    part.unlink()


def _part_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write a file: it takes the place of ``path`` once the block ends well. Raises: OSError."""
    part = _part_of(path)
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
