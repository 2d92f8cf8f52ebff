"""The manner in which a tune is played, by its style and its tempo."""

import pytest

from psc2.core.grouping import Groups
from psc2.core.manner import Manner, manner_of
from psc2.scores.charts import read_chart


@pytest.mark.parametrize(
    ("style", "qpm", "manner"),
    [
        ("Medium Swing", 140.0, Manner.MEDIUM),
        ("", 70.0, Manner.MEDIUM),
        ("", 69.0, Manner.BALLAD),
        ("Ballad", 120.0, Manner.BALLAD),
        ("Up Tempo Swing", 221.0, Manner.FAST),
        ("", 220.0, Manner.MEDIUM),
        ("Bossa Nova", 140.0, Manner.BOSSA),
        ("Samba", 240.0, Manner.BOSSA),
        ("Latin", 60.0, Manner.BOSSA),
        ("Rock", 120.0, Manner.MEDIUM),
        ("Even 8ths", 60.0, Manner.BALLAD),
    ],
)
def test_style_and_tempo_say_how_a_tune_is_played(style: str, qpm: float, manner: Manner) -> None:
    assert manner_of(read_chart(f"style: {style}\n| C6 |")[0], (), qpm) is manner


@pytest.mark.parametrize(("meter", "groups"), [("3/4", ()), ("5/4", ()), ("2/4", ()), ("4/4", (3, 1))])
def test_a_bossa_has_bars_of_two_halves(meter: str, groups: Groups) -> None:
    assert manner_of(read_chart(f"style: Bossa\nmeter: {meter}\n| C6 |")[0], groups, 120.0) is Manner.MEDIUM
