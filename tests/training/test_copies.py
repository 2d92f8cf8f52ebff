"""What a model has only remembered."""

import pytest

from psc2.training.copies import BEAT_PATTERNS, MELODY_PATTERNS, copied_shares, copies_table
from tests.training.corpora import KICK, ROCK, SILENCE, even

PHRASE = [60, 63, 62, 67, 65, 70, 68, 72, 61, 66, 59, 58, 69, 64, 73, 71]


def copied(made: list[int], train: list[int]) -> list[float]:
    """By pattern: 8, 12 and 16 notes, and with their rhythm; or 1, 2 and 4 bars."""
    patterns = BEAT_PATTERNS if len(train) % 16 == 0 and max(train) < 60 else MELODY_PATTERNS
    return [figure.value for figure in copied_shares({"model": [made]}, [train], patterns)["model"].values()]


def test_a_copied_phrase_is_a_copy_in_any_key() -> None:
    train = even([50, *PHRASE, 50])
    assert copied(even(PHRASE), train) == [1, 1, 1, 1, 1, 1]
    assert copied(even([pitch + 5 for pitch in PHRASE]), train) == [1, 1, 1, 1, 1, 1]


def test_in_another_rhythm_only_the_notes_are_a_copy() -> None:
    assert copied(PHRASE, even(PHRASE)) == [1, 1, 1, 0, 0, 0]


def test_a_phrase_backwards_is_no_copy() -> None:
    assert copied(even(PHRASE[::-1]), even(PHRASE)) == [0, 0, 0, 0, 0, 0]


def test_half_a_copy_is_a_copy_of_fewer_notes() -> None:
    made = [*PHRASE[:8], 90, 20, 91, 21, 92, 22, 93, 23]
    assert copied(even(made), even(PHRASE)) == pytest.approx([1 / 9, 0, 0, 1 / 9, 0, 0])


def test_copied_bars_are_counted_from_bar_lines_and_silent_ones_are_none() -> None:
    other = [KICK, *ROCK[1:]]
    assert copied([*ROCK, *other, *SILENCE], [*other, *SILENCE]) == [0.5, 0.5, 0.0]
    assert copied([*SILENCE, *ROCK], [*SILENCE, *SILENCE]) == [0.0, 0.0, 0.0]
    assert copied([*ROCK[4:], *ROCK[:4]], ROCK * 2) == [0.0, 0.0, 0.0]


def test_a_table_of_copies_has_a_column_for_each_group() -> None:
    found = copied_shares({"validation": [SILENCE], "model": [ROCK]}, [ROCK], BEAT_PATTERNS)
    lines = copies_table(found).splitlines()
    assert lines[0] == "|  | validation | model |"
    assert lines[2:] == ["| 1 bar | 0.0% | 100.0% |", "| 2 bars | 0.0% | 0.0% |", "| 4 bars | 0.0% | 0.0% |"]
