"""The page's modules by themselves: clocks, addresses, MIDI."""

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import pytest

from psc2.screen.alerts import Alert
from tests.web.pages import Page

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("page_address", "socket"),
    [
        ("http://127.0.0.1:8808/", "ws://127.0.0.1:8808/socket"),
        ("http://stage.local:8808/?token=a%20b%26c#display", "ws://stage.local:8808/socket?token=a%20b%26c"),
        ("https://psc2.example/?token=x", "wss://psc2.example/socket?token=x"),
    ],
)
def test_the_socket_is_where_the_page_is_with_its_token(
    modules: Page, page_address: str, socket: str
) -> None:
    assert modules.module("/connection.js", "module.socketAddress(new URL(given[0]))", page_address) == socket


CLOCK = """
(() => {
  let own = 0, sent = [];
  const clock = new module.Clock((message) => sent.push(message), () => own);
  return given[0].map(([at, roundTrip, offset, lean]) => {
    own = at + roundTrip;
    clock.heard(at, at + roundTrip * lean + offset);
    return clock.offset;
  });
})()
"""


def offsets(modules: Page, *samples: tuple[float, float, float, float]) -> list[float]:
    """The clock's offset after each ping: sent at, round trip, true offset, share of the way there."""
    computed: list[float] = modules.module("/clock.js", CLOCK, samples)
    return computed


def test_the_shortest_way_to_the_daemon_tells_its_clock_best(modules: Page) -> None:
    known = offsets(modules, (0.0, 0.2, 50.0, 0.9), (1.0, 0.002, 50.0, 0.5), (2.0, 0.3, 50.0, 0.1))
    assert known == pytest.approx([50.08, 50.0, 50.0], abs=0.001)


def test_a_clock_that_drifts_is_followed(modules: Page) -> None:
    drifting = [(float(n), 0.002, 50.0 + 50e-6 * n, 0.5) for n in range(600)]
    assert offsets(modules, *drifting)[-1] == pytest.approx(50.0 + 50e-6 * 599, abs=0.001)


def test_a_short_way_long_ago_tells_less_than_a_longer_one_just_now(modules: Page) -> None:
    before = [(float(n), 0.0010 if n == 0 else 0.0011, 50.0 + 100e-6 * n, 0.5) for n in range(15)]
    assert offsets(modules, *before)[-1] == pytest.approx(50.0014, abs=0.0003)


@pytest.mark.parametrize("slept_s", [-30.0, 0.5, 3600.0])
def test_after_the_computer_has_slept_the_clock_is_set_anew(modules: Page, slept_s: float) -> None:
    awake = [(float(n), 0.002, 50.0, 0.5) for n in range(20)]
    after = (20.0, 0.2, 50.0 + slept_s, 0.6)
    assert offsets(modules, *awake, after)[-1] == pytest.approx(50.0 + slept_s, abs=0.05)


AUDIO_TIME = "(() => { const time = new module.AudioTime(); return given[0].map(([context, own]) => { \
time.see(context, own); return time.at(own); }); })()"


def test_the_audio_clock_wavers_without_a_jump_of_the_sound(modules: Page) -> None:
    seen = [[n + (0.006 if n % 2 else 0.0), float(n)] for n in range(60)]
    moments = modules.module("/sounding.js", AUDIO_TIME, seen)
    jumps = [abs(after - before - 1.0) for before, after in pairwise(moments[10:])]
    assert max(jumps) < 0.001


def test_the_audio_clock_is_set_anew_where_it_has_jumped(modules: Page) -> None:
    assert modules.module("/sounding.js", AUDIO_TIME, [[1.0, 1.0], [2.0, 2.0], [3.5, 3.0]])[-1] == 3.5


@pytest.mark.parametrize(
    ("data", "event"),
    [
        ([0x90, 60, 100], {"type": "KeyDown", "source": 3, "pitch": 60, "velocity": 100}),
        ([0x9F, 127, 1], {"type": "KeyDown", "source": 3, "pitch": 127, "velocity": 1}),
        ([0x90, 60, 0], {"type": "KeyUp", "source": 3, "pitch": 60}),
        ([0x85, 60, 64], {"type": "KeyUp", "source": 3, "pitch": 60}),
        ([0xB2, 64, 127], {"type": "ControlChange", "source": 3, "control": 64, "value": 127, "channel": 2}),
        ([0xC1, 5], {"type": "ProgramChange", "source": 3, "program": 5, "channel": 1}),
        ([0xE0, 0, 64], {"type": "PitchBend", "source": 3, "value": 8192}),
        ([0xE0, 127, 127], {"type": "PitchBend", "source": 3, "value": 16383}),
        ([0xF8], None),
        ([0xF0, 1, 2, 0xF7], None),
        ([0xA0, 60, 100], None),
        ([0xD0, 100], None),
        ([0x90, 60], None),
        ([0x90, 200, 100], None),
        ([0xC0], None),
        ([], None),
    ],
)
def test_midi_messages_are_the_daemons_events(modules: Page, data: list[int], event: dict[str, Any]) -> None:
    assert modules.module("/midi.js", "module.eventOf(given[0], 3)", data) == event


def test_a_key_is_louder_the_lower_it_is_struck(modules: Page) -> None:
    velocities = modules.module("/keyboard.js", "[-1, 0, 0.3, 0.6, 1, 2].map(module.velocityAt)")
    assert velocities == sorted(velocities)
    assert 1 <= velocities[0] == velocities[1] < velocities[4] == velocities[5] <= 127


ALERTS = """
(() => {
  const place = document.createElement("div");
  const system = new module.System(place, document.createElement("div"));
  const now = {
    improv: { trouble: "melody model: away" }, beat_maker: { trouble: "" }, counts: { bad_input: {} },
    peer: { hello_at: null }, devices: { names: {} }, seed: 1,
  };
  const sounding = { trouble: "", late: 0 };
  system.show({ snapshot: now, alerts: given[0] }, { version: "", models: {} }, sounding, "");
  return [...place.querySelectorAll(".alerts li")].map((item) => [item.textContent, item.className]);
})()
"""


def test_what_hides_the_music_is_larger_than_other_alerts(modules: Page) -> None:
    alerts = [Alert("NO SOUND", "it has ended", True), Alert("NO KEYBOARD", "press k", False)]
    assert modules.module("/system.js", ALERTS, [asdict(alert) for alert in alerts]) == [
        ["NO SOUND: it has ended", "grave"], ["NO KEYBOARD: press k", ""], ["melody model: away", ""],
    ]  # fmt: skip


def note(instrument: str, at: float | None = None) -> dict[str, object]:
    return {"type": "NoteOn", "instrument": instrument, "at": at}


KICK = {"type": "Strike", "instrument": "kick", "at": 3.0}


@pytest.mark.parametrize(
    ("effect", "now", "origin"),
    [
        (note("lead"), {"mode": "free"}, "you"),
        (note("bass"), {"mode": "bass"}, "you"),
        (note("bass", 3.0), {"mode": "bass"}, "loop"),
        (note("lead"), {"mode": "improv", "phase": "listening"}, "you"),
        (note("lead"), {"mode": "improv", "phase": "answering"}, "machine"),
        (note("lead"), {"mode": "improv", "phase": "answering", "answer": "machine"}, "you"),
        (note("lead", 3.0), {"mode": "improv", "phase": "answering", "answer": "machine"}, "machine"),
        (note("lead", 3.0), {"mode": "improv", "phase": "ready", "answer": "machine"}, "machine"),
        (note("bass", 3.0), {"mode": "improv", "phase": "answering", "answer": "machine"}, "loop"),
        (note("bass"), {"mode": "free", "ahead": 0}, "loop"),
        (note("lead"), {"mode": "free", "ahead": 0}, "you"),
        (KICK, {"mode": "free", "beat": "model"}, "machine"),
        (KICK, {"mode": "free", "beat": "deterministic"}, "loop"),
    ],
)
def test_it_is_told_whose_a_note_is(modules: Page, effect: Any, now: dict[str, Any], origin: str) -> None:
    snapshot = {
        "mode": now["mode"], "improv": {"phase": now.get("phase", "idle")},
        "lookahead_s": now.get("ahead", 0.1), "beat": now.get("beat", "none"),
        "answer": now.get("answer", "hands"),
    }  # fmt: skip
    assert modules.module("/roll.js", "module.originOf(given[0], given[1])", effect, snapshot) == origin
