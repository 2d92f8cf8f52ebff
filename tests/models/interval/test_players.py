"""A network that hears intervals as the instrument asks it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from psc2.core.chart import PlacedChord
from psc2.core.meter import TimeSignature
from psc2.core.pitch_row import DISTANCES, LIKELIEST, NEVER, PITCHES, UNIT_NATS
from psc2.core.requests import (
    ComingHarmony,
    MelodyRequest,
    PitchRequest,
    PrimerNote,
    PrimerRhythm,
    SoloNote,
)
from psc2.models.generation import generate_answer, weigh
from psc2.models.interval.engine import Context, IntervalRnn
from psc2.models.interval.hearing import LOWEST
from psc2.models.interval.players import IntervalMelody
from psc2.scores.chord_symbols import read_symbol
from tests.models.interval.networks import bundle

FOUR = TimeSignature(4, 4)
CHORDS = (PlacedChord(0, read_symbol("Dm7")), PlacedChord(16, read_symbol("G7")))
EVENTS = [60, -2, 64, -1, -2, 67, 65, -2, 62]
NOTES = (SoloNote(60, 0, 0), SoloNote(64, 2, 2), SoloNote(67, 5, 1), SoloNote(65, 6, 1), SoloNote(62, 8, 2))


def request(first: int, *notes: SoloNote, solo: int = 1, begin: int = 0) -> PitchRequest:
    chords = tuple(PlacedChord(one.step + begin, one.chord) for one in CHORDS)
    return PitchRequest(1, solo, first, notes, begin, FOUR, chords, 160.0)


def test_each_pitch_weighs_what_the_networks_take_it_to_be() -> None:
    rnn = IntervalRnn(bundle(2), Context(CHORDS, 0, 16, 160.0))
    rows = weigh(IntervalMelody(rnn), request(0, *NOTES))
    assert (len(rows), {len(row) for row in rows}) == (len(DISTANCES), {PITCHES})
    for row, distance in ((rows[0], 1), (rows[3], 4), (rows[9], 12)):
        before = [*EVENTS, *[-2] * (distance - 1)]
        pitches = range(LOWEST, LOWEST + 72)
        likely = np.array([rnn.log_likelihood([*before, pitch]) for pitch in pitches])
        weighed = -np.array([ord(row[pitch]) - ord(LIKELIEST) for pitch in pitches]) * UNIT_NATS
        assert np.allclose(likely - likely.max(), weighed, atol=UNIT_NATS)
        assert row[0] == row[127] == NEVER


def test_note_by_note_is_as_all_at_once_wherever_the_solo_begins() -> None:
    rnn = IntervalRnn(bundle())
    at_once = weigh(IntervalMelody(rnn), request(0, *NOTES))
    one_by_one = IntervalMelody(rnn)
    *_, rows = (weigh(one_by_one, request(number, note)) for number, note in enumerate(NOTES))
    assert rows == at_once
    later = [replace(note, onset=note.onset + 160) for note in NOTES]
    assert weigh(IntervalMelody(rnn), request(0, *later, begin=160)) == at_once


def test_what_is_told_twice_is_heard_once_and_another_solo_begins_anew() -> None:
    rnn = IntervalRnn(bundle())
    melody = IntervalMelody(rnn)
    rows = weigh(melody, request(0, *NOTES))
    assert weigh(melody, request(2, *NOTES[2:])) == rows
    assert weigh(melody, request(0, *NOTES, solo=2)) == rows


def test_a_process_that_is_new_begins_with_what_it_is_told() -> None:
    rows = weigh(IntervalMelody(IntervalRnn(bundle())), request(7, *NOTES[3:]))
    assert len(rows) == len(DISTANCES)


def test_notes_quicker_than_sixteenths_and_very_long_rests_are_heard() -> None:
    quick = [SoloNote(60 + n, n // 3, 0) for n in range(30)]
    late = SoloNote(70, 10_000, 3)
    rows = weigh(IntervalMelody(IntervalRnn(bundle())), request(0, *quick, late))
    assert all(min(row) == LIKELIEST for row in rows)


def test_a_phrase_follows_a_call_over_the_chords_that_are_to_come() -> None:
    call = tuple(PrimerNote(60 + n % 5, 90, 0.1 * n, 0.08) for n in range(12))
    harmony = ComingHarmony(4, CHORDS, FOUR, (), None)
    melody = IntervalMelody(IntervalRnn(bundle()))

    def asked(**changes: object) -> list[object]:
        given = {"harmony": harmony, "candidates": 4, **changes}
        wanted = MelodyRequest(1, call, 10, 150.0, 0.0, PrimerRhythm.EVEN, 1.0, 7, **given)  # type: ignore[arg-type]
        return list(generate_answer(melody, wanted, lambda: False))

    assert len(asked()) == 10
    assert asked() == asked() != asked(harmony=None)
    assert len(asked(with_rhythm=True)) == 10
