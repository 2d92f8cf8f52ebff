"""The file of a network that hears intervals: its weights, and what they are, in one archive of arrays.

Read, it is nothing but numbers: bounded, checked, and never run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from psc2.files import bounded_bytes
from psc2.models.bundles import archive
from psc2.models.bundles.archive import FORMAT
from psc2.models.bundles.checkpoint import FormatError, is_weights
from psc2.models.interval.configuration import INTERVAL_RNN
from psc2.models.interval.network import IntervalNetwork, Weights, sizes
from psc2.models.rnn.configurations import Configuration

MAX_BYTES = 32 * 2**20  # of a file; the shipped one has less than 8 MiB
MAX_MEMBERS = 8
MAX_UNITS = 1024
NO_BUNDLE = f"expected a model of psc2's own, of format {FORMAT}, got something else"


@dataclass(frozen=True)
class IntervalBundle:
    """Trained networks that are asked together."""

    description: str  # one line
    members: tuple[Weights, ...]  # the weights of each network by their names
    sha256: str  # of the file
    configuration: Configuration = INTERVAL_RNN
    attention_length: int = 0

    @cached_property
    def networks(self) -> list[IntervalNetwork]:
        """The networks, built once."""
        return [IntervalNetwork(weights) for weights in self.members]

    @property
    def units(self) -> list[int]:
        """How many units the LSTM of each network has."""
        return [network.units for network in self.networks]

    @property
    def num_weights(self) -> int:
        """How many numbers the networks have learnt."""
        return sum(tensor.size for weights in self.members for tensor in weights.values())


def write(members: Sequence[Weights], description: str, path: Path) -> None:
    """Write networks, in half precision; the file is whole, or it is not there. Raises: OSError."""
    arrays = {
        f"{number}/{name}": np.asarray(tensor, np.float16)
        for number, weights in enumerate(members)
        for name, tensor in weights.items()
    }
    metadata = {
        "model": INTERVAL_RNN.model.value,
        "configuration": INTERVAL_RNN.id,
        "description": description,
        "attention_length": 0,
        "units": [weights["lstm/kernel"].shape[1] // 4 for weights in members],
        "sha256": "",
    }
    archive.write(path, arrays, metadata)


def read(path: Path) -> IntervalBundle:
    """Read what ``write`` has written. Raises: FormatError, OSError."""
    return parse(bounded_bytes(path, MAX_BYTES))


def parse(data: bytes) -> IntervalBundle:
    """The networks in the bytes of a file. Raises: FormatError."""
    try:
        if len(data) > MAX_BYTES:
            raise ValueError("too large")
        entries, metadata = archive.read(data)
        units = metadata["units"]
        if not 1 <= len(units) <= MAX_MEMBERS or metadata["configuration"] != INTERVAL_RNN.id:
            raise ValueError("other networks")
        members = tuple(_member(entries, number, size) for number, size in enumerate(units))
        if entries:
            raise ValueError("more than the networks")
        return IntervalBundle(str(metadata["description"])[:200], members, hashlib.sha256(data).hexdigest())
    except Exception as error:  # a file that is damaged, or no bundle at all, may raise anything
        raise FormatError(NO_BUNDLE) from error


def _member(entries: dict[str, np.ndarray], number: int, units: int) -> Weights:
    """The weights of a network, which are taken out of ``entries``. Raises: KeyError, ValueError."""
    prefix = f"{number}/"
    found = {name.removeprefix(prefix): entries.pop(name) for name in [*entries] if name.startswith(prefix)}
    if not 1 <= units <= MAX_UNITS or found["lstm/kernel"].shape[1:] != (4 * units,):
        raise ValueError("other layers")
    hidden, copy = found["pitch/hidden"].shape[1], found["copy/pitch/key"].shape[1]
    wanted = sizes(len(found["lstm/kernel"]) - units, units, hidden, copy)
    if {name: tensor.shape for name, tensor in found.items()} != wanted:
        raise ValueError("other weights")
    if not all(tensor.dtype == np.float16 and is_weights(tensor) for tensor in found.values()):
        raise ValueError("other numbers")
    return {name: tensor.astype(np.float32) for name, tensor in found.items()}
