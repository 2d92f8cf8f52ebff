"""choice: answers that are chosen among candidates, beside the first that the model draws.

Calls are twenty notes of the Weimar Jazz Database's held-out solos (ODbL 1.0, https://jazzomat.hfm-weimar.de)
with their own onsets, one after the other; the model is ``weimar``, asked as the settings have it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from statistics import fmean

from psc2.core.chart import Chart
from psc2.core.fitting import rests
from psc2.core.grouping import strong_steps
from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.requests import ComingHarmony, MelodyRequest, PrimerNote
from psc2.models import choice
from psc2.models.bundles import store
from psc2.models.choice import COSTS, Candidate, Cost, Heard
from psc2.models.rnn import candidates, primers
from psc2.models.rnn.native import NativeRnn
from psc2.resources import ROOT
from psc2.settings.config import load_config
from psc2.training import datasets
from psc2.training.copies import interval_patterns
from scripts.benchmarks.measure import Measure, Row, Runs, Values
from scripts.benchmarks.pitches import chart_of
from scripts.benchmarks.turns import read_solos

SOLOS = ROOT.parent / "shared" / "data" / "jazz"
CANDIDATES = 16
QUICK_CALLS = 60
COPIED_NOTES = 12
RUN = 3  # of one pitch
FIFTH, OCTAVE = 7, 12  # semitones
RUNS_PERCENT, COPIED_PERCENT, QUOTED_PERCENT, OUTSIDE_PERCENT = 9.0, 0.3, 0.5, 0.5
FIRST, CHOSEN, KNOWING, SOLOISTS = "first", "chosen", "knowing", "soloists"
# ^ the first that the model draws, the cheapest, the cheapest with the chords known, what was really played


@dataclass(frozen=True, slots=True)
class Exchange:
    """A call, and the continuations of it."""

    solo: str
    request: MelodyRequest
    drawn: Sequence[Candidate]
    own: Candidate  # what the soloist played next …
    steps: Sequence[int]  # … and on which steps of the chart
    chart: Chart


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered to a call after what had been answered before."""

    exchange: Exchange
    pitches: tuple[int, ...]
    log_likelihood: float
    before: tuple[int, ...]  # the answer before, of the same solo


# --- the calls ------------------------------------------------------------------------


def exchanges(limit: int | None = None, seed: int = 0) -> list[Exchange]:
    """The calls of all solos, each with its candidates."""
    rnn = NativeRnn(store.read("weimar"))
    found = []
    for solo, request, own, steps, chart in list(calls(seed))[:limit]:
        drawn = [draft.candidate for draft in candidates.drafts(rnn, request)]
        its_own = Candidate(own, likelihood(rnn, request, own))
        found.append(Exchange(solo, request, drawn, its_own, steps, chart))
    return found


def likelihood(rnn: NativeRnn, request: MelodyRequest, pitches: Sequence[int]) -> float:
    """How likely the model takes pitches to be after a call: the mean log probability, in nats."""
    call = primers.melody_events(request)
    events, _ = primers.squash([*call, *pitches], rnn.bundle.configuration)
    return (rnn.log_likelihood(events) - rnn.log_likelihood(events[: len(call)])) / len(pitches)


def calls(seed: int) -> Iterator[tuple[str, MelodyRequest, tuple[int, ...], list[int], Chart]]:
    """The solo, the request, the soloist's own pitches and their steps, and the chart, of each call."""
    improv = load_config(None).improv
    length, wanted, number = improv.min_primer_length, improv.max_robot_length, 0
    for solo in read_solos(SOLOS / "validation.jsonl"):
        chart = chart_of(solo)
        steps = [round(onset * solo.qpm / 60 * STEPS_PER_QUARTER) for onset, _, _ in solo.notes]
        for start in range(0, len(solo.notes) - length - wanted + 1, length):
            end, first_s = start + length, solo.notes[start][0]
            primer = tuple(
                PrimerNote(pitch, 90, onset - first_s, ends - onset)
                for onset, ends, pitch in solo.notes[start:end]
            )
            number += 1
            request = MelodyRequest(
                number, primer, wanted, solo.qpm, 0.0, improv.primer_rhythm, improv.temperature,
                seed + number, candidates=CANDIDATES, harmony=harmony(chart, steps[end - 1] + 1, wanted),
            )  # fmt: skip
            own = tuple(pitch for *_, pitch in solo.notes[end:][:wanted])
            yield solo.title, request, own, steps[end:][:wanted], chart


def harmony(chart: Chart, begin: int, wanted: int) -> ComingHarmony:
    """The chords under an answer that begins after the call's last note, as in the paper's turns."""
    bar_line = begin // chart.time_signature.steps_per_bar * chart.time_signature.steps_per_bar
    chords = chart.between(begin, begin + STEPS_PER_QUARTER * wanted, -bar_line)
    return ComingHarmony(begin - bar_line, tuple(chords), chart.time_signature, (), None)


def answers(
    found: Sequence[Exchange], costs: Mapping[Cost, float] | None, knows_chords: bool = False
) -> list[Answer]:
    """The answer to each call: the first candidate without costs, else the cheapest."""
    answered: list[Answer] = []
    for exchange in found:
        latest = answered[-1] if answered and answered[-1].exchange.solo == exchange.solo else None
        before = latest.pitches if latest else ()
        known = exchange.request.harmony if knows_chords else None
        heard = Heard(replace(exchange.request, last_answer=before, harmony=known))
        number = 0 if costs is None else choice.cheapest(exchange.drawn, heard, costs)
        drawn = exchange.drawn[number]
        answered.append(Answer(exchange, drawn.pitches, drawn.log_likelihood, before))
    return answered


# --- the figures ----------------------------------------------------------------------


def has_run(answer: Answer) -> float:
    return any(len([*run]) >= RUN for _, run in groupby(answer.pitches))


def quotes_call(answer: Answer) -> float:
    call = {*choice.pieces([note.pitch for note in answer.exchange.request.primer])}
    return any(piece in call for piece in choice.pieces(answer.pitches))


def quotes_itself(answer: Answer) -> float:
    before = {*choice.pieces(answer.before)}
    return any(piece in before for piece in choice.pieces(answer.pitches))


def first_leap(answer: Answer) -> float:
    return abs(answer.pitches[0] - answer.exchange.request.primer[-1].pitch)


def astray(answer: Answer) -> float:
    return choice.astray(Candidate(answer.pitches, 0.0), Heard(answer.exchange.request))


def ends_well(answer: Answer) -> float:
    """Whether the last pitch is a tone of the chord with which the soloist's own last note sounds."""
    tones = answer.exchange.chart.chord_at(answer.exchange.steps[-1]).tones
    return answer.pitches[-1] % OCTAVE in tones or not tones


def on_strong(answer: Answer) -> list[tuple[bool, bool]]:
    """Which pitches are chord tones, and which clash, of those on strong beats in the soloist's rhythm."""
    chart = answer.exchange.chart
    strong, bar = strong_steps(chart.time_signature), chart.time_signature.steps_per_bar
    placed = [(pitch, chart.chord_at(step))
              for pitch, step in zip(answer.pitches, answer.exchange.steps, strict=False)
              if step % bar in strong]  # fmt: skip
    return [
        (pitch % OCTAVE in chord.tones, not rests(pitch, chord, is_strong=True))
        for pitch, chord in placed
        if chord.tones
    ]


FIGURES: Mapping[str, Callable[[Answer], float]] = {
    "short": lambda answer: len(answer.pitches) < answer.exchange.request.num_pitches,
    "run": has_run,
    "call": quotes_call,
    "itself": quotes_itself,
    "leap": first_leap,
    "wide": lambda answer: first_leap(answer) > OCTAVE,
    "astray": astray,
    "span": lambda answer: max(answer.pitches) - min(answer.pitches),
    "different": lambda answer: len({*answer.pitches}),
    "nats": lambda answer: answer.log_likelihood,
    "rests": ends_well,
}


def figures(answered: Sequence[Answer], known: frozenset[object]) -> dict[str, float]:
    """The mean of each figure over all answers, and the share of copied rows of notes."""
    means = {name: fmean(of(answer) for answer in answered if answer.pitches) for name, of in FIGURES.items()}
    strong = [one for answer in answered for one in on_strong(answer)]
    rows = [row for answer in answered for row in interval_patterns(answer.pitches, COPIED_NOTES)]
    return {
        **means,
        "copied": fmean(row in known for row in rows),
        "fits": fmean(is_tone for is_tone, _ in strong),
        "clashes": sum(clashes for _, clashes in strong) / sum(len(answer.pitches) for answer in answered),
    }


def known_rows() -> frozenset[object]:
    """The intervals of every twelve notes in a row of the training solos."""
    solos = datasets.weimar(SOLOS / "train.jsonl")
    return frozenset(row for solo in solos for row in interval_patterns(solo.events, COPIED_NOTES))


# --- the table ------------------------------------------------------------------------


def measure(_folder: Path, quick: bool) -> Values:
    found = exchanges(QUICK_CALLS if quick else None)
    known = known_rows()
    answered = {
        FIRST: answers(found, None),
        CHOSEN: answers(found, COSTS),
        KNOWING: answers(found, COSTS, knows_chords=True),
        SOLOISTS: [
            Answer(exchange, exchange.own.pitches, exchange.own.log_likelihood, ()) for exchange in found
        ],
    }
    values = {
        f"{who}_{name}": value for who, of in answered.items() for name, value in figures(of, known).items()
    }
    return {"calls": len(found), **values}


def rows(runs: Runs) -> list[Row]:
    what = f"{runs.median('calls'):.0f} calls of held-out solos, {CANDIDATES} candidates"
    return [
        share(runs, "run", f"{what}: answers with a pitch three times in a row, or more", RUNS_PERCENT),
        share(runs, "copied", "… twelve notes in a row as in a training solo, in any key", COPIED_PERCENT),
        share(runs, "call", "… answers with six notes in a row as in the call, in any key", QUOTED_PERCENT),
        share(runs, "itself", "… or as in the answer before", QUOTED_PERCENT),
        share(runs, "wide", "… first pitches more than an octave from the call's last", OUTSIDE_PERCENT),
        share(runs, "astray", "… pitches more than a fifth outside the call's range", OUTSIDE_PERCENT),
        share(runs, "short", "… answers without all their pitches", OUTSIDE_PERCENT),
        number(runs, "nats", "… how likely the model takes a pitch to be, in the mean", "nats"),
        number(runs, "leap", "… from the call's last pitch to the first, in the mean", "semitones"),
        number(runs, "span", "… from the lowest pitch to the highest, in the mean", "semitones"),
        number(runs, "different", "… different pitches, in the mean", "of 20"),
        *(share(runs, name, f"{what}, the chords known", target, KNOWING) for name, what, target in (
            ("run", "… answers with a pitch three times in a row", RUNS_PERCENT),
            ("copied", "… twelve notes in a row as in a training solo", COPIED_PERCENT),
            ("rests", "… last pitches that are chord tones", None),
            ("fits", "… pitches on strong beats that are chord tones", None),
            ("clashes", "… pitches that are on strong beats and clash", None),
        )),
    ]  # fmt: skip


def share(runs: Runs, name: str, what: str, target: float | None, who: str = CHOSEN) -> Row:
    """A share, which is to be no greater than the target, in percent."""
    percent = 100 * runs.median(f"{who}_{name}")
    others = {"the first drawn": FIRST} | ({} if name == "itself" else {"soloists": SOLOISTS})
    return Row(
        "choice", what, "" if target is None else f"≤ {target:g} %", f"{percent:.2f} %",
        "; ".join(f"{who}: {100 * runs.median(f'{key}_{name}'):.2f} %" for who, key in others.items()),
        None if target is None else percent <= target,
    )  # fmt: skip


def number(runs: Runs, name: str, what: str, unit: str) -> Row:
    chosen, first, soloists = (runs.median(f"{who}_{name}") for who in (CHOSEN, FIRST, SOLOISTS))
    compared = f"the first drawn: {first:.2f}; soloists: {soloists:.2f}"
    return Row("choice", what, "", f"{chosen:.2f} {unit}", compared, None)


def why_not() -> str:
    return "" if SOLOS.is_dir() else f"the solos that are answered are not there: {SOLOS}"


CHOICE = Measure(names=("choice",), seconds=60, quick_seconds=8, run=measure, rows=rows, why_not=why_not)
