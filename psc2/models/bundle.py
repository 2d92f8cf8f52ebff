"""Trained models: Magenta's bundles, and the copies of them that play without TensorFlow."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from psc2.models.configurations import CONFIGURATIONS, Configuration
from psc2.models.network import AROUND_ALL, Network, Weights, attention_length, build, modern_name
from psc2.models.tensorflow_files import FormatError, Tensor, parse, read_checkpoint, text

MAX_BUNDLE_BYTES = 256 * 2**20  # the largest of Magenta's own has 20 MiB
SUFFIX = ".npz"
FORMAT = 1
ABOUT = "psc2.json"  # the entry of a copy that says what the others are


@dataclass(frozen=True)
class Bundle:
    """A trained MelodyRNN or DrumsRNN."""

    configuration: Configuration
    description: str  # its maker's, one line
    tensors: dict[str, Tensor]  # the weights by their modern names
    attention_length: int  # steps, 0 for none
    sha256: str  # of the original file
    metagraph: bytes = b""  # of the original, where Magenta itself no longer builds such a network

    @cached_property
    def network(self) -> Network:
        """Raises: FormatError for weights that are missing, or do not fit each other or the encoding."""
        encoding = self.configuration.encoding
        weights = Weights(self.tensors)
        return build(weights, self.attention_length, encoding.input_size, encoding.num_classes)

    @property
    def units(self) -> list[int]:
        """Of each layer, the first one first."""
        return [layer.units for layer in self.network.layers]

    @property
    def num_weights(self) -> int:
        return sum(tensor.size for tensor in self.tensors.values())


def read_bundle(data: bytes) -> Bundle:
    """One of Magenta's bundles. Raises: FormatError."""
    if len(data) > MAX_BUNDLE_BYTES:
        raise FormatError(f"expected at most {MAX_BUNDLE_BYTES:,} bytes, got {len(data):,}")
    file = parse("GeneratorBundle", data)
    name = text(file.generator_details.id)
    if not name and not file.checkpoint_file:
        raise FormatError("expected a Magenta bundle (.mag), got something else")
    if name not in CONFIGURATIONS:
        raise FormatError(f"expected a bundle of {', '.join(CONFIGURATIONS)}, got one of {name[:40]!r}")
    if len(file.checkpoint_file) != 1:
        raise FormatError(f"expected one checkpoint in the bundle, got {len(file.checkpoint_file)}")
    tensors = _weights(read_checkpoint(file.checkpoint_file[0]))
    weights = Weights(tensors)
    length = 0
    if weights.attention is not None:
        length = attention_length(weights, sum(_state_sizes(file.metagraph_file)))
    bundle = Bundle(
        configuration=CONFIGURATIONS[name],
        description=text(file.bundle_details.description)[:200],
        tensors=tensors,
        attention_length=length,
        sha256=hashlib.sha256(data).hexdigest(),
        metagraph=file.metagraph_file if weights.attention == AROUND_ALL else b"",
    )
    _ = bundle.network  # raises what does not fit
    return bundle


def _weights(variables: dict[str, Tensor]) -> dict[str, Tensor]:
    """The network's variables by their modern names; what training left beside them is let go."""
    named = [(modern_name(name), tensor) for name, tensor in variables.items()]
    kept = [(n, tensor) for n, tensor in named if n.endswith(("kernel", "bias", "attn_v", "attn_w"))]
    if len(dict(kept)) < len(kept):
        raise FormatError("expected each variable once, got one under two of its names")
    return dict(kept)


def _state_sizes(metagraph: bytes) -> Iterator[int]:
    """How many numbers each part of the network's state is, for one sequence.

    Raises: FormatError if the metagraph does not say.
    """
    graph = parse("MetaGraphDef", metagraph)
    nodes = {node.name: node for node in graph.graph_def.node}
    collections = {entry.key: entry.value.node_list.value for entry in graph.collection_def}
    for tensor in collections.get(b"initial_state", []):
        node = nodes.get(tensor.split(b":")[0])
        attributes = {entry.key: entry.value.list.shape for entry in node.attr} if node else {}
        shapes = attributes.get(b"_output_shapes", [])
        if len(shapes) != 1 or len(shapes[0].dim) != 2 or shapes[0].dim[1].size < 1:
            raise FormatError(f"expected the size of the state {text(tensor)[:80]} in the metagraph, got none")
        yield shapes[0].dim[1].size


# --- copies ---------------------------------------------------------------------------


def save(bundle: Bundle, path: Path) -> None:
    """A copy that plays without TensorFlow; it is whole, or it is not there. Raises: OSError."""
    about = {
        "format": FORMAT,
        "configuration": bundle.configuration.id,
        "description": bundle.description,
        "attention_length": bundle.attention_length,
        "sha256": bundle.sha256,
    }
    entries: dict[str, Any] = {
        **bundle.tensors,
        ABOUT: np.frombuffer(json.dumps(about).encode(), np.uint8),
        "metagraph": np.frombuffer(bundle.metagraph, np.uint8),
    }
    handle, name = tempfile.mkstemp(suffix=".part", dir=path.parent)
    try:
        with open(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **entries)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink()
        raise


def load(path: Path) -> Bundle:
    """A copy that ``save`` has made. Raises: FormatError, OSError."""
    try:
        with np.load(path, allow_pickle=False) as file:
            entries = {name: file[name] for name in file.files}
        about = json.loads(entries.pop(ABOUT).tobytes())
        if about["format"] != FORMAT:
            raise FormatError(f"expected a copy of format {FORMAT}, got format {about['format']}")
        return Bundle(
            configuration=CONFIGURATIONS[about["configuration"]],
            description=about["description"],
            attention_length=about["attention_length"],
            sha256=about["sha256"],
            metagraph=entries.pop("metagraph").tobytes(),
            tensors=entries,
        )
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise FormatError(f"expected a model that psc2 has installed, got something else ({error})") from error
