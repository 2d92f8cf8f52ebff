"""What TensorFlow and Magenta wrote, read without TensorFlow: bundles, metagraphs, checkpoints.

A file may come from anywhere. Nothing in it is executed, and what is built from it is bounded: the
tensors by the file's own size, all else by the limits below.

Sources: note-seq's ``generator.proto``; TensorFlow's ``meta_graph.proto``, ``graph.proto``,
``saved_tensor_slice.proto`` and ``tensor.proto``; LevelDB's ``table_format.md`` for the tables
that version 1 checkpoints are.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any

import google_crc32c
import numpy as np
import numpy.typing as npt
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from psc2.core.ranges import counted
from psc2.text import printable

Tensor = npt.NDArray[np.float32]


class FormatError(Exception):
    """The bytes are not what they should be; the message says what was expected and what is there."""


# --- protocol buffers -----------------------------------------------------------------

# The fields that are read, each with its number and type; a list of a type is a repeated
# field. All others are skipped.
MESSAGES: dict[str, dict[str, tuple[int, object]]] = {
    "GeneratorBundle": {
        "generator_details": (1, "GeneratorDetails"),
        "checkpoint_file": (2, [bytes]),
        "metagraph_file": (3, bytes),
        "bundle_details": (4, "BundleDetails"),
    },
    "GeneratorDetails": {"id": (1, bytes), "description": (2, bytes)},
    "BundleDetails": {"description": (1, bytes)},
    "MetaGraphDef": {"graph_def": (2, "GraphDef"), "collection_def": (4, ["CollectionEntry"])},
    "CollectionEntry": {"key": (1, bytes), "value": (2, "CollectionDef")},
    "CollectionDef": {"node_list": (1, "NodeList")},
    "NodeList": {"value": (1, [bytes])},
    "GraphDef": {"node": (1, ["NodeDef"])},
    "NodeDef": {"name": (1, bytes), "attr": (5, ["AttributeEntry"])},
    "AttributeEntry": {"key": (1, bytes), "value": (2, "Attribute")},
    "Attribute": {"list": (1, "AttributeList")},
    "AttributeList": {"shape": (7, ["Shape"])},
    "Shape": {"dim": (2, ["Dimension"])},
    "Dimension": {"size": (1, int)},
    "SavedTensorSlicesMeta": {"meta": (1, "SavedMeta")},
    "SavedTensorSlicesData": {"data": (2, "SavedSlice")},
    "SavedMeta": {"tensor": (1, ["SavedTensor"])},
    "SavedTensor": {"name": (1, bytes), "shape": (2, "Shape"), "type": (3, int), "slice": (4, ["Slice"])},
    "SavedSlice": {"name": (1, bytes), "data": (3, "Values")},
    "Slice": {"extent": (1, ["Extent"])},
    "Extent": {"start": (1, int), "length": (2, int)},
    "Values": {"float_val": (5, [float])},
}
_Field = descriptor_pb2.FieldDescriptorProto
_TYPES = {bytes: _Field.TYPE_BYTES, int: _Field.TYPE_INT64, float: _Field.TYPE_FLOAT}


def _message_classes() -> dict[str, Any]:
    """A class for each of ``MESSAGES``, by name."""
    file = descriptor_pb2.FileDescriptorProto(name="psc2/tensorflow_files", package="psc2", syntax="proto3")
    for message, fields in MESSAGES.items():
        described = file.message_type.add(name=message)
        for name, (number, kind) in fields.items():
            repeated = isinstance(kind, list)
            of = kind[0] if isinstance(kind, list) else kind
            field = described.field.add(name=name, number=number)
            field.label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
            if isinstance(of, str):
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".psc2.{of}"
            elif isinstance(of, type):
                field.type = _TYPES[of]
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"psc2.{name}")) for name in MESSAGES
    }


_CLASSES = _message_classes()


def parse(message: str, data: bytes) -> Any:
    """Parse one of the protocol buffers in ``MESSAGES``. Raises: FormatError."""
    parsed = _CLASSES[message]()
    try:
        parsed.ParseFromString(data)
    except DecodeError as error:
        raise FormatError(f"expected a {message} protocol buffer, got something else") from error
    return parsed


VARINT, FIXED_BYTES = 0, {1: 8, 5: 4}  # kinds of fields: the others begin with how long they are


def count_fields(data: bytes, limit: int) -> int:
    """How many fields a message has, ``limit`` at most: parsing takes room for each, however short it is.

    >>> count_fields(b"\\x12\\x00\\x12\\x00", limit=10)
    2

    Raises: FormatError.
    """
    at = count = 0
    while at < len(data) and count < limit:
        tag, at = _varint(data, at)
        if (kind := tag & 7) in FIXED_BYTES:
            at += FIXED_BYTES[kind]
        else:
            number, at = _varint(data, at)
            at += 0 if kind == VARINT else number  # the value itself, or how many bytes follow
        count += 1
    return count


def text(data: bytes) -> str:
    """A name in a file, whatever bytes it is made of, on one line."""
    return printable(data.decode(errors="replace"))


# --- checkpoints ----------------------------------------------------------------------

FOOTER_BYTES = 48
BLOCK_TRAILER_BYTES = 5  # how it is compressed, and a checksum
MAGIC = 0xDB4775248B80FB57
MAX_KEY_BYTES = 1024
MAX_TENSORS = 1000
MAX_META_BYTES = 2**20  # of the entry that describes the tensors; those seen have 2 KiB
MAX_NAME_BYTES = 256
MAX_WEIGHT = 1e4  # those seen are below 50; with much larger ones the arithmetic overflows
MAX_DIMENSIONS = 8
FLOAT32 = 1  # in TensorFlow's ``types.proto``


def read_checkpoint(data: bytes) -> dict[str, Tensor]:
    """The float tensors of a version 1 checkpoint, by name. Raises: FormatError."""
    if len(data) < FOOTER_BYTES or struct.unpack("<Q", data[-8:])[0] != MAGIC:
        raise FormatError(
            f"expected a version 1 checkpoint, got {counted(len(data), 'byte')} that do not end as one"
        )
    footer = data[-FOOTER_BYTES:]
    _, _, at = _handle(footer, 0)  # the metaindex, which is empty
    index_at, index_size, _ = _handle(footer, at)
    shapes: dict[bytes, tuple[int, ...]] = {}
    tensors: dict[str, Tensor] = {}
    for key, value in islice(_table(data, index_at, index_size), MAX_TENSORS + 1):
        if not key:
            shapes = _shapes(value)
            continue
        saved = parse("SavedTensorSlicesData", value).data
        if saved.name in shapes:
            name = text(saved.name)
            if name in tensors:
                raise FormatError(f"expected {name} once, got it twice")
            tensors[name] = _tensor(name, shapes[saved.name], saved.data.float_val)
    if missing := {text(name) for name in shapes} - set(tensors):
        raise FormatError(f"expected the values of {min(missing)}, got none")
    return tensors


def _shapes(value: bytes) -> dict[bytes, tuple[int, ...]]:
    """The shape of each float tensor that was saved whole."""
    if len(value) > MAX_META_BYTES:
        raise FormatError(f"expected at most {MAX_META_BYTES:,} bytes about the tensors, got {len(value):,}")
    meta = parse("SavedTensorSlicesMeta", value).meta
    if len(meta.tensor) > MAX_TENSORS:
        raise FormatError(f"expected at most {MAX_TENSORS} tensors, got {len(meta.tensor)}")
    shapes = {}
    for saved in meta.tensor:
        if saved.type != FLOAT32:
            continue  # a step counter, say
        if len(saved.name) > MAX_NAME_BYTES:
            raise FormatError(f"expected names of at most {MAX_NAME_BYTES} bytes, got {len(saved.name)}")
        if len(saved.shape.dim) > MAX_DIMENSIONS:
            raise FormatError(
                f"expected {text(saved.name)} of at most {MAX_DIMENSIONS} dimensions, "
                f"got {len(saved.shape.dim)}"
            )
        if len(saved.slice) != 1 or any(extent.length for extent in saved.slice[0].extent):
            raise FormatError(f"expected {text(saved.name)} whole, got parts of it")
        shapes[saved.name] = tuple(dim.size for dim in saved.shape.dim)
    return shapes


def is_weights(tensor: Tensor) -> bool:
    """Whether a network can have these numbers: finite, and none so large that sums overflow."""
    return bool(np.all(np.abs(tensor) <= MAX_WEIGHT))


def _tensor(name: str, shape: tuple[int, ...], values: Any) -> Tensor:
    """The values in that shape. Raises: FormatError if they do not fill it, or no network has them."""
    if any(size < 1 for size in shape) or math.prod(shape) != len(values):
        raise FormatError(f"expected {name} of shape {list(shape)}, got {counted(len(values), 'value')}")
    tensor = np.array(values, dtype=np.float32).reshape(shape)
    if not is_weights(tensor):
        raise FormatError(f"expected numbers within ±{MAX_WEIGHT:g} in {name}, got others")
    return tensor


def _table(data: bytes, index_at: int, index_size: int) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of all the blocks that the index names."""
    read = 0
    for number, (_, handle) in enumerate(_entries(_block(data, index_at, index_size))):
        at, size, _ = _handle(handle, 0)
        read += size
        if read > len(data) or number > MAX_TENSORS:
            raise FormatError("expected each part of the checkpoint once, got some more often")
        yield from _entries(_block(data, at, size))


def _block(data: bytes, at: int, size: int) -> bytes:
    """A block of the table, once its checksum is seen to be right."""
    end = at + size + BLOCK_TRAILER_BYTES
    if end > len(data):
        raise FormatError(f"expected {counted(end, 'byte')} of checkpoint, got {len(data)}")
    compression = data[at + size]
    (masked,) = struct.unpack_from("<I", data, at + size + 1)
    if masked != _masked(google_crc32c.value(data[at : at + size + 1])):
        raise FormatError(f"expected the checksum of the block at byte {at} to fit, and it does not")
    if compression:
        raise FormatError(f"expected an uncompressed checkpoint, got compression {compression}")
    return data[at : at + size]


def _masked(checksum: int) -> int:
    """A checksum as it is stored. Source: LevelDB's ``crc32c.h``."""
    return ((checksum >> 15 | checksum << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The keys and values of a block; a key is stored as its difference from the one before."""
    if len(block) < 4:
        raise FormatError(f"expected a block of 4 bytes or more, got {len(block)}")
    (restarts,) = struct.unpack("<I", block[-4:])
    end = len(block) - 4 - 4 * restarts
    at, key = 0, b""
    while at < end:
        shared, at = _varint(block, at)
        unshared, at = _varint(block, at)
        length, at = _varint(block, at)
        if shared > len(key) or shared + unshared > MAX_KEY_BYTES or at + unshared + length > end:
            raise FormatError("expected an entry of the block to end within it, and it does not")
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        yield key, block[at : at + length]
        at += length


def _handle(data: bytes, at: int) -> tuple[int, int, int]:
    """Where a block begins, its size, and where the handle ends."""
    offset, at = _varint(data, at)
    size, at = _varint(data, at)
    return offset, size, at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A whole number in groups of seven bits, and where it ends.

    >>> _varint(b"\\xac\\x02", 0)
    (300, 2)
    """
    number = 0
    for shift in range(0, 64, 7):
        if at >= len(data):
            raise FormatError("expected a number, got the end of the data")
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
    raise FormatError("expected a number of at most 64 bits, got a longer one")
