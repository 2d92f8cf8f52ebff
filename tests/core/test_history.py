"""Undo and redo, 64 acts deep: one entry for each act that changed a layer."""

import pytest

from psc2.core.history import MAX_ENTRIES
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import Beat
from psc2.core.notices import Notice, NoticeKind
from psc2.core.requests import Hit
from psc2.core.state import Mode
from psc2.testing import FakeDrums, Rehearsal, key, press

PASS = 4.0  # seconds: two bars at 120 qpm
STEP = 0.125


class Session:
    """A rehearsal that presses and plays one thing after the other, each half a step later."""

    def __init__(self) -> None:
        self.rehearsal = Rehearsal(drums=FakeDrums(Hit(3, Instrument.RIDE, 70)))
        self.start = self.rehearsal.start()

    def press(self, action: str, layer: Layer | None = None) -> None:
        at = self.rehearsal.clock.now() + STEP / 2
        self.rehearsal.play([press(at, action, layer)], until=at)

    def wait_for_pass(self) -> float:
        """The moment just behind the next sequence start."""
        now = self.rehearsal.clock.now()
        at = self.start + PASS * (1 + (now - self.start) // PASS)
        self.rehearsal.play([], until=at + 0.01)
        return at

    def take(self, pitch: int, layer: Layer = Layer.BASS) -> None:
        """Record one note, over a whole pass."""
        self.press("record", layer)
        at = self.wait_for_pass()
        self.rehearsal.play(key(at + STEP, pitch), until=at + 2 * STEP)
        self.wait_for_pass()
        self.rehearsal.play([], until=self.rehearsal.clock.now() + STEP)

    @property
    def bass(self) -> list[int]:
        return [note.pitch for note in self.rehearsal.state.bass_line]


@pytest.fixture
def session() -> Session:
    return Session()


def test_takes_are_taken_back_one_by_one_and_brought_again(session: Session) -> None:
    for pitch in (40, 41, 42):
        session.take(pitch)
    seen = []
    for action in ("undo", "undo", "undo", "redo", "redo", "redo"):
        session.press(action)
        seen.append(session.bass)
    assert seen == [[41], [40], [], [40], [41], [42]]
    assert session.rehearsal.state.notice is None


def test_an_act_after_an_undo_leaves_nothing_to_redo(session: Session) -> None:
    session.take(40)
    session.take(41)
    session.press("undo")
    session.take(43)
    session.press("redo")
    assert (session.bass, session.rehearsal.state.notice) == ([43], Notice(1, NoticeKind.NOTHING_TO_REDO))
    session.press("undo")
    assert session.bass == [40]


@pytest.mark.parametrize("leaving", ["free", "improv", "undo", "redo"])
def test_a_recording_that_never_gets_a_key_gives_back_what_it_cleared(session: Session, leaving: str) -> None:
    session.take(40)
    session.press("deterministic_drums")
    before = session.rehearsal.engine.snapshot()
    session.press("record", Layer.BASS)
    assert session.bass == []
    session.press(leaving)
    after = session.rehearsal.engine.snapshot()
    assert (session.bass, after.layer_sizes, after.undoable) == ([40], before.layer_sizes, before.undoable)


def test_another_layer_armed_gives_back_the_first(session: Session) -> None:
    session.take(40)
    session.press("record", Layer.BASS)
    session.press("record", Layer.CHORDS)
    assert (session.bass, session.rehearsal.state.mode) == ([40], Mode.CHORDS)


def test_a_retakes_undo_gives_the_original_and_not_the_failed_half(session: Session) -> None:
    session.take(40)
    session.press("record", Layer.BASS)
    at = session.wait_for_pass()
    session.rehearsal.play(key(at + STEP, 99), until=at + 4 * STEP)
    session.take(41)  # record is pressed in the midst of the half
    assert session.bass == [41]
    session.press("undo")
    assert session.bass == [40]
    session.press("redo")
    assert session.bass == [41]


def test_a_retake_that_never_gets_a_key_gives_the_original_back(session: Session) -> None:
    session.take(40)
    session.press("record", Layer.BASS)
    at = session.wait_for_pass()
    session.rehearsal.play(key(at + STEP, 99), until=at + 4 * STEP)
    session.press("record", Layer.BASS)
    session.press("free")
    assert session.bass == [40]


def test_undo_in_the_midst_of_a_take_gives_the_original_and_redo_what_was_played(session: Session) -> None:
    session.take(40)
    session.press("record", Layer.BASS)
    at = session.wait_for_pass()
    session.rehearsal.play(key(at + STEP, 43), until=at + 4 * STEP)
    session.press("undo")
    assert (session.bass, session.rehearsal.state.mode) == ([40], Mode.FREE)
    session.press("redo")
    assert session.bass == [43]


def test_the_beat_of_the_bassline_over_a_machines_beat_can_be_taken_back(session: Session) -> None:
    session.press("model_drums")
    session.wait_for_pass()
    session.press("deterministic_drums")
    beats = []
    for _ in range(2):
        session.press("undo")
        snapshot = session.rehearsal.engine.snapshot()
        beats.append((snapshot.beat, snapshot.layer_sizes[Layer.DRUMS]))
    assert beats == [(Beat.MODEL, 1), (Beat.NONE, 0)]


def test_the_same_beat_again_is_no_act(session: Session) -> None:
    session.press("deterministic_drums")
    session.press("deterministic_drums")
    assert session.rehearsal.engine.snapshot().undoable == 1


def test_overdub_is_spent_by_the_recording_that_is_armed_and_by_that_alone(session: Session) -> None:
    session.take(40)
    session.press("overdub")
    session.press("record", Layer.BASS)
    assert not session.rehearsal.state.recorder.overdub
    session.press("overdub")  # for the one after it
    at = session.wait_for_pass()
    session.rehearsal.play(key(at + 8 * STEP, 43), until=at + 9 * STEP)
    session.wait_for_pass()
    session.rehearsal.play([], until=session.rehearsal.clock.now() + STEP)
    assert (session.bass, session.rehearsal.state.recorder.overdub) == ([40, 43], True)
    session.press("undo")
    assert session.bass == [40]


def test_overdub_onto_a_take_that_still_goes_on_keeps_it(session: Session) -> None:
    session.press("record", Layer.BASS)
    at = session.wait_for_pass()
    session.rehearsal.play(key(at + STEP, 40), until=at + 4 * STEP)
    session.press("overdub")
    session.take(43)
    assert sorted(session.bass) == [40, 43]
    session.press("undo")
    assert session.bass == [40]


def test_history_is_64_acts_deep(session: Session) -> None:
    for _ in range(50):
        session.press("deterministic_drums")
        session.press("model_drums")
        session.wait_for_pass()
    assert session.rehearsal.engine.snapshot().undoable == MAX_ENTRIES
    told = session.rehearsal.state.notice
    for _ in range(MAX_ENTRIES):
        session.press("undo")
    assert session.rehearsal.state.notice == told
    session.press("undo")
    last = session.rehearsal.state.notice
    assert last is not None
    assert last.kind is NoticeKind.NOTHING_TO_UNDO
    assert session.rehearsal.engine.snapshot().redoable == MAX_ENTRIES


def test_arming_at_once_after_a_take_gives_back_all_of_it() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    record = [press(0.01, "record", Layer.BASS), press(start + 1.1, "record", Layer.BASS)]
    keys = [*key(start + 0.5, 40), *key(start + 0.9, 43, duration_s=0.5)]
    rehearsal.play([*record, *keys, press(start + 1.0, "free"), press(start + 1.2, "undo")], until=start + 3)
    assert [note.pitch for note in rehearsal.state.bass_line] == [40, 43]


def test_a_last_key_that_counts_as_the_next_beat_1_is_there_after_a_retake_is_given_up() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    end = start + PASS
    record = [press(0.01, "record", Layer.BASS), press(end + 0.02, "record", Layer.BASS)]
    keys = [*key(start + 0.5, 40), *key(end - 0.02, 43, duration_s=0.5)]
    rehearsal.play([*record, *keys, press(end + 0.1, "free")], until=end + 1)
    assert [(note.place, note.pitch) for note in rehearsal.state.bass_line] == [((0, 0), 43), ((0, 4), 40)]
