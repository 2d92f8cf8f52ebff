"""What holds for each voice, whoever plays it: SuperCollider or the page's band."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
import pytest

from tests.supercollider.offline import RATE, Note
from tests.supercollider.sound import Samples
from tests.supercollider.voices import (
    LINE_S,
    VOICES,
    Voice,
    air_db,
    between,
    centroid_hz,
    click_db,
    decibels,
    fundamental,
    hz_of,
    offset_db,
    rms_db,
    spectrum,
)

ALL = pytest.mark.parametrize("voice", VOICES, ids=lambda voice: voice.name)
KEYBOARD = (21, 28, 35, 45, 57, 69, 81, 93, 100, 108)
CLICK_DB = -50


class Play(Protocol):
    """What notes sound like, stereo, at a rate in frames a second."""

    def __call__(self, notes: Sequence[Note], length_s: float, rate: int = RATE) -> Samples: ...


class EveryVoice:
    """Tests for who has the fixtures ``play``, a ``Play``, and ``rate``, those at which it plays."""

    @ALL
    def test_the_pitch_is_right_all_over_the_keyboard(self, play: Play, rate: int, voice: Voice) -> None:
        notes = [Note(voice.name, pitch, at=number, held_s=0.6) for number, pitch in enumerate(KEYBOARD)]
        samples = play(notes, len(KEYBOARD), rate)
        slower = 1200 * np.log2(
            RATE / rate
        )  # cents by which it seems higher where the rate is taken for RATE
        for note in notes:
            take = samples[round((note.at + 0.05) * rate) : round((note.at + 0.6) * rate)]
            cents, weaker_db = fundamental(take, note.pitch + slower / 100)
            assert abs(cents) < 3, note
            assert weaker_db < 3, note

    @ALL
    def test_harder_is_louder_and_brighter(self, play: Play, voice: Voice) -> None:
        takes = [play(voice.phrase(velocity), LINE_S) for velocity in (15, 40, 64, 80, 100, 127)]
        assert all(rms_db(harder) > rms_db(softer) + 1 for softer, harder in pairwise(takes))
        centroids = [centroid_hz(take) for take in takes]
        assert all(harder > 1.02 * softer for softer, harder in pairwise(centroids))
        assert centroids[-1] > 1.3 * centroids[0]

    @ALL
    def test_there_is_air_above_the_tone_and_the_more_the_harder(self, play: Play, voice: Voice) -> None:
        soft, usual, hard = (air_db(play(voice.phrase(velocity), LINE_S)) for velocity in (40, 100, 127))
        assert usual > voice.air_db
        assert soft + 5 < usual < hard < -20

    @ALL
    def test_nothing_folds_back_at_the_top_of_the_keyboard(self, play: Play, voice: Voice) -> None:
        for pitch in (93, 98, 103, 108):
            samples = play([Note(voice.name, pitch, 127, held_s=1)], 1)
            hz, strength = spectrum(between(samples, 0.2, 0.9))
            below = (hz > 30) & (hz < 0.45 * hz_of(pitch))  # where the voices have nothing of their own
            assert decibels(strength[below].max() / strength.max()) < -60, pitch

    @ALL
    def test_no_direct_current(self, play: Play, voice: Voice) -> None:
        for pitch in KEYBOARD[::2]:
            samples = play([Note(voice.name, pitch, 127, held_s=1.2)], 1.2)
            assert offset_db(between(samples, 0.2, 1.2)) < -60, pitch

    @ALL
    def test_it_begins_on_the_sample(self, play: Play, rate: int, voice: Voice) -> None:
        for frame in (4800, 9637, 14463, 19201):
            samples = play([Note(voice.name, 60, 127, at=frame / rate)], 1, rate)
            first = int(np.flatnonzero(np.abs(samples).max(axis=1))[0])
            assert frame <= first <= frame + 3  # a sine begins at 0

    @ALL
    @pytest.mark.parametrize("pitch", [24, 36, 48, 60, 72])
    def test_nothing_clicks(self, play: Play, voice: Voice, pitch: int) -> None:
        """At its start; at its end, also in the middle of its attack; and when it is struck anew."""
        notes = [
            Note(voice.name, pitch, 127, at=0.1, held_s=0.5037),
            Note(voice.name, pitch, 127, at=1.5, held_s=0.001),
            Note(voice.name, pitch, 127, at=2.5, held_s=0.02),
            Note(voice.name, pitch, 127, at=3.5, held_s=0.2011),
            Note(voice.name, pitch, 127, at=3.7011, held_s=0.2),
        ]
        samples = play(notes, 5)
        edges = [edge for note in notes for edge in (note.at, note.at + note.held_s)]
        freed = [note.at + note.held_s + voice.release_s for note in notes]
        assert click_db(samples, [*edges, *freed]) < CLICK_DB

    @ALL
    def test_a_held_note_sounds_on(self, play: Play, voice: Voice) -> None:
        for pitch in voice.line[::4]:
            samples = play([Note(voice.name, pitch, held_s=40)], 36)
            start, later, last = (rms_db(between(samples, at, at + 1.5)) for at in (1, 4, 33))
            assert abs(fundamental(between(samples, 4, 5.5), pitch)[0]) < 3
            if voice.sustains:
                assert max(abs(later - start), abs(last - start)) < 3
            else:
                assert start - 40 < later < start - 3  # as what has been struck
                assert last < start - 40
