"""The music in a MIDI file: notes, tempi and meters, each at its tick.

Ticks divide quarter notes, so that places in a bar do not depend on the tempo.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from psc2.core.meter import STEPS_PER_QUARTER
from psc2.scores.midi_messages import METER, NOTE_OFF, NOTE_ON, PROGRAM, TEMPO, TrackEvent, read_chunks

DRUM_CHANNEL = 9  # General MIDI's channel 10
TICKS_PER_QUARTER = 960  # of music whose file counts in seconds
MICROSECONDS_PER_MINUTE = 60_000_000
DEFAULT_QPM = 120.0  # of a file that says nothing else
DROP_FRAMES, DROP_FRAME_RATE = 29, 30_000 / 1001  # SMPTE's name for a rate, and frames a second
MAX_DENOMINATOR = 64  # of a meter: others are read past
PATTERNS = 2  # the format of a file whose tracks are pieces of their own


class Meter(NamedTuple):
    """A time signature of any kind, as it is written."""

    numerator: int  # 1–255
    denominator: int  # a power of 2, 1–64

    def bar_steps(self, steps_per_quarter: int = STEPS_PER_QUARTER) -> int:
        """How many steps a bar has; where that is no whole number, as few bars as have one.

        >>> Meter(3, 4).bar_steps(), Meter(7, 8).bar_steps(), Meter(3, 32).bar_steps()
        (12, 14, 3)
        """
        return Fraction(4 * steps_per_quarter * self.numerator, self.denominator).numerator

    def beat_steps(self) -> int:
        """How many 16ths a beat has, one where that is no whole number."""
        return max(1, 4 * STEPS_PER_QUARTER // self.denominator)


COMMON_METER = Meter(4, 4)


class MidiInstrument(NamedTuple):
    """What plays a note: instruments differ in track, channel or program."""

    track: int  # 0-based
    channel: int  # 0–15
    program: int  # 0–127, General MIDI's

    @property
    def is_drums(self) -> bool:
        return self.channel == DRUM_CHANNEL


class MidiNote(NamedTuple):
    """A note, or a stroke."""

    onset: int  # tick
    end: int  # tick, after the onset
    pitch: int  # 0–127
    velocity: int  # 1–127
    instrument: MidiInstrument


@dataclass(frozen=True, slots=True)
class MidiMusic:
    """A piece: all the tracks of a file, or one of those that are pieces of their own."""

    ticks_per_quarter: int
    notes: tuple[MidiNote, ...]  # in order of track, then of their ends
    tempi: tuple[tuple[int, float], ...]  # each tick from which on a tempo holds, and its qpm; the first at 0
    meters: tuple[tuple[int, Meter], ...]  # the same of meters; no two that follow each other are equal
    damage: tuple[str, ...]  # what could not be read


def read_music(data: bytes) -> list[MidiMusic]:
    """Read a MIDI file's pieces: one, or as many as there are tracks if those are independent.

    Raises: ValueError, what the file is instead of a MIDI file.
    """
    chunks = read_chunks(data)
    damage = tuple(f"track {n} {track.damage}" for n, track in enumerate(chunks.tracks, 1) if track.damage)
    tracks = [[*track.events, _end_at(track.last_tick)] for track in chunks.tracks]
    if chunks.format == PATTERNS:
        return [
            _music([track], number, chunks.division, () if number else damage)
            for number, track in enumerate(tracks)
        ]
    return [_music(tracks, 0, chunks.division, damage)]


def _end_at(tick: int) -> TrackEvent:
    """A message that says nothing but when a track ends."""
    return TrackEvent(tick, 0, b"")


def _music(
    tracks: Sequence[Sequence[TrackEvent]], first_track: int, division: int, damage: tuple[str, ...]
) -> MidiMusic:
    """The music of tracks that sound together."""
    tempi = _changes(tracks, TEMPO)
    if division < 0:
        seconds = _SmpteTime(division, tempi)
        tracks = [[event._replace(tick=seconds.tick_of(event.tick)) for event in track] for track in tracks]
        tempi = _changes(tracks, TEMPO)
    return MidiMusic(
        division if division > 0 else TICKS_PER_QUARTER,
        tuple(note for number, track in enumerate(tracks, first_track) for note in _notes(track, number)),
        _tempi(tempi),
        _meters(_changes(tracks, METER)),
        damage,
    )


def _changes(tracks: Iterable[Sequence[TrackEvent]], kind: int) -> list[tuple[int, bytes]]:
    """The tempi or the meters of all tracks, by tick; where several tracks have one, the first track's."""
    found: dict[int, bytes] = {}
    for track in tracks:
        found = {event.tick: event.data for event in track if event.status == kind} | found
    return sorted(found.items())


def _tempi(changes: Iterable[tuple[int, bytes]]) -> tuple[tuple[int, float], ...]:
    """Every tempo that holds for a while, from tick 0 on."""
    tempi = {0: DEFAULT_QPM}
    for tick, data in changes:
        if microseconds := int.from_bytes(data, "big"):
            tempi[tick] = MICROSECONDS_PER_MINUTE / microseconds
    return tuple(sorted(tempi.items()))


def _meters(changes: Iterable[tuple[int, bytes]]) -> tuple[tuple[int, Meter], ...]:
    """Every meter that differs from the one before, from tick 0 on."""
    meters = {0: COMMON_METER}
    for tick, data in changes:
        meter = Meter(data[0], 1 << data[1])
        if meter.numerator and meter.denominator <= MAX_DENOMINATOR:
            meters[tick] = meter
    ordered = sorted(meters.items())
    return (ordered[0], *(change for before, change in pairwise(ordered) if change[1] != before[1]))


# --- notes ----------------------------------------------------------------------------


def _notes(track: Sequence[TrackEvent], number: int) -> Iterator[MidiNote]:
    """The notes of a track, in order of their ends.

    A note off ends all notes of its pitch that began before it, and if there are none, the one that begins
    with it, which then lasts a tick. What nobody ends lasts as long as the track.

    Source: pretty_midi's ``_load_instruments``, which leaves those of no length and no end out.
    """
    programs = [0] * 16
    open_notes: dict[tuple[int, int], list[MidiNote]] = {}
    for tick, status, data in track:
        kind, channel = status & 0xF0, status & 0x0F
        if status < NOTE_OFF:
            continue
        if kind == PROGRAM:
            programs[channel] = data[0]
        elif kind == NOTE_ON and data[1]:
            instrument = MidiInstrument(number, channel, programs[channel])
            note = MidiNote(tick, tick + 1, data[0], data[1], instrument)
            open_notes.setdefault((channel, data[0]), []).append(note)
        else:
            held = open_notes.pop((channel, data[0]), [])
            begun = [note for note in held if note.onset == tick]
            if begun and len(begun) < len(held):
                open_notes[channel, data[0]] = begun
                held = held[: -len(begun)]
            yield from (_ended(note, tick) for note in held)
    end = track[-1].tick
    yield from (_ended(note, end) for held in open_notes.values() for note in held)


def _ended(note: MidiNote, tick: int) -> MidiNote:
    return note._replace(end=max(tick, note.onset + 1))


# --- time in seconds ------------------------------------------------------------------


class _SmpteTime:
    """A file that counts frames: its ticks are seconds, and its tempi say how long a quarter note lasts."""

    def __init__(self, division: int, tempi: Iterable[tuple[int, bytes]]) -> None:
        frames, per_frame = -(division >> 8), division & 0xFF
        per_second = per_frame * (DROP_FRAME_RATE if frames == DROP_FRAMES else frames)
        self._starts: list[int] = []
        self._origins: list[float] = []  # quarter notes up to each start
        self._rates: list[float] = []  # quarter notes a tick
        for start, qpm in _tempi(tempi):
            self._origins.append(self._quarters(start) if self._starts else 0.0)
            self._starts.append(start)
            self._rates.append(qpm / 60 / per_second)

    def _quarters(self, tick: int) -> float:
        place = bisect_right(self._starts, tick) - 1
        return self._origins[place] + (tick - self._starts[place]) * self._rates[place]

    def tick_of(self, tick: int) -> int:
        """The tick as a part of a quarter note."""
        return round(self._quarters(tick) * TICKS_PER_QUARTER)
