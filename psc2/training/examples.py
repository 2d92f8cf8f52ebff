"""Music that a model makes: to be counted, and to be heard and seen.

What is counted continues held-out music. What is heard continues primers that were written for it,
below, so that it can be passed on freely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

from psc2.core.drums import deterministic_beat, pattern_of
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Form, TimeSignature
from psc2.core.requests import DrumsRequest
from psc2.models.continuers import Continuer
from psc2.models.rnn import midi_events, primers
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NO_EVENT, STEPS_PER_BAR
from psc2.models.rnn.players import Rnn, continuation
from psc2.models.rnn.quantization import Excerpt
from psc2.models.rnn.written_primer import melody_of
from psc2.training import pictures
from psc2.training.datasets import Piece
from psc2.training.pictures import Roll

OPENING_BARS = 2  # of held-out music, which a model continues
OPENING_STEPS = OPENING_BARS * STEPS_PER_BAR
OPENING_NOTES = 8  # or more
MELODY_BARS, BEAT_BARS = 16, 4  # that it makes
EXAMPLE_BARS = 8  # of a melody to be heard
TEMPERATURE = 1.0  # neither likelier nor more surprising than what was learnt
MELODY_QPM, BEAT_QPM = 160.0, 100.0  # quarter notes a minute
COMMON_TIME = TimeSignature(4, 4)
BASS_PITCH = 36  # no beat depends on it

# In 8ths: a name is a note, . ends it, and - goes on with what there is. Bar lines are for the reader.
MELODIES = {
    "major scale": "C4 D4 E4 F4 G4 A4 B4 C5 | B4 A4 G4 F4 E4 D4 C4 -",
    "minor arpeggios": "D4 F4 A4 C5 E5 - C5 A4 | G4 Bb4 D5 F5 A5 - F5 D5",
    "blues riff": "- F4 Ab4 Bb4 B4 C5 - F4 | . F4 Ab4 Bb4 Ab4 F4 - .",
    "two-five": "F4 E4 G4 Bb4 D5 C5 Bb4 A4 | G4 Bb4 A4 G4 F#4 Eb4 D4 -",
    "bell": "G4 - - D5 - - C5 - | - G4 - - E5 - D5 -",
    "chromatic line": "Eb5 D5 Db5 C5 B4 Bb4 A4 Ab4 | G4 Bb4 Eb5 F5 G5 - . -",
}
# The 16ths, from 1, on which the bass begins a note, bar by bar.
BASS_LINES = {
    "whole notes": ((1,), (1,)),
    "two in the bar": ((1, 9), (1, 9)),
    "walking": ((1, 5, 9, 13), (1, 5, 9, 13)),
    "tresillo": ((1, 7, 13), (1, 7, 13)),
    "ahead of the beat": ((1, 8), (1, 8, 15)),
    "funk": ((1, 4, 11), (1, 4, 7, 11, 14)),
}


@dataclass(frozen=True, slots=True)
class Continued:
    """A model's continuation of a piece's opening."""

    piece: Piece
    start: int  # the step of the piece at which the model goes on
    events: list[int]  # the model's, in the key and register of the piece

    @property
    def own(self) -> list[int]:
        """The piece's own events there; fewer where it ends before."""
        return self.piece.events[self.start : self.start + len(self.events)]


def continue_primer(rnn: Rnn, primer: Sequence[int], steps: int, seed: int) -> list[int]:
    """A model's continuation of a melody or a beat, ``steps`` events."""
    return list(islice(continuation(rnn, primer, TEMPERATURE, seed), steps))


# --- to be counted --------------------------------------------------------------------


def melodies(rnn: Rnn, solos: Sequence[Piece], size: int, seed: int) -> list[Continued]:
    """Continue ``size`` openings by ``MELODY_BARS``, from anywhere in the solos, as many from each."""
    return _continued(rnn, solos, MELODY_BARS, size, Random(f"{seed} melodies"))


def beats_of_takes(rnn: Rnn, takes: Sequence[Piece], size: int, seed: int) -> list[Continued]:
    """Continue ``size`` openings by ``BEAT_BARS``, from anywhere in the drummers' takes, as many from each.

    Takes shorter than an opening are left out, if there are others: a beat after one need not begin at
    a bar line.
    """
    takes = [take for take in takes if len(take.events) >= OPENING_STEPS] or takes
    return _continued(rnn, takes, BEAT_BARS, size, Random(f"{seed} takes"))


def _continued(rnn: Rnn, pieces: Sequence[Piece], bars: int, size: int, random: Random) -> list[Continued]:
    found = []
    for number in range(size):
        piece = pieces[number % len(pieces)]
        start = random.choice(_openings(piece, bars))
        primer = piece.events[start : start + OPENING_STEPS]
        events = continue_primer(rnn, primer, bars * STEPS_PER_BAR, random.randrange(2**32))
        found.append(Continued(piece, start + len(primer), events))
    return found


def _openings(piece: Piece, bars: int) -> list[int]:
    """The steps where an opening may begin: bar lines with so many bars of the piece after the opening.

    A solo's opening has ``OPENING_NOTES`` or more, the silence of a beat counts. The very first bar line
    if there is no such place.
    """
    latest = max(len(piece.events) - OPENING_STEPS - bars * STEPS_PER_BAR, 0)
    openings = {
        start: piece.events[start : start + OPENING_STEPS] for start in range(0, latest + 1, STEPS_PER_BAR)
    }
    return [start for start, events in openings.items() if sum(e >= 0 for e in events) >= OPENING_NOTES] or [
        0
    ]


def beats_of_bass_lines(rnn: Rnn, size: int, seed: int) -> list[list[int]]:
    """Make ``size`` beats of ``BEAT_BARS`` as the instrument does, each from a bassline's own beat.

    The basslines are bars of ``BASS_LINES`` at random, two that alternate.
    """
    random = Random(f"{seed} bass lines")
    bars = sorted({bar for line in BASS_LINES.values() for bar in line})
    found = []
    for _ in range(size):
        primer = beat_of(random.choices(bars, k=2), BEAT_BARS, rnn.bundle.configuration)
        found.append(continue_primer(rnn, primer, len(primer), random.randrange(2**32)))
    return found


def beat_of(bass_line: Sequence[Sequence[int]], num_bars: int, configuration: Configuration) -> list[int]:
    """The deterministic beat on a bassline, which is repeated as often as it takes, as events."""
    notes = [
        PlayableNote(bar, sixteenth - 1, Layer.BASS, Instrument.BASS, BASS_PITCH, velocity=90)
        for bar in range(num_bars)
        for sixteenth in bass_line[bar % len(bass_line)]
    ]
    steps = COMMON_TIME.steps_per_bar
    pattern = pattern_of(deterministic_beat(notes, Form(COMMON_TIME, num_bars)), steps)
    request = DrumsRequest(0, pattern, COMMON_TIME.steps_per_beat, steps, num_bars, BEAT_QPM, TEMPERATURE, 0)
    return primers.drum_events(request, configuration)


# --- to be heard and seen -------------------------------------------------------------


def render(melody: Continuer, drums: Continuer, folder: Path, seed: int) -> list[Path]:
    """Write an example from each primer as a MIDI file, a picture of all melodies and one of all beats.

    An example begins with its primer. The same seed gives the same files.

    Returns: the files. Raises: ModelError, OSError where one cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    melodies = {name: events_of(text) for name, text in MELODIES.items()}
    beats = {name: beat_of(line, BEAT_BARS, drums.configuration) for name, line in BASS_LINES.items()}
    melody_rolls = _rolls(melody, melodies, MELODY_QPM, seed, EXAMPLE_BARS * STEPS_PER_BAR)
    beat_rolls = _rolls(drums, beats, BEAT_QPM, seed)
    return [
        *_write(melody_rolls, melody, "melody", "What a melody becomes", MELODY_QPM, folder),
        *_write(beat_rolls, drums, "beat", "What the beat of a bassline becomes", BEAT_QPM, folder),
    ]


def _write(
    found: Sequence[Roll], model: Continuer, kind: str, title: str, qpm: float, folder: Path
) -> Iterator[Path]:
    for roll in found:
        path = folder / f"{kind}_{roll.name.replace(' ', '_').replace('-', '_')}.mid"
        midi_events.write(roll.events, model.configuration, qpm, path)
        yield path
    yield pictures.rolls(found, model.configuration.model, title, folder / f"{kind}_examples.png")


def _rolls(
    model: Continuer, written: Mapping[str, list[int]], qpm: float, seed: int, steps: int | None = None
) -> list[Roll]:
    """Each primer, with ``steps`` events that the model adds to it; left out, as many as the primer has."""
    found = []
    for number, (name, primer) in enumerate(written.items()):
        excerpt = Excerpt(primer, tempi=((0.0, qpm),))
        new = model.events(excerpt, steps or len(primer), TEMPERATURE, seed + number)
        found.append(Roll(name, [*primer, *new], len(primer)))
    return found


def events_of(text: str) -> list[int]:
    """The events of a melody written as in ``MELODIES``, two for each word.

    >>> events_of("C4 - | . D4")
    [60, -2, -2, -2, -1, -2, 62, -2]
    """
    return [e for event in melody_of(text.replace("|", " ")) for e in (event, NO_EVENT)]
