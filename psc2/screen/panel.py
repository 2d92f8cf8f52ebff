"""The terminal as a panel: drawn row by row on the alternate screen, and given back as it was.

rich's ``Live`` writes the whole screen at each change; here only the rows that have changed are written,
which is a fifth of the work and of the bytes, and does not flicker.
"""

from __future__ import annotations

import io
import logging
import os
import select
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from psc2.core.events import Model
from psc2.core.snapshot import Snapshot
from psc2.screen.picture import Facts, Picture
from psc2.screen.rows import Row, printable

if sys.platform != "win32":
    import termios

LOOK_S = 0.05  # how often is looked for something new
LEAST_S = 0.05  # from one drawing to the next
REPAINT_S = 2.0  # how often all rows are written, whatever else may have written into the terminal
KEPT = 100  # lines
LAST = 12  # of them, which stay to be read at the end
COMPLAINTS = 200  # lines of warnings and tracebacks
LETTERS = "█▀▄░▒━╌→●○…·"  # that the terminal has to have
USUAL = os.terminal_size((80, 24))


def possible(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that can show a panel, and ours at this moment."""
    if sys.platform == "win32" or os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return False
    try:
        LETTERS.encode(stream.encoding or "ascii")
        return stream.isatty() and _is_ours(stream.fileno())
    except (UnicodeEncodeError, LookupError, OSError, ValueError):
        return False


class Complaints(io.TextIOBase):
    """Takes what is written to stderr while the panel is there; kept, and told without tracebacks."""

    def __init__(self) -> None:
        self._kept: deque[str] = deque(maxlen=COMPLAINTS)
        self._new: deque[str] = deque(maxlen=KEPT)
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        self._kept.extend(lines)
        self._new.extend(line for line in lines if line.strip() and not line.startswith((" ", "Traceback")))
        return len(text)

    def news(self) -> list[str]:
        """The lines since the last time that are worth telling."""
        return [self._new.popleft() for _ in range(len(self._new))]

    def everything(self) -> str:
        return "".join(f"{line}\n" for line in [*self._kept, self._begun] if line)


class Panel:
    """One thread opens, shows and closes it; lines may be told from any, and wait for nobody."""

    def __init__(self, stream: TextIO, facts: Facts) -> None:
        self._stream = stream
        self._facts = facts
        self._console = Console(file=stream, force_terminal=True, highlight=False, legacy_windows=False)
        self._lines: deque[str] = deque(maxlen=KEPT)
        self._told = 0  # how many lines in all
        self._complaints = Complaints()
        self._stderr = sys.stderr
        self._handlers: list[logging.StreamHandler[TextIO]] = []
        self._modes: list[Any] | None = None  # the terminal's before
        self._open = self._gone = False
        self._rows: list[Row] = []
        self._seen: object = None  # what the rows have been made of
        self._size = os.terminal_size((0, 0))
        self._drawn_at = self._painted_at = float("-inf")
        self._next_step_at: float | None = None

    def tell(self, line: str) -> None:
        self._lines.append(printable(line))
        self._told += 1

    def open(self) -> None:
        """From here on the terminal is the panel's."""
        self._open = True
        self._stderr, sys.stderr = sys.stderr, self._complaints
        for handler in logging.getLogger().handlers:
            if isinstance(handler, logging.StreamHandler) and handler.stream is self._stderr:
                self._handlers.append(handler)
                handler.setStream(self._complaints)
        with suppress(OSError, ValueError):
            self._quieten()
            self._console.set_alt_screen(True)
            self._console.show_cursor(False)

    def pause_s(self, at: float) -> float:
        """How long to wait before the next look, in seconds: 50 ms, but not past the next 16th."""
        if self._next_step_at is None:
            return LOOK_S
        return min(LOOK_S, max(0.001, self._next_step_at - at))

    def show(self, now: Snapshot, at: float, unable: Mapping[Model, str]) -> None:
        """Draws what has changed since the last time. ``unable``: models that cannot be loaded, and why."""
        self._next_step_at = now.next_step_at(at)
        for line in self._complaints.news():
            self.tell(line)
        if not self._open or self._gone or at - self._drawn_at < LEAST_S:
            return
        size = self._measured()
        picture = Picture(now, at, self._facts, tuple(self._lines), unable)
        seen = (now, now.place_at(at), tuple(picture.problems()), self._told, size)
        whole = size != self._size or at - self._painted_at >= REPAINT_S
        if (seen == self._seen and not whole) or not self._is_ours():
            return
        rows = picture.rows(size.columns, size.lines)
        changed = [n for n, row in enumerate(rows) if whole or row != self._rows[n]]
        self._rows, self._seen, self._size, self._drawn_at = rows, seen, size, at
        if whole:
            self._painted_at = at
        try:
            self._draw(changed, whole)
        except (OSError, ValueError):
            self._gone = True  # the terminal; the music goes on

    def close(self) -> None:
        """The terminal as it was, and below what it showed the latest lines."""
        if not self._open:
            return
        self._open = False
        for line in self._complaints.news():
            self.tell(line)
        with suppress(OSError, ValueError):
            if not select.select([], [self._stream], [], 0)[1]:
                self._drop()
            self._console.show_cursor(True)
            self._console.set_alt_screen(False)
        self._restore()
        sys.stderr = self._stderr
        for handler in self._handlers:
            handler.setStream(self._stderr)
        with suppress(OSError, ValueError):
            self._stream.write("".join(f"{line}\n" for line in list(self._lines)[-LAST:]))
            self._stream.flush()
            self._stderr.write(self._complaints.everything())
            self._stderr.flush()

    def let_go(self) -> None:
        """Lets a drawing that the terminal holds up go on: what waits to be shown is dropped."""
        if self._open:
            self._drop()
        self._restore()

    def _draw(self, changed: list[int], whole: bool) -> None:
        with self._console:  # all in one write
            if whole:
                self._console.show_cursor(False)
            for n in changed:
                segments = [Segment(text, Style.parse(style)) for text, style in self._rows[n]]
                self._console.update_screen_lines([segments], y=n)

    def _measured(self) -> os.terminal_size:
        try:
            size = os.get_terminal_size(self._stream.fileno())
        except (OSError, ValueError):
            return self._size if all(self._size) else USUAL
        return size if all(size) else USUAL

    def _is_ours(self) -> bool:
        """Not so while the player has sent us into the background."""
        with suppress(OSError, ValueError):
            return _is_ours(self._stream.fileno())
        return False

    def _quieten(self) -> None:
        """Keys typed are not shown; Ctrl-S and Ctrl-Z, pressed by mistake, do not stop the music."""
        if sys.platform == "win32":
            return
        number = self._stream.fileno()
        with suppress(termios.error):
            self._modes = termios.tcgetattr(number)
            modes = termios.tcgetattr(number)
            modes[0] &= ~termios.IXON
            modes[3] &= ~termios.ECHO
            modes[6][termios.VSUSP] = bytes([os.fpathconf(number, "PC_VDISABLE")])
            termios.tcsetattr(number, termios.TCSANOW, modes)

    def _drop(self) -> None:
        """What has been written and not been read is forgotten, and a Ctrl-S undone."""
        if sys.platform == "win32":
            return
        with suppress(OSError, ValueError, termios.error):
            number = self._stream.fileno()
            termios.tcflow(number, termios.TCOOFF)  # only who has been stopped is told to go on
            termios.tcflush(number, termios.TCOFLUSH)
            termios.tcflow(number, termios.TCOON)

    def _restore(self) -> None:
        """Its modes; what was typed meanwhile is not for the shell."""
        if sys.platform == "win32" or self._modes is None or not self._is_ours():
            return
        with suppress(OSError, ValueError, termios.error):
            termios.tcsetattr(self._stream.fileno(), termios.TCSANOW, self._modes)
            termios.tcflush(self._stream.fileno(), termios.TCIFLUSH)


def _is_ours(number: int) -> bool:
    """Whether the terminal takes what we write for what its user looks at. Raises: OSError."""
    if sys.platform == "win32":
        return True
    return os.tcgetpgrp(number) == os.getpgrp()
