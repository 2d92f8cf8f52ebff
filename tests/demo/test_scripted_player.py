"""The scripted player against a clock, which here is a virtual one."""

from collections.abc import Callable, Iterable

import pytest

from psc2.core.effects import NoteOn
from psc2.core.events import KeyDown
from psc2.demo import demo
from psc2.demo.demo import VirtualPlayer
from psc2.demo.script import Script, load_script
from psc2.demo.scripted_player import play_script
from psc2.runtime.virtual import press
from psc2.scores.score import Sent
from psc2.testing import Rehearsal


class Stopping:
    """Waiting lets the rehearsal's time pass."""

    def __init__(self, rehearsal: Rehearsal, when: Callable[[float], bool] = lambda now: False) -> None:
        self.rehearsal = rehearsal
        self.when = when

    def wait(self, timeout: float) -> bool:
        now = self.rehearsal.clock.now() + timeout
        self.rehearsal.play([], until=now)
        return self.when(now)


@pytest.fixture(scope="module")
def script() -> Script:
    return load_script(demo.SONG, seed=0)


def rehearsal_of(script: Script) -> Rehearsal:
    music = script.config.music
    return Rehearsal(
        music={
            "time_signature": str(music.time_signature),
            "num_bars": music.num_bars,
            "qpm": music.qpm,
            "count_in_bars": music.count_in_bars,
        }
    )


def keys(sent: Iterable[Sent]) -> list[tuple[float, int]]:
    """The live notes: when, and how hard."""
    effects = ((one.sent_at, one.effect) for one in sent)
    return [(at, note.velocity) for at, note in effects if isinstance(note, NoteOn) and note.at is None]


def test_every_key_of_the_song_is_played_when_the_demo_plays_it(script: Script) -> None:
    player = VirtualPlayer(script.config, seed=0)
    player.play((*script.events, script.stop))
    rehearsal = rehearsal_of(script)
    play_script(script, rehearsal.engine, rehearsal.clock, Stopping(rehearsal), print)
    played, expected = keys(rehearsal.output.sent), keys(player.performance.output.sent)
    assert len(played) == sum(isinstance(event, KeyDown) for event in script.events)
    assert [at for at, _ in played] == pytest.approx([at for at, _ in expected], abs=1e-6)
    assert rehearsal.state.transport is None  # it has pressed stop


def test_it_ends_when_asked(script: Script) -> None:
    rehearsal = rehearsal_of(script)
    play_script(script, rehearsal.engine, rehearsal.clock, Stopping(rehearsal, lambda now: now > 5), print)
    assert 5 < rehearsal.clock.now() < 5.1


def test_what_plays_already_is_stopped_first(script: Script) -> None:
    """START in a page has begun the loop: the demo counts from its own beginning."""
    rehearsal = rehearsal_of(script)
    rehearsal.play([press(0.5, "play")], until=3.3)
    played_before = len(rehearsal.output.sent)
    play_script(script, rehearsal.engine, rehearsal.clock, Stopping(rehearsal), print)
    played = keys(rehearsal.output.sent[played_before:])
    assert len(played) == sum(isinstance(event, KeyDown) for event in script.events)


def test_it_ends_when_somebody_presses_stop(script: Script) -> None:
    rehearsal = rehearsal_of(script)
    stop = press(5.0, "stop")

    def stopped(now: float) -> bool:
        if rehearsal.state.transport is not None and now > 5:
            rehearsal.engine.dispatch(stop)
        return False

    play_script(script, rehearsal.engine, rehearsal.clock, Stopping(rehearsal, stopped), print)
    assert 5 < rehearsal.clock.now() < 5.2


def test_it_tells_each_section_and_what_is_pressed_when_that_happens(script: Script) -> None:
    rehearsal, told = rehearsal_of(script), list[tuple[float, str]]()

    def write(line: str) -> None:
        told.append((rehearsal.clock.now(), line))

    play_script(script, rehearsal.engine, rehearsal.clock, Stopping(rehearsal), write)
    lines = [line for _, line in told]
    sections = [line for line in lines if line.startswith("──")]
    assert sections == [
        f"── {n} of {len(script.sections)}: {name}" for n, (_, name) in enumerate(script.sections, 1)
    ]
    pressed = [line for line in lines if ": the pianist presses " in line]
    turned = [line for line in lines if ": the pianist turns " in line]
    assert len(pressed) + len(turned) == len(script.controls)
    assert f"{script.sections[0][1]}: the pianist presses record bass" in pressed
    assert any("the pianist turns qpm" in line for line in turned)
    assert [at for at, _ in told] == sorted(at for at, _ in told)
    assert told[-1][0] > 60
