"""Files are read up to a bound, and written whole or not at all."""

import errno
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from psc2 import files
from psc2.core.meter import TimeSignature
from psc2.scores import midi_file, piano_roll
from psc2.scores.score import Score

SCORE = Score("full", (), {0: TimeSignature(4, 4)}, (0,), ((0, 120.0),), ((0, "one"),), (), 16)
DEVICES = ["/dev/zero", "/dev/null", "/dev/full"]


@contextmanager
def disk_of(max_bytes: int) -> Iterator[None]:
    """A disk that has room for no more in one file."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- reading --------------------------------------------------------------------------


def test_a_text_is_read_up_to_a_bound(tmp_path: Path) -> None:
    file = tmp_path / "text"
    file.write_bytes(b"\xef\xbb\xbfqpm")
    assert files.read_text(file) == "qpm"
    file.write_bytes(b"x" * files.MAX_TEXT_BYTES)
    assert len(files.read_text(file)) == files.MAX_TEXT_BYTES
    file.write_bytes(b"x" * (files.MAX_TEXT_BYTES + 1))
    with pytest.raises(OSError, match="expected at most 1,000,000 bytes, got more"):
        files.read_text(file)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("device", DEVICES)
def test_what_is_no_file_is_not_read(device: str) -> None:
    with pytest.raises(OSError, match="expected a file, got something else") as caught:
        files.read_text(Path(device))
    assert caught.value.filename == device


@pytest.mark.timeout(20)
def test_a_pipe_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="expected a file, got something else"):
        files.read_text(tmp_path / "pipe")


def test_a_name_with_nul_is_no_file() -> None:
    with pytest.raises(OSError, match="expected a name without NUL"):
        files.read_text(Path("a\0b"))


# --- writing --------------------------------------------------------------------------


@pytest.mark.parametrize("write", [midi_file.write, piano_roll.write])
@pytest.mark.parametrize("before", [None, b"what was there"])
def test_a_disk_that_is_full_leaves_what_was_there(
    tmp_path: Path, write: Callable[[Score, Path], None], before: bytes | None
) -> None:
    path = tmp_path / "take"
    if before is not None:
        path.write_bytes(before)
    with pytest.raises(OSError, match="File too large") as caught, disk_of(20):
        write(SCORE, path)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(path))
    assert listing(tmp_path) == ([] if before is None else ["take"])
    assert before is None or path.read_bytes() == before


def test_a_link_stays_and_leads_to_what_is_new(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")
    for text in ("one", "two"):  # at first it leads nowhere
        files.write_text(tmp_path / "link", text)
        assert (tmp_path / "file").read_text() == text
    assert (tmp_path / "link").is_symlink()
    assert listing(tmp_path) == ["file", "link"]


@pytest.mark.parametrize("check", [files.check_writable, lambda path: files.write_text(path, "text")])
def test_a_device_or_a_folder_is_not_replaced(tmp_path: Path, check: Callable[[Path], None]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="expected a file, got something else"):
        check(pipe)
    with pytest.raises(IsADirectoryError):
        check(tmp_path)
    assert pipe.is_fifo()
    assert listing(tmp_path) == ["pipe"]
