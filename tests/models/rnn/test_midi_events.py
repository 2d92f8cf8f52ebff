"""MIDI files as events: by ticks, cut at changes of meter, without long rests, as note-seq reads them."""

import io
from pathlib import Path

import mido
import note_seq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.errors import ModelError
from psc2.models.rnn import midi_events, quantization
from psc2.models.rnn.configurations import CONFIGURATIONS, Configuration
from psc2.models.rnn.quantization import Excerpt, shorten_rests
from psc2.scores.midi_music import Meter
from tests.scores.midi_bytes import QUARTER, after, file, header, line, meter, tempo, track

MELODY, DRUMS, ONE_DRUM = (CONFIGURATIONS[name] for name in ("mono_rnn", "drum_kit", "one_drum"))
BAR = 4 * QUARTER


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "music.mid"


def excerpts(path: Path, data: bytes, configuration: Configuration = MELODY) -> list[Excerpt]:
    path.write_bytes(data)
    return midi_events.read_excerpts(path, configuration)


def events(path: Path, data: bytes, configuration: Configuration = MELODY) -> list[list[int]]:
    return [excerpt.events for excerpt in excerpts(path, data, configuration)]


def onsets(events: list[int]) -> list[int]:
    return [step for step, event in enumerate(events) if event >= 0]


def note(wait: int, ticks: int, pitch: int = 60) -> bytes:
    return after(wait, 0x90, pitch, 90) + after(ticks, 0x80, pitch, 0)


# --- by ticks -------------------------------------------------------------------------


@pytest.mark.parametrize("second", [119.9, 40, 300])
def test_the_tempo_changes_nothing(path: Path, second: float) -> None:
    changing = file(tempo(0, 120), line([60]), tempo(0, second), line([62]), tempo(0, 90), line([64]))
    assert events(path, changing) == events(path, file(line([60, 62, 64])))


def test_a_step_is_the_one_that_is_nearest(path: Path) -> None:
    """A step has 24 ticks."""
    (found,) = events(path, file(note(11, 20), note(5, 24), note(24, 24)))  # at 11, 36 and 84
    assert onsets(found) == [0, 2, 4]


# --- meters ---------------------------------------------------------------------------


def test_music_is_cut_where_its_meter_changes(path: Path) -> None:
    data = file(meter(0, 3, 2), line([60, 62, 64]), meter(0, 4, 2), line([65]))
    first, second = excerpts(path, data)
    assert (first.meter, second.meter) == (Meter(3, 4), Meter(4, 4))
    assert (first.events, second.events) == (
        [60, -2, -2, -2, 62, -2, -2, -2, 64, -2, -2, -2], [65, -2, -2, -2],
    )  # fmt: skip


def test_a_note_over_a_change_of_meter_ends_there(path: Path) -> None:
    data = file(after(0, 0x90, 60, 90), meter(BAR, 3, 2), after(QUARTER, 0x80, 60, 0), line([62]))
    assert [len(found) for found in events(path, data)] == [16, 8]
    assert [onsets(found) for found in events(path, data)] == [[0], [4]]


def test_each_instrument_has_its_own_excerpts(path: Path) -> None:
    conductor = track(meter(BAR, 3, 2))
    parts = [
        track(
            line([pitch] * 8),
        )
        for pitch in (60, 48)
    ]
    found = excerpts(path, header(1, 3) + conductor + b"".join(parts))
    assert [set(excerpt.events) - {-2} for excerpt in found] == [{60}, {60}, {48}, {48}]
    assert [excerpt.meter for excerpt in found] == [Meter(4, 4), Meter(3, 4)] * 2


@pytest.mark.parametrize(
    ("numerator", "power", "first"),
    [(4, 2, 8), (3, 2, 0), (7, 3, 10), (3, 5, 0), (2, 1, 8), (1, 4, 0), (255, 0, 24)],
)
def test_an_excerpt_begins_at_a_bar_line(path: Path, numerator: int, power: int, first: int) -> None:
    """Where bars have no whole number of steps, at one of those that begin with a step."""
    (found,) = events(path, file(meter(0, numerator, power), note(6 * QUARTER, QUARTER)))
    assert onsets(found) == [first]


def test_bars_that_have_no_whole_steps_are_read_two_by_two(path: Path) -> None:
    (found,) = events(path, file(meter(0, 7, 3), note(4 * QUARTER, QUARTER), note(0, QUARTER)), MELODY)
    assert onsets(found) == [2, 6]
    strokes = line([36, 38], channel=9)
    (beat,) = events(path, file(meter(0, 7, 3), after(7 * QUARTER, 0x99, 36, 90), strokes), ONE_DRUM)
    assert beat == [1, 0, 1]


# --- rests ----------------------------------------------------------------------------


@pytest.mark.parametrize(("rest", "kept"), [(32, 32), (33, 17), (48, 32), (49, 17), (160_000, 32)])
@pytest.mark.parametrize(("configuration", "channel"), [(MELODY, 0), (DRUMS, 9)])
def test_long_rests_lose_whole_bars(
    path: Path, rest: int, kept: int, configuration: Configuration, channel: int
) -> None:
    step = QUARTER // 4
    notes = line([40], step, channel) + after((rest - 1) * step, 0x90 | channel, 40, 90)
    (found,) = events(path, file(notes, line([42], step, channel)), configuration)
    assert [step for step, event in enumerate(found) if event > 0][:2] == [0, kept]


def test_long_rests_lose_bars_of_their_own_meter() -> None:
    assert shorten_rests([0, 33, 70], bar=12) == [0, 21, 46]
    assert shorten_rests([0, 61, 100], bar=20) == [0, 21, 60]


def test_a_note_that_is_held_for_ever_is_held_for_two_bars(path: Path) -> None:
    (found,) = events(path, file(note(0, 2**27)))
    assert found == [60] + [-2] * 31


def test_silence_before_the_first_note_is_shorter_than_a_bar(path: Path) -> None:
    (found,) = events(path, file(note(10**5 * BAR + QUARTER, QUARTER)))
    assert found == [-2] * 4 + [60, -2, -2, -2]


def test_music_beyond_any_length_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantization, "MAX_STEPS", 100)
    assert len(events(path, file(line([60] * 25)))[0]) == 100
    with pytest.raises(ModelError, match="expected music of at most 100 steps, got more"):
        events(path, file(line([60] * 26)))
    monkeypatch.setattr(quantization, "MAX_FILE_STEPS", 150)
    with pytest.raises(ModelError, match="expected music of at most 150 steps in all, got more"):
        events(path, header(1, 2) + track(line([60] * 20)) + track(line([60] * 20)))


def test_a_file_of_many_bytes_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(midi_events, "MAX_MIDI_BYTES", 100)
    with pytest.raises(ModelError, match="expected at most 100 bytes, got more"):
        events(path, file(line([60] * 26)))


# --- drums ----------------------------------------------------------------------------


def test_strokes_of_no_length_are_strokes(path: Path) -> None:
    assert events(path, file(line([36, 38], 0, 9), line([42], QUARTER, 9), line([36], 0, 9)), DRUMS) == [
        [7, 0, 0, 0, 1]
    ]


def test_strokes_that_no_drum_has_are_told_and_make_no_events(path: Path) -> None:
    path.write_bytes(file(line([36, 99, 20, 99, 38], channel=9), after(BAR, 0x99, 20, 90)))
    told: list[str] = []
    (found,) = midi_events.read(path, DRUMS, remark=told.append)
    assert [step for step, event in enumerate(found) if event] == [0, 16]
    assert len(found) == 17
    assert told == [f"{path}: left out 4 strokes of pitches that no drum has: 20, 99"]
    path.write_bytes(file(line([99, 20], channel=9)))
    assert midi_events.read(path, DRUMS) == []
    assert midi_events.read(path, ONE_DRUM) == [[1, 0, 1]]


def test_damage_is_told(path: Path) -> None:
    path.write_bytes(header(1, 5) + track(b"\x40") * 5 + track(line([60])))
    told: list[str] = []
    assert midi_events.read(path, MELODY, remark=told.append) == [[60, -2, -2, -2]]
    why = "has 0 where a message should begin"
    assert told == [
        f"{path}: read as far as possible: track 1 {why}; track 2 {why}; track 3 {why}; and 2 more"
    ]


# --- beside note-seq ------------------------------------------------------------------

Played = list[tuple[int, int, int]]  # ticks since the onset before, length, pitch

times = st.integers(0, 3 * QUARTER)
played = st.lists(st.tuples(times, st.integers(1, 2 * QUARTER), st.integers(30, 90)), min_size=1, max_size=30)


def written(notes: Played, channel: int) -> bytes:
    now, timed = 0, []
    for wait, ticks, pitch in notes:
        now += wait
        timed.append((now, 1, mido.Message("note_on", channel=channel, note=pitch, velocity=90)))
        timed.append((now + ticks, 0, mido.Message("note_off", channel=channel, note=pitch)))
    made, last = mido.MidiFile(ticks_per_beat=QUARTER + 1), 0  # an odd number: no onset between two steps
    made.tracks.append(mido.MidiTrack())
    for tick, _, message in sorted(timed, key=lambda it: it[:2]):
        made.tracks[0].append(message.copy(time=tick - last))
        last = tick
    data = io.BytesIO()
    made.save(file=data)
    return data.getvalue()


def read_by_note_seq(data: bytes, configuration: Configuration) -> list[int]:
    sequence = note_seq.quantize_note_sequence(
        note_seq.midi_to_note_sequence(data), configuration.steps_per_quarter
    )
    if configuration is MELODY:
        melody = note_seq.Melody()
        melody.from_quantized_sequence(sequence, gap_bars=float("inf"), ignore_polyphonic_notes=True)
        return [int(event) for event in melody]
    drums = note_seq.DrumTrack()
    drums.from_quantized_sequence(sequence, gap_bars=float("inf"))
    return [midi_events.strokes_of(event, configuration) for event in drums]


@given(played)
def test_a_melody_is_what_note_seq_makes_of_it(
    tmp_path_factory: pytest.TempPathFactory, notes: Played
) -> None:
    data = written(notes, channel=0)
    path = tmp_path_factory.getbasetemp() / "melody.mid"
    assert events(path, data) == [read_by_note_seq(data, MELODY)]


@given(played)
@pytest.mark.parametrize("configuration", [DRUMS, ONE_DRUM])
def test_a_beat_is_what_note_seq_makes_of_it(
    tmp_path_factory: pytest.TempPathFactory, configuration: Configuration, notes: Played
) -> None:
    data = written([(wait, ticks, 35 + pitch % 24) for wait, ticks, pitch in notes], channel=9)
    path = tmp_path_factory.getbasetemp() / "beat.mid"
    assert events(path, data, configuration) == [read_by_note_seq(data, configuration)]


# --- written --------------------------------------------------------------------------


def test_what_is_written_is_read_again_with_its_meters_and_tempi(path: Path) -> None:
    data = file(
        tempo(0, 100),
        meter(0, 3, 2),
        line([60, 62]),
        tempo(0, 80),
        line([64]),
        meter(0, 4, 2),
        line([65, 67]),
    )
    found = excerpts(path, data)
    midi_events.write_excerpts(found, MELODY, path)
    again = midi_events.read_excerpts(path, MELODY)
    assert [excerpt.events for excerpt in again] == [excerpt.events for excerpt in found]
    assert [excerpt.meter for excerpt in again] == [Meter(3, 4), Meter(4, 4)]
    for excerpt, same in zip(found, again, strict=True):
        assert [step for step, _ in excerpt.tempi] == [step for step, _ in same.tempi]
        assert [qpm for _, qpm in excerpt.tempi] == pytest.approx([qpm for _, qpm in same.tempi])
    assert [[(step, round(qpm)) for step, qpm in excerpt.tempi] for excerpt in found] == [
        [(0, 100), (8, 80)], [(0, 80)],
    ]  # fmt: skip


def test_tempi_go_with_the_bars_that_a_long_rest_loses(path: Path) -> None:
    step = QUARTER // 4
    data = file(
        note(0, step), tempo(99 * step, 90), note(60 * step, step), tempo(step, 100), note(step, step)
    )
    (found,) = excerpts(path, data)
    assert onsets(found.events) == [0, 32, 35]
    assert [(at, round(qpm)) for at, qpm in found.tempi] == [(0, 120), (32, 90), (34, 100)]
