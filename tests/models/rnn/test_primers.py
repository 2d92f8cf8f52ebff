"""What was played as events, and events as what is played."""

from dataclasses import replace
from itertools import pairwise

import note_seq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from note_seq.drums_encoder_decoder import DEFAULT_DRUM_TYPE_PITCHES

from psc2.core.drums import PITCHES_OF_DRUM
from psc2.core.instruments import Instrument
from psc2.core.requests import DrumsRequest, Hit, Model
from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.models.rnn.primers import (
    DRUMS,
    MAX_GAP_STEPS,
    drum_events,
    hits_of,
    melody_events,
    squash,
    steps_of,
)
from tests.models.requests import QPM, drums_request, melody_request, played_request

MELODIES = [name for name, configuration in CONFIGURATIONS.items() if configuration.model is Model.MELODY]
BEATS = [name for name, configuration in CONFIGURATIONS.items() if configuration.model is Model.DRUMS]
METERS = ["4/4", "3/4", "7/8", "5/16", "2/4", "2/16"]
GOES_ON, ENDS = NO_EVENT, NOTE_OFF

pitches = st.integers(0, 127)
notes = st.lists(
    st.tuples(
        st.floats(0, 6) | st.integers(0, 60).map(float), st.floats(0.01, 40) | st.integers(1, 8), pitches
    ),
    min_size=1,
    max_size=30,
)


# --- melodies -------------------------------------------------------------------------


@pytest.mark.parametrize("name", MELODIES)
@settings(deadline=None)
@given(events=st.lists(st.sampled_from([NO_EVENT, NOTE_OFF]) | pitches, min_size=1, max_size=60))
def test_squash_is_note_seqs(name: str, events: list[int]) -> None:
    configuration = CONFIGURATIONS[name]
    theirs = note_seq.Melody(events)
    cleaned = list(theirs)  # without note-offs before the first note
    amount = theirs.squash(configuration.min_pitch, configuration.max_pitch, configuration.transpose_to_key)
    assert squash(cleaned, configuration) == (list(theirs), amount)


@settings(deadline=None)
@given(st.lists(pitches, min_size=1, max_size=40))
def test_a_squashed_melody_is_in_the_configurations_range_and_key(melody: list[int]) -> None:
    configuration = CONFIGURATIONS["attention_rnn"]
    squashed, amount = squash(melody, configuration)
    assert all(configuration.min_pitch <= pitch < configuration.max_pitch for pitch in squashed)
    assert [(pitch - amount) % 12 for pitch in squashed] == [pitch % 12 for pitch in melody]
    assert note_seq.Melody(squashed).get_major_key() == 0


def test_an_even_call_is_its_pitches_a_step_each() -> None:
    assert melody_events(melody_request([60, 64, 67, 60])) == [60, 64, 67, 60]


@pytest.mark.parametrize(
    ("played", "events"),
    [
        ([(0, 1, 60), (1, 1, 62), (2, 1, 64)], [60, 62, 64]),
        ([(0, 2, 60), (2, 2, 62), (4, 2, 64)], [60, GOES_ON, 62, GOES_ON, 64]),  # held up to the next
        ([(0, 1, 60), (2, 1, 62)], [60, ENDS, 62]),
        ([(0, 2, 60), (4, 1, 62)], [60, GOES_ON, ENDS, GOES_ON, 62]),
        ([(0, 9, 60), (2, 1, 62)], [60, GOES_ON, 62]),  # the next one ends it
        ([(0, 0.1, 60), (3, 0.1, 62)], [60, ENDS, GOES_ON, 62]),  # no note is shorter than a step
        ([(0, 4, 60), (0, 4, 64), (0, 4, 67), (4, 1, 72)], [60, 64, 67, GOES_ON, 72]),  # a chord is broken
        ([(0, 4, 60), (0, 4, 64), (1, 4, 67)], [60, 64, 67]),  # … and what comes next waits for it
        ([(0, 1, 60), (0.4, 1, 62), (0.6, 1, 64)], [60, 62, 64]),
        ([(0, 1, 60), (2.4, 1, 62), (3.6, 1, 64)], [60, ENDS, 62, ENDS, 64]),
        ([(0, 1, 60)], [60]),
    ],
)
def test_a_call_in_its_own_rhythm(played: list[tuple[float, float, int]], events: list[int]) -> None:
    assert melody_events(played_request(played)) == events


@pytest.mark.parametrize(
    ("upbeat_steps", "silent_steps"),
    [(0.0, 0), (0.4, 0), (1.0, 1), (13.6, 14), (15.4, 15), (15.8, 0), (16.0, 0), (29.9, 14)],
)
def test_a_call_begins_at_the_bar_line_before_it(upbeat_steps: float, silent_steps: int) -> None:
    """15.8 steps after a bar line is the next bar line, played a little early."""
    played = played_request([(0, 1, 60), (2, 1, 62)], upbeat_steps)
    assert melody_events(played) == [*[GOES_ON] * silent_steps, 60, ENDS, 62]


def test_what_is_played_a_little_early_or_late_is_taken_for_the_step_that_was_meant() -> None:
    """The upbeat's fraction counts for each note: 3.7 + 1.4 is 5.1 steps after the bar line."""
    events = melody_events(played_request([(0, 1, 60), (1.4, 1, 62), (2.4, 1, 64)], upbeat_steps=3.7))
    assert events == [GOES_ON] * 4 + [60, 62, 64]


@pytest.mark.parametrize(("qpm", "steps"), [(60.0, 4), (120.0, 8), (240.0, 16)])
def test_the_tempo_says_how_long_a_step_is(qpm: float, steps: int) -> None:
    played = played_request([(0, 8, 60), (8, 1, 62)], qpm=qpm)  # a second apart
    assert melody_events(played) == [60, *[GOES_ON] * (steps - 1), 62]


@pytest.mark.parametrize(
    ("gap", "heard"), [(31, 31), (32, 32), (33, 17), (48, 32), (49, 17), (16 * 1000 + 5, 21)]
)
def test_a_long_rest_loses_whole_bars(gap: int, heard: int) -> None:
    events = melody_events(played_request([(0, 1, 60), (gap, 1, 62), (gap + 2, 1, 64)], upbeat_steps=3.0))
    assert events == [
        *[GOES_ON] * 3, 60, ENDS, *[GOES_ON] * (heard - 2), 62, ENDS, 64,
    ]  # fmt: skip


@settings(deadline=None)
@given(played=notes, upbeat_steps=st.floats(0, 64), qpm=st.floats(20, 400))
def test_every_call_keeps_its_pitches_and_loses_its_pauses(
    played: list[tuple[float, float, int]], upbeat_steps: float, qpm: float
) -> None:
    onset, in_order = 0.0, []
    for number, (pause, duration, pitch) in enumerate(played):
        onset += pause if number else 0.0
        in_order.append((onset, duration, pitch))
    events = melody_events(played_request(in_order, upbeat_steps, qpm))
    assert [event for event in events if event >= 0] == [pitch for _, _, pitch in played]
    onsets = [step for step, event in enumerate(events) if event >= 0]
    assert 0 <= onsets[0] < 16
    assert onsets[-1] == len(events) - 1
    assert all(later - earlier <= MAX_GAP_STEPS for earlier, later in pairwise(onsets))
    for earlier, later in pairwise(onsets):
        between = events[earlier + 1 : later]
        assert between.count(NOTE_OFF) <= 1
        assert set(between) <= {NO_EVENT, NOTE_OFF}


@settings(deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(1, 70), pitches), min_size=1, max_size=20),
    shift=st.floats(-0.45, 0.45),
    upbeat=st.integers(0, 15),
)
def test_a_note_stays_at_its_place_in_the_bar(
    steps: list[tuple[int, int]], shift: float, upbeat: int
) -> None:
    onset, in_order = 0, []
    for gap, pitch in steps:
        in_order.append((float(onset), 1.0, pitch))
        onset += gap
    events = melody_events(played_request(in_order, upbeat_steps=(upbeat + shift) % 16))
    places = [step % 16 for step, event in enumerate(events) if event >= 0]
    assert places == [(upbeat + int(note[0])) % 16 for note in in_order]


# --- drums ----------------------------------------------------------------------------


def test_the_drums_are_numbered_as_note_seq_numbers_them() -> None:
    for drum, theirs in zip(DRUMS, DEFAULT_DRUM_TYPE_PITCHES, strict=True):
        assert PITCHES_OF_DRUM[drum][0] in theirs


@pytest.mark.parametrize("meter", METERS)
@pytest.mark.parametrize("num_bars", [1, 2, 3])
@pytest.mark.parametrize("name", BEATS)
def test_the_model_hears_every_stroke_of_the_beat(name: str, meter: str, num_bars: int) -> None:
    configuration = CONFIGURATIONS[name]
    request = drums_request(meter, num_bars, bass_line=[(0, 1), (num_bars - 1, 0), (num_bars - 1, 4)])
    events = drum_events(request, configuration)
    per_event = 4 // configuration.steps_per_quarter
    assert (
        len(events) == -(-request.steps_per_bar * num_bars // per_event) == steps_of(request, configuration)
    )
    heard = {(step, drum) for step, event in enumerate(events) for drum in range(9) if event >> drum & 1}
    played = {(hit.step // per_event, DRUMS.index(hit.instrument)) for hit in request.primer}
    assert heard == (played if name == "drum_kit" else {(step, 0) for step, _ in played})


def test_a_beat_of_four_as_numbers() -> None:
    """Bass drum 1, snare 2, closed hi-hat 4."""
    request = drums_request("4/4", 1, bass_line=[(0, 0), (0, 3), (0, 10)])
    assert drum_events(request, CONFIGURATIONS["drum_kit"]) == [
        7,
        0,
        4,
        2,
        4,
        0,
        4,
        0,
        4,
        0,
        6,
        0,
        4,
        0,
        4,
        0,
    ]
    assert drum_events(request, CONFIGURATIONS["one_drum"]) == [1] * 8


def test_a_model_of_8ths_hears_5_sixteenths_as_3() -> None:
    request = drums_request("5/16", 1, bass_line=[(0, 3)])
    assert drum_events(replace(request, primer=()), CONFIGURATIONS["one_drum"]) == [0, 0, 0]
    silent_but_the_last = replace(request, primer=(Hit(4, Instrument.RIDE, 90),))
    assert drum_events(silent_but_the_last, CONFIGURATIONS["one_drum"]) == [0, 0, 1]


def test_strokes_past_the_loop_are_not_heard() -> None:
    request = replace(
        drums_request("2/4", 1), primer=(Hit(8, Instrument.KICK, 90), Hit(90, Instrument.KICK, 90))
    )
    assert drum_events(request, CONFIGURATIONS["drum_kit"]) == [0] * 8


def whole(request: DrumsRequest, name: str, events: list[int]) -> tuple[Hit, ...]:
    configuration = CONFIGURATIONS[name]
    return tuple(hit for n, event in enumerate(events) for hit in hits_of(event, n, request, configuration))


@settings(deadline=None)
@given(data=st.data(), meter=st.sampled_from(METERS), num_bars=st.integers(1, 3), name=st.sampled_from(BEATS))
def test_events_become_strokes_and_the_same_events_again(
    data: st.DataObject, meter: str, num_bars: int, name: str
) -> None:
    configuration = CONFIGURATIONS[name]
    request = drums_request(meter, num_bars)
    length = steps_of(request, configuration)
    event = st.integers(0, configuration.encoding.num_classes - 1)
    events = data.draw(st.lists(event, min_size=length, max_size=length))
    hits = whole(request, name, events)
    assert all(0 <= hit.step < request.steps_per_bar * num_bars for hit in hits)
    assert all(1 <= hit.velocity <= 127 for hit in hits)
    assert [hit.step for hit in hits] == sorted(hit.step for hit in hits)
    assert drum_events(replace(request, primer=hits), configuration) == events


@pytest.mark.parametrize(
    ("meter", "velocities"),
    [
        ("4/4", [110, 86, 98, 86, 110, 86, 98, 86]),
        ("7/8", [110, 98 - 12, 110, 98 - 12]),
        ("5/16", [110, 98, 110, 98, 110]),
    ],
)
def test_the_beats_of_the_meter_are_the_loudest(meter: str, velocities: list[int]) -> None:
    request = drums_request(meter, 1)
    hits = whole(request, "drum_kit", [1] * len(velocities))
    assert [hit.velocity for hit in hits] == velocities


def test_every_drum_of_the_model_has_a_place_in_the_kit() -> None:
    request = replace(drums_request("4/4", 1), qpm=QPM)
    assert [hit.instrument for hit in whole(request, "drum_kit", [511])] == list(DRUMS)
    assert [hit.instrument for hit in whole(request, "one_drum", [1])] == [Instrument.SNARE]
