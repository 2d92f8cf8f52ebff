import time

import pytest

from psc2.runtime.clock import SystemClock


@pytest.mark.parametrize("step_s", [0.1, 2.0, 30.0, -30.0, 3600.0, -3600.0])
def test_a_wall_clock_that_is_set_is_followed_at_once(step_s: float) -> None:
    set_by = 0.0
    clock = SystemClock(lambda: 100.0, lambda: 1_700_000_000.0 + set_by)
    before = clock.wall_time_of(100.5)
    set_by = step_s
    assert (before, clock.wall_time_of(100.5)) == (1_700_000_000.5, 1_700_000_000.5 + step_s)
    assert clock.now() == 100.0  # the loop's own


def test_a_wall_clock_that_only_trembles_leaves_moments_evenly_spaced() -> None:
    trembling = 0.0
    clock = SystemClock(lambda: 100.0, lambda: 1_700_000_000.0 + trembling)
    trembling = 0.0005
    assert clock.wall_time_of(100.5) == 1_700_000_000.5


@pytest.mark.timing
def test_the_clock_goes_forward() -> None:
    clock = SystemClock()
    readings = [clock.now() for _ in range(1000)]
    assert readings == sorted(readings)


@pytest.mark.timing
def test_now_is_the_wall_clocks_now() -> None:
    clock = SystemClock()
    assert abs(clock.wall_time_of(clock.now()) - time.time()) < 0.05


@pytest.mark.timing
def test_moments_keep_their_distance() -> None:
    clock = SystemClock()
    now = clock.now()
    tags = [clock.wall_time_of(now + n * 0.125) for n in range(100)]
    assert [tag - tags[0] for tag in tags] == pytest.approx([n * 0.125 for n in range(100)], abs=1e-6)
