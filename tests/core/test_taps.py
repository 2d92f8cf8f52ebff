"""Tap tempo: what counts as a tap, and which tempo taps mean."""

from itertools import accumulate
from random import Random

import pytest

from psc2.testing import Rehearsal, press


def tapped(*moments: float, music: dict[str, object] | None = None) -> Rehearsal:
    rehearsal = Rehearsal(music=music or {"qpm": 100.0})
    rehearsal.play([press(at, "tap") for at in moments], until=moments[-1])
    return rehearsal


def after(start: float, *intervals: float) -> list[float]:
    """Moments: ``start``, and what follows at these intervals."""
    return list(accumulate(intervals, initial=start))


@pytest.mark.parametrize(
    ("unit", "meter", "qpm"),
    [("quarter", "4/4", 100.0), ("click", "7/8", 50.0), ("click", "4/4", 100.0),
     ("dotted_quarter", "6/8", 150.0)],
)  # fmt: skip
def test_taps_set_the_tempo_in_their_unit(unit: str, meter: str, qpm: float) -> None:
    rehearsal = Rehearsal(music={"tap_unit": unit, "time_signature": meter})
    rehearsal.play([press(1.0 + 0.6 * n, "tap") for n in range(4)], until=5.0)
    assert rehearsal.state.qpm == pytest.approx(qpm)


@pytest.mark.parametrize(
    ("moments", "qpm"),
    [
        (after(1, 0.5), 120.0),
        (after(1, 0.55, 0.45, 0.53, 0.47), 120.0),
        (after(1, *[0.15] * 4), 400.0),
        (after(1, *[3.0] * 2), 20.0),
        # no taps: bounces, and intervals that no tempo has
        (after(1, 0.008), 100.0),
        (after(1, 0.0), 100.0),
        (after(1, 0.14), 100.0),
        (after(1, 0.5, 0.008, 0.492, 0.1, 0.4), 120.0),
        (after(1, 3.1), 100.0),
        (after(1, 3.4, 0.5, 0.5), 120.0),
        (after(1, 3.4, 3.4, 0.5), 120.0),
        # far from the last ones: a missed tap, a stray one, a pause, another tempo
        (after(1, 0.5, 1.0), 120.0),
        (after(1, 0.5, 1.0, 0.5), 120.0),
        (after(1, 0.5, 0.5, 0.5, 1.0, 0.5, 0.5), 120.0),
        (after(1, 1.2, 0.5, 0.5), 120.0),
        (after(1, 0.5, 0.5, 0.5, 2.0, 0.4), 150.0),
        (after(1, 0.5, 0.5, 0.5, 2.0, 2 / 3), 90.0),
        (after(1, 0.5, 0.5, 0.5, 0.375, 0.375), 160.0),
        (after(1, 0.5, 0.5, 0.5, 0.75, 0.75), 80.0),
        # another tempo without a pause, not far from the last one
        (after(1, 0.5, 0.5, 0.5, 0.5, *[60 / 130] * 3), 130.0),
        (after(1, 0.5, 0.5, 0.5, 0.5, *[60 / 105] * 3), 105.0),
        (after(1, 0.5, 0.5, 0.5, 0.5, *[60 / 140] * 3), 140.0),
        (after(1, 3.0, 3.0, *[0.5] * 5), 120.0),
        (after(1, *[0.5] * 4, 0.6, 0.6), 100.0),
        (after(1, *[0.5] * 4, 0.25, 0.25), 240.0),
        (after(1, *[0.5] * 4, 1.0, 1.0), 60.0),
        # a stray tap before good ones, or among them
        (after(1, 2.9, 0.5), 120.0),
        (after(1, 0.8, 0.5), 120.0),
        (after(1, 0.6, 0.5, 0.5), 120.0),
        (after(1, 0.25, 0.5, 0.5), 120.0),
        (after(1, 1.0, 0.5, 0.5), 120.0),
        (after(1, *[0.5] * 3, 0.2, 0.3), 120.0),
        (after(1, *[0.5] * 3, 0.2, 0.3, 0.5), 120.0),
        (after(1, 0.14, 0.36), 120.0),
        # a fast hand that is not quite steady: an interval shorter than any tempo's is a tap
        (after(1, 0.155, 0.145, 0.155, 0.145), 400.0),
        (after(1, 0.145, 0.155, 0.15), 400.0),
        # one that was missed stands for two
        (after(1, 0.51, 0.49, 0.98, 0.52), 120.0),
    ],
)  # fmt: skip
def test_taps_set_the_tempo_that_was_tapped(moments: list[float], qpm: float) -> None:
    assert tapped(*moments).state.qpm == pytest.approx(qpm)


@pytest.mark.parametrize("new_qpm", range(80, 181))
def test_four_taps_of_a_new_tempo_are_enough_without_a_pause(new_qpm: int) -> None:
    rehearsal = tapped(*after(1, *[0.5] * 4, *[60 / new_qpm] * 3))
    assert rehearsal.state.qpm == pytest.approx(new_qpm, rel=0.01)


@pytest.mark.parametrize("qpm", [66, 120, 187, 280])
def test_a_hand_that_is_not_quite_steady_taps_the_mean(qpm: int) -> None:
    jitter = Random(qpm)
    for _ in range(50):
        moments = [1 + (n + jitter.uniform(-0.02, 0.02)) * 60 / qpm for n in range(5)]
        mean_s = (moments[-1] - moments[0]) / 4
        assert tapped(*moments).state.qpm == pytest.approx(60 / mean_s, rel=0.03)


def test_the_first_bar_after_tapping_is_as_long_as_was_tapped() -> None:
    rehearsal = Rehearsal(music={"qpm": 90.0})
    start = rehearsal.start()
    taps = after(start + 0.2, *[60 / 132] * 3)
    rehearsal.play([press(at, "tap") for at in taps], until=taps[-1] + 4.0)
    transport = rehearsal.state.transport
    assert transport is not None
    bar = -(-transport.grid.step_at(taps[-1] + 0.1) // 16) * 16
    assert transport.grid.time_of(bar + 16) - transport.grid.time_of(bar) == pytest.approx(
        240 / 132, rel=0.01
    )
