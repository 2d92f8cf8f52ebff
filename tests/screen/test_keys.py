"""What each key asks for, in what state; that it can be read; where it stands on the screen."""

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from rich.cells import cell_len

from psc2.core.actions import ACTIONS
from psc2.core.events import Press
from psc2.core.instruments import Layer
from psc2.core.snapshot import Snapshot
from psc2.screen import keys
from psc2.screen.keys import BINDINGS, KEYS_SHOWN, Typing, footer_row, presses, with_keys
from psc2.screen.piano import TYPED_SOURCE
from psc2.screen.rows import PLAIN, Row
from psc2.testing import Rehearsal, press

ROOT = Path(__file__).resolve().parents[2]
HANDS = {"sustain", "modulation", "hold"}  # what pedals, of which the piano has one, and a wheel do
# What is planned on the page, with a knob or in the settings: how long and likely gaps are, a ramp's steps;
# and sets.
PLANNED = {
    "gap_click_bars", "gap_silent_bars", "gap_chance", "ramp_step", "ramp_passes", "ramp_limit", "next",
}  # fmt: skip


def snapshot(*actions: Press) -> Snapshot:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    rehearsal.play(actions, until=0.1)
    return rehearsal.engine.snapshot()


def asked(key: str, now: Snapshot) -> list[tuple[str, Layer | None, float | None]]:
    pressed = presses(key, now, 2.5)
    assert all((one.at, one.source) == (2.5, TYPED_SOURCE) for one in pressed)
    return [(one.action, one.layer, one.value) for one in pressed]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (" ", [("play", None, None)]),
        ("p", [("stop", None, None)]),
        ("b", [("record", Layer.BASS, None)]),
        ("c", [("record", Layer.CHORDS, None)]),
        ("B", [("clear", Layer.BASS, None)]),
        ("C", [("clear", Layer.CHORDS, None)]),
        ("d", [("deterministic_drums", None, None)]),
        ("D", [("model_drums", None, None)]),
        ("i", [("improv", None, None)]),
        ("f", [("free", None, None)]),
        ("u", [("undo", None, None)]),
        ("U", [("redo", None, None)]),
        ("o", [("overdub", None, None)]),
        ("t", [("tap", None, None)]),
        ("l", [("look_back", None, None)]),
        ("L", [("close_look_back", None, None)]),
        ("T", [("calibrate", None, None)]),
        ("up", [("qpm", None, 121.0)]),
        ("down", [("qpm", None, 119.0)]),
        ("left", [("bars_down", None, None)]),
        ("right", [("bars_up", None, None)]),
        ("[", [("numerator_down", None, None)]),
        ("]", [("numerator_up", None, None)]),
        ("{", [("denominator_down", None, None)]),
        ("}", [("denominator_up", None, None)]),
        ("1", [("mute", Layer.CLICK, None)]),
        ("2", [("mute", Layer.BASS, None)]),
        ("3", [("mute", Layer.DRUMS, None)]),
        ("4", [("mute", Layer.CHORDS, None)]),
        ("!", [("solo", Layer.CLICK, None)]),
        ("@", [("solo", Layer.BASS, None)]),
        ("#", [("solo", Layer.DRUMS, None)]),
        ("$", [("solo", Layer.CHORDS, None)]),
        ("(", [("count_in_down", None, None)]),
        (")", [("count_in_up", None, None)]),
        ("n", [("click_beats", None, None)]),
        ("g", [("gap", None, None)]),
        ("m", [("metronome_only", None, None)]),
        ("r", [("ramp", None, None)]),
        ("R", [("ramp_back", None, None)]),
        ("-", [("volume", Layer.LEAD, 0.95)]),
        ("+", [("volume", Layer.LEAD, 1.05)]),
        (",", [("melody_temperature", None, 0.85)]),
        (".", [("melody_temperature", None, 0.95)]),
        ("<", [("drums_temperature", None, 0.95)]),
        (">", [("drums_temperature", None, 1.05)]),
        ("x", [("bass_player", None, None)]), ("y", [("comping_player", None, None)]),
        ("K", [("keep_chorus", None, None)]), ("X", [("transpose", None, None)]),
        ("z", []), ("Q", []), ("5", []), ("escape", []), ("é", []),
    ],
)  # fmt: skip
def test_each_key_asks_for_its_action(
    key: str, expected: list[tuple[str, Layer | None, float | None]]
) -> None:
    assert asked(key, snapshot()) == expected


def test_space_plays_and_stops_and_never_is_panic() -> None:
    assert asked(" ", snapshot()) == [("play", None, None)]
    assert asked(" ", snapshot(press(0.0, "play"))) == [("stop", None, None)]


def test_panic_is_one_key_while_the_loop_plays_too() -> None:
    rehearsal = Rehearsal()
    rehearsal.start()
    for one in presses("p", rehearsal.engine.snapshot(), 0.5):
        rehearsal.play([one], until=0.5)
    now = rehearsal.engine.snapshot()
    assert (now.playing, now.counts.panics) == (False, 1)


@pytest.mark.parametrize(
    ("key", "qpm", "value"), [("up", 399.5, 400.0), ("up", 400.0, 400.0), ("down", 20.0, 20.0)]
)
def test_the_tempo_stays_within_its_range(key: str, qpm: float, value: float) -> None:
    assert asked(key, replace(snapshot(), qpm=qpm)) == [("qpm", None, value)]


def test_every_action_has_a_key_and_every_press_fits() -> None:
    now, playing = snapshot(), snapshot(press(0.0, "play"))
    everything = [*BINDINGS, keys.PLAY_STOP, keys.PANIC]
    pressed = [one for key, state in product(everything, (now, playing)) for one in presses(key, state, 0.0)]
    assert all(ACTIONS[one.action].fits(one) for one in pressed)
    assert {one.action for one in pressed} == set(ACTIONS) - HANDS - PLANNED
    for name in ("record", "clear", "mute", "solo"):
        assert {one.layer for one in pressed if one.action == name} == set(ACTIONS[name].layers)


def test_a_held_key_repeats_only_what_goes_in_steps() -> None:
    repeating = {binding.action for binding in BINDINGS.values() if binding.repeats}
    assert repeating == {
        "qpm", "bars_down", "bars_up", "numerator_down", "numerator_up", "volume", "melody_temperature",
        "drums_temperature", "swing", "quantise",
    }  # fmt: skip


def words(row: Row) -> str:
    return "".join(text for text, _ in row)


def test_every_key_is_among_those_that_are_shown() -> None:
    shown = {key for names, _ in KEYS_SHOWN for key in names.split()}
    written = {"up": "↑", "down": "↓", "left": "←", "right": "→", " ": "space", "=": "+"}
    everything = [
        *BINDINGS,
        keys.PLAY_STOP,
        keys.PANIC,
        keys.HELP,
        keys.QUIT,
        keys.PIANO,
        keys.VOLUME_OF,
        keys.PEDAL,
    ]
    assert {written.get(key, key) for key in everything} <= shown


def test_the_page_of_controls_names_every_key() -> None:
    page = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")
    section = page.split("## The computer's keyboard")[1]
    cells = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    named = [key for cell in cells for key in re.findall(r"`(.*?)`", cell)]
    assert sorted(named) == sorted(
        {key for names, _ in KEYS_SHOWN for key in names.split()} - {"ESC", keys.PEDAL}
    )


@pytest.mark.parametrize("typing", [Typing(), Typing(is_piano=True), Typing(asks_to_quit=True)])
@pytest.mark.parametrize("width", [1, 10, 20, 30, 41, 80, 120, 200])
def test_the_footer_is_one_row_that_says_where_the_rest_is(width: int, typing: Typing) -> None:
    row = words(footer_row(width, typing))
    last = "q again quits" if typing.asks_to_quit else "? keys"
    assert row.rstrip().endswith(last)
    if width >= 30:
        assert cell_len(row.rstrip()) <= width


def test_the_footer_has_the_first_steps_at_80_columns() -> None:
    row = words(footer_row(80))
    assert [
        key
        for key in ("space play", "b bass", "c chords", "i improv", "u undo", "k piano", "? keys")
        if key not in row
    ] == []
    assert "ESC letters again" in words(footer_row(80, Typing(is_piano=True)))


@pytest.mark.parametrize("width", [1, 20, 41, 80, 120, 200])
def test_the_keys_lie_over_the_lower_part_and_leave_the_head(width: int) -> None:
    for height in (1, 2, 3, 10, 24, 50):
        rows: list[Row] = [((str(n).ljust(width)[:width], PLAIN),) for n in range(height)]
        for typing in (Typing(), Typing(shows_keys=True), Typing(is_piano=True, shows_keys=True)):
            shown = with_keys(rows, width, typing)
            assert len(shown) == height + 1
            assert shown[:2] == rows[:2] or height < 2
            assert [cell_len(words(row)) for row in shown[height:]] == [width]


def test_all_keys_can_be_read_at_80_by_24() -> None:
    rows: list[Row] = [(("head".ljust(80), PLAIN),)] * 23
    shown = with_keys(rows, 80, Typing(shows_keys=True, layer=Layer.BASS))
    seen = "\n".join(map(words, shown))
    assert shown[:10] == rows[:10]
    for key, meaning in KEYS_SHOWN:
        assert re.search(
            re.escape(f"{key.ljust(keys.KEY_WIDTH)}{meaning.format(layer='bass')}") + r"\s", seen
        )
