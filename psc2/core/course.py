"""The course of a chorus: which of its chords a stroke of the left hand is one of, wherever it falls."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from psc2.core.chart import Chart
from psc2.core.harmony import Chord
from psc2.core.meter import TimeSignature
from psc2.core.voicings import darkened, leads_to_minor, voiced

PUSH_STEPS = 2  # an 8th: how long before a chord it may sound


@dataclass(frozen=True, slots=True)
class Course:
    """The chords of a chorus, and of which of them a stroke is one."""

    begins: tuple[int, ...]  # the step of each, and behind the last the length of the chorus
    chords: tuple[Chord, ...]  # … and behind the last the one that follows the chorus
    heard: tuple[
        int | None, ...
    ]  # by step, the chord of a stroke: just before the next that one; None for silence
    needed: tuple[tuple[int, ...], ...]  # by bar, the chords that begin there and last a beat or more
    time_signature: TimeSignature
    push_steps: int

    @classmethod
    def of(cls, chart: Chart, leads_to: Chord | None = None) -> Course:
        """The course of a chart. ``leads_to``: the first chord of the chorus after it; None for its own."""
        known: dict[Chord, Chord] = {}
        written = [*(change.chord for change in chart.changes), leads_to or chart.changes[0].chord]
        chords = [known.setdefault(chord, chord) for chord in written]
        begins, bar_steps = (*chart.steps, chart.length_steps), chart.time_signature.steps_per_bar
        beat_steps = chart.time_signature.steps_per_beat
        push_steps = min(PUSH_STEPS, beat_steps)
        heard = list[int | None]()
        needed: list[tuple[int, ...]] = [()] * len(chart.bars)
        for index, (begin, end) in enumerate(pairwise(begins)):
            chord, coming, steps = chords[index], chords[index + 1], end - begin
            leads = chord.tones and coming.tones and coming is not chord
            pushed = min(push_steps, steps - 1) if leads else 0
            heard += [index if chord.tones else None] * (steps - pushed) + [index + 1] * pushed
            if chord.tones and steps >= beat_steps:
                needed[begin // bar_steps] += (index,)
        voicings = [voiced(chord, following) for chord, following in pairwise(chords)]
        leads_on = leads_to_minor(chords[0], chords[1])  # as the first chord again, or that in another key
        voicings.append(darkened(chords[-1]) if leads_on else chords[-1])
        led = tuple(known.setdefault(chord, chord) for chord in voicings)
        return cls(begins, led, tuple(heard), tuple(needed), chart.time_signature, push_steps)

    @property
    def length_steps(self) -> int:
        return self.begins[-1]

    def end_of(self, index: int) -> int:
        """The step at which a chord ends, or the chorus."""
        return self.begins[min(index + 1, len(self.begins) - 1)]
