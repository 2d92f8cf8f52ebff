"""JSON Schemas of psc2's YAML files, with which an editor completes, explains and checks them.

Only what concerns one key alone is in them; what two keys must make together, such as ``num_bars`` and
``max_bars``, psc2 itself checks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import yaml

from psc2 import resources
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.bundles import store
from psc2.settings.config import Config
from psc2.settings.controller import ControllerFile
from psc2.settings.yaml_file import read

DRAFT = "http://json-schema.org/draft-07/schema#"  # the one that editors know best
CONTROL_NUMBERS = "^([0-9]|[1-9][0-9]|1[01][0-9]|12[0-7])$"
Schema = dict[str, Any]


def of_config() -> Schema:
    """Of a configuration: no key is required, as a file has only those that differ."""
    raw = Config.model_json_schema()
    schema = _plain(raw, raw["$defs"], partial=True)
    _explain(schema, read(resources.DEFAULT_CONFIG), comments(resources.DEFAULT_CONFIG.read_text("utf-8")))
    parts = schema["properties"]
    parts["controller"]["examples"] = sorted(path.stem for path in resources.CONTROLLERS.glob("*.yaml"))
    parts["improv"]["properties"]["model"]["examples"] = list(_names(Model.MELODY))
    parts["drums"]["properties"]["model"]["examples"] = list(_names(Model.DRUMS))
    return {"$schema": DRAFT, **schema, "title": "psc2", "description": "What differs from psc2's defaults."}


def of_controller() -> Schema:
    """Of a controller's map."""
    raw = ControllerFile.model_json_schema()
    schema = _plain(raw, raw["$defs"], partial=False)
    controls = schema["properties"]["controls"]
    row = controls.pop("additionalProperties")
    controls.pop("propertyNames", None)  # JSON's keys are texts
    controls |= {"patternProperties": {CONTROL_NUMBERS: row}, "additionalProperties": False}
    description = "What a controller's buttons, knobs and faders do in psc2."
    return {"$schema": DRAFT, **schema, "title": "psc2 controller", "description": description}


def _names(model: Model) -> Iterator[str]:
    """Of those that there are now; a package's may be for either."""
    for name in catalogue.names():
        with suppress(ModelError):  # it is damaged
            if name in catalogue.offered() or store.model_of(name) is model:
                yield name


SCHEMAS = {"config": of_config, "controller": of_controller}


def _plain(schema: Mapping[str, Any], definitions: Mapping[str, Schema], partial: bool) -> Schema:
    """Without references, and without the names of Python classes. ``partial``: nothing is required."""

    def inner(part: Any) -> Any:
        return _plain(part, definitions, partial) if isinstance(part, dict) else part

    plain = dict(schema)
    if "$ref" in plain:
        plain = {**definitions[plain.pop("$ref").rpartition("/")[2]], **plain}
    for name in ("$defs", "title", "required") if partial else ("$defs", "title"):
        plain.pop(name, None)
    for name in plain.keys() & {"properties", "patternProperties"}:
        plain[name] = {key: inner(part) for key, part in plain[name].items()}
    for name in plain.keys() & {"anyOf", "allOf", "oneOf"}:
        plain[name] = [inner(part) for part in plain[name]]
    for name in plain.keys() & {"items", "additionalProperties"}:
        plain[name] = inner(plain[name])
    return plain


def _explain(schema: Schema, defaults: Mapping[str, Any], told: Mapping[tuple[str, ...], str]) -> None:
    """Each key's default, and what the defaults' file says of it."""

    def walk(part: Schema, default: Any, keys: tuple[str, ...]) -> None:
        if keys in told:
            part["description"] = told[keys]
        if "properties" not in part:
            part["default"] = default
        for key, below in part.get("properties", {}).items():
            walk(below, default[key], (*keys, key))

    walk(schema, defaults, ())


def comments(text: str) -> dict[tuple[str, ...], str]:
    """What a YAML file says of its keys: the comment after a key and its value, and the lines right below
    that begin in the same column.

    >>> comments("a:  # one\\n  b: 1 # two\\n       # three\\n  c: [2,  # no\\n      3]")
    {('a',): 'one', ('a', 'b'): 'two three'}
    """
    lines = text.splitlines()
    found: dict[tuple[str, ...], str] = {}

    def walk(node: yaml.Node | None, keys: tuple[str, ...]) -> None:
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            place = (*keys, key.value)
            is_block = isinstance(value, yaml.CollectionNode) and not value.flow_style
            end = key.end_mark if is_block else value.end_mark
            said = _comment(lines, end.line, end.column)
            if said:
                found[place] = said
            walk(value, place)

    walk(yaml.compose(text, Loader=yaml.SafeLoader), ())
    return found


def _comment(lines: list[str], line: int, column: int) -> str:
    """The comment that begins behind that place, on one line."""
    begun = re.match(r":?\s*#\s*", lines[line][column:])
    if begun is None:
        return ""
    start = lines[line].index("#", column)
    said = [lines[line][start:]]
    for below in lines[line + 1 :]:
        if below[:start].strip() or not below[start:].startswith("#"):
            break
        said.append(below[start:])
    return " ".join(part.lstrip("#").strip() for part in said)
