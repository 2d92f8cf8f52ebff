"""The terminal as a panel: drawn row by row on the alternate screen, and given back as it was.

rich's ``Live`` writes the whole screen at each change; here only the rows that have changed are written,
which is a fifth of the work and of the bytes, and does not flicker.
"""

from __future__ import annotations

import os
import sys
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TextIO

from psc2.core.requests import Model
from psc2.core.snapshot import Snapshot
from psc2.screen.captured_stderr import CapturedStderr
from psc2.screen.keys import Typing, with_keys
from psc2.screen.picture import Picture
from psc2.screen.rows import Row
from psc2.screen.terminal import Terminal
from psc2.text import printable

POLL_S = 0.05  # how often is looked for something new
MIN_INTERVAL_S = 0.05  # from one drawing to the next
MIN_KEYS_ROWS = 6  # of the terminal; with fewer, the keys are not shown
REPAINT_S = 2.0  # how often all rows are written, whatever else may have written into the terminal
MAX_LINES = 100
LAST_LINES = 12  # of them, which stay to be read at the end


class Panel:
    """Decides what has changed since the last drawing, and draws that.

    One thread opens, shows and closes it; lines may be written from any, and wait for nobody.
    """

    def __init__(
        self,
        stream: TextIO,
        model_names: Mapping[Model, str],
        typing: Callable[[], Typing] | None = None,
        page: str = "",
    ) -> None:
        """``typing``: how the computer's keyboard stands; None if its keys are not taken.

        ``page``: the address of the one that is served; empty if none is.
        """
        self.terminal = Terminal(stream, takes_keys=typing is not None)
        self._typing = typing
        self._stderr = CapturedStderr()
        self._model_names = model_names
        self._page = page
        self._lines: deque[str] = deque(maxlen=MAX_LINES)
        self._num_lines = 0  # that have been written in all
        self._is_open = self._is_lost = False
        self._rows: list[Row] = []
        self._drawn_from: object = None  # what the rows have been made of
        self._size = os.terminal_size((0, 0))
        self._drawn_at = self._painted_at = float("-inf")
        self._next_step_at: float | None = None

    def write_line(self, line: str) -> None:
        """Show a line below all else, as soon as the panel is drawn again."""
        self._lines.append(printable(line))
        self._num_lines += 1

    def open(self) -> None:
        """Take the terminal, and stderr with it."""
        self._is_open = True
        self._stderr.start()
        self.terminal.open()

    def pause_s(self, at: float) -> float:
        """How long to wait before the next look, in seconds: 50 ms, but not past the next 16th."""
        if self._next_step_at is None:
            return POLL_S
        return min(POLL_S, max(0.001, self._next_step_at - at))

    def show(self, now: Snapshot, at: float, unable: Mapping[Model, str]) -> None:
        """Draws what has changed since the last time. ``unable``: models that cannot be loaded, and why."""
        self._next_step_at = now.next_step_at(at)
        self._take_errors()
        if not self._is_open or self._is_lost or at - self._drawn_at < MIN_INTERVAL_S:
            return
        size = self.terminal.size()
        picture = Picture(now, at, self._model_names, tuple(self._lines), unable, self._page)
        typing = self._typing() if self._typing is not None and size.lines >= MIN_KEYS_ROWS else None
        moment = now.place_at(at), now.beats_to_turn(at)
        drawn_from = (now, moment, tuple(picture.problems()), self._num_lines, size, typing)
        whole = size != self._size or at - self._painted_at >= REPAINT_S
        if (drawn_from == self._drawn_from and not whole) or not self.terminal.is_ours():
            return
        rows = picture.rows(size.columns, size.lines - (typing is not None))
        if typing is not None:
            rows = with_keys(rows, size.columns, typing)
        changed = {n: row for n, row in enumerate(rows) if whole or row != self._rows[n]}
        self._rows, self._drawn_from, self._size, self._drawn_at = rows, drawn_from, size, at
        if whole:
            self._painted_at = at
        try:
            self.terminal.draw(changed, hide_cursor=whole)
        except (OSError, ValueError):
            self._is_lost = True  # the terminal is gone; the music goes on

    def close(self) -> None:
        """Give the terminal back as it was, with the latest lines below what it showed."""
        if not self._is_open:
            return
        self._is_open = False
        self._take_errors()
        self.terminal.close()
        self._stderr.stop()
        with suppress(OSError, ValueError):
            self.terminal.write("".join(f"{line}\n" for line in list(self._lines)[-LAST_LINES:]))
            sys.stderr.write(self._stderr.text())
            sys.stderr.flush()

    def unblock(self) -> None:
        """Let a drawing that the terminal holds up go on: what waits to be shown is dropped."""
        self.terminal.unblock()

    def _take_errors(self) -> None:
        for line in self._stderr.new_lines():
            self.write_line(line)
