"""What TensorFlow and Magenta write, written by hand: checkpoints, metagraphs, bundles; good ones and bad.

Nothing of psc2's reader is used here, so that the two can be held against each other.

Sources: LevelDB's ``table_format.md``; TensorFlow's ``saved_tensor_slice.proto``; note-seq's
``generator.proto``.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

import google_crc32c
import numpy as np
import numpy.typing as npt

Tensors = Mapping[str, npt.NDArray[np.float32]]
Entries = Iterable[tuple[bytes, bytes]]

RESTART_INTERVAL = 16  # entries
MAGIC = struct.pack("<Q", 0xDB4775248B80FB57)
FOOTER_BYTES = 48
FLOAT32 = 1  # in TensorFlow's ``types.proto``


# --- protocol buffers -----------------------------------------------------------------


def varint(number: int) -> bytes:
    """
    >>> varint(300)
    b'\\xac\\x02'
    """
    groups = []
    while number > 0x7F:
        groups.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*groups, number))


def number(field: int, value: int) -> bytes:
    """A field that is a whole number; a negative one as it is in 64 bits."""
    return varint(field << 3) + varint(value & 0xFFFFFFFFFFFFFFFF)


def part(field: int, *values: bytes) -> bytes:
    """A field that is a message, a string or bytes, once for each value."""
    return b"".join(varint(field << 3 | 2) + varint(len(value)) + value for value in values)


def shape(sizes: Iterable[int]) -> bytes:
    """A TensorShapeProto."""
    return part(2, *(number(1, size) for size in sizes))


# --- tables ---------------------------------------------------------------------------


def block(entries: Entries) -> bytes:
    """The entries of one block, each key told by how it differs from the one before."""
    data, restarts, last = bytearray(), [], b""
    for count, (key, value) in enumerate(entries):
        if count % RESTART_INTERVAL == 0:
            restarts.append(len(data))
            last = b""
        shared = next((n for n, (a, b) in enumerate(zip(last, key, strict=False)) if a != b), None)
        shared = min(len(last), len(key)) if shared is None else shared
        data += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        last = key
    restarts = restarts or [0]
    return bytes(data) + struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))


def sealed(data: bytes, compression: int = 0) -> bytes:
    """A block with its trailer."""
    tagged = data + bytes([compression])
    checksum = google_crc32c.value(tagged)
    masked = ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF
    return tagged + struct.pack("<I", masked)


def handle(offset: int, size: int) -> bytes:
    return varint(offset) + varint(size)


def footer(metaindex: bytes, index: bytes) -> bytes:
    return (metaindex + index).ljust(FOOTER_BYTES - len(MAGIC), b"\0") + MAGIC


def table(blocks: Sequence[Entries], compression: int = 0, repeat: int = 1) -> bytes:
    """A table of these blocks, each of which the index names ``repeat`` times."""
    data, index = bytearray(), []
    for number_, entries in enumerate(blocks):
        content = block(entries)
        index += [(struct.pack(">I", number_), handle(len(data), len(content)))] * repeat
        data += sealed(content, compression)
    metaindex_at, metaindex = len(data), block([])
    data += sealed(metaindex)
    index_at, index_block = len(data), block(index)
    data += sealed(index_block)
    return bytes(data) + footer(handle(metaindex_at, len(metaindex)), handle(index_at, len(index_block)))


# --- checkpoints ----------------------------------------------------------------------


def described(name: str, sizes: Sequence[int], kind: int = FLOAT32, slices: int = 1) -> bytes:
    """What a checkpoint says of a tensor beforehand: a SavedSliceMeta."""
    whole = part(1, *(b"" for _ in sizes))
    return part(1, name.encode()) + part(2, shape(sizes)) + number(3, kind) + part(4, *[whole] * slices)


def meta(descriptions: Iterable[bytes]) -> tuple[bytes, bytes]:
    """The first entry of a checkpoint."""
    return b"", part(1, part(1, *descriptions))


def values(name: str, numbers: npt.NDArray[np.float32]) -> tuple[bytes, bytes]:
    """The entry with a tensor's values. A reader of ours goes by the name within, not by the key."""
    packed = part(5, np.ascontiguousarray(numbers, "<f4").tobytes())
    saved = part(1, name.encode()) + part(2, part(1, *(b"" for _ in numbers.shape))) + part(3, packed)
    return b"\0" + name.encode(), part(2, saved)


def checkpoint(tensors: Tensors, compression: int = 0, repeat: int = 1) -> bytes:
    """A version 1 checkpoint, a block for each tensor."""
    blocks = [[meta(described(name, tensor.shape) for name, tensor in tensors.items())]]
    blocks += [[values(name, tensors[name])] for name in sorted(tensors)]
    return table(blocks, compression, repeat)


# --- bundles --------------------------------------------------------------------------


def metagraph(state_sizes: Sequence[int], copies: int = 1) -> bytes:
    """As much of a metagraph as tells the sizes of the network's state, each ``copies`` times."""
    names = [f"zeros_{n}".encode() for n in range(len(state_sizes))]
    nodes = [
        part(1, name) + part(5, part(1, b"_output_shapes") + part(2, part(1, part(7, shape([1, size])))))
        for name, size in zip(names, state_sizes, strict=True)
    ]
    listed = part(1, *[name + b":0" for name in names for _ in range(copies)])
    return part(2, part(1, *nodes)) + part(4, part(1, b"initial_state") + part(2, part(1, listed)))


def bundle(
    configuration: str, *checkpoints: bytes, metagraph: bytes = b"", description: str = "by hand"
) -> bytes:
    """A GeneratorBundle."""
    return (
        part(1, part(1, configuration.encode()) + part(2, b"a test's"))
        + part(2, *checkpoints)
        + part(3, metagraph)
        + part(4, part(1, description.encode()))
    )
