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


OUTSIDE = {
    "Heartbeat", "Keeper", "Looper", "ModelProcess", "OscReceiver", "OscOutput", "Worker", "Sclang", "Thread",
    "socket", "Popen",
}  # fmt: skip
BUILDERS = {
    "daemon": OUTSIDE - {"socket", "Popen"},
    "doctor": {"ModelProcess"},
    "heartbeat": {"Thread"},
    "looper": {"Thread"},
    "machine": {"Popen", "socket"},
    "workers": {"Thread"},
    "model_process": {"Popen"},
    "osc_in": {"Thread", "socket"},
    "osc_out": {"socket"},
    "rendering": {"Popen"},
    "sclang": {"Popen", "Thread"},
    "server": {"Thread"},
    "testing": {"socket"},
}


@pytest.mark.parametrize("path", modules("", "core", "adapters", "models"), ids=lambda path: path.stem)
def test_threads_sockets_and_processes_are_built_where_one_looks_for_them(path: Path) -> None:
    called = {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }
    assert called & OUTSIDE <= BUILDERS.get(path.stem, set())


def test_playing_imports_nothing_heavy() -> None:
    import subprocess

    code = """
import sys
import psc2.models.server
from psc2 import config, daemon
daemon.model_processes(config.load_config(None))  # finds the models, which have processes of their own
print("\\n".join(sys.modules))
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {
        "tensorflow", "tf_keras", "magenta", "note_seq", "matplotlib", "librosa", "pandas", "scipy", "numpy",
        "google.protobuf", "google_crc32c",
    }  # fmt: skip
    assert not heavy & set(loaded.split())
