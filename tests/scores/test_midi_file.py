"""The MIDI file, read back."""

from collections import Counter

import mido
import pytest

from psc2.core.effects import Strike
from psc2.core.instruments import Instrument
from psc2.demo import demo
from psc2.demo.demo import VirtualPlayer
from psc2.demo.script import load_script
from psc2.scores import midi_file
from psc2.scores.midi_file import PITCH_OF_STRIKE, TICKS_PER_STEP
from psc2.scores.score import Part, Score

BAR_CLICKS = {PITCH_OF_STRIKE[Instrument.CLICK_SEQUENCE], PITCH_OF_STRIKE[Instrument.CLICK_BAR]}
START_S = 0.060  # from the play button to the first step; not in the file


@pytest.fixture(scope="module")
def score() -> Score:
    return demo.perform(demo.SONG, seed=0).score


@pytest.fixture(scope="module")
def file(score: Score, tmp_path_factory: pytest.TempPathFactory) -> mido.MidiFile:
    path = tmp_path_factory.mktemp("midi") / "demo.mid"
    midi_file.write(score, path)
    return mido.MidiFile(path, charset="utf-8")


def timed(track: mido.MidiTrack) -> list[tuple[int, mido.Message]]:
    """Messages with the tick at which each comes."""
    now, messages = 0, []
    for message in track:
        now += message.time
        messages.append((now, message))
    return messages


def track_of(file: mido.MidiFile, part: Part) -> list[tuple[int, mido.Message]]:
    return timed(next(track for track in file.tracks if track.name == part.value))


def bar_line_ticks(file: mido.MidiFile) -> set[int]:
    """Where a sequencer rules its bar lines, by the meters in the file."""
    meters = [(tick, message) for tick, message in timed(file.tracks[0]) if message.type == "time_signature"]
    ends = [tick for tick, _ in meters[1:]] + [max(tick for track in file.tracks for tick, _ in timed(track))]
    return {
        bar
        for (start, meter), end in zip(meters, ends, strict=True)
        for bar in range(start, end + 1, 4 * file.ticks_per_beat * meter.numerator // meter.denominator)
    }


def seconds(file: mido.MidiFile, tick: int) -> float:
    """When a tick comes, by the tempi in the file."""
    tempi = [(at, message.tempo) for at, message in timed(file.tracks[0]) if message.type == "set_tempo"]
    ends = [at for at, _ in tempi[1:]] + [tick]
    return sum(
        float(mido.tick2second(max(0, min(tick, end) - at), file.ticks_per_beat, tempo))
        for (at, tempo), end in zip(tempi, ends, strict=True)
    )


def test_there_is_a_track_a_part_after_the_conductors(file: mido.MidiFile, score: Score) -> None:
    assert [track.name for track in file.tracks] == [score.title, *(part.value for part in Part)]


def test_player_and_machine_have_instruments_of_their_own(file: mido.MidiFile) -> None:
    programs = {
        part: message.program
        for part in Part
        for _, message in track_of(file, part)
        if message.type == "program_change"
    }
    assert len(set(programs.values())) == len(programs) == 4


def test_clicks_and_drums_are_on_channel_10(file: mido.MidiFile) -> None:
    for part in (Part.CLICK, Part.DRUMS):
        notes = [message for _, message in track_of(file, part) if message.type == "note_on"]
        assert {message.channel for message in notes} == {9}


def test_every_note_on_has_one_note_off(file: mido.MidiFile) -> None:
    for part in Part:
        sounding = Counter[int]()
        for _, message in track_of(file, part):
            if message.type in ("note_on", "note_off"):
                sounding[message.note] += 1 if message.type == "note_on" else -1
                assert sounding[message.note] in (0, 1), part
        assert not +sounding, part


def test_the_clicks_of_a_first_beat_fall_on_bar_lines(file: mido.MidiFile) -> None:
    clicks = [
        tick
        for tick, message in track_of(file, Part.CLICK)
        if message.type == "note_on" and message.note in BAR_CLICKS
    ]
    assert clicks[0] == 0
    assert set(clicks) <= bar_line_ticks(file)


def test_every_bar_of_the_loop_is_a_bar_of_the_file(file: mido.MidiFile, score: Score) -> None:
    bars = {(step - score.start) * TICKS_PER_STEP for step in score.bar_lines}
    assert bars <= bar_line_ticks(file)
    assert len([tick for tick in bar_line_ticks(file) if tick < max(bars)]) == len(bars) - 1


def test_drums_sound_at_the_moments_at_which_the_engine_played_them(file: mido.MidiFile) -> None:
    script = load_script(demo.SONG, seed=0)
    player = VirtualPlayer(script.config, seed=0)
    player.play((*script.events, script.stop))
    struck = [item for item in player.performance.output.sent if isinstance(item.effect, Strike)]
    played = sorted(
        tick
        for part in (Part.CLICK, Part.DRUMS)
        for tick, message in track_of(file, part)
        if message.type == "note_on"
    )
    moments = sorted(item.when for item in struck)[: len(played)]
    for tick, moment in zip(played, moments, strict=True):
        assert seconds(file, tick) == pytest.approx(moment - START_S, abs=0.001)


def test_sections_are_markers(file: mido.MidiFile, score: Score) -> None:
    markers = [message.text for _, message in timed(file.tracks[0]) if message.type == "marker"]
    assert markers == [name for _, name in score.sections]
