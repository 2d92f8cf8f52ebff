from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.meter import MAX_SEGMENTS, Form, Grid, Pass, Position, TimeSignature


@pytest.mark.parametrize(
    ("text", "steps_per_beat", "steps_per_bar"),
    [("4/4", 4, 16), ("3/4", 4, 12), ("7/8", 2, 14), ("5/16", 1, 5), ("2/4", 4, 8), ("15/16", 1, 15)],
)
def test_a_bar_has_as_many_steps_as_its_meter_says(
    text: str, steps_per_beat: int, steps_per_bar: int
) -> None:
    meter = TimeSignature.parse(text)
    assert (meter.steps_per_beat, meter.steps_per_bar, str(meter)) == (steps_per_beat, steps_per_bar, text)


@pytest.mark.parametrize(
    "text", ["4/5", "1/4", "0/4", "4", "4/", "/4", "x/4", "4/32", "65/4", "-3/4", "", "٧/٨", "4/4\n"]
)
def test_a_meter_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        TimeSignature.parse(text)


def test_a_sequence_locates_its_steps() -> None:
    sequence = Pass(28, Form(TimeSignature(7, 8), 2))
    assert (sequence.form.length_steps, sequence.end) == (28, 56)
    assert sequence.locate(28) == Position(0, 0)
    assert sequence.locate(43) == Position(1, 1)


def test_count_in_steps_lie_in_bars_before_the_first() -> None:
    assert Pass(0, Form(TimeSignature(3, 4), 1)).locate(-12) == Position(-1, 0)


def test_a_tempo_change_keeps_the_times_of_the_steps_that_were_sent() -> None:
    grid = Grid.starting(0.0, 0, 120.0)
    slower = grid.retimed(60.0, last_sent_step=4, now=0.45)
    assert [slower.time_of(step) for step in (2, 4, 5, 6)] == [0.25, 0.5, 0.75, 1.0]


def test_a_place_before_a_tempo_change_is_found_in_the_old_tempo() -> None:
    slower = Grid.starting(0.0, 0, 120.0).retimed(60.0, last_sent_step=4, now=0.45)
    assert slower.step_at(0.4375) == 3.5
    assert slower.step_at(0.625) == 4.5


def test_a_much_faster_tempo_does_not_put_the_next_step_into_the_past() -> None:
    faster = Grid.starting(0.0, 0, 20.0).retimed(
        400.0, last_sent_step=4, now=3.6
    )  # step 4 at 3.0, step 5 was due at 3.75
    assert faster.time_of(5) == 3.6
    assert faster.time_of(6) == pytest.approx(3.6375)
    assert faster.time_of(4) == 3.0


def test_turning_the_knob_for_long_keeps_no_history() -> None:
    grid = Grid.starting(0.0, 0, 120.0)
    times = [0.0]
    for step in range(1, 1000):
        times.append(grid.time_of(step))
        grid = grid.retimed(60.0 + step % 100, last_sent_step=step, now=grid.time_of(step) - 0.01)
    assert len(grid.segments) <= MAX_SEGMENTS
    assert [grid.time_of(step) for step in range(990, 1000)] == sorted(times[990:1000])


tempos = st.floats(20.0, 400.0)


@given(st.lists(st.tuples(st.integers(1, 60), tempos), max_size=40), tempos)
def test_step_times_are_exact_however_often_the_tempo_changes(
    changes: list[tuple[int, float]], qpm: float
) -> None:
    grid = Grid.starting(1000.0, 0, qpm)
    exact, step = Fraction(1000), 0
    for steps, new_qpm in changes:
        exact += steps * Fraction(15) / Fraction(qpm)
        step += steps
        qpm = new_qpm
        grid = grid.retimed(qpm, last_sent_step=step, now=grid.time_of(step))
        assert abs(Fraction(grid.time_of(step)) - exact) < Fraction(1, 10**8)
        following = exact + Fraction(15) / Fraction(qpm)
        assert abs(Fraction(grid.time_of(step + 1)) - following) < Fraction(1, 10**8)


@given(st.lists(st.tuples(st.integers(0, 3), tempos), max_size=40), tempos)
def test_steps_never_go_back_in_time(changes: list[tuple[int, float]], qpm: float) -> None:
    grid, sent, last = Grid.starting(0.0, 0, qpm), 0, 0.0
    for steps, new_qpm in changes:
        for _ in range(steps):
            sent += 1
            assert grid.time_of(sent) > last
            last = grid.time_of(sent)
        grid = grid.retimed(new_qpm, sent, now=last - 0.03)
        assert grid.time_of(sent) == pytest.approx(last)


@given(tempos, st.floats(0.0, 5000.0))
def test_a_moment_is_nearest_to_one_step(qpm: float, step: float) -> None:
    grid = Grid.starting(5.0, 0, qpm)
    assert grid.step_at(5.0 + step * 60 / qpm / 4) == pytest.approx(step, abs=1e-6)
