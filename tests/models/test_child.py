"""How a model's process is started, what it prints and where, with a package of models that behave badly."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from psc2.errors import StartError
from psc2.models import child as child_module
from psc2.models.child import FOLDER, Child
from psc2.models.operating_system import MAX_FILE_BYTES
from tests import plugins
from tests.models.requests import melody_request

pytestmark = [pytest.mark.timing, pytest.mark.usefixtures("package")]

CALL = melody_request([60], num_pitches=3)
FIFTHS = (60, 67, 74)
LONG_S = 20.0  # for what is not to take long, on a busy machine


@pytest.fixture
def start() -> Iterator[Callable[[], Child]]:
    """Processes that end with the test."""
    children: list[Child] = []

    def one() -> Child:
        children.append(Child("melody", "moody", "native"))
        return children[-1]

    yield one
    for child in children:
        child.end()


def answer(child: Child, seed: int = plugins.ANSWER) -> tuple[int, ...]:
    """The first one. Raises: TimeoutError, EOFError."""
    assert child.channel.receive(LONG_S) is None
    return next_answer(child, seed)


def next_answer(child: Child, seed: int = plugins.ANSWER) -> tuple[int, ...]:
    child.channel.send(replace(CALL, seed=seed))
    reply = child.channel.receive(LONG_S)
    assert not reply.error
    return tuple(reply.parts)


# --- the folder that psc2 was started in ----------------------------------------------


@pytest.fixture
def trap(tmp_path: Path) -> Path:
    """A folder with a module for each name that may be looked for, which ends whoever runs it."""
    folder = tmp_path / "my songs, März"
    for name in (*sys.stdlib_module_names, "psc2", plugins.NAME, "sortedcontainers", "platformdirs", "numpy"):
        package = folder / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f"raise SystemExit('{name} of the current folder was run')")
    return folder


def test_nothing_in_the_current_folder_is_run(
    start: Callable[[], Child], trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trap)
    assert answer(start()) == FIFTHS


@pytest.mark.skipif(
    sys.version_info >= (3, 13), reason="for -c it imports linecache, before the program runs"
)
def test_nothing_in_the_current_folder_is_run_by_a_python_without_p(
    start: Callable[[], Child], trap: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "SAFE_PATH", ())
    monkeypatch.chdir(trap)
    assert answer(start()) == FIFTHS


def test_a_python_that_is_told_to_be_safe_starts_a_model_too(
    start: Callable[[], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    assert answer(start()) == FIFTHS


def test_a_folder_that_is_no_longer_there_keeps_no_model_from_starting(
    start: Callable[[], Child], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert answer(start()) == FIFTHS


STARTER = """
import sys
from psc2.models.child import Child
from tests import plugins
from tests.models import test_child
child = Child("melody", "moody", "native")
assert test_child.answer(child, plugins.WHERE) == test_child.FIFTHS
print(sys.platform, "and", child.last_line())
child.end()
"""


def started(folder: Path, *path: Path) -> str:
    """What STARTER prints that is run in a folder, with these before what the tests need."""
    places = [*map(str, path), os.environ["PYTHONPATH"], str(FOLDER)]
    ran = subprocess.run(
        [sys.executable, "-c", STARTER],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        capture_output=True,
        text=True,
    )
    assert not ran.stderr
    return ran.stdout


def test_a_model_is_served_by_the_psc2_that_starts_it(tmp_path: Path) -> None:
    """Here by one that is not installed and lies in the current folder, with a trap beside it."""
    folder = tmp_path / "an unpacked psc2"
    folder.mkdir()
    (folder / "psc2").symlink_to(FOLDER / "psc2")
    (folder / "resource.py").write_text("raise SystemExit('run')")
    place = folder / "psc2" / "__init__.py"
    assert started(folder) == f"{sys.platform} and {sys.platform} {place}\n"


# --- what it prints -------------------------------------------------------------------


def test_a_model_that_prints_all_night_goes_on_answering(start: Callable[[], Child]) -> None:
    """On stdout and stderr, as do its own processes; there is nothing to be read on stdin."""
    child = start()
    assert answer(child) == FIFTHS
    printed = 0
    while printed <= MAX_FILE_BYTES:  # more than one file may hold
        assert next_answer(child, plugins.SHOUT) == FIFTHS
        printed += plugins.SHOUT_BYTES
    assert child.last_line() == "nothing"


def test_what_python_prints_on_its_way_up_does_no_harm(
    start: Callable[[], Child], package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('welcome', flush=True)")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(package))))
    assert answer(start()) == FIFTHS


def test_the_last_line_that_is_not_empty_can_be_read_while_it_runs_and_when_it_has_ended(
    start: Callable[[], Child],
) -> None:
    child = start()
    answer(child, plugins.WHERE)
    assert child.last_line().startswith(sys.platform)
    assert not child.has_ended()
    child.channel.send(replace(CALL, seed=plugins.EXIT))
    with pytest.raises(EOFError):
        child.channel.receive(LONG_S)
    child.end(LONG_S)
    assert child.has_ended()
    assert child.last_line() == "a string broke"


def test_a_process_that_cannot_be_started_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    with pytest.raises(StartError, match=r"^cannot start a model's process: No such file or directory$"):
        Child("melody", "moody", "native")


# --- Windows --------------------------------------------------------------------------

# What Windows lacks is missing here too. It cannot show what Windows does differently.
AS_ON_WINDOWS = """
import importlib.metadata, os, platformdirs, signal, subprocess, sys, tempfile

for name in "fcntl grp posix pwd resource select selectors termios tty".split():
    sys.modules[name] = None
for name in (
    "fork forkpty getloadavg getpgid getpgrp getuid geteuid killpg nice pread pwrite "
    "register_at_fork sched_setaffinity setpgid setpriority setsid wait wait3 wait4"
).split():
    if hasattr(os, name):
        delattr(os, name)
for name in "SIGALRM SIGHUP SIGPIPE SIGUSR1 alarm pthread_sigmask setitimer".split():
    delattr(signal, name)
sys.platform = "win32"
subprocess.BELOW_NORMAL_PRIORITY_CLASS, subprocess.CREATE_NO_WINDOW = 0x4000, 0x08000000

class Popen(subprocess.Popen):
    def __init__(self, args, bufsize, stdin, stdout, stderr, creationflags):
        assert creationflags == 0x4000 | 0x08000000
        super().__init__(args, bufsize, stdin=stdin, stdout=stdout, stderr=stderr)

subprocess.Popen = Popen
"""


def test_a_model_is_served_without_what_windows_lacks(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(AS_ON_WINDOWS)
    assert started(tmp_path, tmp_path) == f"win32 and win32 {FOLDER / 'psc2' / '__init__.py'}\n"
