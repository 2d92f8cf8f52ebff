"""improv_pitches: the machine's pitches beside the keys that sound them, and over the chords of the solos.

The players are those of ``turns``; the real melody model answers them. In the paper's turns, so that its own
figures can be compared: the turn changes in the midst of lines, where a leap is heard most. A solo is one
chorus of its own chords, as they were transcribed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from pathlib import Path
from random import Random
from statistics import median, quantiles

from psc2.core.chart import Bar, Chart, PlacedChord
from psc2.core.events import Event, KeyDown
from psc2.core.fitting import fitted
from psc2.core.grouping import strong_steps
from psc2.core.harmony import NO_CHORD, Chord
from psc2.core.meter import TimeSignature
from psc2.core.register import Register, Sounded, direction, placed
from psc2.core.requests import MelodyRequest, Model
from psc2.core.spelling import OCTAVE
from psc2.models.catalogue import open_model
from psc2.ports import MelodyModel
from psc2.scores.chord_symbols import read_symbol
from psc2.testing import Behaviour, Rehearsal, key, press
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.turns import PAPER, QUICK_SOLOS, ROUNDING, SOLOS, Solo, read_solos, why_not

STEPS_A_BEAT = 4
MAX_BARS = 256
DELAY_S = 0.004  # of the model
WAYS: Mapping[str, Mapping[str, object]] = {
    "paper": {"register": "off", "harmony": "off"},
    "register": {"harmony": "off"},
    "strong": {"harmony": "strong"},
    "all": {"harmony": "all"},
}
BY_NOTE: Mapping[str, object] = {"model": "changes", "generation": "note"}  # drawn when the key goes down …
WAYS_BY_NOTE: Mapping[str, Mapping[str, object]] = {
    "bare": {**BY_NOTE, "register": "off", "harmony": "off", "candidates": 1},  # … with no rule at all
    "free": {**BY_NOTE, "harmony": "off"},
    "fitted": {**BY_NOTE, "harmony": "strong"},
}
NEAR, CONTOUR_PERCENT = 7, 82.0  # semitones
CHORD_PERCENT, SCALE_PERCENT, MOVED_PERCENT = 58.0, 95.0, 10.0
II_V_I = ("Dm7", "G7", "Cmaj7", "Cmaj7")
VAMP = ("Dm7",) * 4
MODAL_PERCENT = 95.0
COST_NOTES, COST_US = 20_000, 50.0


@dataclass(frozen=True, slots=True)
class Played:
    """A note of the lead, as it sounded."""

    key: int
    pitch: int
    drawn: int | None  # the model's, before it was moved; None for the player's own
    chord: Chord
    is_strong: bool

    @property
    def fits(self) -> tuple[bool, bool]:
        """Whether it belongs to the chord, and to its scale."""
        return self.pitch % OCTAVE in self.chord.tones, self.chord.fits(self.pitch)


class Listener(Rehearsal):
    """A performance over a chart that keeps each note of the lead."""

    def __init__(self, solo: Solo, chart: Chart, improv: Mapping[str, object], seed: int) -> None:
        super().__init__(
            open_model(Model.MELODY, "changes", "native") if "generation" in improv else WEIMAR,
            seed=seed,
            behaviours=iter(lambda: Behaviour(DELAY_S), None),
            music={
                "qpm": solo.qpm,
                "time_signature": str(chart.time_signature),
                "num_bars": 1,
                "max_bars": 256,
            },
            improv={**PAPER, **improv},
        )
        self.state.form, self.state.chart = chart.form, chart
        self.lead: list[Played] = []
        self._dispatch, self.engine.dispatch = self.engine.dispatch, self._listen  # type: ignore[method-assign]

    def _listen(self, event: Event) -> None:
        self._dispatch(event)
        state, transport = self.state, self.state.transport
        if isinstance(event, KeyDown) and state.sounded is not None and transport is not None:
            step, chart = transport.grid.nearest_step(event.at), state.chart
            assert chart is not None
            strong = strong_steps(chart.time_signature)
            self.lead.append(
                Played(
                    event.pitch,
                    *state.sounded,
                    chart.chord_at(step),
                    step % chart.time_signature.steps_per_bar in strong,
                )
            )


class Weimar:
    """The real model, asked in this process."""

    def __init__(self) -> None:
        self._model: MelodyModel = open_model(Model.MELODY, "weimar", "native")

    def continue_melody(self, request: MelodyRequest) -> list[int]:
        return list(islice(self._model.continue_melody(request), request.num_pitches))


WEIMAR = Weimar()


def chart_of(solo: Solo) -> Chart:
    """The chords of a solo, as one chorus."""
    signature = TimeSignature(solo.beats_a_bar, 4)
    last = solo.notes[-1][1] * solo.qpm / 60
    symbols, now, bars = list(solo.chords), NO_CHORD, list[Bar]()
    for bar in range(min(MAX_BARS, 1 + int(last) // solo.beats_a_bar)):
        first = bar * solo.beats_a_bar
        placed = [PlacedChord(0, now)]
        while symbols and symbols[0][0] < first + solo.beats_a_bar:
            beat, symbol = symbols.pop(0)
            now = read_symbol(symbol)
            step = max(0, round((beat - first) * STEPS_A_BEAT))
            placed = [*(one for one in placed if one.step < step), PlacedChord(step, now)]
        bars.append(Bar(tuple(placed)))
    return Chart("", "", "", signature, tuple(bars))


def vamp(symbols: Sequence[str], semitones: int, beats_a_bar: int) -> Chart:
    """A bar a chord, over and over."""
    bars = tuple(Bar((PlacedChord(0, read_symbol(symbol)),)) for symbol in symbols)
    return Chart("", "", "", TimeSignature(beats_a_bar, 4), bars).transposed(semitones)


def play(solo: Solo, chart: Chart, improv: Mapping[str, object], seed: int) -> Listener:
    """A solo over the chart, and what its keys sounded."""
    performance = Listener(solo, chart, improv, seed)
    performance.play([press(0.0, "improv")], until=0.0)
    start = performance.start(0.1)
    events = [
        event
        for onset, end, pitch in solo.notes
        for event in key(start + onset, pitch, end - onset - ROUNDING)
    ]
    performance.play(sorted(events, key=lambda event: event.at), until=start + solo.notes[-1][1] + 1)
    return performance


# --- what is measured -----------------------------------------------------------------


@dataclass
class Found:
    """What the notes of many solos show."""

    away: list[int] = field(default_factory=list)  # semitones from the key
    leaps_in: list[int] = field(default_factory=list)
    leaps_back: list[int] = field(default_factory=list)
    own_leaps: list[int] = field(default_factory=list)  # the players', where the hands take over again
    contour: list[bool] = field(default_factory=list)
    moved: list[bool] = field(default_factory=list)
    strong: list[tuple[bool, bool]] = field(default_factory=list)  # in the chord, in its scale
    drawn_strong: list[tuple[bool, bool]] = field(default_factory=list)  # … as the model has drawn them
    own_strong: list[tuple[bool, bool]] = field(default_factory=list)

    def add(self, lead: Sequence[Played]) -> None:
        for before, note in pairwise(lead):
            if note.drawn is None and before.drawn is not None:
                self.leaps_back.append(abs(note.pitch - before.pitch))
                self.own_leaps.append(abs(note.key - before.key))
            elif note.drawn is not None and before.drawn is None:
                self.leaps_in.append(abs(note.pitch - before.pitch))
            elif note.drawn is not None and before.drawn is not None:
                self.contour.append(
                    direction(note.pitch - before.pitch) == direction(note.drawn - before.drawn)
                )
        for note in lead:
            if note.is_strong and note.chord.tones:
                own = Played(note.key, note.key, None, note.chord, True)
                self.own_strong.append(own.fits)
                if note.drawn is not None:
                    self.strong.append(note.fits)
                    self.drawn_strong.append(replace(note, pitch=note.drawn).fits)
            if note.drawn is not None:
                if 48 <= note.key <= 96:  # in the register
                    self.away.append(abs(note.pitch - note.key))
                self.moved.append((note.pitch - note.drawn) % OCTAVE != 0)

    def values(self, name: str) -> Values:
        beats = {"strong": self.strong, "drawn": self.drawn_strong, "own": self.own_strong}
        shares = {
            f"{whose}_{what}": percent(row[column] for row in rows)
            for whose, rows in beats.items()
            for column, what in enumerate(("chord", "scale"))
        }
        found = {
            "notes": len(self.moved),
            "away": p95(self.away),
            "beyond": percent(one > OCTAVE for one in self.away),
            "in": p95(self.leaps_in),
            "back": p95(self.leaps_back),
            "own_back": p95(self.own_leaps),
            "contour": percent(self.contour),
            "moved": percent(self.moved),
            **shares,
        }
        return {f"{name}_{what}": value for what, value in found.items()}


def p95(found: Sequence[int]) -> float:
    return quantiles(found, n=20, method="inclusive")[-1]


def percent(found: Iterable[bool]) -> float:
    kept = list(found)
    return 100 * sum(kept) / max(1, len(kept))


def measure(folder: Path, quick: bool) -> Values:
    solos = [*read_solos(SOLOS)][: QUICK_SOLOS if quick else None]
    values: dict[str, float] = {"choruses": sum(solo.choruses for solo in solos)}
    for name, improv in {**WAYS, **WAYS_BY_NOTE}.items():
        found = Found()
        for seed, solo in enumerate(solos):
            found.add(play(solo, chart_of(solo), improv, seed).lead)
        values |= found.values(name)
    for name, symbols in (("cadence", II_V_I), ("vamp", VAMP)):
        found = Found()
        for semitones in range(OCTAVE):
            solo = solos[semitones % len(solos)]
            chart = vamp(symbols, semitones, solo.beats_a_bar)
            found.add(play(solo, chart, WAYS["strong"], semitones).lead)
        values |= found.values(name)
    return {**values, **costs(solos)}


def costs(solos: Sequence[Solo]) -> Values:
    """What fitting a pitch into register and harmony takes."""
    rng, took_us = Random(0), list[float]()
    chart = chart_of(solos[0])
    for n in range(COST_NOTES):
        before = Sounded(rng.randrange(48, 84), rng.randrange(40, 90))
        drawn, pressed, following = (rng.randrange(40, 90) for _ in range(3))
        began = time.perf_counter()
        pitch = placed(drawn, pressed, before, following, Register(48, 96))
        fitted(pitch, chart.chord_at(n), True, before.pitch, 1, Register(48, 96))
        took_us.append(1e6 * (time.perf_counter() - began))
    return {"cost_us": median(took_us), "cost_p99_us": sorted(took_us)[int(0.99 * len(took_us))]}


# --- the table ------------------------------------------------------------------------


def rows(runs: Runs) -> list[Row]:
    def of(name: str) -> float:
        return runs.median(name)

    def row(what: str, target: str, measured: str, compared: str, met: bool | None) -> Row:
        return Row("improv_pitches", what, target, measured, compared, met)

    papers = f"the paper's way: {of('paper_away'):.0f} ({of('paper_beyond'):.1f} %)"
    soloists = f"soloists {of('strong_own_chord'):.1f} and {of('strong_own_scale'):.1f} %"
    return [
        row(
            f"{of('strong_notes'):,.0f} pitches of the machine's: semitones from a key in the register, "
            "p95 (beyond an octave)",
            f"≤ {NEAR} (0 %)", f"{of('strong_away'):.0f} ({of('strong_beyond'):.1f} %)", papers,
            of("strong_away") <= NEAR and of("strong_beyond") == 0,
        ),
        row(
            "… leap into the answer, p95", f"≤ {NEAR}", f"{of('strong_in'):.1f}",
            f"the paper's way: {of('paper_in'):.0f}", of("strong_in") <= NEAR,
        ),
        row(
            "… leap when the hands take over again, p95", f"≤ {NEAR}", f"{of('strong_back'):.1f}",
            f"the paper's way: {of('paper_back'):.0f}; soloists {of('strong_own_back'):.1f}",
            of("strong_back") <= NEAR,
        ),
        row(
            "… direction of the model's line kept: register, and with harmony", f"≥ {CONTOUR_PERCENT:g} %",
            f"{of('register_contour'):.1f} and {of('strong_contour'):.1f} %", "",
            of("strong_contour") >= CONTOUR_PERCENT,
        ),
        row(
            "… on strong beats, harmony: strong: chord and scale tones",
            f"≥ {CHORD_PERCENT:g} and {SCALE_PERCENT:g} %",
            f"{of('strong_strong_chord'):.1f} and {of('strong_strong_scale'):.1f} %",
            f"off: {of('register_strong_chord'):.1f} and {of('register_strong_scale'):.1f} %; {soloists}",
            of("strong_strong_chord") >= CHORD_PERCENT and of("strong_strong_scale") >= SCALE_PERCENT,
        ),
        row(
            "… as the model has drawn them, before they are fitted", "",
            f"{of('strong_drawn_chord'):.1f} and {of('strong_drawn_scale'):.1f} %",
            f"off: {of('register_drawn_chord'):.1f} and {of('register_drawn_scale'):.1f} %", None,
        ),
        row(
            "… notes whose pitch class was moved", f"≤ {MOVED_PERCENT:g} %",
            f"{of('strong_moved') - of('register_moved'):.1f} %", f"all: {of('all_moved'):.1f} %",
            of("strong_moved") - of("register_moved") <= MOVED_PERCENT,
        ),
        row(
            "… harmony: all: chord and scale tones on strong beats", "",
            f"{of('all_strong_chord'):.1f} and {of('all_strong_scale'):.1f} %", "", None,
        ),
        row(
            "ii–V–I in twelve keys, and a vamp: scale tones on strong beats", f"≥ {MODAL_PERCENT:g} %",
            f"{of('cadence_strong_scale'):.1f} and {of('vamp_strong_scale'):.1f} %", "",
            min(of("cadence_strong_scale"), of("vamp_strong_scale")) >= MODAL_PERCENT,
        ),
        row(
            "drawn note by note by changes, no rule at all: chord and scale tones on strong beats", "",
            f"{of('bare_strong_chord'):.1f} and {of('bare_strong_scale'):.1f} %", soloists, None,
        ),
        row(
            "… with register and choice; and leaps in and back, p95", f"≤ {NEAR}; ≤ {NEAR}",
            f"{of('free_strong_chord'):.1f} and {of('free_strong_scale'):.1f} %; "
            f"{of('free_in'):.1f} and {of('free_back'):.1f}",
            "", max(of("free_in"), of("free_back")) <= NEAR,
        ),
        row(
            "… and harmony: strong", "",
            f"{of('fitted_strong_chord'):.1f} and {of('fitted_strong_scale'):.1f} %; "
            f"{of('fitted_in'):.1f} and {of('fitted_back'):.1f}", "", None,
        ),
        row(
            "what register and harmony take of a note, p99", f"≤ {COST_US:g} µs",
            f"{of('cost_us'):.0f} µs, p99 {of('cost_p99_us'):.0f}", "", of("cost_p99_us") <= COST_US,
        ),
    ]  # fmt: skip


PITCHES = Measure(
    names=("improv_pitches",), seconds=400, quick_seconds=60, run=measure, rows=rows, why_not=why_not
)
