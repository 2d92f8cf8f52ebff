"""The chart of a tune: which chord is played when, over one chorus."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from psc2.core.enharmonics import names_of
from psc2.core.harmony import Chord
from psc2.core.meter import STEPS_PER_QUARTER, Form, TimeSignature
from psc2.core.spelling import OCTAVE, transposed_key
from psc2.core.tune_styles import TuneStyle, tune_style


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
    style: str = ""  # as it is written there, such as Medium Swing; "" where it is not known

    changes: tuple[PlacedChord, ...] = field(init=False, compare=False, repr=False)
    # ^ each chord that is another than the one before it, by its step in the chorus …
    steps: tuple[int, ...] = field(init=False, compare=False, repr=False)  # … and those; worked out once

    def __post_init__(self) -> None:
        steps_per_bar, changes = self.time_signature.steps_per_bar, list[PlacedChord]()
        for number, bar in enumerate(self.bars):
            for placed in bar.chords:
                if not changes or placed.chord != changes[-1].chord:
                    changes.append(PlacedChord(number * steps_per_bar + placed.step, placed.chord))
        object.__setattr__(self, "changes", tuple(changes))
        object.__setattr__(self, "steps", tuple(placed.step for placed in changes))

    @property
    def playing(self) -> TuneStyle:
        """How its style asks to be played."""
        return tune_style(self.style)

    @property
    def swings(self) -> bool:
        """Whether its 8ths swing: in a style that does, or that is not known, and in a meter of quarters.

        In 6/8, 12/8 or 7/8 an 8th is a beat, or one of three, and they are even.

        >>> charts = (("Bossa Nova", "4/4"), ("Ballad", "4/4"), ("", "3/4"), ("", "12/8"))
        >>> [Chart("", "", "", TimeSignature.parse(meter), (), style).swings for style, meter in charts]
        [False, True, True, False]
        """
        return self.playing.swings and self.time_signature.steps_per_beat == STEPS_PER_QUARTER

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
        return self.changes[self._index_at(step % self.length_steps)].chord

    def _index_at(self, within: int) -> int:
        """Which of the changes holds at a step of a chorus."""
        return bisect_right(self.steps, within) - 1

    def bar_at(self, step: int) -> Bar:
        """The bar that a step falls into."""
        return self.bars[step % self.length_steps // self.time_signature.steps_per_bar]

    def next_change(self, step: int) -> PlacedChord | None:
        """The next chord that is another than the one at ``step``, and at which step after it that begins.

        Both steps are counted from the same place. None where the whole chart is one chord.
        """
        if len(self.changes) == 1:
            return None
        chorus, within = divmod(step, self.length_steps)
        index = self._index_at(within) + 1
        if index == len(self.changes):  # the next chorus may begin with the chord that ends this one
            chorus, index = chorus + 1, int(self.changes[0].chord == self.changes[-1].chord)
        change = self.changes[index]
        return PlacedChord(chorus * self.length_steps + change.step, change.chord)

    def between(self, first: int, end: int, shift: int = 0) -> Iterator[PlacedChord]:
        """The chord at step ``first`` and each change before ``end``, with steps that are ``shift`` later.

        Steps are counted from where a chorus begins; after the last bar it begins again.
        """
        length, changes = self.length_steps, self.changes
        chorus, index = first // length, self._index_at(first % length)
        yield PlacedChord(first + shift, changes[index].chord)
        while len(changes) > 1:
            index += 1
            if index == len(changes):  # the next chorus may begin with the chord that ends this one
                chorus, index = chorus + 1, int(changes[0].chord == changes[-1].chord)
            step = chorus * length + changes[index].step
            if step >= end:
                return
            yield PlacedChord(step + shift, changes[index].chord)

    def transposed(self, semitones: int) -> Chart:
        """The chart so many semitones higher, with the names that its new key has for the chords."""
        return self if semitones % OCTAVE == 0 else self._spelled(semitones)

    def spelled(self) -> Chart:
        """The chart with names for its chords that go together, whatever names each had."""
        return self._spelled(0)

    def _spelled(self, semitones: int) -> Chart:
        key, ends = transposed_key(self.key, semitones), [*self.steps[1:], self.length_steps]
        lengths = [end - start for start, end in zip(self.steps, ends, strict=True)]
        chords = [placed.chord for placed in self.changes]
        moved = {chord: chord.transposed(semitones) for chord in set(chords)}
        asked = [*zip(chords, names_of([moved[chord] for chord in chords], lengths, key), strict=True)]
        known = {(chord, name): moved[chord].transposed(0, name) for chord, name in set(asked)}
        starts = range(0, self.length_steps, self.time_signature.steps_per_bar)
        bars = list[Bar]()
        for start, bar in zip(starts, self.bars, strict=True):
            placed = (
                replace(one, chord=known[asked[self._index_at(start + one.step)]]) for one in bar.chords
            )
            bars.append(replace(bar, chords=tuple(placed)))
        return replace(self, key=key, bars=tuple(bars))
