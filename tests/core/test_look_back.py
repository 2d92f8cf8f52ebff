"""What was played against the grid: takes, and the lead over the loop."""

import random
from statistics import fmean, median, pstdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.effects import NoteOn
from psc2.core.events import Event, KeyDown, KeyUp
from psc2.core.instruments import Layer
from psc2.core.look_back import MAX_NOTES, LookBack
from psc2.core.meter import Position
from psc2.core.notices import NoticeKind
from psc2.core.rules import react
from psc2.testing import Rehearsal, key, late_keys, press

STEP_S = 0.125  # at 120 qpm
LENGTH_S = 32 * STEP_S


def looked_back(rehearsal: Rehearsal) -> LookBack:
    found = rehearsal.engine.snapshot().look_back
    assert found is not None
    return found


def deviations(found: LookBack) -> list[float]:
    return [round(note.deviation_ms, 3) for note in found.notes]


def take(
    late_ms: list[float], layer: Layer = Layer.BASS, every: int = 4, latency_ms: float = 0.0
) -> tuple[Rehearsal, float]:
    """A recorded pass with a key every so many steps, each so much off; and when the loop started."""
    rehearsal = Rehearsal(music={"qpm": 120.0}, midi={"latency_ms": latency_ms})
    start = rehearsal.start()
    events: list[Event] = [press(start + 1.0, "record", layer)]
    for n, late in enumerate(late_ms):
        at = start + LENGTH_S + n * every * STEP_S + (late + latency_ms) / 1000
        events += key(at, 40 + n, 0.05, velocity=60 + n)
    rehearsal.play(sorted(events, key=lambda event: event.at), until=start + 2 * LENGTH_S + 1.0)
    return rehearsal, start


def test_a_take_tells_pitch_place_deviation_and_velocity_of_each_note() -> None:
    late_ms = [-20.0, 0.0, 31.0, 9.0, -9.0, 12.0, 0.0, 5.0]
    found = looked_back(take(late_ms)[0])
    assert found.layer is Layer.BASS
    assert [note.pitch for note in found.notes] == list(range(40, 48))
    assert [note.velocity for note in found.notes] == list(range(60, 68))
    assert [note.position for note in found.notes] == [
        Position(bar, step) for bar in (0, 1) for step in (0, 4, 8, 12)
    ]
    assert deviations(found) == late_ms
    assert found.mean_ms == pytest.approx(fmean(late_ms))
    assert found.median_ms == pytest.approx(median(late_ms))
    assert found.spread_ms == pytest.approx(pstdev(late_ms))
    assert (found.early, found.late) == (1, 2)
    assert found.worst.position == Position(0, 8)


def test_off_by_10_ms_is_neither_early_nor_late() -> None:
    found = looked_back(take([9.9, -9.9, 10.1, -10.1])[0])
    assert (found.early, found.late) == (1, 1)


def test_a_chord_is_one_onset_at_the_mean_of_its_keys() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    events = [press(start, "record", Layer.CHORDS)]
    for pitch, late_s in ((60, 0.010), (64, 0.020), (67, 0.030)):
        events += key(start + 8 * STEP_S + late_s, pitch)  # type: ignore[arg-type]
    rehearsal.play([*events, *key(start + 12 * STEP_S - 0.02, 60)], until=start + LENGTH_S + 1.0)
    found = looked_back(rehearsal)
    assert [len(onset.notes) for onset in found.onsets] == [3, 1]
    assert [round(onset.deviation_ms) for onset in found.onsets] == [20, -20]
    assert round(found.mean_ms) == 0


def test_an_overdub_is_looked_back_at_alone() -> None:
    rehearsal, start = take([0.0] * 8)
    at = start + 2 * LENGTH_S + 1.0
    events = [press(at, "overdub"), press(at, "record", Layer.BASS), *key(at + 0.525, 30)]
    rehearsal.play(events, until=start + 3 * LENGTH_S + 1.0)
    found = looked_back(rehearsal)
    assert [(note.pitch, note.position) for note in found.notes] == [(30, Position(0, 12))]
    assert deviations(found) == [25.0]


def test_an_early_first_key_is_early_for_beat_1_and_a_pickup_for_its_own_place() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    events = [press(start + 1.0, "record", Layer.BASS), *key(start + 28 * STEP_S + 0.01, 40)]
    rehearsal.play([*events, *key(start + LENGTH_S + 0.02, 43)], until=start + 2 * LENGTH_S + 1.0)
    assert [note.position for note in looked_back(rehearsal).notes] == [Position(1, 12), Position(0, 0)]
    assert deviations(looked_back(rehearsal)) == [10.0, 20.0]


def test_it_stays_until_it_is_closed_or_the_next_take_begins() -> None:
    rehearsal, start = take([5.0] * 8)
    rehearsal.play([], until=start + 20 * LENGTH_S)
    looked_back(rehearsal)
    rehearsal.play([press(start + 20 * LENGTH_S, "record", Layer.BASS)], until=start + 20.1 * LENGTH_S)
    looked_back(rehearsal)
    rehearsal.play(key(start + 20.2 * LENGTH_S, 40), until=start + 20.3 * LENGTH_S)
    assert rehearsal.engine.snapshot().look_back is None
    rehearsal.play([], until=start + 22 * LENGTH_S)
    looked_back(rehearsal)
    rehearsal.play([press(start + 22 * LENGTH_S, "close_look_back")], until=start + 22 * LENGTH_S)
    assert rehearsal.engine.snapshot().look_back is None


def test_a_take_that_is_stopped_is_looked_back_at_and_one_that_is_taken_back_is_not() -> None:
    for action, is_there in (("stop", True), ("undo", False)):
        rehearsal = Rehearsal(music={"qpm": 120.0})
        start = rehearsal.start()
        events = [press(start, "record", Layer.BASS), *key(start + 1.01, 40), press(start + 2.0, action)]
        rehearsal.play(events, until=start + 9.0)
        assert (rehearsal.engine.snapshot().look_back is not None) is is_there


@pytest.mark.parametrize("stopped", [False, True])
def test_the_lead_of_the_last_pass_is_looked_back_at_when_asked_for(stopped: bool) -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    events = late_keys([start + beat / 2 for beat in range(4, 24)], late_ms=-15.0)
    at = start + 12.3
    asked = [press(at, "stop")] if stopped else []
    rehearsal.play([*events, *asked, press(at, "look_back")], until=at)
    found = looked_back(rehearsal)
    assert found.layer is Layer.LEAD
    assert deviations(found) == [-15.0] * 8
    assert [note.position for note in found.notes] == [
        Position(bar, step) for bar in (0, 1) for step in (0, 4, 8, 12)
    ]


def test_where_no_lead_was_played_there_is_nothing_to_look_back_at() -> None:
    rehearsal, start = take([5.0] * 8)
    before = looked_back(rehearsal)
    rehearsal.play([press(start + 9.5, "look_back")], until=start + 9.5)
    assert rehearsal.state.notice is not None
    assert rehearsal.state.notice.kind is NoticeKind.NOTHING_PLAYED
    assert looked_back(rehearsal) == before


def test_keys_of_another_loop_are_forgotten() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    rehearsal.play([*key(start + 1.0, 60), press(start + 2.0, "stop"), press(start + 3.0, "play")], start + 3)
    again = start + 3.06
    rehearsal.play([*key(again + 1.02, 62), press(again + 2.0, "look_back")], until=again + 2.0)
    assert [note.pitch for note in looked_back(rehearsal).notes] == [62]


def test_exact_after_many_changes_of_tempo() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start, rng = rehearsal.start(), random.Random(1)
    changes = [press(start + n * 0.05, "qpm", value=rng.uniform(60, 200)) for n in range(1, 60)]
    rehearsal.play(changes, until=start + 3.0)
    assert rehearsal.state.transport is not None
    struck = []
    for n in range(40):
        grid = rehearsal.state.transport.grid
        step = rehearsal.state.transport.next_step + 1
        struck.append(grid.time_of(step) + 0.012)
        until = grid.time_of(step) + 0.02
        rehearsal.play(key(struck[-1], 60, 0.005), until=until)
        rehearsal.play([press(until, "qpm", value=100.0 + n)], until=until)
    rehearsal.play([press(rehearsal.clock.now(), "look_back")], until=rehearsal.clock.now())
    assert {round(one, 6) for one in deviations(looked_back(rehearsal))} == {12.0}


def test_of_very_many_notes_the_latest_are_looked_back_at() -> None:
    rehearsal = Rehearsal(music={"qpm": 20.0, "num_bars": 8})
    start = rehearsal.start()
    events = [event for n in range(1000) for event in key(start + 1 + n * 0.05, 30 + n % 60, 0.01)]
    rehearsal.play([*events, press(start + 52, "look_back")], until=start + 52)
    assert len(looked_back(rehearsal).notes) == MAX_NOTES


@settings(deadline=None, max_examples=60)
@given(
    meter=st.sampled_from(("4/4", "7/8", "3/4", "5/16")),
    qpm=st.floats(40.0, 240.0),
    lookahead_ms=st.sampled_from((10, 50, 200)),
    late_ms=st.floats(-25.0, 25.0),
    seed=st.integers(0, 100),
)
def test_a_player_is_measured_as_they_play(
    meter: str, qpm: float, lookahead_ms: int, late_ms: float, seed: int
) -> None:
    rehearsal = Rehearsal(
        music={"time_signature": meter, "num_bars": 2, "qpm": qpm}, output={"lookahead_ms": lookahead_ms}
    )
    start, form, step_s = rehearsal.start(), rehearsal.state.form, 15 / qpm
    length, beat = form.length_steps, form.time_signature.steps_per_beat
    moments = [start + step * step_s for step in range(length, 2 * length, beat)]
    armed = press(start + (length - 1.5 * beat) * step_s, "record", Layer.BASS)
    rehearsal.play([armed, *late_keys(moments, late_ms, jitter_ms=2.0, seed=seed, length_s=0.005)],
                   until=start + (2 * length + 2) * step_s)  # fmt: skip
    found = looked_back(rehearsal)
    assert len(found.notes) == len(moments)
    assert found.mean_ms == pytest.approx(late_ms, abs=3.0)
    assert found.spread_ms < 5.0


def test_a_key_that_finds_the_take_over_does_not_wait_for_the_look_back() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    rehearsal.play([press(start, "record", Layer.BASS), *key(start + 1.0, 40)], until=start + LENGTH_S - 0.01)
    at = start + LENGTH_S + 0.05
    effects = react(rehearsal.state, KeyDown(at, 0, 72, 90))
    assert [type(effect) for effect in effects] == [NoteOn]
    assert rehearsal.state.look_back is None
    react(rehearsal.state, KeyUp(at, 0, 72))
    assert rehearsal.state.look_back is not None
