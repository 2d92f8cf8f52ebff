"""What is practised with, in the panel and as plain lines."""

from collections.abc import Sequence
from typing import Any

from psc2.core.events import Event
from psc2.core.instruments import Layer
from psc2.screen.picture import Picture
from psc2.screen.plain import StatusLines
from psc2.testing import Rehearsal, press

BAR = 2.0  # at 120 qpm


def panel(rehearsal: Rehearsal, at: float) -> str:
    rehearsal.play([], until=at)
    rows = Picture(rehearsal.engine.snapshot(), at, {}).rows(80, 24)
    return "\n".join("".join(text for text, _ in row).rstrip() for row in rows)


def lines(rehearsal: Rehearsal, *steps: tuple[Sequence[Event], float]) -> list[str]:
    printed: list[str] = []
    status = StatusLines(printed.append)
    status.show(rehearsal.engine.snapshot())
    for events, until in steps:
        rehearsal.play(events, until)
        status.show(rehearsal.engine.snapshot())
    return printed


def practising(**practice: Any) -> Rehearsal:
    return Rehearsal(music={"num_bars": 1}, practice=practice)


def test_a_ramp_shows_the_tempo_and_where_it_leads() -> None:
    rehearsal = practising(
        ramp={"active": True, "passes": 1, "step_qpm": 10.0, "limit_qpm": 130.0, "back": True}
    )
    assert "120  → 130  qpm" in panel(rehearsal, 0.0)
    assert "ramp: +10 qpm each pass to 130, and back" in panel(rehearsal, 0.0)
    rehearsal.start()
    assert "130  → 120  qpm" in panel(rehearsal, 3.0)
    assert "120 qpm" in panel(rehearsal, 5.0)


def test_a_silent_bar_says_that_it_is_meant_and_how_long_it_lasts() -> None:
    rehearsal = practising(gap={"mode": "bars", "click_bars": 1, "silent_bars": 2})
    start = rehearsal.start()
    assert "is silent" not in panel(rehearsal, start + 0.5 * BAR)
    shown = panel(rehearsal, start + 1.5 * BAR)
    assert "the click is silent: bar 1 of 2" in shown
    assert "SILENT 100" in shown
    assert "the click is silent: bar 2 of 2" in panel(rehearsal, start + 2.5 * BAR)
    assert "is silent" not in panel(rehearsal, start + 3.5 * BAR)


def test_a_bar_that_chance_silences_says_so() -> None:
    rehearsal = practising(gap={"mode": "chance", "chance_percent": 100.0})
    start = rehearsal.start()
    shown = panel(rehearsal, start + 0.5)
    assert "the click is silent, by chance" in shown
    assert "gap: each bar silent by chance, 100 %" in shown


def test_solo_and_what_it_silences_stand_at_the_layers() -> None:
    rehearsal = practising()
    rehearsal.play([press(0.0, "solo", Layer.BASS), press(0.0, "mute", Layer.DRUMS)], until=0.0)
    shown = panel(rehearsal, 0.1)
    assert [word for word in shown.split() if word in ("SOLO", "SILENT", "MUTED")] == [
        "SILENT", "SOLO", "MUTED", "SILENT",
    ]  # fmt: skip


def test_what_is_practised_with_is_listed_and_nothing_where_nothing_is() -> None:
    rehearsal = practising(click_beats=[2, 4], metronome_only=True)
    rehearsal.play([press(0.0, "count_in_up")], until=0.0)
    assert " count-in 1 bar · click on 2 4 · metronome only\n" in panel(rehearsal, 0.1)
    assert "metronome" not in panel(practising(), 0.1)


def test_plain_lines_tell_each_change_once() -> None:
    rehearsal = practising(gap={"click_bars": 1, "silent_bars": 1}, ramp={"passes": 1, "limit_qpm": 124.0})
    printed = lines(
        rehearsal,
        ([press(0.0, "count_in_up")], 0.0),
        ([press(0.1, "click_beats"), press(0.1, "click_beats")], 0.1),
        ([press(0.2, "gap")], 0.2),
        ([press(0.3, "metronome_only")], 0.3),
        ([press(0.4, "metronome_only")], 0.4),
        ([press(0.5, "ramp")], 0.5),
        ([press(0.6, "solo", Layer.BASS)], 0.6),
        ([press(0.7, "solo", Layer.BASS)], 0.7),
        ([press(1.0, "play")], 1.0),
        ([], 1.06 + 2.5 * BAR),
        ([], 1.06 + 3.5 * BAR),
        ([press(9.0, "stop")], 9.0),
    )
    assert printed[2:] == [
        "count-in: 1 bar",
        "click on 2 4",
        "gap: 1 bar click, 1 silent",
        "metronome only: the loop is silent",
        "the loop sounds again",
        "ramp: +4 qpm each pass to 124",
        "bass solo",
        "bass not solo any more",
        "play: 1 bar of count-in",
        "124 qpm",
        "the click is silent",
        "the click is back",
        "stop",
        "120 → 124 qpm",
    ]
