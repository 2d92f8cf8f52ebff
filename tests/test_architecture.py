"""The rules of the house that a reader of the tree relies on."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "psc2"
VALUE_ONLY = {
    "__future__",
    "bisect",
    "collections",
    "dataclasses",
    "enum",
    "fractions",
    "itertools",
    "math",
    "random",
    "re",
    "statistics",
    "typing",
}

# From the ground up: a module imports rooms that stand above its own in this list, and its own.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(floor.split())
    for floor in (
        "core",
        "ports errors resources version files text",
        "scores",
        "models",
        "settings runtime wire screen",
        "supercollider web journal",
        "daemon",
        "demo doctor training",
        "testing",
        "commands",
        "__main__",
    )
)
LOOSE = 8  # modules that lie directly in the package, at most, beside the two that every package has


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    """As Python calls it: psc2.core.meter, or psc2.core for its ``__init__``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in files()}


def imported(path: Path) -> Iterator[str]:
    """Every name that a file imports, wherever in it: ``psc2.core.meter`` or ``psc2.core.meter.Grid``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: an import relative to its own place"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def needed(path: Path) -> set[str]:
    """The files of psc2 that a file imports."""
    names = {name if name in MODULES else name.rpartition(".")[0] for name in imported(path)}
    return names & MODULES.keys() - {name_of(path), "psc2"}


def room_of(module: str) -> str:
    return module.split(".")[1]


def floor_of(room: str) -> int:
    return next(number for number, floor in enumerate(FLOORS) if room in floor)


def test_no_circle_between_files() -> None:
    graph = {name: needed(path) for name, path in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("module", sorted(MODULES.keys() - {"psc2"}))
def test_no_import_from_a_higher_floor_or_from_the_next_room(module: str) -> None:
    room = room_of(module)
    above = {
        other for other in needed(MODULES[module])
        if room_of(other) != room and floor_of(room_of(other)) >= floor_of(room)
    }  # fmt: skip
    assert not above


def test_the_graph_sees_imports_inside_functions_and_for_type_checkers_alone(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from psc2.daemon import Session\n"
        "def late():\n    import psc2.testing\n    from psc2.core import meter\n"
    )
    assert {"psc2.daemon.Session", "psc2.testing", "psc2.core.meter"} <= set(imported(path))


def test_few_modules_lie_loose_and_every_folder_is_a_room() -> None:
    loose = {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    assert len(loose) <= LOOSE, sorted(loose)
    assert {room_of(module) for module in MODULES if module != "psc2"} <= frozenset().union(*FLOORS)


def test_tests_mirror_the_rooms() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    tested = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert tested == rooms


@pytest.mark.parametrize("path", sorted((PACKAGE / "core").glob("*.py")), ids=lambda path: path.stem)
def test_core_imports_only_core_and_what_holds_values(path: Path) -> None:
    for name in imported(path):
        allowed = name.split(".")[0] in VALUE_ONLY | {"sortedcontainers"} or name.startswith("psc2.core")
        assert allowed, f"{path.name} imports {name}"


OUTSIDE = {
    "Keeper", "KeyReader", "Looper", "ModelProcess", "OscReceiver", "OscOutput", "Worker", "Sclang", "Thread",
    "socket", "Popen",
}  # fmt: skip
BUILDERS = {
    "daemon": OUTSIDE - {"socket", "Popen"},
    "report": {"ModelProcess"},
    "display": {"Thread"},
    "key_reader": {"Thread"},
    "looper": {"Thread"},
    "machine": {"socket"},
    "workers": {"Thread"},
    "osc_in": {"Thread", "socket"},
    "osc_out": {"socket"},
    "channel": {"Thread"},
    "child": {"Popen"},
    "rendering": {"Popen"},
    "programs": {"Popen"},
    "process": {"Popen", "Thread"},
    "testing": {"socket"},
    "listener": {"Thread", "socket"},
    "browser": {"Thread"},
}


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_threads_sockets_and_processes_are_built_where_one_looks_for_them(path: Path) -> None:
    called = {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }
    assert called & OUTSIDE <= BUILDERS.get(path.stem, set())


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call in a file, with the last part of what is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield (node.func.id if isinstance(node.func, ast.Name) else node.func.attr), node


PRINTING = {"text", "server"}  # what a model's process prints is read by psc2 itself


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_what_is_printed_is_printable(path: Path) -> None:
    """Text from outside leaves through ``psc2.text`` alone."""
    assert path.stem in PRINTING or "print" not in {name for name, _ in calls(path)}


WRITERS = {"write_text", "write_bytes", "savefig"}
WRITING = {"files", "rendering"}  # the latter into a folder that is thrown away


@pytest.mark.parametrize("path", files(), ids=lambda path: path.stem)
def test_a_file_is_written_whole_or_not_at_all(path: Path) -> None:
    """What is not written by ``psc2.files`` itself is written into what its ``replacing`` gives."""
    names = {name for name, call in calls(path) if isinstance(call.func, ast.Attribute)}
    assert path.stem in WRITING or not names & WRITERS or "replacing" in {name for name, _ in calls(path)}


def test_playing_imports_nothing_heavy() -> None:
    import subprocess

    code = """
import sys
import psc2.models.server
from psc2 import daemon
from psc2.settings import config
daemon.model_processes(config.load_config(None))  # finds the models, which have processes of their own
print("\\n".join(sys.modules))
"""
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    heavy = {
        "tensorflow", "tf_keras", "magenta", "note_seq", "matplotlib", "librosa", "pandas", "scipy", "numpy",
        "google.protobuf", "google_crc32c",
    }  # fmt: skip
    assert not heavy & set(loaded.split())
