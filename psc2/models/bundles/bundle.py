"""Trained models: Magenta's bundles, and the copies of them that play without TensorFlow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

import numpy as np

from psc2.files import bounded_bytes
from psc2.models.bundles import archive
from psc2.models.bundles.archive import FORMAT
from psc2.models.bundles.checkpoint import (
    FormatError,
    Tensor,
    count_fields,
    is_weights,
    parse,
    read_checkpoint,
    text,
)
from psc2.models.rnn.configurations import CONFIGURATIONS, Configuration
from psc2.models.rnn.network import Network
from psc2.models.rnn.weights import (
    AROUND_ALL,
    MAX_LAYERS,
    Weights,
    attention_length,
    build,
    modern_name,
)

MAX_BUNDLE_BYTES = 64 * 2**20  # Magenta's own have up to 20 MiB
MAX_BUNDLE_FIELDS = 16  # there are four
MAX_METAGRAPH_BYTES = 4 * 2**20  # those seen have 100 to 200 KiB
MAX_STATE_PARTS = 2 * MAX_LAYERS + 2  # c and h of each layer, what is attended to, and from what
NO_COPY = f"expected a model that psc2 has installed, of format {FORMAT}, got something else"


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
        """The network that the weights make, built once.

        Raises: FormatError for weights that are missing, or do not fit each other or the encoding.
        """
        encoding = self.configuration.encoding
        weights = Weights(self.tensors)
        return build(weights, self.attention_length, encoding.input_size, encoding.num_classes)

    @property
    def units(self) -> list[int]:
        """How many units each layer has, the first one first."""
        return self.network.units

    @property
    def num_weights(self) -> int:
        """How many numbers the network has learnt."""
        return sum(tensor.size for tensor in self.tensors.values())


def read_bundle(data: bytes) -> Bundle:
    """Read one of Magenta's bundles (.mag). Raises: FormatError."""
    if len(data) > MAX_BUNDLE_BYTES:
        raise FormatError(f"expected at most {MAX_BUNDLE_BYTES:,} bytes, got {len(data):,}")
    try:
        if count_fields(data, MAX_BUNDLE_FIELDS) == MAX_BUNDLE_FIELDS:
            raise FormatError(f"expected fewer than {MAX_BUNDLE_FIELDS} fields")
        file = parse("GeneratorBundle", data)
    except FormatError as error:
        raise FormatError("expected a Magenta bundle (.mag), got something else") from error
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
    _check_state(bundle.network, list(_state_sizes(file.metagraph_file)))  # the network raises what misfits
    return bundle


def _check_state(network: Network, sizes: Sequence[int]) -> None:
    """Check that the network has all layers that the metagraph tells of, if it does. Raises: FormatError."""
    if len(sizes) > 1 and sorted(sizes) != sorted(network.state_sizes):  # in 2016 all were one
        raise FormatError(
            f"expected the weights of a network whose state has parts of {list(sizes)} numbers, "
            f"got those of {network.state_sizes}"
        )


def _weights(variables: dict[str, Tensor]) -> dict[str, Tensor]:
    """The network's variables by their modern names; what training left beside them is dropped."""
    named = [(modern_name(name), tensor) for name, tensor in variables.items()]
    kept = [(n, tensor) for n, tensor in named if n.endswith(("kernel", "bias", "attn_v", "attn_w"))]
    if len(dict(kept)) < len(kept):
        raise FormatError("expected each variable once, got one under two of its names")
    return dict(kept)


def _state_sizes(metagraph: bytes) -> Iterator[int]:
    """How many numbers each part of the network's state is, for one sequence.

    Raises: FormatError if the metagraph does not say.
    """
    if len(metagraph) > MAX_METAGRAPH_BYTES:
        raise FormatError(f"expected a metagraph of at most {MAX_METAGRAPH_BYTES:,} bytes, got more")
    graph = parse("MetaGraphDef", metagraph)
    listed = [e.value.node_list.value for e in graph.collection_def if e.key == b"initial_state"]
    parts = [tensor.split(b":")[0] for tensor in islice(chain(*listed), MAX_STATE_PARTS + 1)]
    if len(parts) > MAX_STATE_PARTS:
        raise FormatError(f"expected a state of at most {MAX_STATE_PARTS} parts in the metagraph, got more")
    found = {
        node.name: [shape for e in node.attr if e.key == b"_output_shapes" for shape in e.value.list.shape]
        for node in graph.graph_def.node
        if node.name in parts
    }
    for part in parts:
        shapes = found.get(part, [])
        if len(shapes) != 1 or len(shapes[0].dim) != 2 or shapes[0].dim[1].size < 1:
            raise FormatError(f"expected the size of the state {text(part)[:80]} in the metagraph, got none")
        yield shapes[0].dim[1].size


# --- copies ---------------------------------------------------------------------------


def save(bundle: Bundle, path: Path) -> None:
    """Write a copy that plays without TensorFlow; it is whole, or it is not there. Raises: OSError."""
    metadata = {
        "model": bundle.configuration.model.value,
        "configuration": bundle.configuration.id,
        "description": bundle.description,
        "attention_length": bundle.attention_length,
        "units": bundle.units,
        "sha256": bundle.sha256,
    }
    metagraph = np.frombuffer(bundle.metagraph, np.uint8)
    archive.write(path, {**bundle.tensors, "metagraph": metagraph}, metadata)


def load(path: Path) -> Bundle:
    """Read a copy that ``save`` has written. Raises: FormatError, OSError."""
    data = bounded_bytes(path, MAX_BUNDLE_BYTES)
    try:
        entries, metadata = archive.read(data)
        metagraph = entries.pop("metagraph").tobytes()
        if not all(tensor.dtype == np.float32 and is_weights(tensor) for tensor in entries.values()):
            raise ValueError("other weights")
        bundle = Bundle(
            configuration=CONFIGURATIONS[metadata["configuration"]],
            description=text(metadata["description"].encode(errors="replace")),
            attention_length=metadata["attention_length"],
            sha256=metadata["sha256"],
            metagraph=metagraph,
            tensors=entries,
        )
        if bundle.units != metadata["units"] or bundle.configuration.model.value != metadata["model"]:
            raise ValueError("other layers, or for another model")
        return bundle
    except Exception as error:  # a file that is damaged, or no copy at all, may raise anything
        raise FormatError(NO_COPY) from error
