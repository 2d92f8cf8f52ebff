"""Who may speak with the server: pages that it has served itself, over the network those with the token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from psc2.web.addresses import is_local

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Any, Receive, Send], Awaitable[None]]

FORBIDDEN, MISDIRECTED = 403, 421
HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; worker-src 'self'; "
    b"style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors 'none'",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"cache-control": b"no-cache",
}


class Guard:
    """An ASGI application in front of another one: refuses strangers, and says what browsers may do.

    A page of somebody else's in the same browser has another origin. A name that somebody else has pointed
    at this computer (DNS rebinding) is no name of ours, and so nothing is served under it.
    """

    def __init__(
        self, app: App, hosts: set[str], port: int, token: str, refuse: Callable[[str], None]
    ) -> None:
        """``hosts``: the names that it is served under; ``token``: empty where only this computer is served.

        ``refuse``: told of each stranger, in a few words.
        """
        self._app = app
        self._port = port
        self._hosts = hosts
        self._token = token
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        trouble = self.trouble(scope)
        if trouble is None:
            await self._app(scope, receive, _with_headers(send))
            return
        status, reason = trouble
        self._refuse(reason)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS.items()]
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": f"psc2: {reason}\n".encode()})

    def trouble(self, scope: Scope) -> tuple[int, str] | None:
        """Why a request is refused: HTTP's status and a few words; None if it is not."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = headers.get(b"host", "")
        if not self._is_ours(host):
            return MISDIRECTED, "another host's name"
        if scope["type"] != "websocket":
            return None
        if headers.get(b"origin", "").lower() != f"http://{host.lower()}":
            return FORBIDDEN, "another page's connection"
        client = (scope.get("client") or ("",))[0]
        given = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]
        if not is_local(client) and not (
            self._token and hmac.compare_digest(given.encode(), self._token.encode())
        ):
            return FORBIDDEN, "a connection without the token"
        return None

    def _is_ours(self, host: str) -> bool:
        name, _, port = host.lower().rpartition(":")
        return port == str(self._port) and name in self._hosts


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: Any) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *HEADERS.items()]}
        await send(message)

    return send_with_headers
