"""The network, in NumPy: an LSTM that hears notes, and two heads that say what comes next, on which pitch.

A pitch's weight is a product of experts: how likely its interval is, its height, and its place above the root
of the chord. It may also be copied from what followed an earlier note, as that pitch or as that interval.

Sources: Daniel Johnson, Robert Keller, Nicholas Weintraut, "Learning to Create Jazz Melodies Using a Product
of Experts", ICCC 2017; Oriol Vinyals, Meire Fortunato, Navdeep Jaitly, "Pointer Networks", NeurIPS 2015.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from psc2.core.spelling import OCTAVE
from psc2.models.interval.hearing import (
    LOWEST,
    OF_NOTE,
    OF_REST,
    OF_STEP,
    PITCHES,
    REALS_OF_NOTE,
    REALS_OF_STEP,
    Features,
)
from psc2.models.interval.surroundings import NO_ROOT, Bools, Ints, Reals

EVENTS = ("nothing new", "a note", "the end of one")  # the classes of the rhythm
LEAPS = 48  # semitones up or down that the interval's expert tells apart
COPIED_FROM = 64  # notes that may be copied from
COPIES = ("pitch", "interval")
EXPERTS = {
    "rhythm/events": len(EVENTS),
    "pitch/intervals": 2 * LEAPS + 1,
    "pitch/heights": PITCHES,
    "pitch/classes": OCTAVE,
}
FORGET_BIAS = 1.0
GELU, CUBED = np.float32(0.7978845608), np.float32(0.044715)  # √(2 / π), …
HALF, ONE = np.float32(0.5), np.float32(1)
NEARLY_NOTHING = 1e-9
IMPOSSIBLE = -1e9
ALL_PITCHES = np.arange(LOWEST, LOWEST + PITCHES, dtype=np.int32)

Weights = Mapping[str, Reals]


def sizes(embedding: int, units: int, hidden: int, copy: int) -> dict[str, tuple[int, ...]]:
    """The shapes of all weights, by name.

    ``embedding``: numbers that a note is heard as; ``hidden``: units of each head; ``copy``: of copies' keys.
    """
    found: dict[str, tuple[int, ...]] = {
        "note/table": (sum(OF_NOTE), embedding),
        "note/reals": (REALS_OF_NOTE, embedding),
        "note/bias": (embedding,),
        "lstm/kernel": (embedding + units, 4 * units),
        "lstm/bias": (4 * units,),
        "copy/gate": (hidden, 1 + len(COPIES)),
        "copy/gate_bias": (1 + len(COPIES),),
    }
    for head, rows in (("pitch", sum(OF_STEP)), ("rhythm", sum(OF_STEP) + sum(OF_REST))):
        found |= {f"{head}/hidden": (units, hidden), f"{head}/table": (rows, hidden)}
        found |= {f"{head}/reals": (REALS_OF_STEP, hidden), f"{head}/bias": (hidden,)}
    for name, size in EXPERTS.items():
        found |= {name: (hidden, size), f"{name}_bias": (size,)}
    for name in COPIES:
        query = f"copy/{name}/query"
        found |= {f"copy/{name}/key": (units, copy), f"copy/{name}/distance": (COPIED_FROM - 1,)}
        found |= {f"{query}/hidden": (units, copy), f"{query}/table": (sum(OF_STEP), copy)}
        found[f"{query}/reals"] = (REALS_OF_STEP, copy)
    return found


@dataclass(slots=True)
class LineMemory:
    """What the network remembers of n lines."""

    c: Reals  # (n, units)
    h: Reals  # (n, units)
    count: Ints  # (n,): notes so far
    keys: Reals  # (n, copies, COPIED_FROM, size): of the latest notes, by their number
    pitches: Ints  # (n, COPIED_FROM): theirs

    def keep(self, rows: Ints) -> None:
        """Go on with some of the lines alone; one may come several times."""
        self.c, self.h, self.count = self.c[rows], self.h[rows], self.count[rows]
        self.keys, self.pitches = self.keys[rows].copy(), self.pitches[rows].copy()


class IntervalNetwork:
    """The weights at work."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.units = weights["lstm/kernel"].shape[1] // 4
        self.size = weights["copy/pitch/key"].shape[1]

    def start(self, number: int) -> LineMemory:
        """The memory of so many lines before their first note."""
        return LineMemory(
            c=np.zeros((number, self.units), np.float32),
            h=np.zeros((number, self.units), np.float32),
            count=np.zeros(number, np.int32),
            keys=np.zeros((number, len(COPIES), COPIED_FROM, self.size), np.float32),
            pitches=np.zeros((number, COPIED_FROM), np.int32),
        )

    def hear(self, memory: LineMemory, rows: Ints, heard: Features, pitches: Ints) -> None:
        """Notes begin in some of the lines."""
        w, units = self._weights, self.units
        fed = self._summed("note", heard, OF_NOTE) + w["note/bias"]
        gates = np.concatenate((fed, memory.h[rows]), axis=1) @ w["lstm/kernel"] + w["lstm/bias"]
        into, new, kept, out = (gates[:, part * units : (part + 1) * units] for part in range(4))
        c = memory.c[rows] * _sigmoid(kept + FORGET_BIAS) + _sigmoid(into) * np.tanh(new)
        h = np.tanh(c) * _sigmoid(out)
        slot = memory.count[rows] % COPIED_FROM
        for number, name in enumerate(COPIES):
            memory.keys[rows, number, slot] = h @ w[f"copy/{name}/key"]
        memory.c[rows], memory.h[rows], memory.pitches[rows, slot] = c, h, pitches
        memory.count[rows] += 1

    def events(self, memory: LineMemory, rows: Ints, heard: Features, rests: Ints) -> Reals:
        """How likely it is that nothing new comes, a note, or the end of one: logarithms, (k, 3)."""
        w = self._weights
        given = Features(np.concatenate((heard.numbers, rests), axis=1), heard.reals)
        hidden = self._hidden("rhythm", memory, rows, given, OF_STEP + OF_REST)
        logits = hidden @ w["rhythm/events"] + w["rhythm/events_bias"]
        logits[:, 2] = np.where(rests[:, 1] > 0, logits[:, 2], IMPOSSIBLE)
        return _log_softmax(logits)

    def pitches(self, memory: LineMemory, rows: Ints, heard: Features, latest: Ints, roots: Ints) -> Reals:
        """How likely each of ``ALL_PITCHES`` is, should a note come: logarithms, (k, ``PITCHES``).

        ``latest``: the pitch of the latest note of each line; ``roots``: of the chord, −1 for none.
        """
        w = self._weights
        hidden = self._hidden("pitch", memory, rows, heard, OF_STEP)
        by_interval = np.clip(ALL_PITCHES - latest[:, np.newaxis], -LEAPS, LEAPS) + LEAPS
        above_root = (ALL_PITCHES - roots[:, np.newaxis]) % OCTAVE
        is_first = (memory.count[rows] == 0)[:, np.newaxis]
        logits = hidden @ w["pitch/heights"] + w["pitch/heights_bias"]
        intervals = hidden @ w["pitch/intervals"] + w["pitch/intervals_bias"]
        classes = hidden @ w["pitch/classes"] + w["pitch/classes_bias"]
        logits += np.where(is_first, 0, np.take_along_axis(intervals, by_interval, 1))
        logits += np.where(
            roots[:, np.newaxis] == NO_ROOT, 0, np.take_along_axis(classes, above_root, axis=1)
        )
        return self._with_copies(memory, rows, heard, hidden, _log_softmax(logits), latest)

    def _with_copies(
        self, memory: LineMemory, rows: Ints, heard: Features, hidden: Reals, own: Reals, latest: Ints
    ) -> Reals:
        """The network's own weights mixed with what followed earlier notes."""
        count = memory.count[rows]
        numbers = count[:, np.newaxis] - np.arange(COPIED_FROM, 1, -1)  # of the notes that may be copied from
        is_there = numbers >= 0
        can_copy = numbers[:, -1] >= 0
        if not can_copy.any():
            return own
        slots = numbers % COPIED_FROM
        lines = rows[:, np.newaxis]
        pitches, following = memory.pitches[lines, slots], memory.pitches[lines, (slots + 1) % COPIED_FROM]
        gates = _log_softmax(hidden @ self._weights["copy/gate"] + self._weights["copy/gate_bias"])
        mixed = np.exp(gates[:, :1] + own)
        for number, name in enumerate(COPIES):
            share = self._attended(memory, rows, heard, number, name, slots, is_there)
            goal = following if name == "pitch" else latest[:, np.newaxis] + following - pitches
            copied = np.zeros_like(own)
            within = (goal >= LOWEST) & (goal < LOWEST + PITCHES)
            place = np.clip(goal - LOWEST, 0, PITCHES - 1)
            np.add.at(copied, (np.arange(len(rows))[:, np.newaxis], place), share * within)
            mixed += np.exp(gates[:, number + 1 : number + 2]) * (copied + NEARLY_NOTHING)
        found: Reals = np.where(can_copy[:, np.newaxis], np.log(mixed), own)
        return found

    def _attended(
        self,
        memory: LineMemory,
        rows: Ints,
        heard: Features,
        number: int,
        name: str,
        slots: Ints,
        is_there: Bools,
    ) -> Reals:
        """Which share of the copy comes from each of the earlier notes: (k, notes)."""
        w = self._weights
        query = memory.h[rows] @ w[f"copy/{name}/query/hidden"]
        query += self._summed(f"copy/{name}/query", heard, OF_STEP)
        keys = memory.keys[rows[:, np.newaxis], number, slots]
        scores = np.einsum("kd,knd->kn", query, keys) / np.sqrt(self.size)
        scores += w[f"copy/{name}/distance"]
        return np.where(is_there, np.exp(_log_softmax(np.where(is_there, scores, IMPOSSIBLE))), 0)

    def _hidden(
        self, name: str, memory: LineMemory, rows: Ints, heard: Features, sizes: tuple[int, ...]
    ) -> Reals:
        w = self._weights
        fed = memory.h[rows] @ w[f"{name}/hidden"] + self._summed(name, heard, sizes) + w[f"{name}/bias"]
        return _gelu(fed)

    def _summed(self, name: str, heard: Features, sizes: tuple[int, ...]) -> Reals:
        """The rows of a table that the numbers stand for, summed up, and the reals by their weights."""
        starts = np.concatenate(([0], np.cumsum(sizes)[:-1])).astype(np.int32)
        found: Reals = self._weights[f"{name}/table"][heard.numbers + starts].sum(axis=1)
        found += heard.reals @ self._weights[f"{name}/reals"]
        return found


def _sigmoid(x: Reals) -> Reals:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def _gelu(x: Reals) -> Reals:
    """The approximation by tanh. Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016."""
    return np.asarray(HALF * x * (ONE + np.tanh(GELU * (x + CUBED * x * x * x))), np.float32)


def _log_softmax(logits: Reals) -> Reals:
    shifted = logits - logits.max(axis=1, keepdims=True)
    found: Reals = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found
