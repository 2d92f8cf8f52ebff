import pytest

from psc2.core.meter import Form, Pass, Position, TimeSignature
from psc2.core.snapshot import Place
from psc2.core.transport import START_S
from psc2.testing import Rehearsal, press

STEP_S = 0.125  # at 120 qpm
TWO_BARS = Pass(0, Form(TimeSignature(4, 4), 2))


def place_after(rehearsal: Rehearsal, at: float) -> Place | None:
    """Where the music is at ``at``, once everything before has happened."""
    rehearsal.play([], until=at)
    return rehearsal.engine.snapshot().place_at(at)


def test_while_it_is_stopped_the_music_is_nowhere() -> None:
    snapshot = Rehearsal().engine.snapshot()
    assert snapshot.place_at(1.0) is None
    assert snapshot.next_step_at(1.0) is None


@pytest.mark.parametrize("step", [0, 1, 15, 16, 31])
def test_each_16th_begins_at_its_moment_and_lasts_until_the_next(step: int) -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    for fraction in (0.0, 0.5, 0.99):
        assert place_after(rehearsal, start + (step + fraction) * STEP_S) == Place(
            TWO_BARS, Position(step // 16, step % 16)
        )


def test_the_beat_is_counted_in_the_meters_own_notes() -> None:
    seven = Pass(0, Form(TimeSignature(7, 8), 1))
    assert [Place(seven, Position(0, step)).beat for step in (0, 1, 2, 13)] == [0, 0, 1, 6]


def test_the_count_in_has_negative_bars_from_the_press_on() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "count_in_bars": 2})
    rehearsal.play([press(0.0, "play")], until=0.0)
    bars = []
    for at in (0.0, START_S, START_S + 15.5 * STEP_S, START_S + 16 * STEP_S, START_S + 31.9 * STEP_S):
        place = place_after(rehearsal, at)
        assert place is not None
        bars.append(place.position)
    assert bars == [Position(-2, 0), Position(-2, 0), Position(-2, 15), Position(-1, 0), Position(-1, 15)]


def test_a_pass_that_has_been_sent_ahead_does_not_sound_before_its_time() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    rehearsal.play([press(start + 1.0, "numerator_up")], until=start + 1.0)
    end = start + 32 * STEP_S
    before = place_after(rehearsal, end - 0.01)
    assert rehearsal.engine.snapshot().form.time_signature == TimeSignature(
        5, 4
    )  # the next pass has been sent
    assert before == Place(TWO_BARS, Position(1, 15))
    assert place_after(rehearsal, end) == Place(Pass(32, Form(TimeSignature(5, 4), 2)), Position(0, 0))


def test_a_pass_that_is_about_to_be_sent_has_the_pending_meter_and_bars() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    changes = [
        press(start + 1.0, "numerator_up"),
        press(start + 1.0, "bars_up"),
    ]
    rehearsal.play(changes, until=start + 1.0)
    snapshot = rehearsal.engine.snapshot()  # the looper does not get its turn any more
    assert snapshot.place_at(start + 33 * STEP_S) == Place(
        Pass(32, Form(TimeSignature(5, 4), 3)), Position(0, 1)
    )


def test_the_next_16th_is_at_most_one_16th_away() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    snapshot = rehearsal.engine.snapshot()
    for at, then in ((start, 1), (start + 0.1, 1), (start + 0.125, 2)):
        assert snapshot.next_step_at(at) == pytest.approx(start + then * STEP_S)
