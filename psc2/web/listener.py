"""Where pages are waited for: the port, and what is loaded once the first one comes."""

from __future__ import annotations

import errno
import logging
import select
import socket
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from psc2.core.effects import Outbound
from psc2.core.events import Event
from psc2.core.ranges import PORTS
from psc2.core.snapshot import Snapshot
from psc2.errors import StartError
from psc2.ports import Clock
from psc2.resources import COMMAND
from psc2.settings.config import Config
from psc2.web.addresses import address_of
from psc2.web.browser import open_page

if TYPE_CHECKING:
    from psc2.web.server import WebServer

logger = logging.getLogger(__name__)

PORTS_TRIED = 10  # the one that is configured, and those that follow it
PATIENCE_S = 1.0  # for its end
BACKLOG = 32


class WebListener:
    """The page's port, from ``start`` to ``stop``; an ``Output`` like the wire.

    Where nobody asks for the page it costs next to nothing, neither time nor memory: the server is loaded
    and started for the first who does.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock,
        dispatch: Callable[[Event], None],
        snapshot: Callable[[], Snapshot],
        opens: bool = False,
    ) -> None:
        """Take the port that is configured, or one of those that follow it. Raises: StartError.

        ``opens``: whether the page is opened in this computer's browser.
        """
        self._config = config
        self._clock = clock
        self._dispatch = dispatch
        self._snapshot = snapshot
        self._opens = opens
        self._socket = _bound(config.web.host, config.web.port)
        self._waiting, self._waker = socket.socketpair()
        self._server: WebServer | None = None
        self._lines: list[str] = []  # told before there is one
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def address(self) -> str:
        """Where a browser on this computer finds the page."""
        web = self._config.web
        return address_of(web.host, self._socket.getsockname()[1], web.token)

    def start(self) -> None:
        self._thread.start()

    def send(self, effects: Sequence[Outbound]) -> None:
        """Tell the pages what sounds."""
        if self._server is not None:
            self._server.hub.send(effects)

    def tell_line(self, line: str) -> None:
        """Tell the pages a line, those that are there and those that come next."""
        if self._server is None:
            self._lines.append(line)
        else:
            self._server.hub.tell_line(line)

    def stop(self) -> None:
        self._stopping = True
        self._waker.send(b"!")
        if self._server is not None:
            self._server.stop()
        if self._thread.ident is not None:
            self._thread.join(PATIENCE_S)
        for each in (self._socket, self._waiting, self._waker):
            each.close()

    def _run(self) -> None:
        if not self._opens:
            select.select([self._socket, self._waiting], [], [])
        if self._stopping:
            return
        try:
            self._serve()
        except ImportError as error:
            logger.error("the page cannot be served: %s; %s doctor tells what mends it", error, COMMAND)
        except Exception:
            logger.exception("the page cannot be served any more; the music goes on")

    def _serve(self) -> None:
        # A fifth of a second, and megabytes, that nobody who plays without a page should pay.
        from psc2.web.server import WebServer

        server = WebServer(self._config, self._clock, self._dispatch, self._snapshot, self._socket)
        for line in self._lines:
            server.hub.tell_line(line)
        self._server = server
        if self._opens:
            open_page(self.address)
        if not self._stopping:
            self._server.run()


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises: StartError."""
    for attempt in range(PORTS_TRIED):
        # Only of a socket that says it is TCP does asyncio send each message at once (TCP_NODELAY).
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, min(port + attempt, PORTS.high) if port else 0))
            listening.listen(BACKLOG)
        except OSError as error:
            listening.close()
            if error.errno == errno.EADDRINUSE and attempt < PORTS_TRIED - 1:
                continue
            raise StartError(
                f"web.port: cannot listen on {host}:{port}: {error.strerror or error}"
            ) from error
        return listening
    raise AssertionError("the last attempt has raised")
