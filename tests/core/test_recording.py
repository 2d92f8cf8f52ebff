"""Recording bass and chords. Unless a test says otherwise: 4/4, 2 bars, 120 qpm, a step of 0.125 s."""

from collections.abc import Sequence

import pytest

from psc2.core.effects import NoteOff, NoteOn, Strike
from psc2.core.events import Event
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.state import Mode
from psc2.testing import Rehearsal, Sent, key, press, sounds

STEP = 0.125
PASS = 32 * STEP


def bass(bar: int, step: int, pitch: int = 40, duration_steps: int = 1, velocity: int = 100) -> PlayableNote:
    return PlayableNote(bar, step, Layer.BASS, Instrument.BASS, pitch, velocity, duration_steps)


def armed(**music: object) -> tuple[Rehearsal, float]:
    """A loop that plays, with bass armed; and the moment of its step 0."""
    rehearsal = Rehearsal(music=music)
    start = rehearsal.start()
    rehearsal.play([press(0.01, "record", Layer.BASS)], until=0.01)
    return rehearsal, start


def record(rehearsal: Rehearsal, events: Sequence[Event], until: float) -> list[PlayableNote]:
    rehearsal.play(events, until)
    return list(rehearsal.state.bass_line)


def test_a_key_belongs_to_the_step_it_is_nearest_to() -> None:
    rehearsal, start = armed()
    early, late = key(start + 4 * STEP - 0.06, 40), key(start + 8 * STEP + 0.06, 43)
    assert record(rehearsal, early + late, until=start + PASS) == [bass(0, 4), bass(0, 8, 43)]


def test_durations_are_recorded_one_step_at_least() -> None:
    rehearsal, start = armed()
    keys = key(start, 40, duration_s=0.01) + key(start + 4 * STEP, 43, duration_s=5.3 * STEP)
    assert record(rehearsal, keys, until=start + PASS) == [bass(0, 0), bass(0, 4, 43, duration_steps=5)]


def test_velocities_are_recorded_as_played_whatever_the_volume() -> None:
    rehearsal, start = armed()
    fader = press(0.02, "volume", Layer.BASS, value=0.0)
    keys = key(start, 40, velocity=77)
    assert record(rehearsal, [fader, *keys], until=start + PASS) == [bass(0, 0, velocity=77)]


def test_what_is_played_sounds_at_once_and_loops_from_the_next_pass() -> None:
    rehearsal, start = armed()
    sent = rehearsal.play(key(start + 4.3 * STEP, 40, duration_s=0.1), until=start + 2 * PASS)
    assert sounds(sent, NoteOn, NoteOff) == [
        (round(start + 4.3 * STEP, 6), NoteOn(Instrument.BASS, 40, 100)),
        (round(start + 4.3 * STEP + 0.1, 6), NoteOff(Instrument.BASS, 40)),
        (round(start + PASS + 4 * STEP, 6), NoteOn(Instrument.BASS, 40, 100)),
        (round(start + PASS + 5 * STEP, 6), NoteOff(Instrument.BASS, 40)),
    ]


def test_a_key_just_before_its_step_is_not_doubled_by_the_loop() -> None:
    rehearsal, start = armed()
    sent = rehearsal.play(key(start + 4 * STEP - 0.06, 40, duration_s=0.01), until=start + PASS - STEP)
    assert len(sounds(sent, NoteOn)) == 1


def test_recording_lasts_to_the_end_of_the_sequence_and_then_the_mode_is_free() -> None:
    rehearsal, start = armed()
    rehearsal.play(key(start + STEP, 40), until=start + PASS - 0.001)
    assert rehearsal.state.mode is Mode.BASS
    rehearsal.play([], until=start + PASS + STEP)
    assert rehearsal.engine.snapshot().mode is Mode.FREE
    assert rehearsal.state.recorder.recording is None


def test_keys_after_the_end_are_not_recorded() -> None:
    rehearsal, start = armed()
    keys = key(start + STEP, 40) + key(start + PASS + 2 * STEP, 50)
    assert record(rehearsal, keys, until=start + 2 * PASS) == [bass(0, 1)]


def test_a_key_that_rounds_to_the_end_is_step_0_and_does_not_sound_twice_there() -> None:
    rehearsal, start = armed()
    keys = key(start + STEP, 40) + key(start + PASS - 0.06, 45, duration_s=0.05)
    sent = rehearsal.play(keys, until=start + PASS + 2 * STEP)
    assert list(rehearsal.state.bass_line) == [bass(0, 0, 45), bass(0, 1)]
    assert [pitch for _, pitch in _ons(sent) if pitch == 45] == [45]


def _ons(sent: list[Sent]) -> list[tuple[float, int]]:
    return [(when, on.pitch) for when, on in sounds(sent, NoteOn) if isinstance(on, NoteOn)]


def test_a_first_key_that_rounds_to_the_end_opens_the_next_pass_which_is_recorded_whole() -> None:
    rehearsal, start = armed()
    keys = key(start + PASS - 0.05, 40) + key(start + 2 * PASS - 4 * STEP, 47)
    assert record(rehearsal, keys, until=start + 2 * PASS + STEP) == [bass(0, 0), bass(1, 12, 47)]
    assert rehearsal.state.mode is Mode.FREE


def test_keys_within_30_ms_share_a_step() -> None:
    rehearsal, start = armed()
    boundary = start + 4.5 * STEP
    keys = key(boundary - 0.015, 40) + key(boundary + 0.014, 44) + key(boundary + 0.016, 47)
    assert record(rehearsal, keys, until=start + PASS) == [bass(0, 4), bass(0, 4, 44), bass(0, 5, 47)]


def test_a_chord_around_the_end_of_the_sequence_is_recorded_whole() -> None:
    rehearsal, start = armed()
    keys = key(start + STEP, 40) + key(start + PASS - 0.01, 44) + key(start + PASS + 0.01, 47)
    notes = record(rehearsal, keys, until=start + PASS + 4 * STEP)
    assert [(note.bar, note.step, note.pitch) for note in notes] == [(0, 0, 44), (0, 0, 47), (0, 1, 40)]


def test_a_key_held_at_the_end_is_closed_there() -> None:
    rehearsal, start = armed()
    keys = key(start + 24 * STEP, 40, duration_s=PASS)
    assert record(rehearsal, keys, until=start + PASS + STEP) == [bass(1, 8, duration_steps=8)]


def test_a_note_as_long_as_the_sequence_sounds_in_the_next_pass() -> None:
    rehearsal, start = armed(num_bars=1)
    sent = rehearsal.play(key(start, 40, duration_s=10.0), until=start + 2 * 16 * STEP + STEP)
    assert _ons(sent) == [(round(start + n * 16 * STEP, 6), 40) for n in range(3)]


def test_at_one_step_offs_come_before_ons() -> None:
    rehearsal, start = armed()
    keys = key(start, 40, duration_s=4 * STEP) + key(start + 4 * STEP, 40, duration_s=STEP)
    sent = rehearsal.play(keys, until=start + 2 * PASS - STEP)
    second_pass = [
        one.effect for one in sent
        if isinstance(one.effect, NoteOn | NoteOff) and one.when == start + PASS + 4 * STEP
    ]  # fmt: skip
    assert [type(effect) for effect in second_pass] == [NoteOff, NoteOn]


def test_leaving_the_mode_keeps_what_was_recorded_so_far() -> None:
    rehearsal, start = armed()
    leave = press(start + 8 * STEP, "free")
    assert record(
        rehearsal, [*key(start, 40), leave, *key(start + 9 * STEP, 50)], until=start + PASS
    ) == [bass(0, 0)]  # fmt: skip


def test_stopping_keeps_what_was_recorded_so_far_and_closes_held_keys() -> None:
    rehearsal, start = armed()
    stop = press(start + 8 * STEP, "stop")
    notes = record(rehearsal, [*key(start, 40, 3.0), *key(start + 7.8 * STEP, 45), stop], until=5.0)
    assert notes == [bass(0, 0, duration_steps=8), bass(0, 8, 45)]
    assert rehearsal.state.mode is Mode.FREE


def test_while_the_loop_is_stopped_keys_sound_and_recording_stays_armed() -> None:
    rehearsal = Rehearsal()
    sent = rehearsal.play([press(0.0, "record", Layer.BASS), *key(1.0, 40, duration_s=0.1)], until=2.0)
    assert sounds(sent, NoteOn, NoteOff) == [
        (1.0, NoteOn(Instrument.BASS, 40, 100)),
        (1.1, NoteOff(Instrument.BASS, 40)),
    ]
    start = rehearsal.start(at=2.0)
    assert record(rehearsal, key(start + STEP, 43), until=start + PASS) == [bass(0, 1, 43)]


def test_keys_of_the_count_in_sound_but_are_not_recorded_before_its_last_beat() -> None:
    rehearsal, start = armed(count_in_bars=1)
    assert start == 0.06 + 16 * STEP
    keys = key(start - 5 * STEP, 40) + key(start - 4 * STEP, 43) + key(start + 4 * STEP, 45)
    sent = rehearsal.play(keys, until=start + PASS - 5 * STEP)
    assert len(_ons(sent)) == 3
    assert list(rehearsal.state.bass_line) == [bass(0, 4, 45), bass(1, 12, 43)]


EIGHTH = 0.5  # of a quarter


@pytest.mark.parametrize("lookahead_ms", [10, 50, 200])
@pytest.mark.parametrize("qpm", [60, 95, 120, 187, 300, 400])
@pytest.mark.parametrize("count_in", [True, False])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_first_key_that_comes_early_is_beat_1_and_the_pass_is_recorded_whole(
    lookahead_ms: int, qpm: int, count_in: bool, share: float
) -> None:
    rehearsal = Rehearsal(
        music={"qpm": float(qpm), "count_in_bars": int(count_in)},
        output={"lookahead_ms": float(lookahead_ms)},
    )
    start, step_s = rehearsal.start(), 15 / qpm
    beat_1 = start if count_in else start + 32 * step_s
    early_s = share * max(0.1, EIGHTH * 60 / qpm)
    keys = key(beat_1 - early_s, 40, duration_s=0.01)
    keys += [event for n in range(1, 8) for event in key(beat_1 + 4 * n * step_s, 40 + n, duration_s=0.01)]
    events = [press(0.01, "record", Layer.BASS), *keys]
    notes = record(rehearsal, events, until=beat_1 + 34 * step_s)
    assert notes == [bass(n // 4, n % 4 * 4, 40 + n) for n in range(8)]
    assert rehearsal.state.mode is Mode.FREE


@pytest.mark.parametrize("qpm", [60, 120, 187])
@pytest.mark.parametrize("count_in", [True, False])
def test_a_pickup_keeps_its_place_and_the_pass_that_follows_is_recorded_whole(
    qpm: int, count_in: bool
) -> None:
    rehearsal = Rehearsal(music={"qpm": float(qpm), "count_in_bars": int(count_in)})
    start, step_s = rehearsal.start(), 15 / qpm
    beat_1 = start if count_in else start + 32 * step_s
    events: list[Event] = [press(0.01, "record", Layer.BASS)]
    for step in (-4, -3, -1, 0, 28):
        events += key(beat_1 + step * step_s, 50 + step, duration_s=0.8 * step_s)
    notes = record(rehearsal, events, until=beat_1 + 33 * step_s)
    assert notes == [bass(0, 0, 50), bass(1, 12, 46), bass(1, 12, 78), bass(1, 13, 47), bass(1, 15, 49)]
    assert rehearsal.state.mode is Mode.FREE


def test_a_pickup_held_over_the_bar_line_ends_there() -> None:
    rehearsal, start = armed()
    keys = key(start + PASS - 4 * STEP, 40, duration_s=8 * STEP)
    assert record(rehearsal, keys, until=start + 2 * PASS + STEP) == [bass(1, 12, duration_steps=4)]


def test_after_an_early_first_key_nothing_is_taken_down_before_beat_1() -> None:
    rehearsal, start = armed(qpm=60.0)
    beat_1 = start + 2 * PASS
    keys = key(beat_1 - 0.4, 40) + key(beat_1 - 0.2, 43)
    assert record(rehearsal, keys, until=beat_1 + 1.0) == [bass(0, 0), bass(0, 0, 43)]


@pytest.mark.parametrize("after_play_s", [-0.09, -0.02, 0.0, 0.03])
def test_play_and_the_first_key_may_be_one_gesture(after_play_s: float) -> None:
    rehearsal = Rehearsal(output={"lookahead_ms": 200.0})
    play = press(1.0, "play")
    keys = key(1.0 + after_play_s, 40, duration_s=0.6)
    rehearsal.play([press(0.5, "record", Layer.BASS), play, *keys], until=1.2)
    (note,) = record(rehearsal, [], until=1.0 + PASS)
    assert (note.place, note.pitch) == ((0, 0), 40)


def test_a_key_that_was_let_go_before_play_is_short_and_one_long_before_it_is_not_taken_down() -> None:
    rehearsal = Rehearsal()
    keys = key(0.6, 38, duration_s=0.02) + key(0.95, 40, duration_s=0.02)
    events = [press(0.5, "record", Layer.BASS), press(1.0, "play"), *keys]
    assert record(rehearsal, events, until=1.0 + PASS) == [bass(0, 0)]


def test_keys_of_a_stopped_loop_are_not_beat_1_of_a_later_count_in() -> None:
    rehearsal = Rehearsal(music={"count_in_bars": 1})
    events = [press(0.5, "record", Layer.BASS), press(1.0, "play"), *key(0.97, 40)]
    assert record(rehearsal, events, until=1.0 + 2 * PASS) == []


def started_by_a_key(qpm: float = 120.0, count_in_bars: int = 0) -> Rehearsal:
    """A stopped loop that the first key of the armed bass may start."""
    rehearsal = Rehearsal(music={"qpm": qpm, "count_in_bars": count_in_bars, "first_key_starts": True})
    rehearsal.play([press(0.5, "record", Layer.BASS)], until=0.5)
    return rehearsal


@pytest.mark.parametrize("qpm", [60.0, 120.0, 400.0])
@pytest.mark.parametrize("count_in_bars", [0, 1])
def test_a_first_key_that_starts_the_loop_is_beat_1_without_a_count_in(
    qpm: float, count_in_bars: int
) -> None:
    rehearsal, step = started_by_a_key(qpm, count_in_bars), 15 / qpm
    keys = [*key(1.0, 40, duration_s=2 * step), *key(1.0 + 8 * step, 43, duration_s=step)]
    sent = rehearsal.play(keys, until=1.0 + 63 * step)
    assert list(rehearsal.state.bass_line) == [bass(0, 0, duration_steps=2), bass(0, 8, 43)]
    heard = [when for when, _ in sounds(sent, NoteOn)][:4]
    assert heard == pytest.approx([1.0, *(1.0 + step * n for n in (8, 32, 40))], abs=1e-6)
    clicks = [when for when, _ in sounds(sent, Strike)][:16]
    assert clicks == pytest.approx([1.0 + step * n for n in range(0, 64, 4)], abs=1e-6)


def test_keys_of_one_chord_start_the_loop_once_and_all_are_beat_1() -> None:
    rehearsal = started_by_a_key()
    keys = [*key(1.0, 40, STEP), *key(1.01, 47, STEP), *key(1.02, 52, STEP)]
    notes = record(rehearsal, keys, until=1.0 + PASS)
    assert notes == [bass(0, 0, pitch) for pitch in (40, 47, 52)]


def test_unless_the_settings_say_so_or_nothing_is_armed_a_key_starts_nothing() -> None:
    not_armed = Rehearsal(music={"first_key_starts": True})
    not_set = Rehearsal()
    not_set.play([press(0.5, "record", Layer.BASS)], until=0.5)
    for rehearsal in (not_armed, not_set):
        sent = rehearsal.play(key(1.0, 40), until=3.0)
        assert rehearsal.state.transport is None
        assert not sounds(sent, Strike)


def test_overdub_keeps_existing_notes() -> None:
    rehearsal, start = armed()
    rehearsal.play(key(start, 40), until=start + PASS)
    again = [press(start + PASS + 0.01, "overdub")]
    again.append(press(start + PASS + 0.02, "record", Layer.BASS))
    keys = key(start + PASS + 4 * STEP, 47)
    assert record(rehearsal, [*again, *keys], until=start + 2 * PASS) == [bass(0, 0), bass(0, 4, 47)]


def test_recording_again_replaces_the_layer() -> None:
    rehearsal, start = armed()
    rehearsal.play(key(start, 40), until=start + PASS)
    arm = press(start + PASS + 0.02, "record", Layer.BASS)
    keys = key(start + PASS + 4 * STEP, 47)
    assert record(rehearsal, [arm, *keys], until=start + 2 * PASS) == [bass(0, 4, 47)]


def test_undo_takes_the_take_back_and_redo_brings_it_again() -> None:
    rehearsal, start = armed()
    rehearsal.play(key(start, 40), until=start + PASS)
    arm = press(start + PASS + 0.02, "record", Layer.BASS)
    rehearsal.play([arm, *key(start + PASS + 4 * STEP, 47)], until=start + 2 * PASS + STEP)
    undo, redo = (press(start + 2 * PASS + (2 + n) * STEP, name) for n, name in enumerate(("undo", "redo")))
    assert record(rehearsal, [undo], until=undo.at) == [bass(0, 0)]
    assert record(rehearsal, [redo], until=redo.at) == [bass(0, 4, 47)]


def test_undo_brings_a_cleared_layer_back_even_if_record_was_pressed_twice() -> None:
    rehearsal, start = armed()
    rehearsal.play(key(start, 40), until=start + PASS)
    presses = [press(start + PASS + n * STEP, "record", Layer.BASS) for n in (1, 2)]
    assert record(rehearsal, list(presses), until=start + PASS + 2 * STEP) == []
    undo = press(start + PASS + 3 * STEP, "undo")
    assert record(rehearsal, [undo], until=undo.at) == [bass(0, 0)]
    assert rehearsal.state.mode is Mode.FREE


def test_undo_during_a_recording_gives_it_up() -> None:
    rehearsal, start = armed()
    undo = press(start + 8 * STEP, "undo")
    keys = key(start, 40) + key(start + 7 * STEP, 43, duration_s=0.5)
    assert record(rehearsal, [*keys, undo], until=start + PASS) == []


def test_chords_are_recorded_into_their_own_layer() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.CHORDS)
    sent = rehearsal.play([arm, *key(start, 60), *key(start + 0.01, 64)], until=start + PASS + STEP)
    assert _ons(sent)[2:] == [(round(start + PASS, 6), 60), (round(start + PASS, 6), 64)]
    assert {on.instrument for _, on in sounds(sent, NoteOn) if isinstance(on, NoteOn)} == {Instrument.CHORDS}


def test_overdubbing_the_same_note_does_not_double_it() -> None:
    rehearsal, start = armed()
    rehearsal.play(key(start, 40), until=start + PASS)
    again = [press(start + PASS + 0.01, "overdub")]
    again.append(press(start + PASS + 0.02, "record", Layer.BASS))
    keys = key(start + PASS + 0.03, 40, duration_s=4 * STEP, velocity=55)
    assert record(rehearsal, [*again, *keys], until=start + 2 * PASS) == [
        bass(0, 0, duration_steps=4, velocity=55)
    ]


def test_no_note_lasts_beyond_the_end_of_its_pass() -> None:
    """At 180 qpm a key can be nearest to the last step after the next pass has been sent."""
    rehearsal, start = armed(qpm=180.0)
    step = 60 / 180 / 4
    keys = key(start + 8 * step, 40) + key(start + 31.45 * step, 45, duration_s=10 * step)
    notes = record(rehearsal, keys, until=start + 48 * step)
    assert [(note.place, note.duration_steps) for note in notes] == [((0, 8), 1), ((1, 15), 1)]


def test_a_key_released_just_before_the_end_keeps_its_duration() -> None:
    """The end of the pass has been sent by then; the note is shortened all the same."""
    rehearsal = Rehearsal(output={"lookahead_ms": 200})
    start = rehearsal.start()
    arm = press(0.01, "record", Layer.BASS)
    keys = key(start + 28 * STEP, 40, duration_s=2.45 * STEP)
    assert record(rehearsal, [arm, *keys], until=start + PASS + STEP) == [bass(1, 12, duration_steps=2)]


def test_arming_twice_around_a_count_in_key_loses_nothing_to_undo() -> None:
    rehearsal, start = armed(count_in_bars=1)
    rehearsal.play(key(start, 40), until=start + PASS)
    stop = press(start + PASS + 0.1, "stop")
    rehearsal.play([stop], until=stop.at)
    at = stop.at
    presses = [
        press(at + 0.1, "record", Layer.BASS),
        press(at + 0.2, "play"),
        *key(at + 0.5, 50),
        press(at + 0.7, "record", Layer.BASS),
        press(at + 0.8, "undo"),
    ]
    assert record(rehearsal, presses, until=at + 1.0) == [bass(0, 0)]


def test_recording_afresh_forgets_keys_still_held() -> None:
    rehearsal, start = armed()
    arm = press(start + 4 * STEP, "record", Layer.BASS)
    keys = key(start, 40, duration_s=8 * STEP) + key(start + 6 * STEP, 43, duration_s=STEP)
    assert record(rehearsal, [*keys, arm], until=start + PASS) == [bass(0, 6, 43)]


def test_overdub_is_for_one_recording() -> None:
    rehearsal, start = armed()
    rehearsal.play(key(start, 40), until=start + PASS)
    again = [press(start + PASS + 0.01, "overdub")]
    again.append(press(start + PASS + 0.02, "record", Layer.BASS))
    rehearsal.play([*again, *key(start + PASS + 4 * STEP, 47)], until=start + 2 * PASS + STEP)
    assert not rehearsal.engine.snapshot().overdub
    fresh = press(start + 2 * PASS + 2 * STEP, "record", Layer.BASS)
    assert record(rehearsal, [fresh], until=fresh.at) == []
