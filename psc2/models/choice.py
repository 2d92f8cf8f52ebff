"""Which of several continuations answers a call: the one that costs least, by a few rules of thumb.

All costs are pure functions of a candidate and of what it is to follow. Most candidates cost nothing where no
chords are known; then the first that the model has drawn is taken, so that its music stays what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from statistics import fmean
from typing import NamedTuple

from psc2.core.ranges import Pitch
from psc2.core.requests import MelodyRequest

PIECE = 5  # intervals: six notes that are the same in any key are a quotation
LONGEST_RUN = 2  # of one pitch
FIFTH, OCTAVE = 7, 12  # semitones
BEATS_APART = 2  # quarter notes between strong beats: 1 and 3 of 4/4


class Candidate(NamedTuple):
    """A continuation that may be chosen."""

    pitches: tuple[Pitch, ...]
    log_likelihood: (
        float  # the model's, the mean over its pitches, in nats; at most 0; costs nothing, see below
    )


class ChordUnder(NamedTuple):
    """A chord under the answer."""

    at_s: float  # seconds after the answer's first pitch; the first chord's may lie before it
    tones: frozenset[int]  # pitch classes, 0–11, to rest on; none where there is no chord
    scale: frozenset[int]  # … and what else fits


@dataclass(frozen=True)
class Heard:
    """What a candidate is compared with."""

    request: MelodyRequest
    harmony: Sequence[ChordUnder] = ()  # in the order of time; empty where no chords are known

    @cached_property
    def call(self) -> list[Pitch]:
        return [note.pitch for note in self.request.primer]

    @cached_property
    def pieces(self) -> frozenset[tuple[int, ...]]:
        """The pieces of the call and of the answer before it."""
        return frozenset((*pieces(self.call), *pieces(self.request.last_answer)))

    @cached_property
    def apart_s(self) -> float:
        """From one note of the call to the next, in the mean: as dense the answer is taken to be."""
        primer = self.request.primer
        between = max(1, len(primer) - 1)
        return (primer[-1].onset_s - primer[0].onset_s) / between or 15 / self.request.qpm

    def chord_at(self, at_s: float) -> int | None:
        """The number of the chord at a moment, 0-based; None before the first."""
        begun = [number for number, chord in enumerate(self.harmony) if chord.at_s <= at_s]
        return begun[-1] if begun else None


def pieces(pitches: Sequence[Pitch]) -> Iterator[tuple[int, ...]]:
    """The intervals of every six notes in a row, the same in any key.

    >>> list(pieces([60, 62, 64, 65, 67, 69]))
    [(2, 2, 1, 2, 2)]
    """
    intervals = [after - before for before, after in pairwise(pitches)]
    return (tuple(intervals[at : at + PIECE]) for at in range(len(intervals) - PIECE + 1))


# --- what costs something -------------------------------------------------------------


def missing(candidate: Candidate, heard: Heard) -> float:
    """The share of the pitches that are wanted and are not there, 0–1."""
    return 1 - min(1.0, len(candidate.pitches) / max(1, heard.request.num_pitches))


def repeated(candidate: Candidate, heard: Heard) -> float:
    """How many pitches follow two of the same, the call's last ones among them."""
    line = (*heard.call[-LONGEST_RUN:], *candidate.pitches)
    return float(sum(max(0, len([*run]) - LONGEST_RUN) for _, run in groupby(line)))


def quoted(candidate: Candidate, heard: Heard) -> float:
    """How many pieces are those of the call or of the answer before, in any key."""
    return float(sum(piece in heard.pieces for piece in pieces(candidate.pitches)))


def leap(candidate: Candidate, heard: Heard) -> float:
    """How many octaves beyond a fifth the first pitch lies from the call's last one."""
    if not candidate.pitches:
        return 0.0
    return max(0, abs(candidate.pitches[0] - heard.call[-1]) - FIFTH) / OCTAVE


def astray(candidate: Candidate, heard: Heard) -> float:
    """The share of the pitches that lie more than a fifth outside the call's range, 0–1."""
    low, high = min(heard.call) - FIFTH, max(heard.call) + FIFTH
    return fmean(not low <= pitch <= high for pitch in candidate.pitches or heard.call)


def restless(candidate: Candidate, heard: Heard) -> float:
    """How far the last pitch is from resting: 0 on a chord tone, ½ on another of the scale, 1 elsewhere."""
    placed = list(over_chords(candidate, heard))
    return placed[-1][1] if placed else 0.0


def foreign(candidate: Candidate, heard: Heard) -> float:
    """How far the pitches on strong beats are from chord tones, in the mean, as in ``restless``."""
    strong = [cost for is_strong, cost in over_chords(candidate, heard) if is_strong]
    return fmean(strong) if strong else 0.0


def over_chords(candidate: Candidate, heard: Heard) -> Iterator[tuple[bool, float]]:
    """Which pitches come on strong beats, and what each costs, as in ``restless``; those over a chord alone.

    They are taken to follow each other as the call's notes do, in the mean.
    Strong are the first pitch of a chord, and the first after each two beats of it.
    """
    before: tuple[int, int] | None = None
    for number, pitch in enumerate(candidate.pitches if heard.harmony else ()):
        at_s = number * heard.apart_s
        chord_number = heard.chord_at(at_s + heard.apart_s / 2)
        if chord_number is None or not heard.harmony[chord_number].tones:
            continue
        chord = heard.harmony[chord_number]
        beats = (at_s + heard.apart_s / 2 - chord.at_s) * heard.request.qpm / 60
        place = (chord_number, int(beats // BEATS_APART))
        pitch_class = pitch % OCTAVE
        yield place != before, (pitch_class not in chord.tones) / (2 if pitch_class in chord.scale else 1)
        before = place


Cost = Callable[[Candidate, Heard], float]

# Each with the figure that earned it, of the first that the model draws and of the one that is chosen of 16:
# ``scripts/bench choice``, weimar's answers to 926 calls of held-out solos.
#
# How likely the model takes the pitches to be is none of them. What it draws is as likely as what soloists
# play, 2.35 nats a pitch and 2.40; with the likeliest of 16, 1.89, seven times as many of its rows of twelve
# notes were a training solo's, 0.28 %, and its range was narrower than theirs.
COSTS: Mapping[Cost, float] = {
    missing: 100.0,  # answers without all their pitches: 0.11 %, 0.00 %; in its own rhythm 5.0 %, 0.0 %
    repeated: 1.0,  # answers with a pitch three times in a row: 8.9 %, 0.0 %
    quoted: 1.0,  # … with six notes in a row of the call: 4.3 %, 0.0 %; of the answer before: 0.4 %, 0.0 %;
    # rows of twelve notes that are a training solo's: 0.16 %, 0.05 %
    leap: 1.0,  # first pitches more than an octave from the call's last: 0.54 %, 0.00 %
    astray: 1.0,  # pitches more than a fifth outside the call's range: 1.9 %, 0.0 %
    # Where the chords are known; as high as all that can be had, and too low to bring back any of the above:
    restless: 0.1,  # last pitches that are chord tones: 43 %, 98 %
    foreign: 0.1,  # pitches on strong beats that are chord tones: 34 %, 52 %
}


def cost(candidate: Candidate, heard: Heard, costs: Mapping[Cost, float] = COSTS) -> float:
    """What a candidate costs: 0 or more, the sum of all its costs by their weights."""
    return sum(weight * of(candidate, heard) for of, weight in costs.items())


def cheapest(candidates: Sequence[Candidate], heard: Heard, costs: Mapping[Cost, float] = COSTS) -> int:
    """The number of the candidate to answer with, 0-based; of several that cost the same, the first."""
    return min(range(len(candidates)), key=lambda number: cost(candidates[number], heard, costs))


def settled(candidates: Iterable[Candidate | None], heard: Heard) -> int | None:
    """The number of the candidate to answer with, whatever becomes of those that are not whole yet, None.

    That is one that costs nothing, if it is the first. Returns: None where that is not known yet.
    """
    for number, candidate in enumerate(candidates):
        if candidate is None:
            return None
        if cost(candidate, heard) == 0:
            return number
    return None
