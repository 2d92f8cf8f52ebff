"""How files are read and written: a bounded part of any, a new one whole; and a model's metadata."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeGuard

MIDI_SUFFIXES = (".mid", ".midi")
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


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write a file: it takes the place of ``path`` once the block ends well. Raises: OSError."""
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
