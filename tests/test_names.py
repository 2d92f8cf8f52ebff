"""What a stranger reads first: one name for one thing, first lines that make sense alone, short functions."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "psc2"
FILES = sorted(PACKAGE.rglob("*.py"))
MAX_FUNCTION_LINES = 40

# A first line is read in an editor's hover, without the name above it. These begin only half a sentence.
FRAGMENT = re.compile(
    r"(And|But|Or|Of|As|The same|They|Them|Their|Those|These|It|Its|That|Both|So many|None|Nothing if|For)\b"
    r"|\d+ (if|where)\b|In order:|(Raises|Returns):|>>>"
)

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def definitions(path: Path) -> Iterator[Definition]:
    return (node for node in ast.walk(parsed(path)) if isinstance(node, Definition))


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


each_file = pytest.mark.parametrize("path", FILES, ids=place)


def test_no_two_classes_of_one_name() -> None:
    places = defaultdict(list)
    for path in FILES:
        for node in definitions(path):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(place(path))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@each_file
def test_no_function_with_the_name_of_its_module(path: Path) -> None:
    names = {node.name for node in parsed(path).body if isinstance(node, ast.FunctionDef)}
    assert path.stem not in names - {"main"}  # main: what a program begins with, and pyproject.toml names


@each_file
def test_a_docstrings_first_line_makes_sense_alone(path: Path) -> None:
    docstrings = ((node.name, ast.get_docstring(node) or "") for node in definitions(path))
    first_lines = [(name, text.splitlines()[0]) for name, text in docstrings if text]
    assert [(name, line) for name, line in first_lines if FRAGMENT.match(line)] == []


@each_file
def test_a_function_fits_a_screen(path: Path) -> None:
    lengths = [
        (node.name, (node.end_lineno or 0) - node.lineno + 1)
        for node in definitions(path)
        if not isinstance(node, ast.ClassDef)
    ]
    assert [(name, lines) for name, lines in lengths if lines > MAX_FUNCTION_LINES] == []


@pytest.mark.parametrize(
    "line", ["Of all the models, in order.", "And why.", "Raises: StartError.", "0 if none."]
)
def test_fragments_are_recognised(line: str) -> None:
    assert FRAGMENT.match(line)


NAMED_COMMAND = re.compile(r"\bpsc2 (play|demo|doctor|chart|config|completion|models)\b")
EXAMPLES = (
    "commands/help_texts.py",
    "commands/completion.py",
)  # what is printed of them is as psc2 was started


@each_file
def test_a_message_names_a_command_as_psc2_was_started(path: Path) -> None:
    """By resources.COMMAND: whoever starts psc2 with a script has no psc2 on the PATH."""
    nodes = list(ast.walk(parsed(path)))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(node.body[0].value) for node in nodes if isinstance(node, documented)
                  if node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    strings = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings)
    named = [node.value for node in strings if NAMED_COMMAND.search(str(node.value))]
    assert named == [] or place(path) in EXAMPLES
