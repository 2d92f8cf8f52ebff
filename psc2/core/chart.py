"""The chart of a tune: which chord is played when, over one chorus."""

from __future__ import annotations

from dataclasses import dataclass, replace

from psc2.core.harmony import Chord
from psc2.core.meter import Form, TimeSignature
from psc2.core.spelling import OCTAVE, tonic_of, transposed_key


@dataclass(frozen=True, slots=True)
class PlacedChord:
    """A chord, and where in its bar it begins."""

    step: int  # 16ths after the bar line
    chord: Chord


@dataclass(frozen=True, slots=True)
class Bar:
    """The chords of a bar; one that is held over the bar line stands there again."""

    chords: tuple[PlacedChord, ...]  # one or more; their steps rise, from 0
    section: str = ""  # the mark of the section that begins here: A, B, intro

    def chord_at(self, step: int) -> Chord:
        """The chord at a step within the bar."""
        return next(placed.chord for placed in reversed(self.chords) if placed.step <= step)


@dataclass(frozen=True, slots=True)
class Chart:
    """The chords of one chorus, in the order in which they are played: every repeat is written out."""

    title: str  # "" where it is not known
    composer: str
    key: str  # such as Eb or F#m
    time_signature: TimeSignature
    bars: tuple[Bar, ...]  # one or more

    @property
    def form(self) -> Form:
        """The meter, and how many bars a chorus has."""
        return Form(self.time_signature, len(self.bars))

    @property
    def length_steps(self) -> int:
        """How long a chorus is, in 16ths."""
        return self.form.length_steps

    def chord_at(self, step: int) -> Chord:
        """The chord at a step, counted from where a chorus begins; after the last bar it begins again."""
        bar, within = divmod(step % self.length_steps, self.time_signature.steps_per_bar)
        return self.bars[bar].chord_at(within)

    def bar_at(self, step: int) -> Bar:
        """The bar that a step falls into."""
        return self.bars[step % self.length_steps // self.time_signature.steps_per_bar]

    def next_change(self, step: int) -> PlacedChord | None:
        """The next chord that is another than the one at ``step``, and at which step after it that begins.

        Both steps are counted from the same place. None where the whole chart is one chord.
        """
        now, steps_per_bar = self.chord_at(step), self.time_signature.steps_per_bar
        first = step // steps_per_bar
        for number in range(first, first + len(self.bars) + 1):
            for placed in self.bars[number % len(self.bars)].chords:
                place = number * steps_per_bar + placed.step
                if place > step and placed.chord != now:
                    return PlacedChord(place, placed.chord)
        return None

    def transposed(self, semitones: int) -> Chart:
        """The chart so many semitones higher, with the names that its new key has for the chords."""
        if semitones % OCTAVE == 0:
            return self
        key = transposed_key(self.key, semitones)
        tonic = tonic_of(key)
        return replace(
            self,
            key=key,
            bars=tuple(
                replace(bar, chords=tuple(
                    replace(placed, chord=placed.chord.transposed(semitones, tonic)) for placed in bar.chords
                ))
                for bar in self.bars
            ),
        )  # fmt: skip
