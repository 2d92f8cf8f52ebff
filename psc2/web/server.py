"""The page's server: an event loop of its own, in a thread that nothing musical waits for."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from psc2 import resources
from psc2.core.events import Event
from psc2.core.snapshot import Snapshot
from psc2.ports import Clock
from psc2.settings.config import Config
from psc2.web.addresses import LOCAL_NAMES, is_local, own_names
from psc2.web.greeting import welcome
from psc2.web.guard import Guard
from psc2.web.hub import Hub
from psc2.web.messages import MAX_MESSAGE

MAX_REQUESTS = 64  # HTTP and WebSocket, at a time


class WebServer:
    """Serves the page and its connections, until it is stopped."""

    def __init__(
        self,
        config: Config,
        clock: Clock,
        dispatch: Callable[[Event], None],
        snapshot: Callable[[], Snapshot],
        listening: socket.socket,
    ) -> None:
        self.hub = Hub(dispatch, snapshot, clock, welcome(config))
        self._web = config.web
        self._socket = listening
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app(), log_config=None, access_log=False, lifespan="off", loop="asyncio", http="h11",
                ws="websockets-sansio", ws_max_size=MAX_MESSAGE, ws_per_message_deflate=False,
                limit_concurrency=MAX_REQUESTS, server_header=False, timeout_graceful_shutdown=1,
            )
        )  # fmt: skip

    def run(self) -> None:
        """Serve, in this thread."""
        logging.getLogger("asyncio").setLevel(logging.ERROR)  # it warns of each send to a page that has gone
        uvicorns = logging.getLogger("uvicorn.error")
        uvicorns.addFilter(self._is_ours)
        try:
            asyncio.run(self._serve())
        finally:
            uvicorns.removeFilter(self._is_ours)

    def stop(self) -> None:
        """Let it end, from another thread, perhaps before it has begun."""
        self._server.should_exit = True

    def _is_ours(self, record: logging.LogRecord) -> bool:
        """Whether a record is worth a line: what only a stranger is to blame for is counted instead."""
        is_text = record.exc_info is None or not isinstance(record.exc_info[1], UnicodeDecodeError)
        if record.levelno >= logging.ERROR and is_text:
            return True
        self.hub.count("page: not understood")
        return False

    async def _serve(self) -> None:
        showing = asyncio.ensure_future(self.hub.run())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            showing.cancel()
            with suppress(asyncio.CancelledError):
                await showing

    def _app(self) -> Guard:
        async def connect(socket: WebSocket) -> None:
            await socket.accept()
            client = socket.client.host if socket.client else ""
            with suppress(WebSocketDisconnect):
                await self.hub.serve(socket, may_sound=is_local(client))

        routes = [
            WebSocketRoute("/socket", connect),
            Mount("/audio", StaticFiles(directory=resources.AUDIO)),
            Mount("/", StaticFiles(directory=resources.PAGE, html=True)),
        ]
        hosts = {*LOCAL_NAMES, *(() if is_local(self._web.host) else own_names(self._web.host))}
        port = self._socket.getsockname()[1]
        return Guard(Starlette(routes=routes), hosts, port, self._web.token, self.hub.count)
