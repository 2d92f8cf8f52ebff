"""Chords as the Weimar Jazz Database writes them, and how many notes of a melody belong to them.

A symbol is a root, a quality, the tensions, whose accidental comes last, and a bass: ``Bb-7``,
``Ebj79/G``, ``F79b13``, ``Dbj7911#``; ``NC`` is no chord.

Source: the chord syntax of the Jazzomat project, https://jazzomat.hfm-weimar.de.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from psc2.models.rnn.keys import KEYS
from psc2.scores.notation import ALTERATIONS, SEMITONES
from psc2.training.datasets import Piece
from psc2.training.examples import Continued
from psc2.training.statistics import Figure, MelodyNote, notes_of

NO_CHORD = "NC"
QUALITIES = {  # root, third, fifth, and sixth or seventh, in semitones above the root
    "": (0, 4, 7),
    "6": (0, 4, 7, 9),
    "7": (0, 4, 7, 10),
    "j7": (0, 4, 7, 11),
    "-": (0, 3, 7),
    "-6": (0, 3, 7, 9),
    "-7": (0, 3, 7, 10),
    "-j7": (0, 3, 7, 11),
    "m7b5": (0, 3, 6, 10),
    "o": (0, 3, 6),
    "o7": (0, 3, 6, 9),
    "+": (0, 4, 8),
    "+7": (0, 4, 8, 10),
    "+j7": (0, 4, 8, 11),
    "7alt": (0, 4, 8, 10),  # it has no fifth but altered ones
    "sus": (0, 5, 7),  # a fourth in place of the third
    "sus7": (0, 5, 7, 10),
}
_NOTE = "([A-G])([#b]?)"
_QUALITY = "|".join(map(re.escape, QUALITIES))
_SYMBOL = re.compile(rf"{_NOTE}({_QUALITY})(?:(?:9|11|13)[#b]?)*(?:/{_NOTE})?")

Tones = frozenset[int]  # pitch classes, 0–11; none where there is no chord


def tones_of(symbol: str) -> Tones | None:
    """The pitch classes of a chord: root, third, fifth, sixth or seventh, and the bass; no tensions.

    None for a symbol that is not understood.

    >>> sorted(tones_of("Bb-7")), sorted(tones_of("C79#/E")), sorted(tones_of("F/G"))
    ([1, 5, 8, 10], [0, 4, 7, 10], [0, 5, 7, 9])
    """
    if symbol == NO_CHORD:
        return frozenset()
    match = _SYMBOL.fullmatch(symbol)
    if match is None:
        return None
    letter, accidental, quality, bass, bass_accidental = match.groups()
    root = SEMITONES[letter] + ALTERATIONS[accidental]
    tones = {(root + above) % KEYS for above in QUALITIES[quality]}
    if bass is not None:
        tones.add((SEMITONES[bass] + ALTERATIONS[bass_accidental]) % KEYS)
    return frozenset(tones)


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
