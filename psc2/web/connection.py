"""One page's connection: what it is still to be told, how much it says, and its MIDI devices."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import NamedTuple

from psc2.core.ranges import UIDS
from psc2.errors import CodecError
from psc2.web.messages import SOURCES

FIRST_SOURCE = 2**33  # the first uid of a page's sources: MIDI's uids have 32 bits
assert FIRST_SOURCE in UIDS
MAX_WAITING = 1_000  # messages that a page has not taken yet
RATE, BURST = 1_000.0, 500.0  # messages a second that a page may say, and how many at once
POLICY, LATER = 1008, 1013  # WebSocket's codes: it has broken a rule; there are too many


class PageClosed(NamedTuple):
    """Why a page is sent away."""

    code: int  # WebSocket's
    reason: str


class Connection:
    """One page: what it is still to be told, how much it says, and its MIDI devices."""

    def __init__(self, number: int, may_sound: bool) -> None:
        self.may_sound = may_sound
        self.refused = 0
        self.sources: set[int] = set()  # by their uids
        self._first = FIRST_SOURCE + number * SOURCES
        self._waiting: deque[str] = deque()
        self._shown: str | None = None  # how things stand, if that has not been told yet
        self._something = asyncio.Event()
        self._credit, self._credited_at = BURST, 0.0
        self.sent_away: asyncio.Future[PageClosed] = asyncio.get_running_loop().create_future()

    def tell(self, text: str) -> None:
        """Tell it something, after what waits; a page that takes nothing for long is sent away."""
        if len(self._waiting) >= MAX_WAITING:
            self.send_away(PageClosed(LATER, "the page is too slow"))
            return
        self._waiting.append(text)
        self._something.set()

    def show(self, text: str) -> None:
        """Tell it how things stand, in place of how they stood."""
        self._shown = text
        self._something.set()

    def send_away(self, closed: PageClosed) -> None:
        """Let it be closed; it may be at anything just then."""
        if not self.sent_away.done():
            self.sent_away.set_result(closed)

    async def next_text(self) -> str:
        """What it is told next."""
        while True:
            if self._waiting:
                return self._waiting.popleft()
            if self._shown is not None:
                text, self._shown = self._shown, None
                return text
            self._something.clear()
            await self._something.wait()

    def spend(self, now: float) -> bool:
        """Count something that it says at ``now``. Returns: whether that is not too much."""
        self._credit = min(BURST, self._credit + RATE * (now - self._credited_at)) - 1
        self._credited_at = now
        return self._credit >= 0

    def uid(self, source: int) -> int:
        """The uid of what the page calls ``source``. Raises: CodecError if it is none of its own."""
        if not 0 <= source < SOURCES:
            raise CodecError(f"source: expected 0–{SOURCES - 1}, got {source}")
        self.sources.add(self._first + source)
        return self._first + source
