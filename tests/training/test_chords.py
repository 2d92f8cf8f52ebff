"""Chord symbols of the Weimar Jazz Database, and melodies over them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.models.rnn.encodings import NO_EVENT
from psc2.training.chords import changes_of, fits, shares, tones_of, understood_share
from psc2.training.datasets import Piece
from psc2.training.examples import Continued
from psc2.training.statistics import notes_of

ROOTS = {
    "C": 0,
    "C#": 1,
    "Db": 1,
    "D": 2,
    "Eb": 3,
    "E": 4,
    "F": 5,
    "F#": 6,
    "Gb": 6,
    "G": 7,
    "B": 11,
    "Cb": 11,
}
QUALITIES = (
    "", "6", "7", "j7", "-", "-6", "-7", "-j7", "m7b5", "o", "o7", "+", "+7", "+j7", "7alt", "sus", "sus7"
)  # fmt: skip
TENSIONS = ("", "9", "9b", "9#", "11#", "911#", "9b13", "13b", "9#11#", "9b13b")


@pytest.mark.parametrize(
    ("symbol", "tones"),
    [
        ("C", {0, 4, 7}),
        ("C7", {0, 4, 7, 10}),
        ("C69", {0, 4, 7, 9}),
        ("C6911#", {0, 4, 7, 9}),
        ("Bb-7", {10, 1, 5, 8}),
        ("Bb-7911", {10, 1, 5, 8}),
        ("Ebj7", {3, 7, 10, 2}),
        ("A-j7", {9, 0, 4, 8}),
        ("Am7b5", {9, 0, 3, 7}),
        ("Bo", {11, 2, 5}),
        ("Bo7", {11, 2, 5, 8}),
        ("G7alt", {7, 11, 3, 5}),
        ("G+79#", {7, 11, 3, 5}),
        ("Dbj7911#", {1, 5, 8, 0}),
        ("G79b13", {7, 11, 2, 5}),
        ("Asus7913", {9, 2, 4, 7}),
        ("F#sus", {6, 11, 1}),
        ("C7/E", {0, 4, 7, 10}),
        ("F/G", {5, 9, 0, 7}),
        ("C-/Bb", {0, 3, 7, 10}),
        ("NC", set()),
    ],
)
def test_a_symbol_has_the_tones_that_it_stands_for(symbol: str, tones: set[int]) -> None:
    assert tones_of(symbol) == frozenset(tones)


@pytest.mark.parametrize("symbol", ["", "H7", "C7x", "Cmaj8", "C/", "h7", "C79c", "7"])
def test_what_is_no_symbol_is_not_understood(symbol: str) -> None:
    assert tones_of(symbol) is None


@given(st.sampled_from(sorted(ROOTS)), st.sampled_from(QUALITIES), st.sampled_from(TENSIONS))
def test_a_chord_on_any_root_is_the_one_on_c_moved(root: str, quality: str, tensions: str) -> None:
    if quality.endswith(("7", "6")):
        quality += tensions
    on_c = tones_of(f"C{quality}")
    assert on_c is not None
    assert tones_of(f"{root}{quality}") == frozenset((tone + ROOTS[root]) % 12 for tone in on_c)


def test_the_share_that_is_understood_counts_every_symbol() -> None:
    pieces = [Piece("a", [], ((0, "C"), (16, "NC"))), Piece("b", [], ((0, "?"), (8, "G7")))]
    assert understood_share(pieces) == 0.75
    assert understood_share([]) == 1


def test_a_chord_holds_until_the_next() -> None:
    changes = changes_of([(4, "C"), (16, "F"), (32, "NC"), (48, "?")])
    found = [sorted(changes.at(step)) for step in (3, 4, 15, 16, 31, 32, 48, 99)]
    assert found == [[], [0, 4, 7], [0, 4, 7], [0, 5, 9], [0, 5, 9], [], [], []]


def test_chords_that_lie_past_a_later_one_are_dropped() -> None:
    changes = changes_of([(0, "C"), (60, "D"), (100, "E"), (56, "F"), (72, "G")])
    assert changes.steps == (0, 56, 72)


def test_notes_without_a_chord_do_not_count() -> None:
    changes = changes_of([(1, "C"), (3, "NC")])
    assert fits(notes_of([60, 60, 61, 60]), changes) == [True, False]


def test_shares_are_those_of_the_notes_where_the_model_goes_on() -> None:
    solo = Piece("solo", [61, 61, 60, 64, 69, 65], ((0, "F#"), (2, "C"), (4, "F")))
    found = shares([Continued(solo, 2, [60, NO_EVENT, 61, 62, 60, 60, 60, 60])], seed=0)
    assert {name: figure.value for name, figure in found.items()} == pytest.approx(
        {
            "model": 1 / 3,  # 60, and not 61 or 62; what lies past the solo's end is over no chord
            "soloist": 1.0,
            "soloist, shuffled": found["soloist, shuffled"].value,
            "any pitch": 3 / 12,
        }
    )


def test_a_soloist_who_plays_one_pitch_fits_as_well_when_shuffled() -> None:
    solo = Piece("solo", [60] * 16, ((0, "C"), (8, "D")))
    found = shares([Continued(solo, 0, [60] * 16)], seed=0)
    assert [found[name].value for name in ("model", "soloist", "soloist, shuffled")] == [0.5, 0.5, 0.5]
