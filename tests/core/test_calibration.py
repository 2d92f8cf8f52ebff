"""The tap test, and what the latency that it finds does: notes are placed earlier, nothing else."""

import random
from collections import Counter
from itertools import accumulate

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from psc2.core.calibration import NUM_TAPS, click_steps
from psc2.core.effects import NoteOn, Strike
from psc2.core.events import Event, KeyDown, KeyUp
from psc2.core.instruments import Instrument, Layer
from psc2.core.notices import NoticeKind
from psc2.core.state import Mode
from psc2.testing import Rehearsal, key, late_keys, press, sounds

METERS = ("4/4", "3/4", "7/8", "5/8", "7/16")


def told(rehearsal: Rehearsal) -> NoticeKind | None:
    return None if rehearsal.state.notice is None else rehearsal.state.notice.kind


def clicks(rehearsal: Rehearsal, count: int) -> list[float]:
    """The moments of the test's clicks to come, after those that are near."""
    state = rehearsal.state
    assert state.transport is not None
    steps = click_steps(state.time_signature.steps_per_beat, state.qpm)
    first = (state.transport.next_step // steps + 2) * steps
    return [state.transport.grid.time_of(first + n * steps) for n in range(count)]


def tap(rehearsal: Rehearsal, late_ms: float, jitter_ms: float, seed: int = 0, at: float = 0.5) -> None:
    """The test, with a player who is so late and so unsteady."""
    rehearsal.play([press(at, "calibrate")], until=at + 0.1)
    moments = clicks(rehearsal, NUM_TAPS)
    events = late_keys(moments, late_ms, jitter_ms, seed, length_s=0.05)
    rehearsal.play(sorted(events, key=lambda event: event.at), until=moments[-1] + 1.0)


@settings(deadline=None, max_examples=150)
@given(
    meter=st.sampled_from(METERS),
    qpm=st.one_of(st.sampled_from((20.0, 120.0, 121.0, 400.0)), st.floats(20.0, 400.0)),
    lookahead_ms=st.sampled_from((10, 50, 200)),
    late_ms=st.floats(-80.0, 380.0),
    jitter_ms=st.floats(0.0, 12.0),
    seed=st.integers(0, 1000),
)
def test_a_player_who_is_always_so_late_is_measured_as_that(
    meter: str, qpm: float, lookahead_ms: int, late_ms: float, jitter_ms: float, seed: int
) -> None:
    rehearsal = Rehearsal(music={"time_signature": meter, "qpm": qpm}, output={"lookahead_ms": lookahead_ms})
    tap(rehearsal, late_ms, jitter_ms, seed)
    assert told(rehearsal) is NoticeKind.CALIBRATED
    assert 1000 * rehearsal.state.latency_s == pytest.approx(late_ms, abs=0.6 + 1.5 * jitter_ms)


@settings(deadline=None, max_examples=60)
@given(
    meter=st.sampled_from(("4/4", "3/4", "7/8")),
    qpm=st.floats(60.0, 240.0),
    share=st.floats(-0.35, 0.35),
    seed=st.integers(0, 1000),
)
def test_who_taps_every_beat_is_measured_by_the_nearest(
    meter: str, qpm: float, share: float, seed: int
) -> None:
    rehearsal = Rehearsal(music={"time_signature": meter, "qpm": qpm})
    rehearsal.play([press(0.5, "calibrate")], until=0.6)
    loop = rehearsal.state.transport
    assert loop is not None
    beat = rehearsal.state.time_signature.steps_per_beat
    late_ms = max(-80.0, share * beat * 15_000 / qpm)
    if beat * 15 / qpm < 0.15:
        return
    moments = [loop.grid.time_of((n + 2) * beat) for n in range(NUM_TAPS)]
    rehearsal.play(late_keys(moments, late_ms, 5.0, seed, length_s=0.02), until=moments[-1] + 1.0)
    assert told(rehearsal) is NoticeKind.CALIBRATED
    assert 1000 * rehearsal.state.latency_s == pytest.approx(late_ms, abs=10.0)


def test_a_slip_and_a_bounce_do_no_harm() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    rehearsal.play([press(0.5, "calibrate")], until=0.6)
    moments = clicks(rehearsal, NUM_TAPS)
    late_s = [0.0, 0.3, *[0.120] * 4, 0.26, *[0.120] * 5]
    struck = [at + late for at, late in zip(moments, late_s, strict=True)]
    events = [event for at in struck for event in (*key(at, 60, 0.01), *key(at + 0.02, 60, 0.01))]
    rehearsal.play(events, until=moments[-1] + 1.0)
    assert told(rehearsal) is NoticeKind.CALIBRATED
    assert rehearsal.state.latency_s == pytest.approx(0.120)


@pytest.mark.parametrize("seed", range(20))
def test_unsteady_taps_change_nothing_and_the_test_goes_on(seed: int) -> None:
    rehearsal = Rehearsal(midi={"latency_ms": 25})
    rehearsal.play([press(0.5, "calibrate")], until=0.6)
    rng = random.Random(seed)
    at = list(accumulate((rng.uniform(0.2, 0.9) for _ in range(NUM_TAPS)), initial=1.0))[:NUM_TAPS]
    rehearsal.play([event for one in at for event in key(one, 60, 0.05)], until=at[-1] + 0.1)
    assert told(rehearsal) is NoticeKind.UNSTEADY_TAPS
    assert rehearsal.state.latency_s == 0.025
    assert rehearsal.state.mode is Mode.CALIBRATE
    assert rehearsal.engine.snapshot().calibration.taps_left == NUM_TAPS
    moments = clicks(rehearsal, NUM_TAPS)
    rehearsal.play(late_keys(moments, 180.0, length_s=0.05), until=moments[-1] + 1.0)
    assert rehearsal.state.latency_s == 0.180


def test_only_the_click_sounds_whatever_the_faders_say_and_the_loop_is_as_it_was_afterwards() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    events: list[Event] = [press(start, "record", Layer.BASS)]
    for n in range(8):
        events += key(start + n / 2 + 0.01, 40 + n, 0.2)
    rehearsal.play([*events, press(start + 4.1, "mute", Layer.CLICK)], until=start + 8.2)
    sent = rehearsal.play([press(start + 8.25, "calibrate")], until=start + 12.0)
    late = start + 8.25 + rehearsal.state.lookahead_s
    heard = [one for one in sounds(sent, NoteOn, Strike) if one[0] > late + 0.001]
    assert {effect for _, effect in heard} == {Strike(Instrument.CLICK_BEAT, 100)}
    assert [round(at - start, 3) for at, _ in heard][:4] == [8.5, 9.0, 9.5, 10.0]
    sent = rehearsal.play([press(start + 12.05, "calibrate")], until=start + 16.2)
    assert {type(effect) for _, effect in sounds(sent, NoteOn, Strike)} == {NoteOn}
    assert rehearsal.state.mode is Mode.FREE


@pytest.mark.parametrize("leaving", ["calibrate", "stop", "free", "improv", "record"])
def test_it_can_be_left_in_its_midst(leaving: str) -> None:
    rehearsal = Rehearsal()
    layer = Layer.BASS if leaving == "record" else None
    rehearsal.play([press(0.5, "calibrate"), *key(1.1, 60)], until=1.5)
    assert rehearsal.state.transport is not None
    rehearsal.play([press(2.0, leaving, layer)], until=2.0)
    assert rehearsal.state.mode is not Mode.CALIBRATE
    assert (rehearsal.state.transport is None) is (leaving in ("calibrate", "stop"))
    sent = rehearsal.play(key(2.5, 60), until=2.6)
    assert [type(effect) for _, effect in sounds(sent, NoteOn)] == [NoteOn]
    assert rehearsal.state.latency_s == 0.0


def test_taps_neither_sound_nor_are_recorded_nor_prime_the_machine() -> None:
    rehearsal = Rehearsal(improv={"min_primer_length": 2})
    start = rehearsal.start()
    events = [press(start, "record", Layer.BASS), press(start + 0.1, "improv"), *key(start + 0.5, 60)]
    rehearsal.play([*events, press(start + 1.0, "calibrate")], until=start + 1.0)
    sent = rehearsal.play(late_keys([start + 1 + n / 2 for n in range(1, 5)], 20.0), until=start + 4.0)
    assert not [effect for _, effect in sounds(sent, NoteOn)]
    assert not rehearsal.requests
    assert not rehearsal.state.bass_line
    assert not rehearsal.state.accumulated_primer_melody
    assert not rehearsal.state.hands.down


def test_a_key_that_is_held_when_the_test_begins_can_come_up() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([KeyDown(0.1, 0, 60, 90), press(0.5, "calibrate"), KeyUp(0.7, 0, 60)], until=0.8)
    assert rehearsal.state.ledger.notes == {}


# --- what the latency does --------------------------------------------------------------


def recorded(rehearsal: Rehearsal) -> Counter[tuple[int, int, int, int]]:
    return Counter(
        (note.bar, note.step, note.pitch, note.duration_steps) for note in rehearsal.state.bass_line
    )


@settings(deadline=None, max_examples=300)
@given(
    meter=st.sampled_from(("2/16", "3/16", "5/16", "3/8", "2/4", "4/4", "7/8")),
    num_bars=st.sampled_from((1, 2)),
    qpm=st.one_of(st.sampled_from((60.0, 240.0, 400.0)), st.floats(40.0, 400.0)),
    lookahead_ms=st.sampled_from((10, 50, 112, 200)),
    count_in_bars=st.sampled_from((0, 1)),
    offset=st.floats(0.0, 3.0, exclude_max=True),  # passes, from the loop's start to the first key
    pauses_s=st.lists(st.sampled_from((0.012, 0.031, 0.04, 0.075, 0.2)), max_size=8),
    length_s=st.sampled_from((0.005, 0.02, 0.15, 0.9)),
    latency_ms=st.sampled_from((-100, -37, 20, 175, 400)),
)
@example("2/16", 1, 400.0, 200, 0, 2.99, [0.031, 0.031, 0.031], 0.9, 400)
def test_with_the_latency_known_a_late_player_is_recorded_as_one_who_is_not_late(
    meter: str,
    num_bars: int,
    qpm: float,
    lookahead_ms: int,
    count_in_bars: int,
    offset: float,
    pauses_s: list[float],
    length_s: float,
    latency_ms: int,
) -> None:
    found, timings = [], []
    for late_ms in (0, latency_ms):
        rehearsal = Rehearsal(
            music={"time_signature": meter, "num_bars": num_bars, "qpm": qpm, "count_in_bars": count_in_bars},
            output={"lookahead_ms": lookahead_ms},
            midi={"latency_ms": late_ms},
        )
        start, step_s = rehearsal.start(), 15 / qpm
        length = rehearsal.state.form.length_steps
        first = start + offset * length * step_s + 0.1110137  # never half-way between steps
        downs = list(accumulate(pauses_s, initial=first))
        events: list[Event] = [press(max(0.0, start), "record", Layer.BASS)]
        for pitch, at in enumerate(downs, 40):
            events += key(at + late_ms / 1000, pitch, length_s)
        rehearsal.play(events, until=downs[-1] + length_s + 3 * length * step_s + 1.0)
        assert not rehearsal.state.recorder.taken
        found.append(recorded(rehearsal))
        timing = rehearsal.engine.snapshot().look_back
        assert timing is not None
        timings.append([(note.pitch, note.position, round(note.deviation_ms, 3)) for note in timing.notes])
    assert found[0] == found[1]
    assert timings[0] == timings[1]
    assert found[0].total() >= 1


def test_play_and_a_key_of_one_gesture_are_beat_1_also_with_a_latency() -> None:
    for latency_ms, later_s in ((0, 0.02), (200, 0.02), (400, 0.05), (-100, 0.02)):
        rehearsal = Rehearsal(music={"qpm": 120.0}, midi={"latency_ms": latency_ms})
        events = [press(0.0, "record", Layer.BASS), press(1.0, "play"), *key(1.0 + later_s, 40)]
        rehearsal.play(events, until=6.0)
        assert [note.place for note in rehearsal.state.bass_line] == [(0, 0)]


@pytest.mark.parametrize("latency_ms", [-100, 0, 60, 300, 400])
def test_a_first_key_that_starts_the_loop_is_beat_1_also_with_a_latency(latency_ms: int) -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "first_key_starts": True}, midi={"latency_ms": latency_ms})
    second = 1.0 + 0.5 + latency_ms / 1000
    events = [press(0.0, "record", Layer.BASS), *key(1.0, 40), *key(second, 43)]
    rehearsal.play(events, until=7.0)
    assert [(note.place, note.pitch) for note in rehearsal.state.bass_line] == [((0, 0), 40), ((0, 4), 43)]
    found = rehearsal.engine.snapshot().look_back
    assert found is not None
    assert [round(note.deviation_ms, 3) for note in found.notes] == [0.0, 0.0]


def test_what_is_sounded_is_not_shifted() -> None:
    def heard(latency_ms: int) -> object:
        rehearsal = Rehearsal(music={"qpm": 120.0}, midi={"latency_ms": latency_ms})
        start = rehearsal.start()
        sent = rehearsal.play([*key(start + 0.3, 60), *key(start + 1.1, 62)], until=start + 3.0)
        return sounds(sent, NoteOn, Strike)

    assert heard(0) == heard(175)


def test_the_machine_hears_the_call_where_it_was_meant() -> None:
    upbeats = []
    for latency_ms in (0, 250):
        rehearsal = Rehearsal(
            music={"qpm": 120.0}, improv={"min_primer_length": 2}, midi={"latency_ms": latency_ms}
        )
        start = rehearsal.start()
        at = start + 1.5 + latency_ms / 1000
        rehearsal.play([press(start, "improv"), *key(at, 60), *key(at + 0.5, 62)], until=at + 1.0)
        (request,) = rehearsal.requests
        upbeats.append(getattr(request, "upbeat_steps"))  # noqa: B009
    assert upbeats[0] == pytest.approx(upbeats[1]) == pytest.approx(12.0)
