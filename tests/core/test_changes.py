"""The chart over the loop: which chord sounds, and what that makes of the machine's pitches. A bar is 2 s."""

from dataclasses import replace

import pytest

from psc2.core.effects import NoteOn
from psc2.core.instruments import Instrument
from psc2.core.meter import Form, TimeSignature
from psc2.core.notices import Notice, NoticeKind
from psc2.screen.notices import notice_line
from psc2.testing import FakeMelody, Rehearsal, key, press, sounds

BAR_S = 2.0
CHANGES = "| Dm7 | G7 | Cmaj7 | C#m7 F#7 |"
SHARP = [61] * 40  # C#: it clashes with all of them but the last two


def band(
    *pitches: int, chart: str = CHANGES, music: dict[str, object] | None = None, **improv: object
) -> Rehearsal:
    usual = {"min_primer_length": 1, "max_robot_length": 40, "takeover": "now", "handback": "now"}
    return Rehearsal(
        FakeMelody(*pitches),
        music={"qpm": 120.0, "chart": chart, **(music or {})},
        improv={**usual, **improv},
        band={"bass": "off", "comping": "off"},
    )


def answers(rehearsal: Rehearsal, beats: list[float]) -> list[int]:
    """What a C4 sounds at so many beats after the first call, which comes on beat 1 of the loop."""
    rehearsal.play([press(0.0, "improv")], until=0.0)
    start = rehearsal.start()
    events = [event for beat in [0.5, *beats] for event in key(start + beat / 2, 60, 0.1)]
    rehearsal.play(events, until=start + max(beats) / 2 + 0.4)
    sent = [note for _, note in sounds(rehearsal.output.sent, NoteOn) if isinstance(note, NoteOn)]
    return [note.pitch for note in sent if note.instrument is Instrument.LEAD][1:]


def test_meter_and_bars_follow_the_chart() -> None:
    waltz = band(chart="meter: 3/4\n| Dm7 | G7 | Cmaj7 |", music={"num_bars": 2, "max_bars": 2})
    assert waltz.state.form == Form(TimeSignature(3, 4), 3)


def test_pitches_on_strong_beats_are_fitted_and_passing_notes_live() -> None:
    # 1 and 3 of the first three bars, and beat 2 of the first
    heard = answers(band(*SHARP), [1, 2, 4, 6, 8, 10, 12])
    assert heard[0] == 61  # on beat 2
    assert 61 not in heard[1:6]
    assert heard[6] == 61  # over C#m7 it belongs


def test_all_are_fitted_or_none() -> None:
    assert answers(band(*SHARP, harmony="off"), [1, 2, 4, 6]) == [61] * 4
    assert 61 not in answers(band(*SHARP, harmony="all"), [1, 1.5, 2, 3, 4, 5, 6])


def test_the_chord_is_the_one_that_sounds_when_the_key_goes_down() -> None:
    """C4 fits Cmaj7 and not C#m7; the key comes 30 ms early, which is still beat 1 of that bar."""
    assert answers(band(*[60] * 20, harmony="all"), [11, 11.94])[0] == 60
    assert answers(band(*[60] * 20, harmony="all"), [11, 11.94])[1] != 60


def test_after_the_last_bar_the_chart_begins_again() -> None:
    heard = answers(band(*SHARP), [12, 16, 28])
    assert heard[0] == heard[2] == 61
    assert heard[1] != 61


def test_in_another_meter_than_its_own_the_chart_is_silent() -> None:
    rehearsal = band(*SHARP)
    rehearsal.play([press(0.0, "numerator_down")], until=0.0)
    assert answers(rehearsal, [3, 6]) == [61, 61]
    assert rehearsal.engine.snapshot().chords == ()


def notices(rehearsal: Rehearsal, *actions: str) -> list[Notice | None]:
    """What is told after each press that brings something to be told, None where it brings nothing."""
    found: list[Notice | None] = []
    for number, name in enumerate(actions):
        before = rehearsal.state.notice
        rehearsal.play([press(float(number), name)], until=float(number))
        found.append(None if rehearsal.state.notice == before else rehearsal.engine.snapshot().notice)
    return found


def test_a_chart_that_rests_in_another_meter_says_so_once_each_time_it_begins_to() -> None:
    rests = Notice(1, NoticeKind.CHART_RESTS, value=4, present=4)
    presses = ["numerator_down", "numerator_down", "numerator_up", "numerator_up", "numerator_up"]
    assert notices(band(), *presses) == [rests, None, None, None, replace(rests, number=2)]
    assert notices(Rehearsal(), *presses) == [None] * 5
    assert notices(band(), "numerator_down", "harmony") == [rests, replace(rests, number=2)]


def test_a_loop_of_other_bars_than_the_chart_says_where_the_chart_begins() -> None:
    cut = Notice(1, NoticeKind.CHART_CUT, value=4, present=3)
    presses = ["bars_down", "bars_down", "bars_up", "bars_up", "bars_up"]
    told = [cut, None, None, None, replace(cut, number=2, present=5)]
    assert notices(band(), *presses) == told
    assert notice_line(cut) == "the chart has 4 bars, the loop 3: each sequence begins at the chart's first"


def test_a_button_goes_through_the_ways_and_tells_where_there_is_no_chart() -> None:
    rehearsal = band()
    ways = []
    for n in range(3):
        rehearsal.play([press(float(n), "harmony")], until=float(n))
        ways.append(rehearsal.engine.snapshot().harmony.value)
    assert ways == ["all", "off", "strong"]
    assert rehearsal.engine.snapshot().notice is None
    bare = Rehearsal()
    bare.play([press(0.0, "harmony")], until=0.0)
    notice = bare.engine.snapshot().notice
    assert notice is not None
    assert notice.kind is NoticeKind.NO_CHART


@pytest.mark.parametrize(
    ("at_bar", "shown"),
    [
        (0.0, "Dm7 G7 Cmaj7"),
        (0.9, "Dm7 G7 Cmaj7"),
        (1.0, "G7 Cmaj7 C#m7"),
        (3.5, "F#7 Dm7 G7"),
        (4.01, "Dm7 G7 Cmaj7"),
    ],
)
def test_the_chord_that_sounds_is_shown_with_the_two_to_come(at_bar: float, shown: str) -> None:
    rehearsal = band()
    start = rehearsal.start()
    at = start + at_bar * BAR_S + 0.001
    rehearsal.play([], until=at)
    assert " ".join(chord.symbol for chord in rehearsal.engine.snapshot().chords_at(at)) == shown


def test_while_the_loop_is_stopped_the_first_chords_are_shown() -> None:
    assert [chord.symbol for chord in band().engine.snapshot().chords_at(5.0)] == ["Dm7", "G7", "Cmaj7"]
    assert Rehearsal().engine.snapshot().chords == ()


def test_the_line_that_the_machine_plays_itself_hears_the_chords_too() -> None:
    rehearsal = band(*SHARP, answer="machine", turns="bars: 1", max_robot_length=16)
    rehearsal.play([press(0.0, "improv")], until=0.0)
    start = rehearsal.start()
    rehearsal.play(key(start + 0.5, 60), until=start + 2 * BAR_S)
    transport = rehearsal.state.transport
    assert transport is not None
    notes = [(at, note) for at, note in sounds(rehearsal.output.sent, NoteOn) if isinstance(note, NoteOn)]
    strong = [note.pitch for at, note in notes if round(transport.grid.step_at(at)) in (16, 24)]
    assert strong
    assert all(pitch % 12 != 1 for pitch in strong if pitch != 60)


def test_a_line_of_the_machines_follows_what_changes_while_it_plays() -> None:
    """C# over C major: as drawn until the harmony is asked for, and fitted in the loop that is started."""
    rehearsal = band(*SHARP, chart="| Cmaj7 |", answer="machine", harmony="off", max_robot_length=40)
    rehearsal.play([press(0.0, "improv"), *key(0.1, 60)], until=1.0)
    start = rehearsal.start(1.0)
    ways = [press(start + 2 * BAR_S, "harmony"), press(start + 2 * BAR_S, "harmony")]
    rehearsal.play(ways, until=start + 4 * BAR_S)
    heard = [
        (at, note.pitch) for at, note in sounds(rehearsal.output.sent, NoteOn) if isinstance(note, NoteOn)
    ]
    assert {pitch for at, pitch in heard if 1.0 < at < start + 2 * BAR_S} == {61}
    later = [pitch for at, pitch in heard if at > start + 2 * BAR_S + 0.2]
    assert later
    assert 61 not in later
