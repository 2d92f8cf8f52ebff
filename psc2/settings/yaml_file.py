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
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from psc2.core.ranges import Range
from psc2.errors import ConfigError


class Section(BaseModel):
    """A part of a file. A field's description says what is expected there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def within(limits: Range, what: str = "a number") -> Any:
    """A field for numbers within ``limits``; ``what`` says which, where another is found."""
    return Field(ge=limits.low, le=limits.high, description=f"{what} within {limits}")


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


class UniqueKeys(yaml.SafeLoader):
    """A safe loader for which a key that stands twice is a mistake."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                raise yaml.constructor.ConstructorError(
                    None, None, f"but {key!r} stands twice", node.value[index][0].start_mark
                )
        return super().construct_mapping(node, deep)


def read(path: Path) -> dict[Any, Any]:
    """The mapping in a YAML file; an empty file is an empty mapping. Raises: ConfigError."""
    name = shown(path)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=UniqueKeys)
    except OSError as error:
        raise ConfigError([f"{name}: {error.strerror or error}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "not a text file in UTF-8"
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
        problems = (_problem(model, details) for details in error.errors())
        raise ConfigError([f"{shown(path)}: {problem}" for problem in dict.fromkeys(problems)]) from error


class _Setting(NamedTuple):
    """A place in a file where something is expected, as an error names it."""

    key: str  # as the file's author counts: a list's first row is 1
    section: type[Section]  # that it is in
    expected: str


def _setting(section: type[Section], location: Sequence[int | str]) -> _Setting:
    """Follow a location through the sections' fields, and through the rows of lists and mappings."""
    names, expected, in_list = [], None, False
    for part in location:
        names.append(str(part + 1 if in_list and isinstance(part, int) else part))
        field = section.model_fields.get(str(part))
        in_list = field is not None and get_origin(field.annotation) is list
        if field is not None:
            expected = field.description
            types = (field.annotation, *get_args(field.annotation))
            section = next((it for it in types if isinstance(it, type) and issubclass(it, Section)), section)
    return _Setting(".".join(names), section, expected or "keys and values")


def _problem(model: type[Section], details: ErrorDetails) -> str:
    location = details["loc"][:-2] if details["loc"][-1] == "[key]" else details["loc"]
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
            return f"{key}: expected {expected}, got {_as_written(details['input'])}"


def _as_written(value: object) -> str:
    """A value as the file's author wrote it, at a readable length."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "…"


def shown(path: Path) -> str:
    """The path as a person would type it."""
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)
