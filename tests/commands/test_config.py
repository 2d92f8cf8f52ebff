"""The user's own configuration, what of it is in force, and what an editor is given of it."""

import json
import os
import shlex
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest
import yaml

from psc2 import resources
from psc2.commands import config as config_commands
from psc2.commands.main import main
from psc2.errors import ConfigError
from psc2.settings import json_schema
from psc2.settings.config import in_force, load_files, own_files
from psc2.settings.yaml_file import merge, read
from tests.daemons import daemon
from tests.test_files import disk_of

DEFAULTS = read(resources.DEFAULT_CONFIG)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the user's own configuration is to be, in a folder that is not there yet."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "settings of mine" / "config.yaml"
    monkeypatch.setenv(resources.CONFIG_VARIABLE, str(file))
    return file


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets an editor that runs Python, where ``file`` is the file's path."""

    def set_up(source: str) -> None:
        script = write(
            tmp_path / "my editor.py", f"import pathlib, sys\nfile = pathlib.Path(sys.argv[-1])\n{source}"
        )
        monkeypatch.setenv("EDITOR", f"{shlex.quote(sys.executable)} {shlex.quote(str(script))} --wait")
        monkeypatch.delenv("VISUAL", raising=False)

    return set_up


# ── between the defaults and --config


def test_the_users_own_settings_stand_between_the_defaults_and_those_of_the_evening(own: Path) -> None:
    write(own, "music: {qpm: 90, num_bars: 4}")
    blues = write(Path("blues.yaml"), "music: {qpm: 100}")
    music = load_files(own_files(blues)).music
    assert (music.qpm, music.num_bars, music.max_bars) == (100, 4, 32)
    music = load_files(own_files(None)).music
    assert (music.qpm, music.num_bars, music.max_bars) == (90, 4, 32)


def test_the_users_own_settings_are_in_the_platforms_folder_and_need_not_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(resources.CONFIG_VARIABLE)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    file = resources.user_config()
    assert file.is_relative_to(tmp_path)
    assert file.parts[-2:] == ("psc2", "config.yaml")
    assert own_files(None) == []
    write(file, "")
    assert own_files(None) == [file]


def test_settings_that_the_environment_names_have_to_be_there(own: Path) -> None:
    with pytest.raises(ConfigError, match=r"settings of mine.config\.yaml: No such file"):
        load_files(own_files(None))


def test_nobodys_settings_are_none() -> None:
    assert os.environ[resources.CONFIG_VARIABLE] == os.devnull
    assert own_files(None) == []
    assert in_force([]) == DEFAULTS


def test_the_problems_of_both_files_are_reported_at_once_each_with_its_file(own: Path) -> None:
    write(own, "{music: {qpm: 12}, zzz: 1}")
    blues = write(Path("blues.yaml"), "drums: {temperature: 9}")
    with pytest.raises(ConfigError) as caught:
        load_files(own_files(blues))
    name = os.path.join("settings of mine", "config.yaml")
    assert [problem.split(": ")[:2] for problem in caught.value.problems] == [
        [name, "music.qpm"], [name, "zzz"], ["blues.yaml", "drums.temperature"],
    ]  # fmt: skip


def test_what_only_both_files_together_make_wrong_is_reported_of_the_second(own: Path) -> None:
    write(own, "music: {max_bars: 4}")
    blues = write(Path("blues.yaml"), "music: {num_bars: 8}")
    with pytest.raises(ConfigError) as caught:
        load_files(own_files(blues))
    assert caught.value.problems == ("blues.yaml: music.num_bars: expected at most max_bars, 4, got 8",)


def test_a_controller_is_looked_for_beside_the_file_that_names_it(own: Path) -> None:
    write(own, "controller: mine.yaml")
    write(own.with_name("mine.yaml"), "name: Launch\nlearn: []\ncontrols: {20: {action: play}}")
    blues = write(Path("elsewhere/blues.yaml"), "music: {qpm: 100}")
    assert load_files(own_files(blues)).settings().controller.name == "Launch"


@pytest.mark.loopback
def test_the_instrument_plays_with_the_users_own_settings_and_says_so(own: Path) -> None:
    write(own, 'music: {time_signature: "2/4", num_bars: 1, qpm: 240}')
    with daemon() as (process, client):
        client.hello()
        client.control(41)
        clicks = [message for message in client.receive(1.2) if message.address.startswith("/playclick")]
        assert [click.address[-1] for click in clicks][:4] == ["0", "2", "0", "2"]
        process.terminate()
        output = process.communicate(timeout=10)[0].splitlines()
        assert output[0] == f"with your own settings, {own}"


# ── psc2 config show and path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    assert main(["config", "show", *arguments]) == 0
    return capsys.readouterr().out.splitlines()


def test_everything_in_force_is_shown_and_what_differs_says_where_it_comes_from(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(own, 'music: {time_signature: "7/8", qpm: 90, num_bars: 2}\noutput: {target: {lead: both}}')
    write(Path("blues.yaml"), "music: {qpm: 100}")
    lines = shown(capsys, "--config", "blues.yaml")
    mine = os.path.join("settings of mine", "config.yaml")
    assert lines[0] == f"# psc2's defaults, then {mine}, then blues.yaml"
    assert [line.strip() for line in lines[1:] if "#" in line] == [
        f"time_signature: 7/8  # {mine}; the default is 4/4",
        "qpm: 100  # blues.yaml; the default is 120.0",
        f"lead: both  # {mine}; the default is supercollider",
    ]


def test_meter_and_bars_are_shown_as_the_chart_has_them(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chart = "meter: 3/4\\n|: C | F | G7 | C :| x10"
    write(own, f'music: {{time_signature: "7/8", num_bars: 2, chart: "{chart}"}}')
    lines = [line.strip() for line in shown(capsys)]
    assert lines[2:5] == [
        "time_signature: 3/4  # music.chart; the default is 4/4",
        "num_bars: 40  # music.chart; the default is 2",
        "max_bars: 40  # music.chart; the default is 32",
    ]


SETTINGS = [
    "",
    'music: {num_bars: 40, chart: "| C | F |"}',
    'music: {time_signature: "16/16", qpm: 100.25}',
    "output: {midi: {bass: {port: 'a: b # c', program: 12}, lead: {port: \"two\\nlines\", program: null}}}",
    "output: {midi: {drums: {port: 'no'}, click: {port: ' '}, chords: {port: '¿ñ?'}}}",
    "controller: mine.yaml",
    'output: {midi: {click: {port: "a\\u202eb\\e\\U000e0001"}, bass: {port: "=", program: 3}}}',
]


@pytest.mark.parametrize("text", SETTINGS)
def test_what_is_shown_can_be_loaded_again_and_is_the_same(
    own: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    write(own, text)
    write(own.with_name("mine.yaml"), "name: Launch\nlearn: []\ncontrols: {20: {action: play}}")
    again = write(tmp_path / "else where" / "again.yaml", "\n".join(shown(capsys)))
    form = {} if (chart := load_files([own]).chart) is None else {"num_bars": chart.form.num_bars}
    assert read(again) == merge(in_force([own]), {"music": form})
    assert load_files([again]).memory() == load_files([own]).memory()
    assert load_files([again]).settings() == load_files([own]).settings()


def test_a_configuration_that_cannot_be_used_is_not_shown(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(own, "music: {qpm: 12}")
    assert main(["config", "show"]) == 2
    output = capsys.readouterr()
    assert (output.out, "music.qpm: expected a number within 20–400, got 12" in output.err) == ("", True)


def test_the_path_is_reported_whether_or_not_the_file_is_there(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{own}\n"
    assert not own.exists()


# ── psc2 config edit


def test_a_new_file_has_the_defaults_as_comments_and_changes_nothing(
    own: Path, editor: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    editor("")
    assert main(["config", "edit"]) == 0
    assert capsys.readouterr().out == f"{own}: nothing wrong\n"
    assert read(own) == {}
    head, _, rest = own.read_text(encoding="utf-8").partition("\n#\n# music:")
    assert "Your own settings" in head
    lines = f"# music:{rest}".splitlines()
    assert all(line.startswith("#") for line in lines)
    assert yaml.safe_load("\n".join(line[2:] for line in lines)) == DEFAULTS


def test_an_editor_that_knows_yaml_finds_the_schema_beside_a_new_file(
    own: Path, editor: Callable[[str], None]
) -> None:
    editor("")
    main(["config", "edit"])
    first = own.read_text(encoding="utf-8").splitlines()[0]
    name = first.removeprefix("# yaml-language-server: $schema=")
    assert json.loads((own.parent / name).read_text(encoding="utf-8")) == json_schema.config_schema()


def test_a_models_name_that_is_no_text_is_no_reason_to_stop(
    own: Path, editor: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    monkeypatch.setenv("PSC2_MODELS", str(models))
    assert main(["models", "add", str(resources.BUNDLES / "weimar.mag"), "--name", "good"]) == 0
    shutil.copy(models / "good.npz", os.fsdecode(bytes(models) + b"/\xff\xfe.npz"))
    editor("")
    assert main(["config", "edit"]) == 0
    assert "good" in own.with_name("config.schema.json").read_text(encoding="utf-8")


def test_the_schema_beside_the_file_is_made_anew_where_it_is(
    own: Path, editor: Callable[[str], None]
) -> None:
    editor("")
    write(own, "# by hand")
    main(["config", "edit"])
    assert list(own.parent.iterdir()) == [own]
    schema = write(own.with_name("config.schema.json"), "{}")
    main(["config", "edit"])
    assert json.loads(schema.read_text(encoding="utf-8")) == json_schema.config_schema()


def test_a_file_that_is_there_is_edited_as_it_is(own: Path, editor: Callable[[str], None]) -> None:
    write(own, "music: {qpm: 90}")
    editor('file.write_text(file.read_text().replace("90", "91"))')
    assert main(["config", "edit"]) == 0
    assert own.read_text(encoding="utf-8") == "music: {qpm: 91}"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("music: {qpm: 12}\nzzz: 1", "music.qpm: expected a number within 20–400, got 12"),
        ("music:", "music: expected keys and values, got null"),
        ("music: [", "expected YAML"),
        ("controller: theremin", "controller: expected one of nanokontrol2, or the path of a map"),
        ("controller: config.yaml", "controller: unknown key"),  # it is no map
        ("drums: {model: weimar}", "weimar: expected a drums model, got a melody model"),
        (
            "improv: {model: nobody}",
            "melody model: expected one of markov, changes, groove, weimar, got nobody",
        ),
    ],
)
def test_what_is_wrong_after_editing_is_reported_and_stays_for_the_next_time(
    own: Path, editor: Callable[[str], None], capsys: pytest.CaptureFixture[str], text: str, problem: str
) -> None:
    editor(f'file.write_text({text!r}, encoding="utf-8")')
    assert main(["config", "edit"]) == 2
    output = capsys.readouterr()
    assert (output.out, problem in output.err) == ("", True)
    assert own.read_text(encoding="utf-8") == text


def test_an_editor_that_fails_is_reported(
    own: Path, editor: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    editor("sys.exit(3)")
    assert main(["config", "edit"]) == 2
    assert capsys.readouterr().err.endswith(" --wait ended with 3\n")


def test_visual_goes_before_editor(
    own: Path, editor: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    editor('file.write_text("music: {qpm: 99}")')
    monkeypatch.setenv("VISUAL", os.environ["EDITOR"])
    monkeypatch.setenv("EDITOR", "false")
    assert main(["config", "edit"]) == 0
    assert load_files([own]).music.qpm == 99


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("no-such-editor", "no-such-editor: No such file"),
        ("'unclosed", "EDITOR: expected a command, got 'unclosed"),
    ],
)
def test_an_editor_that_there_is_not_is_reported(
    own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, problem: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", command)
    assert main(["config", "edit"]) == 2
    assert capsys.readouterr().err.startswith(problem)


def test_a_disk_that_is_full_is_not_the_editors_fault(
    own: Path, editor: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    editor("")
    with disk_of(20):
        code = main(["config", "edit"])
    assert (code, capsys.readouterr().err) == (2, f"{own}: File too large\n")
    assert list(own.parent.iterdir()) == []


@pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="the platform has an editor of its own")
def test_without_a_word_the_first_editor_on_the_path_is_taken(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", " ")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert main(["config", "edit"]) == 2
    assert capsys.readouterr().err == "there is no editor: name one in the environment's EDITOR\n"
    assert not own.exists()
    nano = write(tmp_path / "bin" / "nano", '#!/bin/sh\necho "music: {qpm: 98}" >"$1"\n')
    nano.chmod(nano.stat().st_mode | stat.S_IXUSR)
    assert main(["config", "edit"]) == 0
    assert load_files([own]).music.qpm == 98


def test_what_is_no_file_is_not_edited(
    monkeypatch: pytest.MonkeyPatch, editor: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    editor("")
    assert main(["config", "edit"]) == 2
    output = capsys.readouterr().err
    assert output == f"{os.devnull}: expected a file, got something else (PSC2_CONFIG names it)\n"


# ── psc2 config schema


def as_json(content: Any) -> Any:
    """As an editor sees a YAML file: the keys are texts."""
    return json.loads(json.dumps(content))


def accepts(schema: json_schema.Schema, content: Any) -> bool:
    try:
        fastjsonschema.compile(schema, use_default=False)(as_json(content))
    except fastjsonschema.JsonSchemaValueException:
        return False
    return True


@pytest.mark.parametrize("kind", json_schema.SCHEMAS)
def test_a_schema_is_printed_as_json(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "schema", kind]) == 0
    assert json.loads(capsys.readouterr().out) == json_schema.SCHEMAS[kind]()


def test_the_schema_accepts_every_file_that_comes_with_psc2() -> None:
    songs = [read(path) for path in resources.SONGS.glob("*.yaml")]
    maps = [read(path) for path in resources.CONTROLLERS.glob("*.yaml")]
    assert songs
    assert maps
    for content in (DEFAULTS, {}, *(song.get("settings", {}) for song in songs)):
        assert accepts(json_schema.config_schema(), content)
    for content in maps:
        assert accepts(json_schema.controller_schema(), content)


PIECES = [
    ("music: {qpm: 96}", True),
    ("music: {qpm: 12}", False),
    ("music: {qpm: null}", False),
    ('music: {time_signature: "7/8"}', True),
    ("music: {time_signature: 64/16}", True),
    ("music: {time_signature: 65/16}", False),
    ("music: {time_signature: 1/4}", False),
    ("music: {time_signature: 4/5}", False),
    ("music: {time_signature: 7}", False),
    ("music: {num_bars: true}", False),
    ("music: {count_in_bars: 1.5}", False),
    ("music: {tap_unit: dotted_quarter}", True),
    ("music: {tap_unit: breve}", False),
    ("music: {tempo: 100}", False),
    ("music: 5", False),
    ("music:", False),
    ("zzz: 1", False),
    ("osc: {receive_port: 70000}", False),
    ('osc: {receive_host: ""}', False),
    ("improv: {temperature: 0.05, primer_rhythm: played}", True),
    ("improv: {temperature: 0}", False),
    ("drums: {engine: tensorflow}", False),
    ("drums: {engine: magenta, model: mine}", True),
    ("output: {target: {lead: both}}", True),
    ("output: {target: {lead: nowhere}}", False),
    ("output: {midi: {lead: {program: 128, transpose: -12}}}", True),
    ("output: {midi: {lead: {program: null}}}", True),
    ("output: {midi: {lead: {program: 0}}}", False),
    ("output: {midi: {drums: {transpose: 1}}}", False),
    ("output: {midi: {notes: {kick: 35}}}", True),
    ("output: {midi: {notes: {kick: 128}}}", False),
    ("sound: {click_out: 3, voices: {chords: organ}}", True),
    ("sound: {gain_db: {lead: -6.5}, pan: {lead: -0.5}}", True),
    ("sound: {pan: {lead: 2}}", False),
    ("sound: {room: {drums: 0, lead: 0.5}}", True),
    ("sound: {room: {lead: -0.1}}", False),
    ("sound: {voices: {chords: kazoo}}", False),
    ("practice: {click_beats: [2, 4]}", True),
    ("practice: {click_beats: offbeats}", True),
    ("practice: {click_beats: []}", False),
    ("practice: {click_beats: [0]}", False),
    ("practice: {click_beats: 2}", False),
    ("practice: {gap: {mode: chance, chance_percent: 12.5}}", True),
    ("practice: {gap: {mode: some}}", False),
    ("practice: {gap: {click_bars: 33}}", False),
    ("practice: {ramp: {active: true, step_qpm: 2, limit_qpm: 140, back: true}}", True),
    ("practice: {ramp: {step_qpm: 51}}", False),
    ("practice: {ramp: true}", False),
    ("controller: nanokontrol2", True),
    ("controller: 3", False),
]


@pytest.mark.parametrize(("text", "right"), PIECES)
def test_the_schema_and_psc2_are_of_one_mind(own: Path, text: str, right: bool) -> None:
    assert accepts(json_schema.config_schema(), yaml.safe_load(text)) == right
    write(own, text)
    try:
        load_files([own])
    except ConfigError:
        assert not right
    else:
        assert right


def keys(schema: json_schema.Schema, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, part in schema.get("properties", {}).items():
        yield (*above, key), part
        yield from keys(part, (*above, key))


def test_the_schema_explains_each_key_and_knows_its_default() -> None:
    leaves = {place: part for place, part in keys(json_schema.config_schema()) if "properties" not in part}
    assert all(part["description"] for part in leaves.values())
    for place, part in leaves.items():
        default: Any = DEFAULTS
        for key in place:
            default = default[key]
        assert part["default"] == default
    tempo = leaves["music", "qpm"]
    assert (tempo["description"], tempo["minimum"]) == ("quarter notes a minute, 20–400", 20)
    assert leaves["output", "timing"]["enum"] == ["timetag", "immediate", "auto"]
    assert "once psc2's own SuperCollider script" in leaves["output", "timing"]["description"]
    assert leaves["controller",]["examples"] == ["nanokontrol2"]
    assert leaves["improv", "model"]["examples"] == ["changes", "markov", "weimar"]
    assert leaves["drums", "model"]["examples"] == ["groove", "markov"]


ROWS = [
    ("5: {action: mute, layer: bass}", True),
    ("5: {action: jump}", False),
    ("5: {layer: bass}", False),
    ("5: {action: play, lo: 3}", False),
    ("16: {action: qpm, low: 60, high: 187}", True),
    ("128: {action: play}", False),
    ("x: {action: play}", False),
]


@pytest.mark.parametrize(("row", "right"), ROWS)
def test_the_schema_of_controllers_knows_a_row(row: str, right: bool) -> None:
    content = yaml.safe_load(f"name: x\nlearn: [41]\ncontrols: {{{row}}}")
    assert accepts(json_schema.controller_schema(), content) == right
    assert not accepts(json_schema.controller_schema(), {"name": "x", "controls": {}})


def test_every_command_is_known_to_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["config", "--help"])
    output = capsys.readouterr().out
    assert all(f"psc2 config {name}" in output for name in config_commands.COMMANDS)
