"""Song files: what they mean, and what is said of a bad one."""

from pathlib import Path

import pytest

from psc2 import resources
from psc2.core.events import KeyDown, KeyUp, Press
from psc2.core.instruments import Layer
from psc2.demo.script import Script, load_script
from psc2.errors import ConfigError

HEAD = "{title: T, swing: 0.5, looseness: 0, "


def load(tmp_path: Path, text: str) -> Script:
    path = tmp_path / "song.yaml"
    path.write_text(text, encoding="utf-8")
    return load_script(path, seed=0)


def hands(gestures: str, more: str = "") -> str:
    return f"{HEAD}{more} sections: [{{name: A, bars: 2, hands: [{gestures}]}}]}}"


def keys(script: Script) -> list[tuple[int, int]]:
    return [(round(event.at * 4), event.pitch) for event in script.events if isinstance(event, KeyDown)]


def test_the_shipped_song_is_a_good_one() -> None:
    assert load_script(resources.SONGS / "demo.yaml", seed=0).sections[0] == (0, "Bass")


def test_bar_and_beat_become_a_step(tmp_path: Path) -> None:
    script = load(tmp_path, hands("{bar: 2, beat: 2.5, play: Bb3/8 D4/16}"))
    assert keys(script) == [(22 * 4, 58), (24 * 4, 62)]


def test_bar_0_is_the_bar_before_the_section(tmp_path: Path) -> None:
    assert keys(load(tmp_path, hands("{bar: 0, beat: 4, play: C4/4}"))) == [(-4 * 4, 60)]


def test_a_beat_is_what_the_denominator_says(tmp_path: Path) -> None:
    text = HEAD + "settings: {music: {time_signature: 7/8}}, sections: [{name: A, bars: 1, "
    assert keys(load(tmp_path, text + "hands: [{bar: 1, beat: 3, play: C4/8}]}]}")) == [(4 * 4, 60)]


def test_voicings_are_chords_by_name(tmp_path: Path) -> None:
    script = load(tmp_path, hands("{bar: 1, play: Dm9/4}", more="voicings: {Dm9: F3+A3+C4+E4},"))
    assert sorted(keys(script)) == [(0, 53), (0, 57), (0, 60), (0, 64)]


def test_a_swung_8th_comes_late(tmp_path: Path) -> None:
    script = load(tmp_path, hands("{bar: 1, play: C4/8 D4 E4}").replace("0.5", "0.625"))
    assert keys(script) == [(0, 60), (10, 62), (16, 64)]


def test_a_key_is_up_before_it_goes_down_again(tmp_path: Path) -> None:
    text = hands("{bar: 1, play: C4/16 C4 C4 C4 C4 C4 C4 C4}").replace("looseness: 0", "looseness: 0.2")
    kinds = [type(event) for event in load(tmp_path, text).events]
    assert kinds == [KeyDown, KeyUp] * 8


def test_a_button_is_pressed_by_its_name(tmp_path: Path) -> None:
    (event,) = load(tmp_path, hands("{bar: 1, beat: 3, press: record bass}")).events
    assert event == Press(8.0, 0, "record", Layer.BASS)


def test_a_knob_is_turned_to_a_value_on_its_own_scale(tmp_path: Path) -> None:
    (event,) = load(tmp_path, hands("{bar: 1, turn: qpm 126}")).events
    assert event == Press(0.0, 0, "qpm", value=126.0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (hands("{bar: 1, play: C4/4 H3/4}"),
         "sections.1.hands.1 (A): expected a note such as Bb3 or a voicing, got H3"),
        (hands("{bar: 1, play: C4/x}"), "sections.1.hands.1 (A): expected a note such as Bb3/8, got C4/x"),
        (hands("{bar: 1, play: C4/2 | D4/1}"),
         "sections.1.hands.1 (A): bar 1 of its notes: expected 16 sixteenths, got 8"),
        (hands("{bar: 1, play: C4/2 D4/1}"),
         "sections.1.hands.1 (A): bar 1 of its notes: expected 16 sixteenths, got 24"),
        (hands("{bar: 1}"), "sections.1.hands.1 (A): expected one of play, press, turn"),
        (hands("{bar: 1, press: free}, {bar: 2, turn: qpm 500}"),
         "sections.1.hands.2 (A): expected a value within 20–400, got 500"),
        (hands("{bar: 1, press: free}, {bar: 2, prss: free}"),
         "sections.1.hands.2.prss: unknown key, did you mean press?"),
        (hands("{bar: 1, turn: qpm fast}"),
         "sections.1.hands.1.turn: expected a value after one of qpm, swing, quantise, volume click, "
         "volume bass, volume drums, volume chords, volume lead, drums_temperature, sustain, modulation, "
         "melody_temperature, gap_click_bars, gap_silent_bars, gap_chance, ramp_step, ramp_passes, "
         'ramp_limit, hold, got "qpm fast"'),
        (hands("{bar: 1, beat: 0.5, press: free}"),
         "sections.1.hands.1.beat: expected a beat of the bar: 1, or 2.5 for two-and, got 0.5"),
        (hands("{bar: 9, press: free}"),
         "sections.1.hands.1 (A): expected a place within 2 bars of 4/4"),
        (hands("{bar: 1, beat: 5, press: free}"),
         "sections.1.hands.1 (A): expected a place within 2 bars of 4/4"),
        (hands("{bar: 2, play: C4/1 | C4/1}"),
         "sections.1.hands.1 (A): expected its notes to begin before the section ends"),
        (hands("", more="settings: {music: {qpm: 12}},"),
         "settings.music.qpm: expected a number within 20–400, got 12"),
        (HEAD + "sections: []}", "sections: expected a list of sections, got []"),
        (HEAD + "sections: [{name: A, bars: 1, meter: 5/5}]}",
         'sections.1.meter: expected a time signature such as "7/8", got "5/5"'),
    ],
)  # fmt: skip
def test_a_bad_song_is_reported_in_one_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, text)
    (line,) = raised.value.problems
    assert line.endswith(f"song.yaml: {problem}")


def test_an_unknown_button_is_reported_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigError, match=r'press: expected record bass, or another of \d+, got "recrod bass"'
    ):
        load(tmp_path, hands("{bar: 1, press: recrod bass}"))


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(tmp_path, hands("{bar: 1, play: H3}, {bar: 2, play: X3}"))
    assert len(raised.value.problems) == 2
