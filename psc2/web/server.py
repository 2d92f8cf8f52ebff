"""The page's server: a thread with an event loop of its own, which nothing musical waits for."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from psc2 import resources
from psc2.errors import StartError
from psc2.web.browser import open_page
from psc2.web.guard import LOCAL_NAMES, Guard, is_local
from psc2.web.hub import Hub
from psc2.web.messages import MAX_MESSAGE

if TYPE_CHECKING:
    import uvicorn

logger = logging.getLogger(__name__)

PORTS_TRIED = 10  # the one that is configured, and those that follow it
MAX_REQUESTS = 64  # HTTP and WebSocket, at a time
PATIENCE_S = 1.0  # for its end
BACKLOG = 32


class WebServer:
    """Serves the page and its connections, from ``start`` to ``stop``."""

    def __init__(self, hub: Hub, host: str, port: int, token: str, opens: bool = False) -> None:
        """Take a port: ``port``, or one of those that follow it. Raises: StartError if there is none.

        ``opens``: whether the page is opened in this computer's browser.
        """
        self._opens = opens
        self._hub = hub
        self._host = host
        self._token = token
        self._socket = _bound(host, port)
        self._server: uvicorn.Server | None = None
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="web", daemon=True)

    @property
    def address(self) -> str:
        """Where a browser on this computer finds the page."""
        host = self._host if is_local(self._host) else "127.0.0.1"
        return f"http://{host}:{self._port}/"

    @property
    def _port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def start(self) -> None:
        self._thread.start()
        if self._opens:
            open_page(self.address)

    def stop(self) -> None:
        self._stopping = True
        if self._server is not None:
            self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(PATIENCE_S)
        self._socket.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception:
            logger.exception("the page cannot be served any more; the music goes on")

    async def _serve(self) -> None:
        import uvicorn  # 0.1 s, after the first click is possible

        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app(), log_config=None, access_log=False, lifespan="off", loop="asyncio", http="h11",
                ws="websockets-sansio", ws_max_size=MAX_MESSAGE, ws_per_message_deflate=False,
                limit_concurrency=MAX_REQUESTS, server_header=False, timeout_graceful_shutdown=1,
            )
        )  # fmt: skip
        if self._stopping:
            return
        showing = asyncio.ensure_future(self._hub.run())
        try:
            await self._server.serve(sockets=[self._socket])
        finally:
            showing.cancel()
            with suppress(asyncio.CancelledError):
                await showing

    def _app(self) -> Guard:
        from starlette.applications import Starlette
        from starlette.routing import Mount, WebSocketRoute
        from starlette.staticfiles import StaticFiles
        from starlette.websockets import WebSocket, WebSocketDisconnect

        async def connect(socket: WebSocket) -> None:
            await socket.accept()
            client = socket.client.host if socket.client else ""
            with suppress(WebSocketDisconnect):
                await self._hub.serve(socket, may_sound=is_local(client))

        routes = [
            WebSocketRoute("/socket", connect),
            Mount("/audio", StaticFiles(directory=resources.AUDIO)),
            Mount("/", StaticFiles(directory=resources.PAGE, html=True)),
        ]
        hosts = {*LOCAL_NAMES, *(() if is_local(self._host) else _own_names(self._host))}
        return Guard(Starlette(routes=routes), hosts, self._port, self._token, self._hub.count)


def _bound(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises: StartError."""
    for attempt in range(PORTS_TRIED):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port + attempt if port else 0))
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


def _own_names(host: str) -> set[str]:
    """What this computer is called by others: the address that is served, or its name and addresses."""
    if host != "0.0.0.0":
        return {host.lower()}
    name = socket.gethostname()
    with suppress(OSError):
        found = socket.getaddrinfo(name, None, socket.AF_INET)
        return {name.lower(), f"{name.lower()}.local", *(str(address[0]) for *_, address in found)}
    return {name.lower()}
