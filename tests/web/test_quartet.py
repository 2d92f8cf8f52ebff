"""The band sounds like one, in SuperCollider and in the page: how loud each is, and where it stands."""

from collections.abc import Callable, Mapping

import pytest

from tests.supercollider.conftest import require
from tests.supercollider.offline import missing_programs
from tests.supercollider.sound import Samples
from tests.supercollider.voices import between, loudness_lufs, peak_db, rms_db, spread
from tests.web import quartet
from tests.web.quartet import LENGTH_S, PARTS
from tests.web.sound_studio import Score, SoundStudio, in_supercollider

pytestmark = pytest.mark.browser

ROOM_S = 0.4
LIKE_LU = 1
Parts = Mapping[str, Samples]


def played(play: Callable[[Score], Samples]) -> Parts:
    return {part: between(play(quartet.score(part)), 0, LENGTH_S) for part in PARTS}


@pytest.fixture(scope="session")
def in_page(studio: SoundStudio) -> Parts:
    return played(lambda score: studio.play(score, LENGTH_S))


@pytest.fixture(scope="session")
def there(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    require(missing_programs())
    folder = tmp_path_factory.mktemp("quartet")
    return played(lambda score: in_supercollider(score, folder))


@pytest.fixture(params=["in_page", "there"])
def parts(request: pytest.FixtureRequest) -> Parts:
    """Who plays what, in the one sound and in the other."""
    found: Parts = request.getfixturevalue(request.param)
    return found


def test_bass_chords_and_lead_are_equally_loud_within_3_lu(parts: Parts) -> None:
    assert spread([loudness_lufs(parts[part]) for part in quartet.PITCHED]) < 3


def test_the_drums_are_as_loud_as_the_others_within_4_lu(parts: Parts) -> None:
    players = [loudness_lufs(parts[part]) for part in quartet.PITCHED]
    assert abs(loudness_lufs(parts["drums"]) - sum(players) / len(players)) < 4


def test_the_kick_does_not_tower_over_the_bar(parts: Parts) -> None:
    assert peak_db(parts["all"]) < peak_db(parts["without_kick"]) + 3
    assert peak_db(parts["kick"]) < peak_db(parts["without_kick"]) - 3
    assert peak_db(parts["kick"]) > peak_db(parts["without_kick"]) - 9  # and is still there


def test_the_limiter_has_nothing_to_do_with_a_usual_bar(parts: Parts) -> None:
    assert peak_db(parts["all"]) < -2


def test_chords_are_a_little_to_the_left_and_the_lead_to_the_right(parts: Parts) -> None:
    def to_the_right_db(part: str) -> float:
        return rms_db(parts[part][:, 1:]) - rms_db(parts[part][:, :1])

    assert -6 < to_the_right_db("chords") < -1
    assert 1 < to_the_right_db("lead") < 6
    assert 0.5 < to_the_right_db("drums") < 3
    assert abs(to_the_right_db("bass")) < 0.2


def test_both_sounds_are_equally_loud(in_page: Parts, there: Parts) -> None:
    for part in PARTS:
        assert loudness_lufs(in_page[part]) == pytest.approx(loudness_lufs(there[part]), abs=LIKE_LU), part
        assert peak_db(in_page[part]) == pytest.approx(peak_db(there[part]), abs=2), part


def test_what_the_lead_has_played_is_heard_in_the_room_and_dies_away(parts: Parts) -> None:
    end_s = quartet.melody_end_s()
    tail_db, later_db = (peak_db(between(parts["lead"], end_s + at, end_s + at + 0.1)) for at in (0, ROOM_S))
    assert peak_db(parts["lead"]) - 45 < tail_db < peak_db(parts["lead"]) - 15
    assert later_db < tail_db - 40
