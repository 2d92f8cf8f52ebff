"""What a network hears while it learns."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.training import windows
from psc2.training.datasets import Piece, passages
from psc2.training.recipe import RECIPES
from tests.training.corpora import beats, scales

MELODY = replace(RECIPES["attention_rnn"], window=64)
DRUMS = replace(RECIPES["drum_kit"], window=64)
CONFIGURATION = CONFIGURATIONS["attention_rnn"]


def test_a_window_is_encoded_as_the_network_will_hear_it() -> None:
    events = [60, -2, 62, -1, 64]
    (inputs,), (labels,) = (part for part in _arrays(windows.encode([events], 6, CONFIGURATION)))
    encoder = CONFIGURATION.encoding.encoder()
    for step, (event, following) in enumerate(pairwise(events)):
        indices, values = encoder.append(event)
        row = np.zeros(CONFIGURATION.encoding.input_size)
        row[indices] = values
        assert (inputs[step] == row).all()
        assert labels[step] == encoder.label(following)
    assert (labels[4:] == -1).all()
    assert not inputs[4:].any()


def _arrays(found: windows.Windows) -> tuple[np.ndarray, np.ndarray]:
    return found.inputs, found.labels


@pytest.mark.parametrize("recipe", [MELODY, DRUMS], ids=lambda recipe: recipe.configuration)
@given(epoch=st.integers(0, 50), steps=st.integers(200, 400))
@settings(max_examples=15, deadline=None)
def test_an_epoch_foresees_each_event_at_most_once_and_nearly_all(recipe, epoch: int, steps: int) -> None:  # type: ignore[no-untyped-def]
    make = scales if recipe is MELODY else beats
    pieces = make(3, steps, seed=epoch)
    events = sum(len(piece.events) for piece in pieces)
    found = windows.epoch_windows(pieces, recipe, epoch).num_events
    assert events - 3 * 2 * 32 - 3 <= found <= events - 3


def test_epochs_differ_and_the_same_epoch_does_not() -> None:
    pieces = scales(4, 256, seed=1)
    first, again, second = (windows.epoch_windows(pieces, MELODY, epoch).labels for epoch in (0, 0, 1))
    assert (first == again).all()
    assert first.shape != second.shape or (first != second).any()


def test_windows_begin_at_bar_lines() -> None:
    piece = Piece("bars", [1 if step % 16 == 0 else 0 for step in range(512)])
    for epoch in range(8):
        found = windows.epoch_windows([piece], DRUMS, epoch)
        labels = np.concatenate([row[row >= 0] for row in found.labels if (row >= 0).all()])
        assert set(np.flatnonzero(labels) % 16) == {15}  # each window's first event is given, not foreseen


def test_takes_off_the_grid_are_left_out_while_learning_and_not_when_scored() -> None:
    on, off = Piece("on", [1] * 100, grid_fit=0.9), Piece("off", [2] * 100, grid_fit=0.5)
    found = windows.epoch_windows([on, off], replace(DRUMS, grid_fit=0.6), 0)
    assert set(found.labels[found.labels >= 0]) == {1}
    scored = windows.passage_windows([on, off], CONFIGURATIONS["drum_kit"])
    assert set(scored.labels[scored.labels >= 0]) == {1, 2}


def test_even_windows_hold_the_same_pitches_one_a_step() -> None:
    pieces = scales(1, 512, seed=3)
    found = windows.epoch_windows(pieces, replace(MELODY, even=1.0, window=512), 0)
    steady = found.labels[found.labels >= 0]
    no_event = CONFIGURATION.encoding.num_classes - 4
    assert len(steady) in range(150, 256)
    assert no_event not in steady


def test_moved_windows_come_in_every_key() -> None:
    pieces = scales(40, 256, seed=4)

    def keys(any_key: float) -> set[int]:
        found = windows.epoch_windows(pieces, replace(MELODY, any_key=any_key, window=256), 0)
        pitches = [set(row[(row >= 0) & (row < 36)] % 12) for row in found.labels]
        return {
            min(k for k in range(12) if all((p - k) % 12 in (0, 2, 4, 5, 7, 9, 11) for p in row))
            for row in pitches
        }

    assert keys(0.0) == {0}
    assert len(keys(1.0)) >= 8


def test_what_is_scored_is_what_psc2_models_score_scores() -> None:
    pieces = [*scales(2, 530, seed=5), *scales(1, 14, seed=6)]
    scored = [passage for piece in pieces for passage in passages([piece], CONFIGURATION)]
    assert [len(passage) for passage in scored] == [512, 512, 14]
    assert windows.passage_windows(pieces, CONFIGURATION).num_events == sum(len(p) - 1 for p in scored)
