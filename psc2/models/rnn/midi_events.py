"""MIDI files as a configuration's events, and events as MIDI files.

Imports note-seq, which takes a second: the commands do, the instrument never does.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub, which note-seq imports, looks for ffmpeg
    import note_seq

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models.bundles.files import MIDI_SUFFIXES, replacing
from psc2.models.rnn.configurations import Configuration

HAND_CLAP = 39  # how note-seq writes the one drum of ``one_drum``
UNUSABLE = (
    note_seq.BadTimeSignatureError,
    note_seq.MultipleTimeSignatureError,
    note_seq.MultipleTempoError,
    note_seq.NonIntegerStepsPerBarError,
)


def files(path: Path) -> list[Path]:
    """The MIDI file at ``path``, or all those below it, in order. Raises: ModelError if there are none."""
    if path.is_file():
        return [path]
    found = sorted(file for file in path.rglob("*") if file.suffix.lower() in MIDI_SUFFIXES)
    if not found:
        raise ModelError(f"{path}: expected a MIDI file, or a folder of them, got none")
    return found


def read(
    path: Path, configuration: Configuration, keep: Callable[[int, int], bool] | None = None
) -> list[list[int]]:
    """Read a MIDI file as events: a melody for each instrument, or the drums.

    Of melody notes that begin together the highest is taken. ``keep`` decides by pitch and velocity
    which notes count; all, if it is left out. Raises: ModelError.
    """
    try:
        sequence = note_seq.midi_file_to_note_sequence(str(path))
        if keep is not None:
            kept = [note for note in sequence.notes if keep(note.pitch, note.velocity)]
            del sequence.notes[:]
            sequence.notes.extend(kept)
        quantized = note_seq.quantize_note_sequence(sequence, configuration.steps_per_quarter)
        if configuration.model is Model.DRUMS:
            found = [_drums(quantized, configuration)]
        else:
            parts = sorted({note.instrument for note in quantized.notes if not note.is_drum})
            found = [_melody(quantized, part) for part in parts]
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
    except note_seq.MIDIConversionError as error:
        raise ModelError(f"{path}: expected a MIDI file") from error
    except UNUSABLE as error:
        raise ModelError(f"{path}: {' '.join(str(error).split()) or type(error).__name__}") from error
    return [events for events in found if events]


def _melody(quantized: Any, instrument: int) -> list[int]:
    melody = note_seq.Melody()
    melody.from_quantized_sequence(
        quantized, instrument=instrument, gap_bars=float("inf"), ignore_polyphonic_notes=True
    )
    return [int(event) for event in melody]


def _drums(quantized: Any, configuration: Configuration) -> list[int]:
    track = note_seq.DrumTrack()
    track.from_quantized_sequence(quantized, gap_bars=float("inf"))
    return [strokes_of(event, configuration) for event in track]


def strokes_of(pitches: Sequence[int] | frozenset[int], configuration: Configuration) -> int:
    """The event of drums that are struck together, from their General MIDI pitches."""
    strokes = note_seq.MultiDrumOneHotEncoding().encode_event(pitches)
    return int(strokes if configuration.encoding.num_classes > 2 else bool(pitches))


def write(events: Sequence[int], configuration: Configuration, qpm: float, path: Path) -> None:
    """Write the events as a MIDI file. Raises: ModelError where it cannot be written."""
    if configuration.model is Model.MELODY:
        sequence = note_seq.Melody(list(events))
    else:
        decode = note_seq.MultiDrumOneHotEncoding().decode_event
        one_drum = configuration.encoding.num_classes == 2
        strokes = [frozenset([HAND_CLAP] if event else []) if one_drum else decode(event) for event in events]
        sequence = note_seq.DrumTrack(strokes, steps_per_quarter=configuration.steps_per_quarter)
    try:
        with replacing(path) as part:
            note_seq.sequence_proto_to_midi_file(sequence.to_sequence(qpm=qpm), str(part))
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}") from error
