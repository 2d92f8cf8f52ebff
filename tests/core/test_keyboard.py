"""Keys, pedal, wheels; and that the ledger holds whatever the player does."""

from collections import Counter
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.controls import PRESSED, Action
from psc2.core.events import (
    Bend,
    ControlChange,
    Event,
    KeyDown,
    KeyUp,
    Modulate,
    NoteOff,
    NoteOn,
    PitchBend,
    Shutdown,
)
from psc2.core.instruments import Instrument, Layer
from psc2.runtime.virtual import CONTROLLER_UID
from psc2.testing import FakeMelody, Rehearsal, Sent, key, sounds

KEYBOARD = 1


def pedal(at: float, value: int) -> ControlChange:
    return ControlChange(at, value, 64, channel=0, uid=KEYBOARD)


def test_the_pedal_delays_note_offs_until_it_comes_up() -> None:
    sent = Rehearsal().play(
        [pedal(0.5, 127), *key(1.0, 60, 0.1), *key(1.2, 64, 0.1), pedal(2.0, 0)], until=3.0
    )
    assert sounds(sent, NoteOff) == [
        (2.0, NoteOff(Instrument.WURLY, 60)),
        (2.0, NoteOff(Instrument.WURLY, 64)),
    ]


def test_a_key_struck_again_under_the_pedal_sounds_anew() -> None:
    sent = Rehearsal().play(
        [pedal(0.5, 127), *key(1.0, 60, 0.1), *key(1.5, 60, 0.1), pedal(2.0, 0)], until=3.0
    )
    assert [(when, type(effect)) for when, effect in sounds(sent, NoteOn, NoteOff)] == [
        (1.0, NoteOn),
        (1.5, NoteOff),
        (1.5, NoteOn),
        (2.0, NoteOff),
    ]


def test_a_key_held_while_the_pedal_comes_up_goes_on_sounding() -> None:
    sent = Rehearsal().play([pedal(0.5, 127), KeyDown(1.0, 60, 90), pedal(1.5, 0), KeyUp(2.0, 60)], until=3.0)
    assert [when for when, _ in sounds(sent, NoteOff)] == [2.0]


def test_a_key_struck_again_under_the_pedal_ends_its_recorded_note() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = rehearsal.press(0.01, Action.RECORD, Layer.BASS)
    keys = key(start, 40, 0.1) + key(start + 4 * 0.125, 40, 0.1)
    rehearsal.play([arm, pedal(0.02, 127), *keys, pedal(start + 6 * 0.125, 0)], until=start + 4.0)
    assert [(note.step, note.duration_steps) for note in rehearsal.state.bass_line] == [(0, 4), (4, 2)]
    assert not rehearsal.state.keys_sustained


def test_a_key_struck_as_the_loops_note_of_its_pitch_ends_is_not_cut_by_it() -> None:
    """The loop's note-off at step 4 has been sent; the key 20 ms before it sounds behind it."""
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = rehearsal.press(0.01, Action.RECORD, Layer.BASS)
    rehearsal.play([arm, *key(start, 40, 4 * 0.125)], until=start + 4.0)
    off = start + 4.0 + 4 * 0.125
    again = [
        rehearsal.press(off - 0.2, Action.OVERDUB),
        rehearsal.press(off - 0.1, Action.RECORD, Layer.BASS),
    ]
    sent = rehearsal.play([*again, *key(off - 0.02, 40, 1.0)], until=off + 2.0)
    assert sounds(sent, NoteOn, NoteOff) == [
        (round(off, 6), NoteOff(Instrument.BASS, 40)),
        (round(off, 6), NoteOn(Instrument.BASS, 40, 100)),
        (round(off + 0.98, 6), NoteOff(Instrument.BASS, 40)),
    ]


def test_recorded_durations_include_the_pedal() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = rehearsal.press(0.01, Action.RECORD, Layer.BASS)
    rehearsal.play(
        [arm, pedal(0.02, 127), *key(start, 40, 0.1), pedal(start + 6 * 0.125, 0)], until=start + 4.0
    )
    assert [note.duration_steps for note in rehearsal.state.bass_line] == [6]


def test_a_key_up_that_was_never_down_is_ignored() -> None:
    assert sounds(Rehearsal().play([KeyUp(0.5, 60)], until=1.0)) == []


def test_bend_and_modulation_reach_the_lead_sound() -> None:
    events: list[Event] = [
        PitchBend(0.1, 9000, channel=0, uid=KEYBOARD),
        ControlChange(0.2, 55, 1, channel=0, uid=KEYBOARD),
    ]
    sent = Rehearsal().play(events, until=1.0)
    assert [one.effect for one in sent] == [Bend(9000), Modulate(55)]


def test_a_key_held_across_a_mode_change_ends_where_it_began() -> None:
    rehearsal = Rehearsal()
    record = rehearsal.press(0.6, Action.RECORD, Layer.BASS)
    sent = rehearsal.play([*key(0.5, 60, 0.5), record], until=2.0)
    assert sounds(sent, NoteOff) == [(1.0, NoteOff(Instrument.WURLY, 60))]


@pytest.mark.parametrize("pitch", [0, 20, 109, 127])
def test_every_key_of_every_keyboard_sounds(pitch: int) -> None:
    sent = Rehearsal().play(key(0.5, pitch), until=1.0)
    assert sounds(sent, NoteOn) == [(0.5, NoteOn(Instrument.WURLY, pitch, 100))]


# --- whatever the order of keys, pedal, modes, stop, exit ------------------------------

BUTTONS = (41, 42, 43, 44, 46, 49, 58, 59, 60, 61, 62, 65, 67, 68, 36, 34, 66)
performances = st.lists(
    st.tuples(
        st.floats(0.0, 0.4),
        st.one_of(
            st.tuples(st.just("down"), st.integers(38, 42)),
            st.tuples(st.just("up"), st.integers(38, 42)),
            st.tuples(st.just("pedal"), st.sampled_from([0, 127])),
            st.tuples(st.just("button"), st.sampled_from(BUTTONS)),
            st.tuples(st.just("knob"), st.integers(0, 127)),
            st.tuples(st.just("bass volume"), st.sampled_from([0, 100])),
            st.tuples(st.just("strike early"), st.integers(38, 42)),
        ),
    ),
    max_size=60,
)


def written(performance: list[tuple[float, tuple[str, int]]]) -> list[Event]:
    events: list[Event] = [ControlChange(0.0, PRESSED, 41, 0, CONTROLLER_UID)]
    at = 0.0
    for pause, (what, value) in performance:
        at += pause
        match what:
            case "down":
                events.append(KeyDown(at, value, 90))
            case "up":
                events.append(KeyUp(at, value))
            case "pedal":
                events.append(pedal(at, value))
            case "button":
                events.append(ControlChange(at, PRESSED, value, 0, CONTROLLER_UID))
            case "knob":
                events.append(ControlChange(at, value, 16, 0, CONTROLLER_UID))
            case "strike early":  # around a step, where the loop's own notes begin and end
                at = 0.06 + ceil((at - 0.06) * 12) / 12 - 0.02
                events += [KeyUp(at, value), KeyDown(at, value, 90), KeyUp(at + 0.1, value)]
            case "bass volume":
                events.append(ControlChange(at, value, 1, 0, CONTROLLER_UID))
    return events


def check_ledger(sent: list[Sent]) -> None:
    """Each voice goes on, off, on, off …, in the order of sending and in that of hearing."""
    for order in (sent, sorted(sent, key=lambda one: one.when)):
        sounding: Counter[tuple[Instrument, int]] = Counter()
        for one in order:
            match one.effect:
                case NoteOn(instrument, pitch, velocity):
                    assert 1 <= velocity <= 127
                    sounding[instrument, pitch] += 1
                case NoteOff(instrument, pitch):
                    sounding[instrument, pitch] -= 1
                case _:
                    pass
            assert set(sounding.values()) <= {0, 1}
        assert not +sounding


@settings(deadline=None, max_examples=200)
@given(performances, st.sampled_from(["timetag", "immediate"]))
def test_every_note_switched_on_is_switched_off_exactly_once(
    performance: list[tuple[float, tuple[str, int]]], timing: str
) -> None:
    rehearsal = Rehearsal(
        FakeMelody(40, 40, 41),
        output={"timing": timing},
        music={"num_bars": 1, "time_signature": "2/4", "qpm": 180.0},
        improv={"min_primer_length": 2},
    )
    events = written(performance)
    end = events[-1].at if events else 0.0
    sent = rehearsal.play([*events, Shutdown(end + 1.0)], until=end + 2.0)
    assert not rehearsal.state.bad_input
    check_ledger(sent)


@settings(deadline=None, max_examples=100)
@given(performances)
def test_after_stop_nothing_more_sounds(performance: list[tuple[float, tuple[str, int]]]) -> None:
    rehearsal = Rehearsal(music={"num_bars": 1, "qpm": 180.0}, improv={"min_primer_length": 2})
    events = written(performance)
    end = events[-1].at if events else 0.0
    rehearsal.play([*events, rehearsal.press(end + 0.01, Action.STOP)], until=end + 0.01)
    assert sounds(rehearsal.play([], until=end + 10.0)) == []
    assert not rehearsal.state.bad_input
