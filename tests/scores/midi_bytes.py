"""MIDI files byte by byte, right and wrong."""

import struct
from collections.abc import Sequence

QUARTER = 96  # ticks
END = b"\x00\xff\x2f\x00"


def length(number: int) -> bytes:
    """A number of variable length."""
    data = [number & 0x7F]
    while number := number >> 7:
        data.append(0x80 | number & 0x7F)
    return bytes(reversed(data))


def header(format_: int = 0, tracks: int = 1, division: int = QUARTER) -> bytes:
    return b"MThd" + struct.pack(">LHHh", 6, format_, tracks, division)


def track(*messages: bytes, end: bytes = END) -> bytes:
    body = b"".join(messages) + end
    return b"MTrk" + struct.pack(">L", len(body)) + body


def file(*messages: bytes, end: bytes = END) -> bytes:
    """A file of one track."""
    return header() + track(*messages, end=end)


def after(ticks: int, *data: int) -> bytes:
    """A message so long after the one before."""
    return length(ticks) + bytes(data)


def meta(ticks: int, kind: int, data: bytes) -> bytes:
    return after(ticks, 0xFF, kind) + length(len(data)) + data


def tempo(ticks: int, qpm: float) -> bytes:
    return meta(ticks, 0x51, round(60_000_000 / qpm).to_bytes(3, "big"))


def meter(ticks: int, numerator: int, power: int) -> bytes:
    return meta(ticks, 0x58, bytes([numerator, power, 24, 8]))


def line(pitches: Sequence[int], ticks: int = QUARTER, channel: int = 0) -> bytes:
    """Notes one after the other."""
    return b"".join(
        after(0, 0x90 | channel, pitch, 90) + after(ticks, 0x80 | channel, pitch, 0) for pitch in pitches
    )
