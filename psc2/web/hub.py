"""The pages: what they say goes to the engine, what sounds and how things stand goes to them.

All but ``send`` and ``tell_line`` runs in the server's thread; these two hand over what is to be said and
never wait.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from itertools import count
from typing import Any, Protocol

from psc2.core.effects import Bend, Flush, Modulate, NoteOff, NoteOn, Outbound, Strike
from psc2.core.events import BadInput, Event, PageSounds, SourceGone
from psc2.core.snapshot import Snapshot
from psc2.errors import CodecError
from psc2.ports import Clock
from psc2.screen.alerts import alerts_at
from psc2.screen.plain import changes
from psc2.screen.timing import look_back_line
from psc2.web.connection import LATER, POLICY, Connection, PageClosed
from psc2.web.messages import CODEC, Ping, Pong, Said, SoundHere, Sounds, Told, read
from psc2.wire.codec import to_text

MAX_PAGES = 16  # at a time
SHOW_S = 1 / 30  # between two looks at how things stand
CLOSE_S = 1.0  # that a page may take to be told why it is closed
MAX_LINES = 3  # of those told before, that a page is told when it comes
MAX_REFUSED = 20  # messages of a page that were not understood

INSTEAD = "the button sound, at the top, lets the page sound"

SOUNDED = Strike | NoteOn | NoteOff | Flush | Bend | Modulate


class Socket(Protocol):
    """A WebSocket as Starlette has it, once it is accepted."""

    async def receive_text(self) -> str: ...

    async def send_text(self, data: str) -> None: ...

    async def close(self, code: int, reason: str) -> None: ...


class Hub:
    """Where the pages meet; an ``Output`` like the wire."""

    def __init__(
        self,
        dispatch: Callable[[Event], None],
        snapshot: Callable[[], Snapshot],
        clock: Clock,
        welcome: Mapping[str, Any],
    ) -> None:
        """``welcome``: what a page is told first, as JSON has it."""
        self._dispatch = dispatch
        self._snapshot = snapshot
        self._clock = clock
        self._welcome = json.dumps({"type": "Welcome", **welcome})
        self._pages: list[Connection] = []
        self._someone = asyncio.Event()  # is there
        self._sounding: Connection | None = None
        self._before: dict[Connection, float] = {}  # that have had the sound, latest last: latencies
        self._numbers = count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._shown: tuple[Snapshot, list[dict[str, Any]]] | None = None
        self._told: Snapshot | None = None  # that the pages know all the lines of
        self._lines: deque[str] = deque(maxlen=MAX_LINES)

    # --- from the engine, under its lock ----------------------------------------------

    def send(self, effects: Sequence[Outbound]) -> None:
        """Tell the pages what sounds."""
        loop = self._loop
        if self._pages and loop is not None:
            with suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(self._tell_all, effects)

    # --- from any thread --------------------------------------------------------------

    def tell_line(self, line: str) -> None:
        """Tell the pages a line, those that are there and those that come next."""
        if self._loop is None:
            self._lines.append(line)
            return
        with suppress(RuntimeError):  # it has just ended
            self._loop.call_soon_threadsafe(self._tell_line, line)

    # --- in the server's thread -------------------------------------------------------

    async def run(self) -> None:
        """Show the pages how things stand, until it is cancelled."""
        self._loop = asyncio.get_running_loop()
        while await self._someone.wait():
            self._show()
            await asyncio.sleep(SHOW_S)

    async def serve(self, socket: Socket, may_sound: bool) -> None:
        """Stay with a page until it goes or is sent away.

        ``may_sound``: whether it may be the one that does.
        """
        if len(self._pages) >= MAX_PAGES:
            self.count("too many pages")
            await socket.close(LATER, "too many pages are open")
            return
        page = Connection(next(self._numbers), may_sound)
        self._pages.append(page)
        self._someone.set()
        page.tell(self._welcome)
        page.tell(self._sounds(page))
        for line in self._lines:
            page.tell(_line(line))
        self._shown = None  # so that the new one sees it
        talk = asyncio.ensure_future(self._tell(page, socket))
        listen = asyncio.ensure_future(self._listen(page, socket))
        ends: set[asyncio.Future[Any]] = {talk, listen, page.sent_away}
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            talk.cancel()
            listen.cancel()
            await asyncio.gather(talk, listen, return_exceptions=True)
            self._leave(page)
        if page.sent_away.done():
            closed = page.sent_away.result()
            self.count(f"page: {closed.reason}")
            with suppress(RuntimeError, asyncio.TimeoutError):  # it has gone itself, or takes nothing
                await asyncio.wait_for(socket.close(closed.code, closed.reason), CLOSE_S)

    async def _tell(self, page: Connection, socket: Socket) -> None:
        while True:
            await socket.send_text(await page.next_text())

    async def _listen(self, page: Connection, socket: Socket) -> None:
        while True:
            text = await socket.receive_text()
            now = self._clock.now()
            if not page.spend(now):
                page.send_away(PageClosed(POLICY, "too many messages"))
                return
            try:
                self._hear(page, read(text, now), now)
            except CodecError as error:
                page.refused += 1
                self.count("page: not understood")
                if page.refused >= MAX_REFUSED:
                    page.send_away(PageClosed(POLICY, "too much that is not understood"))
                    return
                page.tell(json.dumps({"type": "Refused", "reason": str(error)}))

    def _hear(self, page: Connection, said: Said, now: float) -> None:
        match said:
            case Ping(sent):
                page.tell(json.dumps(CODEC.to_json(Pong(sent, self._clock.now()))))
            case SoundHere(latency_s):
                self._let_sound(page, latency_s, now)
            case _:
                self._dispatch(replace(said, source=page.uid(said.source)))

    def _let_sound(self, page: Connection, latency_s: float | None, now: float) -> None:
        """A page takes the sound over from another one, or gives it back."""
        if latency_s is None and self._sounding is not page:
            return
        if latency_s is not None and not page.may_sound:
            raise CodecError("SoundHere: over the network a page shows and plays, but does not sound")
        if latency_s is None:
            self._before.clear()
        else:
            self._before.pop(page, None)
            self._before[page] = latency_s
        self._sounding = None if latency_s is None else page
        self._dispatch(PageSounds(now, latency_s))
        for other in self._pages:
            other.tell(self._sounds(other))

    def _leave(self, page: Connection) -> None:
        """A page has gone, and all that it held."""
        now = self._clock.now()
        self._pages.remove(page)
        if not self._pages:
            self._told = None  # what changes meanwhile is no news for those that come
            self._someone.clear()
        for uid in sorted(page.sources):
            self._dispatch(SourceGone(now, uid))
        self._before.pop(page, None)
        if self._sounding is page and self._before:
            self._let_sound(*self._before.popitem(), now)
        else:
            self._let_sound(page, None, now)

    def _sounds(self, page: Connection) -> str:
        here = self._sounding is page
        return json.dumps(CODEC.to_json(Sounds(here, self._sounding is not None and not here)))

    def _tell_line(self, line: str) -> None:
        self._lines.append(line)
        self._tell_pages(line)

    def _tell_pages(self, line: str) -> None:
        for page in self._pages:
            page.tell(_line(line))

    def _tell_all(self, effects: Sequence[Outbound]) -> None:
        sounded = [to_text(effect) for effect in effects if isinstance(effect, SOUNDED)]
        if sounded:
            text = f'{{"type": "Effects", "at": {self._clock.now()}, "effects": [{", ".join(sounded)}]}}'
            for page in self._pages:
                page.tell(text)

    def _show(self) -> None:
        now, at = self._snapshot(), self._clock.now()
        alerts = [asdict(alert) for alert in alerts_at(now, at, INSTEAD)]
        if self._shown is not None and self._shown == (now, alerts):
            return
        for line in changes(self._told, now) if self._told is not None else ():
            self._tell_pages(line)
        self._told, self._shown = now, (now, alerts)
        shown = {
            "type": "Shown",
            "at": at,
            "look_back": look_back_line(now.look_back) if now.look_back else "",
            "alerts": alerts,
        }
        text = f'{json.dumps(shown)[:-1]}, "snapshot": {to_text(now)}}}'
        for page in self._pages:
            page.show(text)

    def count(self, kind: str) -> None:
        self._dispatch(BadInput(self._clock.now(), kind))


def _line(line: str) -> str:
    return json.dumps(CODEC.to_json(Told(line)))
