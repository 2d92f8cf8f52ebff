"""The tempo ramp. Unless a test says otherwise: 4/4, one bar, 120 qpm, +10 qpm each pass up to 150."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.effects import NoteOff, NoteOn, Strike
from psc2.core.instruments import Instrument, Layer
from psc2.core.memory import memory_of
from psc2.core.notices import NoticeKind
from psc2.testing import Rehearsal, key, press, sounds

RAMP: dict[str, object] = {"active": True, "step_qpm": 10.0, "passes": 1, "limit_qpm": 150.0}


def ramping(count_in_bars: int = 0, lookahead_ms: int = 50, **ramp: object) -> Rehearsal:
    return Rehearsal(
        music={"num_bars": 1, "qpm": 120.0, "count_in_bars": count_in_bars},
        output={"lookahead_ms": lookahead_ms},
        practice={"ramp": {**RAMP, **ramp}},
    )


def tempos(rehearsal: Rehearsal, until: float) -> list[float]:
    """The tempo of each whole pass that has been heard: four beats of the click."""
    rehearsal.play([], until=until)
    times = [when for when, effect in sounds(rehearsal.output.sent, Strike)
             if isinstance(effect, Strike) and effect.instrument is Instrument.CLICK_SEQUENCE]  # fmt: skip
    return [round(240 / (after - before), 2) for before, after in pairwise(times)]


@pytest.mark.parametrize(
    ("ramp", "expected"),
    [
        ({}, [120, 130, 140, 150, 150, 150]),
        ({"step_qpm": 12.0}, [120, 132, 144, 150, 150]),
        ({"passes": 2}, [120, 120, 130, 130, 140, 140, 150, 150, 150]),
        ({"step_qpm": -15.0, "limit_qpm": 90.0}, [120, 105, 90, 90]),
        ({"back": True}, [120, 130, 140, 150, 140, 130, 120, 120, 120]),
        ({"back": True, "step_qpm": 20.0}, [120, 140, 150, 130, 120, 120]),
        ({"back": True, "passes": 2, "limit_qpm": 130.0}, [120, 120, 130, 130, 120, 120, 120]),
        ({"back": True, "step_qpm": -20.0, "limit_qpm": 90.0}, [120, 100, 90, 110, 120, 120]),
    ],
)
def test_the_tempo_rises_or_falls_at_pass_starts_up_to_its_limit_and_back(
    ramp: dict[str, Any], expected: list[float]
) -> None:
    rehearsal = ramping(**ramp)
    rehearsal.start()
    assert tempos(rehearsal, until=25.0)[: len(expected)] == expected


@pytest.mark.parametrize("lookahead_ms", [10, 50, 200])
def test_no_drift_adds_up_and_no_step_is_lost(lookahead_ms: int) -> None:
    rehearsal = ramping(lookahead_ms=lookahead_ms, step_qpm=1.0, limit_qpm=400.0)
    start = rehearsal.start()
    end = start + sum(240 / (120 + number) for number in range(200))
    rehearsal.play([], until=end)
    times = [when for when, _ in sounds(rehearsal.output.sent, Strike) if when <= end + 1e-6]
    assert times[-1] == pytest.approx(end, abs=1e-6)
    assert len(times) == 4 * 200 + 1
    assert rehearsal.engine.snapshot().counts.late_steps == 0


def test_the_count_in_is_in_the_tempo_that_the_ramp_begins_with() -> None:
    rehearsal = ramping(count_in_bars=2)
    start = rehearsal.start()
    assert start == pytest.approx(0.06 + 2 * 2.0)
    assert tempos(rehearsal, until=12.0)[:3] == [120, 130, 140]


def test_after_a_stall_the_grid_is_where_it_would_have_been() -> None:
    stalled, punctual = ramping(), ramping()
    for one in (stalled, punctual):
        one.start()
    stalled.play([], until=10.0, stall=(1.9, 2.9))
    punctual.play([], until=10.0)
    grids = [one.state.transport.grid for one in (stalled, punctual) if one.state.transport is not None]
    assert grids[0].time_of(80) == pytest.approx(grids[1].time_of(80))


def test_a_tempo_set_by_hand_is_what_the_ramp_goes_on_from() -> None:
    rehearsal = ramping()
    rehearsal.start()
    rehearsal.play([press(2.4, "qpm", value=100.0)], until=2.4)
    heard = tempos(rehearsal, until=15.0)
    assert heard[0] == 120
    assert 100 < heard[1] < 130  # the pass in which it was set
    assert heard[2:6] == [110, 120, 130, 140]


def test_a_tempo_set_by_hand_on_the_way_back_goes_on_down() -> None:
    rehearsal = ramping(back=True)
    rehearsal.start()
    at = 0.06 + 240 / 120 + 240 / 130 + 240 / 140 + 240 / 150 + 0.5
    rehearsal.play([press(at, "qpm", value=145.0)], until=at)
    assert tempos(rehearsal, until=20.0)[5:9] == [135, 125, 120, 120]


def test_stop_brings_the_tempo_back_and_the_next_play_begins_anew() -> None:
    rehearsal = ramping()
    rehearsal.start()
    rehearsal.play([press(5.0, "stop")], until=5.0)
    now = rehearsal.engine.snapshot()
    assert (now.qpm, now.goal_qpm) == (120.0, 150.0)
    rehearsal.output.sent.clear()
    rehearsal.play([press(6.0, "play")], until=6.0)
    assert tempos(rehearsal, until=13.0)[:3] == [120, 130, 140]


def test_stop_brings_back_the_tempo_that_was_set_by_hand() -> None:
    rehearsal = ramping()
    rehearsal.start()
    rehearsal.play([press(2.4, "qpm", value=100.0), press(9.0, "stop")], until=9.0)
    assert rehearsal.engine.snapshot().qpm == 100.0


def test_switched_off_the_tempo_stays_and_switched_on_it_goes_on_from_there() -> None:
    rehearsal = ramping()
    rehearsal.start()
    rehearsal.play([press(2.5, "ramp")], until=7.0)
    now = rehearsal.engine.snapshot()
    assert (now.qpm, now.goal_qpm) == (130.0, None)
    rehearsal.play([press(7.0, "ramp")], until=7.0)
    assert rehearsal.engine.snapshot().goal_qpm == 150.0
    assert tempos(rehearsal, until=15.0)[1:7] == [130, 130, 130, 140, 150, 150]


def test_switched_on_in_the_count_in_the_first_pass_is_in_the_tempo_that_it_begins_with() -> None:
    rehearsal = ramping(count_in_bars=1, active=False)
    rehearsal.play([press(0.0, "play"), press(1.0, "ramp")], until=1.0)
    assert tempos(rehearsal, until=12.0)[:3] == [120, 130, 140]


def test_a_first_key_that_starts_the_loop_starts_the_ramp() -> None:
    rehearsal = Rehearsal(
        music={"num_bars": 1, "qpm": 120.0, "first_key_starts": True}, practice={"ramp": RAMP}
    )
    rehearsal.play([press(0.0, "record", Layer.BASS), *key(1.0, 40)], until=1.0)
    assert tempos(rehearsal, until=12.0)[:3] == [120, 130, 140]


@pytest.mark.parametrize("is_playing", [True, False])
def test_a_ramp_without_a_way_to_go_is_told_and_changes_nothing(is_playing: bool) -> None:
    rehearsal = Rehearsal(music={"num_bars": 1, "qpm": 180.0})
    if is_playing:
        rehearsal.start()
    rehearsal.play([press(1.0, "ramp")], until=10.0)
    now = rehearsal.engine.snapshot()
    assert now.qpm == 180.0
    assert now.notice is not None
    assert (now.notice.kind, now.notice.value, now.notice.present) == (NoticeKind.AT_LIMIT, 160.0, 180.0)


def test_where_it_leads_is_known_all_the_way() -> None:
    rehearsal = ramping(back=True, limit_qpm=140.0)
    goals = [(120.0, rehearsal.engine.snapshot().goal_qpm)]
    rehearsal.start()
    for second in range(2, 14):
        rehearsal.play([], until=float(second))
        now = rehearsal.engine.snapshot()
        goals += [] if goals[-1] == (now.qpm, now.goal_qpm) else [(now.qpm, now.goal_qpm)]
    assert goals == [(120, 140), (130, 140), (140, 120), (130, 120), (120, None)]


def test_a_song_keeps_the_tempo_that_the_ramp_begins_with() -> None:
    rehearsal = ramping()
    rehearsal.start()
    rehearsal.play([], until=5.0)
    assert rehearsal.state.qpm > 120.0
    assert memory_of(rehearsal.state).qpm == 120.0


def test_a_note_across_the_change_ends_at_its_step() -> None:
    rehearsal = ramping(step_qpm=50.0, limit_qpm=400.0)
    start = rehearsal.start()
    rehearsal.play([press(0.01, "record", Layer.BASS), *key(start + 1.0, 40, 0.99)], until=start + 1.99)
    sent = rehearsal.play([], until=start + 5.0)
    on, off = (sounds(sent, kind)[0][0] for kind in (NoteOn, NoteOff))
    second = start + 2.0
    third = second + 240 / 170
    assert [on, off] == pytest.approx([second + 120 / 170, third], abs=1e-5)


SPANS = {"qpm": (20, 400), "ramp_limit": (20, 400), "ramp_step": (-50, 50), "ramp_passes": (1, 4)}
hand = st.lists(
    st.tuples(
        st.floats(0.05, 2.0),
        st.sampled_from(
            ["qpm", "ramp", "ramp_back", "ramp_limit", "ramp_step", "ramp_passes", "tap", "play", "stop"]
        ),
        st.floats(0, 1),
    ),
    max_size=15,
)


@settings(deadline=None, max_examples=80)
@given(hand, st.sampled_from([10, 50, 200]))
def test_whatever_the_hands_do_steps_follow_each_other_in_some_tempo(
    performance: list[tuple[float, str, float]], lookahead_ms: int
) -> None:
    rehearsal = ramping(lookahead_ms=lookahead_ms, back=True)
    rehearsal.start()
    at = 0.0
    for pause, action, share in performance:
        at += pause
        low, high = SPANS.get(action, (None, None))
        value = None if low is None or high is None else low + share * (high - low)
        rehearsal.play([press(at, action, value=value)], until=at)
        transport, now = rehearsal.state.transport, rehearsal.engine.snapshot()
        assert 20.0 <= now.qpm <= 400.0
        if transport is not None:
            times = [transport.grid.time_of(transport.next_step + n) for n in range(-3, 40)]
            assert all(before < after for before, after in pairwise(times))
            assert (transport.ramp is not None) == now.practice.ramp.active
    assert rehearsal.engine.snapshot().counts.late_steps == 0
