"""What a file is known by: a MIDI file by its name, a model's by its metadata."""

from __future__ import annotations

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
    "units": list,
    "sha256": str,
}


def is_metadata(found: object) -> TypeGuard[dict[str, Any]]:
    """Whether ``found`` has all the metadata of a model's file, in the right types."""
    return isinstance(found, dict) and {key: type(found.get(key)) for key in METADATA_TYPES} == METADATA_TYPES
