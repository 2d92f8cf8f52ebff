"""Cells of rhythm."""

from random import Random

import pytest

from psc2.core.comping_rhythms import IN_FOUR, IN_THREE, IN_TWO, RhythmCell, cells
from psc2.core.grouping import Groups
from psc2.core.meter import TimeSignature

METERS = ["2/4", "3/4", "4/4", "5/4", "6/4", "7/4", "3/8", "5/8", "6/8", "7/8", "12/8", "5/16", "11/16"]


def test_a_drawing_says_where_strokes_are_and_how_long() -> None:
    charleston = RhythmCell.drawn("x--x.... .x-----x")
    assert charleston.strokes == ((0, 6), (6, 2), (18, 12), (30, 2))
    assert charleston.onsets == (0, 6, 18, 30)
    assert charleston.bars == 2
    assert RhythmCell.drawn("x-.", sign_steps=1).strokes == ((0, 2),)


@pytest.mark.parametrize(
    ("own", "bar_steps"), [(IN_FOUR, 16), (IN_THREE, 12), (IN_TWO, 8)], ids=["four", "three", "two"]
)
def test_cells_of_a_meter_lie_within_their_bars_and_differ(
    own: tuple[RhythmCell, ...], bar_steps: int
) -> None:
    assert len({(cell.strokes, cell.bars) for cell in own}) == len(own)
    assert all(0 <= step < cell.bars * bar_steps for cell in own for step in cell.onsets)
    assert any(cell.bars == 1 and not cell.strokes for cell in own)


@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("groups", [(), (3, 2), (3, 2, 2), (1, 3), (4,), (5, 6)])
def test_every_meter_has_cells_that_fit_its_bars(meter: str, groups: Groups) -> None:
    signature = TimeSignature.parse(meter)
    found = cells(signature, groups, Random(1))
    assert len(found) >= 6
    assert any(cell.bars == 1 for cell in found)
    assert len({cell.onsets for cell in found}) >= 4
    for cell in found:
        length = cell.bars * signature.steps_per_bar
        assert all(0 <= step < step + steps <= length for step, steps in cell.strokes)
        assert len(cell.strokes) <= max(2 * cell.bars, 3 * length / 16)


def test_made_cells_strike_where_groups_begin() -> None:
    def share(groups: Groups) -> float:
        found = [cell for seed in range(20) for cell in cells(TimeSignature(7, 8), groups, Random(seed))]
        return sum(6 in cell.onsets for cell in found) / len(found)

    assert share((3, 2, 2)) > share((2, 2, 3))
