import re
from pathlib import Path

import pytest

from psc2.core.actions import ACTIONS
from psc2.core.click import ClickBeats, Gap, GapMode
from psc2.core.controls import Control
from psc2.core.fitting import HarmonyPolicy
from psc2.core.instruments import Layer
from psc2.core.meter import TimeSignature
from psc2.core.practice import Practice
from psc2.core.ramp import Ramp
from psc2.core.register import Register
from psc2.core.requests import Generation, PrimerRhythm
from psc2.core.setup import TapUnit, Timing
from psc2.errors import ConfigError
from psc2.settings.config import load_config
from psc2.settings.controller import load_controller


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path("blues.yaml")


def problems(file: Path, text: str) -> list[str]:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    return list(caught.value.problems)


def test_the_defaults_are_those_of_the_file() -> None:
    config = load_config(None)
    assert config.music.time_signature == TimeSignature(4, 4)
    assert (config.music.num_bars, config.music.max_bars, config.music.qpm) == (2, 32, 120.0)
    assert (config.osc.receive_port, config.osc.send_port) == (12345, 57120)
    assert (config.output.timing, config.output.lookahead_ms) == (Timing.AUTO, None)
    improv, drums = config.improv, config.drums
    assert (improv.min_primer_length, improv.max_robot_length) == (20, 20)
    assert (improv.model, improv.engine, improv.temperature, improv.deadline_s) == (
        "weimar", "native", 0.9, 2.0,
    )  # fmt: skip
    assert (improv.primer_rhythm, improv.candidates) == (PrimerRhythm.EVEN, 16)
    assert (drums.model, drums.engine, drums.temperature, drums.deadline_s) == (
        "groove", "native", 1.0, 10.0,
    )  # fmt: skip


def test_a_file_needs_only_what_differs(file: Path) -> None:
    file.write_text('music: {time_signature: "7/8", tap_unit: dotted_quarter}', encoding="utf-8")
    config = load_config(file)
    assert (str(config.music.time_signature), config.music.tap_unit) == ("7/8", TapUnit.DOTTED_QUARTER)
    assert config.music.qpm == 120.0


def test_the_command_line_has_the_last_word(file: Path) -> None:
    file.write_text("osc: {receive_port: 4000}", encoding="utf-8")
    assert load_config(file, {"osc": {"receive_port": 5000}}).osc.receive_port == 5000


def test_the_models_settings_reach_the_rules(file: Path) -> None:
    file.write_text(
        "{improv: {temperature: 0.05, primer_rhythm: played, candidates: 64}, drums: {temperature: 4}}",
        encoding="utf-8",
    )
    config = load_config(file)
    memory = config.memory()
    assert (memory.melody_temperature, memory.drums_temperature) == (0.05, 4.0)
    settings = config.settings()
    assert (settings.primer_rhythm, settings.candidates) == (PrimerRhythm.PLAYED, 64)


@pytest.mark.parametrize("number", [0, 65, 1.5])
def test_candidates_are_counted_within_their_range(file: Path, number: float) -> None:
    (problem,) = problems(file, f"improv: {{candidates: {number}}}")
    assert problem.endswith(
        f"improv.candidates: expected a whole number of continuations within 1–64, got {number}"
    )


def test_any_name_may_be_a_models(file: Path) -> None:
    file.write_text("{improv: {model: attention_rnn, engine: magenta}, drums: {model: drum_kit_rnn}}")
    config = load_config(file)
    assert (config.improv.model, config.improv.engine, config.drums.model) == (
        "attention_rnn", "magenta", "drum_kit_rnn",
    )  # fmt: skip


def test_an_empty_file_changes_nothing(file: Path) -> None:
    file.write_text("# nothing yet\n", encoding="utf-8")
    assert load_config(file) == load_config(None)


def test_every_problem_is_reported_at_once_with_file_key_expected_and_got(file: Path) -> None:
    text = """
music: {qpm: 12, num_bars: true, time_signature: 4/5, count_in_bars: 1.5}
osc: {receive_port: 70000}
improv: {min_primer_lenght: 3, temperature: 0, primer_rhythm: swung, deadline_s: 0.01}
drums: {model: "", engine: tensorflow, temperature: 4.1, deadline_s: soon}
output: {timing: soon, lookahead_ms: .nan}
"""
    assert problems(file, text) == [
        "blues.yaml: music.time_signature: expected a time signature such as"
        ' "7/8", numerator 2–64, denominator 4, 8 or 16, got "4/5"',
        "blues.yaml: music.num_bars: expected a whole number of bars within 1 to max_bars, got true",
        "blues.yaml: music.qpm: expected a number within 20–400, got 12",
        "blues.yaml: music.count_in_bars: expected a whole number of bars within 0–8, got 1.5",
        "blues.yaml: osc.receive_port: expected a whole number within 1–65535, got 70000",
        'blues.yaml: output.timing: expected one of timetag, immediate, auto, got "soon"',
        "blues.yaml: output.lookahead_ms: expected auto, or a number of milliseconds within 10–200, got NaN",
        "blues.yaml: improv.temperature: expected a number within 0.05–4, got 0",
        'blues.yaml: improv.primer_rhythm: expected one of even, played, got "swung"',
        "blues.yaml: improv.deadline_s: expected a number of seconds within 0.05–60, got 0.01",
        "blues.yaml: improv.min_primer_lenght: unknown key, did you mean min_primer_length?",
        'blues.yaml: drums.model: expected the name of a model (psc2 models list), got ""',
        'blues.yaml: drums.engine: expected one of native, magenta, got "tensorflow"',
        "blues.yaml: drums.temperature: expected a number within 0.05–4, got 4.1",
        'blues.yaml: drums.deadline_s: expected a number of seconds within 0.05–60, got "soon"',
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- 1\n- 2", "blues.yaml: expected keys and values, got [1, 2]"),
        ("music: 5", "blues.yaml: music: expected keys and values, got 5"),
        ("music:", "blues.yaml: music: expected keys and values, got null"),
        ("music: {qpm: null}", "blues.yaml: music.qpm: expected a number within 20–400, got null"),
        (
            "music: {num_bars: 40}",
            "blues.yaml: music.num_bars: expected at most max_bars, 32, got 40",
        ),
        ("zzz: 1", "blues.yaml: zzz: unknown key, expected one of music, practice, osc, output, sound,"
         " improv, band, drums, web, midi, controller"),
        ("improv: {model: 3}", "blues.yaml: improv.model: expected the name of a model (psc2 models list),"
         " got 3"),
        ("improv: {temperature: 4.5}", "blues.yaml: improv.temperature: expected a number within 0.05–4, got"
         " 4.5"),
        ("drums: {deadline_s: 61}", "blues.yaml: drums.deadline_s: expected a number of seconds within"
         " 0.05–60, got 61"),
        ("drums: {primer_rhythm: even}", "blues.yaml: drums.primer_rhythm: unknown key, expected one of"
         " style, model, engine, temperature, deadline_s"),
        ("controller: 3", "blues.yaml: controller: expected the name of a map in configs/controllers, or the"
         " path of one, got 3"),
    ],
)  # fmt: skip
def test_one_problem_is_one_line(file: Path, text: str, problem: str) -> None:
    assert problems(file, text) == [problem]


BEATS = "expected all, offbeats, or a list of beats within 1–64 such as [2, 4]"


@pytest.mark.parametrize(
    ("practice", "problem"),
    [
        ("click_beats: [2, 65]", f"click_beats: {BEATS}, got [2, 65]"),
        ("click_beats: []", f"click_beats: {BEATS}, got []"),
        ("click_beats: [true]", f"click_beats: {BEATS}, got [true]"),
        ("click_beats: some", f'click_beats: {BEATS}, got "some"'),
        ("click_beats: [6, 5]", "click_beats: expected a beat of 4/4, which has beats 1–4, got [5, 6]"),
        ("gap: {mode: some}", 'gap.mode: expected one of none, bars, chance, got "some"'),
        ("gap: {silent_bars: 0}", "gap.silent_bars: expected a whole number of bars within 1–32, got 0"),
        ("gap: {chance_percent: 101}", "gap.chance_percent: expected a number within 0–100, got 101"),
        ("ramp: {passes: 1.5}", "ramp.passes: expected a whole number of passes within 1–64, got 1.5"),
        (
            "ramp: {active: true, limit_qpm: 100}",
            "ramp.limit_qpm: expected a tempo above music.qpm, 120, as step_qpm is 4, got 100",
        ),
        (
            "ramp: {active: true, step_qpm: -4}",
            "ramp.limit_qpm: expected a tempo below music.qpm, 120, as step_qpm is -4, got 160",
        ),
        ("ramp: {active: true, step_qpm: 0}", "ramp.step_qpm: expected another number than 0, got 0"),
    ],
)
def test_what_cannot_be_practised_with_is_one_line(file: Path, practice: str, problem: str) -> None:
    assert problems(file, f"practice: {{{practice}}}") == [f"blues.yaml: practice.{problem}"]


def test_off_beats_need_a_meter_that_has_them(file: Path) -> None:
    assert problems(file, "{music: {time_signature: 5/16}, practice: {click_beats: offbeats}}") == [
        "blues.yaml: practice.click_beats: expected a beat of 5/16, which has no off-beats, got offbeats"
    ]


def test_what_is_practised_with_is_what_the_instrument_begins_with(file: Path) -> None:
    file.write_text(
        "music: {count_in_bars: 1}\n"
        "practice:\n"
        "  click_beats: [4, 2, 4]\n"
        "  gap: {mode: chance, chance_percent: 40}\n"
        "  metronome_only: true\n"
        "  ramp: {active: true, step_qpm: -2, passes: 4, limit_qpm: 90, back: true}\n",
        encoding="utf-8",
    )
    assert load_config(file).memory().practice == Practice(
        count_in_bars=1,
        click_beats=ClickBeats((2, 4)),
        gap=Gap(GapMode.CHANCE, chance_percent=40),
        metronome_only=True,
        ramp=Ramp(active=True, step_qpm=-2, passes=4, limit_qpm=90, back=True),
    )
    assert load_config(None).memory().practice == Practice()


def test_broken_yaml_is_reported_with_its_line(file: Path) -> None:
    assert problems(file, "music:\n  qpm: [1\n")[0].startswith("blues.yaml: line 3: expected YAML")


def test_a_file_that_is_no_text_is_reported(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not a text file"):
        load_config(file)


def test_a_missing_file_is_reported() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: No such file"):
        load_config(Path("nowhere.yaml"))


def test_the_controllers_map_has_every_row_of_the_table() -> None:
    controls = load_controller("nanokontrol2").controls
    assert controls[41] == Control("play")
    assert controls[16] == Control("qpm", scale=(60, 187))
    assert controls[18] == Control("drums_temperature", scale=(0.1, 2.0))
    assert controls[20] == Control("melody_temperature", scale=(0.1, 2.0))
    assert controls[67] == Control("record", Layer.CHORDS)


def test_a_controller_of_ones_own_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: Launch\nlearn: [20]\ncontrols: {20: {action: play}}", encoding="utf-8")
    assert load_controller(str(path)).controls == {20: Control("play")}


def test_problems_of_a_controllers_map_are_reported_at_once(file: Path) -> None:
    file.write_text(
        "name: x\nlearn: [200]\ncontrols: {5: {action: solo}, 6: {action: play, lo: 5}, 7: {action: jump}}",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as caught:
        load_controller("blues.yaml")
    learn, mute, play, jump = caught.value.problems
    assert learn == "blues.yaml: learn.1: expected a list of control change numbers, got 200"
    assert mute == "blues.yaml: controls.5.layer: expected click, bass, drums, chords for solo, got none"
    assert play == "blues.yaml: controls.6.lo: unknown key, did you mean low?"
    assert jump.startswith("blues.yaml: controls.7.action: expected one of play, stop")


def test_of_many_names_the_one_that_was_meant_is_told(file: Path) -> None:
    file.write_text("midi: {controls: [{control: 64, action: hodl}]}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    (problem,) = caught.value.problems
    assert re.fullmatch(
        r'.*midi\.controls\.1\.action: expected hold, or another of \d\d, got "hodl"', problem
    )


def test_an_unknown_controller_is_reported_with_the_known_ones(file: Path) -> None:
    assert problems(file, "controller: theremin") == [
        'blues.yaml: controller: expected one of nanokontrol2, or the path of a map, got "theremin"'
    ]


def test_a_controller_of_ones_own_is_looked_for_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: Launch\nlearn: []\ncontrols: {20: {action: play}}")
    (tmp_path / "set.yaml").write_text("controller: mine.yaml")
    settings = load_config(tmp_path / "set.yaml").settings()
    assert settings.controller.controls == {20: Control("play")}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("130: {action: play}", "controls: expected control change numbers within 0–127, got 130"),
        ("5: {action: [play]}", f'controls.5.action: expected one of {", ".join(ACTIONS)}, got ["play"]'),
        ("16: {action: qpm}", "controls.16.low, high: expected what 0 and 127 mean for qpm"),
        (
            "20: {action: melody_temperature}",
            "controls.20.low, high: expected what 0 and 127 mean for melody_temperature",
        ),
        ("16: {action: qpm, low: 5, high: 5}", "controls.16.high: expected another number than low, got 5"),
        ("5: {action: play}, 5: {action: stop}", "line 3: expected YAML, but 5 stands twice"),
        (
            "5: {action: record, layer: drums}",
            "controls.5.layer: expected bass, chords for record, got drums",
        ),
    ],
)
def test_a_row_that_cannot_work_is_reported(file: Path, row: str, problem: str) -> None:
    file.write_text(f"name: x\nlearn: []\ncontrols: {{{row}}}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_controller("blues.yaml")
    assert caught.value.problems == (f"blues.yaml: {problem}",)


def test_a_key_that_stands_twice_is_a_mistake(file: Path) -> None:
    assert problems(file, "music: {qpm: 100, qpm: 120}") == [
        "blues.yaml: line 1: expected YAML, but 'qpm' stands twice"
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_one_port_for_both_ways_is_refused(file: Path, host: str) -> None:
    assert problems(file, f"osc: {{send_host: {host}, send_port: 12345}}") == [
        "blues.yaml: osc.send_port: expected another port than receive_port, got 12345 for both"
    ]


def test_a_problem_of_the_options_is_blamed_on_no_file(file: Path) -> None:
    file.write_text("osc: {receive_port: 4000}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file, {"osc": {"send_port": 4000}})
    assert caught.value.problems == (
        "the options: osc.send_port: expected another port than receive_port, got 4000 for both",
    )


@pytest.mark.parametrize(
    "host", ["a\\nb", "a b", "\\x1b[31m", "255.255.255.255", "224.0.0.1", "239.1.2.3", "", "a/b"]
)
def test_what_is_no_single_host_is_refused(file: Path, host: str) -> None:
    (problem,) = problems(file, f'osc: {{receive_host: "{host}"}}')
    assert problem.startswith(
        "blues.yaml: osc.receive_host: expected a host name or address, such as 127.0.0.1, got "
    )


def test_another_computer_may_listen_on_the_same_port(file: Path) -> None:
    file.write_text("osc: {send_host: 192.168.1.7, send_port: 12345, allow: [192.168.1.8]}")
    assert load_config(file).allowed_hosts() == ["192.168.1.7", "192.168.1.8"]


# ── what nobody means


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("music:\n  qpm: 2024-13-45", 'music.qpm: expected a number within 20–400, got "2024-13-45"'),
        (f"music:\n  qpm: {'9' * 5000}", "line 2: expected YAML, but a number of 5,000 characters"),
        ("music:\n  qpm: 0b2", 'music.qpm: expected a number within 20–400, got "0b2"'),
        ("music: &a {qpm: *a}", "line 1: expected YAML, but an alias, *a"),
        ("a: &a [x]\nb: [*a, *a]", "line 2: expected YAML, but an alias, *a"),
        ("music:\n  <<: {qpm: 90}", "music.<<: unknown key, expected one of time_signature"),
        ("music:\n  ? [qpm]\n  : 90", "line 2: expected YAML, but a key that is a list or a mapping"),
        (
            "qpm: !!python/name:os.system",
            "line 1: expected YAML, but a tag, tag:yaml.org,2002:python/name:os.system",
        ),
        ("a: !!set {b}", "line 1: expected YAML, but a tag, tag:yaml.org,2002:set"),
        ("\n" + "[" * 100_000, "line 2: expected YAML, but lists or mappings 21 deep"),
        ("\n" + "{a: " * 100_000, "line 2: expected YAML, but lists or mappings 21 deep"),
        ("".join(f"k{n}: {n}\n" for n in range(60_000)), "but more keys and values than anybody writes"),
        ("\nmusic: \0", "line 2: expected a text, got the character '\\x00'"),
        ("\nmusic: \x1b[31m", "line 2: expected a text, got the character '\\x1b'"),
        ("music: {qpm: .inf}", "music.qpm: expected a number within 20–400, got Infinity"),
        ("music: {qpm: .nan}", "music.qpm: expected a number within 20–400, got NaN"),
        ("x" * 999_999, "expected keys and values, got"),
        ("x" * 1_000_001, "expected at most 1,000,000 bytes, got more"),
        (f"{'k' * 900}: 1", "kkk…: unknown key, expected one of music"),
    ],
    ids=lambda text: text[:30],
)
def test_what_nobody_means_is_reported_in_one_short_line(file: Path, text: str, problem: str) -> None:
    (reported,) = problems(file, text)
    assert problem in reported
    assert reported.startswith("blues.yaml: ")
    assert len(reported) < 300
    assert reported.isprintable()


@pytest.mark.parametrize("host", ["a..b", "x" * 300, ".", "\\0x", "\\u00e9..\\u00e9"])
def test_a_host_that_no_network_can_be_asked_for_is_refused(file: Path, host: str) -> None:
    for key, value in (
        ("receive_host", f'"{host}"'),
        ("send_host", f'"{host}"'),
        ("allow", f'[x, "{host}"]'),
    ):
        (reported,) = problems(file, f"osc: {{{key}: {value}}}")
        assert re.match(rf"blues.yaml: osc.{key}.*: expected a .*host names? or address", reported)


@pytest.mark.parametrize("code", ["utf-16", "utf-32", "latin-1"])
def test_a_text_in_another_encoding_is_reported_with_its_line(file: Path, code: str) -> None:
    file.write_bytes("# one\n# twö".encode(code))
    with pytest.raises(
        ConfigError, match=r"^blues.yaml: line [12]: expected YAML, not a text file in UTF-8$"
    ):
        load_config(file)


def test_a_mark_of_windows_before_the_text_is_passed_over(file: Path) -> None:
    file.write_text("music: {qpm: 90}", encoding="utf-8-sig")
    assert load_config(file).music.qpm == 90


@pytest.mark.timeout(30)
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "."])
def test_what_is_no_file_is_not_read(file: Path, device: str) -> None:
    with pytest.raises(ConfigError, match=r"^\S+: (expected a file, got something else|Is a directory)$"):
        load_config(Path(device))
    with pytest.raises(ConfigError, match="expected a file, got something else"):
        load_controller("/dev/zero")


def test_many_problems_are_reported_up_to_a_number(file: Path) -> None:
    reported = problems(file, "".join(f"k{n}: 1\n" for n in range(1000)))
    assert (len(reported), reported[-1]) == (21, "blues.yaml: and 980 more such problems")


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("action: qpm, low: -1.0e+308, high: 1.0e+308",
         "low: expected a number within 20–400 for qpm, got -1e+308"),
        ("action: qpm, low: 60, high: 401", "high: expected a number within 20–400 for qpm, got 401"),
        ("action: volume, layer: bass, high: 1.28",
         "high: expected a number within 0–1.27 for volume, got 1.28"),
        ("action: sustain, high: 1.0e+308", "high: expected a number within 0–127 for sustain, got 1e+308"),
        ("action: melody_temperature, low: 0, high: 4",
         "low: expected a number within 0.05–4 for melody_temperature, got 0"),
    ],
)  # fmt: skip
def test_a_scale_stays_within_what_its_action_takes(file: Path, row: str, problem: str) -> None:
    file.write_text(f"name: x\nlearn: []\ncontrols: {{7: {{{row}}}}}", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_controller("blues.yaml")
    assert caught.value.problems == (f"blues.yaml: controls.7.{problem}",)


def test_half_a_scale_leaves_the_other_end_as_it_is(file: Path) -> None:
    file.write_text("name: x\nlearn: []\ncontrols: {7: {action: sustain, low: 10}}", encoding="utf-8")
    assert load_controller("blues.yaml").controls[7].scale == (10, 127)


@pytest.mark.parametrize("name", ["''", "' '", '"\\t\\n"', '"\\u00a0"', '"\\u2003 "'])
def test_a_name_that_stands_within_every_name_is_refused(file: Path, name: str) -> None:
    file.write_text(f"name: {name}\nlearn: []\ncontrols: {{}}", encoding="utf-8")
    with pytest.raises(ConfigError, match="name: expected a part of the device's name, got"):
        load_controller("blues.yaml")
    for key in ("keyboards", "ignore"):
        (reported,) = problems(file, f"midi: {{{key}: [Piano, {name}]}}")
        assert f"midi.{key}.2: expected a list of parts of devices' names, got" in reported


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("improv: {register: C3-B3}", "improv.register: expected two notes an octave or more apart, such as"),
        ("improv: {register: C7–C3}", "improv.register: expected two notes"),
        ("improv: {register: H2–C7}", "improv.register: expected two notes"),
        ("improv: {harmony: maybe}", 'improv.harmony: expected one of off, strong, all, got "maybe"'),
        ("music: {grouping: 2+3}", "music.grouping: expected groups of 4 beats in all, got 5"),
        ("music: {grouping: 2+x}", "music.grouping: expected auto, or the groups of a bar's beats"),
    ],
)
def test_register_harmony_and_grouping_are_checked(file: Path, settings: str, problem: str) -> None:
    file.write_text(settings, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    (found,) = caught.value.problems
    assert found.startswith(f"blues.yaml: {problem}")


def test_register_harmony_and_grouping_are_read(file: Path) -> None:
    file.write_text(
        "improv: {register: Eb2-F#6, harmony: off}\nmusic: {time_signature: 7/8, grouping: 3+2+2}\n",
        encoding="utf-8",
    )
    config = load_config(file)
    assert config.settings().register == Register(39, 90)
    assert config.memory().harmony is HarmonyPolicy.OFF
    assert config.settings().groups == (3, 2, 2)
    file.write_text("improv: {register: off}\n", encoding="utf-8")
    assert load_config(file).settings().register is None


def test_the_groups_fill_a_bar_of_the_charts_meter(file: Path) -> None:
    file.write_text("music: {grouping: 2+2+3}", encoding="utf-8")
    in_seven = "meter: 7/8\\n| Dm7 | G7 |".replace("\\n", chr(10))
    assert load_config(file, {"music": {"chart": in_seven}}).settings().groups == (2, 2, 3)
    with pytest.raises(ConfigError, match=r"music\.grouping: expected groups of 4 beats in all, got 7"):
        load_config(file, {"music": {"chart": "| Dm7 | G7 |"}})
    file.write_text("music: {time_signature: 7/8, grouping: 2+2+3}", encoding="utf-8")
    assert load_config(file, {"music": {"chart": "| Dm7 | G7 |"}}).memory().form.time_signature.numerator == 4


@pytest.mark.parametrize(
    ("model", "generation"), [("weimar", Generation.PHRASE), ("markov", Generation.NOTE)]
)
def test_a_model_that_only_makes_phrases_is_asked_for_phrases(
    file: Path, model: str, generation: Generation
) -> None:
    file.write_text(f"improv: {{model: {model}, generation: note}}", encoding="utf-8")
    assert load_config(file).settings().generation is generation


@pytest.mark.parametrize("length", [300, 5_000, 100_000])
def test_a_controller_of_a_very_long_name_is_told_in_one_short_line(file: Path, length: int) -> None:
    file.write_text(f"controller: {'x' * length}", encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"controller: expected one of nanokontrol2, .*, got \"x+…"
    ) as raised:
        load_config(file)
    assert len(str(raised.value)) < 300
