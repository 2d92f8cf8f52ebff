"""What a request says of the chords under its answer. At 120 qpm a step is 0.125 s, and a bar 2 s."""

from itertools import repeat
from typing import Any

import pytest

from psc2.core.instruments import Layer
from psc2.core.requests import ComingHarmony, MelodyRequest
from psc2.testing import Behaviour, FakeMelody, Rehearsal, key, press

STEP_S, BAR_S = 0.125, 2.0
CHANGES = "| Dm7 | G7 | Cmaj7 | C#m7 F#7 |"
NOW: dict[str, Any] = {"takeover": "now", "handback": "now"}


def requests(chart: str = CHANGES, until_bars: float = 3.0, **improv: Any) -> list[MelodyRequest]:
    """What is asked after four 8ths, the last on step 6 of the loop, and two keys with the second bar."""
    model = FakeMelody(*range(72, 92))
    rehearsal = Rehearsal(
        model,
        behaviours=repeat(Behaviour(0.01)),
        music={"qpm": 120.0, "chart": chart},
        improv={"min_primer_length": 4, "max_robot_length": 4, "patience_bars": 0, **improv},
        band={"bass": "off", "comping": "off"},
    )
    rehearsal.play([press(0.0, "improv")], until=0.0)
    start = rehearsal.start()
    keys = [0.0, 2.0, 4.0, 6.0, 16.0, 18.0]
    events = [event for step in keys for event in key(start + step * STEP_S, 60, 0.1)]
    rehearsal.play(events, until=start + until_bars * BAR_S)
    return model.requests


def told(harmony: ComingHarmony | None) -> list[tuple[int, str]]:
    assert harmony is not None
    return [(placed.step, placed.chord.symbol) for placed in harmony.chords]


@pytest.mark.parametrize(
    ("improv", "begin", "end"),
    [
        (NOW, 7, None),  # the next note
        ({}, 10, None),  # the next line: at the earliest after a rest of a beat
        ({"turns": "bars: 1"}, 0, 16),  # the bar line
        ({"turns": "chorus: 1"}, 0, 64),
        ({"turns": "bars: 1", "answer": "machine"}, 3, 16),  # as far into a beat as the call ended
    ],
)
def test_it_begins_where_the_turn_does(improv: dict[str, Any], begin: int, end: int | None) -> None:
    harmony = requests(until_bars=4.0, **improv)[0].harmony
    assert harmony is not None
    assert (harmony.begin, harmony.end) == (begin, end)


def test_the_chords_are_those_of_a_quarter_note_for_each_pitch_or_of_the_turn() -> None:
    """From step 10 on, and over the end of the chorus; or from the second bar on."""
    assert told(requests(max_robot_length=2)[0].harmony) == [(10, "Dm7"), (16, "G7")]
    whole = [(10, "Dm7"), (16, "G7"), (32, "Cmaj7"), (48, "C#m7"), (56, "F#7"), (64, "Dm7"), (80, "G7")]
    assert told(requests(max_robot_length=20)[0].harmony) == whole
    assert told(requests(turns="bars: 1", max_robot_length=20)[0].harmony) == [(0, "G7")]


def test_more_of_an_answer_begins_after_what_is_left_of_it() -> None:
    """Of four pitches the hands have played two, on steps 16 and 18; those to come are as far apart."""
    first, more = requests(turns="bars: 1", until_bars=1.5)
    assert first.harmony is not None
    assert more.harmony is not None
    assert (first.harmony.begin, first.harmony.end) == (0, 16)
    assert more.harmony.end == 16
    assert more.harmony.begin in range(3, 16)


def test_more_of_a_line_begins_where_it_ends() -> None:
    first, more = requests(turns="bars: 4", answer="machine", until_bars=4.6)[:2]
    assert first.harmony is not None
    assert more.harmony is not None
    assert first.harmony.begin == 3
    assert more.harmony.end is not None
    assert 0 < more.harmony.begin < 16


def test_chords_that_are_heard_count_too() -> None:
    model = FakeMelody(72)
    rehearsal = Rehearsal(model, music={"qpm": 120.0, "num_bars": 1}, improv={"min_primer_length": 4, **NOW})
    start = rehearsal.start()
    rehearsal.play([press(start + 0.1, "record", Layer.CHORDS)], until=start + 0.1)
    chord = [event for pitch in (60, 64, 67) for event in key(start + BAR_S, pitch, 0.4)]
    rehearsal.play(sorted(chord, key=lambda event: event.at), until=start + 2 * BAR_S + 0.1)
    rehearsal.play([press(start + 4.2, "improv")], until=start + 4.2)
    keys = [event for n in range(4) for event in key(start + 4.4 + 0.25 * n, 60, 0.1)]
    rehearsal.play(keys, until=start + 6)
    assert {symbol for _, symbol in told(model.requests[0].harmony)} == {"C"}


@pytest.mark.parametrize(
    "improv",
    [{"harmony": "off"}, {"candidates": 1}],
    ids=["harmony off", "one candidate, as in the paper"],
)
def test_where_nobody_asks_for_it_none_is_told(improv: dict[str, Any]) -> None:
    assert requests(**NOW, **improv)[0].harmony is None


def test_without_a_chart_in_another_meter_than_its_own_or_without_a_loop_there_is_none() -> None:
    assert requests(chart="", **NOW)[0].harmony is None
    model = FakeMelody(72)
    stopped = Rehearsal(model, music={"chart": CHANGES}, improv={"min_primer_length": 1, **NOW})
    stopped.play([press(0.0, "improv"), *key(0.5, 60)], until=1.0)
    assert model.requests[0].harmony is None
    stopped.play([press(1.0, "numerator_down")], until=1.0)
    start = stopped.start(1.5)
    stopped.play([press(start, "skip"), *key(start + 0.5, 60)], until=start + 1.0)
    assert [request.harmony for request in model.requests] == [None, None]
