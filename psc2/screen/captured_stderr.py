"""What is written to stderr while a panel is there: warnings, and tracebacks of threads that fail."""

from __future__ import annotations

import io
import logging
import sys
from collections import deque
from typing import TextIO

from psc2.text import printable

MAX_LINES = 200  # of warnings and tracebacks
MAX_NEW_LINES = 100  # that nobody has taken yet


class CapturedStderr(io.TextIOBase):
    """In place of stderr from ``start`` to ``stop``, for whoever prints there and for logging's handlers."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._new: deque[str] = deque(maxlen=MAX_NEW_LINES)
        self._unfinished = ""
        self._stderr = sys.stderr
        self._handlers: list[logging.StreamHandler[TextIO]] = []

    def start(self) -> None:
        """Take the place of stderr."""
        self._stderr, sys.stderr = sys.stderr, self
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._stderr:
                self._handlers.append(handler)
                handler.setStream(self)

    def stop(self) -> None:
        """Give stderr back, to logging's handlers too."""
        sys.stderr = self._stderr
        for handler in self._handlers:
            handler.setStream(self._stderr)

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._unfinished = (self._unfinished + text).split("\n")
        self._lines.extend(lines)
        self._new.extend(line for line in lines if line.strip() and not line.startswith((" ", "Traceback")))
        return len(text)

    def new_lines(self) -> list[str]:
        """The lines since the last call, without tracebacks."""
        return [self._new.popleft() for _ in range(len(self._new))]

    def text(self) -> str:
        """All that was written, up to the latest ``MAX_LINES`` lines."""
        return "".join(f"{printable(line)}\n" for line in [*self._lines, self._unfinished] if line)
