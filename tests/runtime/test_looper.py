"""The looper thread on the real clock. Bounds are generous: what is exact is tested in virtual time."""

import threading
from collections.abc import Iterator, Sequence

import pytest

from psc2.core.effects import Outbound, Strike
from psc2.daemon import initial_state
from psc2.runtime.clock import SystemClock
from psc2.runtime.engine import Engine
from psc2.runtime.looper import Looper
from psc2.runtime.virtual import press
from psc2.settings.config import load_config

pytestmark = pytest.mark.timing


class Ear:
    """An output that notes when each click was sent, and lets a test wait for them."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self.clicks: list[tuple[float, float]] = []  # when it sounds, when it was sent
        self._heard = threading.Condition()

    def send(self, effects: Sequence[Outbound]) -> None:
        with self._heard:
            now = self._clock.now()
            self.clicks += [(e.at or now, now) for e in effects if isinstance(e, Strike)]
            self._heard.notify_all()

    def wait_for(self, count: int) -> bool:
        with self._heard:
            return self._heard.wait_for(lambda: len(self.clicks) >= count, timeout=20)


class Unasked:
    def submit(self, request: object) -> None:
        raise AssertionError("nothing was asked for")

    def cancel(self, request_id: int) -> None:
        raise AssertionError("nothing was asked for")


class Stage:
    """An engine and its looper, playing for real."""

    def __init__(self, qpm: float) -> None:
        music = {"qpm": qpm, "time_signature": "4/16", "num_bars": 1}
        state = initial_state(load_config(None, {"music": music, "output": {"timing": "timetag"}}), 0)
        self.clock = SystemClock()
        self.ear = Ear(self.clock)
        self.engine = Engine(state, self.ear, Unasked(), Unasked(), Unasked())
        self.looper = Looper(self.engine, self.clock)

    def press(self, action: str, value: float | None = None) -> float:
        now = self.clock.now()
        self.engine.dispatch(press(now, action, value=value))
        return now


@pytest.fixture
def stage() -> Iterator[Stage]:
    one = Stage(qpm=120.0)
    one.looper.start()
    yield one
    one.looper.stop()


def test_steps_are_sent_ahead_and_exactly_spaced(stage: Stage) -> None:
    pressed = stage.press("play")
    assert stage.ear.wait_for(9)
    moments = [when for when, _ in stage.ear.clicks[:9]]
    assert moments[0] - pressed == pytest.approx(0.06, abs=1e-9)
    assert [moment - moments[0] for moment in moments] == pytest.approx([n * 0.125 for n in range(9)])
    leads = sorted(when - sent for when, sent in stage.ear.clicks[:9])
    assert 0.0 < leads[4] < 0.0501


def test_play_wakes_a_looper_that_has_nothing_to_do(stage: Stage) -> None:
    for _ in range(3):
        stage.press("play")
        count = len(stage.ear.clicks)
        assert stage.ear.wait_for(count + 1)
        stage.press("stop")


def test_a_faster_tempo_wakes_it_at_once() -> None:
    stage = Stage(qpm=20.0)  # a step lasts 0.75 s
    stage.looper.start()
    stage.press("play")
    assert stage.ear.wait_for(1)
    changed = stage.press("qpm", value=187)
    assert stage.ear.wait_for(3)
    assert stage.ear.clicks[2][1] - changed < 0.7
    stage.looper.stop()


def test_it_ends_while_it_waits(stage: Stage) -> None:
    stage.press("play")
