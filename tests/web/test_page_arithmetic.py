"""The page computes where the music is, and what a bar holds, as the panel does."""

from collections.abc import Iterator
from typing import Any

import pytest

from psc2.core.instruments import Layer
from psc2.core.snapshot import Snapshot
from psc2.screen import loop, music
from psc2.screen.changes import chord_words
from psc2.screen.head import title
from psc2.screen.practice import silence_words
from psc2.testing import FakeMelody, Rehearsal, key, late_keys, press
from psc2.wire.codec import to_json
from tests.web.pages import Page

pytestmark = pytest.mark.browser

AHEAD_S = 2.0
EVERY_S = 0.0617  # no multiple of a 16th


def moments(rehearsal: Rehearsal, events: list[Any], until: float) -> Iterator[tuple[Snapshot, float]]:
    """Snapshots about each half second, and moments about theirs: before, at and after it."""
    at = 0.0
    while at < until:
        rehearsal.play([event for event in events if at - 0.5 < event.at <= at], until=at)
        now = rehearsal.engine.snapshot()
        yield from ((now, at + n * EVERY_S) for n in range(-2, round(AHEAD_S / EVERY_S), 3))
        at += 0.5


def recorded() -> Iterator[tuple[Snapshot, float]]:
    """Counted in, a bassline of 7/8 recorded, while meter, bars and tempo change."""
    rehearsal = Rehearsal(music={"qpm": 120.0, "count_in_bars": 2, "time_signature": "7/8"})
    events = [
        press(0.0, "play"), press(0.5, "record", Layer.BASS), *key(4.2, 40, duration_s=1.6), *key(6.2, 43),
        press(6.0, "numerator_up"), press(6.5, "bars_up"), press(8.0, "qpm", value=93.0),
        press(8.5, "deterministic_drums"), press(11.0, "qpm", value=311.0), press(12.0, "stop"),
    ]  # fmt: skip
    return moments(rehearsal, sorted(events, key=lambda event: event.at), 13.0)


def held() -> Iterator[tuple[Snapshot, float]]:
    """A chord that rings for more than two bars of four."""
    rehearsal = Rehearsal(music={"qpm": 120.0, "num_bars": 4})
    chord = [event for pitch in (57, 60, 64) for event in key(0.7, pitch, duration_s=5.1)]
    events = [press(0.0, "play"), press(0.2, "record", Layer.CHORDS), *chord]
    return moments(rehearsal, sorted(events, key=lambda event: event.at), 18.0)


def improvised() -> Iterator[tuple[Snapshot, float]]:
    """A call, and its answer played, over a loop of one bar that is all click."""
    rehearsal = Rehearsal(FakeMelody(72, 74, 76), improv={"min_primer_length": 4}, music={"num_bars": 1})
    calls = [event for n in range(12) for event in key(1.1 + 0.3 * n, 60 + n, duration_s=0.2)]
    events = [press(0.0, "play"), press(0.5, "improv"), *calls, press(6.0, "overdub"), press(6.5, "free")]
    return moments(rehearsal, sorted(events, key=lambda event: event.at), 8.0)


def taken_in_turns() -> Iterator[tuple[Snapshot, float]]:
    """Every kind of turn after the other: trading bars and choruses, phrases, the pedal, the machine off."""
    model = FakeMelody(*range(60, 80))
    rehearsal = Rehearsal(model, improv={"turns": "bars: 1", "min_primer_length": 6}, music={"num_bars": 1})
    lines = [event for n in range(100) if n % 10 < 7 for event in key(0.6 + 0.3 * n, 50 + n % 30, 0.2)]
    presses = [
        press(0.0, "play"), press(0.1, "improv"), press(8.0, "turns"),
        press(14.0, "turns"), press(15.0, "listen"), press(17.0, "listen"),
        press(20.0, "turns"), press(22.0, "lay_out"), press(22.5, "lay_out"),
        press(26.0, "turns"), press(30.0, "stop"), press(31.0, "again"),
    ]  # fmt: skip
    return moments(rehearsal, sorted([*lines, *presses], key=lambda event: event.at), 33.0)


def practised() -> Iterator[tuple[Snapshot, float]]:
    """Counted in, a ramp and back, gaps of each kind, chosen beats, solo and mute, the metronome alone."""
    rehearsal = Rehearsal(
        music={"qpm": 120.0, "count_in_bars": 1, "num_bars": 1},
        practice={
            "click_beats": [2, 4], "gap": {"mode": "bars", "click_bars": 1, "silent_bars": 2},
            "ramp": {"active": True, "step_qpm": 20.0, "passes": 1, "limit_qpm": 160.0, "back": True},
        },
    )  # fmt: skip
    events = [
        press(0.0, "play"), press(0.5, "count_in_up"), press(6.1, "solo", Layer.DRUMS),
        press(6.6, "mute", Layer.DRUMS), press(7.1, "metronome_only"), press(7.2, "gap_chance", value=100.0),
        press(7.3, "gap"), press(10.1, "gap"), press(10.2, "click_beats"),
        press(10.6, "ramp_step", value=-2.5),
        press(11.1, "solo", Layer.CLICK), press(11.2, "ramp_passes", value=3.0), press(11.6, "ramp"),
    ]  # fmt: skip
    return moments(rehearsal, events, 13.0)


def tapped() -> Iterator[tuple[Snapshot, float]]:
    """A tap test in the midst of a loop, and the latency that it tells."""
    rehearsal = Rehearsal(music={"qpm": 120.0})
    taps = late_keys([1.06 + n * 0.5 for n in range(12)], late_ms=180.0)
    events = [press(0.0, "play"), press(0.7, "calibrate"), *taps, *key(8.0, 60)]
    return moments(rehearsal, sorted(events, key=lambda event: event.at), 9.0)


def swung() -> Iterator[tuple[Snapshot, float]]:
    """A swung bassline of 7/8 learned from, another swing by hand, another tempo in its midst."""
    rehearsal = Rehearsal(music={"qpm": 100.0, "time_signature": "7/8", "num_bars": 2})
    eighths = [(0.3 * (n // 2) * 2 + (0.39 if n % 2 else 0.0)) for n in range(12)]
    events = [
        press(0.0, "play"), press(0.03, "record", Layer.BASS),
        *(event for at in eighths for event in key(0.061 + at, 40, duration_s=0.1)),
        press(6.3, "swing", value=71.0), press(8.2, "qpm", value=143.0), press(10.0, "denominator_up"),
    ]  # fmt: skip
    return moments(rehearsal, sorted(events, key=lambda event: event.at), 14.0)


def panels(now: Snapshot, at: float) -> dict[str, Any]:
    """What the panel shows, as the page's modules have it."""
    place = now.place_at(at)
    ((words, _),) = title(now, place, now.beats_to_turn(at), 200)
    return {
        "place": None if place is None else [
            place.passed.start, place.passed.form.num_bars,
            place.position.bar, place.position.step, place.beat,
        ],
        "title": words.split(" your call ")[0],
        "notes": {
            layer.value: sorted(
                [note.step, note.end, note.pitch, note.instrument.value if note.instrument else None]
                for note in music._notes(now, place, layer, at)
            )
            for layer in music.LAYERS
        },
        "struck": None if now.struck is None else music._step_of(now, place, now.struck),
    }  # fmt: skip


PAGES = """
given[0].map(([now, at]) => {
  const place = module.placeAt(now, at);
  const p = place && [place.pass.start, place.pass.form.num_bars, place.bar, place.step, place.beat];
  const of = (layer) => module.notesOf(now, place, layer, at)
    .map(({ step, end, pitch, instrument }) => [step, end, pitch, instrument]);
  const notes = Object.fromEntries(["lead", "chords", "bass", "drums"].map((layer) => [layer, of(layer)]));
  return { place: p, notes, struck: now.struck && module.stepOf(now, place, now.struck) };
})
"""
TITLES = """
given[0].map(([now, place, beats]) => {
  const word = ` ${module.lamp(now)} ${module.headWord(now, place)}  ${module.headNumber(now, place, beats)}`;
  const about = module.activity(now, place, beats);
  return (word.replace("  ", " ").trimEnd() + (about ? `  ${about}` : "")).split(" your call ")[0];
})
"""


@pytest.mark.parametrize(
    "performance", [recorded, held, improvised, taken_in_turns, practised, tapped, swung]
)
def test_the_page_knows_place_and_notes_as_the_panel_does(modules: Page, performance: Any) -> None:
    shown = [*performance()]
    expected = [panels(now, at) for now, at in shown]
    given = [[to_json(now), at] for now, at in shown]
    computed = modules.module("/snapshot.js", PAGES, given)
    for one in computed:
        one["notes"] = {layer: sorted(notes) for layer, notes in one["notes"].items()}
    assert computed == [{key: value for key, value in one.items() if key != "title"} for one in expected]
    is_empty = performance in (improvised, taken_in_turns, practised, tapped)
    assert is_empty or any(notes for one in expected for notes in one["notes"].values())


@pytest.mark.parametrize("performance", [recorded, held, improvised, taken_in_turns, practised, tapped])
def test_the_pages_head_says_what_the_panels_does(modules: Page, performance: Any) -> None:
    shown = [*performance()]
    given = [[to_json(now), at] for now, at in shown]
    places = modules.module("/snapshot.js", "given[0].map(([now, at]) => module.placeAt(now, at))", given)
    beats = modules.module("/turns.js", "given[0].map(([now, at]) => module.beatsToTurn(now, at))", given)
    placed = [[now, place, left] for (now, _), place, left in zip(given, places, beats, strict=True)]
    assert modules.module("/words.js", TITLES, placed) == [panels(now, at)["title"] for now, at in shown]


PRACTICE = """
given[0].map((now) => [
  module.practiceWords(now), module.silenceWords(now),
  ["click", "bass", "drums", "chords", "lead"].filter((layer) => module.isHeard(now, layer))])
"""


def test_the_page_says_what_is_practised_with_as_the_panel_does(modules: Page) -> None:
    shown = [now for now, _ in practised()][::20]
    expected = [
        [
            [words for row in loop.practice(now, 500) for words in row[0][0].strip().split(" · ")],
            silence_words(now),
            [layer.value for layer in Layer if now.is_heard(layer)],
        ]
        for now in shown
    ]
    assert modules.module("/practice.js", PRACTICE, [to_json(now) for now in shown]) == expected
    assert len({silence for _, silence, _ in expected}) == 5


def test_the_page_shows_where_a_ramp_leads(modules: Page) -> None:
    shown = {f"{now.qpm:g} {now.goal_qpm or 0:g}": now for now, _ in practised()}
    texts = modules.module(
        "/head.js", "given[0].map((now) => module.formText(now))", [to_json(now) for now in shown.values()]
    )
    assert [text.split(" · ")[2] for text in texts][:3] == ["120 → 160 qpm", "140 → 160 qpm", "160 → 120 qpm"]


def test_page_and_panel_show_the_same_chords(modules: Page) -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "count_in_bars": 1, "chart": "[A]\nDm7 | G7 C#m7\n[B]\nC | C"})
    events = [press(0.0, "play"), press(9.0, "qpm", value=200.0), press(14.0, "stop")]
    shown = [*moments(rehearsal, events, 15.0)]
    expected = [chord_words(now, at) for now, at in shown]
    expression = "given[0].map(([now, at]) => module.chordWords(now, at))"
    found = modules.module("/changes.js", expression, [(to_json(now), at) for now, at in shown])
    assert found == expected
    assert {tuple(words[:2]) for words in expected} == {
        ("[A] Dm7", "G7"), ("G7", "C#m7"), ("C#m7", "[B] C"), ("[B] C", "[A] Dm7"), ("C", "[A] Dm7"),
    }  # fmt: skip


def test_the_bar_of_a_turn_that_a_line_ends_shows_its_time(modules: Page) -> None:
    def at(phase: str, now_s: float, changes_s: float | None, kind: str = "bars") -> float:
        now = {
            "improv": {"phase": phase, "since": 10, "rule": {"kind": kind, "length": 2}},
            "primer_length": 5, "min_primer_length": 20, "pitches_left": 10, "turn_changes_at": changes_s,
        }  # fmt: skip
        share = modules.module("/head.js", "module.turnShare(given[0], given[1])", now, now_s)
        assert isinstance(share, float | int)
        return share

    assert [at("listening", now_s, 14) for now_s in (9.9, 11, 13, 14.1)] == [0, 0.25, 0.75, 1]
    assert [at("answering", now_s, 14) for now_s in (9.9, 11, 13, 14.1)] == [1, 0.75, 0.25, 0]
    assert at("listening", 10, 10) in (0, 1)
    assert [at("listening", 11, None), at("answering", 11, 14, "count")] == [0.25, 0.5]
    assert at("ready", 11, 14) == 1


def test_pitches_have_the_names_that_the_panel_gives_them(modules: Page) -> None:
    names = modules.module(
        "/snapshot.js", "Array.from({ length: 128 }, (_, pitch) => module.pitchName(pitch))"
    )
    assert names == [music.pitch_name(pitch) for pitch in range(128)]


@pytest.mark.parametrize("room", [1, 4, 5, 9])
def test_chords_have_the_names_that_the_panel_gives_them(modules: Page, room: int) -> None:
    chords = [(57, 60, 64), (40, 44), (59, 62, 65, 69)]
    expression = "given[0].map((chord) => module.chordName(chord, (text) => text.length <= given[1]))"
    panels = [name.replace(music.BEGUN, "") for name in (music._names(chord, room) for chord in chords)]
    assert modules.module("/loop.js", expression, chords, room) == panels
