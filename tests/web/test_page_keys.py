"""The page's keys are the panel's: whatever is typed, both ask for the same and say the same."""

import random
from collections import Counter
from typing import Any

import pytest

from psc2.core.events import Event, KeyDown, KeyUp, Press
from psc2.core.instruments import Layer
from psc2.screen.computer_keyboard import ComputerKeyboard
from psc2.screen.keys import BINDINGS
from psc2.screen.piano import KEYS
from psc2.testing import Rehearsal, press
from psc2.wire.codec import to_json
from tests.web.pages import PAGE, Page

pytestmark = pytest.mark.browser

CODES = {"escape": 27, "enter": 13, "tab": 9}  # as the kitty keyboard protocol has them
BROWSERS = {"escape": "Escape", "enter": "Enter", "tab": "Tab"}
TYPED = [*(key for key in BINDINGS if len(key) == 1), *KEYS, *"kkkp ?vzxX5üÄK", *CODES]
PRESSED, REPEATED, RELEASED = 1, 2, 3
STROKES = 250


def strokes(seed: int) -> list[tuple[str, int]]:
    """Keys that go down, are held and come up, in any order, several at a time."""
    chance = random.Random(seed)
    down: list[str] = []
    typed = []
    for _ in range(STROKES):
        if down and chance.random() < 0.5:
            key = chance.choice(down)
            kind = chance.choice([REPEATED, RELEASED])
        else:
            key, kind = chance.choice(TYPED), PRESSED
        if kind == PRESSED and key.lower() not in [one.lower() for one in down]:
            down.append(key)
        elif kind == PRESSED:
            continue
        if kind == RELEASED:
            down.remove(key)
        typed.append((key, kind))
    return typed


def panels(typed: list[tuple[str, int]], rehearsal: Rehearsal) -> tuple[list[Any], list[str]]:
    """What the panel asks for, and what it says of anything but Tab, which is the browser's.

    Where two keys of the panel hold one pitch, after an octave's shift, it ends with the first of them; in
    the page, where fingers on the screen may hold it too, with the last.
    """
    asked: list[Event] = []
    keyboard = ComputerKeyboard(asked.append, rehearsal.engine.snapshot, lambda: None)
    for n, (key, kind) in enumerate(typed):
        code = CODES.get(key) or ord(key.lower())
        text = "" if key in CODES else f";{ord(key)}"
        keyboard.type(f"\x1b[{code};1:{kind}{text}u", at=10.0 * n)
    held: Counter[int] = Counter()
    kept = []
    for event in asked:
        if isinstance(event, KeyDown | KeyUp):
            held[event.pitch] += 1 if isinstance(event, KeyDown) else -1
        if not (isinstance(event, KeyUp) and held[event.pitch]):
            kept.append(plain(event))
    return kept, [line for line in keyboard.new_lines() if not line.startswith("tab:")]


def plain(event: Event) -> list[Any]:
    match event:
        case Press(_, _, action, layer, value):
            return ["Press", action, layer.value if layer else None, value]
        case KeyDown(_, _, pitch, velocity):
            return ["KeyDown", pitch, velocity]
        case KeyUp(_, _, pitch):
            return ["KeyUp", pitch]
    raise AssertionError(event)


PAGES = f"""
const [snapshot, typed] = arguments, page = {PAGE}, said = [], lines = [];
const before = [page.connection.say, page.keys.snapshot, page.keys.tell];
performance.now = () => (window.typedAt = (window.typedAt ?? 1e9) + 1000); // each stroke long after the other
page.connection.say = (message) => said.push(message);
page.keys.snapshot = () => snapshot;
page.keys.tell = (line) => lines.push(line);
page.keys.setPiano(false);
page.keys.octave = 4;
page.keys.layer = "lead";
for (const [key, kind] of typed)
  dispatchEvent(new KeyboardEvent(kind === {RELEASED} ? "keyup" : "keydown", {{
    key, code: "code of " + key.toLowerCase(), repeat: kind === {REPEATED}, cancelable: true }}));
page.keys.release();
[page.connection.say, page.keys.snapshot, page.keys.tell] = before;
delete performance.now;
page.keys.layer = "lead";
page.keys.setPiano(false);
page.keys.showKeys(false);
const fields = {{ Press: ["action", "layer", "value"], KeyDown: ["pitch", "velocity"], KeyUp: ["pitch"] }};
const told = said.filter(({{ type }}) => type in fields);
return [told.map((one) => [one.type, ...fields[one.type].map((field) => one[field])]), lines];
"""


@pytest.mark.parametrize("plays", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_typed_the_page_asks_for_what_the_panel_does(
    modules: Page, seed: int, plays: bool
) -> None:
    rehearsal = Rehearsal()
    rehearsal.play([press(0.0, "record", Layer.BASS), *([press(0.1, "play")] if plays else [])], until=1.0)
    typed = strokes(seed)
    asked, lines = panels(typed, rehearsal)
    browsers = [(BROWSERS.get(key, key), kind) for key, kind in typed]
    said, told = modules.run(PAGES, to_json(rehearsal.engine.snapshot()), browsers)
    assert said[: len(asked)] == asked
    assert {tuple(one[:2]) for one in said[len(asked) :]} <= {
        *(("KeyUp", pitch) for pitch in range(128)),
        ("Press", "sustain"),
    }
    assert told[-len(lines) :] == lines
