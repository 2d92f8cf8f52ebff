"""What SuperCollider prints: where it is kept, and how it is followed while it runs."""

import os
from pathlib import Path

import pytest

from psc2.core.events import SoundServer
from psc2.supercollider.log import LogFollower, new_log
from psc2.supercollider.programs import last_message

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


def test_the_last_ten_logs_are_kept_and_nothing_else_is_removed(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "psc2"
    folder.mkdir(parents=True)
    for second in range(12):
        old = folder / f"sclang_2026-01-01_00-00-{second:02}_1.log"
        old.touch()
        os.utime(old, (second, second))
    (folder / "notes.txt").touch()
    path, trouble = new_log(folder)
    assert not trouble
    logs = sorted(log.name for log in folder.glob("sclang_*.log"))
    assert logs == [*(f"sclang_2026-01-01_00-00-{second:02}_1.log" for second in range(3, 12)), path.name]
    assert (folder / "notes.txt").exists()


def test_where_no_log_can_be_kept_the_messages_go_elsewhere_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    path, trouble = new_log(tmp_path / "taken" / "psc2")
    assert trouble == (
        f"SuperCollider's messages cannot be kept: cannot write {tmp_path}/taken/psc2: Not a directory"
    )
    path.unlink()  # it is there


def test_a_log_that_grows_long_is_cut_to_its_last_part_and_followed_on(log: Path) -> None:
    follower = LogFollower(log, max_bytes=200)
    add(log, "late 0.1\n" * 30)
    with log.open("ab", buffering=0) as sclang:
        assert follower.news(1.0) == SoundServer(1.0, None, 30)
        assert log.stat().st_size == 100
        sclang.write(b"psc2: the end\nlate 0.2\n")
    assert follower.news(2.0) == SoundServer(2.0, None, 31)
    assert log.read_text().endswith("psc2: the end\nlate 0.2\n")
    assert last_message(log, begin=250) == "the end"  # it began in what was cut off
