"""A terminal that a panel has to itself: its modes, its size, and whose it is at the moment."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, TextIO

from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from psc2.screen.rows import Row
from psc2.screen.standard_streams import is_in_foreground

if sys.platform != "win32":
    import termios

# Asked for while keys are taken: pastes are marked as such, leaving the window is told, and, where the
# terminal has the kitty keyboard protocol, each key's press, repeat and release (1, 2, 8) with its text (16).
KEYS_ON, KEYS_OFF = "\x1b[?2004h\x1b[?1004h\x1b[>27u", "\x1b[<u\x1b[?1004l\x1b[?2004l"
DEFAULT_SIZE = os.terminal_size((80, 24))  # where it does not say


class Terminal:
    """The terminal behind ``stream``, on its alternate screen from ``open`` to ``close``.

    One thread opens, draws and closes it; ``unblock`` may be called from any.
    """

    def __init__(self, stream: TextIO, takes_keys: bool = False) -> None:
        """``takes_keys``: whether each key is read as it is typed, not line by line."""
        self._stream = stream
        self._console = Console(file=stream, force_terminal=True, highlight=False, legacy_windows=False)
        self.takes_keys = takes_keys
        self._is_open = False
        self._modes: list[Any] | None = None  # those before
        self._size = os.terminal_size((0, 0))  # the latest that it said

    def open(self) -> None:
        """Change to the alternate screen, and to modes in which keys are not shown."""
        self._is_open = True
        with suppress(OSError, ValueError):
            self._set_modes()
            self._console.set_alt_screen(True)
            self._console.show_cursor(False)
            if self.takes_keys:
                self.write(KEYS_ON)

    def gives_keys(self) -> bool:
        """Whether what is typed is for us: its modes are ours."""
        return self.takes_keys and self._is_open and self._modes is not None

    def size(self) -> os.terminal_size:
        """Columns and lines, 1 or more: now, or the last time it said so."""
        with suppress(OSError, ValueError):
            size = os.get_terminal_size(self._stream.fileno())
            self._size = size if all(size) else DEFAULT_SIZE
        return self._size if all(self._size) else DEFAULT_SIZE

    def is_ours(self) -> bool:
        """Whether we may write: not while the player has sent us into the background."""
        with suppress(OSError, ValueError):
            return is_in_foreground(self._stream.fileno())
        return False

    def draw(self, rows: Mapping[int, Row], hide_cursor: bool = False) -> None:
        """Draw rows by their number, 0 the uppermost, all in one write. Raises: OSError, ValueError."""
        with self._console:
            if hide_cursor:
                self._console.show_cursor(False)
            for n, row in rows.items():
                segments = [Segment(text, Style.parse(style)) for text, style in row]
                self._console.update_screen_lines([segments], y=n)

    def close(self) -> None:
        """Leave the terminal as it was; what it has not taken by now is dropped."""
        self._is_open = False
        with suppress(OSError, ValueError):
            if not select.select([], [self._stream], [], 0)[1]:
                self._drop_output()
            if self.takes_keys:
                self.write(KEYS_OFF)
            self._console.show_cursor(True)
            self._console.set_alt_screen(False)
        self._restore_modes()

    def write(self, text: str) -> None:
        """Write ``text`` as it is. Raises: OSError, ValueError."""
        self._stream.write(text)
        self._stream.flush()

    def unblock(self) -> None:
        """Let a drawing that the terminal holds up go on: what waits to be shown is dropped."""
        if self._is_open:
            self._drop_output()
        self._restore_modes()

    def _set_modes(self) -> None:
        """Keys typed are not shown; Ctrl-S and Ctrl-Z, pressed by mistake, do not stop the music.

        What was typed before was for another program.
        """
        if sys.platform == "win32":
            return
        number = self._stream.fileno()
        with suppress(termios.error):
            before = termios.tcgetattr(number)
            modes = termios.tcgetattr(number)
            modes[0] &= ~termios.IXON
            modes[3] &= ~termios.ECHO
            modes[6][termios.VSUSP] = bytes([os.fpathconf(number, "PC_VDISABLE")])
            if self.takes_keys:
                modes[3] &= ~(termios.ICANON | termios.IEXTEN)
                modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
            termios.tcsetattr(number, termios.TCSANOW, modes)
            if self.takes_keys:
                termios.tcflush(number, termios.TCIFLUSH)
            self._modes = before

    def _drop_output(self) -> None:
        """What has been written and not been read is forgotten, and a Ctrl-S undone."""
        if sys.platform == "win32":
            return
        with suppress(OSError, ValueError, termios.error):
            number = self._stream.fileno()
            termios.tcflow(number, termios.TCOOFF)  # only who has been stopped is told to go on
            termios.tcflush(number, termios.TCOFLUSH)
            termios.tcflow(number, termios.TCOON)

    def _restore_modes(self) -> None:
        """The modes before; what was typed meanwhile is not for the shell."""
        if sys.platform == "win32" or self._modes is None or not self.is_ours():
            return
        with suppress(OSError, ValueError, termios.error):
            termios.tcsetattr(self._stream.fileno(), termios.TCSANOW, self._modes)
            termios.tcflush(self._stream.fileno(), termios.TCIFLUSH)
