"""Names for a chart's chords, chosen together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.chart import Bar, Chart, PlacedChord
from psc2.core.meter import COMMON_TIME
from psc2.scores.chord_symbols import read_symbol

SYMBOLS = st.sampled_from(["C", "Dbm7", "F#7", "Abdim", "N.C.", "Bb7/D", "A#m7b5", "E"])


def spelled(symbols: str, key: str = "") -> str:
    bars = (Bar((PlacedChord(0, read_symbol(symbol)),)) for symbol in symbols.split())
    tune = Chart("", "", key, COMMON_TIME, tuple(bars)).spelled()
    return " ".join(bar.chords[0].chord.symbol for bar in tune.bars)


@pytest.mark.parametrize(
    "symbols",
    [
        "C#m7 F#7 Bmaj7",
        "Cmaj7 C#m7 F#7 Bmaj7 Dm7 G7 Cmaj7",  # away from home and back
        "Abm7 Db7 Gbmaj7 Dm7 G7 Cmaj7",
        "C C#dim7 Dm7 Ebdim7 Em7 Ebdim7 Dm7 Db7 C",
        "Am7 Ab7 G7 C6",
        "Eb Cm7 Fm7 Bb7 Abm6 Db7 Eb",
        "E G#7 C#m7 F#7 B7 E",
        "Gbmaj7 Ebm7 Abm7 Db7 Bmaj7 Gb",  # its fourth is C flat, which is slow to read
        "F7 Bb7 F7 Cm7 F7 Bb7 Bdim7 F7 D7 Gm7 C7",
        "Bm7 E7 Am7 D7 Gm7 C7 Fmaj7 Fm7 Bb7 Ebmaj7",
        "Abmaj7 Gm7 C7 Fm7 Dbm6 Gb7 Cm7 Bdim7 Bbm7 Eb7 Ab",
        "D F#7 Bm7 A#dim7 Bm7 G#m7b5 C#7 F#m7 B7 Em7 A7 D Eb7",
        "C#m7 F#7/A# N.C. Bmaj7/D#",
    ],
)
def test_a_tune_is_spelled_as_players_write_it_whatever_names_its_chords_had(symbols: str) -> None:
    flat = " ".join(read_symbol(symbol).transposed(0).symbol for symbol in symbols.split())
    assert spelled(flat) == symbols


def test_the_key_of_a_chart_says_how_it_is_spelled() -> None:
    assert spelled("F#7", key="B") == "F#7"
    assert spelled("F#7", key="Db") == "Gb7"
    assert spelled("Bb7", key="Ebm") == "Bb7"


@given(st.lists(SYMBOLS, min_size=1, max_size=12))
def test_other_names_are_the_same_chords_and_once_is_enough(symbols: list[str]) -> None:
    once = spelled(" ".join(symbols))
    for before, after in zip(symbols, once.split(), strict=True):
        one, other = read_symbol(before), read_symbol(after)
        assert (one.root, one.bass, one.tones, one.scale) == (
            other.root,
            other.bass,
            other.tones,
            other.scale,
        )
    assert spelled(once) == once
