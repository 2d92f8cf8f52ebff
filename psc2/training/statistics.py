"""What music is like, in numbers: what a model makes beside what it learnt from.

Everything is counted in a group of pieces: the training split, the held-out split, a model's. How
far two groups lie apart is the total variation distance: the share of notes (or strokes, bars) of
one group that would have to be others for both to have the same distribution,

    d(p, q) = ½ Σ |p(x) − q(x)|,   0 for the same, 1 for nothing in common.

Two splits of the same music do not have the distance 0, so the held-out split's distance from the
training split is what a model's is to be compared with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from psc2.core.instruments import Instrument
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF, STEPS_PER_BAR
from psc2.models.rnn.keys import key_counts, likeliest_keys
from psc2.models.rnn.primers import DRUMS

Events = Sequence[int]  # one a 16th, from a bar line on

PHRASE_NOTES = 64
OCTAVE = 12
LONGEST_STEPS = 16  # longer notes are not told apart
WIDEST, RANGE_BIN = 48, 4  # semitones
BACKBEATS = (4, 12)  # steps of a bar in 4/4: beats 2 and 4
MOST_TOGETHER = 4  # strokes at a step; more are not told apart
MOST_SYNCOPATED = 12  # of a bar; more is not told apart
SNARE = 1 << DRUMS.index(Instrument.SNARE)
KICK = 1 << DRUMS.index(Instrument.KICK)

# How strong the steps of a bar in 4/4 are: 0 the first, then one less each time the bar is halved.
WEIGHTS = tuple(
    -next(level for level in range(5) if step % (STEPS_PER_BAR >> level) == 0)
    for step in range(STEPS_PER_BAR)
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with the way it is written."""

    value: float
    is_share: bool = True  # 0–1, written as per cent

    def __str__(self) -> str:
        """The number in text: a share with one digit of per cent, below 1 % with two."""
        if not self.is_share:
            return f"{self.value:.2f}"
        return f"{self.value:.2%}" if 0 < self.value < 0.01 else f"{self.value:.1%}"


@dataclass(frozen=True, slots=True)
class Profile:
    """A distribution: how often each of several things is met."""

    things: str  # with their unit
    counted: str  # what the numbers are
    values: dict[str, float]  # by thing, in order


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures and distributions of a group of pieces."""

    size: str  # how many pieces, notes or bars
    figures: dict[str, Figure]
    profiles: dict[str, Profile]


def distance(one: Profile, other: Profile) -> float:
    """The total variation distance of two profiles, 0–1.

    >>> distance(Profile("", "", {"a": 0.5, "b": 0.5}), Profile("", "", {"a": 1.0, "b": 0.0}))
    0.5
    """
    total, of_other = sum(one.values.values()), sum(other.values.values())
    if not total or not of_other:
        return float(bool(total) != bool(of_other))
    things = {*one.values, *other.values}
    apart = (abs(one.values.get(x, 0) / total - other.values.get(x, 0) / of_other) for x in sorted(things))
    return sum(apart) / 2


def distances(group: Statistics, reference: Statistics) -> dict[str, float]:
    """The distance of each profile from the reference's, by name, and their mean as ``all``."""
    found = {name: distance(profile, reference.profiles[name]) for name, profile in group.profiles.items()}
    return {**found, "all": mean(found.values())}


def table(groups: Mapping[str, Statistics]) -> str:
    """Statistics as a table in Markdown, a group a column; distances are from the first group."""
    reference = next(iter(groups.values()))
    rows = [["", *groups], ["---"] * (len(groups) + 1), ["size", *(group.size for group in groups.values())]]
    for name in reference.figures:
        rows.append([name, *(str(group.figures[name]) for group in groups.values())])
    apart = [distances(group, reference) for group in list(groups.values())[1:]]
    for name in apart[0] if apart else ():
        rows.append([f"distance: {name}", "", *(f"{one[name]:.3f}" for one in apart)])
    return markdown(rows)


def markdown(rows: Iterable[Iterable[str]]) -> str:
    """Rows of cells as a table in Markdown; the second row is of dashes."""
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


# --- melodies -------------------------------------------------------------------------


class MelodyNote(NamedTuple):
    """A note of a melody of one voice."""

    onset: int  # step
    length: int  # steps, 1 or more
    pitch: int  # 0–127


def notes_of(events: Events) -> list[MelodyNote]:
    """The notes that begin within the events; each ends with the next, a note-off or the events.

    >>> notes_of([-2, 60, -2, 62, -1])
    [MelodyNote(onset=1, length=2, pitch=60), MelodyNote(onset=3, length=1, pitch=62)]
    """
    changes = [step for step, event in enumerate(events) if event != NO_EVENT]
    return [
        MelodyNote(step, end - step, events[step])
        for step, end in pairwise([*changes, len(events)])
        if events[step] != NOTE_OFF
    ]


def melody_statistics(melodies: Sequence[Events]) -> Statistics:
    """The statistics of melodies; without any notes, all is 0."""
    found = [notes_of(events) for events in melodies]
    intervals = [after.pitch - before.pitch for notes in found for before, after in pairwise(notes)]
    apart = [after.onset - before.onset for notes in found for before, after in pairwise(notes)]
    lengths = [note.length for notes in found for note in notes]
    cut = [[note.pitch for note in phrase] for notes in found for phrase in phrases(notes)]
    ranges = [max(pitches) - min(pitches) for pitches in cut]
    bars = sum(map(len, melodies)) / STEPS_PER_BAR
    return Statistics(
        size=f"{len(melodies):,} melodies, {len(lengths):,} notes",
        figures={
            "notes a bar": Figure(len(lengths) / bars if bars else 0.0, is_share=False),
            "mean interval, semitones": Figure(mean(map(abs, intervals)), is_share=False),
            "leaps of more than an octave": Figure(mean(abs(i) > OCTAVE for i in intervals)),
            "repeated notes": Figure(mean(i == 0 for i in intervals)),
            f"range of {PHRASE_NOTES} notes, semitones": Figure(mean(ranges), is_share=False),
            f"notes in the best major key of {PHRASE_NOTES}": Figure(mean(map(key_share, cut))),
        },
        profiles=_melody_profiles(intervals, ranges, lengths, apart),
    )


def _melody_profiles(
    intervals: Sequence[int], ranges: Sequence[int], lengths: Sequence[int], apart: Sequence[int]
) -> dict[str, Profile]:
    return {
        "intervals": Profile(
            "semitones up or down to the next note",
            "share of intervals",
            _shares(map(_interval, intervals), [_interval(i) for i in range(-OCTAVE - 1, OCTAVE + 2)]),
        ),
        "range": Profile(
            f"semitones from the lowest to the highest of {PHRASE_NOTES} notes",
            "share of phrases",
            _shares(map(_range, ranges), [_range(i) for i in range(0, WIDEST + 1, RANGE_BIN)]),
        ),
        "note lengths": Profile("length in 16ths", "share of notes", _up_to(lengths, 1, LONGEST_STEPS)),
        "onsets apart": Profile(
            "16ths from a note's beginning to the next", "share of notes", _up_to(apart, 1, LONGEST_STEPS)
        ),
    }


def phrases(notes: Sequence[MelodyNote]) -> Iterator[Sequence[MelodyNote]]:
    """Cut a melody into phrases of ``PHRASE_NOTES``; one that has fewer is one phrase."""
    if 0 < len(notes) < PHRASE_NOTES:
        yield notes
    for start in range(0, len(notes) - PHRASE_NOTES + 1, PHRASE_NOTES):
        yield notes[start : start + PHRASE_NOTES]


def key_share(pitches: Sequence[int]) -> float:
    """The share of pitches in the major key that fits them best; 7/12 at least of many random ones.

    >>> key_share([60, 62, 64, 66])
    1.0
    """
    counts = key_counts(pitches)
    return counts[likeliest_keys(counts)[0]] / len(pitches)


def _interval(semitones: int) -> str:
    if abs(semitones) > OCTAVE:
        return f"<−{OCTAVE}" if semitones < 0 else f">{OCTAVE}"
    return f"{semitones:+d}".replace("-", "−") if semitones else "0"


def _range(semitones: int) -> str:
    low = semitones // RANGE_BIN * RANGE_BIN
    return f"{low}–{low + RANGE_BIN - 1}" if low < WIDEST else f"≥{WIDEST}"


# --- beats ----------------------------------------------------------------------------


def beat_statistics(beats: Sequence[Events]) -> Statistics:
    """The statistics of beats in 4/4, in whole bars; without any, all is 0."""
    cut = [bars_of(events) for events in beats]
    bars = [bar for found in cut for bar in found]
    strokes = [event.bit_count() for bar in bars for event in bar]
    syncopated = [score for found in cut for score in syncopation(found)]
    return Statistics(
        size=f"{len(beats):,} beats, {len(bars):,} bars",
        figures={
            "strokes a step": Figure(mean(strokes), is_share=False),
            "beats 2 and 4 with a snare": Figure(mean(bar[b] & SNARE > 0 for bar in bars for b in BACKBEATS)),
            "syncopation a bar": Figure(mean(syncopated), is_share=False),
            "bars like the one before": Figure(mean(a == b for found in cut for a, b in pairwise(found))),
        },
        profiles=_beat_profiles(bars, strokes, syncopated),
    )


def _beat_profiles(
    bars: Sequence[Events], strokes: Sequence[int], syncopated: Sequence[int]
) -> dict[str, Profile]:
    drums = {
        drum.value: mean(event >> bit & 1 for bar in bars for event in bar) for bit, drum in enumerate(DRUMS)
    }
    places = {str(place + 1): mean(bar[place].bit_count() for bar in bars) for place in range(STEPS_PER_BAR)}
    return {
        "drums": Profile("drum", "share of steps", drums),
        "places in the bar": Profile("16th of the bar", "strokes a step", places),
        "strokes together": Profile("strokes at a time", "share of steps", _up_to(strokes, 0, MOST_TOGETHER)),
        "syncopation": Profile(
            "syncopation of kick and snare (Longuet-Higgins & Lee)",
            "share of bars",
            _up_to(syncopated, 0, MOST_SYNCOPATED),
        ),
    }


def bars_of(events: Events) -> list[tuple[int, ...]]:
    """The whole bars of a beat, 16 events each; an end that fills no bar is left out."""
    whole = range(0, len(events) - STEPS_PER_BAR + 1, STEPS_PER_BAR)
    return [tuple(events[start : start + STEPS_PER_BAR]) for start in whole]


def syncopation(bars: Sequence[Sequence[int]]) -> list[int]:
    """How syncopated the line of kick and snare is, bar by bar; 0 for not at all.

    A stroke is syncopated if, before the next one, a stronger place of the meter goes by without
    any. It counts by how much stronger the strongest of them is, in the bar where it is struck.

    Source: H. Christopher Longuet-Higgins and Christopher S. Lee, "The rhythmic interpretation of
    monophonic music", Music Perception 1(4), 1984; their line has one voice, here kick and snare
    make it up together.

    >>> kick, snare = 1, 2
    >>> syncopation([[kick if step in (0, 3, 6, 10) else snare if step == 12 else 0 for step in range(16)]])
    [4]
    """
    line = [event & (KICK | SNARE) > 0 for bar in bars for event in bar]
    struck = [step for step, here in enumerate(line) if here]
    scores = [0] * len(bars)
    for step, after in pairwise([*struck, len(line)]):
        passed = max((WEIGHTS[s % STEPS_PER_BAR] for s in range(step + 1, after)), default=WEIGHTS[-1])
        scores[step // STEPS_PER_BAR] += max(passed - WEIGHTS[step % STEPS_PER_BAR], 0)
    return scores


# --- counting -------------------------------------------------------------------------


def mean(values: Iterable[float]) -> float:
    """The mean of some numbers; 0 if there are none."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def _shares(met: Iterable[str], labels: Iterable[str]) -> dict[str, float]:
    counts = Counter(met)
    total = sum(counts.values()) or 1
    return {label: counts[label] / total for label in labels}


def _up_to(numbers: Iterable[int], least: int, most: int) -> dict[str, float]:
    """The shares of the numbers from ``least`` to ``most``, and of those above together."""
    labels = [*map(str, range(least, most + 1)), f">{most}"]
    return _shares((str(n) if n <= most else f">{most}" for n in numbers), labels)
