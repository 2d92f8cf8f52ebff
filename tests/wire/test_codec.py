"""Whatever happens goes through JSON and comes back the same; what does not fit is refused."""

import json
from dataclasses import fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.effects import Effect, NoteOn
from psc2.core.events import Event, KeyDown, MelodyReady, Press
from psc2.core.instruments import Instrument, Layer
from psc2.core.memory import Memory, memory_of
from psc2.core.meter import TimeSignature
from psc2.core.ranges import Range
from psc2.errors import CodecError
from psc2.testing import Rehearsal, key, press
from psc2.wire.codec import CODEC, Value, from_json, to_json, to_text


def through_text(value: Value) -> Value:
    """As a log or a page gets it: real JSON, which knows no NaN."""
    return from_json(json.loads(json.dumps(to_json(value), allow_nan=False)))


def within(limits: Range, kind: type) -> st.SearchStrategy[Any]:
    return (
        st.integers(int(limits.low), int(limits.high)) if kind is int else st.floats(limits.low, limits.high)
    )


def strategy_of(hint: Any) -> st.SearchStrategy[Any]:
    """Values of a field's type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return within(arguments[1], arguments[0])
    if origin in (Union, UnionType):
        return st.one_of([strategy_of(argument) for argument in arguments])
    if origin is tuple and ... in arguments:
        return st.lists(strategy_of(arguments[0]), max_size=3).map(tuple)
    if origin is frozenset:
        return st.frozensets(strategy_of(arguments[0]), max_size=3)
    if origin is tuple:
        return st.tuples(*map(strategy_of, arguments))
    if is_dataclass(hint) and hint not in SIMPLE:
        return dataclasses_of(hint)
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    return SIMPLE[hint]


SIMPLE: dict[type, st.SearchStrategy[Any]] = {
    bool: st.booleans(),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    str: st.text(),
    type(None): st.none(),
    TimeSignature: st.builds(TimeSignature, st.integers(2, 64), st.sampled_from((4, 8, 16))),
}


def dataclasses_of(kind: Any) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(
        kind, **{field.name: strategy_of(hints[field.name]) for field in fields(kind) if field.init}
    )


KINDS = (*get_args(Event), *get_args(Effect))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(st.data())
def test_an_event_or_effect_comes_back_the_same(kind: Any, data: st.DataObject) -> None:
    value = data.draw(dataclasses_of(kind))
    assert through_text(value) == value
    assert json.loads(to_text(value)) == to_json(value)


def test_every_kind_is_known() -> None:
    assert {kind.__name__ for kind in KINDS} | {"Snapshot", "Memory"} == set(CODEC.kinds)


def test_all_that_happens_in_a_performance_comes_back_the_same() -> None:
    rehearsal = Rehearsal(improv={"min_primer_length": 2})
    start = rehearsal.start()
    events = [press(0.01, "record", Layer.BASS), *key(start, 40), press(start + 4.5, "deterministic_drums")]
    events += [press(start + 4.6, "model_drums"), press(start + 4.6, "improv")]
    events += [*key(start + 5, 60), *key(start + 5.2, 62), press(start + 5.5, "volume", Layer.LEAD, 0.3)]
    events += [press(start + 5.6, "record", Layer.CHORDS), press(start + 5.7, "bars_up")]
    for event in events:
        assert through_text(event) == event
        for sent in rehearsal.play([event], until=event.at):
            assert through_text(sent.effect) == sent.effect
        for value in (rehearsal.engine.snapshot(), memory_of(rehearsal.state)):
            assert through_text(value) == value
            assert json.loads(to_text(value)) == to_json(value)


KEY_DOWN = {"type": "KeyDown", "at": 1.0, "source": 0, "pitch": 60, "velocity": 90}
PRESS = {"type": "Press", "at": 1, "source": 0, "action": "mute", "value": None}
READY = {"type": "MelodyReady", "at": 1, "request_id": 1, "pitches": [], "from_model": 0, "trouble": ""}


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ([], "expected an object with a type, got []"),
        ({"at": 1.0}, "type: expected one of KeyDown, KeyUp"),
        ({"type": ["KeyDown"]}, 'got ["KeyDown"]'),
        ({"type": "Path"}, 'got "Path"'),
        (KEY_DOWN | {"pitch": 128}, "KeyDown.pitch: expected less than or equal to 127, got 128"),
        (KEY_DOWN | {"velocity": 0}, "KeyDown.velocity: expected greater than or equal to 1, got 0"),
        (KEY_DOWN | {"pitch": "60"}, 'KeyDown.pitch: expected a valid integer, got "60"'),
        (KEY_DOWN | {"pitch": True}, "KeyDown.pitch: expected a valid integer, got true"),
        (KEY_DOWN | {"at": float("nan")}, "KeyDown.at: expected a finite number"),
        (KEY_DOWN | {"at": 10**400}, "KeyDown.at: "),
        (KEY_DOWN | {"loud": 1}, "KeyDown.loud: unknown"),
        (KEY_DOWN | {"pitch": {60}}, "KeyDown: expected what JSON can hold"),
        ({"type": "KeyUp", "at": 1.0, "source": 0}, "KeyUp.pitch: expected a value, got nothing"),
        (PRESS | {"layer": "oboe"}, "Press.layer: expected 'click'"),
        (READY | {"pitches": [60, 200]}, "MelodyReady.pitches.1: expected less than or equal to 127"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_one_line(data: object, complaint: str) -> None:
    with pytest.raises(CodecError) as refused:
        from_json(data)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_memory_without_a_fader_or_with_a_meter_that_there_is_not_is_refused() -> None:
    memory = to_json(memory_of(Rehearsal().state))
    del memory["mixer"]["faders"]["lead"]
    with pytest.raises(
        CodecError, match=r"Memory\.mixer: expected a fader for each layer, got none for lead"
    ):
        from_json(memory)
    memory = to_json(memory_of(Rehearsal().state))
    memory["form"]["time_signature"]["denominator"] = 5
    with pytest.raises(
        CodecError, match=r"Memory\.form\.time_signature: expected a denominator of 4, 8 or 16"
    ):
        from_json(memory)


@pytest.mark.parametrize(
    "value",
    [
        Press(0.0, 0, "qpm", None, float("inf")),
        KeyDown(0.0, 0, 200, 90),
        NoteOn(Instrument.LEAD, 60, 90, at=float("nan")),
        MelodyReady(0.0, 1, ("c4",), 1, ""),  # type: ignore[arg-type]
        Rehearsal().state.settings.rig,  # a part of an effect, none itself
    ],
)
def test_nothing_is_written_that_cannot_be_read_again(value: Any) -> None:
    with pytest.raises(CodecError):
        to_json(value)


def deep(levels: int) -> list[object]:
    nested: list[object] = []
    for _ in range(levels):
        nested = [nested]
    return nested


CIRCULAR: list[object] = []
CIRCULAR.append(CIRCULAR)


@pytest.mark.parametrize(
    "odd",
    [deep(100_000), CIRCULAR, 10**5000, {(1, 2): 3}, b"\xff", object()],
    ids=["deep", "circular", "long number", "odd keys", "bytes", "object"],
)
def test_nothing_odd_is_more_than_refused(odd: object) -> None:
    for data in (odd, {"type": odd}, KEY_DOWN | {"pitch": odd}, KEY_DOWN | {"at": odd}):
        with pytest.raises(CodecError) as refused:
            from_json(data)
        assert len(str(refused.value)) < 1000
    with pytest.raises(CodecError):
        to_json(KeyDown(0.0, 0, odd, 90))  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["x" * 1_000_000, "\x1b[2J", "Klänge", ""])
def test_an_unknown_key_is_quoted_shortly_and_printably(key: str) -> None:
    with pytest.raises(CodecError) as refused:
        from_json(KEY_DOWN | {key: 1})
    assert len(str(refused.value)) < 100
    assert str(refused.value).isprintable()


NOTE = {
    "bar": 0,
    "step": 4,
    "layer": "bass",
    "instrument": "bass",
    "pitch": 40,
    "velocity": 90,
    "duration_steps": 2,
}

LEAD_NOTE = NOTE | {"layer": "lead", "instrument": "lead"}


@pytest.mark.parametrize(
    "changes",
    [
        {"notes": [NOTE | {"duration_steps": 0}]},
        {"notes": [NOTE | {"duration_steps": 10**30}]},
        {"notes": [NOTE | {"instrument": "kick"}]},
        {"notes": [NOTE | {"layer": "drums"}]},
        {"notes": [LEAD_NOTE]},
        {"notes": [NOTE | {"layer": "click", "instrument": "click0"}]},
        {"notes": [NOTE, NOTE]},
        {"notes": [NOTE | {"bar": 1}, NOTE]},
        {"form": {"time_signature": {"numerator": 4, "denominator": 4}, "num_bars": 257}},
        {"history": {"past": [{"layer": "bass", "notes": [], "beat": "none"}] * 65, "future": []}},
        {"history": {"past": [{"layer": "chords", "notes": [NOTE], "beat": "none"}], "future": []}},
        {"history": {"past": [], "future": [{"layer": "lead", "notes": [LEAD_NOTE], "beat": "none"}]}},
    ],
)  # fmt: skip
def test_a_memory_that_no_loop_can_have_is_refused(changes: dict[str, object]) -> None:
    memory = to_json(memory_of(Rehearsal().state))
    assert isinstance(from_json(memory | {"notes": [NOTE]}), Memory)
    with pytest.raises(CodecError):
        from_json(memory | changes)
