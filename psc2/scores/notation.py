"""Music written as text: note names, note values, dynamics, bar lines.

``mf r/8 D5/8 E5/16 F5 Dm9/4.'``: a rest and three notes, then a chord called Dm9 that lasts a
dotted quarter and is played short. A song file's head explains it all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.spelling import ALTERATIONS, SEMITONES

STEPS_PER_WHOLE = 4 * STEPS_PER_QUARTER
ACCENT = 16  # how much louder than the dynamic, in velocity
DYNAMICS = {"pp": 42, "p": 54, "mp": 66, "mf": 78, "f": 92, "ff": 108}  # velocity

Voicings = Mapping[str, str]  # a chord's own name: its notes


@dataclass(frozen=True, slots=True)
class WrittenChord:
    """One or several keys that go down together, or a rest."""

    onset: Fraction  # steps from the bar line before the line's first note
    length: Fraction  # steps, above 0, as written
    pitches: tuple[int, ...]  # 0–127; none for a rest
    velocity: int  # 1–127
    staccato: bool = False
    tied: bool = False  # the next one prolongs it


def pitch_of(name: str) -> int:
    """A note's MIDI pitch; C4 is the middle C. Raises: ValueError.

    >>> pitch_of("C4"), pitch_of("Bb3"), pitch_of("F#5")
    (60, 58, 78)
    """
    match = re.fullmatch(r"([A-G])([#b]?)(-?\d)", name)
    pitch = 12 * (int(match[3]) + 1) + SEMITONES[match[1]] + ALTERATIONS[match[2]] if match else -1
    if not 0 <= pitch <= 127:
        raise ValueError(f"expected a note such as Bb3 or a voicing, got {name}")
    return pitch


def read_line(text: str, voicings: Voicings, first_step: Fraction, steps_per_bar: int) -> list[WrittenChord]:
    """Read the notes of a line that starts ``first_step`` steps after a bar line; rests are left out.

    Bars end at a new line or at ``|`` and must be full; only the last may be cut short.

    Raises: ValueError, in one line.

    >>> [float(chord.onset) for chord in read_line("C4/8 D4/4. G3/2 | C4/1", {}, Fraction(0), 16)]
    [0.0, 2.0, 8.0, 16.0]
    """
    chords: list[WrittenChord] = []
    place, value, velocity = first_step, Fraction(4), DYNAMICS["mf"]
    bars = [bar.split() for bar in re.split(r"[|\n]", text) if bar.strip()]
    for number, words in enumerate(bars, start=1):
        for word in words:
            if word in DYNAMICS:
                velocity = DYNAMICS[word]
                continue
            chord = _chord(word, voicings, place, value, velocity)
            place, value = place + chord.length, chord.length
            chords.append(chord)
        wanted = number * steps_per_bar
        if place > wanted or (place < wanted and number < len(bars)):
            got = float(place - wanted + steps_per_bar)
            raise ValueError(f"bar {number} of its notes: expected {steps_per_bar} sixteenths, got {got:g}")
    return [chord for chord in _join_ties(chords) if chord.pitches]


def _chord(word: str, voicings: Voicings, onset: Fraction, value: Fraction, velocity: int) -> WrittenChord:
    """Read one word of a line; without a note value of its own it keeps that of the word before."""
    match = re.fullmatch(r"([^/'>~]+)(?:/([1-9]\d?)(\.?))?([>'~]*)", word)
    if match is None:
        raise ValueError(f"expected a note such as Bb3/8, got {word}")
    name, part, dot, signs = match.groups()
    if part:
        value = Fraction(STEPS_PER_WHOLE, int(part)) * (Fraction(3, 2) if dot else 1)
    names = [] if name == "r" else voicings.get(name, name).split("+")
    return WrittenChord(
        onset, value, tuple(pitch_of(one) for one in names),
        min(127, velocity + ACCENT * (">" in signs)), "'" in signs, "~" in signs,
    )  # fmt: skip


def _join_ties(chords: list[WrittenChord]) -> Iterator[WrittenChord]:
    held: WrittenChord | None = None
    for chord in chords:
        if held is not None and held.tied and held.pitches == chord.pitches:
            chord = replace(
                chord, onset=held.onset, length=held.length + chord.length, velocity=held.velocity
            )
        elif held is not None:
            yield held
        held = chord
    if held is not None:
        yield held
