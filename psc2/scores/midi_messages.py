"""Standard MIDI Files as they are found: their chunks and messages, whatever wrote them.

What does not matter for the notes is read past: texts, keys, system exclusive of any kind, chunks that
are not tracks, lengths that do not fit. What is damaged ends its track there, with a remark.

Source: "Standard MIDI Files 1.0", MIDI Manufacturers Association, 1996; "RMID" in its addendum.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from psc2.core.ranges import counted

HEADER, TRACK = b"MThd", b"MTrk"
HEADER_BYTES = 6
FRAME_RATES = (24, 25, 29, 30)  # of SMPTE time, frames a second; 29 stands for 29.97
JUNK_BYTES = 1024  # before the header, as some systems put there
MAX_TIME = 2**28  # ticks: what a length of four bytes holds, from one message to the next
NOTE_OFF, NOTE_ON, PROGRAM = 0x80, 0x90, 0xC0
ONE_DATA_BYTE = (0xC0, 0xD0)
SYSTEM_DATA_BYTES = {0xF1: 1, 0xF2: 2, 0xF3: 1}  # of messages that no file should have
SYSEX, SYSEX_END, META = 0xF0, 0xF7, 0xFF
END_OF_TRACK, TEMPO, METER = 0x2F, 0x51, 0x58  # kinds of meta messages
WANTED = {TEMPO: 3, METER: 2}  # and how many bytes of them are looked at


class TrackEvent(NamedTuple):
    """A message that matters: a note on or off, a program, a tempo or a meter."""

    tick: int  # from the start of the track
    status: int  # with the channel; of a meta message its kind
    data: bytes


class TrackEvents(NamedTuple):
    """What a track holds, as far as it could be read."""

    events: list[TrackEvent]
    last_tick: int
    damage: str  # why not all of it could be read; empty if it could


@dataclass(frozen=True, slots=True)
class MidiChunks:
    """The header and the tracks of a MIDI file."""

    format: int  # 0: one track; 1: tracks of one piece; 2: tracks that are pieces of their own
    division: int  # ticks a quarter note; below 0 SMPTE's frames a second and ticks a frame, as in the file
    tracks: tuple[TrackEvents, ...]


def read_chunks(data: bytes) -> MidiChunks:
    """Read a file's header and tracks. Raises: ValueError, what the file is instead of a MIDI file."""
    data = _unwrapped(data)
    start = data.find(HEADER, 0, JUNK_BYTES + len(HEADER))
    if not data:
        raise ValueError("an empty file")
    if start < 0:
        raise ValueError(f"one that begins with {_printable(data[:8])} and not with MThd")
    body = start + 8
    if len(data) < body + HEADER_BYTES:
        raise ValueError("one whose header is cut short")
    (size,) = struct.unpack(">L", data[start + 4 : body])
    format_, _, division = struct.unpack(">HHh", data[body : body + HEADER_BYTES])
    if division == 0 or (division < 0 and not division & 0xFF):
        raise ValueError("one that has 0 ticks a quarter note")
    if division < 0 and (frames := -(division >> 8)) not in FRAME_RATES:
        raise ValueError(f"one whose SMPTE time has {counted(frames, 'frame')} a second, not 24, 25, 29, 30")
    first = body + max(size, HEADER_BYTES)
    tracks = tuple(_tracks(data, first if first < len(data) else body + HEADER_BYTES))
    if not tracks:
        raise ValueError("one without a track")
    return MidiChunks(format_, division, tracks)


def _printable(data: bytes) -> str:
    return repr(data)[1:]


def _unwrapped(data: bytes) -> bytes:
    """The MIDI file in a RIFF file, as Windows' .rmi files are; any other data as it is."""
    if data[:4] != b"RIFF" or data[8:12] != b"RMID":
        return data
    place = 12
    while place + 8 <= len(data):
        name, (size,) = data[place : place + 4], struct.unpack("<L", data[place + 4 : place + 8])
        if name == b"data":
            return data[place + 8 : place + 8 + size]
        place += 8 + size + size % 2
    return data


# --- tracks ---------------------------------------------------------------------------


def _tracks(data: bytes, start: int) -> Iterator[TrackEvents]:
    """Each track; other chunks are left out, and where none begins, the next track is looked for."""
    while start < len(data):
        name, size = data[start : start + 4], data[start + 4 : start + 8]
        if not _is_chunk(data, start):
            start = data.find(TRACK, start + 1)
            if start < 0:
                return
            continue
        begin = start + 8
        end = begin + int.from_bytes(size, "big")
        if name == TRACK:
            is_short = False
            if not _ends_well(data, end):  # the length says something else than the track
                following = data.find(TRACK, begin)
                is_short = following < 0 and end > len(data)
                end = following if following >= 0 else len(data)
            yield _Track(data[begin:end], is_short).read()
        start = min(end, len(data))


def _is_chunk(data: bytes, place: int) -> bool:
    name = data[place : place + 4]
    return len(data) >= place + 8 and name.isascii() and name.decode("ascii").isprintable()


def _ends_well(data: bytes, end: int) -> bool:
    """Whether a chunk may end here: the file does, or another chunk begins, perhaps after one byte."""
    return end == len(data) or _is_chunk(data, end) or data[end + 1 : end + 5] == TRACK


class _Track:
    """A place in a track's bytes, which moves on as they are read."""

    def __init__(self, data: bytes, is_short: bool) -> None:
        self._data = data
        self._is_short = is_short  # it says that there is more of it than the file has
        self._place = 0
        self._running = 0  # the last status of a channel's message: it may be left out. 0: none yet
        self._tick = 0

    def read(self) -> TrackEvents:
        """All the events that matter, up to the track's end or to where it is damaged."""
        events: list[TrackEvent] = []
        try:
            while self._place < len(self._data):
                self._tick += self._length()
                event = self._message()
                if event is None:
                    continue
                if event.status == END_OF_TRACK:
                    return TrackEvents(events, self._tick, "")
                events.append(event)
            if self._is_short:
                raise IndexError
        except IndexError:
            return TrackEvents(events, self._tick, "is cut short")
        except ValueError as error:
            return TrackEvents(events, self._tick, str(error))
        return TrackEvents(events, self._tick, "")

    def _message(self) -> TrackEvent | None:
        """The message here, if it matters. Raises: IndexError at the end, ValueError for what is none."""
        status = self._data[self._place]
        if status < 0x80:
            if not self._running:
                raise ValueError(f"has {status} where a message should begin")
            return self._channel_message(self._running)
        self._place += 1
        if status < SYSEX:
            self._running = status
            return self._channel_message(status)
        if status == META:
            return self._meta()
        if status in (SYSEX, SYSEX_END):
            self._skip_sysex()
        else:
            self._take(SYSTEM_DATA_BYTES.get(status, 0))
        return None

    def _channel_message(self, status: int) -> TrackEvent | None:
        kind = status & 0xF0
        data = self._take(1 if kind in ONE_DATA_BYTE else 2)
        if kind not in (NOTE_OFF, NOTE_ON, PROGRAM) or data[0] > 127:
            return None
        return TrackEvent(self._tick, status, bytes(min(byte, 127) for byte in data))

    def _meta(self) -> TrackEvent | None:
        (kind,) = self._take(1)
        data = self._take(self._length())
        if kind == END_OF_TRACK:
            return TrackEvent(self._tick, kind, b"")
        wanted = WANTED.get(kind)
        return TrackEvent(self._tick, kind, data[:wanted]) if wanted and len(data) >= wanted else None

    def _skip_sysex(self) -> None:
        """Go past a system exclusive message; if it is longer than the track, to the byte that ends one."""
        start = self._place
        size = self._length()
        if self._place + size <= len(self._data):
            self._place += size
            return
        end = self._data.find(SYSEX_END, start)
        if end < 0:
            raise IndexError
        self._place = end + 1

    def _length(self) -> int:
        """A number of variable length. Raises: IndexError."""
        number = 0
        while True:
            byte = self._data[self._place]
            self._place += 1
            number = (number << 7 | byte & 0x7F) % MAX_TIME
            if byte < 0x80:
                return number

    def _take(self, number: int) -> bytes:
        """The next bytes. Raises: IndexError."""
        taken = self._data[self._place : self._place + number]
        if len(taken) < number:
            raise IndexError
        self._place += number
        return taken
