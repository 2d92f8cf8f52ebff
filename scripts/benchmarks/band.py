"""band: choruses of the band over held-out tunes and usual forms, as a bass player and a pianist hear them.

The tunes' chords are those of the solos' transcriptions, each a chorus; the forms are written here, in all
keys. And what the band takes of the loop's time: a bar is laid under the lock, a chorus is thought of beside.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from random import Random
from statistics import fmean, median

from psc2.core import accompaniment
from psc2.core.band import ChorusRequest
from psc2.core.bass_player import BassStyle, bass_notes
from psc2.core.chart import Chart
from psc2.core.comping import CompingStyle, comping_notes
from psc2.core.harmony import Chord
from psc2.core.loop import PlayableNote
from psc2.core.spelling import OCTAVE
from psc2.core.voicings import voiced
from psc2.scores.charts import read_chart
from psc2.testing import Rehearsal
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.pitches import chart_of, p95, percent
from scripts.benchmarks.turns import SOLOS, read_solos, why_not

SEEDS, QUICK_SEEDS = 5, 1
VARIANTS = 20  # choruses of one tune, that should all differ
FORMS = (
    "| F7 | Bb7 | F7 | Cm7 F7 | Bb7 | Bdim7 | F7 | Am7b5 D7b9 | Gm7 | C7 | F7 D7 | Gm7 C7 |",
    "|: Bb6 G7 | Cm7 F7 | Dm7 G7 | Cm7 F7 | Bb7 | Eb6 Edim7 | Dm7 G7 | Cm7 F7 :| D7 | % | G7 | % | C7 | % |",
    "| Bmaj7 D7 | Gmaj7 Bb7 | Ebmaj7 | Am7 D7 | Gmaj7 Bb7 | Ebmaj7 F#7 | Bmaj7 | Fm7 Bb7 |",
    "| Dm7b5 | G7alt | Cm6 | % | Dm7 | G7 | Cmaj7 | A7 |",
    "| Dm7 | % | % | % | % | % | % | % |",
    "meter: 3/4\n| Fmaj7 | Gm7 C7 . | Am7 | D7b9 | Gm7 | C7 | F6 | N.C. |",
    "meter: 5/4\n| Ebm7 . . Bbm7 . | % | Ebm7 . . Bbm7 . | Abm7 . . Db7 . |",
    "meter: 7/8\n| Am7 | D7/F# | Gmaj7 | C7#11 |",
)  # fmt: skip
LONG = "| Dm7 G7 | Em7 A7 | Fm7 Bb7 | Ebmaj7 " * 16 + "|"  # 64 bars
SEMITONE, LEAP = 1, 7  # semitones; a fifth
ROOTS, LED, LEAPS, MOVES = 99.0, 95.0, 7.0, 2.0  # percent, percent, semitones and semitones
LAID_MS = 1.0


@dataclass(slots=True)
class Bass:
    """What is heard of walking basslines."""

    roots: list[bool] = field(default_factory=list)  # of the notes with which chords begin
    led: list[bool] = field(
        default_factory=list
    )  # of the others: in the scale, or a half step from what comes
    leaps: list[int] = field(default_factory=list)
    stuck: list[bool] = field(default_factory=list)  # third of one pitch in a row
    pitches: list[int] = field(default_factory=list)

    def hear(self, chart: Chart, notes: Sequence[PlayableNote]) -> None:
        bar_steps, begins = chart.time_signature.steps_per_bar, frozenset(chart.steps)
        for note, following in pairwise([*notes, notes[0]]):
            step = note.bar * bar_steps + note.step
            chord = chart.chord_at(step)
            if step in begins:
                self.roots.append(note.pitch % OCTAVE == chord.bass)
            else:
                near = (note.pitch - following.pitch) % OCTAVE in (SEMITONE, OCTAVE - SEMITONE)
                self.led.append(chord.fits(note.pitch) or near)
        self.pitches += [note.pitch for note in notes]
        self.leaps += [abs(other.pitch - one.pitch) for one, other in pairwise(notes)]
        self.stuck += [
            len({one.pitch, other.pitch, third.pitch}) == 1
            for one, other, third in zip(notes, notes[1:], notes[2:], strict=False)
        ]


@dataclass(slots=True)
class Comping:
    """What is heard of a pianist's left hand."""

    guides: list[bool] = field(default_factory=list)  # third and seventh, where the chord has both
    avoided: list[bool] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)  # semitones a voice, from voicing to voicing
    tops: list[int] = field(default_factory=list)
    heard: list[bool] = field(default_factory=list)  # of the chords that last a beat
    strokes: list[int] = field(default_factory=list)  # in each bar
    pitches: list[int] = field(default_factory=list)

    def hear(self, chart: Chart, notes: Sequence[PlayableNote]) -> None:
        bar_steps, last = chart.time_signature.steps_per_bar, list[int]()
        sounding = set[int]()
        for place, together in groupby(notes, key=lambda note: note.place):
            voicing = sorted(note.pitch for note in together)
            step = place[0] * bar_steps + place[1]
            index = _meant(chart, step, voicing)
            chord = _voiced(chart, index)
            sounding.add(index)
            classes = {pitch % OCTAVE for pitch in voicing}
            thirds, sevenths = (
                chord.tones & {(chord.root + one) % OCTAVE for one in ones} for ones in ((3, 4), (10, 11))
            )
            if thirds and sevenths:
                self.guides.append(bool(thirds & classes and sevenths & classes))
            self.avoided.append(bool(classes & chord.avoid))
            if last and len(last) == len(voicing) and last != voicing:
                self.moves.append(fmean(abs(one - other) for one, other in zip(last, voicing, strict=True)))
                self.tops.append(abs(last[-1] - voicing[-1]))
            last = voicing
            self.pitches += voicing
        ends = [*chart.steps[1:], chart.length_steps]
        for index, (change, end) in enumerate(zip(chart.changes, ends, strict=True)):
            if change.chord.tones and end - change.step >= chart.time_signature.steps_per_beat:
                self.heard.append(index in sounding)
        struck = {note.place for note in notes}
        self.strokes += [sum(bar == one for one, _ in struck) for bar in range(len(chart.bars))]


def _meant(chart: Chart, step: int, voicing: Iterable[int]) -> int:
    """Which change a stroke is for: the one that holds, or the next, an 8th early, if it fits that."""
    within = [index for index, begin in enumerate(chart.steps) if begin <= step][-1]
    following = (within + 1) % len(chart.changes)
    end = chart.steps[following] if following else chart.length_steps
    coming = chart.changes[following].chord
    fits = all(map(_voiced(chart, following).fits, voicing))
    leads = coming.tones and coming != chart.changes[within].chord and fits
    return following if leads and end - step <= 2 else within


def _voiced(chart: Chart, index: int) -> Chord:
    """A change of a chart as the left hand plays it: a dominant before a minor chord with a flat ninth."""
    return voiced(chart.changes[index].chord, chart.changes[(index + 1) % len(chart.changes)].chord)


def charts() -> Iterator[Chart]:
    """The held-out solos' chords, and the forms in every key."""
    for solo in read_solos(SOLOS):
        chart = chart_of(solo)
        if any(placed.chord.tones for placed in chart.changes):
            yield chart
    for form in FORMS:
        (chart,) = read_chart(form)
        yield from (chart.transposed(semitones) for semitones in range(OCTAVE))


def measure(folder: Path, quick: bool) -> Values:
    bass, comping, tunes = Bass(), Comping(), [*charts()]
    for seed in range(QUICK_SEEDS if quick else SEEDS):
        for chart in tunes:
            bass.hear(chart, bass_notes(chart, BassStyle.WALKING, (), Random(seed)))
            comping.hear(chart, comping_notes(chart, CompingStyle.CELLS, (), Random(seed)))
    (blues,) = read_chart(FORMS[0])
    lines = {bass_notes(blues, BassStyle.WALKING, (), Random(seed)) for seed in range(VARIANTS)}
    chords = {comping_notes(blues, CompingStyle.CELLS, (), Random(seed)) for seed in range(VARIANTS)}
    return {
        "tunes": len(tunes),
        "notes": len(bass.pitches),
        "roots": percent(bass.roots),
        "led": percent(bass.led),
        "leap": p95(bass.leaps),
        "leap_max": max(bass.leaps),
        "stuck": sum(bass.stuck),
        "lowest": min(bass.pitches),
        "highest": max(bass.pitches),
        "guides": percent(comping.guides),
        "avoided": sum(comping.avoided),
        "moves": fmean(comping.moves),
        "top": p95(comping.tops),
        "heard": percent(comping.heard),
        "strokes": fmean(comping.strokes),
        "low": min(comping.pitches),
        "high": max(comping.pitches),
        "lines": len(lines),
        "chords": len(chords),
        **costs(),
    }


def costs() -> Values:
    """A chorus of 64 bars, two chords in each: what thinking of it takes, and laying a bar of it."""
    (chart,) = read_chart(LONG)
    bass_ms, comping_ms = list[float](), list[float]()
    for seed in range(VARIANTS):
        began = time.perf_counter()
        bass_notes(chart, BassStyle.WALKING, (), Random(seed))
        between = time.perf_counter()
        comping_notes(chart, CompingStyle.CELLS, (), Random(seed))
        bass_ms.append(1000 * (between - began))
        comping_ms.append(1000 * (time.perf_counter() - between))
    return {"bass_ms": median(bass_ms), "comping_ms": median(comping_ms), "laid_ms": laid_ms()}


def laid_ms() -> float:
    """What laying a bar takes, with the beat that follows its bass: p99, in milliseconds."""
    rehearsal, took = Rehearsal(music={"chart": LONG}), list[float]()
    start = rehearsal.start()
    rehearsal.play([], until=start + 0.1)
    for _ in range(VARIANTS):
        rehearsal.state.coming_choruses.clear()
        rehearsal.state.thinking.clear()
        for request in accompaniment.follow(rehearsal.state):
            assert isinstance(request, ChorusRequest)
            rehearsal.state.choruses[request.layer] = request.bars()
        for bar in range(rehearsal.state.form.num_bars):
            began = time.perf_counter()
            accompaniment.lay_bar(rehearsal.state, bar)
            took.append(1000 * (time.perf_counter() - began))
    return sorted(took)[int(0.99 * len(took))]


# --- the table ------------------------------------------------------------------------


def rows(runs: Runs) -> list[Row]:
    def of(name: str) -> float:
        return runs.median(name)

    def row(what: str, target: str, measured: str, compared: str, met: bool | None) -> Row:
        return Row("band", what, target, measured, compared, met)

    return [
        row(
            f"a walking bass over {of('tunes'):.0f} tunes and forms, {of('notes'):,.0f} notes: roots where "
            "chords begin; others in the scale, or a half step from the next",
            f"≥ {ROOTS:g} and {LED:g} %", f"{of('roots'):.1f} and {of('led'):.1f} %", "",
            of("roots") >= ROOTS and of("led") >= LED,
        ),
        row(
            "… intervals, p95 (widest); pitches three times in a row", f"≤ {LEAPS:g} (12); 0",
            f"{of('leap'):.0f} ({of('leap_max'):.0f}); {of('stuck'):.0f}",
            f"within {of('lowest'):.0f}–{of('highest'):.0f}",
            of("leap") <= LEAPS and of("leap_max") <= OCTAVE and of("stuck") == 0,
        ),
        row(
            "chords: third and seventh, where there are both; avoid notes", "100 %; 0",
            f"{of('guides'):.1f} %; {of('avoided'):.0f}", f"within {of('low'):.0f}–{of('high'):.0f}",
            of("guides") == 100 and of("avoided") == 0,
        ),
        row(
            "… semitones from voicing to voicing, a voice; the top one, p95", f"≤ {MOVES:g}",
            f"{of('moves'):.2f}; {of('top'):.0f}", f"{of('strokes'):.2f} strokes a bar", of("moves") <= MOVES,
        ),
        row(
            "… chords of a beat or more that are heard", "100 %", f"{of('heard'):.1f} %", "",
            of("heard") == 100,
        ),
        row(
            f"{VARIANTS} choruses of a blues: different basslines; and chords", f"{VARIANTS}; {VARIANTS}",
            f"{of('lines'):.0f}; {of('chords'):.0f}", "", min(of("lines"), of("chords")) == VARIANTS,
        ),
        row(
            "64 bars of 128 chords: laying a bar in the loop, p99", f"≤ {LAID_MS:g} ms",
            f"{of('laid_ms'):.2f} ms",
            f"thought of beside: bass {of('bass_ms'):.1f}, chords {of('comping_ms'):.1f} ms",
            of("laid_ms") <= LAID_MS,
        ),
    ]  # fmt: skip


BAND = Measure(names=("band",), seconds=60, quick_seconds=15, run=measure, rows=rows, why_not=why_not)
