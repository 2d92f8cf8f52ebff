"""A model as the instrument asks it, beside the soloists themselves, at several temperatures.

Soloists of the held-out split are the player: twenty of their notes are the call, the model gives
twenty pitches, and what it gives is measured against the call as the soloist's own next twenty are.
Twenty is what the configuration has by default.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice, pairwise, product
from math import sqrt

import numpy as np

from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.requests import MelodyRequest, PrimerNote, PrimerRhythm
from psc2.models.rnn.encodings import STEPS_PER_BAR
from psc2.models.rnn.keys import KEYS, KEYS_OF_NOTE, key_counts, likeliest_keys
from psc2.models.rnn.players import Rnn, RnnMelody
from psc2.settings.config import load_config
from psc2.training.copies import COPIED_NOTES, interval_patterns, runs
from psc2.training.datasets import Piece
from psc2.training.statistics import OCTAVE, Figure, MelodyNote, markdown, mean, notes_of

AS_CONFIGURED = load_config(None).improv  # by default, as nearly everybody asks a model
CALL_NOTES, ANSWER_NOTES = AS_CONFIGURED.min_primer_length, AS_CONFIGURED.max_robot_length
STUDIED_TEMPERATURES = (0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5)
QPM = 120.0  # quarter notes a minute: any will do, calls lie on the grid
STEP_S = 60 / QPM / STEPS_PER_QUARTER
VELOCITY = 90
FIFTH = 7  # semitones
PATTERN_NOTES = COPIED_NOTES[0]  # eight: the shortest row of notes that counts as copied
ECHOED_NOTES = 4
MIN_ANSWERED_SHARE = 0.95  # of its calls a model has to answer in full

KnownPatterns = AbstractSet[Hashable]  # the training split's interval patterns of ``PATTERN_NOTES`` notes


@dataclass(frozen=True, slots=True)
class Call:
    """``CALL_NOTES`` of a soloist, and the ``ANSWER_NOTES`` pitches that came next."""

    solo: str
    notes: tuple[MelodyNote, ...]
    next_pitches: tuple[int, ...]

    @property
    def pitches(self) -> list[int]:
        return [note.pitch for note in self.notes]


def calls_of(solos: Sequence[Piece]) -> list[Call]:
    """Calls one after the other, each with its answer."""
    found = []
    for solo in solos:
        notes = notes_of(solo.events)
        for start in range(0, len(notes) - CALL_NOTES - ANSWER_NOTES + 1, CALL_NOTES + ANSWER_NOTES):
            end = start + CALL_NOTES
            next_pitches = tuple(note.pitch for note in notes[end : end + ANSWER_NOTES])
            found.append(Call(solo.name, tuple(notes[start:end]), next_pitches))
    return found


def request_of(call: Call, rhythm: PrimerRhythm, temperature: float, seed: int) -> MelodyRequest:
    """The request that the instrument would make, had the soloist played the call on the beat."""
    first = call.notes[0].onset
    return MelodyRequest(
        request_id=0,
        primer=tuple(
            PrimerNote(note.pitch, VELOCITY, (note.onset - first) * STEP_S, note.length * STEP_S)
            for note in call.notes
        ),
        num_pitches=ANSWER_NOTES,
        qpm=QPM,
        upbeat_steps=first % STEPS_PER_BAR,
        primer_rhythm=rhythm,
        temperature=temperature,
        seed=seed,
    )


# --- measures -------------------------------------------------------------------------

Pitches = Sequence[int]


def in_key(call: Pitches, answer: Pitches) -> float:
    """Share of the answer's pitches in the major key that fits the call best; the mean over keys that tie."""
    keys = likeliest_keys(key_counts(call))
    return mean(key in KEYS_OF_NOTE[pitch % KEYS] for pitch in answer for key in keys)


def shared_pitch_classes(call: Pitches, answer: Pitches) -> float:
    """Share of the answer's notes whose pitch class was in the call."""
    of_call = {pitch % KEYS for pitch in call}
    return mean(pitch % KEYS in of_call for pitch in answer)


def register_distance(call: Pitches, answer: Pitches) -> float:
    """Distance from the call's mean pitch to the answer's, in semitones."""
    return abs(mean(answer) - mean(call))


def within_range(call: Pitches, answer: Pitches) -> float:
    """Share of the answer's pitches that lie at most a fifth outside the call's range."""
    return mean(min(call) - FIFTH <= pitch <= max(call) + FIFTH for pitch in answer)


def interval(call: Pitches, answer: Pitches) -> float:
    """Mean interval up or down in semitones, with that from the call to the answer."""
    return mean(abs(after - before) for before, after in pairwise([call[-1], *answer]))


def leaps(call: Pitches, answer: Pitches) -> float:
    """Share of the answer's intervals that are larger than an octave."""
    return mean(abs(after - before) > OCTAVE for before, after in pairwise([call[-1], *answer]))


def repeated(call: Pitches, answer: Pitches) -> float:
    """Share of the answer's intervals that are 0."""
    return mean(after == before for before, after in pairwise([call[-1], *answer]))


def pitch_variety(call: Pitches, answer: Pitches) -> float:
    """How many different pitches the answer has."""
    return float(len(set(answer)))


def echoed(call: Pitches, answer: Pitches) -> float:
    """Share of the answer's four pitches in a row that the call has in a row too."""
    of_call = set(runs(call, ECHOED_NOTES))
    return mean(run in of_call for run in runs(answer, ECHOED_NOTES))


def copied(known: KnownPatterns, answer: Pitches) -> float:
    """Share of the answer's eight notes in a row whose intervals the training split has too."""
    return mean(pattern in known for pattern in interval_patterns(answer, PATTERN_NOTES))


DIFFERENT_PITCHES = f"different pitches of {ANSWER_NOTES}"
MEASURES: dict[str, Callable[[Pitches, Pitches], float]] = {
    "in the call's key": in_key,
    "pitch classes of the call": shared_pitch_classes,
    "within the call's range ± a fifth": within_range,
    "away from the call's mean, semitones": register_distance,
    "mean interval, semitones": interval,
    "leaps of more than an octave": leaps,
    "repeated notes": repeated,
    DIFFERENT_PITCHES: pitch_variety,
    "four notes as in the call": echoed,
}
COPIED = "eight notes as in the training split"
NUMBERS = ("away from the call's mean, semitones", "mean interval, semitones", DIFFERENT_PITCHES)

Measured = dict[str, float]  # by the measure's name; all are shares but ``NUMBERS``


def measure(call: Pitches, answer: Pitches, known: KnownPatterns) -> Measured:
    """All measures of one answer, by name."""
    return {name: of(call, answer) for name, of in MEASURES.items()} | {COPIED: copied(known, answer)}


# --- the study ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StudyRow:
    """The measures of the model at one temperature."""

    rhythm: PrimerRhythm
    temperature: float
    answered: float  # share of the calls that got all the pitches; only these answers are measured
    means: Measured
    distance: float  # from the soloists, see ``distance``


@dataclass(frozen=True, slots=True)
class Study:
    """The measures of a model's answers at several temperatures, and of the soloists' own."""

    calls: int
    soloists: Measured  # the means of their own answers
    spread: Measured  # the standard deviation of the solos' own means
    rows: tuple[StudyRow, ...]


def study(
    rnn: Rnn,
    solos: Sequence[Piece],
    train: Sequence[Piece],
    temperatures: Sequence[float] = STUDIED_TEMPERATURES,
    seed: int = 0,
) -> Study:
    """Measure a model's answer to every call, at every temperature, heard evenly and as played."""
    known = {p for piece in train for p in interval_patterns(piece.events, PATTERN_NOTES)}
    calls = calls_of(solos)
    own = [measure(call.pitches, call.next_pitches, known) for call in calls]
    soloists, spread = means_of(own), spread_of(calls, own)
    melody = RnnMelody(rnn)
    rows = []
    for rhythm, temperature in product(PrimerRhythm, temperatures):
        measured = []
        for number, call in enumerate(calls):
            request = request_of(call, rhythm, temperature, seed + number)
            answer = list(islice(melody.continue_melody(request), ANSWER_NOTES))
            if len(answer) == ANSWER_NOTES:
                measured.append(measure(call.pitches, answer, known))
        means = means_of(measured)
        answered = len(measured) / max(len(calls), 1)
        rows.append(StudyRow(rhythm, temperature, answered, means, distance(means, soloists, spread)))
    return Study(len(calls), soloists, spread, tuple(rows))


def means_of(measured: Sequence[Measured]) -> Measured:
    """The mean of each measure; 0 where nothing was measured."""
    return {name: mean(one[name] for one in measured) for name in (*MEASURES, COPIED)}


def spread_of(calls: Sequence[Call], measured: Sequence[Measured]) -> Measured:
    """How far the solos' means lie apart: their standard deviation; 0 where nothing was measured."""
    by_solo: dict[str, list[Measured]] = {}
    for call, one in zip(calls, measured, strict=True):
        by_solo.setdefault(call.solo, []).append(one)
    means = [means_of(of_solo) for of_solo in by_solo.values()] or [means_of([])]
    return {name: float(np.std([one[name] for one in means])) for name in (*MEASURES, COPIED)}


def distance(means: Measured, soloists: Measured, spread: Measured) -> float:
    """How far from all soloists together, in units of how far a single solo is from them.

    The root of the mean square over the measures, each as a multiple of its spread. 1 is as far as
    a solo usually is; a measure in which the solos do not differ is left out.
    """
    apart = [((means[name] - soloists[name]) / spread[name]) ** 2 for name in means if spread[name] > 0]
    return sqrt(mean(apart))


def choose_temperature(rows: Sequence[StudyRow]) -> float:
    """The temperature at which the model's answers are most like the soloists' own.

    That is where the mean of the rows' ``distance`` is least; of several that are equal, the lowest.
    All measures count the same, each in units of the soloists' own spread, and so do the rhythms in
    which the call is heard. Answers are not to be likely, or right, but to stray from the call
    as much as a soloist does: neither less, which is dull, nor more, which is not listening.

    Where a model stays silent somebody else answers, so only temperatures count at which it gives
    all the pitches to ``MIN_ANSWERED_SHARE`` of the calls in each rhythm; if there is none, those nearest
    to it.
    """
    by_temperature: dict[float, list[StudyRow]] = {}
    for row in rows:
        by_temperature.setdefault(row.temperature, []).append(row)
    answered = {t: min(row.answered for row in of) for t, of in by_temperature.items()}
    enough = min(MIN_ANSWERED_SHARE, max(answered.values()))
    candidates = sorted(t for t in by_temperature if answered[t] >= enough)
    return min(candidates, key=lambda t: mean(row.distance for row in by_temperature[t]))


def table(found: Study) -> str:
    """The study as a table in Markdown: a row for the soloists, one for each temperature and rhythm."""
    names = (*MEASURES, COPIED)
    rows = [
        ["", "temperature", *names, "distance", "calls answered in full"],
        ["---"] * (len(names) + 4),
        ["soloists", "", *_cells(found.soloists), "0.00", ""],
        ["their spread", "", *_cells(found.spread), "1.00", ""],
    ]
    for row in found.rows:
        rows.append(
            [
                row.rhythm.value, f"{row.temperature:g}", *_cells(row.means),
                f"{row.distance:.2f}", str(Figure(row.answered)),
            ]
        )  # fmt: skip
    return markdown(rows)


def _cells(measured: Mapping[str, float]) -> list[str]:
    return [str(Figure(value, is_share=name not in NUMBERS)) for name, value in measured.items()]
