"""What a network that hears intervals is told."""

from __future__ import annotations

import numpy as np
import pytest

from psc2.core.chart import PlacedChord
from psc2.models.interval.hearing import OF_NOTE, OF_REST, OF_STEP, Features, Lines
from psc2.models.interval.surroundings import surroundings_of
from psc2.scores.chord_symbols import read_symbol

ROW = np.zeros(1, np.int32)
MELODY = [60, -2, 64, -1, -2, 67, 65, -2, 62, -2, -2, -1, 60, 59, 57, -1, -2, 72]
CHORDS = [PlacedChord(0, read_symbol("Dm7")), PlacedChord(8, read_symbol("G7"))]


def heard(events: list[int], chords: list[PlacedChord], begin: int = 0) -> list[Features]:
    """All that is heard of a line: of each note, and of each step but the first."""
    lines, found = Lines(1, begin), []
    steps = np.arange(begin, begin + len(events), dtype=np.int32)
    around = surroundings_of(steps, chords, bar_line=begin, steps_per_bar=16, qpm=140.0)
    for number, event in enumerate(events):
        step, here = begin + number, around.at([number])
        if number:
            found.append(lines.look(ROW, np.array([step], np.int32), here))
        if event == -1:
            lines.note_ends(ROW, step)
        if event >= 0:
            found.append(lines.note_begins(ROW, step, np.array([event], np.int32), here))
        lines.pass_by(ROW, step, np.array([1 if event >= 0 else 2 if event == -1 else 0], np.int32))
    return found


def test_numbers_fit_their_tables() -> None:
    for features in heard(MELODY * 12, CHORDS):
        tables = OF_NOTE if features.numbers.shape[1] == len(OF_NOTE) else OF_STEP
        assert (features.numbers >= 0).all()
        assert (features.numbers < np.array(tables)).all()


@pytest.mark.parametrize("semitones", [1, 5, -7])
def test_in_another_key_the_same_is_heard_but_for_how_high_it_lies(semitones: int) -> None:
    moved = [event + semitones if event >= 0 else event for event in MELODY]
    chords = [PlacedChord(one.step, one.chord.transposed(semitones)) for one in CHORDS]
    height = OF_NOTE.index(72)
    for here, there in zip(heard(MELODY, CHORDS), heard(moved, chords), strict=True):
        same = here.numbers == there.numbers
        is_note = here.numbers.shape[1] == len(OF_NOTE)
        assert (
            same.all() if not is_note else same[:, [*range(height), *range(height + 1, len(OF_NOTE))]].all()
        )
        assert np.allclose(here.reals, there.reals, atol=1e-5)


def test_where_a_line_begins_makes_no_difference() -> None:
    later = [PlacedChord(one.step + 48, one.chord) for one in CHORDS]
    for here, there in zip(heard(MELODY, CHORDS), heard(MELODY, later, begin=48), strict=True):
        assert (here.numbers == there.numbers).all()
        assert np.allclose(here.reals, there.reals)


def test_without_chords_none_is_heard() -> None:
    for features in heard(MELODY, []):
        assert not features.reals[:, :24].any()


def test_lines_that_are_heard_together_do_not_hear_each_other() -> None:
    lines, alone = Lines(3), Lines(1)
    rows, steps = np.arange(3, dtype=np.int32), np.arange(4, dtype=np.int32)
    around = surroundings_of(steps, CHORDS, 0, 16, 140.0)
    for step, pitches in enumerate(((60, 72, 50), (61, 70, 55), (65, 69, 50))):
        of_step = around.at([step] * 3)
        lines.note_begins(rows, step, np.array(pitches, np.int32), of_step)
        lines.pass_by(rows, step, np.ones(3, np.int32))
        alone.note_begins(ROW, step, np.array(pitches[1:2], np.int32), around.at([step]))
        alone.pass_by(ROW, step, np.ones(1, np.int32))
    both = lines.look(rows, np.full(3, 3, np.int32), around.at([3] * 3))
    own = alone.look(ROW, np.full(1, 3, np.int32), around.at([3]))
    assert (both.numbers[1] == own.numbers[0]).all()
    assert np.allclose(both.reals[1], own.reals[0])
    lines.keep(np.array([1], np.int32))
    kept = lines.look(ROW, np.full(1, 3, np.int32), around.at([3]))
    assert (kept.numbers == own.numbers).all()


def test_rests_are_told_to_the_rhythm() -> None:
    lines = Lines(1)
    around = surroundings_of(np.arange(2, dtype=np.int32), [], 0, 16, 140.0)
    assert lines.rests(ROW, np.array([1], np.int32)).tolist() == [[0, 0]]
    lines.note_begins(ROW, 0, np.array([60], np.int32), around.at([0]))
    assert lines.rests(ROW, np.array([1], np.int32)).tolist() == [[0, 1]]
    lines.note_ends(ROW, 2)
    assert lines.rests(ROW, np.array([5], np.int32)).tolist() == [[3, 0]]
    assert len(OF_REST) == 2
