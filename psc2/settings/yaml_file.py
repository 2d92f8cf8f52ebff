"""YAML files, read and checked: every problem of a file is reported at once.

A problem reads ``configs/blues.yaml: music.qpm: expected a number within 20–400, got 12``.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Collection, Hashable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypeVar, get_args, get_origin

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from psc2.core.ranges import Range
from psc2.errors import ConfigError
from psc2.files import read_text
from psc2.text import printable

MAX_SHOWN = 60  # characters of a value, or of a key
MAX_PROBLEM = 200  # characters of what the loader says
MAX_NUMBER = 100  # characters
MAX_DEPTH = 20  # lists and mappings within each other; ours have 5
MAX_EVENTS = 50_000  # keys, values, and ends of lists and mappings; a song of five minutes has 2,000
MAX_NAMES = 12  # that an error lists, where one of them is near to what was written
MAX_PROBLEMS = 20  # of a file, that are reported
NOT_PRINTABLE = yaml.reader.Reader.NON_PRINTABLE


class Section(BaseModel):
    """A part of a file. A field's description says what is expected there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


# What stands within every name, such as nothing or a space, would take every device.
DevicePart = Annotated[str, Field(pattern=r"\S", description="a part of the device's name")]


def within(limits: Range, what: str = "a number", **arguments: Any) -> Any:
    """A field for numbers within ``limits``; ``what`` says which, where another is found.

    ``arguments``: as pydantic's ``Field`` takes them.
    """
    return Field(ge=limits.low, le=limits.high, description=f"{what} within {limits}", **arguments)


def one_of(choices: type[Enum], **arguments: Any) -> Any:
    """A field for the values of an Enum; ``arguments``: as pydantic's ``Field`` takes them."""
    description = f"one of {', '.join(choice.value for choice in choices)}"
    return Field(strict=False, description=description, **arguments)


def named(names: Collection[str]) -> AfterValidator:
    """A check that a text is one of ``names``."""

    def check(name: str) -> str:
        if name not in names:
            raise ValueError(name)
        return name

    return AfterValidator(check)


_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the one in C is 50 times as fast


class PlainLoader(_Loader):  # type: ignore[misc]
    """A safe loader of plain values: texts, numbers, true, false, null, and lists and mappings of them.

    A key that stands twice is a mistake, and so is a number that is none, or longer than any that is meant.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        mapping: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _mistake("but a key that is a list or a mapping", key_node)
            key = self.construct_object(key_node)
            if key in mapping:
                raise _mistake(f"but {printable(repr(key), MAX_SHOWN)} stands twice", key_node)
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping

    def construct_number(self, node: yaml.ScalarNode) -> float:
        """A number. Raises: YAMLError for one that cannot be."""
        construct = self.construct_yaml_int if node.tag.endswith(":int") else self.construct_yaml_float
        if len(node.value) > MAX_NUMBER:
            raise _mistake(f"but a number of {len(node.value):,} characters", node)
        try:
            number: float = construct(node)
        except (ValueError, OverflowError) as error:
            raise _mistake(f"but the number {printable(node.value, MAX_SHOWN)}", node) from error
        return number


def _without(*tags: str) -> dict[str, list[tuple[str, Any]]]:
    """What a text without quotes may stand for, by its first letter; not a date, nor a merge of mappings."""
    return {
        first: [(tag, pattern) for tag, pattern in resolvers if tag.rpartition(":")[2] not in tags]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


PlainLoader.yaml_implicit_resolvers = _without("timestamp", "merge", "value")
for kind in ("int", "float"):
    PlainLoader.add_constructor(f"tag:yaml.org,2002:{kind}", PlainLoader.construct_number)


def _mistake(problem: str, place: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=place.start_mark)


def _check_plain(text: str) -> None:
    """Check that a file is not larger inside, nor deeper than a person writes. Raises: YAMLError."""
    depth = 0
    event: Any
    for number, event in enumerate(yaml.parse(text, Loader=_Loader)):
        if isinstance(event, yaml.AliasEvent):
            raise _mistake(f"but an alias, *{event.anchor}", event)
        if getattr(event, "tag", None) is not None:
            raise _mistake(f"but a tag, {event.tag}", event)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise _mistake(f"but lists or mappings {depth} deep", event)
        if number > MAX_EVENTS:
            raise _mistake("but more keys and values than anybody writes", event)


def read(path: Path) -> dict[Any, Any]:
    """The mapping in a YAML file; an empty file is an empty mapping. Raises: ConfigError in one line."""
    name = shown(path)
    try:
        text = read_text(path)
        if found := NOT_PRINTABLE.search(text):
            line = text.count("\n", 0, found.start()) + 1
            raise ConfigError([f"{name}: line {line}: expected a text, got the character {found[0]!a}"])
        _check_plain(text)
        content = yaml.load(text, Loader=PlainLoader)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{name}: line {line}: expected YAML, not a text file in UTF-8"]) from error
    except OSError as error:
        raise ConfigError([f"{name}: {error.strerror or error}"]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = printable(str(getattr(error, "problem", None) or error), MAX_PROBLEM)
        raise ConfigError([f"{name}: {where}expected YAML, {problem}"]) from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise ConfigError([f"{name}: expected keys and values, got {_as_written(content)}"])
    return content


def merge(base: Mapping[Any, Any], over: Mapping[Any, Any]) -> dict[Any, Any]:
    """``base`` with what ``over`` says otherwise, section by section."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return merged


AnySection = TypeVar("AnySection", bound=Section)


def validate(model: type[AnySection], content: Mapping[Any, Any], path: Path) -> AnySection:
    """The file's content as a ``model``. Raises: ConfigError with every problem."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False)
        problems = [*dict.fromkeys(_problem(model, details) for details in found[:MAX_PROBLEMS])]
        if len(found) > MAX_PROBLEMS:
            problems.append(f"and {len(found) - MAX_PROBLEMS:,} more such problems")
        raise ConfigError([f"{shown(path)}: {problem}" for problem in problems]) from error


class _Setting(NamedTuple):
    """A place in a file where something is expected, as an error names it."""

    key: str  # as the file's author counts: a list's first row is 1
    section: type[Section]  # that it is in
    expected: str


def _setting(section: type[Section], location: Sequence[int | str]) -> _Setting:
    """Follow a location through the sections' fields, and through the rows of lists and mappings."""
    names, expected, in_list = [], None, False
    for part in location:
        name = str(part + 1 if in_list and isinstance(part, int) else part)
        names.append(printable(name, MAX_SHOWN))
        field = section.model_fields.get(str(part))
        in_list = field is not None and get_origin(field.annotation) is list
        if field is not None:
            expected = field.description
            types = (field.annotation, *get_args(field.annotation))
            section = next((it for it in types if isinstance(it, type) and issubclass(it, Section)), section)
    return _Setting(".".join(names), section, expected or "keys and values")


def _problem(model: type[Section], details: ErrorDetails) -> str:
    location = details["loc"][:-2] if details["loc"][-1:] == ("[key]",) else details["loc"]
    key, section, expected = _setting(model, location)
    match details["type"]:
        case "extra_forbidden":
            known = list(section.model_fields)
            close = difflib.get_close_matches(str(location[-1]), known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"expected one of {', '.join(known)}"
            return f"{key}: unknown key, {hint}"
        case "missing":
            return f"{key}: expected {expected}, got nothing"
        case "row":  # its message begins with the key, here one of this section …
            return f"{key}.{details['msg']}"
        case "beside":  # … and here one beside this key
            return f"{_setting(model, location[:-1]).key}.{details['msg']}"
        case _:
            return (
                f"{key}: expected {_meant(expected, details['input'])}, got {_as_written(details['input'])}"
            )


def _meant(expected: str, got: object) -> str:
    """What is expected; of many names the one that is nearest to what was written."""
    names = expected.removeprefix("one of ").split(", ")
    if not isinstance(got, str) or len(names) <= MAX_NAMES:
        return expected
    close = difflib.get_close_matches(got, names, n=1)
    return f"{close[0]}, or another of {len(names)}" if close else expected


def _as_written(value: object) -> str:
    """A value as the file's author wrote it, at a readable length."""
    return printable(json.dumps(value, ensure_ascii=False, default=str), MAX_SHOWN)


def shown(path: Path) -> str:
    """The path as a person would type it."""
    relative = os.path.relpath(path)
    return printable(relative if not relative.startswith("..") else str(path))
