"""A model's file: arrays, and what they are, in one archive that is only ever read and never run."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from psc2.files import replacing
from psc2.models.bundles.files import METADATA_ENTRY, check_directory, is_metadata

FORMAT = 1

Arrays = dict[str, npt.NDArray[Any]]


def write(path: Path, arrays: Mapping[str, npt.NDArray[Any]], metadata: Mapping[str, object]) -> None:
    """Write a file; it is whole, or it is not there. ``metadata``: all but the format. Raises: OSError."""
    entries: dict[str, Any] = dict(arrays)
    with replacing(path) as part:
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, **entries)
        with zipfile.ZipFile(part, "a") as archive:
            archive.writestr(METADATA_ENTRY, json.dumps({"format": FORMAT, **metadata}, ensure_ascii=False))


def read(data: bytes) -> tuple[Arrays, dict[str, Any]]:
    """The arrays and the metadata of a file that ``write`` has written.

    Raises: ValueError for others, and whatever else reading a damaged file may raise.
    """
    check_directory(io.BytesIO(data))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > len(data):
            raise ValueError("compressed")  # which it is not
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        entries = {name: file[name] for name in file.files}
    metadata = json.loads(entries.pop(METADATA_ENTRY))
    if not is_metadata(metadata) or metadata["format"] != FORMAT:
        raise ValueError("other metadata")
    return entries, metadata
