"""The voices of the page's band, by themselves and next to SuperCollider's."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from psc2.core.instruments import Instrument
from psc2.core.rig import Voice as VoiceName
from tests.supercollider.conftest import require
from tests.supercollider.every_voice import ALL, EveryVoice, Play
from tests.supercollider.offline import RATE, Note, Studio, missing_programs
from tests.supercollider.sound import Samples
from tests.supercollider.voices import (
    CHORDS_LEVEL,
    CHORDS_S,
    LINE_S,
    Voice,
    between,
    centroid_hz,
    loudness_lufs,
    peak_db,
    rms_db,
)
from tests.web.sound_studio import Entry, SoundStudio, note, set_up

pytestmark = pytest.mark.browser

LIKE_LU = 1


@pytest.fixture(scope="session")
def supercollider(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    require(missing_programs())
    return Studio(tmp_path_factory.mktemp("supercollider"))


def score(notes: Sequence[Note]) -> list[Entry]:
    """Notes of one voice, as chords."""
    rig = set_up({"chords": {"voice": VoiceName(notes[0].voice)}})
    played = (
        note(Instrument.CHORDS, int(one.pitch), one.at, one.held_s, int(one.velocity), number)
        for number, one in enumerate(notes, start=1)
    )
    return [rig, *(entry for entries in played for entry in entries)]


def as_chords(notes: Sequence[Note]) -> list[Note]:
    """The same for SuperCollider's voices by themselves, which know nothing of the band's levels."""
    return [replace(one, level=CHORDS_LEVEL) for one in notes]


@pytest.fixture
def play(studio: SoundStudio) -> Play:
    def play(notes: Sequence[Note], length_s: float, rate: int = RATE) -> Samples:
        return studio.play(score(notes), length_s, rate)

    return play


@pytest.fixture(params=[44_100, RATE])
def rate(request: pytest.FixtureRequest) -> int:
    return int(request.param)


class TestEveryVoice(EveryVoice):
    """The page's band."""


# ── next to SuperCollider


@ALL
@pytest.mark.parametrize("velocity", [1, 20, 64, 100, 127])
def test_a_line_and_chords_are_as_loud_and_as_bright_as_in_supercollider(
    play: Play, supercollider: Studio, voice: Voice, velocity: int
) -> None:
    for notes, length_s in ((voice.phrase(velocity), LINE_S), (voice.chords(velocity), CHORDS_S)):
        here, there = play(notes, length_s), supercollider.play(as_chords(notes), length_s)
        if velocity > 1:  # quieter than a loudness is measured
            assert loudness_lufs(here) == pytest.approx(loudness_lufs(there), abs=LIKE_LU)
        assert rms_db(here) == pytest.approx(rms_db(there), abs=LIKE_LU)
        assert centroid_hz(here) == pytest.approx(centroid_hz(there), rel=0.05)


@ALL
@pytest.mark.parametrize("velocity", [40, 90, 120])
def test_every_pitch_is_as_loud_as_in_supercollider(
    play: Play, supercollider: Studio, voice: Voice, velocity: int
) -> None:
    notes = [Note(voice.name, pitch, velocity, 1.6 * at, 1.2) for at, pitch in enumerate(range(28, 101, 6))]
    length_s = 1.6 * len(notes)
    here, there = play(notes, length_s), supercollider.play(as_chords(notes), length_s)
    for one in notes:
        mine, its = (rms_db(between(samples, one.at, one.at + 1.3)) for samples in (here, there))
        assert mine == pytest.approx(its, abs=LIKE_LU), one.pitch


@ALL
def test_it_rises_and_rings_as_in_supercollider(play: Play, supercollider: Studio, voice: Voice) -> None:
    notes = [Note(voice.name, 52, 110, 0, 4)]
    here, there = play(notes, 5), supercollider.play(as_chords(notes), 5)
    for at in (0.02, 0.1, 0.3, 0.6, 1, 2, 3, 3.8):
        mine, its = (rms_db(between(samples, at, at + 0.1)) for samples in (here, there))
        assert mine == pytest.approx(its, abs=2), at


# ── from key down to silence


@ALL
def test_it_is_silent_soon_after_the_key_is_up(play: Play, voice: Voice) -> None:
    samples = play([Note(voice.name, pitch, 127, held_s=0.5) for pitch in (30, 50, 70)], 2)
    assert peak_db(between(samples, 0.3, 0.5)) > -30
    assert not between(samples, 0.5 + voice.release_s + 0.01, 2).any()
