import logging
import threading
from collections.abc import Sequence

import pytest

from psc2.core.effects import NoteOff, NoteOn, Outbound
from psc2.core.events import Due, Hello, KeyDown, KeyUp, Tick
from psc2.core.instruments import Instrument
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest, PitchRequest
from psc2.core.rules import PEER_GONE, PEER_GONE_S
from psc2.core.state import Phase
from psc2.daemon import initial_state
from psc2.runtime.engine import Engine
from psc2.settings.config import load_config
from psc2.testing import FakeDrums, FakeMelody, Rehearsal, key, press, sounds


class Broken:
    """An output whose cable has been pulled."""

    def __init__(self) -> None:
        self.sent: list[Outbound] = []
        self.broken = True

    def send(self, effects: Sequence[Outbound]) -> None:
        if self.broken:
            raise OSError("no cable")
        self.sent += effects


class Unasked:
    def submit(self, request: object) -> None:
        raise AssertionError("nothing was asked for")

    def cancel(self, request_id: int) -> None:
        raise AssertionError("nothing was asked for")


class Notes:
    """A worker that only notes what it is told."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.cancelled: list[int] = []

    def submit(self, request: MelodyRequest | PitchRequest | DrumsRequest) -> None:
        self.asked.append(request.request_id)

    def cancel(self, request_id: int) -> None:
        self.cancelled.append(request_id)


def test_whatever_goes_wrong_the_music_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    output = Broken()
    engine = Engine(initial_state(load_config(None), 0), output, Unasked(), Unasked(), Unasked())
    with caplog.at_level(logging.ERROR):
        for pitch in (60, 62, 64):
            engine.dispatch(KeyDown(1.0, 0, pitch, 90))
    assert len(caplog.records) == 1  # said once, counted each time
    assert engine.snapshot().counts.bad_input == {"internal OSError": 3}
    output.broken = False
    engine.dispatch(KeyDown(2.0, 0, 65, 90))
    assert len(output.sent) == 1


def test_a_request_and_its_cancel_go_to_the_same_worker() -> None:
    melody, drums = Notes(), Notes()
    state = initial_state(load_config(None, {"improv": {"min_primer_length": 1}}), 0)
    engine = Engine(state, Broken(), melody, drums, Unasked())
    for event in (
        press(0.1, "improv"),
        press(0.2, "model_drums"),
        KeyDown(0.3, 0, 60, 90),
        press(0.4, "free"),
        press(0.5, "model_drums"),
    ):
        engine.dispatch(event)
    assert (drums.asked, drums.cancelled, melody.asked, melody.cancelled) == ([1], [1], [2], [2])


def test_events_of_many_threads_happen_one_at_a_time() -> None:
    rehearsal = Rehearsal()

    def player(pitch: int) -> None:
        for _ in range(300):
            rehearsal.engine.dispatch(KeyDown(1.0, 0, pitch, 90))
            rehearsal.engine.dispatch(KeyUp(1.0, 0, pitch))

    threads = [threading.Thread(target=player, args=(pitch,)) for pitch in (50, 50, 60, 70)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = rehearsal.output.sent
    assert not rehearsal.engine.snapshot().counts.bad_input
    assert len(sounds(sent, NoteOn)) == 4 * 300
    assert len(sounds(sent, NoteOff)) == 4 * 300


def test_a_performance_is_the_same_to_the_byte_each_time() -> None:
    def played() -> str:
        rehearsal = Rehearsal(seed=3, improv={"min_primer_length": 5})
        events = [
            press(0.0, "play"),
            press(0.1, "improv"),
            press(0.3, "model_drums"),
        ]
        notes = [event for n in range(40) for event in key(0.5 + 0.13 * n, 60 + n % 7)]
        return repr(rehearsal.play([*events, *notes], until=9.0))

    assert played() == played()


def test_models_that_fail_leave_the_beat_as_it_is() -> None:
    class Silent(FakeDrums):
        def make_beat(self, request: object) -> tuple[()]:
            raise ValueError("no sticks")

    rehearsal = Rehearsal(drums=Silent())
    rehearsal.play([press(0.0, "model_drums")], until=1.0)
    snapshot = rehearsal.engine.snapshot()
    assert not snapshot.beat_coming
    assert snapshot.beat_maker.trouble == "drums model: ValueError: no sticks"
    rehearsal.play([press(1.0, "model_drums")], until=2.0)
    assert len(rehearsal.requests) == 2


@pytest.mark.parametrize("answer", [(60.5,), (128,), (-1,), ("x",), "abc", (60, None), ()])
def test_an_answer_that_is_no_melody_counts_as_none(answer: tuple[int, ...]) -> None:
    rehearsal = Rehearsal(FakeMelody(*answer), improv={"min_primer_length": 1})
    rehearsal.play([press(0.0, "improv"), *key(0.1, 60)], until=1.0)
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.improv.phase, snapshot.pitches_left) == (Phase.LISTENING, 0)
    got = f"ValueError: expected pitches within 0–127, got {list(answer)}" if answer else "no pitches"
    assert snapshot.improv.trouble == f"melody model: {got}"


def test_strokes_that_make_no_sense_are_no_beat_and_the_drummer_can_be_asked_again() -> None:
    rehearsal = Rehearsal(drums=FakeDrums(Hit("one", Instrument.KICK, 90)))  # type: ignore[arg-type]
    for at in (0.0, 1.0):
        rehearsal.play([press(at, "model_drums")], until=at + 0.5)
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.counts.bad_input, snapshot.beat_coming, len(rehearsal.requests)) == ({}, False, 2)
    assert snapshot.beat_maker.trouble.startswith("drums model: ValueError: expected hits")


def test_what_a_model_complains_of_is_one_short_line() -> None:
    class Verbose(FakeMelody):
        def continue_melody(self, request: object) -> tuple[int, ...]:
            raise RuntimeError("several\nlines " * 50)

    rehearsal = Rehearsal(Verbose(), improv={"min_primer_length": 1})
    rehearsal.play([press(0.0, "improv"), *key(0.1, 60)], until=1.0)
    trouble = rehearsal.engine.snapshot().improv.trouble
    assert len(trouble) == 120
    assert "\n" not in trouble


# --- alarms ---------------------------------------------------------------------------


def test_the_next_turn_is_the_earlier_of_step_and_alarm_also_while_the_loop_is_stopped() -> None:
    rehearsal = Rehearsal()
    assert rehearsal.engine.next_turn() is None
    rig = rehearsal.state.settings.rig.number
    rehearsal.play([Hello(0.5, rehearsal.state.peer.port, rig)], until=0.5)
    stopped = rehearsal.engine.next_turn()
    rehearsal.play([press(0.6, "play")], until=0.6)
    playing = rehearsal.engine.next_turn()
    assert stopped is not None
    assert playing is not None
    assert (stopped.at, stopped.event(1.5)) == (1.5, Due(1.5, "heartbeat"))
    assert isinstance(playing.event(0.61), Tick)
    assert playing.at == pytest.approx(0.61)


def test_an_alarm_that_was_set_anew_does_not_ring_at_its_old_moment() -> None:
    rehearsal = Rehearsal()
    rig, port = rehearsal.state.settings.rig.number, rehearsal.state.peer.port
    rehearsal.play([Hello(0.5, port, rig), Hello(1.4, port, rig)], until=1.45)
    rehearsal.engine.dispatch(Due(0.5 + PEER_GONE_S, PEER_GONE))  # the looper was on its way
    assert not rehearsal.engine.snapshot().peer.gone
    rehearsal.play([], until=1.39 + PEER_GONE_S)
    assert not rehearsal.engine.snapshot().peer.gone
    rehearsal.play([], until=1.41 + PEER_GONE_S)
    assert rehearsal.engine.snapshot().peer.gone
