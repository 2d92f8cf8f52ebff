import time

import pytest

from psc2.runtime.clock import SystemClock

pytestmark = pytest.mark.timing


def test_the_clock_goes_forward() -> None:
    clock = SystemClock()
    readings = [clock.now() for _ in range(1000)]
    assert readings == sorted(readings)


def test_now_is_the_wall_clocks_now() -> None:
    clock = SystemClock()
    assert abs(clock.wall_time_of(clock.now()) - time.time()) < 0.05


def test_moments_keep_their_distance() -> None:
    clock = SystemClock()
    now = clock.now()
    tags = [clock.wall_time_of(now + n * 0.125) for n in range(100)]
    assert [tag - tags[0] for tag in tags] == pytest.approx([n * 0.125 for n in range(100)], abs=1e-6)
