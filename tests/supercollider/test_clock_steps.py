"""The computer's clock is set while the whole instrument plays."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.supercollider import clock_steps, tape
from tests.supercollider.clock_steps import stepped
from tests.supercollider.conftest import require, require_programs
from tests.supercollider.osc import Mailbox
from tests.supercollider.rig import Rig

pytestmark = pytest.mark.supercollider

SILENT_S = 0.2
MISSED_S = 3.5
HELD = 0.9
AGAIN = 2  # a busy machine loses sound by itself


@pytest.fixture(scope="module")
def sound_card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    require_programs()
    require(tape.missing_programs() + clock_steps.missing_programs())
    card = Rig(tmp_path_factory.mktemp("card"))
    card.start_sound_card()
    yield card
    card.stop()


@pytest.fixture
def missed(rig: Rig) -> Iterator[None]:
    """SuperCollider misses the daemon of this test and is silent once, before others go on with it."""
    yield
    time.sleep(MISSED_S)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [-30.0, 3600.0])  # the others: scripts/bench fault_clock
def test_the_loop_and_a_held_key_go_on_when_the_clock_is_set(
    sound_card: Rig, tmp_path: Path, seconds: float
) -> None:
    found = stepped(sound_card, tmp_path, seconds)
    for _ in range(AGAIN):
        if found.silent_s <= SILENT_S and found.held > HELD:
            break
        found = stepped(sound_card, tmp_path, seconds)
    print(f"{seconds:+.0f} s: silent for {found.silent_s:.2f} s, the key is heard for {found.held:.0%}")
    assert found.silent_s <= SILENT_S
    assert found.held > HELD
    assert "starting it again" not in found.said
    direction = "forward" if seconds > 0 else "back"
    assert f"the computer's clock was put {direction} by {abs(seconds)} s" in found.said


@pytest.mark.usefixtures("missed")
@pytest.mark.parametrize("apart_s", [3.0, -3.0])
def test_a_daemon_whose_clock_differs_is_played_in_time_and_told_of(rig: Rig, apart_s: float) -> None:
    with rig.listening() as daemon:
        try:
            for _ in range(2):
                rig.send("/psc2/alive", at=time.time() + apart_s)
            rig.send("/playwurly", 60, 100, 1, at=time.time() + apart_s + 0.2)
            rig.wait_for_voices(1)
            said = f"this computer's clock is 3.0 s {'behind' if apart_s > 0 else 'ahead of'} that of psc2"
            assert said in status(daemon, said)
        finally:
            for _ in range(2):
                rig.send("/psc2/alive", at=time.time())


def status(daemon: Mailbox, text: str) -> str:
    told = daemon.wait(
        lambda message: message.address == "/psc2/status" and text in str(message.arguments[0])
    )
    return str(told.arguments[0])


@pytest.mark.usefixtures("missed")
def test_heartbeats_that_have_waited_are_no_other_clock(rig: Rig) -> None:
    for late_s in (3.0, 2.0, 1.0, 0.0):
        rig.send("/psc2/alive", at=time.time() - late_s)
    rig.send("/playwurly", 60, 100, 1, at=time.time() - 1.0)  # too late
    rig.send("/playwurly", 62, 100, 2)
    rig.wait_for_voices(1)
