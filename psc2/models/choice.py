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

from psc2.core.ranges import Count, Pitch
from psc2.core.requests import MelodyRequest
from psc2.models.chord_costs import ChordCosts

PIECE = 5  # intervals: six notes that are the same in any key are a quotation
LONGEST_RUN = 2  # of one pitch
FIFTH, OCTAVE = 7, 12  # semitones


class Candidate(NamedTuple):
    """A continuation that may be chosen."""

    pitches: tuple[Pitch, ...]
    log_likelihood: (
        float  # the model's, the mean over its pitches, in nats; at most 0; costs nothing, see below
    )
    onsets: tuple[Count, ...] = ()  # the model's own, in steps; none where hands play them


@dataclass(frozen=True)
class Heard:
    """What a candidate is compared with."""

    request: MelodyRequest

    @cached_property
    def call(self) -> list[Pitch]:
        return [note.pitch for note in self.request.primer]

    @cached_property
    def pieces(self) -> frozenset[tuple[int, ...]]:
        """The pieces of the call and of the answer before it."""
        return frozenset((*pieces(self.call), *pieces(self.request.last_answer)))

    @cached_property
    def chord_costs(self) -> ChordCosts | None:
        """What pitches cost by the chords under them; None where no chords are known."""
        harmony = self.request.harmony
        return None if harmony is None else ChordCosts(self.request, harmony)


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
    costs = heard.chord_costs
    return costs.restless(candidate.pitches, candidate.onsets) if costs and candidate.pitches else 0.0


def foreign(candidate: Candidate, heard: Heard) -> float:
    """How far the pitches on strong beats are from chord tones, in the mean, as in ``restless``."""
    costs = heard.chord_costs
    return costs.foreign(candidate.pitches, candidate.onsets) if costs and candidate.pitches else 0.0


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
    # Where the chords are known, in the soloists' rhythm (413 of
    # the calls); too low to bring back any of the above:
    restless: 0.03,  # last pitches that are chord tones: 36 %, 68 %
    foreign: 0.1,  # pitches on strong beats that are chord tones: 35 %, 48 %; that clash there: 6.2 %, 3.9 %
}


def cost(candidate: Candidate, heard: Heard, costs: Mapping[Cost, float] = COSTS) -> float:
    """What a candidate costs: 0 or more, the sum of all its costs by their weights."""
    return sum(weight * of(candidate, heard) for of, weight in costs.items())


def cheapest(candidates: Sequence[Candidate], heard: Heard, costs: Mapping[Cost, float] = COSTS) -> int:
    """The number of the candidate to answer with, 0-based; of several that cost the same, the first."""
    return min(range(len(candidates)), key=lambda number: cost(candidates[number], heard, costs))


def settled(costs: Iterable[float | None]) -> int | None:
    """The number of the candidate to answer with, whatever those cost that are not whole yet, None.

    That is one that costs nothing, if it is the first. Returns: None where that is not known yet.
    """
    for number, its_cost in enumerate(costs):
        if its_cost is None:
            return None
        if its_cost == 0:
            return number
    return None
