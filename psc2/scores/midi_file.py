"""A score as a Standard MIDI File: one track a part, its bar lines where the loop's are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mido import Message, MetaMessage, MidiFile, MidiTrack, bpm2tempo

from psc2.core.drums import PITCHES_OF_DRUM
from psc2.core.instruments import Instrument
from psc2.core.meter import STEPS_PER_QUARTER
from psc2.files import replacing
from psc2.scores.score import Note, Part, Score

TICKS_PER_STEP = 240
TICKS_PER_QUARTER = STEPS_PER_QUARTER * TICKS_PER_STEP
DRUM_CHANNEL = 9  # General MIDI's channel 10
CHANNEL_AND_PROGRAM = {  # General MIDI programs, 0-based; none on the drum channel
    Part.CLICK: (DRUM_CHANNEL, None),
    Part.BASS: (0, 32),  # acoustic bass
    Part.CHORDS: (1, 4),  # electric piano
    Part.DRUMS: (DRUM_CHANNEL, None),
    Part.PLAYER: (2, 0),  # grand piano
    Part.MACHINE: (3, 11),  # vibraphone
}
PITCH_OF_STRIKE = {drum: pitches[0] for drum, pitches in PITCHES_OF_DRUM.items()} | {
    Instrument.CLICK_SEQUENCE: 75,  # claves
    Instrument.CLICK_BAR: 76,  # high wood block
    Instrument.CLICK_BEAT: 77,  # low wood block
}

Timed = tuple[int, int, Message | MetaMessage]  # tick, place among those of a tick, message


def write(score: Score, path: Path) -> None:
    """Write the score as a MIDI file. Raises: OSError."""
    file = MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER, charset="utf-8")
    file.tracks.append(track(score.title, _conducting(score)))
    for part in Part:
        file.tracks.append(track(part.value, _playing(score, part)))
    with replacing(path) as unfinished:
        file.save(unfinished)


def tick_of(score: Score, step: float) -> int:
    """The tick of a step; the file begins with the score's first bar line, and nothing comes before it."""
    return max(0, round((step - score.start) * TICKS_PER_STEP))


def _conducting(score: Score) -> Iterator[Timed]:
    """Tempi, meters and, as markers, the sections."""
    for step, qpm in score.tempi:
        yield tick_of(score, step), 0, MetaMessage("set_tempo", tempo=bpm2tempo(qpm))
    before = None
    for step, meter in score.bar_lines.items():
        if meter != before:
            message = MetaMessage(
                "time_signature", numerator=meter.numerator, denominator=meter.denominator,
                clocks_per_click=6 * meter.steps_per_beat,
            )  # fmt: skip
            yield tick_of(score, step), 0, message
        before = meter
    for step, name in score.sections:
        yield tick_of(score, step), 1, MetaMessage("marker", text=name)


def _playing(score: Score, part: Part) -> Iterator[Timed]:
    """A part's program and notes."""
    channel, program = CHANNEL_AND_PROGRAM[part]
    if program is not None:
        yield 0, 0, Message("program_change", channel=channel, program=program)
    for note, end in _apart([note for note in score.notes if note.part is part]):
        yield from _note(score, note, end, channel)


def _apart(notes: Sequence[Note]) -> Iterator[tuple[Note, float]]:
    """Each note, and the step at which it ends: a channel has one voice a pitch, which the next one takes."""
    onsets: dict[tuple[Instrument, int], float] = {}
    for note in reversed(notes):
        name = (note.instrument, note.pitch)
        yield note, min(note.end, onsets.get(name, note.end))
        onsets[name] = note.onset


def _note(score: Score, note: Note, end: float, channel: int) -> Iterator[Timed]:
    """On and off; of one tick the offs come first."""
    pitch = PITCH_OF_STRIKE.get(note.instrument, note.pitch)
    on, off = tick_of(score, note.onset), tick_of(score, end)
    yield on, 2, Message("note_on", channel=channel, note=pitch, velocity=note.velocity)
    yield max(off, on + 1), 1, Message("note_off", channel=channel, note=pitch, velocity=0)


def track(name: str, timed: Iterable[Timed]) -> MidiTrack:
    """A track of messages in any order, each at its tick."""
    made, now = MidiTrack([MetaMessage("track_name", name=name)]), 0
    for tick, _, message in sorted(timed, key=lambda it: it[:2]):
        message.time = tick - now  # each is made for this track: no copy, which would check all of it again
        made.append(message)
        now = tick
    return made
