"""A look back in words, and as a histogram."""

import re

import pytest

from psc2.core.instruments import Layer
from psc2.core.look_back import LookBack
from psc2.screen.picture import Picture
from psc2.screen.rows import Row
from psc2.screen.timing import look_back_line, timing_rows
from psc2.testing import Rehearsal, key, press

BEAT_S = 0.5  # at 120 qpm


def words(row: Row) -> str:
    return "".join(text for text, _ in row)


def played(*late_ms: float, layer: Layer = Layer.BASS, pitches: tuple[int, ...] = (40,)) -> Rehearsal:
    """A take, or a lead, with an onset each beat, so much off."""
    rehearsal = Rehearsal(music={"qpm": 120.0, "num_bars": 4})
    start = rehearsal.start()
    events = [] if layer is Layer.LEAD else [press(start + 0.1, "record", layer)]
    for beat, late in enumerate(late_ms, 1):
        for pitch in pitches:
            events += key(start + beat * BEAT_S + late / 1000, pitch)  # type: ignore[arg-type]
    asked = [press(start + 8.1, "look_back")] if layer is Layer.LEAD else []
    rehearsal.play([*events, *asked], until=start + 8.5)
    return rehearsal


def found(rehearsal: Rehearsal) -> LookBack:
    look_back = rehearsal.engine.snapshot().look_back
    assert look_back is not None
    return look_back


@pytest.mark.parametrize(
    ("late_ms", "line"),
    [
        ((0.0, 8.0, 4.0), "bass take: 3 notes, 4 ms late on average (spread 3 ms), 0 early, 0 late"),
        ((0.0,), "bass take: 1 note, on time on average (spread 0 ms), 0 early, 0 late"),
        (
            (-31.0, 0.0, 12.0, 11.0),
            "bass take: 4 notes, 2 ms early on average (spread 17 ms), 1 early, 2 late; "
            "farthest off 31 ms early, bar 1 beat 2",
        ),
    ],
)
def test_a_take_is_told_in_a_line(late_ms: tuple[float, ...], line: str) -> None:
    assert look_back_line(found(played(*late_ms))) == line


def test_a_chord_is_an_onset_and_the_lead_is_no_take() -> None:
    chords = look_back_line(found(played(20.0, 20.0, layer=Layer.CHORDS, pitches=(60, 64, 67))))
    assert chords.startswith("chords take: 6 notes in 2 onsets, 20 ms late on average")
    assert look_back_line(found(played(-20.0, layer=Layer.LEAD))).startswith("lead: 1 note, 20 ms early")


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_histogram_has_early_to_the_left_of_the_line_and_late_to_the_right(width: int) -> None:
    (row,) = timing_rows(found(played(-30.0, -30.0, 15.0, 60.0)), width)
    histogram = re.fullmatch(r" early ([·▁▂▃▄▅▆▇█]+)│([·▁▂▃▄▅▆▇█]+) late  .*", words(row))
    assert histogram is not None
    early, late = histogram[1], histogram[2]
    assert len(early) == len(late)
    assert [mark for mark in early if mark != "·"] == ["█"]
    assert late.replace("·", "") in ("▄▄", "█")
    assert words(row).endswith("4 ms late, spread 37 ms")


def test_the_panel_shows_it_until_it_is_closed() -> None:
    rehearsal = played(5.0, 5.0)
    at = rehearsal.clock.now()

    def shown() -> str:
        return "\n".join(words(row) for row in Picture(rehearsal.engine.snapshot(), at, {}).rows(80, 24))

    assert "early ·" in shown()
    assert "bass take: 2 notes" in shown()
    rehearsal.play([press(at, "close_look_back")], until=at)
    assert "early ·" not in shown()
    assert "take" not in shown()


def test_the_panel_leads_through_the_tap_test() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    rehearsal.play([press(0.1, "calibrate"), *key(1.2, 60), *key(1.7, 60)], until=2.0)
    shown = [words(row) for row in Picture(rehearsal.engine.snapshot(), 2.0, {}).rows(30, 6)]
    assert shown[0].split()[:2] == ["TAP", "10"]
    wide = "\n".join(words(row) for row in Picture(rehearsal.engine.snapshot(), 2.0, {}).rows(80, 24))
    assert "tap any piano key with the click" in wide


def test_a_latency_is_named_in_the_panel() -> None:
    now = Rehearsal(midi={"latency_ms": 175}).engine.snapshot()
    rows = "\n".join(words(row) for row in Picture(now, 0.0, {}).rows(80, 24))
    assert "your latency 175 ms" in rows
