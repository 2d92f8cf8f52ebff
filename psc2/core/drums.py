"""The deterministic beat, and what the drums are called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from enum import Enum

from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import STEPS_PER_QUARTER, Form
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

Strokes = Mapping[Instrument, Mapping[tuple[int, int], int]]  # the velocity at each bar and step of a drum

KICK_VELOCITY = 110
SNARE_VELOCITY = 100
HIHAT_VELOCITY = 80

FEATHERED_VELOCITY = 60  # the bass drum of swing, felt more than heard …
COMPING_VELOCITY = 45  # … and its snare
RIDE_VELOCITY = 90
SKIP_VELOCITY = 70  # the ride's short notes, before 1 and 3
PEDAL_VELOCITY = 75


class DrumStyle(Enum):
    """How the beat of the bassline is played."""

    PAPER = "paper"
    SWING = "swing"


def deterministic_beat(
    bass_line: Iterable[PlayableNote],
    form: Form,
    style: DrumStyle = DrumStyle.PAPER,
    bars: range | None = None,
) -> list[PlayableNote]:
    """The beat built on the bassline: a snare at each bass onset, in swing not where that keeps time.

    ``bars``: those of the form that are wanted; None for all.
    """
    steps = range(form.time_signature.steps_per_bar)
    bars = range(form.num_bars) if bars is None else bars
    onsets = {note.place for note in bass_line if note.bar in bars and note.step in steps}
    strokes = _paper(bars, steps, onsets) if style is DrumStyle.PAPER else _swing(bars, steps, onsets)
    return [
        drum_note(bar, step, drum, velocity)
        for drum, places in strokes.items()
        for (bar, step), velocity in sorted(places.items())
    ]


def _paper(bars: range, steps: range, onsets: Set[tuple[int, int]]) -> Strokes:
    """Source: the paper, "Drums generation": a bass drum on the first beat of every bar, a
    snare at each bass onset, a hi-hat on each 8th, counted from the bar line.
    """
    return {
        Instrument.KICK: {(bar, 0): KICK_VELOCITY for bar in bars},
        Instrument.SNARE: dict.fromkeys(onsets, SNARE_VELOCITY),
        Instrument.CLOSED_HIHAT: {(bar, step): HIHAT_VELOCITY for bar in bars for step in steps[::2]},
    }


def _swing(bars: range, steps: range, onsets: Set[tuple[int, int]]) -> Strokes:
    """The ride on each quarter, and a short note after each second one; the hi-hat's pedal on 2 and 4.

    In a bar in which the bass keeps time, walking or in two, the snare answers it between the quarters alone.
    """
    quarters = steps[::STEPS_PER_QUARTER]
    of_bass = defaultdict[int, set[int]](set)
    for bar, step in onsets:
        of_bass[bar].add(step)
    kept = {bar for bar, steps in of_bass.items() if _keeps_time(quarters, steps)}
    answered = [(bar, step) for bar, step in onsets if bar not in kept or step not in quarters]
    after = [step + STEPS_PER_QUARTER // 2 for step in quarters[1::2]]
    ride = dict.fromkeys(quarters, RIDE_VELOCITY)
    ride |= {step: SKIP_VELOCITY for step in after if step in steps}
    return {
        Instrument.KICK: {(bar, 0): FEATHERED_VELOCITY for bar in bars},
        Instrument.SNARE: dict.fromkeys(answered, COMPING_VELOCITY),
        Instrument.CLOSED_HIHAT: {(bar, step): PEDAL_VELOCITY for bar in bars for step in quarters[1::2]},
        Instrument.RIDE: {(bar, step): velocity for bar in bars for step, velocity in ride.items()},
    }


def _keeps_time(quarters: range, onsets: Set[int]) -> bool:
    """Whether the bass of a bar walks, a note on each quarter, or plays in two, one on each second alone."""
    return len(quarters) > 1 and (onsets >= set(quarters) or onsets == set(quarters[::2]))


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
