"""What the sound server prints, followed while it runs."""

from pathlib import Path

import pytest

from psc2.core.events import SoundServer
from psc2.supercollider.log import LogFollower

BOOT = (
    "JackDriver: max output latency 42.7 ms\n"
    "SC_AudioDriver: sample rate = 48000.000000, driver's block size = 1024\n"
)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "sclang.log"


def add(log: Path, text: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(text)


def test_the_drivers_block_and_what_comes_late_are_told_once(log: Path) -> None:
    follower = LogFollower(log)
    assert follower.news(0.0) is None  # there is no log yet
    add(log, BOOT)
    assert follower.news(1.0) == SoundServer(1.0, 1024 / 48_000, 0)
    assert follower.news(2.0) is None
    add(log, "late 0.012345678\nlate 0.0")
    assert follower.news(3.0) == SoundServer(3.0, 1024 / 48_000, 1)
    add(log, "23\nlater 0.5\npsc2: late 0.5\n")
    assert follower.news(4.0) == SoundServer(4.0, 1024 / 48_000, 2)


def test_a_server_that_is_booted_again_may_have_another_driver(log: Path) -> None:
    follower = LogFollower(log)
    add(log, BOOT)
    follower.news(1.0)
    add(log, BOOT.replace("1024", "256"))
    assert follower.news(2.0) == SoundServer(2.0, 256 / 48_000, 0)


@pytest.mark.parametrize(
    "line", ["sample rate = 0.0, driver's block size = 64", "sample rate = x, driver's block"]
)
def test_a_driver_that_tells_nonsense_is_no_driver(log: Path, line: str) -> None:
    follower = LogFollower(log)
    add(log, line + "\n\xff\x00\n")
    assert follower.news(1.0) is None
