"""Strangers are refused: other pages in the same browser, other names for this computer, other computers."""

import asyncio
from typing import Any

import pytest

from psc2.web.addresses import LOCAL_NAMES
from psc2.web.guard import FORBIDDEN, HEADERS, MISDIRECTED, Guard

PORT, TOKEN = 8808, "sotto voce"
OWN = f"127.0.0.1:{PORT}"


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-own", b"1")]})
    await send({"type": "http.response.body", "body": b""})


async def nothing() -> Any:
    return {"type": "http.disconnect"}


def scope(
    host: str = OWN,
    origin: str | None = f"http://{OWN}",
    client: str = "127.0.0.1",
    query: str = "",
    kind: str = "websocket",
) -> dict[str, Any]:
    headers = [(b"host", host.encode("latin-1"))]
    if origin is not None:
        headers.append((b"origin", origin.encode("latin-1")))
    return {"type": kind, "headers": headers, "client": (client, 5), "query_string": query.encode()}


def guard(hosts: tuple[str, ...] = LOCAL_NAMES, token: str = "", refused: list[str] | None = None) -> Guard:
    return Guard(application, set(hosts), PORT, token, (refused if refused is not None else []).append)


@pytest.mark.parametrize("host", [f"{name}:{PORT}" for name in LOCAL_NAMES] + [f"LocalHost:{PORT}"])
def test_a_page_of_our_own_gets_in(host: str) -> None:
    assert guard().trouble(scope(host, f"http://{host}")) is None
    assert guard().trouble(scope(host, None, kind="http")) is None


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", "http://evil.example", f"https://{OWN}", "http://127.0.0.1", f"http://127.0.0.1:{PORT}0",
     f"http://localhost:{PORT}", f"http://{OWN}.evil.example", f"http://{OWN}/", f"file://{OWN}"],
)  # fmt: skip
def test_a_page_of_another_origin_does_not_get_in(origin: str | None) -> None:
    assert guard().trouble(scope(origin=origin)) == (FORBIDDEN, "another page's connection")


@pytest.mark.parametrize(
    "host",
    ["", "127.0.0.1", "evil.example", f"evil.example:{PORT}", "127.0.0.1:80",
     f"127.0.0.1.evil.example:{PORT}", f"192.168.1.2:{PORT}", f"evil@127.0.0.1:{PORT}",
     f"127.0.0.1:{PORT}:{PORT}"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_nothing_is_served_under_a_name_that_is_not_ours(host: str, kind: str) -> None:
    assert guard().trouble(scope(host, f"http://{host}", kind=kind)) == (MISDIRECTED, "another host's name")


@pytest.mark.parametrize(
    "query",
    ["", "token=", "token=sotto", "token=sotto+voce&token=x", "Token=sotto+voce", "token=%ff"],
)
def test_another_computer_gets_in_with_the_token_alone(query: str) -> None:
    host = f"192.168.1.2:{PORT}"
    ours = guard((*LOCAL_NAMES, "192.168.1.2"), TOKEN)
    other = scope(host, f"http://{host}", "192.168.1.20", query)
    expected = None if query == "token=sotto+voce&token=x" else (FORBIDDEN, "a connection without the token")
    assert ours.trouble(other) == expected


def test_without_a_token_no_other_computer_gets_in() -> None:
    host = f"192.168.1.2:{PORT}"
    ours = guard((*LOCAL_NAMES, "192.168.1.2"), token="")
    assert ours.trouble(scope(host, f"http://{host}", "192.168.1.20", "token=")) is not None


def test_a_stranger_is_told_why_and_counted() -> None:
    refused: list[str] = []
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    ours = guard(refused=refused)
    asyncio.run(ours(scope(origin="http://evil.example"), receive, send))
    asyncio.run(ours(scope("evil.example", kind="http"), receive, send))
    assert refused == ["another page's connection", "another host's name"]
    assert sent[0] == {"type": "websocket.close", "code": 1008, "reason": "another page's connection"}
    assert (sent[1]["status"], sent[2]["body"]) == (MISDIRECTED, b"psc2: another host's name\n")


def test_whatever_is_served_tells_the_browser_what_it_may_do() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(guard()(scope(kind="http"), nothing, send))
    assert dict(sent[0]["headers"]) == {b"x-own": b"1", **HEADERS}
    policy = HEADERS[b"content-security-policy"].decode()
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
