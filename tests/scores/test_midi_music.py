"""Odd MIDI files, byte by byte: what is read of them, and why what is not."""

import io
import struct
from contextlib import suppress

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.scores.midi_music import MidiMusic, read_music
from tests.scores.midi_bytes import END, QUARTER, after, file, header, length, line, meta, meter, tempo, track

SCALE = [60, 62, 64]
RMID = b"RIFF" + struct.pack("<L", 999) + b"RMID" + b"DISP" + struct.pack("<L", 3) + b"abc\x00"


def read(data: bytes) -> MidiMusic:
    (music,) = read_music(data)
    return music


def heard(data: bytes) -> list[tuple[float, int]]:
    """Onset, in quarter notes, and pitch of each note."""
    music = read(data)
    return sorted((note.onset / music.ticks_per_quarter, note.pitch) for note in music.notes)


WHOLE = [(0.0, 60), (1.0, 62), (2.0, 64)]
MIDDLE = line(SCALE[1:])


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(file(line(SCALE)), id="as it should be"),
        pytest.param(file(meta(0, 0x59, b"\x0b\x05"), line(SCALE)), id="eleven sharps"),
        pytest.param(file(meta(0, 0x59, b""), line(SCALE)), id="a key without a key"),
        pytest.param(file(meta(0, 0x03, b"\xff\xfe\x80\x00"), line(SCALE)), id="a text in no encoding"),
        pytest.param(file(after(0, 0xF0, 3, 0x43, 0xC8, 0xF7), line(SCALE)), id="sysex of 8 bits"),
        pytest.param(file(after(0, 0xF0, 2, 0x43, 0x10), line(SCALE)), id="sysex without an end"),
        pytest.param(
            file(line([60]), after(0, 0xF0, 2, 0x43, 0x10), after(0, 0xF7, 1, 0xF7), MIDDLE),
            id="sysex in two packets",
        ),
        pytest.param(
            file(b"\x00\xf0\xff\x7f\x43\x10\xf7", line(SCALE)), id="sysex whose length is that of another"
        ),
        pytest.param(file(after(0, 0xB0, 7, 0xC8), line(SCALE)), id="a controller of 8 bits"),
        pytest.param(file(after(0, 0xFE), after(0, 0xF2, 1, 2), line(SCALE)), id="system messages"),
        pytest.param(file(meta(0, 0x60, b"?" * 200), line(SCALE)), id="a meta message of no known kind"),
        pytest.param(file(tempo(0, 120), tempo(0, 119.9), line(SCALE)), id="two tempi at once"),
        pytest.param(file(meta(0, 0x51, b"\x00\x00\x00"), line(SCALE)), id="a tempo of no length"),
        pytest.param(file(meta(0, 0x51, b"\x07"), line(SCALE)), id="a tempo cut short"),
        pytest.param(file(meter(0, 0, 2), line(SCALE)), id="a meter of no beats"),
        pytest.param(file(meter(0, 4, 200), line(SCALE)), id="a meter of endless parts"),
        pytest.param(file(line(SCALE), end=b""), id="no end of the track"),
        pytest.param(RMID + b"data" + struct.pack("<L", 999) + file(line(SCALE)), id="in a RIFF file"),
        pytest.param(b"\x00" * 128 + file(line(SCALE)), id="behind another system's header"),
        pytest.param(file(line(SCALE)) + b"\x00\x01junk", id="before junk"),
        pytest.param(header(1, 3) + track() + track(line(SCALE)) + track(), id="among empty tracks"),
        pytest.param(header(1, 9) + track(line(SCALE)), id="fewer tracks than announced"),
        pytest.param(header(0, 0) + track(line(SCALE)), id="more tracks than announced"),
        pytest.param(header(7) + track(line(SCALE)), id="a format that nobody knows"),
        pytest.param(
            header(1, 2) + b"XFIH\x00\x00\x00\x02ab" + track(line(SCALE)), id="a chunk of another kind"
        ),
        pytest.param(
            b"MThd" + struct.pack(">LHHhH", 8, 0, 1, QUARTER, 7) + track(line(SCALE)), id="a longer header"
        ),
        pytest.param(
            header() + b"MTrk\xff\xff\xff\xff" + line(SCALE) + END, id="a track of endless length"
        ),
        pytest.param(header() + b"MTrk\x00\x00\x00\x00" + line(SCALE) + END, id="a track of no length"),
        pytest.param(
            header(1, 2) + track() + b"\x00" + track(line(SCALE)), id="a byte between two tracks"
        ),
        pytest.param(
            file(b"\x00\x90\x3c\x5a", b"\x60\x3c\x00", b"\x00\x3e\x5a\x60\x3e\x00\x00\x40\x5a\x60\x40\x00"),
            id="running status",
        ),
        pytest.param(
            file(
                b"\x00\x90\x3c\x5a\x60\x3c\x00", meta(0, 0x01, b"text"), b"\x00\x3e\x5a\x60\x3e\x00",
                after(0, 0xF0, 1, 0xF7), b"\x00\x40\x5a\x60\x40\x00",
            ),
            id="running status that goes on after a text and sysex",
        ),
        pytest.param(
            file(b"\x80\x80\x80\x80\x00\x90\x3c\x5a", b"\x60\x80\x3c\x00", MIDDLE),
            id="a time longer than it need be",
        ),
    ],
)  # fmt: skip
def test_what_does_not_matter_is_read_past(data: bytes) -> None:
    assert heard(data) == WHOLE
    assert read(data).damage == ()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "an empty file"),
        (b"hello, world", "one that begins with 'hello, w' and not with MThd"),
        (
            b"PK\x03\x04\x00\x00\x00\x00",
            r"one that begins with 'PK\x03\x04\x00\x00\x00\x00' and not with MThd",
        ),
        (RMID, r"one that begins with 'RIFF\xe7\x03\x00\x00' and not with MThd"),
        (b"MThd", "one whose header is cut short"),
        (header()[:-1], "one whose header is cut short"),
        (header(), "one without a track"),
        (header() + b"MThd" * 5, "one without a track"),
        (header(division=0) + track(), "one that has 0 ticks a quarter note"),
        (header(division=-25 << 8) + track(), "one that has 0 ticks a quarter note"),
        *(
            (
                header(division=(-frames << 8) + 40) + track(),
                f"one whose SMPTE time has {told} a second, not 24, 25, 29, 30",
            )
            for frames, told in ((77, "77 frames"), (1, "1 frame"), (128, "128 frames"))
        ),
    ],
)
def test_why_a_file_cannot_be_read(data: bytes, why: str) -> None:
    with pytest.raises(ValueError) as raised:  # noqa: PT011
        read_music(data)
    assert str(raised.value) == why


@pytest.mark.parametrize(
    ("data", "damage"),
    [
        (file(line(SCALE))[:-8], "track 1 is cut short"),
        (header(1, 2) + track(line(SCALE)) + track(line(SCALE), end=b"")[:-3], "track 2 is cut short"),
        (file(line([60, 62]), after(0, 0x90, 64, 90), b"\x00\xff\x01\x90?"), "track 1 is cut short"),
        (file(line([60, 62]), after(0, 0x90, 64, 90), b"\x00\xf0\x90?"), "track 1 is cut short"),
        (
            header(1, 2) + track(b"\x00\x40\x40") + track(line(SCALE)),
            "track 1 has 64 where a message should begin",
        ),
    ],
)  # fmt: skip
def test_a_damaged_track_is_read_up_to_the_damage(data: bytes, damage: str) -> None:
    assert {(onset, pitch) for onset, pitch in heard(data)} == set(WHOLE)
    assert read(data).damage == (damage,)


def test_a_note_that_nobody_ends_lasts_as_long_as_its_track() -> None:
    (note,) = read(file(after(0, 0x90, 60, 90), end=after(QUARTER, 0xFF, 0x2F, 0))).notes
    assert (note.onset, note.end) == (0, QUARTER)


def test_a_stroke_of_no_length_lasts_a_tick() -> None:
    strokes = [after(QUARTER, 0x99, 36, 90) + after(0, 0x99, 36, 0) for _ in range(2)]
    assert [(note.onset, note.end) for note in read(file(*strokes)).notes] == [(96, 97), (192, 193)]


def test_a_note_off_ends_the_note_before_rather_than_the_one_that_begins_with_it() -> None:
    again = after(0, 0x90, 60, 90) + after(QUARTER, 0x90, 60, 80) + after(0, 0x80, 60, 0)
    notes = read(file(again, after(QUARTER, 0x80, 60, 0))).notes
    assert [(note.onset, note.end, note.velocity) for note in notes] == [(0, 96, 90), (96, 192, 80)]


def test_a_pitch_of_8_bits_is_no_note_and_a_velocity_of_8_bits_is_the_loudest() -> None:
    (note,) = read(file(after(0, 0x90, 60, 200), after(0, 0x90, 188, 90))).notes
    assert (note.pitch, note.velocity) == (60, 127)


def test_tempi_and_meters_come_from_any_track_and_the_first_track_goes_before_others() -> None:
    conductor = track(meter(0, 3, 2), tempo(0, 90), tempo(QUARTER, 100))
    other = track(meter(0, 4, 2), tempo(0, 60), line(SCALE), tempo(0, 200))
    music = read(header(1, 2) + conductor + other)
    assert music.meters == ((0, (3, 4)),)
    assert [(tick, round(qpm, 2)) for tick, qpm in music.tempi] == [(0, 90), (96, 100), (288, 200)]


def test_a_meter_that_is_said_again_is_no_change() -> None:
    music = read(file(meter(0, 4, 2), meter(QUARTER * 4, 4, 2), meter(QUARTER * 4, 3, 2), line(SCALE)))
    assert music.meters == ((0, (4, 4)), (768, (3, 4)))


@pytest.mark.parametrize(("frames", "rate"), [(24, 24), (25, 25), (29, 29.97), (30, 30)])
def test_time_in_frames_is_read_by_the_tempi(frames: int, rate: float) -> None:
    """Two quarter notes at 60, then at 120."""
    second = round(40 * rate)
    late = (
        tempo(0, 60)
        + line([60], second)
        + line([62], second - 1)
        + tempo(1, 120)
        + line([64, 65], second // 2)
    )
    music = read(header(division=(-frames << 8) + 40) + track(late))
    onsets = [note.onset / music.ticks_per_quarter for note in music.notes]
    assert onsets == pytest.approx([0, 1, 2, 3], abs=0.01)


def test_the_tracks_of_format_2_are_pieces_of_their_own() -> None:
    one, two = read_music(header(2, 2) + track(meter(0, 3, 2), line([60])) + track(tempo(0, 90), line([72])))
    assert (one.meters[0][1], two.meters[0][1]) == ((3, 4), (4, 4))
    assert [note.pitch for music in (one, two) for note in music.notes] == [60, 72]
    assert len({note.instrument for music in (one, two) for note in music.notes}) == 2


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for start in (b"", header(), header() + b"MTrk" + struct.pack(">L", len(data))):
        musics: list[MidiMusic] = []
        with suppress(ValueError):
            musics = read_music(start + data)
        for note in (note for music in musics for note in music.notes):
            assert 0 <= note.onset < note.end
            assert note.pitch in range(128)
            assert note.velocity in range(1, 128)


@pytest.mark.parametrize("rest", [b"MTrk", b"MTrk\x00", b"\xffMTrk\x00\x00", b"MTr"])
def test_a_track_that_ends_with_its_name_is_none(rest: bytes) -> None:
    assert heard(file(line(SCALE)) + rest) == WHOLE


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 127), st.booleans()), max_size=40))
def test_what_mido_writes_is_read_as_mido_reads_it(messages: list[tuple[int, int, bool]]) -> None:
    made = mido.MidiFile(ticks_per_beat=QUARTER)
    made.tracks.append(
        mido.MidiTrack(
            mido.Message("note_on" if on else "note_off", note=pitch, time=time)
            for time, pitch, on in messages
        )
    )
    data = io.BytesIO()
    made.save(file=data)
    now, onsets = 0, []
    for time, pitch, on in messages:
        now += time
        if on:
            onsets.append((now, pitch))
    assert sorted((note.onset, note.pitch) for note in read(data.getvalue()).notes) == sorted(onsets)


def test_a_time_of_many_bytes_is_bounded() -> None:
    assert length(2**28 - 1) == b"\xff\xff\xff\x7f"
    music = read(file(b"\xff" * 100_000 + b"\x7f\x90\x3c\x5a", after(1, 0x80, 60, 0)))
    assert music.notes[0].onset < 2**28
