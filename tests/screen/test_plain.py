import logging
import sys
from itertools import repeat

import pytest

from psc2.core.events import (
    BadInput,
    ControlChange,
    DrumsReady,
    Event,
    MelodyReady,
    ModelFailed,
    SourceGone,
    SourceNamed,
)
from psc2.core.instruments import Layer
from psc2.core.other_side import PluggedIn
from psc2.screen.plain import PlainScreen, StatusLines
from psc2.testing import Behaviour, FakeMelody, Rehearsal, key, press
from psc2.text import PrintableFormatter

FIRST = ["meter 4/4 · 2 bars · 120 qpm · free mode", "seed 0"]


def test_what_is_logged_is_written_by_whoever_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    screen = PlainScreen(lambda line: None)
    screen.open()
    try:
        logging.getLogger("psc2").warning("the disk is full")
        assert not caplog.records
        screen.show(Rehearsal().engine.snapshot(), 0.0, {})
        assert [record.getMessage() for record in caplog.records] == ["the disk is full"]
        logging.getLogger("psc2").warning("still")
    finally:
        screen.close()
    assert [record.getMessage() for record in caplog.records] == ["the disk is full", "still"]


def test_a_traceback_keeps_its_lines(capsys: pytest.CaptureFixture[str]) -> None:
    screen, root = PlainScreen(lambda line: None), logging.getLogger()
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(PrintableFormatter("%(levelname)s: %(message)s"))
    root.addHandler(handler)
    screen.open()
    try:
        try:
            raise ValueError("no \x1b[31m disk")
        except ValueError:
            logging.getLogger("psc2").exception("it is\nfull")
    finally:
        screen.close()
        root.removeHandler(handler)
    first, second, *_, last = capsys.readouterr().out.splitlines()
    assert (first, second) == ("ERROR: it is�full", "Traceback (most recent call last):")
    assert last == "ValueError: no �[31m disk"


def lines(rehearsal: Rehearsal, *steps: tuple[list[Event], float]) -> list[str]:
    """The lines printed after each step of a performance."""
    printed: list[str] = []
    status = StatusLines(printed.append)
    status.show(rehearsal.engine.snapshot())
    for events, until in steps:
        rehearsal.play(events, until)
        status.show(rehearsal.engine.snapshot())
    return printed


def test_a_set_reads_as_a_player_would_tell_it() -> None:
    rehearsal = Rehearsal(FakeMelody(72, 74), improv={"min_primer_length": 2})
    printed = lines(
        rehearsal,
        ([press(0.0, "play")], 0.1),
        ([press(0.2, "numerator_up")], 0.2),
        ([press(0.3, "record", Layer.BASS)], 0.3),
        (key(1.06, 40), 1.2),
        ([], 4.3),
        ([press(4.35, "deterministic_drums")], 4.35),
        ([press(4.4, "mute", Layer.CLICK)], 4.4),
        ([press(4.5, "improv")], 4.5),
        (key(4.6, 60), 4.8),
        (key(4.9, 62), 4.95),
        ([], 5.5),
        (key(5.6, 50), 5.8),
        ([press(6.0, "qpm", value=140.0)], 6.0),
        ([press(7.0, "stop")], 7.0),
    )
    assert printed == [
        "meter 4/4 · 2 bars · 120 qpm · free mode",
        "seed 0",
        "play",
        "meter 4/4 → 5/4 at the next sequence start",
        "bass: armed, starts with your first key",
        "bass: recording",
        "meter 5/4",
        "free mode",
        "bass: 1 note",
        "bass take: 1 note, on time on average (spread 0 ms), 0 early, 0 late",
        "drums: the beat of the bassline",
        "click muted",
        "improv mode",
        "listening: 0/2",
        "the machine is thinking",
        "the machine's pitches: 2 left",
        "140 qpm",
        "stop",
    ]


def test_whose_turn_it_is_is_told_as_it_is_asked_for() -> None:
    rehearsal = Rehearsal(improv={"min_primer_length": 2, "turns": "bars: 1", "answer": "machine"})
    printed = lines(
        rehearsal,
        ([press(0.0, "improv")], 0.1),
        ([press(0.2, "lay_out")], 0.2),
        ([press(0.3, "lay_out")], 0.3),
        ([press(0.4, "listen")], 0.4),
        ([press(0.5, "listen")], 0.5),
        ([*key(0.6, 60), *key(0.9, 62)], 3.0),
        ([press(3.1, "turns")], 3.1),
        ([press(3.2, "free")], 3.2),
        ([press(3.3, "skip")], 3.3),
    )
    assert printed[2:] == [
        "improv mode",
        "listening: 0",
        "the machine lays out",
        "the machine plays again",
        "the machine listens, as long as it is held",
        "let go: it answers",
        "the machine plays",
        "turns: chorus: 1",
        "listening: 0",
        "free mode",
        "there are turns in improv mode only",
    ]


@pytest.mark.parametrize(
    ("first_key_starts", "cure"), [(False, "press play"), (True, "your first key starts the loop")]
)
def test_armed_while_stopped_says_what_starts_it(first_key_starts: bool, cure: str) -> None:
    rehearsal = Rehearsal(music={"first_key_starts": first_key_starts, "count_in_bars": 2})
    printed = lines(
        rehearsal, ([press(0.1, "record", Layer.BASS)], 0.1), ([press(0.2, "free"), press(0.3, "play")], 0.3)
    )
    assert printed[2] == f"bass: armed, {cure}"
    assert printed[3] == "play: 2 bars of count-in"


def test_a_take_is_counted_once_when_it_is_over() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    steps = [(key(start + n / 4, 40 + n), start + n / 4 + 0.2) for n in range(8)]
    printed = lines(rehearsal, ([press(start, "record", Layer.BASS)], start), *steps, ([], start + 5.0))
    assert [line for line in printed if "note" in line] == [
        "bass: 8 notes",
        "bass take: 8 notes, on time on average (spread 0 ms), 0 early, 0 late",
    ]


def test_two_devices_of_one_name_are_two() -> None:
    rehearsal = Rehearsal()
    one, other = SourceNamed(0.1, 3, "LPK25"), SourceNamed(0.2, 4, "LPK25")
    printed = lines(rehearsal, ([one], 0.1), ([other], 0.2), ([SourceGone(0.3, 3)], 0.3))
    assert printed[2:] == ["MIDI in: LPK25", "MIDI in: LPK25", "MIDI in: LPK25 has gone"]


def test_nothing_changed_nothing_said() -> None:
    assert lines(Rehearsal(), ([], 1.0), ([], 2.0)) == FIRST


def test_dropped_input_is_reported_once_and_then_at_round_numbers() -> None:
    rehearsal = Rehearsal()
    steps: list[tuple[list[Event], float]] = [
        ([BadInput(n / 10, "unknown address")], n / 10) for n in range(1, 12)
    ]
    assert lines(rehearsal, *steps)[2:] == [
        "dropped input: unknown address",
        "dropped input: unknown address, 10 in all",
    ]


def test_panic_and_midi_sources_are_reported() -> None:
    rehearsal = Rehearsal()
    rehearsal.state.devices = PluggedIn()
    sources: list[Event] = [SourceNamed(0.1, 3, "Keystation 88"), SourceNamed(0.1, 9, "nanoKONTROL2 CTRL")]
    assert lines(rehearsal, (sources, 0.1), (sources, 0.1))[2:] == [
        "MIDI in: Keystation 88",
        "MIDI in: nanoKONTROL2 CTRL",
        "controller found: nanoKONTROL2 CTRL",
    ]
    stop = ControlChange(0.3, 9, 42, 127, 0)
    assert lines(rehearsal, ([stop], 0.3))[2:] == ["panic: everything is silent"]


def test_each_controller_that_is_found_is_reported_named_or_learned() -> None:
    rehearsal = Rehearsal()
    rehearsal.state.devices = PluggedIn()
    pressed: dict[int, list[Event]] = {
        uid: [ControlChange(uid / 10, uid, 46, value, 0) for value in (127, 0)] for uid in (3, 4, 5)
    }
    sources: list[Event] = [SourceNamed(0.1, uid, name) for uid, name in ((3, "Pad"), (5, "Desk"))]
    found = [
        line
        for line in lines(rehearsal, (sources, 0.1), *((pressed[uid], uid / 10) for uid in (3, 4, 5)))
        if line.startswith("controller")
    ]
    assert found == ["controller found: Pad", "controller found", "controller found: Desk"]
    assert rehearsal.engine.snapshot().devices.controller_names == ["Desk", "Pad"]


def test_the_temperatures_are_reported() -> None:
    rehearsal = Rehearsal()
    melody = press(0.1, "melody_temperature", value=0.85)
    drums = press(0.2, "drums_temperature", value=2.0)
    assert lines(rehearsal, ([melody], 0.1), ([drums], 0.2))[2:] == [
        "melody temperature 0.85",
        "drums temperature 2.00",
    ]


def test_a_models_trouble_is_reported_once_and_so_is_its_end() -> None:
    rehearsal = Rehearsal(behaviours=repeat(Behaviour(100.0)), improv={"min_primer_length": 1})
    request_ids = iter(range(1, 100))

    def call(at: float, pitches: tuple[int, ...], trouble: str) -> tuple[list[Event], float]:
        """Improv mode anew, a call of one note, and what comes back."""
        asked = next(request_ids)
        ready = MelodyReady(at + 0.2, asked, pitches, from_model=0, trouble=trouble)
        return [press(at, "improv"), *key(at + 0.1, 60, 0.05), ready], at + 0.3

    printed = lines(
        rehearsal,
        call(1.0, (40,), "the melody model is late"),
        call(2.0, (40,), "the melody model is late"),
        call(3.0, (40,), "the melody model is lost"),
        call(4.0, (40,), ""),
        call(5.0, (40,), ""),
        ([press(6.0, "model_drums")], 6.0),
        ([ModelFailed(6.1, 6, "the drums model has no sticks")], 6.1),
        ([press(6.2, "model_drums")], 6.2),
        ([DrumsReady(6.3, 7, (), from_model=True, trouble="")], 6.3),
    )
    assert [line for line in printed if "model" in line] == [
        "the melody model is late",
        "the melody model is lost",
        "the melody model answers again",
        "the drums model has no sticks",
        "the drums model answers again",
    ]


def test_a_call_and_its_answer_do_not_scroll_the_rest_away() -> None:
    rehearsal = Rehearsal(FakeMelody(*range(60, 80)), improv={"takeover": "now"})
    steps = [(key(0.1 * n + 0.1, 60), 0.1 * n + 0.15) for n in range(60)]
    printed = lines(rehearsal, ([press(0.0, "improv")], 0.0), *steps)
    assert 8 <= len(printed) <= 16
    assert "listening: 5/20" in printed
    assert "the machine's pitches: 14 left" in printed
