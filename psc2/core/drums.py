"""The deterministic beat, and what the drums are called."""

from __future__ import annotations

from collections.abc import Iterable

from psc2.core.drum_styles import DrumStyle, strokes_of
from psc2.core.grouping import Groups
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Form
from psc2.core.requests import Hit

# General MIDI drum pitches, the first of each the one we write.
# Source: the mapping of the 2018 system.
PITCHES_OF_DRUM: dict[Instrument, tuple[int, ...]] = {
    Instrument.KICK: (36, 35),
    Instrument.SNARE: (38, 27, 28, 31, 32, 33, 34, 37, 39, 40, 56, 65, 66, 75, 85),
    Instrument.CLOSED_HIHAT: (42, 44, 54, 68, 69, 70, 71, 73, 78, 80),
    Instrument.OPEN_HIHAT: (46, 67, 72, 74, 79, 81),
    Instrument.LOW_TOM: (45, 29, 41, 61, 64, 84),
    Instrument.MID_TOM: (47, 48, 60, 63, 77, 86, 87),
    Instrument.HIGH_TOM: (50, 30, 43, 62, 76, 83),
    Instrument.CRASH: (49, 55, 57, 58),
    Instrument.RIDE: (51, 52, 53, 59, 82),
}


def deterministic_beat(
    bass_line: Iterable[PlayableNote],
    form: Form,
    style: DrumStyle = DrumStyle.PAPER,
    bars: range | None = None,
    groups: Groups = (),
) -> list[PlayableNote]:
    """The beat built on the bassline, bar by bar.

    Args:
        bars: those of the form that are wanted; None for all.
        groups: the beats of the meter in each group; () for the usual ones.
    """
    steps = range(form.time_signature.steps_per_bar)
    bars = range(form.num_bars) if bars is None else bars
    onsets = {note.place for note in bass_line if note.bar in bars and note.step in steps}
    strokes = strokes_of(style, bars, form.time_signature, groups, onsets)
    return [
        drum_note(bar, step, drum, velocity)
        for drum, places in strokes.items()
        for (bar, step), velocity in sorted(places.items())
    ]


def drum_note(bar: int, step: int, drum: Instrument, velocity: int) -> PlayableNote:
    """One stroke as a note of the loop, at the first of the drum's General MIDI pitches."""
    return PlayableNote(bar, step, Layer.DRUMS, drum, PITCHES_OF_DRUM[drum][0], velocity)


def pattern_of(notes: Iterable[PlayableNote], steps_per_bar: int) -> tuple[Hit, ...]:
    """Drum notes as a model reads them, in order of steps from the sequence's start."""
    hits = [Hit(note.bar * steps_per_bar + note.step, note.instrument, note.velocity) for note in notes]
    return tuple(sorted(hits, key=lambda hit: (hit.step, hit.instrument.value)))


def notes_of(hits: Iterable[Hit], steps_per_bar: int, num_bars: int) -> list[PlayableNote]:
    """A model's pattern as notes of the loop; what is not a drum or lies past it is left out."""
    places = {
        (hit.step, hit.instrument): max(1, min(127, hit.velocity))
        for hit in hits
        if 0 <= hit.step < num_bars * steps_per_bar and hit.instrument in PITCHES_OF_DRUM
    }
    return [
        drum_note(*divmod(step, steps_per_bar), drum, velocity) for (step, drum), velocity in places.items()
    ]
