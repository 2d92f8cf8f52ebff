"""What the voices of synthdefs.scd sound like, rendered without a sound card."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.supercollider.conftest import require
from tests.supercollider.every_voice import ALL, CLICK_DB, EveryVoice, Play
from tests.supercollider.offline import LOOK_AHEAD_FRAMES, RATE, Command, Note, Studio, missing_programs
from tests.supercollider.sound import Samples
from tests.supercollider.voices import (
    CHORDS_LEVEL,
    CHORDS_S,
    LINE_LEVEL,
    LINE_S,
    LOUDNESS_LUFS,
    VOICES,
    Voice,
    between,
    click_db,
    fundamental,
    loudest_db,
    loudness_lufs,
    peak_db,
    rms_db,
    spread,
)

pytestmark = pytest.mark.supercollider

ORGAN = next(voice for voice in VOICES if voice.name == "organ")
CEILING_DB = -0.5


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    require(missing_programs())
    return Studio(tmp_path_factory.mktemp("studio"))


@pytest.fixture
def play(studio: Studio) -> Play:
    def play(notes: Sequence[Note], length_s: float, rate: int = RATE) -> Samples:
        assert rate == RATE
        return studio.play(notes, length_s)

    return play


@pytest.fixture
def rate() -> int:
    return RATE


class TestEveryVoice(EveryVoice):
    """SuperCollider's."""


# ── pitch


@ALL
def test_the_pitch_bends_by_what_its_bus_holds(studio: Studio, voice: Voice) -> None:
    samples = studio.play([Note(voice.name, 60, held_s=0.9, bend=5)], 1, buses={5: -1.5})
    cents, _ = fundamental(between(samples, 0.1, 0.9), 58.5)
    assert abs(cents) < 3


@ALL
def test_a_vibrato_goes_as_deep_as_its_bus_says(studio: Studio, voice: Voice) -> None:
    samples = studio.play([Note(voice.name, 84, held_s=2, vibrato=5)], 2, buses={5: 0.5})
    found = [fundamental(between(samples, at, at + 0.06), 84)[0] for at in np.arange(0.5, 1.5, 0.01)]
    assert 60 < spread(found) < 110


# ── loudness


@pytest.mark.parametrize("velocity", [20, 64, 100, 127])
def test_all_voices_are_equally_loud(studio: Studio, velocity: int) -> None:
    lines = [loudness_lufs(studio.play(voice.phrase(velocity), LINE_S)) for voice in VOICES]
    chords = [loudness_lufs(studio.play(voice.chords(velocity), CHORDS_S)) for voice in VOICES]
    assert spread(lines) < 3
    assert spread(chords) < 3


@ALL
def test_the_calibration_is_what_it_says(studio: Studio, voice: Voice) -> None:
    assert abs(loudness_lufs(studio.play(voice.phrase(100), LINE_S)) - LOUDNESS_LUFS) < 1


@ALL
def test_a_loud_line_or_chord_alone_needs_no_limiter(studio: Studio, voice: Voice) -> None:
    line = [replace(note, level=LINE_LEVEL) for note in voice.phrase(127)]
    chords = [replace(note, level=CHORDS_LEVEL) for note in voice.chords(127)]
    assert peak_db(studio.play(line, LINE_S)) < -3
    assert peak_db(studio.play(chords, CHORDS_S)) < -3


# ── from key down to silence


def test_a_click_would_be_found(studio: Studio) -> None:
    samples = studio.play([Note("organ", 60, held_s=2)], 1)
    assert click_db(samples, [0.5]) < CLICK_DB
    peak = RATE // 2 + int(np.argmax(samples[RATE // 2 : RATE // 2 + 500, 0]))
    samples[peak:] = 0
    assert click_db(samples, [0.5]) > CLICK_DB + 10


@ALL
def test_it_is_silent_soon_after_the_key_is_up(studio: Studio, voice: Voice) -> None:
    samples = studio.play([Note(voice.name, pitch, 127, held_s=0.5) for pitch in (30, 50, 70)], 2)
    assert peak_db(between(samples, 0.3, 0.5)) > -30
    assert not between(samples, 0.5 + voice.release_s + 0.01, 2).any()


@ALL
def test_it_frees_itself_whenever_the_key_is_up(studio: Studio, voice: Voice) -> None:
    held = [0.0, 0.0005, 0.003, 0.05] * 16
    notes = [Note(voice.name, 60, 127, at=number * 0.7, held_s=s) for number, s in enumerate(held)]
    last = Note(voice.name, 60, 127, at=len(held) * 0.7, held_s=0.5)
    samples = studio.play([*notes, last], last.at + 1, nodes=8)  # there would be no room for those not freed
    assert peak_db(between(samples, last.at, last.at + 0.5)) > -30


# ── strip and master


def test_nothing_gets_past_the_ceiling(studio: Studio) -> None:
    crowd = [
        Note(voice.name, 28 + 4 * number, 127, at=0.05 * number, held_s=1.5, level=level)
        for level in (2, 8)
        for number, voice in enumerate(VOICES * 4)
    ]
    for notes in (crowd, [Note("upright", 28, 127, held_s=1, level=1000)]):
        assert peak_db(studio.play(notes, 3)) > 6
        limited = studio.play(notes, 3, master=True)
        assert -3 < peak_db(limited) < CEILING_DB + 0.01


def test_what_is_below_the_ceiling_stays_as_it_is(studio: Studio) -> None:
    notes = [replace(note, level=2) for note in ORGAN.phrase(127)]
    dry, wet = studio.play(notes, LINE_S), studio.play(notes, LINE_S, master=True)
    assert peak_db(dry) > -15
    assert LOOK_AHEAD_FRAMES <= 0.002 * RATE
    assert np.abs(wet[LOOK_AHEAD_FRAMES:] - dry[:-LOOK_AHEAD_FRAMES]).max() < 1e-5


def test_a_voice_gone_wrong_silences_the_others_only_while_it_sounds(studio: Studio) -> None:
    wrong = [Note("organ", 60, at=0.5, held_s=0.2, level=level) for level in (float("nan"), float("inf"))]
    right = [Note("organ", 64, held_s=0.4), Note("organ", 64, at=1, held_s=0.4)]
    samples = studio.play([*wrong, *right], 2, master=True)
    assert np.isfinite(samples).all()
    alone = studio.play(right, 2, master=True)
    assert np.allclose(between(samples, 0.9, 2), between(alone, 0.9, 2), atol=1e-6)


def strip(studio: Studio, *changes: tuple[float, Command]) -> Samples:
    """Two seconds of the organ through a strip that changes."""
    return studio.play([Note("organ", 60, held_s=2)], 2, master=True, changes=changes)


def test_a_strip_turns_up_and_down_without_a_click(studio: Studio) -> None:
    plain = strip(studio)
    changed = strip(studio, (0.5, ("gain", 0.0)), (1.0, ("gain", 2.0)))
    assert rms_db(between(changed, 0.505, 0.515)) > rms_db(between(plain, 0.505, 0.515)) - 20  # on its way
    assert np.abs(between(changed, 0.9, 1.0)).max() < 1e-4
    assert np.allclose(between(changed, 1.6, 2), 2 * between(plain, 1.6, 2), atol=1e-4)
    assert click_db(changed, [0.5, 1.0]) < CLICK_DB


def echo(studio: Studio, room: float, pan: float = 0.0) -> Samples:
    """What the room adds to two notes of the organ, of which the second ends at 1 s."""
    notes = [Note("organ", 69, held_s=0.4), Note("organ", 60, at=0.5, held_s=0.5)]
    setting: Command = ("room", room, "pan", pan)
    dry, wet = (studio.play(notes, 3, master=True, changes=[(0.0, one)]) for one in (("pan", pan), setting))
    return wet - dry


def test_without_a_room_a_layer_is_dry(studio: Studio) -> None:
    assert not echo(studio, 0.0).any()
    assert rms_db(between(echo(studio, 0.25), 0.7, 1)) > -50


def test_a_room_of_1_is_about_as_loud_as_the_sound_and_half_of_it_half_as_loud(studio: Studio) -> None:
    sound = strip(studio)
    whole, half = (rms_db(between(echo(studio, room), 0.7, 1)) for room in (1.0, 0.5))
    assert abs(whole - rms_db(between(sound, 0.7, 1))) < 6
    assert whole - half == pytest.approx(6, abs=0.2)


def test_the_room_dies_away_in_its_time(studio: Studio) -> None:
    heard = echo(studio, 1.0)
    silent_s = 1.08
    early, late = (rms_db(between(heard, silent_s + at, silent_s + at + 0.1)) for at in (0, 0.2))
    assert 24 < early - late < 36  # 60 dB in 0.4 s
    assert peak_db(between(heard, silent_s + 1, 3)) < -100


def test_what_comes_from_one_side_has_its_room_there(studio: Studio) -> None:
    heard = echo(studio, 1.0, pan=-1.0)
    assert rms_db(between(heard, 0.7, 1)[:, :1]) > -50
    assert rms_db(between(heard, 0.7, 1)[:, 1:]) < -90


def test_a_strip_moves_what_it_carries(studio: Studio) -> None:
    moved = strip(studio, (0.5, ("pan", -1.0)), (1.0, ("pan", 1.0)))
    moving, left, right = (between(moved, *span) for span in ((0.505, 0.515), (0.8, 1.0), (1.6, 2.0)))
    assert rms_db(moving[:, 1:]) > rms_db(moving[:, :1]) - 20
    assert rms_db(left[:, 1:]) < rms_db(left[:, :1]) - 40
    assert rms_db(right[:, :1]) < rms_db(right[:, 1:]) - 40
    assert abs(loudest_db(moved) - loudest_db(strip(studio))) < 3
    assert click_db(moved, [0.5, 1.0]) < CLICK_DB
