"""The chords of a solo, and how many notes of a melody belong to them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from psc2.errors import ChartError
from psc2.models.rnn.keys import KEYS
from psc2.scores.chord_symbols import read_symbol
from psc2.training.datasets import Piece
from psc2.training.examples import Continued
from psc2.training.statistics import Figure, MelodyNote, notes_of

Tones = frozenset[int]  # pitch classes, 0–11; none where there is no chord


def tones_of(symbol: str) -> Tones | None:
    """The pitch classes of a chord: root, third, fifth, sixth or seventh, and the bass; no tensions.

    None for a symbol that is not understood.

    >>> sorted(tones_of("Bb-7")), sorted(tones_of("C79#/E")), sorted(tones_of("F/G"))
    ([1, 5, 8, 10], [0, 4, 7, 10], [0, 5, 7, 9])
    """
    try:
        chord = read_symbol(symbol)
    except ChartError:
        return None
    return chord.tones | {chord.bass} if chord.tones else frozenset()


def understood_share(pieces: Iterable[Piece]) -> float:
    """The share of the pieces' chord symbols that ``tones_of`` understands, 0–1; 1 if there are none."""
    known = [tones_of(symbol) is not None for piece in pieces for _, symbol in piece.chords]
    return sum(known) / len(known) if known else 1.0


@dataclass(frozen=True, slots=True)
class Changes:
    """The chords of a piece, in order."""

    steps: tuple[int, ...]  # where each begins; they rise
    tones: tuple[Tones, ...]

    def at(self, step: int) -> Tones:
        """The pitch classes of the chord at a step; empty before the first one, and under an unknown one."""
        index = bisect_right(self.steps, step) - 1
        return self.tones[index] if index >= 0 else frozenset()


def changes_of(chords: Iterable[tuple[int, str]]) -> Changes:
    """The changes of a piece, from its ``chords``, each a step and a symbol.

    Those of a rest that was cut out may lie past the next one: they are dropped.

    >>> changes_of([(0, "C"), (100, "F7"), (88, "G7")]).steps
    (0, 88)
    """
    kept: list[tuple[int, Tones]] = []
    for step, symbol in chords:
        while kept and kept[-1][0] >= step:
            kept.pop()
        kept.append((step, tones_of(symbol) or frozenset()))
    return Changes(tuple(step for step, _ in kept), tuple(tones for _, tones in kept))


def fits(notes: Iterable[MelodyNote], changes: Changes) -> list[bool]:
    """Whether each note over a chord belongs to it; notes over no chord are left out."""
    over = ((note, changes.at(note.onset)) for note in notes)
    return [note.pitch % KEYS in tones for note, tones in over if tones]


def shares(made: Sequence[Continued], seed: int) -> dict[str, Figure]:
    """The shares of notes that belong to the chord over which they begin, by whose they are.

    There are four: for what the model, which knows no chords, made over a solo's chords; for what the soloist
    played there; for the soloist's own pitches in any order, which have the key and the rhythm but
    not the chords; and for a pitch at random.
    """
    random = Random(f"{seed} chords")
    found: dict[str, list[float]] = {"model": [], "soloist": [], "soloist, shuffled": [], "any pitch": []}
    for one in made:
        changes = changes_of(one.piece.chords)
        played = [note._replace(onset=note.onset + one.start) for note in notes_of(one.own)]
        length = len(one.own)  # no chords are known past the solo's end
        model = [note._replace(onset=note.onset + one.start) for note in notes_of(one.events[:length])]
        pitches = [note.pitch for note in played]
        random.shuffle(pitches)
        shuffled = [note._replace(pitch=pitch) for note, pitch in zip(played, pitches, strict=True)]
        found["model"] += fits(model, changes)
        found["soloist"] += fits(played, changes)
        found["soloist, shuffled"] += fits(shuffled, changes)
        found["any pitch"] += [
            len(tones) / KEYS for tones in (changes.at(note.onset) for note in played) if tones
        ]
    return {name: Figure(sum(values) / len(values)) for name, values in found.items() if values}
