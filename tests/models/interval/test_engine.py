"""Networks that hear intervals: what they say comes next, and how they go on."""

from __future__ import annotations

import math
from itertools import islice

import numpy as np
import pytest

from psc2.core.chart import PlacedChord
from psc2.models.interval.engine import Context, IntervalRnn, Listener
from psc2.models.interval.hearing import LOWEST, PITCHES, Lines
from psc2.scores.chord_symbols import read_symbol
from tests.models.interval.networks import bundle

CALL = [60, -2, 64, -1, -2, 67, 65, -2]
OVER = Context((PlacedChord(0, read_symbol("Dm7")), PlacedChord(12, read_symbol("G7"))), qpm=200.0)


def test_all_that_may_come_is_certain_to() -> None:
    rnn = IntervalRnn(bundle(2), OVER)
    before = rnn.log_likelihood(CALL)
    following = [-2, -1, *range(LOWEST, LOWEST + PITCHES)]
    likely = [math.exp(rnn.log_likelihood([*CALL, event]) - before) for event in following]
    assert sum(likely) == pytest.approx(1.0, abs=1e-4)


def test_several_networks_are_as_likely_as_their_mean() -> None:
    both, steps = bundle(2), np.array([1], np.int32)
    row, around = np.zeros(1, np.int32), OVER.surroundings(np.arange(2, dtype=np.int32))
    found = []
    for members in ((0,), (1,), (0, 1)):
        part = type(both)("", tuple(both.members[member] for member in members), "")
        listener = Listener(part, Lines(1))
        listener.hear(row, 0, np.array([60], np.int32), around.at([0]))
        heard = listener.look(row, steps, around.at([1]))
        found.append(np.exp(listener.pitches(row, heard, around.root[1:])))
    assert np.allclose((found[0] + found[1]) / 2, found[2], atol=1e-6)


@pytest.mark.parametrize("number", [1, 2, 7])
def test_a_continuation_does_not_depend_on_how_many_there_are(number: int) -> None:
    rnn = IntervalRnn(bundle(), OVER)
    alone = list(islice(rnn.continuation(CALL, 1.0, seed=3), 40))
    branches = rnn.branches(CALL, 1.0, 3, number)
    assert [branches.step()[0][0] for _ in range(40)] == alone
    assert alone != list(islice(rnn.continuation(CALL, 1.0, seed=4), 40))


def test_those_that_are_kept_go_on_as_they_would_have() -> None:
    rnn = IntervalRnn(bundle(), OVER)
    all_of_them, some = (rnn.branches(CALL, 1.0, 5, 4) for _ in range(2))
    for _ in range(10):
        all_of_them.step()
        some.step()
    some.keep([1, 3])
    for _ in range(80):
        events, _ = all_of_them.step()
        assert some.step()[0] == [events[1], events[3]]


def test_what_is_drawn_is_as_likely_as_it_says() -> None:
    rnn = IntervalRnn(bundle(2), OVER)
    branches, events, total = rnn.branches(CALL, 1.0, 6, 1), list(CALL), 0.0
    for _ in range(70):
        (event,), (likely,) = branches.step()
        events.append(event)
        total += likely
    assert rnn.log_likelihood(events) - rnn.log_likelihood(CALL) == pytest.approx(total, abs=1e-2)


def test_the_chords_make_a_difference_and_the_same_intervals_over_them_none() -> None:
    rnn = IntervalRnn(bundle())
    over, elsewhere = rnn.over(OVER), rnn.over(Context())
    assert over.log_likelihood(CALL) != elsewhere.log_likelihood(CALL)
