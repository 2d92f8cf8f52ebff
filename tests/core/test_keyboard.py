"""Keys, pedal, wheels; and that the ledger holds whatever the player does."""

from collections import Counter
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.controls import PRESSED
from psc2.core.effects import Bend, Modulate, NoteOff, NoteOn
from psc2.core.events import (
    ControlChange,
    Event,
    KeyDown,
    KeyUp,
    PitchBend,
    Press,
    Shutdown,
    SourceGone,
    Sustain,
)
from psc2.core.instruments import Instrument, Layer
from psc2.runtime.virtual import CONTROLLER_UID
from psc2.testing import FakeMelody, Rehearsal, Sent, key, press, sounds

KEYBOARD = 1


def pedal(at: float, value: int) -> ControlChange:
    return ControlChange(at, KEYBOARD, 64, value, channel=0)


def test_the_pedal_delays_note_offs_until_it_comes_up() -> None:
    sent = Rehearsal().play(
        [pedal(0.5, 127), *key(1.0, 60, 0.1), *key(1.2, 64, 0.1), pedal(2.0, 0)], until=3.0
    )
    assert sounds(sent, NoteOff) == [
        (2.0, NoteOff(Instrument.LEAD, 60)),
        (2.0, NoteOff(Instrument.LEAD, 64)),
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
    sent = Rehearsal().play(
        [pedal(0.5, 127), KeyDown(1.0, 0, 60, 90), pedal(1.5, 0), KeyUp(2.0, 0, 60)], until=3.0
    )
    assert [when for when, _ in sounds(sent, NoteOff)] == [2.0]


def test_a_key_struck_again_under_the_pedal_ends_its_recorded_note() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    keys = key(start, 40, 0.1) + key(start + 4 * 0.125, 40, 0.1)
    rehearsal.play([arm, pedal(0.02, 127), *keys, pedal(start + 6 * 0.125, 0)], until=start + 4.0)
    assert [(note.step, note.duration_steps) for note in rehearsal.state.bass_line] == [(0, 4), (4, 2)]
    assert not rehearsal.state.hands.sustained


def looping_bass(duration_steps: float = 4) -> tuple[Rehearsal, float]:
    """A loop of one bass note at step 0, and the moment at which its second pass starts."""
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    rehearsal.play([arm, *key(start, 40, duration_steps * 0.125)], until=start + 3.7)
    free = [press(start + 3.8, "overdub"), press(start + 3.81, "record", Layer.BASS)]
    rehearsal.play(free, until=start + 3.85)
    return rehearsal, start + 4.0


def test_a_key_just_before_the_loops_own_note_sounds_at_once_at_its_own_velocity_beside_it() -> None:
    """The loop's note-on is sent 50 ms ahead; the key comes 48 ms before it sounds."""
    rehearsal, again = looping_bass()
    sent = rehearsal.play(key(again - 0.048, 40, 0.2, velocity=33), until=again + 1.0)
    assert sounds(sent, NoteOn, NoteOff) == [
        (round(again - 0.048, 6), NoteOn(Instrument.BASS, 40, 33)),
        (round(again, 6), NoteOn(Instrument.BASS, 40, 100)),
        (round(again + 0.152, 6), NoteOff(Instrument.BASS, 40)),
        (round(again + 0.5, 6), NoteOff(Instrument.BASS, 40)),
    ]
    check_ids(sent)


@pytest.mark.parametrize("before_s", [0.04, 0.02, 0.001])
def test_a_staccato_while_the_loops_note_of_its_pitch_ends_sounds_at_once_and_for_as_long(
    before_s: float,
) -> None:
    """The loop's note-off has been sent ahead."""
    rehearsal, again = looping_bass()
    off = again + 0.5
    sent = rehearsal.play(key(off - before_s, 40, 0.01, velocity=33), until=off + 1.0)
    key_on, key_off = (
        (round(off - before_s, 6), NoteOn(Instrument.BASS, 40, 33)),
        (round(off - before_s + 0.01, 6), NoteOff(Instrument.BASS, 40)),
    )
    loop_off = (round(off, 6), NoteOff(Instrument.BASS, 40))
    loop_on = (round(again, 6), NoteOn(Instrument.BASS, 40, 100))
    assert sounds(sent, NoteOn, NoteOff) == [
        loop_on,
        *sorted([key_on, key_off, loop_off], key=lambda pair: pair[0]),
    ]
    check_ids(sent)


# --- several keyboards ----------------------------------------------------------------


def test_a_pitch_held_by_two_keyboards_ends_with_the_second() -> None:
    events = [*key(0.5, 60, 1.0, source=1), *key(0.7, 60, 0.1, source=2)]
    sent = Rehearsal().play(events, until=3.0)
    assert [when for when, _ in sounds(sent, NoteOff)] == [0.8, 1.5]
    check_ids(sent)


def test_for_a_receiver_of_2018_a_pitch_held_by_two_keyboards_is_struck_again_and_ends_with_the_second() -> (
    None
):
    events = [*key(0.5, 60, 1.0, source=1), *key(0.7, 60, 0.1, source=2)]
    sent = Rehearsal(output={"timing": "auto"}).play(events, until=3.0)
    assert sounds(sent, NoteOn, NoteOff) == [
        (0.5, NoteOn(Instrument.LEAD, 60, 100)),
        (0.7, NoteOff(Instrument.LEAD, 60)),
        (0.7, NoteOn(Instrument.LEAD, 60, 100)),
        (1.5, NoteOff(Instrument.LEAD, 60)),
    ]


def test_a_key_up_of_another_keyboard_ends_nothing() -> None:
    sent = Rehearsal().play([KeyDown(0.5, 1, 60, 90), KeyUp(0.6, 2, 60)], until=3.0)
    assert sounds(sent, NoteOff) == []


def test_a_keyboard_that_is_pulled_out_lets_go_of_its_keys_and_its_pedal() -> None:
    rehearsal = Rehearsal()
    events = [Sustain(0.4, 1, True), *key(0.5, 60, 0.1, source=1), KeyDown(0.6, 1, 64, 90)]
    others = [*key(0.7, 67, 0.1, source=2), KeyDown(0.9, 2, 72, 90)]
    sent = rehearsal.play([*events, *others, SourceGone(2.0, 1)], until=3.0)
    assert [(when, off.pitch) for when, off in sounds(sent, NoteOff) if isinstance(off, NoteOff)] == [
        (2.0, 60), (2.0, 64), (2.0, 67),
    ]  # fmt: skip
    assert (rehearsal.state.hands.down, rehearsal.state.hands.pedals) == ({(2, 72)}, set())


def test_keys_last_until_the_last_of_two_pedals_comes_up() -> None:
    pedals = [Sustain(0.1, 1, True), Sustain(0.2, 2, True), Sustain(1.0, 1, False), Sustain(2.0, 2, False)]
    sent = Rehearsal().play([*pedals, *key(0.5, 60, 0.1)], until=3.0)
    assert [when for when, _ in sounds(sent, NoteOff)] == [2.0]


def test_recorded_durations_include_the_pedal() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    rehearsal.play(
        [arm, pedal(0.02, 127), *key(start, 40, 0.1), pedal(start + 6 * 0.125, 0)], until=start + 4.0
    )
    assert [note.duration_steps for note in rehearsal.state.bass_line] == [6]


def test_a_key_up_that_was_never_down_is_ignored() -> None:
    assert sounds(Rehearsal().play([KeyUp(0.5, 0, 60)], until=1.0)) == []


def test_bend_and_modulation_reach_the_lead_sound() -> None:
    events: list[Event] = [
        PitchBend(0.1, KEYBOARD, 9000),
        ControlChange(0.2, KEYBOARD, 1, 55, channel=0),
    ]
    sent = Rehearsal().play(events, until=1.0)
    assert [one.effect for one in sent] == [Bend(9000), Modulate(55)]


def test_a_key_held_across_a_mode_change_ends_where_it_began() -> None:
    rehearsal = Rehearsal()
    record = press(0.6, "record", Layer.BASS)
    sent = rehearsal.play([*key(0.5, 60, 0.5), record], until=2.0)
    assert sounds(sent, NoteOff) == [(1.0, NoteOff(Instrument.LEAD, 60))]


@pytest.mark.parametrize("pitch", [0, 20, 109, 127])
def test_every_key_of_every_keyboard_sounds(pitch: int) -> None:
    sent = Rehearsal().play(key(0.5, pitch), until=1.0)
    assert sounds(sent, NoteOn) == [(0.5, NoteOn(Instrument.LEAD, pitch, 100))]


# --- whatever the order of keys, pedal, modes, stop, exit ------------------------------

BUTTONS = (41, 42, 43, 44, 45, 46, 49, 58, 59, 60, 61, 62, 65, 67, 68, 33, 35, 36, 34, 66)
PRESSES = ("play", "stop", "improv", "free", "undo", "redo", "overdub", "model_drums")
keyboards = st.sampled_from([0, 1, 2])
performances = st.lists(
    st.tuples(
        st.floats(0.0, 0.4),
        keyboards,
        st.one_of(
            st.tuples(st.just("down"), st.integers(38, 42)),
            st.tuples(st.just("up"), st.integers(38, 42)),
            st.tuples(st.just("pedal"), st.sampled_from([0, 127])),
            st.tuples(st.just("button"), st.sampled_from(BUTTONS)),
            st.tuples(st.just("press"), st.integers(0, len(PRESSES) - 1)),
            st.tuples(st.just("knob"), st.integers(0, 127)),
            st.tuples(st.just("bass volume"), st.sampled_from([0, 100])),
            st.tuples(st.just("strike early"), st.integers(38, 42)),
            st.tuples(st.just("gone"), st.just(0)),
        ),
    ),
    max_size=60,
)
Played = list[tuple[float, int, tuple[str, int]]]


def turned(at: float, control: int, value: int = PRESSED) -> ControlChange:
    return ControlChange(at, CONTROLLER_UID, control, value, channel=0)


def written(performance: Played) -> list[Event]:
    events: list[Event] = [turned(0.0, 41)]
    at = 0.0
    for pause, source, (what, value) in performance:
        at += pause
        match what:
            case "down":
                events.append(KeyDown(at, source, value, 90))
            case "up":
                events.append(KeyUp(at, source, value))
            case "pedal":
                events.append(ControlChange(at, source, 64, value, 0))
            case "button":
                events.append(turned(at, value))
            case "press":
                events.append(Press(at, source, PRESSES[value]))
            case "knob":
                events.append(turned(at, 16, value))
            case "bass volume":
                events.append(turned(at, 1, value))
            case "strike early":  # around a step, where the loop's own notes begin and end
                at = 0.06 + ceil((at - 0.06) * 12) / 12 - 0.02
                events += [KeyUp(at, source, value), KeyDown(at, source, value, 90)]
                events.append(KeyUp(at + 0.1, source, value))
            case "gone":
                events.append(SourceGone(at, source))
    return events


def check_ids(sent: list[Sent]) -> None:
    """Each note is switched on once and then off once; in the order of sending and in that of hearing."""
    for order in (sent, sorted(sent, key=lambda one: one.when)):
        sounding: dict[int, NoteOn] = {}
        ended: set[int] = set()
        for one in order:
            match one.effect:
                case NoteOn(velocity=velocity, note_id=note_id):
                    assert 1 <= velocity <= 127
                    assert note_id not in sounding.keys() | ended
                    sounding[note_id] = one.effect
                case NoteOff(instrument, pitch, note_id=note_id):
                    on = sounding.pop(note_id)
                    ended.add(note_id)
                    assert (on.instrument, on.pitch) == (instrument, pitch)
        assert not sounding


def check_pitches(sent: list[Sent]) -> None:
    """Each pitch goes on, off, on, off …"""
    sounding: Counter[tuple[Instrument, int]] = Counter()
    for one in sent:
        match one.effect:
            case NoteOn(instrument, pitch):
                sounding[instrument, pitch] += 1
            case NoteOff(instrument, pitch):
                sounding[instrument, pitch] -= 1
        assert set(sounding.values()) <= {0, 1}
    assert not +sounding


@settings(deadline=None, max_examples=200)
@given(performances, st.sampled_from(["timetag", "immediate"]))
def test_every_note_switched_on_is_switched_off_exactly_once(performance: Played, timing: str) -> None:
    rehearsal = Rehearsal(
        FakeMelody(40, 40, 41),
        output={"timing": timing},
        music={"num_bars": 1, "time_signature": "2/4", "qpm": 180.0},
        improv={"min_primer_length": 2},
    )
    events = written(performance)
    end = max(event.at for event in events)
    sent = rehearsal.play([*events, Shutdown(end + 1.0)], until=end + 2.0)
    assert not rehearsal.state.counts.bad_input
    if timing == "timetag":
        check_ids(sent)
    else:  # by a receiver that has not said that it knows ids
        check_pitches(sent)


@settings(deadline=None, max_examples=100)
@given(performances)
def test_after_stop_nothing_more_sounds(performance: Played) -> None:
    rehearsal = Rehearsal(music={"num_bars": 1, "qpm": 180.0}, improv={"min_primer_length": 2})
    events = written(performance)
    end = max(event.at for event in events)
    rehearsal.play([*events, press(end + 0.01, "stop")], until=end + 0.01)
    assert sounds(rehearsal.play([], until=end + 10.0)) == []
    assert not rehearsal.state.counts.bad_input
