"""What was played over which chord: computed in the page, and shown there as a lead sheet."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver.common.keys import Keys

from psc2.core.effects import Flush, NoteOff, NoteOn
from psc2.core.events import Event
from psc2.core.grouping import strong_steps
from psc2.core.instruments import Layer
from psc2.core.meter import TimeSignature
from psc2.core.spelling import spelled
from psc2.scores.charts import read_chart
from psc2.testing import FakeMelody, Rehearsal, key, press
from psc2.wire.codec import to_json
from tests.web.pages import PAGE, SIZES, Page, instrument
from tests.web.test_accessibility import AXE, findings, shown
from tests.web.test_page import CONTRASTS, MIN_CONTRAST, OVERLAPS

pytestmark = pytest.mark.browser

CHART = "[A]\nDm7 | G7 | Cmaj7 | %"
STEP_S = 0.125  # at 120 qpm
EVERY_S = 0.05
ROOTS = ("C", "C#", "Db", "D", "Eb", "E", "F", "F#", "Gb", "G", "Ab", "A", "Bb", "B")

SEEN = """
const solo = new module.Solo();
let now = null;
for (const message of given[0]) {
  if (message.type === "Effects") solo.hear(message.effects, message.at, now);
  else { now = message.snapshot; solo.see(now, message.at); }
}
return solo.choruses();
"""


def messages(rehearsal: Rehearsal, events: list[Event], until: float) -> Iterator[dict[str, Any]]:
    """What a page is told: what sounds at once, and how things stand each twentieth of a second."""
    for n in range(1, round(until / EVERY_S) + 1):
        at = n * EVERY_S
        slot = [event for event in events if at - EVERY_S < event.at <= at]
        for one in rehearsal.play(slot, until=at):
            if isinstance(one.effect, NoteOn | NoteOff | Flush):
                yield {"type": "Effects", "at": one.sent_at, "effects": [to_json(one.effect)]}
        yield {"type": "Shown", "at": at, "snapshot": to_json(rehearsal.engine.snapshot())}


def choruses(modules: Page, rehearsal: Rehearsal, events: list[Event], until: float) -> list[dict[str, Any]]:
    """Of what was played from the start of the loop on; times are seconds after step 0."""
    start = rehearsal.start()
    shifted = [replace(event, at=event.at + start) for event in events]
    told = list(messages(rehearsal, sorted(shifted, key=lambda event: event.at), until + start))
    found: list[dict[str, Any]] = modules.module("/solo.js", f"(() => {{ {SEEN} }})()", told)
    return found


def band(chart: str = CHART, qpm: float = 120.0, latency_ms: float = 0.0, **improv: object) -> Rehearsal:
    music = {"qpm": qpm, "chart": chart}
    off = {"bass": "off", "comping": "off"}  # and so the loop is straight
    midi = {"latency_ms": latency_ms}
    return Rehearsal(FakeMelody(60, 62, 64, 65), music=music, improv=improv, midi=midi, band=off)


def played(step: float, pitch: int, steps: float = 1.5) -> list[Event]:
    return key(step * STEP_S, pitch, steps * STEP_S)


def notes(bars: list[list[dict[str, Any]]]) -> list[tuple[str, int, str, bool]]:
    """The chord, the pitch, what it is, and whether it is on a strong beat."""
    return [
        (cell["symbol"], note["pitch"], note["kind"], note["strong"])
        for bar in bars
        for cell in bar
        for note in cell["notes"]
    ]


def test_each_note_is_judged_by_the_chord_it_was_played_over(modules: Page) -> None:
    (chart,) = read_chart(CHART)
    line = [(2 * n, 50 + 5 * n % 23) for n in range(64)]  # two choruses of 8ths
    events = [event for step, pitch in line for event in played(step, pitch)]
    found = choruses(modules, band(), events, until=16.0)
    assert [(one["number"], len(one["bars"]), one["played"]) for one in found] == [(1, 4, 4), (2, 4, 4)]
    strong, expected = strong_steps(TimeSignature(4, 4)), []
    for step, pitch in line:
        chord, number = chart.chord_at(step), pitch % 12
        kind = "tone" if number in chord.tones else "avoid" if number in chord.avoid else "scale"
        kind = kind if chord.fits(pitch) else "outside"
        expected.append((chord.symbol, pitch, kind, step % 16 in strong))
    assert notes(found[0]["bars"]) + notes(found[1]["bars"]) == expected
    assert {kind for _, _, kind, _ in expected} == {"tone", "scale", "avoid", "outside"}
    assert [[cell["held"] for cell in bar] for bar in found[0]["bars"]] == [[False], [False], [False], [True]]
    assert [bar[0]["section"] for bar in found[1]["bars"]] == ["A", "", "", ""]


def test_a_note_that_is_pushed_is_the_next_chords(modules: Page) -> None:
    pushed, led, short = played(14, 71, 6), [*played(30, 71, 6), *played(31, 72)], played(46, 62, 1)
    (chorus,) = choruses(modules, band(), [*pushed, *led, *short], until=8.0)
    assert notes(chorus["bars"]) == [
        ("G7", 71, "tone", True), ("G7", 71, "tone", False), ("G7", 72, "avoid", False),
        ("Cmaj7", 62, "scale", False),
    ]  # fmt: skip


def test_what_comes_a_little_early_or_late_is_on_its_beat_however_fast_it_is(modules: Page) -> None:
    early = [event for n in (1, 2, 3) for event in key(16 * n * STEP_S / 2 - 0.05, 74, 0.1)]
    late = [event for n in (1, 2, 3) for event in key((16 * n + 8) * STEP_S / 2 + 0.05, 67, 0.1)]
    (chorus,) = choruses(modules, band(qpm=240.0), [*early, *late], until=4.0)
    assert [(symbol, strong) for symbol, _, _, strong in notes(chorus["bars"])] == [
        ("G7", True), ("G7", True), *[("Cmaj7", True)] * 4,
    ]  # fmt: skip


def test_a_player_is_as_early_as_the_tap_test_has_told(modules: Page) -> None:
    rehearsal = band(latency_ms=200.0)
    (chorus,) = choruses(modules, rehearsal, key(16 * STEP_S + 0.2, 71, 0.1), until=8.0)
    assert notes(chorus["bars"]) == [("G7", 71, "tone", True)]


def test_the_machines_notes_are_its_own_and_the_loops_nobodys(modules: Page) -> None:
    rehearsal = band(answer="machine", turns="bars: 1", min_primer_length=1)
    rehearsal.play([press(0.0, "improv")], until=0.0)
    calls = [event for step in (2, 4, 6, 8, 10) for event in played(step, 62)]
    (chorus,) = choruses(modules, rehearsal, calls, until=8.0)
    whose = [[note["by"] for cell in bar for note in cell["notes"]] for bar in chorus["bars"]]
    assert whose[0] == ["you"] * 5
    assert whose[1]
    assert {*whose[1]} == {"machine"}
    recorded = [press(0.1, "record", Layer.BASS), *played(4, 38), *played(36, 38)]
    taken = choruses(modules, band(), recorded, until=24.0)
    assert [notes(one["bars"]) for one in taken] == [
        [("Dm7", 38, "tone", False), ("Cmaj7", 38, "scale", False)],
    ]  # the loop plays it in two more


def test_without_a_chord_nothing_is_judged_and_without_a_chart_nothing_shown(modules: Page) -> None:
    events = [*played(0, 61), *played(16, 61)]
    (chorus,) = choruses(modules, band(chart="| N.C. | C7 |"), events, until=4.0)
    assert notes(chorus["bars"]) == [("N.C.", 61, "free", True), ("C7", 61, "outside", True)]
    share = modules.module("/choruses.js", "module.shareOf(given[0], 'you')", [chorus])
    assert share == {"notes": 1, "tones": 0, "fitting": 0}
    assert choruses(modules, band(chart=""), events, until=4.0) == []


def test_a_chorus_that_was_just_begun_is_not_shown_first(modules: Page) -> None:
    def latest(*played_bars: int) -> object:
        found = [{"bars": [[]] * 8, "played": played} for played in played_bars]
        return modules.module("/choruses.js", "module.latestOf(given[0])", found)

    assert [latest(), latest(1), latest(8, 3), latest(8, 4), latest(8, 8, 1)] == [-1, 0, 0, 1, 1]


def test_notes_are_spelled_as_the_chord_has_them(modules: Page) -> None:
    twelve = "Array.from({ length: 12 }, (_, n) => module.spelled(n, root + 'm7'))"
    names = modules.module("/spelling.js", f"given[0].map((root) => {twelve})", ROOTS)
    assert names == [[spelled(number, root) for number in range(12)] for root in ROOTS]
    fifths = "[module.spelled(75, 'Am7b5', [9, 0, 3, 7]), module.spelled(68, 'C7#5', [0, 4, 8, 10])]"
    assert modules.module("/spelling.js", fifths) == ["Eb", "G#"]


def test_the_summary_says_who_played_how_much_that_fits(modules: Page) -> None:
    def said(*chosen: tuple[str, str], choruses: int = 1) -> object:
        made = [{"by": by, "kind": kind, "strong": True} for by, kind in chosen]
        found = [{"bars": [[{"notes": made}]]}] * choruses
        return modules.module("/leadsheet.js", "module.summaryOf(given[0])", found)

    mine, its = [("you", "tone"), ("you", "scale"), ("you", "outside")], ("machine", "avoid")
    assert said(*mine) == "strong beats: 33 % chord tones, 67 % in the scale (you: 3 notes)"
    assert said(its) == "strong beats: 0 % chord tones, 100 % in the scale (machine: 1 note)"
    assert said(*mine, its, choruses=2) == (
        "all 2 choruses: 33 % chord tones, 67 % in the scale (you: 6 notes) · 0 % and 100 % (machine: 2)"
    )
    assert said() == "strong beats: nothing was played on them"


# --- in the page ----------------------------------------------------------------------

LINE = [(4, 62), (8, 69), (20, 61), (24, 71), (36, 67), (40, 65), (52, 64), (56, 60)]  # steps and pitches
PLAY = """
const page = window.psc2.page, { anchor_s, anchor_step, qpm } = page.shown.snapshot.grid.segments[0];
for (const [step, pitch] of arguments[0]) {
  const ms = (anchor_s + (step - anchor_step) * 15 / qpm - page.clock.now()) * 1000;
  const say = (message) => page.connection.say({ source: 0, pitch, ...message });
  setTimeout(() => say({ type: "KeyDown", velocity: 90 }), ms);
  setTimeout(() => say({ type: "KeyUp" }), ms + 100);
}
"""


@pytest.fixture
def page(open_page: Callable[..., Page], tmp_path: Path) -> Iterator[Page]:
    """A page over a chart of four bars, a second each."""
    chart = tmp_path / "tune.txt"
    chart.write_text("meter: 4/4\nDm7 | G7 | Cmaj7 | %\n", encoding="utf-8")
    with instrument(tmp_path, more="}\nmusic: {qpm: 240", command=("play", "--chart", str(chart))) as address:
        yield open_page(address)


def is_open(page: Page) -> bool:
    return not page.run("return document.querySelector('#solo').hidden")


def play_the_second_chorus(page: Page) -> None:
    page.start()
    page.wait(lambda: page.snapshot("grid"))
    page.run(PLAY, [(64 + step, pitch) for step, pitch in LINE])
    page.wait(lambda: page.run(f"return {PAGE}.solo.step") > 130)


def test_it_opens_by_itself_when_the_loop_stops_and_shuts_when_it_plays(page: Page) -> None:
    assert not page.run("return document.querySelector('#views button:last-child').checkVisibility()")
    play_the_second_chorus(page)
    assert not is_open(page)
    page.type(" ")
    page.wait(lambda: is_open(page))
    assert page.text("#solo h2") == "chorus 2"
    assert page.text("#solo .summary").startswith("strong beats: ")
    chords = page.run("return [...document.querySelectorAll('#solo .chord')].map((one) => one.innerText)")
    assert [chord.split()[0] for chord in chords] == ["Dm7", "G7", "Cmaj7", "%"]
    bars = "return [...document.querySelectorAll('#solo .bar')]"
    names = page.run(
        f"{bars}.map((bar) => [...bar.querySelectorAll('.note')].map((one) => one.firstChild.data))"
    )
    assert names == [["D", "A"], ["C#", "B"], ["G", "F"], ["E", "C"]]
    page.type(" ")
    page.wait(lambda: not is_open(page))


def test_the_button_opens_and_shuts_it_and_the_keyboard_keeps_its_place(page: Page) -> None:
    play_the_second_chorus(page)
    page.click("#views button:last-child")
    page.wait(lambda: is_open(page))
    assert page.run("return document.querySelector('#loop').checkVisibility()")  # while the loop plays
    page.type(" ")
    page.wait_for("grid", None)
    assert not page.run("return document.querySelector('#loop').checkVisibility()")
    page.run("document.querySelector('#solo [aria-label^=close]').focus()")
    page.type(Keys.ENTER)
    page.wait(lambda: not is_open(page))
    assert page.run("return document.activeElement === document.querySelector('#views button:last-child')")
    page.type(Keys.ENTER)
    page.wait(lambda: is_open(page))
    qpm = page.snapshot("qpm")
    page.run("document.querySelector('#solo .bars').focus()")
    page.type(Keys.ARROW_UP, Keys.ARROW_DOWN, Keys.ARROW_DOWN)  # they scroll it
    assert page.snapshot("qpm") == qpm


SHOW = """
const { solo, leadSheet } = window.psc2.page;
let now = null;
for (const message of arguments[0]) {
  if (message.type === "Effects") solo.hear(message.effects, message.at, now);
  else {
    now = message.snapshot;
    solo.see(now, message.at);
    leadSheet.see(now);
  }
}
"""


OVER_ANOTHER = """
return [...document.querySelectorAll("#solo .bar")].flatMap((bar) => {
  const { right, bottom } = bar.getBoundingClientRect();
  const inside = [...bar.querySelectorAll(".note, .chord")].map((one) => one.getBoundingClientRect());
  return inside.filter((one) => one.right > right + 1 || one.bottom > bottom + 1).map(() => bar.innerText);
});
"""


def taken_in_turns() -> list[dict[str, Any]]:
    """What a page is told of two choruses of 32 bars, of which the machine plays each other bar."""
    chart = "\n".join(
        f"[{mark}]\nDm7b5 | G7alt | Cmaj7#11 | % | Dm7 | Db7#11 G13b9 | C69 | N.C." for mark in "ABCD"
    )
    rehearsal = band(chart, qpm=240.0, answer="machine", turns="bars: 1", min_primer_length=1)
    rehearsal.play([press(0.0, "improv")], until=0.0)
    start = rehearsal.start()
    lines = [event for n in range(512) for event in key(start + n / 8, 55 + 7 * n % 30, 0.1)]
    return [*messages(rehearsal, [*lines, press(start + 65.0, "stop")], start + 66.0)]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_can_be_read_on_every_screen_and_lies_on_nothing(page: Page, theme: str) -> None:
    page.run(SHOW, taken_in_turns())
    assert is_open(page)
    whose = page.run(
        "return [...document.querySelectorAll('#solo .bars .note')].map((one) => one.dataset.by)"
    )
    assert {*whose} == {"you", "machine"}
    if AXE.exists():
        page.run(AXE.read_text(encoding="utf-8"))
    for size, (width, _) in SIZES.items():
        for n, view in enumerate(("all", "display")):
            with shown(page, theme, size):
                page.run("document.querySelectorAll('#views button')[arguments[0]].click()", n)
                assert page.run("return document.body.dataset.view") == view
                assert page.run("return document.documentElement.scrollWidth") <= width
                assert page.run(OVERLAPS) == []
                assert page.run(OVER_ANOTHER) == []
                assert [found for found in page.run(CONTRASTS) if found[0] < MIN_CONTRAST] == []
                assert not AXE.exists() or findings(page) == []
