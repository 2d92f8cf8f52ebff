"""The locks, what ``scripts/extra`` says before it downloads, and what psc2 is called by ``scripts/run``."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SCRIPTS = ROOT / "scripts"
EXTRAS = sorted({lock.stem for lock in SCRIPTS.glob("*.lock")} - {"base", "test"})


def locked(name: str) -> set[str]:
    """Names and versions."""
    return set(re.findall(r"^[^ ]+==[^ ]+", (SCRIPTS / f"{name}.lock").read_text(), re.MULTILINE))


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_base_is_in_every_extra_and_all_of_it_is_in_what_the_tests_run_on(extra: str) -> None:
    assert locked("base") < locked(extra) < locked("test")


@pytest.mark.parametrize("name", ["base", *EXTRAS, "test"])
def test_a_lock_holds_a_hash_for_each_package_and_no_address(name: str) -> None:
    text = (SCRIPTS / f"{name}.lock").read_text()
    assert len(re.findall(r"^\S+==.*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(locked(name))
    assert "://" not in text


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the scripts read, whose .venv has the base and would have to download anything else."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(SCRIPTS, tmp_path / "scripts")
    no_network = '[ "$2" != pip ] || { echo "Retrying (here)"; exit 1; }'
    program(tmp_path / ".venv" / "bin" / "python", f'{no_network}\nexec "{sys.executable}" "$@"')
    free_megabytes(tmp_path, 9000)
    mark(tmp_path, "base")
    mark(tmp_path, "project")
    return tmp_path


def program(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def free_megabytes(checkout: Path, number: int) -> None:
    table = f"Filesystem 1024-blocks Used Available Capacity Mounted\ndisk 1 1 {number * 1000} 1% /"
    program(checkout / "programs" / "df", f"echo '{table}'")


def mark(checkout: Path, part: str) -> None:
    """Say that a part is installed."""
    script = f'. "{checkout}/scripts/environment"; fingerprint {part} >"$venv/.{part}"'
    assert bash(checkout, "-c", script).returncode == 0


def extra(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return bash(checkout, str(checkout / "scripts" / "extra"), *arguments)


def bash(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    variables = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    variables["PATH"] = f"{checkout / 'programs'}:{variables['PATH']}"
    return subprocess.run(["bash", *arguments], capture_output=True, text=True, env=variables)


def complaint(run: subprocess.CompletedProcess[str]) -> str:
    """Its last line, having failed."""
    assert (run.returncode, run.stdout) == (2, "")
    return run.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", EXTRAS)
def test_an_extra_that_is_there_is_left_alone(checkout: Path, name: str) -> None:
    mark(checkout, name)
    run = extra(checkout, name)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"The extra {name} is there.\n"


@pytest.mark.parametrize("arguments", [(), ("base",), ("nonesuch",), ("magenta", "magenta"), ("mag.*",)])
def test_an_unknown_extra_is_told_the_known_ones(checkout: Path, arguments: tuple[str, ...]) -> None:
    assert complaint(extra(checkout, *arguments)) == f"psc2: which extra? There is: {' '.join(EXTRAS)}"


@pytest.mark.parametrize("name", EXTRAS)
def test_every_extra_is_in_the_help(checkout: Path, name: str) -> None:
    assert f"\n  {name} " in extra(checkout, "--help").stdout


@pytest.mark.parametrize("name", EXTRAS)
def test_an_extra_without_packages_for_this_python_is_refused(checkout: Path, name: str) -> None:
    shutil.copy(SCRIPTS / "base.lock", checkout / "scripts" / f"{name}.lock")
    assert f"the extra {name} needs Python" in complaint(extra(checkout, name))


@pytest.mark.parametrize("name", EXTRAS)
def test_an_extra_is_refused_before_it_fills_the_disk(checkout: Path, name: str) -> None:
    free_megabytes(checkout, 345)
    assert complaint(extra(checkout, name)).endswith("on the disk, and 0.3 GB are free")


@pytest.mark.parametrize("name", EXTRAS)
def test_without_a_network_the_base_stays(checkout: Path, name: str) -> None:
    run = extra(checkout, name)
    assert "the network or the package registry cannot be reached" in complaint(run)
    assert re.search(rf"Adding the extra {name} to \.venv: \d+ packages, \d+\.\d GB on disk", run.stderr)
    assert {part.name for part in (checkout / ".venv").glob(".*")} == {".base", ".project"}


def test_psc2_calls_itself_by_the_script_that_started_it(checkout: Path) -> None:
    program(checkout / ".venv" / "bin" / "psc2", 'echo "$PSC2_COMMAND $*"')
    run = bash(checkout, "-c", f"cd '{checkout}' && scripts/run doctor")
    assert run.stdout == "scripts/run doctor\n"


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [("", "play"), ("--no-web --plain", "play --no-web --plain"), ("--help", "--help"), ("-h", "-h"),
     ("--version", "--version"), ("models list", "models list")],
)  # fmt: skip
def test_without_a_command_it_plays(checkout: Path, arguments: str, meant: str) -> None:
    program(checkout / ".venv" / "bin" / "psc2", 'echo "$*"')
    assert bash(checkout, "-c", f"cd '{checkout}' && scripts/run {arguments}").stdout == f"{meant}\n"
