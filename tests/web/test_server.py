"""The page's server on a real port: what is served, what is refused; the music does not wait for it."""

import http.client
import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from websockets import Origin
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from psc2 import resources
from psc2.core.events import BadInput, Event
from psc2.errors import StartError
from psc2.runtime.clock import SystemClock
from psc2.settings.config import load_config
from psc2.testing import FakeClient, Rehearsal
from psc2.web import listener
from psc2.web.listener import WebListener
from tests.daemons import daemon

pytestmark = [pytest.mark.loopback]
TIMEOUT_S = 20.0


class Page:
    """A page without a browser."""

    def __init__(self, address: str, stack: ExitStack) -> None:
        self._socket: ClientConnection = stack.enter_context(
            connect(
                f"ws{address.removeprefix('http')}socket",
                origin=Origin(address.rstrip("/")),
                open_timeout=TIMEOUT_S,
            )
        )

    def say(self, kind: str, **fields: Any) -> None:
        self._socket.send(json.dumps({"type": kind, **fields}))

    def hear(self, kind: str) -> dict[str, Any]:
        """The next message of a kind."""
        while True:
            message: dict[str, Any] = json.loads(self._socket.recv(timeout=TIMEOUT_S))
            if message["type"] == kind:
                return message

    def hear_the_end(self) -> None:
        """Listen until the connection ends."""
        with pytest.raises(ConnectionClosed):
            self.hear("nothing that there is")

    def hear_effect(self, kind: str) -> dict[str, Any]:
        while True:
            for effect in self.hear("Effects")["effects"]:
                if effect["type"] == kind:
                    found: dict[str, Any] = effect
                    return found


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "page.yaml"
    path.write_text("web: {port: 0}\nimprov: {model: markov}\ndrums: {model: markov}\n")
    return path


@pytest.fixture
def playing(config: Path) -> Iterator[tuple[str, FakeClient]]:
    """A daemon: its page's address, and the other side of its wire."""
    with daemon("--plain", "--config", str(config)) as (process, client):
        assert process.stdout is not None
        for line in process.stdout:
            if "http://" in line:
                yield line.split()[-1], client
                return
        raise AssertionError("no page")


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def get(address: str, path: str, host: str | None = None) -> http.client.HTTPResponse:
    place = address.removeprefix("http://").rstrip("/")
    end = time.monotonic() + TIMEOUT_S
    while True:
        try:
            connection = http.client.HTTPConnection(place, timeout=TIMEOUT_S)
            connection.request("GET", path, headers={"Host": host or place})
            return connection.getresponse()
        except ConnectionError:
            assert time.monotonic() < end


def test_the_page_and_its_samples_are_served_and_nothing_beside_them(playing: tuple[str, FakeClient]) -> None:
    address, _ = playing
    page = get(address, "/")
    assert page.status == 200
    assert page.read() == (resources.PAGE / "index.html").read_bytes()
    assert "script-src 'self'" in page.headers["content-security-policy"]
    kick = get(address, "/audio/kick.wav")
    assert kick.read() == (resources.AUDIO / "kick.wav").read_bytes()
    for path in (
        "/../daemon.py",
        "/%2e%2e/daemon.py",
        "/audio/../psc2.scd",
        "/audio/%2e%2e/psc2.scd",
        "//etc/passwd",
    ):
        assert get(address, path).status == 404, path


def test_a_page_of_somebody_else_cannot_connect(playing: tuple[str, FakeClient], stack: ExitStack) -> None:
    address, _ = playing
    get(address, "/")
    with (
        pytest.raises(InvalidStatus),
        connect(f"ws{address[4:]}socket", origin=Origin("http://evil.example")),
    ):
        pass
    with pytest.raises(InvalidStatus), connect(f"ws{address[4:]}socket"):
        pass
    assert get(address, "/", host=f"evil.example:{address.rstrip('/').rpartition(':')[2]}").status == 421


def test_a_key_in_the_page_sounds_in_the_page_and_in_supercollider(
    playing: tuple[str, FakeClient], stack: ExitStack
) -> None:
    address, client = playing
    get(address, "/")
    page = Page(address, stack)
    page.say("KeyDown", source=0, pitch=60, velocity=90)
    note = page.hear_effect("NoteOn")
    assert (note["pitch"], note["velocity"], note["at"]) == (60, 90, None)
    assert client.receive_until("/playwurly", timeout_s=TIMEOUT_S)[-1].arguments[0] == 60
    page.say("KeyUp", source=0, pitch=60)
    assert page.hear_effect("NoteOff")["note_id"] == note["note_id"]


@pytest.mark.timing
def test_what_follows_shortly_does_not_wait_until_the_browser_has_confirmed_what_came_before(
    playing: tuple[str, FakeClient], stack: ExitStack
) -> None:
    """A browser confirms up to 40 ms later; meanwhile Nagle's algorithm would keep the next message back."""
    address, _ = playing
    get(address, "/")
    page = Page(address, stack)
    waits_s = []
    for n in range(60):
        page.say("KeyDown", source=0, pitch=40 + n, velocity=90)
        page.say("KeyUp", source=0, pitch=40 + n)
        said = time.monotonic()
        page.hear_effect("NoteOff")
        waits_s.append(time.monotonic() - said)
        time.sleep(0.003 * (n % 13))
    assert sorted(waits_s)[len(waits_s) * 9 // 10] < 0.03


def test_a_page_that_sounds_hears_of_the_loop_ahead_and_on_its_grid(
    playing: tuple[str, FakeClient], stack: ExitStack
) -> None:
    address, _ = playing
    get(address, "/")
    page = Page(address, stack)
    page.say("SoundHere", latency_s=0.02)
    page.say("Press", source=0, action="play")
    moments: list[tuple[float, float]] = []
    while len(moments) < 6:
        effects = page.hear("Effects")
        moments += [(it["at"], effects["at"]) for it in effects["effects"] if it["type"] == "Strike"]
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(moments)]
    assert gaps == pytest.approx([0.5] * 5, abs=1e-6)
    assert all(at - told > 0.03 for at, told in moments[1:])


def test_a_page_that_is_gone_lets_go_of_its_keys(playing: tuple[str, FakeClient], stack: ExitStack) -> None:
    address, client = playing
    get(address, "/")
    with ExitStack() as passing:
        Page(address, passing).say("KeyDown", source=0, pitch=61, velocity=90)
        client.receive_until("/playwurly", timeout_s=TIMEOUT_S)
    assert client.receive_until("/stopnote", timeout_s=TIMEOUT_S)[-1].arguments[0] == 61


def test_a_flood_from_one_page_ends_it_and_no_other(
    playing: tuple[str, FakeClient], stack: ExitStack
) -> None:
    address, _ = playing
    get(address, "/")
    other, flooding = Page(address, stack), Page(address, stack)

    def flood() -> None:
        for _ in range(20_000):
            flooding.say("KeyUp", source=0, pitch=60)

    with suppress(ConnectionClosed):
        flood()
    flooding.hear_the_end()
    other.say("KeyDown", source=0, pitch=62, velocity=90)
    assert other.hear_effect("NoteOn")["pitch"] == 62


def test_what_is_longer_than_anything_of_ours_ends_the_connection(
    playing: tuple[str, FakeClient], stack: ExitStack
) -> None:
    address, _ = playing
    get(address, "/")
    page = Page(address, stack)
    page.say("SourceNamed", source=1, name="x" * 5_000)
    page.hear_the_end()


def test_what_only_a_stranger_is_to_blame_for_is_counted_and_prints_no_line(
    stack: ExitStack, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Event] = []
    page = web_listener(0, told.append)
    page.start()
    stack.callback(page.stop)
    get(page.address, "/")
    place = page.address.removeprefix("http://").rstrip("/").split(":")
    with socket.create_connection((place[0], int(place[1])), TIMEOUT_S) as connection:
        connection.sendall(b"\x00\xff\r\n\r\n")
        assert b"400" in connection.recv(1_000)
    with connect(f"ws{page.address[4:]}socket", origin=Origin(page.address.rstrip("/"))) as wrong:
        wrong.socket.sendall(b"\x81\x82\0\0\0\0\xff\xff")  # a text, masked with nothing, not in UTF-8
        with suppress(ConnectionClosed):
            while wrong.recv(TIMEOUT_S):
                pass
    assert wrong.close_code is not None
    assert caplog.records == []
    assert [event.kind for event in told if isinstance(event, BadInput)] == ["page: not understood"] * 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have a screen")
def test_where_there_is_no_screen_an_asked_for_browser_is_missed_in_a_line(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for screen in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(screen, raising=False)
    with daemon("--plain", "--open", "--config", str(config)) as (process, _):
        assert process.stdout is not None
        assert any("no screen here that a browser can open on" in line for line in process.stdout)


def web_listener(port: int, dispatch: Callable[[Event], None] = lambda event: None) -> WebListener:
    """One that is not started, with an instrument that does not listen, or does as ``dispatch``."""
    config = load_config(None, {"web": {"port": port}})
    return WebListener(config, SystemClock(), dispatch, Rehearsal().engine.snapshot)


def test_a_port_that_is_taken_is_followed_by_the_next() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        page = web_listener(port)
        try:
            assert page.address != f"http://127.0.0.1:{port}/"
        finally:
            page.stop()


def test_without_any_port_the_music_plays_without_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "PORTS_TRIED", 1)
    with (
        closing(socket.create_server(("127.0.0.1", 0))) as taken,
        pytest.raises(StartError, match=r"web\.port"),
    ):
        web_listener(taken.getsockname()[1])
    own = tmp_path / "elsewhere.yaml"
    own.write_text("web: {host: 192.0.2.1, token: sotto-voce}\n")
    with daemon("--plain", "--config", str(own)) as (process, client):
        assert process.stdout is not None
        assert any(line.startswith("no page: web.") for line in process.stdout)
        client.send("/processnoteon", 60, 90)
        client.receive_until("/playwurly", timeout_s=TIMEOUT_S)


def test_without_a_server_program_the_page_is_missed_in_one_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "psc2.web.server", None)  # as where uvicorn is not installed
    page = web_listener(0)
    page.start()
    with socket.create_connection(("127.0.0.1", int(page.address.rstrip("/").rsplit(":", 1)[1]))):
        deadline = time.monotonic() + TIMEOUT_S
        while not caplog.records and time.monotonic() < deadline:
            time.sleep(0.01)
    page.stop()
    (record,) = caplog.records
    assert record.getMessage().startswith("the page cannot be served: import of psc2.web.server halted")
    assert record.exc_info is None


def test_the_ports_end_at_the_last_one() -> None:
    last = 65535
    with ExitStack() as stack:
        for port in range(last - 2, last + 1):
            with suppress(OSError):  # somebody else's, which is as good
                stack.enter_context(closing(socket.create_server(("127.0.0.1", port))))
        with pytest.raises(StartError, match=r"web\.port"):
            web_listener(last - 2)
