"""A grid that swings: where its steps sound, what a take tells of it, and what becomes of the take."""

import random
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.effects import NoteOff, NoteOn
from psc2.core.events import Event
from psc2.core.instruments import Layer
from psc2.core.memory import memory_of, state_of
from psc2.core.meter import Grid, TimeSignature
from psc2.core.swing import Feel, Swing, SwingUnit, learned
from psc2.testing import Rehearsal, key, press, sounds

SWINGS = st.builds(
    Swing, st.floats(0.5, 0.75), st.sampled_from([2, 4]), st.integers(-3, 40), st.integers(2, 64)
)


@given(SWINGS, st.floats(-1000, 1000))
def test_each_place_is_that_of_one_step(swing: Swing, place: float) -> None:
    assert swing.swung(swing.straight(place)) == pytest.approx(place, abs=1e-9)
    assert swing.straight(swing.swung(place)) == pytest.approx(place, abs=1e-9)


@given(SWINGS, st.integers(-100, 100))
def test_steps_stay_in_order_and_pairs_where_they_are(swing: Swing, step: int) -> None:
    assert swing.swung(step) < swing.swung(step + 1)
    if (step - swing.bar_line) % swing.steps_per_bar % swing.pair_steps == 0:
        assert swing.swung(step) == step


def test_an_incomplete_pair_at_the_end_of_a_bar_stays_straight() -> None:
    swing = Swing(2 / 3, pair_steps=4, steps_per_bar=14)  # 7/8
    assert [round(swing.swung(step), 3) for step in range(10, 17)] == [
        10.667, 11.333, 12.0, 13.0, 14.0, 15.333, 16.667,
    ]  # fmt: skip


def test_a_straight_grid_has_the_very_moments_that_it_had() -> None:
    grid, same = Grid.starting(0.1, 0, 133.0), Grid.starting(0.1, 0, 133.0, Feel().swing(3, 14))
    assert all(grid.time_of(step) == same.time_of(step) for step in range(-100, 1000))
    assert all(grid.step_at(step / 7) == same.step_at(step / 7) for step in range(1000))


@pytest.mark.parametrize("ratio", [0.58, 0.6, 0.62, 2 / 3, 0.68])
@pytest.mark.parametrize("qpm", [100, 140, 200, 240])
def test_a_swung_take_tells_its_ratio_however_late_it_is(ratio: float, qpm: float) -> None:
    chance = random.Random(f"{ratio} {qpm}")
    step_ms = 15_000 / qpm
    for _ in range(50):
        late = chance.uniform(-10, 25) / step_ms
        places = [
            4 * beat + off + late + chance.gauss(0, 2) / step_ms
            for beat in range(8)
            for off in (0, 4 * ratio)
        ]
        assert learned(places, Swing()) == pytest.approx(ratio, abs=0.015)


@pytest.mark.parametrize(
    "places",
    [
        [n * 2 for n in range(16)],  # 8ths
        [*range(32)],  # 16ths
        [0, 3, 4, 7, 8, 11, 12, 15],  # dotted
        [n * 4 / 3 for n in range(24)],  # triplets
        [0, 2.1, 4, 5.9, 8, 10.2, 12, 14.1],  # 8ths of hands
    ],
)
def test_straight_playing_stays_straight(places: list[float]) -> None:
    assert learned(places, Swing()) in (0.5, None)


def test_two_off_beats_tell_nothing() -> None:
    assert learned([0, 2.6, 4, 6.6, 8, 12], Swing()) is None


@pytest.mark.parametrize("ratio", [0.6, 2 / 3])
@pytest.mark.parametrize("qpm", [100.0, 160.0, 240.0])
@pytest.mark.parametrize("meter", ["4/4", "3/4", "7/8"])
def test_a_swung_bassline_comes_back_on_its_8ths(ratio: float, qpm: float, meter: str) -> None:
    rehearsal = Rehearsal(music={"qpm": qpm, "time_signature": meter, "num_bars": 2})
    start, step_s = rehearsal.start(), 15 / qpm
    per_bar = TimeSignature.parse(meter).steps_per_bar
    swing = Swing(ratio, 4, 0, per_bar)
    steps = [*range(0, 2 * per_bar, 2)]
    events: list[Event] = [press(start + 0.001, "record", Layer.BASS)]
    for n, step in enumerate(steps):
        events += key(start + max(0.002, swing.swung(step) * step_s), 40 + n, duration_s=step_s)
    end = start + 2 * per_bar * step_s
    rehearsal.play(events, until=end + 2 * per_bar * step_s - 0.001)
    state = rehearsal.state
    assert state.feel.ratio == pytest.approx(ratio, abs=0.005)
    notes = [note for note in state.playable_notes if note.layer is Layer.BASS]
    assert [note.bar * per_bar + note.step for note in notes] == steps
    played = [at for at, sent in sounds(rehearsal.output.sent, NoteOn) if at >= end - 0.001]
    for at, step in zip(played[: len(steps)], steps, strict=True):  # the first of the next is sent ahead
        assert at == pytest.approx(end + swing.swung(step) * step_s, abs=0.005)


@pytest.mark.parametrize("seed", range(30))
def test_what_comes_to_one_step_by_swing_is_one_note(seed: int) -> None:
    chance = random.Random(seed)
    rehearsal = Rehearsal(music={"qpm": 90.0, "num_bars": 2})
    start, step_s = rehearsal.start(), 15 / 90
    events: list[Event] = [press(start + 0.001, "record", Layer.CHORDS)]
    for beat in range(8):
        offs = [0.0, 2.6] if beat % 2 else [0.0, *sorted(chance.uniform(0.2, 3.8) for _ in range(4))]
        for off in offs:
            at = start + 0.002 + (4 * beat + off) * step_s
            events += key(at, chance.choice((60, 61)), duration_s=chance.uniform(0.02, 0.4))
    rehearsal.play(sorted(events, key=lambda event: event.at), until=start + 70 * step_s)
    assert rehearsal.state.feel.ratio == pytest.approx(
        0.65, abs=0.03
    )  # where the 16ths are about the beat, too
    memory = memory_of(rehearsal.state)  # which takes no two notes of one pitch at one place
    assert memory_of(state_of(memory, rehearsal.state.settings, 0, random.Random(0))) == memory


def test_a_swing_by_hand_holds_from_the_next_beat_on() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    rehearsal.play([press(start + 0.3, "swing", value=66.0)], until=start + 4)
    grid = rehearsal.state.transport.grid  # type: ignore[union-attr]
    assert [segment.anchor_step for segment in grid.segments] == [0, 4]
    assert grid.time_of(2) == pytest.approx(start + 0.25)
    assert grid.time_of(6) == pytest.approx(start + 0.5 + 0.66 * 0.5)
    assert not rehearsal.state.feel.learns


def test_16ths_swing_where_they_are_to() -> None:
    rehearsal = Rehearsal(music={"swing": 60.0, "swing_unit": "16th"})
    assert rehearsal.state.feel == Feel(0.6, SwingUnit.SIXTEENTH, learns=False)
    start = rehearsal.start()
    grid = rehearsal.state.transport.grid  # type: ignore[union-attr]
    gaps = [after - before for before, after in pairwise(grid.time_of(step) for step in range(5))]
    assert gaps == pytest.approx([0.15, 0.1, 0.15, 0.1])
    assert grid.time_of(0) == start


# --- quantise -------------------------------------------------------------------------


def replayed(rehearsal: Rehearsal, since: float) -> list[tuple[float, int]]:
    """When which bass notes of the loop sound."""
    return [
        (at, sent.pitch)
        for at, sent in sounds(rehearsal.output.sent, NoteOn)
        if at >= since and isinstance(sent, NoteOn)
    ]


def off_grid(rehearsal: Rehearsal, bars: int = 2) -> tuple[list[float], float]:
    """A bassline of 8ths, each about its place, recorded: when they were struck, and their pass's end."""
    chance = random.Random(3)
    start, step_s = rehearsal.start(), 15 / rehearsal.state.qpm
    struck = [start + step * step_s + chance.uniform(-0.4, 0.4) * step_s for step in range(0, 16 * bars, 2)]
    struck[0] = start - 0.04
    events: list[Event] = [press(start - 0.05, "record", Layer.BASS)]
    for n, at in enumerate(struck):
        events += key(at, 30 + n, duration_s=1.3 * step_s)
    end = start + 16 * bars * step_s
    rehearsal.play(events, until=end - 0.1)
    return [at - start for at in struck], end


@pytest.mark.parametrize("qpm", [100.0, 180.0, 240.0])
def test_unquantised_a_line_comes_back_as_it_was_played(qpm: float) -> None:
    rehearsal = Rehearsal(music={"qpm": qpm, "quantise": 0.0, "swing": False})
    struck, end = off_grid(rehearsal)
    length = end - rehearsal.state.transport.grid.time_of(0)  # type: ignore[union-attr]
    rehearsal.play([], until=end + 2 * length - 0.1)
    for n in range(2):
        again = [at - end - n * length for at, _ in replayed(rehearsal, end - 0.09)]
        found = again[n * len(struck) : (n + 1) * len(struck)]
        assert found == pytest.approx(struck, abs=0.001)
    ends = [at for at, _ in sounds(rehearsal.output.sent, NoteOff) if at >= end - 0.05]
    begins = [at for at, _ in replayed(rehearsal, end - 0.09)]
    assert ends[1] - begins[1] == pytest.approx(1.3 * 15 / qpm, abs=0.002)


@pytest.mark.parametrize("part", [0.0, 30.0, 100.0])
def test_quantise_changed_at_any_moment_loses_no_note_and_doubles_none(part: float) -> None:
    for n in range(60):
        rehearsal = Rehearsal(music={"qpm": 120.0, "quantise": 100.0 - part, "swing": False})
        struck, end = off_grid(rehearsal, bars=1)
        changes = [
            press(end + 0.013 + n * 0.031, "quantise", value=part),
            press(end + 1.1, "quantise", value=50.0),
        ]
        rehearsal.play(sorted(changes, key=lambda one: one.at), until=end + 3.9 * 2)
        played = [pitch for _, pitch in replayed(rehearsal, end - 0.09)]
        each = [30 + n for n in range(len(struck))]
        whole = len(played) // len(each)
        assert sorted(played[: whole * len(each)]) == sorted(each * whole), n


@pytest.mark.parametrize("ratio", [0.6, 0.64, 2 / 3])
@pytest.mark.parametrize("qpm", [100.0, 160.0, 240.0])
def test_a_swung_line_unquantised_comes_back_where_it_was_played(ratio: float, qpm: float) -> None:
    rehearsal = Rehearsal(music={"qpm": qpm, "quantise": 0.0})
    start, step_s = rehearsal.start(), 15 / qpm
    struck = [start + 0.002 + (4 * beat + off) * step_s for beat in range(8) for off in (0, 4 * ratio)]
    events: list[Event] = [press(start + 0.001, "record", Layer.BASS)]
    for n, at in enumerate(struck):
        events += key(at, 30 + n, duration_s=step_s)
    length = 32 * step_s
    rehearsal.play(events, until=start + 2 * length - 0.05)
    assert rehearsal.state.feel.ratio == pytest.approx(ratio, abs=0.01)
    again = [at for at, _ in replayed(rehearsal, start + length - 0.001)]
    assert again[: len(struck)] == pytest.approx([at + length for at in struck], abs=0.005)


def test_without_time_tags_everything_is_on_its_step() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "quantise": 0.0}, output={"timing": "immediate"})
    assert rehearsal.state.quantise == 1.0


@pytest.mark.parametrize(("early_ms", "step"), [(180, 30), (167, 30), (150, 30), (95, 31), (70, 0), (20, 0)])
def test_a_swung_offbeat_before_beat_1_is_a_pickup(early_ms: float, step: int) -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "swing": 66.7})
    start = rehearsal.start()
    second = start + 4  # where the second pass begins
    keys = [*key(second - early_ms / 1000, 33, 0.05), *key(second + 0.5, 40)]
    rehearsal.play([press(start + 0.5, "record", Layer.BASS), *keys], until=start + 9)
    first = next(note for note in rehearsal.state.bass_line if note.pitch == 33)
    assert first.bar * 16 + first.step == step


def recorded(rehearsal: Rehearsal, layer: Layer, begin: float, places: Sequence[float], pitch: int) -> None:
    """A take of one pass of two bars, the key at each place in steps; the pass after it is played, too."""
    events = [press(begin - 0.5, "record", layer)]
    keys = [event for at in places for event in key(begin + at * 0.125, pitch, 0.1)]
    rehearsal.play([*events, *keys], until=begin + 8)


SWUNG, EVEN = [0, 2.667, 4, 6.667, 8, 10.667, 12, 14.667], [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]


def test_undo_brings_back_the_swing_that_the_take_has_changed() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    recorded(rehearsal, Layer.BASS, start + 4, SWUNG, 40)
    recorded(rehearsal, Layer.CHORDS, start + 16, EVEN, 60)
    assert rehearsal.state.feel.ratio == 0.5
    rehearsal.play([press(start + 25, "undo")], until=start + 32)
    assert rehearsal.state.feel.ratio == pytest.approx(0.667, abs=0.002)
    onsets = [at for at, one in sounds(rehearsal.output.sent, NoteOn) if start + 28 <= at < start + 30]
    assert [(at - start - 28) / 0.125 for at in onsets] == pytest.approx(SWUNG, abs=0.02)
    rehearsal.play([press(start + 33, "redo")], until=start + 33)
    assert rehearsal.state.feel.ratio == 0.5


def test_an_overdub_keeps_the_swing_that_its_layer_has() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    recorded(rehearsal, Layer.BASS, start + 4, SWUNG, 40)
    before = {(note.bar, note.step) for note in rehearsal.state.bass_line}
    rehearsal.play([press(start + 13, "overdub")], until=start + 13)
    recorded(rehearsal, Layer.BASS, start + 16, EVEN, 50)
    assert rehearsal.state.feel.ratio == pytest.approx(0.667, abs=0.002)
    assert {(note.bar, note.step) for note in rehearsal.state.bass_line if note.pitch == 40} == before
