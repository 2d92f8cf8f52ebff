"""What a person does with the page, from the first click to the machine's answer, in a browser."""

import re
import socket
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from psc2.core.actions import ACTIONS
from psc2.screen.keys import BINDINGS
from psc2.testing import free_port
from tests.web.pages import PAGE, SIZES, Page, instrument

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
MIN_WIDTH = 360  # CSS pixels: the narrowest telephone
MIN_CONTRAST = 4.5  # of text, WCAG 2 AA

# A MIDI access as the browser's own is: `plug` and `unplug` change its inputs.
MIDI = """
window.psc2 = { midi: { inputs: new Map(), onstatechange: null } };
window.plug = (id, name) => {
  const input = { id, name, type: "input", state: "connected", onmidimessage: null };
  window.psc2.midi.inputs.set(id, input);
  window.psc2.midi.onstatechange?.({ port: input });
};
window.unplug = (id) => {
  const input = window.psc2.midi.inputs.get(id);
  input.state = "disconnected";
  window.psc2.midi.onstatechange?.({ port: input });
};
window.midi = (id, ...data) => window.psc2.midi.inputs.get(id).onmidimessage({ data: new Uint8Array(data) });
"""


def lit(page: Page, action: str) -> Any:
    return page.run(
        "return document.querySelector(`#controls [data-action=${arguments[0]}]`).dataset.light ?? null",
        action,
    )


def pitches_down(page: Page, by: str) -> list[int]:
    """The piano's keys that are shown down, by whom."""
    found: list[int] = page.run(
        "return [...document.querySelectorAll(`.key[data-by=${arguments[0]}]`)]"
        ".map((key) => +key.dataset.pitch)",
        by,
    )
    return found


def own_address() -> str:
    """Of this computer on its network; skips where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            pytest.skip("this computer has no network")
        return str(asking.getsockname()[0])


# --- a set ----------------------------------------------------------------------------


def test_one_press_of_start_and_the_click_sounds_at_its_moment(page: Page) -> None:
    page.listen()
    page.start()
    page.wait(lambda: len(page.played("Strike")) >= 4)
    strikes = page.played("Strike")
    assert strikes[0]["effect"]["instrument"] == "click0"
    ahead = [strike["when"] - strike["now"] for strike in strikes]
    assert 0 <= median(ahead) < 0.3
    assert all(-0.3 < seconds < 0.3 for seconds in ahead)  # a browser that has just started may be busy
    steps = [after["when"] - before["when"] for before, after in pairwise(strikes)]
    assert steps == pytest.approx([0.5] * len(steps), abs=0.1)  # at 120 qpm; exactly: scripts/bench web_loop
    assert page.text("#head .word") == "FREE"
    assert page.run("return document.querySelector('#start').hidden")


@pytest.mark.parametrize("key", [Keys.SHIFT, Keys.ESCAPE, Keys.TAB])
def test_start_stays_until_a_key_lets_the_page_sound(page: Page, key: str) -> None:
    page.type(key)
    assert not page.run("return document.querySelector('#start').hidden")
    page.type("k")
    page.wait(lambda: page.run("return document.querySelector('#start').hidden"))


def test_the_demo_waits_for_start_and_then_shows_and_sounds_itself(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "true")  # the program, which opens nothing
    with instrument(tmp_path, command=("demo", "--live", "--open")) as address:
        page = open_page(address)
        assert "START in the page lets it sound" in page.text(".lines")
        assert page.snapshot("grid") is None
        page.listen()
        page.start()
        page.wait(lambda: "the pianist presses record bass" in page.text(".lines"))
        page.wait(lambda: page.played("NoteOn"))
        assert page.snapshot("recording.layer") == "bass"


def test_a_whole_set_on_the_computers_keys(page: Page) -> None:
    page.start()
    page.type("b", "k")
    page.wait_for("recording.layer", "bass")
    page.wait(lambda: lit(page, "record") == "armed" or page.text("#head .activity").startswith("ARMED"))
    page.type(*"adgh", pause_s=0.1)
    page.wait(lambda: page.snapshot("layer_sizes.bass") >= 4 and page.snapshot("recording") is None)
    page.type(Keys.ESCAPE, "d")
    page.wait_for("beat", "deterministic")
    page.wait(lambda: lit(page, "deterministic_drums") == "lit")  # drawn with the next picture
    page.type("D")
    page.wait_for("beat", "model")
    page.type("i", "k")
    page.wait_for("improv.phase", "listening")
    while page.snapshot("improv.phase") == "listening":
        page.type(*"adgj")
    page.wait_for("improv.phase", "answering")
    left = page.snapshot("pitches_left")
    page.hold("k")
    page.wait_for("pitches_left", left - 1)
    answer = page.snapshot("struck.pitch")
    assert answer in pitches_down(page, "machine") or answer == 72
    page.let_go("k")
    assert page.text("#head .word") == "IMPROV"
    assert page.text("#head .number") == str(left - 1)
    page.type(Keys.ESCAPE, "f", "p")
    page.wait_for("grid", None)
    page.wait(lambda: page.text("#head .word") == "STOPPED")


def test_where_supercollider_sounds_the_page_sounds_only_if_it_is_asked_to(
    open_page: OpenPage, tmp_path: Path
) -> None:
    with instrument(tmp_path, has_supercollider=True) as address:
        page = open_page(address)
        page.wait(lambda: "SuperCollider sounds" in page.text("#start"))
        page.listen()
        page.click("#start .big")
        page.wait(lambda: page.snapshot("grid"))
        assert page.run("return window.said.filter(({ type }) => type === 'SoundHere')") == []
        page.click("#tools button")
        page.wait(lambda: page.run(f"return {PAGE}.sounding.here"))
        page.click("#tools button")
        page.wait(lambda: not page.run(f"return {PAGE}.sounding.here"))


def test_over_the_network_a_page_with_the_token_plays_and_does_not_sound(
    open_page: OpenPage, tmp_path: Path
) -> None:
    own = own_address()
    with instrument(tmp_path, more=f", host: {own}, token: blue train 58") as local:
        port = local.rsplit(":", 1)[1]
        page = open_page(f"http://{own}:{port}?token=blue+train+58#all")
        page.listen()
        page.click("#start .big")
        page.wait(lambda: page.snapshot("grid"))
        page.click("#tools button")
        page.wait(lambda: "only one on psc2's own computer sounds" in page.text(".alerts"))
        page.type("k", "a")
        page.wait_for("struck.key", 60)
        page.wait(lambda: page.run(f"return {PAGE}.roll.notes.length") > 1)


def test_a_click_on_a_control_leaves_the_space_bar_to_play(page: Page) -> None:
    page.start()
    page.click("#controls [data-action=overdub]")
    page.wait_for("overdub", True)
    page.type(" ")
    page.wait_for("grid", None)
    assert page.snapshot("overdub") is True


# --- the computer's keys --------------------------------------------------------------


@pytest.mark.parametrize("key", [key for key in BINDINGS if len(key) == 1])
def test_each_key_asks_for_what_it_asks_for_in_the_panel(modules: Page, key: str) -> None:
    binding = BINDINGS[key]
    modules.listen()
    modules.run("dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], cancelable: true }))", key)
    (press,) = modules.said()
    layer = binding.layer.value if binding.layer else "lead" if binding.action == "volume" else None
    assert (press["type"], press["source"], press["action"], press["layer"]) == (
        "Press",
        0,
        binding.action,
        layer,
    )
    values = ACTIONS[binding.action].values
    assert (press["value"] is None) == (values is None)
    assert values is None or press["value"] in values


@pytest.mark.parametrize("key", ["d", "u", "]", "+", "ArrowUp"])
def test_only_what_repeats_in_the_panel_goes_on_while_its_key_is_held(modules: Page, key: str) -> None:
    modules.listen()
    for repeat in (False, True, True):
        modules.run(
            "dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], repeat: arguments[1] }))",
            key,
            repeat,
        )
    repeats = BINDINGS[{"ArrowUp": "up"}.get(key, key)].repeats
    assert len(modules.said()) == (3 if repeats else 1)


def test_keys_in_fast_succession_go_on_from_what_was_asked_for(page: Page) -> None:
    page.run(
        "for (let n = 0; n < 10; n += 1) dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowUp' }))"
    )
    page.wait_for("qpm", 130.0)


def test_a_note_is_as_long_as_its_key_is_held_also_with_shift_in_between(page: Page) -> None:
    page.type("k")
    page.listen()
    ActionChains(page.driver).key_down(";").key_down(Keys.SHIFT).key_up(";").key_up(Keys.SHIFT).perform()
    assert [(said["type"], said["pitch"]) for said in page.said()] == [("KeyDown", 76), ("KeyUp", 76)]


def test_the_piano_takes_all_letters_and_moves_by_octaves(page: Page) -> None:
    page.type("k")
    page.listen()
    page.type("a", ",", "a", "z", "b", "1")
    said = [(said["type"], said.get("pitch", said.get("action"))) for said in page.said()]
    assert said == [
        ("KeyDown", 60), ("KeyUp", 60), ("KeyDown", 48), ("KeyUp", 48), ("KeyDown", 56), ("KeyUp", 56),
        ("Press", "mute"),
    ]  # fmt: skip
    assert "b: the piano is on; ESC gives the letters back" in page.text(".lines")


def test_keys_and_pedal_come_up_when_the_page_is_left(page: Page) -> None:
    page.type("k", Keys.TAB)
    page.listen()
    page.hold("a")
    page.run("dispatchEvent(new Event('blur'))")
    said = [(one["type"], one.get("pitch", one.get("value"))) for one in page.said()]
    assert said == [("KeyDown", 60), ("KeyUp", 60), ("Press", 0)]
    page.let_go("a")


def test_the_browsers_own_commands_stay_the_browsers(modules: Page) -> None:
    modules.listen()
    for modifier in ("ctrlKey", "metaKey"):
        modules.run(
            "dispatchEvent(new KeyboardEvent('keydown', { key: 'c', [arguments[0]]: true }))", modifier
        )
    assert modules.said() == []


def test_a_line_moves_nothing_under_the_fingers(page: Page) -> None:
    page.start()
    page.wait(lambda: page.text("#head .word") == "FREE")  # drawn with the next picture
    place = "return document.querySelector('.keys').getBoundingClientRect().top"
    before = page.run(place)
    page.type("x", "X", "5", "ä")
    page.wait(lambda: "5: nothing is bound to it" in page.text(".lines"))
    assert page.run(place) == before


def test_what_changes_is_told_as_in_the_panel_and_numbers_that_move_are_one_line(page: Page) -> None:
    page.type("1", ")", Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    page.wait(lambda: page.text(".lines").endswith("4 bars"))
    assert "count-in: 1 bar" in page.text(".lines")
    assert len(page.run("return [...document.querySelectorAll('.lines p')].map((p) => p.textContent)")) == 3


def test_a_question_mark_shows_all_keys_and_hides_them(page: Page) -> None:
    page.type("?")
    page.wait(lambda: "record bass" in page.text("#keys"))
    page.type("?")
    page.wait(lambda: page.text("#keys") == "")


# --- fingers and devices --------------------------------------------------------------


def test_two_fingers_play_two_notes_and_one_glides(page: Page) -> None:
    page.start()
    page.listen()
    page.run("""
        const at = (pitch, part) => {
          const key = document.querySelector(`[data-pitch="${pitch}"]`);
          const { left, width, top, height } = key.getBoundingClientRect();
          return { clientX: left + width / 2, clientY: top + height * part };
        };
        const fire = (type, pointerId, place) =>
          document.elementFromPoint(place.clientX, place.clientY).dispatchEvent(
            new PointerEvent(type, { pointerId, bubbles: true, cancelable: true, ...place }));
        document.querySelector("#keyboard").scrollIntoView();
        fire("pointerdown", 11, at(60, 0.9));
        fire("pointerdown", 12, at(64, 0.7));
        fire("pointermove", 12, at(65, 0.7));
        fire("pointermove", 12, at(65, 0.9));
        fire("pointerup", 11, at(60, 0.9));
        fire("pointercancel", 12, at(65, 0.7));
    """)
    said = [(one["type"], one["pitch"]) for one in page.said()]
    assert said == [
        ("KeyDown", 60), ("KeyDown", 64), ("KeyUp", 64), ("KeyDown", 65), ("KeyUp", 60), ("KeyUp", 65)
    ]  # fmt: skip
    louder, softer = [one["velocity"] for one in page.said() if one["type"] == "KeyDown"][:2]
    assert louder > softer


def test_a_midi_keyboard_of_the_pages_computer_plays_and_lets_go_when_unplugged(
    open_page: OpenPage, tmp_path: Path
) -> None:
    with instrument(tmp_path) as address:
        page = open_page(address, MIDI)
        page.run("plug('a', 'Nord Stage')")
        page.listen()
        page.start()
        page.wait(
            lambda: "Nord Stage" in page.run(f"return Object.values({PAGE}.shown.snapshot.devices.names)")
        )
        page.run("midi('a', 0x90, 60, 99); midi('a', 0x90, 64, 98); midi('a', 0x80, 64, 0); midi('a', 0xF8)")
        page.wait(lambda: page.played("NoteOn") and page.played("NoteOff"))
        page.run("plug('b', 'Other'); unplug('a')")
        page.wait(lambda: len(page.played("NoteOff")) == 2)
        named = [(one["type"], one["source"]) for one in page.said() if one["type"].startswith("Source")]
        assert named == [("SourceNamed", 1), ("SourceNamed", 2), ("SourceGone", 1)]
        page.run("plug('c', 'Third')")
        assert page.said()[-1] == {"type": "SourceNamed", "source": 1, "name": "Third"}


# --- one state ------------------------------------------------------------------------


def test_two_pages_agree_and_one_sounds(open_page: OpenPage, tmp_path: Path) -> None:
    with instrument(tmp_path) as address:
        first, second = open_page(address), open_page(address)
        first.start()
        second.click("#start .big")
        second.wait(lambda: second.text("#tools button").endswith("another page"))
        second.click("#controls [data-action=improv]")
        for page in (first, second):
            page.wait_for("mode", "improv")
            page.wait(lambda page=page: page.text("#head .word") == "IMPROV")  # type: ignore[misc]
        second.click("#tools button")
        second.wait(lambda: second.run(f"return {PAGE}.sounding.here"))
        first.wait(lambda: not first.run(f"return {PAGE}.sounding.here"))


def test_the_page_comes_back_with_the_daemon_and_sounds_again(open_page: OpenPage, tmp_path: Path) -> None:
    port = free_port()
    with instrument(tmp_path, port) as address:
        page = open_page(address)
        page.start()
        page.type("k")
        page.hold("a")
    page.wait(lambda: "psc2 is away" in page.text("#connection"))
    page.let_go("a")
    with instrument(tmp_path, port):
        page.wait(lambda: page.text("#connection") == "")
        page.wait(lambda: page.run(f"return {PAGE}.sounding.here"))
        page.listen()
        page.type("a")
        page.wait(lambda: page.played("NoteOff"))


# --- controls -------------------------------------------------------------------------


def test_every_action_has_a_control_and_every_control_its_name(modules: Page) -> None:
    shown = modules.run("""
        return [...document.querySelectorAll("#controls [data-action]")].map((one) => [
          one.dataset.action, one.closest(".strip")?.dataset.layer ?? null,
          (one.querySelector("input") ?? one).getAttribute("aria-label")])
    """)
    wanted = {
        (action.name, layer.value if layer else None)
        for action in ACTIONS.values()
        for layer in action.layers or (None,)
    }
    assert {(action, layer) for action, layer, _ in shown} == wanted
    assert len(shown) == len(wanted)
    assert len({name for *_, name in shown}) == len(shown)


def test_an_action_that_the_page_knows_nothing_of_gets_a_control(page: Page) -> None:
    page.run(f"""
        const welcome = structuredClone({PAGE}.welcome);
        welcome.actions.push({{ name: "half_time", description: "Half.", layers: [], values: null }},
          {{ name: "drive", description: "More.", layers: ["bass"], values: {{ low: 0, high: 2 }} }});
        {PAGE}.controls.build(welcome);
        {PAGE}.controls.show({PAGE}.shown.snapshot);
    """)
    page.start()
    page.listen()
    page.click("#controls [data-action=half_time]")
    page.run("""
        const slider = document.querySelector("#controls [data-action=drive] input");
        slider.value = "1.5";
        slider.dispatchEvent(new Event("input"));
    """)
    said = [(one["action"], one["layer"], one["value"]) for one in page.said()]
    assert said == [("half_time", None, None), ("drive", "bass", 1.5)]


def test_every_control_of_the_controllers_map_can_be_pressed_and_moved(modules: Page) -> None:
    modules.listen()
    mapped = modules.run(f"""
        for (const one of document.querySelectorAll("#nanokontrol [role=button]"))
          one.dispatchEvent(new PointerEvent("pointerdown", {{ cancelable: true }}));
        for (const one of document.querySelectorAll("#nanokontrol [role=slider]"))
          one.dispatchEvent(new KeyboardEvent("keydown", {{ key: "End" }}));
        return {PAGE}.welcome.controller.controls
    """)
    asked = {(one["action"], one["layer"]) for one in modules.said()}
    assert asked == {(control["action"], control["layer"]) for control in mapped}
    values = {(one["action"], one["layer"]): one["value"] for one in modules.said()}
    assert all(values[one["action"], one["layer"]] == (one["scale"] and one["scale"][1]) for one in mapped)


def test_a_map_of_another_controller_is_drawn_and_played_too(page: Page) -> None:
    """Numbers that the drawing has not, a button where it has a knob, a knob upside down."""
    controls = [
        {"number": number, "action": "tap", "layer": None, "scale": None} for number in range(72, 110)
    ] + [
        {"number": 16, "action": "undo", "layer": None, "scale": None},
        {"number": 32, "action": "qpm", "layer": None, "scale": [400, 20]},
        {"number": 127, "action": "volume", "layer": "lead", "scale": [0, 1.27]},
    ]
    page.listen()
    page.run(
        f"""
        const welcome = {{ ...{PAGE}.welcome, controller: {{ name: "mine", controls: arguments[0] }} }};
        {PAGE}.controller.build(welcome);
        {PAGE}.controller.show({PAGE}.shown.snapshot);
        for (const one of document.querySelectorAll("#nanokontrol [role=button]"))
          one.dispatchEvent(new PointerEvent("pointerdown", {{ cancelable: true }}));
        for (const one of document.querySelectorAll("#nanokontrol [role=slider]"))
          one.dispatchEvent(new KeyboardEvent("keydown", {{ key: "End" }}));
        """,
        controls,
    )
    said = [(one["action"], one["value"]) for one in page.said()]
    assert sorted(said, key=str) == sorted(
        [("tap", None)] * 38 + [("undo", None), ("qpm", 20), ("volume", 1.27)], key=str
    )
    outside = page.run("""
        const { right, bottom } = document.querySelector("#nanokontrol .case").getBoundingClientRect();
        return [...document.querySelectorAll("#nanokontrol g")].filter((one) => {
          const place = one.getBoundingClientRect();
          return place.right > right || place.bottom > bottom;
        }).length;
    """)
    assert outside == 0


def test_the_controllers_buttons_are_lit_as_the_state_is(page: Page) -> None:
    page.start()
    page.click("#controls [data-action=mute][aria-label='mute bass']")
    page.wait_for("mixer.faders.bass.muted", True)
    light = "return document.querySelector('#nanokontrol [aria-label=\"mute bass\"]').dataset.light"
    page.wait(lambda: page.run(light) == "lit")


# --- for everybody --------------------------------------------------------------------


LANDSCAPE = {"landscape": (844, 390), "tiny": (320, 240)}
OVERLAPS = """
const alerts = document.querySelector(".alerts");
const was = [alerts.hidden, ...alerts.children];
const grave = document.createElement("li");
Object.assign(grave, { className: "grave", textContent: "NO SOUND ".repeat(12) });
alerts.hidden = false;
alerts.replaceChildren(grave);
const places = [...document.querySelectorAll("main > section, .about, .letters")]
  .map((one) => [one.id || one.className, one.getBoundingClientRect()]).filter(([, place]) => place.height);
alerts.replaceChildren(...was.slice(1));
alerts.hidden = was[0];
const inside = (name) => name === "about" || name === "letters";
return places.flatMap(([name, place], n) => places.slice(n + 1)
  .filter(([other, its]) => !(inside(other) && name === "head")
    && place.left < its.right - 1 && its.left < place.right - 1
    && place.top < its.bottom - 1 && its.top < place.bottom - 1)
  .map(([other]) => `${name} and ${other}`));
"""


@pytest.mark.parametrize("size", [*SIZES, *LANDSCAPE])
@pytest.mark.parametrize("view", ["all", "display", "controller"])
def test_nothing_is_wider_than_the_screen_or_lies_on_another(modules: Page, size: str, view: str) -> None:
    width, height = {**SIZES, **LANDSCAPE}[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
    modules.run(f"location.hash = '{view}'")
    modules.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        modules.wait(lambda: modules.run("return document.body.dataset.view") == view)
        assert modules.run("return document.documentElement.scrollWidth") <= max(width, MIN_WIDTH)
        assert modules.run(OVERLAPS) == []
    finally:
        modules.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        modules.run("location.hash = 'all'")


@pytest.mark.parametrize("size", SIZES)
def test_mode_lamp_and_number_fit_beside_each_other(page: Page, size: str) -> None:
    width, height = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
    page.start()
    page.type("c")
    page.wait(lambda: page.text("#head .word") == "CHORDS")
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        gap, room = page.run(
            "const [head, word, number] = ['#head', '.word', '.number']"
            ".map((name) => document.querySelector(name).getBoundingClientRect());"
            "return [number.left - word.right, head.right - number.right];"
        )
        assert gap > 0
        assert room > 0
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_a_phone_shows_the_whole_piano_in_each_mode(page: Page) -> None:
    width, height = SIZES["phone"]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": True}
    page.start()
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    try:
        for key, word in (("f", "FREE"), ("b", "BASS"), ("i", "IMPROV")):
            page.type(key)
            page.wait(lambda word=word: page.text("#head .word") == word)  # type: ignore[misc]
            bottom = page.run("return document.querySelector('.keys').getBoundingClientRect().bottom")
            assert bottom <= height, word
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_whatever_can_be_used_has_a_name_and_ids_are_unique(modules: Page) -> None:
    nameless = modules.run("""
        const roles = ["button", "slider", "group", "img", "dialog", "log"].map((role) => `[role=${role}]`);
        const used = ["button", "input", "meter", "section", "nav", ...roles].join(", ");
        return [...document.querySelectorAll(used)]
          .filter((one) => !(one.getAttribute("aria-label") ?? one.textContent).trim())
          .map((one) => one.outerHTML);
    """)
    assert nameless == []
    ids = modules.run("return [...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    assert modules.run("return document.documentElement.lang") == "en"


CONTRASTS = """
const luminance = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (one) => {
  for (let node = one; node; node = node.parentElement) {
    const colour = getComputedStyle(node).backgroundColor;
    if (!/^rgba.*, 0\\)$/.test(colour)) return colour;
  }
  return "rgb(255, 255, 255)";
};
const head = document.querySelector("#head"), mood = head.dataset.mood, found = [];
const moods = "stopped count calibrate free bass chords improv armed recording answering".split(" ");
for (const asked of moods) {
  head.dataset.mood = asked;
  for (const one of document.querySelectorAll("#bar *, main *:not(svg *), #facts")) {
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    const both = [luminance(getComputedStyle(one).color), luminance(ground(one))];
    const [light, dark] = both.sort((a, b) => b - a);
    found.push([(light + 0.05) / (dark + 0.05), one.outerHTML.slice(0, 120)]);
  }
}
head.dataset.mood = mood;
return found;
"""


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_text_can_be_read_on_its_ground(modules: Page, theme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": theme}]
    modules.run("")
    modules.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        poor = [found for found in modules.run(CONTRASTS) if found[0] < MIN_CONTRAST]
        assert poor == []
    finally:
        modules.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_page_breaks_no_rule_of_its_own_policy_and_no_error_is_logged(driver: Chrome, page: Page) -> None:
    driver.get_log("browser")  # type: ignore[no-untyped-call]
    page.start()
    page.type("b", "?", "?", "i")
    logged = driver.get_log("browser")  # type: ignore[no-untyped-call]
    assert [line for line in logged if line["level"] == "SEVERE"] == []


def test_the_page_is_small(modules: Page) -> None:
    sizes = modules.run("""
        return performance.getEntriesByType("resource").filter(({ name }) => !name.includes("/audio/"))
          .map(({ name, decodedBodySize }) => [name, decodedBodySize]);
    """)
    assert all(re.match(r"http://127\.0\.0\.1:", name) for name, _ in sizes)
    assert 0 < sum(size for _, size in sizes) < 180_000


def test_the_number_of_tab_stops_is_bearable(modules: Page) -> None:
    modules.run("")
    keys = modules.driver.find_elements(By.CSS_SELECTOR, ".key:not([tabindex='-1'])")
    assert keys == []
