"""From the ticks of a MIDI file to a model's events, a note or a silence each step.

The music is cut where its meter changes, as in Magenta's own pipeline; its tempo does not matter.
Long rests lose whole bars, as in a player's call.

Source: note-seq's ``split_note_sequence_on_time_changes``, ``quantize_note_sequence``, ``Melody`` and
``DrumTrack``, the last two without an end at the first silent bar.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import itemgetter

from psc2.core.requests import Model
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.models.rnn.primers import MAX_GAP_STEPS
from psc2.scores.midi_music import COMMON_METER, DEFAULT_QPM, Meter, MidiInstrument, MidiMusic, MidiNote

MAX_STEPS = 100_000  # of an excerpt, without its long rests: 6,250 bars of 4/4
MAX_FILE_STEPS = 1_000_000  # of all excerpts of a file
ALL_DRUMS = MidiInstrument(0, 9, 0)  # for all that is struck, whatever track it is in
DEFAULT_TEMPI = ((0.0, DEFAULT_QPM),)

StrokesOf = Callable[[Iterable[int]], int]  # the event of pitches that are struck together


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What one instrument, or the drums, play while the meter stays the same, from a bar line on."""

    events: list[int]  # one a step of the model
    meter: Meter = COMMON_METER
    tempi: tuple[tuple[float, float], ...] = DEFAULT_TEMPI  # each step from which on a tempo holds, its qpm
    instrument: MidiInstrument = ALL_DRUMS


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of the music in one meter."""

    start: int  # tick
    end: float  # tick; inf for the last one
    meter: Meter
    ticks_per_quarter: int
    steps_per_quarter: int

    def step_of(self, tick: float) -> int:
        """The step nearest to a tick, the later one of two that are as near."""
        ticks = (min(tick, self.end) - self.start) * self.steps_per_quarter
        return int((2 * ticks + self.ticks_per_quarter) // (2 * self.ticks_per_quarter))

    @property
    def bar_steps(self) -> int:
        return self.meter.bar_steps(self.steps_per_quarter)


def excerpts(music: MidiMusic, configuration: Configuration, strokes_of: StrokesOf) -> list[Excerpt]:
    """The melodies of a piece, by instrument, or its drums; each in as many excerpts as there are meters.

    Of melody notes that begin together the highest is taken. Raises: ValueError for more than
    ``MAX_FILE_STEPS``, or ``MAX_STEPS`` in an excerpt.
    """
    is_melody = configuration.model is Model.MELODY
    sections = _sections(music, configuration)
    starts = [section.start for section in sections]
    found: defaultdict[tuple[MidiInstrument, int], list[MidiNote]] = defaultdict(list)
    for note in music.notes:
        if note.instrument.is_drums is not is_melody:
            instrument = note.instrument if is_melody else ALL_DRUMS
            found[instrument, bisect_right(starts, note.onset) - 1].append(note)
    order = {
        instrument: number
        for number, instrument in enumerate(dict.fromkeys(instrument for instrument, _ in found))
    }
    made, steps = [], 0
    for instrument, number in sorted(found, key=lambda key: (order[key[0]], key[1])):
        notes, section = found[instrument, number], sections[number]
        timed = _melody(notes, section) if is_melody else _beat(notes, section, strokes_of)
        if timed:
            made.append(_excerpt(timed, section, music.tempi, instrument, 0 if not is_melody else NO_EVENT))
            steps += len(made[-1].events)
        if steps > MAX_FILE_STEPS:
            raise ValueError(f"expected music of at most {MAX_FILE_STEPS:,} steps in all, got more")
    return made


def _sections(music: MidiMusic, configuration: Configuration) -> list[_Section]:
    ends = [tick for tick, _ in music.meters[1:]] + [float("inf")]
    return [
        _Section(start, end, meter, music.ticks_per_quarter, configuration.steps_per_quarter)
        for (start, meter), end in zip(music.meters, ends, strict=True)
    ]


# --- what is played at which step -----------------------------------------------------

Timed = list[tuple[int, int, int]]  # onset and end in steps of the section, and the event


def _melody(notes: Iterable[MidiNote], section: _Section) -> Timed:
    """The highest note of each step, in order."""
    played: dict[int, MidiNote] = {}
    for note in notes:
        step = section.step_of(note.onset)
        if step not in played or note.pitch > played[step].pitch:
            played[step] = note
    return [
        (step, max(section.step_of(note.end), step + 1), note.pitch) for step, note in sorted(played.items())
    ]


def _beat(notes: Iterable[MidiNote], section: _Section, strokes_of: StrokesOf) -> Timed:
    """The strokes of each step, in order; steps whose strokes no drum has are left out."""
    struck: defaultdict[int, set[int]] = defaultdict(set)
    for note in notes:
        struck[section.step_of(note.onset)].add(note.pitch)
    strokes = ((step, strokes_of(pitches)) for step, pitches in sorted(struck.items()))
    return [(step, step + 1, event) for step, event in strokes if event]


# --- without long rests ---------------------------------------------------------------


def _excerpt(
    timed: Timed, section: _Section, tempi: Sequence[tuple[int, float]], instrument: MidiInstrument, rest: int
) -> Excerpt:
    """The events from the bar line before the first on; ``rest``: the event of a step without one."""
    bar = section.bar_steps
    first = timed[0][0] - timed[0][0] % bar
    onsets = [onset - first for onset, _, _ in timed]
    shortened = shorten_rests(onsets, bar)
    if shortened[-1] >= MAX_STEPS:
        raise ValueError(f"expected music of at most {MAX_STEPS:,} steps, got more")
    events: list[int] = []
    end = 0  # of what sounds
    for onset, (begun, ended, event) in zip(shortened, timed, strict=True):
        events += [rest] * (onset - len(events))
        if rest == NO_EVENT and end and end < onset:
            events[end] = NOTE_OFF
        events.append(event)
        end = onset + min(ended - begun, _longest(bar))
    events += [rest] * (end - len(events))
    moved = _moved(tempi, section, first, onsets, shortened)
    within = tuple((step, qpm) for step, qpm in moved if step < len(events))
    return Excerpt(events, section.meter, within, instrument)


def shorten_rests(onsets: Sequence[int], bar: int) -> list[int]:
    """The onsets without the whole bars in which nothing begins, beyond two in a row.

    >>> shorten_rests([0, 32, 65, 66], bar=16)
    [0, 32, 49, 50]
    """
    most = _longest(bar)
    left_out = accumulate(
        max(0, -(-(onset - before - most) // bar) * bar) for before, onset in pairwise([-1, *onsets])
    )
    return [onset - steps for onset, steps in zip(onsets, left_out, strict=True)]


def _longest(bar: int) -> int:
    """From one onset to the next, in steps: two of Magenta's bars, or of longer ones two."""
    return max(MAX_GAP_STEPS, 2 * bar)


def _moved(
    tempi: Sequence[tuple[int, float]], section: _Section, first: int, onsets: list[int], shortened: list[int]
) -> tuple[tuple[float, float], ...]:
    """The tempi of the section at the steps that an excerpt has; its first one from step 0 on."""
    found: dict[float, float] = {}
    begin = bisect_right(tempi, section.start, key=itemgetter(0)) - 1
    for tick, qpm in tempi[begin : bisect_left(tempi, section.end, key=itemgetter(0))]:
        step = (tick - section.start) * section.steps_per_quarter / section.ticks_per_quarter - first
        following = bisect_right(onsets, step)
        left_out = onsets[following - 1] - shortened[following - 1] if following else 0
        latest = shortened[following] if following < len(onsets) else step
        found[max(0.0, min(step - left_out, latest))] = qpm
    return tuple(sorted(found.items()))


def unknown_strokes(music: MidiMusic, strokes_of: StrokesOf) -> Counter[int]:
    """The pitches on the drum channel that no drum has, and how often each is struck."""
    struck = Counter(note.pitch for note in music.notes if note.instrument.is_drums)
    return Counter({pitch: times for pitch, times in struck.items() if not strokes_of([pitch])})
