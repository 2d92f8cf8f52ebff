"""The voices of the page's band, by themselves and next to SuperCollider's."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from psc2.core.instruments import Instrument
from psc2.core.rig import Voice as VoiceName
from tests.supercollider.conftest import require
from tests.supercollider.offline import RATE, Note, Studio, missing_programs
from tests.supercollider.sound import Samples
from tests.supercollider.voices import (
    CHORDS_S,
    LINE_S,
    VOICES,
    Voice,
    between,
    centroid_hz,
    click_db,
    decibels,
    fundamental,
    hz_of,
    loudness_lufs,
    offset_db,
    peak_db,
    rms_db,
    spectrum,
)
from tests.web.sound_studio import Entry, SoundStudio, note, set_up

pytestmark = pytest.mark.browser

ALL = pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
KEYBOARD = (21, 28, 35, 45, 57, 69, 81, 93, 100, 108)
CLICK_DB = -50
ROOM_S = 0.4  # until it has fallen by 60 dB
LIKE_LU = 1


@pytest.fixture(scope="session")
def supercollider(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    require(missing_programs())
    return Studio(tmp_path_factory.mktemp("supercollider"))


def score(notes: Sequence[Note]) -> list[Entry]:
    """Notes of one voice and of level 1, as chords."""
    rig = set_up({"chords": {"voice": VoiceName(notes[0].voice)}})
    played = (
        note(Instrument.CHORDS, int(one.pitch), one.at, one.held_s, int(one.velocity), number)
        for number, one in enumerate(notes, start=1)
    )
    return [rig, *(entry for entries in played for entry in entries)]


def play(studio: SoundStudio, notes: Sequence[Note], length_s: float, rate: int = RATE) -> Samples:
    return studio.play(score(notes), length_s, rate)


# ── next to SuperCollider


@ALL
@pytest.mark.parametrize("velocity", [1, 20, 64, 100, 127])
def test_a_line_and_chords_are_as_loud_and_as_bright_as_in_supercollider(
    studio: SoundStudio, supercollider: Studio, voice: Voice, velocity: int
) -> None:
    for notes, length_s in ((voice.phrase(velocity), LINE_S), (voice.chords(velocity), CHORDS_S)):
        here, there = play(studio, notes, length_s), supercollider.play(notes, length_s)
        if velocity > 1:  # quieter than a loudness is measured
            assert loudness_lufs(here) == pytest.approx(loudness_lufs(there), abs=LIKE_LU)
        assert rms_db(here) == pytest.approx(rms_db(there), abs=LIKE_LU)
        assert centroid_hz(here) == pytest.approx(centroid_hz(there), rel=0.05)


@ALL
@pytest.mark.parametrize("velocity", [40, 90, 120])
def test_every_pitch_is_as_loud_as_in_supercollider(
    studio: SoundStudio, supercollider: Studio, voice: Voice, velocity: int
) -> None:
    notes = [Note(voice.name, pitch, velocity, 1.6 * at, 1.2) for at, pitch in enumerate(range(28, 101, 6))]
    length_s = 1.6 * len(notes)
    here, there = play(studio, notes, length_s), supercollider.play(notes, length_s)
    for one in notes:
        mine, its = (rms_db(between(samples, one.at, one.at + 1.3)) for samples in (here, there))
        assert mine == pytest.approx(its, abs=LIKE_LU), one.pitch


@ALL
def test_it_rises_and_rings_as_in_supercollider(
    studio: SoundStudio, supercollider: Studio, voice: Voice
) -> None:
    notes = [Note(voice.name, 52, 110, 0, 4)]
    here, there = play(studio, notes, 5), supercollider.play(notes, 5)
    for at in (0.02, 0.1, 0.3, 0.6, 1, 2, 3, 3.8):
        mine, its = (rms_db(between(samples, at, at + 0.1)) for samples in (here, there))
        assert mine == pytest.approx(its, abs=2), at


# ── pitch and timbre


@ALL
@pytest.mark.parametrize("rate", [44_100, RATE])
def test_the_pitch_is_right_all_over_the_keyboard(studio: SoundStudio, voice: Voice, rate: int) -> None:
    notes = [Note(voice.name, pitch, at=number, held_s=0.6) for number, pitch in enumerate(KEYBOARD)]
    samples = play(studio, notes, len(KEYBOARD), rate)
    slower = 1200 * np.log2(RATE / rate)  # cents by which it seems higher where the rate is taken to be RATE
    for one in notes:
        take = samples[round((one.at + 0.05) * rate) : round((one.at + 0.6) * rate)]
        cents, weaker_db = fundamental(take, one.pitch + slower / 100)
        assert abs(cents) < 3, one
        assert weaker_db < 3, one


@ALL
def test_harder_is_louder_and_brighter(studio: SoundStudio, voice: Voice) -> None:
    takes = [play(studio, voice.phrase(velocity), LINE_S) for velocity in (15, 40, 64, 80, 100, 127)]
    assert all(rms_db(harder) > rms_db(softer) + 1 for softer, harder in pairwise(takes))
    centroids = [centroid_hz(take) for take in takes]
    assert all(harder > 1.02 * softer for softer, harder in pairwise(centroids))


@ALL
def test_nothing_folds_back_at_the_top_of_the_keyboard(studio: SoundStudio, voice: Voice) -> None:
    for pitch in (93, 98, 103, 108):
        samples = play(studio, [Note(voice.name, pitch, 127, held_s=1)], 1)
        hz, strength = spectrum(between(samples, 0.2, 0.9))
        below = (hz > 30) & (hz < 0.45 * hz_of(pitch))  # where the voices have nothing of their own
        assert decibels(strength[below].max() / strength.max()) < -60, pitch


@ALL
def test_no_direct_current(studio: SoundStudio, voice: Voice) -> None:
    for pitch in KEYBOARD[::2]:
        samples = play(studio, [Note(voice.name, pitch, 127, held_s=1.2)], 1.2)
        assert offset_db(between(samples, 0.2, 1.2)) < -60, pitch


# ── from key down to silence


@ALL
@pytest.mark.parametrize("rate", [44_100, RATE])
def test_it_begins_on_the_sample(studio: SoundStudio, voice: Voice, rate: int) -> None:
    for frame in (4800, 9637, 14463, 19201):
        samples = play(studio, [Note(voice.name, 60, 127, at=frame / rate)], 1, rate)
        first = int(np.flatnonzero(np.abs(samples).max(axis=1))[0])
        assert frame <= first <= frame + 3  # a sine begins at 0


@ALL
@pytest.mark.parametrize("pitch", [24, 36, 48, 60, 72])
def test_nothing_clicks(studio: SoundStudio, voice: Voice, pitch: int) -> None:
    """At its start; at its end, also in the middle of its attack; and when it is struck anew."""
    notes = [
        Note(voice.name, pitch, 127, at=0.1, held_s=0.5037),
        Note(voice.name, pitch, 127, at=1.5, held_s=0.001),
        Note(voice.name, pitch, 127, at=2.5, held_s=0.02),
        Note(voice.name, pitch, 127, at=3.5, held_s=0.2011),
        Note(voice.name, pitch, 127, at=3.7011, held_s=0.2),
    ]
    samples = play(studio, notes, 5)
    edges = [edge for one in notes for edge in (one.at, one.at + one.held_s)]
    freed = [one.at + one.held_s + voice.release_s for one in notes]
    assert click_db(samples, [*edges, *freed]) < CLICK_DB


@ALL
def test_it_is_silent_soon_after_the_key_is_up(studio: SoundStudio, voice: Voice) -> None:
    samples = play(studio, [Note(voice.name, pitch, 127, held_s=0.5) for pitch in (30, 50, 70)], 3)
    loud = peak_db(between(samples, 0.3, 0.5))
    assert loud > -30
    silent_s = 0.5 + voice.release_s + 0.01
    assert peak_db(between(samples, silent_s, 3)) < loud - 15  # what the room still has
    assert peak_db(between(samples, silent_s + ROOM_S, 3)) < loud - 70


@ALL
def test_a_held_note_sounds_on(studio: SoundStudio, voice: Voice) -> None:
    for pitch in voice.line[::4]:
        samples = play(studio, [Note(voice.name, pitch, held_s=40)], 36)
        start, later, last = (rms_db(between(samples, at, at + 1.5)) for at in (1, 4, 33))
        if voice.sustains:
            assert max(abs(later - start), abs(last - start)) < 3
        else:
            assert start - 40 < later < start - 3  # as what has been struck
            assert last < start - 40
