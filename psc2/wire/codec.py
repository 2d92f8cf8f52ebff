"""Events, effects, snapshots and memories as JSON: for a page, a log, a song.

A value is its fields, read off the dataclass's own types, and its type's name:
``{"type": "KeyDown", "at": 1.5, "source": 7, "pitch": 60, "velocity": 90}``.
"""

from __future__ import annotations

import json
from typing import Any, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from psc2.core.effects import Effect
from psc2.core.events import Event
from psc2.core.memory import Memory
from psc2.core.snapshot import Snapshot
from psc2.errors import CodecError

Value = Event | Effect | Snapshot | Memory

TYPE = "type"
MAX_SHOWN = 60  # characters of what was not understood
STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Codec:
    """Values of some types as JSON, and back."""

    def __init__(self, *kinds: type) -> None:
        """``kinds``: the dataclasses that there are, each by its name."""
        self.kinds = {kind.__name__: kind for kind in kinds}
        self._adapters: dict[str, TypeAdapter[Any]] = {}  # of the kinds that were asked for

    def to_json(self, value: object) -> dict[str, Any]:
        """A value as JSON has it: dicts, lists, texts, finite numbers, true, false and null.

        Raises: CodecError for what ``from_json`` would refuse.
        """
        kind = type(value).__name__
        adapter = self._adapter(kind)
        try:
            (fields,) = adapter.dump_python((value,), mode="json", warnings="error")
        except (PydanticSerializationError, ValueError, RecursionError) as error:
            raise CodecError(f"{kind}: expected what JSON can hold") from error
        self._checked(kind, fields)
        return {TYPE: kind, **fields}

    def to_text(self, value: object) -> str:
        """The text of what ``to_json`` makes of a value that it would not refuse, in a third of the time."""
        kind = type(value).__name__
        fields = self._adapter(kind).dump_json((value,)).decode()[1:-1]
        head = json.dumps({TYPE: kind})
        return head if fields == "{}" else f"{head[:-1]}, {fields[1:]}"

    def from_json(self, data: object) -> Any:
        """The value that ``to_json`` made ``data`` of.

        Raises: CodecError, for the first thing that does not fit.
        """
        if not isinstance(data, dict):
            raise CodecError(f"expected an object with a type, got {_shown(data)}")
        fields = dict(data)
        return self._checked(fields.pop(TYPE, None), fields)

    def _adapter(self, kind: object) -> TypeAdapter[Any]:
        if not isinstance(kind, str) or kind not in self.kinds:
            raise CodecError(f"{TYPE}: expected one of {', '.join(self.kinds)}, got {_shown(kind)}")
        if kind not in self._adapters:
            # of a tuple of one: pydantic passes a container's config on to the dataclasses in it
            self._adapters[kind] = TypeAdapter(tuple[self.kinds[kind]], config=STRICT)  # type: ignore[name-defined]
        return self._adapters[kind]

    def _checked(self, kind: object, fields: object) -> object:
        adapter = self._adapter(kind)
        try:
            value: object = adapter.validate_json(json.dumps([fields]))[0]
        except ValidationError as error:
            raise CodecError(f"{kind}{_problem(error)}") from error
        except (TypeError, ValueError, RecursionError) as error:
            raise CodecError(f"{kind}: expected what JSON can hold") from error
        return value


CODEC = Codec(*get_args(Value))


def to_json(value: Value) -> dict[str, Any]:
    """An event, effect, snapshot or memory as JSON has it. Raises: CodecError.

    >>> from psc2.core.events import KeyDown
    >>> to_json(KeyDown(1.5, source=7, pitch=60, velocity=90))
    {'type': 'KeyDown', 'at': 1.5, 'source': 7, 'pitch': 60, 'velocity': 90}
    """
    return CODEC.to_json(value)


def to_text(value: Value) -> str:
    """The text of what ``to_json`` makes of a value of our own, which is not looked at once more for it."""
    return CODEC.to_text(value)


def from_json(data: object) -> Value:
    """The value that ``to_json`` made ``data`` of. Raises: CodecError, for the first thing that does not fit.

    >>> from_json({"type": "KeyUp", "at": 1.5, "source": 7, "pitch": 60})
    KeyUp(at=1.5, source=7, pitch=60)
    >>> from_json({"type": "KeyUp", "at": 1.5, "source": 7, "pitch": 128})
    Traceback (most recent call last):
    psc2.errors.CodecError: KeyUp.pitch: expected less than or equal to 127, got 128
    """
    value: Value = CODEC.from_json(data)
    return value


def _problem(error: ValidationError) -> str:
    """Where the first problem is, and what: ``.pitch: expected a valid integer, got "60"``."""
    first = error.errors(include_url=False)[0]
    place = "".join(f".{part if _is_name(part) else _shown(part)}" for part in first["loc"][1:])
    message = first["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    match first["type"]:
        case "missing":
            return f"{place}: expected a value, got nothing"
        case "unexpected_keyword_argument":
            return f"{place}: unknown"
        case "value_error":
            return f"{place}: {message}"
        case _:
            return f"{place}: {message}, got {_shown(first['input'])}"


def _is_name(part: int | str) -> bool:
    return isinstance(part, int) or (part.isidentifier() and part.isascii() and len(part) <= MAX_SHOWN)


def _shown(value: object) -> str:
    """A value as JSON, in ASCII, at a readable length; of one that JSON cannot hold only its type."""
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
