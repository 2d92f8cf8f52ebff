"""MIDI files as a configuration's events, and events as MIDI files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from mido import Message, MetaMessage, MidiFile, bpm2tempo

from psc2.core.ranges import counted
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.files import bounded_bytes, replacing
from psc2.models.bundles.files import MIDI_SUFFIXES
from psc2.models.rnn import quantization
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NOTE_OFF
from psc2.models.rnn.quantization import Excerpt
from psc2.scores.midi_file import DRUM_CHANNEL, TICKS_PER_QUARTER, Timed, track
from psc2.scores.midi_music import MidiMusic, read_music

MAX_MIDI_BYTES = 2**22
MAX_REMARKS = 3  # of a file's damaged tracks, those that are named
VELOCITY = 100  # of what is written
HAND_CLAP = 39  # how note-seq writes the one drum of ``one_drum``
RESOURCE_FORKS = "._"  # how macOS begins the names of what goes with a file on a foreign disk

Keep = Callable[[int, int], bool]
Remark = Callable[[str], None]  # tells what was left out of a file that could be read


def no_remark(_: str) -> None:
    """Tell nobody."""


def files(path: Path) -> list[Path]:
    """The MIDI file at ``path``, or all those below it, in order. Raises: ModelError if there are none."""
    if path.is_file():
        return [path]
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in MIDI_SUFFIXES
        and not file.name.startswith(RESOURCE_FORKS)
        and file.is_file()
    )
    if not found:
        raise ModelError(f"{path}: expected a MIDI file, or a folder of them, got none")
    return found


def read(
    path: Path, configuration: Configuration, keep: Keep | None = None, remark: Remark = no_remark
) -> list[list[int]]:
    """Read a MIDI file as events: a melody for each instrument and meter, or the drums for each meter.

    ``keep`` decides by pitch and velocity which notes count; all, if it is left out. Raises: ModelError.
    """
    return [excerpt.events for excerpt in read_excerpts(path, configuration, keep, remark)]


def read_excerpts(
    path: Path, configuration: Configuration, keep: Keep | None = None, remark: Remark = no_remark
) -> list[Excerpt]:
    """Read a MIDI file as excerpts, by instrument, and then in order. Raises: ModelError."""
    strokes = partial(strokes_of, configuration=configuration)
    found: list[Excerpt] = []
    for music in _read_music(path):
        for line in _remarks(music, configuration):
            remark(f"{path}: {line}")
        if keep is not None:
            notes = tuple(note for note in music.notes if keep(note.pitch, note.velocity))
            music = replace(music, notes=notes)
        try:
            found += quantization.excerpts(music, configuration, strokes)
        except ValueError as error:
            raise ModelError(f"{path}: {error}") from error
    return found


def _read_music(path: Path) -> list[MidiMusic]:
    try:
        data = bounded_bytes(path, MAX_MIDI_BYTES)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    if len(data) > MAX_MIDI_BYTES:
        raise ModelError(f"{path}: expected at most {MAX_MIDI_BYTES:,} bytes, got more")
    try:
        return read_music(data)
    except ValueError as error:
        raise ModelError(f"{path}: expected a MIDI file, got {error}") from error


def _remarks(music: MidiMusic, configuration: Configuration) -> Iterator[str]:
    """Lines about what is left out of a file."""
    if music.damage:
        more = len(music.damage) - MAX_REMARKS
        named = "; ".join(music.damage[:MAX_REMARKS])
        yield f"read as far as possible: {named}{f'; and {more} more' if more > 0 else ''}"
    if configuration.model is Model.DRUMS:
        unknown = quantization.unknown_strokes(music, partial(strokes_of, configuration=configuration))
        if unknown:
            yield f"left out {unknown_text(unknown)}"


def unknown_text(unknown: Counter[int]) -> str:
    """Strokes that no drum has, in words.

    >>> unknown_text(Counter({20: 1, 99: 2}))
    '3 strokes of pitches that no drum has: 20, 99'
    """
    strokes = counted(sum(unknown.values()), "stroke")
    return f"{strokes} of pitches that no drum has: {', '.join(map(str, sorted(unknown)))}"


# --- drums ----------------------------------------------------------------------------


@cache
def _drum_encoding() -> Any:
    """Magenta's drums and their pitches. Importing note-seq takes a second: only who needs them waits."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydub, which note-seq imports, looks for ffmpeg
        import note_seq
    return note_seq.MultiDrumOneHotEncoding()


def strokes_of(pitches: Iterable[int], configuration: Configuration) -> int:
    """The event of drums that are struck together, from their General MIDI pitches."""
    struck = frozenset(pitches)
    if configuration.encoding.num_classes == 2:
        return int(bool(struck))
    return int(_drum_encoding().encode_event(struck))


def _pitches_of(event: int, configuration: Configuration) -> list[int]:
    if configuration.encoding.num_classes == 2:
        return [HAND_CLAP] if event else []
    return sorted(_drum_encoding().decode_event(event))


# --- writing --------------------------------------------------------------------------


def write(events: Sequence[int], configuration: Configuration, qpm: float, path: Path) -> None:
    """Write events in 4/4 as a MIDI file. Raises: ModelError where it cannot be written."""
    write_excerpts([Excerpt(list(events), tempi=((0.0, qpm),))], configuration, path)


def write_excerpts(excerpts: Sequence[Excerpt], configuration: Configuration, path: Path) -> None:
    """Write excerpts as a MIDI file, each in its own meter and tempi from a bar line on.

    Raises: ModelError where it cannot be written.
    """
    ticks = TICKS_PER_QUARTER // configuration.steps_per_quarter
    conducting: list[Timed] = []
    playing: list[Timed] = []
    start = 0  # step
    for excerpt in excerpts:
        meter = excerpt.meter
        message = MetaMessage("time_signature", numerator=meter.numerator, denominator=meter.denominator)
        conducting.append((start * ticks, 0, message))
        conducting += [
            (round((start + step) * ticks), 0, MetaMessage("set_tempo", tempo=bpm2tempo(qpm)))
            for step, qpm in excerpt.tempi
        ]
        for onset, end, pitch in notes_of(excerpt.events, configuration):
            playing += _note((start + onset) * ticks, (start + end) * ticks, pitch, configuration)
        bar = meter.bar_steps(configuration.steps_per_quarter)
        start += -(-len(excerpt.events) // bar) * bar
    file = MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, charset="utf-8")
    file.tracks = [track("", conducting), track(configuration.model.value, playing)]
    try:
        with replacing(path) as part:
            file.save(part)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error


def notes_of(events: Sequence[int], configuration: Configuration) -> Iterator[tuple[int, int, int]]:
    """Onset and end, in steps, and pitch of each note or stroke."""
    if configuration.model is Model.DRUMS:
        for step, event in enumerate(events):
            yield from ((step, step + 1, pitch) for pitch in _pitches_of(event, configuration))
        return
    changes = [step for step, event in enumerate(events) if event >= 0 or event == NOTE_OFF]
    for step, end in pairwise([*changes, len(events)]):
        if events[step] >= 0:
            yield step, end, events[step]


def _note(on: int, off: int, pitch: int, configuration: Configuration) -> Iterator[Timed]:
    channel = DRUM_CHANNEL if configuration.model is Model.DRUMS else 0
    yield on, 2, Message("note_on", skip_checks=True, channel=channel, note=pitch, velocity=VELOCITY)
    yield off, 1, Message("note_off", skip_checks=True, channel=channel, note=pitch, velocity=0)
