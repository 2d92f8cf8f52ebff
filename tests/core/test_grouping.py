"""Strong beats."""

import pytest

from psc2.core.grouping import parse_groups, strong_steps
from psc2.core.meter import TimeSignature


@pytest.mark.parametrize(
    ("meter", "beats"),
    [
        ("2/4", [0]), ("3/4", [0]), ("4/4", [0, 2]), ("5/4", [0, 3]), ("6/4", [0, 3]), ("7/4", [0, 2, 4]),
        ("6/8", [0, 3]), ("9/8", [0, 3, 6]), ("12/8", [0, 3, 6, 9]), ("5/8", [0, 3]), ("7/8", [0, 2, 4]),
        ("8/8", [0, 2, 4, 6]), ("11/8", [0, 2, 4, 6, 8]),
    ],
)  # fmt: skip
def test_each_meter_has_its_usual_groups(meter: str, beats: list[int]) -> None:
    signature = TimeSignature.parse(meter)
    assert sorted(strong_steps(signature)) == [beat * signature.steps_per_beat for beat in beats]


def test_groups_of_ones_own_hold_in_a_bar_that_they_fill_and_in_no_other() -> None:
    groups = parse_groups("3+2+2")
    assert sorted(strong_steps(TimeSignature(7, 8), groups)) == [0, 6, 10]
    assert strong_steps(TimeSignature(5, 4), groups) == strong_steps(TimeSignature(5, 4))


@pytest.mark.parametrize("numerator", range(2, 65))
def test_the_usual_groups_fill_any_bar(numerator: int) -> None:
    steps = sorted(strong_steps(TimeSignature(numerator, 16)))
    assert steps[0] == 0
    assert all(2 <= after - before <= 3 for before, after in zip(steps, [*steps[1:], numerator], strict=True))


@pytest.mark.parametrize("text", ["", "2+", "0+4", "two", "2-3"])
def test_what_are_no_groups_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_groups(text)
