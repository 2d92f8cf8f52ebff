"""Play, stop, meter, bars, tempo, stalls. Unless a test says otherwise: 4/4, 2 bars, 120 qpm."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.click import click_at
from psc2.core.effects import Flush, NoteOff, NoteOn, Strike
from psc2.core.events import Event
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import Beat
from psc2.core.meter import Form, Pass, TimeSignature
from psc2.testing import Rehearsal, Sent, key, press, sounds

STEP = 0.125
PASS = 32 * STEP
CLICKS = (Instrument.CLICK_SEQUENCE, Instrument.CLICK_BAR, Instrument.CLICK_BEAT)


def clicks(sent: list[Sent]) -> list[tuple[float, str]]:
    return [
        (when, effect.instrument.value[-1])
        for when, effect in sounds(sent, Strike)
        if isinstance(effect, Strike) and effect.instrument in CLICKS
    ]


def drum_times(sent: list[Sent], drum: Instrument) -> list[float]:
    return [when for when, strike in sounds(sent, Strike) if strike == Strike(drum, strike.velocity)]  # type: ignore[union-attr]


def test_play_starts_within_100_ms_with_step_0() -> None:
    rehearsal = Rehearsal()
    sent = rehearsal.play([press(1.0, "play")], until=1.2)
    assert clicks(sent) == [(1.06, "0")]


def test_every_step_is_sent_the_look_ahead_before_it_sounds() -> None:
    rehearsal = Rehearsal(output={"lookahead_ms": 80})
    rehearsal.start()
    sent = rehearsal.play([], until=60.0)
    assert {round(one.when - one.sent_at, 9) for one in sent[1:]} == {0.08}


def test_immediate_timing_sends_each_step_untagged_at_its_moment() -> None:
    rehearsal = Rehearsal(output={"timing": "immediate"})
    start = rehearsal.start()
    sent = rehearsal.play([], until=start + 1.0)
    assert [round(one.sent_at - start, 9) for one in sent] == [0.0, 0.5, 1.0]
    assert all(isinstance(one.effect, Strike) and one.effect.at is None for one in sent)


def test_the_count_in_clicks_before_the_sequence_starts() -> None:
    rehearsal = Rehearsal(music={"count_in_bars": 1, "time_signature": "3/4"})
    sent = rehearsal.play([press(0.0, "play")], until=3.0)
    assert clicks(sent)[:5] == [(0.06, "1"), (0.56, "2"), (1.06, "2"), (1.56, "0"), (2.06, "2")]


def test_play_while_playing_changes_nothing() -> None:
    rehearsal = Rehearsal()
    rehearsal.start()
    again = press(1.3, "play")
    assert clicks(rehearsal.play([again], until=2.5)) == [
        (0.06, "0"), (0.56, "2"), (1.06, "2"), (1.56, "2"), (2.06, "1"),
    ]  # fmt: skip


def test_stop_flushes_and_switches_off_what_was_on_its_way() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    rehearsal.play([arm, *key(start + 4 * STEP, 40, 0.4)], until=start + PASS)
    due = start + PASS + 4 * STEP
    stop = press(due - 0.02, "stop")  # the note has been sent 50 ms ahead
    sent = rehearsal.play([stop], until=due + 5.0)
    assert [one.effect for one in sent][-2:] == [Flush(), NoteOff(Instrument.BASS, 40, at=due, note_id=2)]


def test_stop_while_stopped_is_panic() -> None:
    rehearsal = Rehearsal()
    stop = press(1.0, "stop")
    sent = rehearsal.play([*key(0.5, 60, duration_s=9.0), stop], until=10.0)
    assert [one.effect for one in sent] == [
        NoteOn(Instrument.LEAD, 60, 100, note_id=1),
        Flush(),
        NoteOff(Instrument.LEAD, 60, note_id=1),
    ]


def test_play_after_stop_starts_at_step_0_again() -> None:
    rehearsal = Rehearsal()
    rehearsal.start()
    events = [press(1.7, "stop"), press(3.0, "play")]
    assert clicks(rehearsal.play(events, until=3.4))[-1] == (3.06, "0")


def test_a_new_meter_waits_for_the_sequence_start_and_no_click_is_missing_or_doubled() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    change = press(start + 1.0, "numerator_down")
    sent = rehearsal.play([change], until=start + PASS + 12.5 * STEP)
    snapshot = rehearsal.engine.snapshot()
    assert str(snapshot.form.time_signature) == "3/4"
    assert "".join(sound for _, sound in clicks(sent)) == "02221222" + "0221"
    times = [when for when, _ in clicks(sent)]
    assert {round(after - before, 6) for before, after in pairwise(times)} == {0.5}


def test_a_change_is_shown_as_pending_and_can_be_taken_back() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    rehearsal.play([press(start + 1.0, "numerator_up")], until=start + 1.1)
    assert rehearsal.engine.snapshot().coming == Form(TimeSignature(5, 4), 2)
    rehearsal.play([press(start + 1.2, "numerator_down")], until=start + 1.3)
    assert rehearsal.engine.snapshot().coming is None


def test_while_stopped_meter_and_bars_change_at_once() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([press(0.1, "denominator_up"), press(0.2, "bars_up")], until=1.0)
    snapshot = rehearsal.engine.snapshot()
    assert snapshot.form == Form(TimeSignature(4, 8), 3)


def test_a_meter_change_keeps_every_note_in_its_bar() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    keys = key(start, 40) + key(start + 14 * STEP, 43) + key(start + 16 * STEP, 45)
    change = press(start + 3.0, "numerator_down")
    rehearsal.play([arm, *keys, change], until=start + PASS - 0.1)
    second = start + PASS
    sent = rehearsal.play([], until=second + 24 * STEP - 0.1)
    assert [when for when, _ in sounds(sent, NoteOn)] == [round(second, 6), round(second + 12 * STEP, 6)]
    rehearsal.play([press(second + 24 * STEP - 0.09, "numerator_up")], until=second + 2.94)
    third = second + 24 * STEP
    sent = rehearsal.play([], until=third + PASS - 0.1)
    assert len(sounds(sent, NoteOn)) == 3  # the note of beat 4 is back


def test_fewer_bars_are_silent_and_come_back_with_their_notes() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    keys = key(start, 40) + key(start + 20 * STEP, 43)
    rehearsal.play([arm, *keys, press(start + 3.0, "bars_down")], until=start + PASS - 0.1)
    sent = rehearsal.play([], until=start + PASS + 4 * 16 * STEP - 0.1)
    assert [effect.pitch for _, effect in sounds(sent, NoteOn) if isinstance(effect, NoteOn)] == [40] * 4
    up = press(start + PASS + 4 * 16 * STEP - 0.08, "bars_up")
    sent = rehearsal.play([up], until=start + PASS + 6 * 16 * STEP - 0.1)
    assert [effect.pitch for _, effect in sounds(sent, NoteOn) if isinstance(effect, NoteOn)] == [40, 43]


def test_a_note_longer_than_the_shortened_sequence_ends_with_it() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    shorten = press(start + 3.0, "bars_down")
    rehearsal.play([arm, *key(start, 40, duration_s=30 * STEP), shorten], until=start + PASS - 0.1)
    sent = rehearsal.play([], until=start + PASS + 16 * STEP)
    assert sounds(sent, NoteOff)[0][0] == round(start + PASS + 16 * STEP, 6)


def test_a_new_tempo_holds_from_the_first_step_not_yet_sent() -> None:
    rehearsal = Rehearsal(music={"time_signature": "4/16", "num_bars": 1})
    start = rehearsal.start()
    change = press(start + 2.7 * STEP, "qpm", value=60)  # step 3 has been sent
    sent = rehearsal.play([change], until=start + 2.0)
    times = [round(when - start, 6) for when, _ in clicks(sent)]
    assert times[:6] == [0.0, 0.125, 0.25, 0.375, 0.625, 0.875]


def test_a_much_faster_tempo_skips_nothing() -> None:
    rehearsal = Rehearsal(music={"time_signature": "4/16", "num_bars": 1, "qpm": 20.0})
    start = rehearsal.start()
    change = press(start + 0.6, "qpm", value=187)  # step 1 would be due at 0.75
    rehearsal.play([change], until=start + 2.0)
    assert rehearsal.engine.snapshot().counts.skipped_notes == 0


def test_the_deterministic_beat_follows_bassline_meter_and_bars() -> None:
    rehearsal = Rehearsal(music={"num_bars": 1})
    start = rehearsal.start()
    bar = 16 * STEP
    drums = press(0.01, "deterministic_drums")
    arm = press(0.02, "record", Layer.BASS)
    sent = rehearsal.play([drums, arm, *key(start + 6 * STEP, 40)], until=start + 2 * bar - 0.1)
    assert drum_times(sent, Instrument.SNARE) == [round(start + bar + 6 * STEP, 6)]
    changes = [press(start + 2 * bar - 0.09, action) for action in ("bars_up", "numerator_down")]
    sent = rehearsal.play(changes, until=start + 2 * bar + 24 * STEP - 0.1)
    second = start + 2 * bar
    assert drum_times(sent, Instrument.KICK) == [round(second, 6), round(second + 12 * STEP, 6)]
    assert drum_times(sent, Instrument.SNARE) == [round(second + 6 * STEP, 6)]
    assert len(drum_times(sent, Instrument.CLOSED_HIHAT)) == 12


def test_a_machine_beat_comes_at_the_sequence_start_and_stays() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    ask = press(start + 1.0, "model_drums")
    sent = rehearsal.play([ask], until=start + PASS - 0.1)
    assert drum_times(sent, Instrument.KICK) == []
    assert rehearsal.engine.snapshot().beat_coming
    sent = rehearsal.play([], until=start + 2 * PASS - 0.1)
    assert drum_times(sent, Instrument.KICK)
    assert rehearsal.state.beat is Beat.MODEL


def test_after_a_stall_late_note_ons_are_skipped_late_offs_are_sent_and_the_grid_stays() -> None:
    rehearsal = Rehearsal(music={"num_bars": 1})
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    keys = key(start + 2 * STEP, 40, duration_s=4 * STEP) + key(start + 8 * STEP, 43, duration_s=STEP)
    bar = 16 * STEP
    rehearsal.play([arm, *keys], until=start + bar + 4 * STEP)
    stalled = start + bar + 4 * STEP, start + bar + 10 * STEP
    sent = rehearsal.play([], until=start + 2 * bar - 0.1, stall=stalled)
    assert [when for when, _ in sounds(sent, NoteOff)] == [round(stalled[1], 6)]
    assert sounds(sent, NoteOn) == []
    assert clicks(sent) == [(round(start + bar + 12 * STEP, 6), "2")]
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.counts.late_steps, snapshot.counts.skipped_notes) == (
        5,
        2,
    )  # the click and the bass note of step 8
    sent = rehearsal.play([], until=start + 2 * bar)
    assert clicks(sent) == [(round(start + 2 * bar, 6), "0")]


def test_muting_acts_within_the_look_ahead_and_ends_held_notes() -> None:
    rehearsal = Rehearsal(music={"num_bars": 1})
    start = rehearsal.start()
    bar = 16 * STEP
    arm = press(0.01, "record", Layer.BASS)
    rehearsal.play([arm, *key(start, 40, 12 * STEP)], until=start + bar + 4 * STEP)
    mute = press(start + bar + 4.5 * STEP, "mute", Layer.BASS)
    sent = rehearsal.play([mute], until=start + 3 * bar - 0.1)
    assert sounds(sent, NoteOn, NoteOff) == [(round(mute.at, 6), NoteOff(Instrument.BASS, 40))]
    unmute = press(start + 3 * bar - 0.09, "mute", Layer.BASS)
    assert len(sounds(rehearsal.play([unmute], until=start + 4 * bar - 0.1), NoteOn)) == 1


presses = st.lists(
    st.tuples(
        st.floats(0.0, 3.0),
        st.sampled_from(
            [
                "numerator_down", "numerator_up", "denominator_down", "denominator_up",
                "bars_down", "bars_up", "qpm",
            ]
        ),
        st.integers(0, 127),
    ),
    max_size=12,
)  # fmt: skip


@settings(deadline=None)
@given(presses)
def test_whatever_meter_bars_and_tempo_become_every_beat_clicks_once_at_its_place(
    performance: list[tuple[float, str, int]],
) -> None:
    rehearsal = Rehearsal()
    passes: list[Pass] = []
    expected: list[tuple[float, str]] = []
    heard = clicks(rehearsal.play([press(0.0, "play")], until=0.0))
    at = 0.0
    for pause, action, value in [*performance, (5.0, "qpm", 60)]:
        at += pause
        turn = rehearsal.engine.next_turn()
        while turn is not None and turn.at < at:  # the grid as it is when each step is sent
            heard += clicks(rehearsal.play([], until=turn.at))
            assert rehearsal.state.transport is not None
            assert isinstance(turn.what, int)
            current = rehearsal.state.transport.passes[-1]
            passes += [current] if current not in passes else []
            click = click_at(current.locate(turn.what), current.form.time_signature)
            due = rehearsal.state.transport.grid.time_of(turn.what)
            expected += [(round(due, 6), click.value[-1])] if click else []
            turn = rehearsal.engine.next_turn()
        rehearsal.play([press(at, action, value=60.0 + value if action == "qpm" else None)], until=at)
    assert heard == expected
    assert [before.end for before in passes[:-1]] == [after.start for after in passes[1:]]


# --- tempo and recording --------------------------------------------------------------


def test_a_key_just_after_a_tempo_change_is_placed_where_it_was_heard() -> None:
    """Step 5 has been sent in the old tempo; a key at 4.6 steps belongs to it."""
    rehearsal = Rehearsal()
    start = rehearsal.start()
    events: list[Event] = [
        press(0.01, "record", Layer.BASS),
        press(start + 4.61 * STEP, "qpm", value=60),
        press(start + 4.62 * STEP, "qpm", value=187),
        *key(start + 4.63 * STEP, 40, 0.01),
    ]
    rehearsal.play(events, until=start + 3.0)
    assert [note.place for note in rehearsal.state.bass_line] == [(0, 5)]


def test_the_tempo_changes_in_the_count_in_too() -> None:
    rehearsal = Rehearsal(music={"count_in_bars": 1})
    events = [press(0.0, "play"), press(0.6, "qpm", value=60)]
    times = [when for when, _ in clicks(rehearsal.play(events, until=4.2))]
    assert times == pytest.approx([0.06, 0.56, 1.56, 2.56, 3.56])


def test_a_first_key_at_the_end_is_placed_in_the_meter_and_bars_to_come() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    events: list[Event] = [
        press(0.01, "record", Layer.BASS),
        press(start + 1.0, "numerator_down"),
        press(start + 1.1, "bars_down"),
        *key(start + PASS - 0.055, 40, duration_s=9.0),
    ]
    rehearsal.play(events, until=start + PASS + 12 * STEP + 0.1)
    assert [(note.place, note.duration_steps) for note in rehearsal.state.bass_line] == [((0, 0), 12)]
    assert rehearsal.state.recorder.recording is None


def test_after_a_stall_a_key_is_placed_in_a_bar_that_exists() -> None:
    rehearsal = Rehearsal(music={"time_signature": "2/16", "num_bars": 1})
    start = rehearsal.start()
    rehearsal.play([], until=start)
    events = [press(start + 0.01, "record", Layer.BASS), *key(start + 6.9 * STEP, 40)]
    rehearsal.play(events, until=start + 2.0, stall=(start + 0.01, start + 1.5))
    assert [note.place for note in rehearsal.state.bass_line] == [(0, 1)]


# --- turns that were decided before something changed ---------------------------------


def test_a_turn_decided_before_a_slower_tempo_is_not_taken_at_its_old_moment() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    rehearsal.play([], until=start + 0.44)  # step 4, at 0.5 s, is to be sent at 0.45 s
    decided = rehearsal.engine.next_turn()
    assert decided is not None
    rehearsal.play([press(start + 0.445, "qpm", value=60.0)], until=start + 0.445)
    already = len(rehearsal.output.sent)
    rehearsal.engine.dispatch(decided.event(decided.at))  # the looper was on its way
    assert len(rehearsal.output.sent) == already
    beats = [when - start for when, _ in clicks(rehearsal.play([], until=start + 3.0))]
    assert beats[0] == pytest.approx(3 * STEP + 0.25)  # from step 3 on a step lasts 0.25 s


def test_a_turn_decided_before_stop_and_play_is_not_taken_at_its_old_moment() -> None:
    rehearsal = Rehearsal(music={"count_in_bars": 1})
    rehearsal.play([press(0.0, "play")], until=0.0)
    decided = rehearsal.engine.next_turn()
    assert decided is not None
    rehearsal.play([press(0.002, "stop"), press(0.008, "play")], until=0.008)
    rehearsal.engine.dispatch(decided.event(decided.at))
    assert clicks(rehearsal.play([], until=0.1)) == [(0.068, "1")]
