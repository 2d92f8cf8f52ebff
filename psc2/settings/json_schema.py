"""JSON Schemas of psc2's YAML files, with which an editor completes, explains and checks them.

Only what concerns one key alone is in them; what two keys must make together, such as ``num_bars`` and
``max_bars``, psc2 itself checks.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from itertools import takewhile
from typing import Any

import yaml

from psc2 import resources
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.bundles import store
from psc2.settings.config import Config
from psc2.settings.controller import ControllerFile, shipped_names
from psc2.settings.yaml_file import read

DRAFT = "http://json-schema.org/draft-07/schema#"  # the one that editors know best
CONTROL_NUMBERS = "^([0-9]|[1-9][0-9]|1[01][0-9]|12[0-7])$"
Schema = dict[str, Any]


def config_schema() -> Schema:
    """The schema of a configuration: no key is required, as a file has only those that differ."""
    schema = _inlined(Config.model_json_schema(), without=("title", "required"))
    _explain(schema, read(resources.DEFAULT_CONFIG), comments(resources.DEFAULT_CONFIG.read_text("utf-8")))
    parts = schema["properties"]
    parts["controller"]["examples"] = shipped_names()
    parts["improv"]["properties"]["model"]["examples"] = list(_model_names(Model.MELODY))
    parts["drums"]["properties"]["model"]["examples"] = list(_model_names(Model.DRUMS))
    return {"$schema": DRAFT, **schema, "title": "psc2", "description": "What differs from psc2's defaults."}


def controller_schema() -> Schema:
    """The schema of a controller's map."""
    schema = _inlined(ControllerFile.model_json_schema(), without=("title",))
    controls = schema["properties"]["controls"]
    row = controls.pop("additionalProperties")
    controls.pop("propertyNames", None)  # JSON's keys are texts
    controls |= {"patternProperties": {CONTROL_NUMBERS: row}, "additionalProperties": False}
    description = "What a controller's buttons, knobs and faders do in psc2."
    return {"$schema": DRAFT, **schema, "title": "psc2 controller", "description": description}


SCHEMAS = {"config": config_schema, "controller": controller_schema}


def _model_names(model: Model) -> Iterator[str]:
    """The models that there are now, as examples; one that a package offers may be for either."""
    for name in catalogue.names():
        with suppress(ModelError):  # it is damaged
            if name in catalogue.offered() or store.model_of(name) is model:
                yield name


def _inlined(raw: Schema, without: Collection[str]) -> Schema:
    """A schema of pydantic's with what its references stand for in their place, and without some keywords."""
    definitions = raw.pop("$defs")

    def inline(part: Any) -> Any:
        if isinstance(part, list):
            return [inline(below) for below in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            part = {**definitions[part["$ref"].rpartition("/")[2]], **part}
        left_out = [key for key in ("$ref", *without) if isinstance(part.get(key), str | list)]
        return {key: inline(below) for key, below in part.items() if key not in left_out}

    inlined: Schema = inline(raw)
    return inlined


def _explain(
    schema: Schema, default: Any, comments: Mapping[tuple[str, ...], str], keys: tuple[str, ...] = ()
) -> None:
    """Add each key's default, and what the defaults' file says of it."""
    if keys in comments:
        schema["description"] = comments[keys]
    if "properties" not in schema:
        schema["default"] = default
    for key, below in schema.get("properties", {}).items():
        _explain(below, default[key], comments, (*keys, key))


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
            if comment := _comment(lines, end.line, end.column):
                found[place] = comment
            walk(value, place)

    walk(yaml.compose(text, Loader=yaml.SafeLoader), ())
    return found


def _comment(lines: list[str], line: int, column: int) -> str:
    """The comment that begins behind that place, on one line."""
    if not re.match(r":?\s*#", lines[line][column:]):
        return ""
    start = lines[line].index("#", column)
    below = takewhile(lambda text: text[:start].isspace() and text[start:].startswith("#"), lines[line + 1 :])
    return " ".join(text[start:].lstrip("#").strip() for text in (lines[line], *below))
