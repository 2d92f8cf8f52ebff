"""The rules of the house that a reader of the tree relies on."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "psc2"
VALUE_ONLY = {"__future__", "collections", "dataclasses", "enum", "fractions", "math", "re", "typing"}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (PACKAGE / folder).glob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", modules("core"), ids=lambda path: path.stem)
def test_core_imports_only_core_and_what_holds_values(path: Path) -> None:
    for name in imports(path):
        allowed = name.split(".")[0] in VALUE_ONLY | {"sortedcontainers"} or name.startswith("psc2.core")
        assert allowed, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", modules("adapters"), ids=lambda path: path.stem)
def test_adapters_do_not_know_each_other(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith("psc2.adapters")]


@pytest.mark.parametrize("path", [*modules("", "adapters", "models")], ids=lambda path: path.stem)
def test_only_the_daemon_builds_threads_and_sockets(path: Path) -> None:
    if path.stem in ("daemon", "demo", "testing"):
        return
    built = {"Looper", "OscReceiver", "OscOutput", "Worker", "Sclang"}
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not built & calls


def test_playing_imports_nothing_heavy() -> None:
    import subprocess

    code = "import psc2.daemon, psc2.config, sys; print('\\n'.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {"tensorflow", "magenta", "note_seq", "matplotlib", "librosa", "pandas", "scipy"}
    assert not heavy & set(loaded.split())
