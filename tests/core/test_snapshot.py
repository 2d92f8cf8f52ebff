import pytest

from psc2.core import layers
from psc2.core.events import SoundServer, SuperColliderProcess
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Form, Pass, Position, TimeSignature
from psc2.core.snapshot import Place
from psc2.core.state import StruckKey
from psc2.core.transport import START_S
from psc2.testing import FakeMelody, Rehearsal, key, press

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


def bass(bar: int, step: int) -> PlayableNote:
    return PlayableNote(bar, step, Layer.BASS, Instrument.BASS, 40, 100)


def test_a_snapshot_has_the_notes_of_the_bars_about_now_and_no_others() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "num_bars": 32})
    layers.add_notes(rehearsal.state, [bass(bar, step) for bar in range(32) for step in range(0, 16, 2)])
    assert set(rehearsal.engine.snapshot().bars) == {0}
    start = rehearsal.start()
    for at_bar in (0, 1, 9, 31):
        rehearsal.play([], until=start + (16 * at_bar + 8) * STEP_S)
        now = rehearsal.engine.snapshot()
        place = now.place_at(rehearsal.clock.now())
        assert place is not None
        assert place.position.bar == at_bar
        assert now.bars[at_bar] == tuple(bass(at_bar, step) for step in range(0, 16, 2))
        assert set(now.bars) == {0, at_bar, max(0, at_bar - 1)}


@pytest.mark.parametrize(
    ("meter", "qpm", "lookahead_ms"), [("2/16", 400, 200), ("4/4", 60, 10), ("3/8", 180, 70)]
)
def test_the_bar_that_sounds_is_among_them_however_far_ahead_steps_are_sent(
    meter: str, qpm: float, lookahead_ms: float
) -> None:
    music = {"qpm": float(qpm), "num_bars": 9, "time_signature": meter}
    rehearsal = Rehearsal(music=music, output={"lookahead_ms": lookahead_ms})
    start = rehearsal.start()
    for n in range(200):
        rehearsal.play([], until=start + n * 0.037)
        now = rehearsal.engine.snapshot()
        place = now.place_at(rehearsal.clock.now())
        assert place is not None
        assert place.position.bar in now.bars


def test_what_has_not_changed_is_not_copied() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    layers.add_notes(rehearsal.state, [bass(0, 0), bass(1, 0)])
    before = rehearsal.engine.snapshot().bars[0]
    layers.add_notes(rehearsal.state, [bass(1, 2)])
    assert rehearsal.engine.snapshot().bars[0] is before
    layers.add_notes(rehearsal.state, [bass(0, 2)])
    assert rehearsal.engine.snapshot().bars[0] == (bass(0, 0), bass(0, 2))
    assert before == (bass(0, 0),)


def test_a_recorded_note_is_there_from_its_key_on_and_then_in_its_bar() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    down, up = key(start + 4 * STEP_S, 40, duration_s=2 * STEP_S)
    rehearsal.play([press(start, "record", Layer.BASS), down], until=start + 5 * STEP_S)
    (held,) = rehearsal.engine.snapshot().taken
    assert (held.position, held.pitch, held.duration_steps) == (Position(0, 4), 40, None)
    rehearsal.play([up], until=start + 8 * STEP_S)
    now = rehearsal.engine.snapshot()
    assert now.taken == ()
    assert [(note.step, note.duration_steps) for note in now.bars[0]] == [(4, 2)]
    assert held.duration_steps is None  # what has been shown does not change


def test_the_key_struck_last_is_there_with_what_it_sounds() -> None:
    rehearsal = Rehearsal(FakeMelody(72), improv={"min_primer_length": 1, "register": "off"})
    assert rehearsal.engine.snapshot().struck is None
    rehearsal.play([press(0.0, "improv"), *key(0.1, 60)], until=1.0)
    assert rehearsal.engine.snapshot().struck == StruckKey(0.1, Layer.LEAD, 60, 60)
    rehearsal.play(key(1.1, 50), until=2.0)
    assert rehearsal.engine.snapshot().struck == StruckKey(1.1, Layer.LEAD, 50, 72)


def test_what_becomes_of_psc2s_own_supercollider_is_there_and_when_it_was_last_late() -> None:
    rehearsal = Rehearsal()
    ended = SuperColliderProcess(1.0, running=False, reason="no sound card")
    rehearsal.play([ended, SoundServer(2.0, 0.02, 3), SoundServer(3.0, 0.02, 3)], until=3.0)
    peer = rehearsal.engine.snapshot().peer
    assert (peer.process, peer.late_bundles, peer.late_at) == (ended, 3, 2.0)
