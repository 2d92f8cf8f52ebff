"""The front page: short, its commands first and right."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
MOST_LINES = 90
DOORS = ("Play a gig", "Practise at home", "Develop")


def blocks() -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def commands(block: str) -> list[str]:
    return [line.split("#")[0].strip() for line in block.splitlines()]


def test_the_two_commands_come_first() -> None:
    assert commands(blocks()[0]) == ["scripts/run", "scripts/test"]
    assert README.index("scripts/run") < README.index("<picture>")


def test_the_command_for_the_tests_is_the_one_that_ci_calls() -> None:
    called = re.findall(r"/\.\./(scripts/\w+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))
    assert called == ["scripts/test"] == commands(blocks()[0])[1:]


def test_one_command_lets_it_be_heard() -> None:
    assert commands(README.split("## Hear it now")[1].split("```")[1].strip()) == ["scripts/run demo"]


def test_it_is_read_in_a_minute() -> None:
    assert len(README.splitlines()) <= MOST_LINES


def test_each_door_leads_somewhere() -> None:
    for door in DOORS:
        (text,) = re.findall(rf"^\*\*{door}\.\*\*(.*?)\n\n", README, re.MULTILINE | re.DOTALL)
        assert "](docs/" in text


def test_the_paper_is_named_and_linked() -> None:
    assert "Pablo Samuel Castro" in README
    assert "(https://arxiv.org/abs/1904.13285)" in README
