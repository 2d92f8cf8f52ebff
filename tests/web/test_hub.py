"""Pages and the engine: who plays, who sounds, who is sent away. No network, no clock but a virtual one."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from psc2.core.effects import Alive, NoteOn, Strike
from psc2.core.events import BadInput, Event, KeyDown, PageSounds, SourceGone
from psc2.core.instruments import Instrument, Layer
from psc2.runtime.virtual import VirtualClock
from psc2.testing import Rehearsal, press
from psc2.web import hub as hubs
from psc2.web.connection import BURST, FIRST_SOURCE, LATER, MAX_WAITING, POLICY
from psc2.web.hub import MAX_PAGES, MAX_REFUSED, Hub
from psc2.web.messages import SOURCES

KEY = {"type": "KeyDown", "source": 0, "pitch": 60, "velocity": 90}


class Gone(Exception):
    """What a real socket raises when its page has gone."""


class FakeSocket:
    """A page's end of a WebSocket, in memory."""

    def __init__(self, takes: bool = True) -> None:
        self.said: asyncio.Queue[str | None] = asyncio.Queue()
        self.told: list[dict[str, Any]] = []
        self.closed: tuple[int, str] | None = None
        self._takes = takes

    def say(self, *messages: dict[str, Any] | str) -> None:
        for message in messages:
            self.said.put_nowait(message if isinstance(message, str) else json.dumps(message))

    def go(self) -> None:
        self.said.put_nowait(None)

    def told_of(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.told if message["type"] == kind]

    async def receive_text(self) -> str:
        text = await self.said.get()
        if text is None:
            raise Gone
        return text

    async def send_text(self, data: str) -> None:
        if not self._takes:
            await asyncio.Event().wait()
        self.told.append(json.loads(data))

    async def close(self, code: int, reason: str) -> None:
        self.closed = code, reason


class House:
    """A hub, its engine, and pages."""

    def __init__(self) -> None:
        self.clock = VirtualClock(10.0)
        self.events: list[Event] = []
        self.rehearsal = Rehearsal()
        self.hub = Hub(self.events.append, self.rehearsal.engine.snapshot, self.clock, {"version": "1"})
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, may_sound: bool = True, takes: bool = True) -> FakeSocket:
        if not self._tasks:
            self._tasks.append(asyncio.create_task(self.hub.run()))
        socket = FakeSocket(takes)
        self._tasks.append(asyncio.create_task(self._serve(socket, may_sound)))
        await settle()
        return socket

    async def _serve(self, socket: FakeSocket, may_sound: bool) -> None:
        await self.hub.serve(socket, may_sound)

    async def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def settle() -> None:
    """Let everybody have their turns."""
    for _ in range(50):
        await asyncio.sleep(0)


Scene = Callable[[House], Awaitable[None]]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Scene], House]:
    """Plays a scene with a house of its own, in which looks at how things stand take no time."""
    monkeypatch.setattr(hubs, "SHOW_S", 0)

    def one(scene: Scene) -> House:
        async def whole() -> House:
            house = House()
            await scene(house)
            await house.end()
            return house

        return asyncio.run(whole())

    return one


def test_a_page_is_welcomed_and_told_how_things_stand(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        page = await house.open()
        kinds = [message["type"] for message in page.told]
        assert kinds == ["Welcome", "Sounds", "Shown"]
        assert page.told[1] == {"type": "Sounds", "here": False, "elsewhere": False}
        assert page.told[2]["snapshot"]["qpm"] == 120.0

    play(scene)


def test_pages_are_told_what_changes_while_they_are_there(play: Callable[[Scene], House]) -> None:
    def mute(house: House, layer: Layer) -> None:
        house.rehearsal.engine.dispatch(press(10.0, "mute", layer))

    async def scene(house: House) -> None:
        mute(house, Layer.CLICK)
        page = await house.open()
        mute(house, Layer.BASS)
        await settle()
        other = await house.open()
        mute(house, Layer.DRUMS)
        await settle()
        assert [told["line"] for told in page.told_of("Told")] == ["bass muted", "drums muted"]
        assert [told["line"] for told in other.told_of("Told")] == ["drums muted"]
        page.go()
        other.go()
        await settle()
        mute(house, Layer.CHORDS)
        later = await house.open()
        assert later.told_of("Told") == []

    play(scene)


def test_a_line_is_told_to_the_pages_there_are_and_to_those_that_come(
    play: Callable[[Scene], House],
) -> None:
    async def scene(house: House) -> None:
        house.hub.tell_line("before all")
        first = await house.open()
        for line in ("one", "two", "three"):
            house.hub.tell_line(line)
        await settle()
        later = await house.open()
        assert [told["line"] for told in first.told_of("Told")] == ["before all", "one", "two", "three"]
        assert [told["line"] for told in later.told_of("Told")] == ["one", "two", "three"]

    play(scene)


def test_how_things_stand_is_told_again_only_when_it_has_changed(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        page = await house.open()
        await settle()
        assert len(page.told_of("Shown")) == 1
        house.rehearsal.engine.dispatch(KeyDown(0.0, 0, 60, 90))
        await settle()
        assert [shown["snapshot"]["struck"]["key"] for shown in page.told_of("Shown")[1:]] == [60]
        late = await house.open()
        assert len(late.told_of("Shown")) == 1

    play(scene)


def test_what_each_page_plays_is_a_source_of_its_own(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        one, other = await house.open(), await house.open()
        one.say(KEY, {**KEY, "source": 5})
        other.say(KEY)
        await settle()

    events = play(scene).events
    sources = [event.source for event in events if isinstance(event, KeyDown)]
    assert sources == [FIRST_SOURCE, FIRST_SOURCE + 5, FIRST_SOURCE + SOURCES]


def test_a_page_that_goes_lets_go_of_all_that_it_held(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        page, other = await house.open(), await house.open()
        page.say({**KEY, "source": 2}, KEY)
        page.go()
        await settle()
        assert house.events[-2:] == [SourceGone(10.0, FIRST_SOURCE), SourceGone(10.0, FIRST_SOURCE + 2)]
        other.say(KEY)
        await settle()
        assert isinstance(house.events[-1], KeyDown)

    play(scene)


def test_every_page_is_told_what_sounds_and_nothing_else(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        pages = [await house.open(), await house.open()]
        house.hub.send(
            [NoteOn(Instrument.LEAD, 60, 90, note_id=3), Alive(), Strike(Instrument.KICK, 80, at=11.5)]
        )
        house.hub.send([Alive()])
        await settle()
        for page in pages:
            (effects,) = page.told_of("Effects")
            assert [(it["type"], it["at"]) for it in effects["effects"]] == [
                ("NoteOn", None),
                ("Strike", 11.5),
            ]

    play(scene)


def test_one_page_sounds_and_the_others_know(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        one, other = await house.open(), await house.open()
        one.say({"type": "SoundHere", "latency_s": 0.02})
        await settle()
        assert (one.told_of("Sounds")[-1]["here"], other.told_of("Sounds")[-1]["elsewhere"]) == (True, True)
        other.say({"type": "SoundHere", "latency_s": 0.03})
        await settle()
        assert (one.told_of("Sounds")[-1]["here"], other.told_of("Sounds")[-1]["here"]) == (False, True)
        one.say({"type": "SoundHere", "latency_s": None})  # it is not its own any more
        one.go()
        await settle()
        assert other.told_of("Sounds")[-1]["here"]
        other.go()
        await settle()

    sounding = [event for event in play(scene).events if isinstance(event, PageSounds)]
    assert [event.latency_s for event in sounding] == [0.02, 0.03, None]


def test_over_the_network_a_page_plays_but_does_not_sound(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        page = await house.open(may_sound=False)
        page.say({"type": "SoundHere", "latency_s": 0.02}, KEY)
        await settle()
        assert "over the network" in page.told_of("Refused")[0]["reason"]

    kinds = [type(event) for event in play(scene).events]
    assert KeyDown in kinds
    assert PageSounds not in kinds


def test_a_page_asks_what_the_clock_shows(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        page = await house.open()
        page.say({"type": "Ping", "sent": 3.5})
        await settle()
        assert page.told[-1] == {"type": "Pong", "sent": 3.5, "at": 10.0}

    play(scene)


@pytest.mark.parametrize(
    "message",
    ["{", {"type": "Shutdown"}, {**KEY, "source": SOURCES}, {**KEY, "source": -1}, {**KEY, "pitch": 128}],
    ids=str,
)
def test_what_is_not_understood_is_refused_with_its_reason_and_counted(
    play: Callable[[Scene], House], message: dict[str, Any] | str
) -> None:
    async def scene(house: House) -> None:
        page = await house.open()
        page.say(message, KEY)
        await settle()
        assert len(page.told_of("Refused")) == 1
        assert page.closed is None

    house = play(scene)
    assert BadInput(10.0, "page: not understood") in house.events
    assert any(isinstance(event, KeyDown) for event in house.events)


def test_a_page_that_is_understood_too_seldom_is_sent_away(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        page = await house.open()
        page.say(*["?"] * MAX_REFUSED)
        await settle()
        assert page.closed == (POLICY, "too much that is not understood")

    play(scene)


def test_a_page_that_says_too_much_is_sent_away_and_its_keys_come_up(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        page = await house.open()
        page.say(*[KEY] * 2_000)
        for _ in range(100):
            await settle()
        assert page.closed == (POLICY, "too many messages")

    events = play(scene).events
    assert sum(isinstance(event, KeyDown) for event in events) == BURST
    assert SourceGone(10.0, FIRST_SOURCE) in events


def test_a_page_that_takes_nothing_is_sent_away_and_no_other_waits_for_it(
    play: Callable[[Scene], House],
) -> None:
    async def scene(house: House) -> None:
        slow, quick = await house.open(takes=False), await house.open()
        for _ in range(MAX_WAITING + 10):
            house.hub.send([Strike(Instrument.KICK, 80)])
            await settle()
        assert len(quick.told_of("Effects")) == MAX_WAITING + 10
        assert quick.closed is None
        assert slow.closed == (LATER, "the page is too slow")

    play(scene)


def test_there_are_not_more_pages_than_it_can_serve(play: Callable[[Scene], House]) -> None:
    async def scene(house: House) -> None:
        pages = [await house.open() for _ in range(MAX_PAGES + 3)]
        assert [page.closed for page in pages] == [None] * MAX_PAGES + [
            (LATER, "too many pages are open")
        ] * 3
        pages[0].go()
        await settle()
        assert (await house.open()).closed is None

    play(scene)


def test_where_the_page_that_sounds_goes_the_one_before_it_sounds_again(
    play: Callable[[Scene], House],
) -> None:
    async def scene(house: House) -> None:
        first, second, third = [await house.open() for _ in range(3)]
        for page, latency_s in ((first, 0.01), (second, 0.02), (third, 0.03)):
            page.say({"type": "SoundHere", "latency_s": latency_s})
            await settle()
        second.go()
        third.go()
        await settle()
        assert [event.latency_s for event in house.events if isinstance(event, PageSounds)] == [
            0.01, 0.02, 0.03, 0.01,
        ]  # fmt: skip
        assert first.told_of("Sounds")[-1] == {"type": "Sounds", "here": True, "elsewhere": False}
        first.go()
        await settle()
        assert house.events[-1] == PageSounds(10.0, None)

    play(scene)


@pytest.mark.parametrize(
    "message",
    [
        {"type": "Pong", "sent": 1.0, "at": 2.0},
        {"type": "Sounds", "here": True, "elsewhere": False},
        {"type": "Told", "line": "x"},
    ],
)
def test_what_only_pages_are_told_is_refused_of_them(
    play: Callable[[Scene], House], message: dict[str, Any]
) -> None:
    async def scene(house: House) -> None:
        page = await house.open()
        page.say(message, KEY)
        await settle()
        assert len(page.told_of("Refused")) == 1

    refused, key = play(scene).events[:2]
    assert refused == BadInput(10.0, "page: not understood")
    assert isinstance(key, KeyDown)
