"""How files are read and written: a bounded part of any, a text whole, and a new one whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MAX_TEXT_BYTES = 1_000_000  # of a text that somebody has written: settings, a controller's map, a song
NO_FILE = "expected a file, got something else"


def bounded_bytes(path: Path, most: int) -> bytes:
    """The bytes of a file, of a larger one only the first ``most`` + 1. Raises: OSError in its name."""
    with _named(path), open(path, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, NO_FILE)  # what is no file may have no end
        return file.read(most + 1)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file; a pipe that nobody writes into holds nobody up."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def read_text(path: Path) -> str:
    """A text in UTF-8 of at most ``MAX_TEXT_BYTES``. Raises: OSError, UnicodeDecodeError."""
    return text_bytes(path).decode("utf-8-sig")


def text_bytes(path: Path) -> bytes:
    """The bytes of a text of at most ``MAX_TEXT_BYTES``, in whichever encoding. Raises: OSError."""
    data = bounded_bytes(path, MAX_TEXT_BYTES)
    if len(data) > MAX_TEXT_BYTES:
        raise OSError(errno.EFBIG, f"expected at most {MAX_TEXT_BYTES:,} bytes, got more", str(path))
    return data


def make_folder(path: Path) -> None:
    """Make a folder that files can be written into, if there is none yet. Raises: OSError."""
    path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path):
        pass


def check_writable(path: Path) -> None:
    """Check that a file can be written, by ``replacing``, and change nothing. Raises: OSError."""
    with _named(path):
        part = _part_of(path)
        with part.open("ab"):
            pass
        part.unlink()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Where to write a file: it takes the place of ``path`` once the block ends well.

    Raises: OSError in the file's name.
    """
    with _named(path):
        part = _part_of(path)
        try:
            yield part
            part.replace(os.path.realpath(path))
        finally:
            part.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file, which is then there whole, or as it was. Raises: OSError in the file's name."""
    with replacing(path) as part:
        part.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write a text, which is then there whole, or as it was. Raises: OSError in the file's name."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def _part_of(path: Path) -> Path:
    """Where a file is written before it is whole: where a link leads to. Raises: OSError for no file."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if path.exists() and not path.is_file():  # a device would be replaced for good
        raise OSError(errno.EINVAL, NO_FILE)
    return Path(f"{os.path.realpath(path)}.part")


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Give what goes wrong the name of the file, whatever was being done. Raises: OSError."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error
    except ValueError as error:
        if "null" not in str(error):
            raise
        raise OSError(errno.EINVAL, "expected a name without NUL", str(path)) from error
