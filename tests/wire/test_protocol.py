"""The one table, and what says the same elsewhere: docs/wire.md and the head of sclang/psc2.scd."""

import re
from pathlib import Path

import pytest

from psc2.wire.protocol import ARGUMENTS, INBOUND, OUTBOUND_MESSAGES, WireMessage

ROOT = Path(__file__).resolve().parent.parent.parent
TABLES = {"in": [*INBOUND], "out": OUTBOUND_MESSAGES}


def documented() -> dict[str, dict[str, str]]:
    """The arguments of each address in docs/wire.md, for each direction."""
    page = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", page, flags=re.MULTILINE)
    tables = [re.findall(r"^\| `(/\S+)` \| ([^|]*) \|", section, re.MULTILINE) for section in sections]
    there, back = [dict(rows) for rows in tables if rows]
    return {"in": there, "out": back}


def in_sclang() -> dict[str, dict[str, str]]:
    """The arguments of each address in the head of psc2.scd, for each direction."""
    head = (ROOT / "sclang" / "psc2.scd").read_text(encoding="utf-8").partition("\n(\n")[0]
    there, back = head.partition("from the daemon")[::2]
    row = r"(/(?:psc2/)?[a-z_0-9]+)((?: \[?[a-z_0-9]+\]?)*)(?:  |$)"
    return {
        "in": dict(re.findall(row, there, re.MULTILINE)),
        "out": dict(re.findall(row, back, re.MULTILINE)),
    }


@pytest.mark.parametrize("direction", ["in", "out"])
def test_the_documentation_has_every_address_and_no_other(direction: str) -> None:
    assert documented()[direction].keys() == {message.address for message in TABLES[direction]}


@pytest.mark.parametrize("direction", ["in", "out"])
def test_sclangs_head_has_every_address_and_no_other(direction: str) -> None:
    assert in_sclang()[direction].keys() == {message.address for message in TABLES[direction]}


@pytest.mark.parametrize(
    ("direction", "message"),
    [(direction, message) for direction, messages in TABLES.items() for message in messages],
    ids=lambda it: it.address if isinstance(it, WireMessage) else it,
)
def test_the_documentation_has_the_same_arguments_with_the_same_ranges(
    direction: str, message: WireMessage
) -> None:
    text = documented()[direction][message.address].strip()
    told = [] if text == "none" else text.split(", ")
    assert len(told) == len(message.names)
    for number, (name, argument) in enumerate(zip(message.names, told, strict=True)):
        said, _, limits = argument.strip("[]").partition(" ")
        assert argument.startswith("[") == (number >= message.required), argument
        assert said in (name, {"bend": "value", "cc": "control"}.get(name)), argument
        allowed = ARGUMENTS.get(name)
        if limits and allowed is not None and direction == "in":
            assert limits == f"{allowed.low:.0f}–{allowed.high:.0f}", argument


@pytest.mark.parametrize(
    ("direction", "message"),
    [(direction, message) for direction, messages in TABLES.items() for message in messages],
    ids=lambda it: it.address if isinstance(it, WireMessage) else it,
)
def test_sclang_has_as_many_arguments(direction: str, message: WireMessage) -> None:
    assert len(in_sclang()[direction][message.address].split()) >= len(message.names)


def test_sclang_sends_the_messages_of_the_table_with_all_their_arguments() -> None:
    code = "".join(
        (ROOT / "sclang" / name).read_text(encoding="utf-8") for name in ("psc2.scd", "midi_in.scd")
    )
    sent = re.findall(r"daemon\.sendMsg\('(/[^']+)'((?:, [^,()]+(?:\([^()]*\))?)*)\)", code)
    counts = {address: arguments.count(",") for address, arguments in sent}
    assert counts.keys() == {message.address for message in INBOUND}
    for message in INBOUND:
        assert counts[message.address] >= len(message.names), message.address
