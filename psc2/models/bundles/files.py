"""What a file is known by: a MIDI file by its name, a model's by its metadata."""

from __future__ import annotations

import os
from typing import Any, BinaryIO, TypeGuard

MIDI_SUFFIXES = (".mid", ".midi", ".smf", ".kar", ".rmi")  # the last one in a RIFF file
INTERVAL_RNN = "interval_rnn"  # the configuration of our own networks, beside Magenta's
METADATA_ENTRY = "psc2.json"  # the entry of a model's file that says what the others are
MAX_METADATA_BYTES = 2**16
END_HEAD, END_BYTES = b"PK\x05\x06", 22  # of what a zip file without a comment ends with
MAX_DIRECTORY_BYTES = 2**17  # of a model's zip file; the shipped ones have 1 KiB
METADATA_TYPES = {
    "format": int,
    "model": str,
    "configuration": str,
    "description": str,
    "attention_length": int,
    "units": list,
    "sha256": str,
}


def is_metadata(found: object) -> TypeGuard[dict[str, Any]]:
    """Whether ``found`` has all the metadata of a model's file, in the right types."""
    return isinstance(found, dict) and {key: type(found.get(key)) for key in METADATA_TYPES} == METADATA_TYPES


def check_directory(file: BinaryIO) -> BinaryIO:
    """Check that a model's zip file has a small directory, which is read as a whole when it is opened.

    Returns: ``file``, at its beginning. Raises: ValueError, OSError.
    """
    file.seek(-END_BYTES, os.SEEK_END)
    end = file.read(END_BYTES)
    if not end.startswith(END_HEAD) or int.from_bytes(end[12:16], "little") > MAX_DIRECTORY_BYTES:
        raise ValueError("not a model's zip file")
    file.seek(0)
    return file
