"""``psc2 config …``: the configuration that is in force, and the user's own file.

Each command returns its exit code and raises a Psc2Error for what cannot be done.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from psc2 import resources
from psc2.core.requests import Model
from psc2.errors import StartError
from psc2.files import write_text
from psc2.models import catalogue
from psc2.resources import COMMAND
from psc2.settings.config import in_force, load_files, own_files
from psc2.settings.yaml_file import read, shown
from psc2.text import print_line

EDITORS = ("sensible-editor", "nano", "vim", "vi")  # where neither VISUAL nor EDITOR names one
HEAD = """\
# yaml-language-server: $schema={schema}
#
# Your own settings: they hold whenever psc2 plays, and {command} play --config FILE goes before them.
# Below are the defaults. Take the "# " away in front of a key that you want otherwise, and in front of its
# section; what stays as it is needs no line here.
"""


def show(options: argparse.Namespace) -> int:
    """Print every setting in force as YAML, each with the file it comes from if not from the defaults."""
    files = own_files(options.config)
    content, defaults = in_force(files), read(resources.DEFAULT_CONFIG)
    own = [(_name(path), read(path)) for path in files]
    print_line(f"# psc2's defaults{''.join(f', then {name}' for name, _ in own)}")
    if chart := load_files(files).chart:
        form, max_bars = chart.form, max(content["music"]["max_bars"], chart.form.num_bars)
        follows = {
            "time_signature": str(form.time_signature),
            "num_bars": form.num_bars,
            "max_bars": max_bars,
        }
        content["music"] |= follows
        own.append(("music.chart", {"music": follows}))
    for line in _lines(content, defaults, own):
        sys.stdout.write(f"{line}\n")  # whole, to be read again
    return 0


def _lines(
    content: Mapping[Any, Any],
    defaults: Mapping[Any, Any],
    own: Sequence[tuple[str, Mapping[Any, Any]]],
    indent: str = "",
) -> Iterator[str]:
    """Settings as lines of YAML; ``own``: the name and the content of each file that was read, in order."""
    for key, value in content.items():
        set_by = [(name, settings[key]) for name, settings in own if key in settings]
        if isinstance(value, dict):
            yield f"{indent}{key}:"
            yield from _lines(value, defaults[key], set_by, f"{indent}  ")
        elif value == defaults[key]:
            yield f"{indent}{key}: {_yaml(value)}"
        else:
            yield f"{indent}{key}: {_yaml(value)}  # {set_by[-1][0]}; the default is {_yaml(defaults[key])}"


def _yaml(value: object) -> str:
    """A value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=2**20)
    text = text.removesuffix("...\n").rstrip("\n")
    if text.isprintable():
        return text
    return yaml.safe_dump(value, default_flow_style=True, default_style='"', width=2**20).rstrip("\n")


def _name(path: Path) -> str:
    """The name of a file, fit for a comment in YAML."""
    name = shown(path)
    return name if name.isprintable() else ascii(name)


def path(options: argparse.Namespace) -> int:
    """Print where the user's own configuration is, or would be."""
    print_line(resources.user_config())
    return 0


def edit(options: argparse.Namespace) -> int:
    """Open the user's own configuration in an editor, and then check it. Raises: StartError, ConfigError."""
    file = resources.user_config()
    if file.exists() and not file.is_file():
        named = f" ({resources.CONFIG_VARIABLE} names it)" if resources.named_config() else ""
        raise StartError(f"{file}: expected a file, got something else{named}")
    command = _editor()
    _write(file)
    try:
        code = subprocess.run([*command, str(file)]).returncode
    except OSError as error:
        raise StartError(f"{command[0]}: {error.strerror or error}") from error
    if code:
        raise StartError(f"{shlex.join(command)} ended with {code}")
    _check(file)
    print_line(f"{file}: nothing wrong")
    return 0


def _editor() -> list[str]:
    """The command of the user's editor. Raises: StartError if there is none."""
    for variable in ("VISUAL", "EDITOR"):
        command = os.environ.get(variable, "")
        if command.strip():
            try:
                return shlex.split(command, posix=sys.platform != "win32")
            except ValueError as error:
                raise StartError(f"{variable}: expected a command, got {command}") from error
    if sys.platform == "darwin":
        return ["open", "-t", "-W"]  # what text files are opened with
    if sys.platform == "win32":
        return ["notepad"]
    found = next(filter(None, map(shutil.which, EDITORS)), None)
    if found is None:
        raise StartError("there is no editor: name one in the environment's EDITOR")
    return [found]


def _write(file: Path) -> None:
    """Write the file, if it is not there, and beside it the schema of its head. Raises: StartError."""
    from psc2.settings import json_schema

    schema = file.with_suffix(".schema.json")
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_text(file, _template(schema.name))
        elif not schema.exists():
            return  # it was written by hand, elsewhere
        write_text(schema, _json(json_schema.config_schema()))
    except OSError as error:
        raise StartError(f"{error.filename}: {error.strerror}") from error


def _template(schema: str) -> str:
    """A configuration with all defaults as comments, so that nothing in it is in force yet."""
    _, _, defaults = resources.DEFAULT_CONFIG.read_text(encoding="utf-8").partition("\n\n")
    lines = (f"# {line}".rstrip() for line in ("", *defaults.splitlines()))
    return HEAD.format(schema=schema, command=COMMAND) + "".join(f"{line}\n" for line in lines)


def _check(file: Path) -> None:
    """Check a configuration. Raises: ConfigError with every problem, ModelError for an unknown model."""
    config = load_files([file])
    for model, section in ((Model.MELODY, config.improv), (Model.DRUMS, config.drums)):
        catalogue.check(model, section.model, section.engine)


def schema(options: argparse.Namespace) -> int:
    """Print the JSON Schema of a kind of file."""
    from psc2.settings import json_schema

    sys.stdout.write(_json(json_schema.SCHEMAS[options.kind]()))
    return 0


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2) + "\n"


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "show": show,
    "path": path,
    "edit": edit,
    "schema": schema,
}
