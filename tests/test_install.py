"""What is built plays from any folder, tells which psc2 it is, and can be completed by a shell."""

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import wave
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from psc2 import resources, version
from psc2.commands.arguments import SHELLS
from psc2.commands.main import main
from psc2.demo import demo
from tests.daemons import daemon
from tests.supercollider.conftest import require_programs

ROOT = Path(__file__).resolve().parent.parent
PAGE = resources.PACKAGE / "web" / "page"
OF_ITS_OWN = {  # what a wheel has inside the package and a checkout beside it
    path.relative_to(ROOT).as_posix(): path.read_bytes()
    for folder in ("configs", "sclang")
    for path in sorted((ROOT / folder).rglob("*"))
    if path.is_file()
}
MOST_BYTES = 20_000_000
HERE = version.commit()


def build(tree: Path, folder: Path, *targets: str) -> None:
    """As ``pip`` and ``build`` do it, without a network."""
    arguments = [word for target in targets for word in ("-t", target)]
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder), *arguments]
    subprocess.run(command, cwd=tree, check=True, capture_output=True, timeout=100)


def only(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of this tree."""
    folder = tmp_path_factory.mktemp("built")
    build(ROOT, folder, "wheel", "sdist")
    return folder


@pytest.fixture(scope="module")
def wheel(built: Path) -> dict[str, bytes]:
    return contents(only(built, "*.whl"))


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as file:
        return {name: file.read(name) for name in file.namelist()}


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist's tree."""
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(only(built, "*.tar.gz")) as file:
        if hasattr(tarfile, "data_filter"):
            file.extraction_filter = tarfile.data_filter
        file.extractall(folder)
    return only(folder, "psc2-*")


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, which finds everything else where the tests do."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(folder, symlinks=os.name != "nt")
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    site_packages = subprocess.check_output(
        [programs / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    theirs = {path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    Path(site_packages, "others.pth").write_text("\n".join(theirs))
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(programs / "python")]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", str(only(built, "*.whl"))],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    return programs


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PYTHONPATH", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*command: str | Path) -> str:
    """What it prints, having ended well."""
    ended = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=100)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout


# ── what is in it


def test_a_wheel_holds_all_that_playing_needs(wheel: dict[str, bytes]) -> None:
    held = {name.removeprefix("psc2/"): data for name, data in wheel.items()}
    assert OF_ITS_OWN.keys() >= {"configs/default.yaml", "sclang/psc2.scd", "sclang/audio/kick.wav"}
    assert OF_ITS_OWN.items() <= held.items()
    bundles = {path.name: path.read_bytes() for path in resources.BUNDLES.glob("*.[mn][adp]*")}
    assert bundles.keys() == {
        "changes.npz", "changes.md", "groove.mag", "groove.md", "weimar.mag", "weimar.md",
    }  # fmt: skip
    assert {f"models/bundles/{name}": data for name, data in bundles.items()}.items() <= held.items()
    page = {path.relative_to(resources.PACKAGE).as_posix(): path.read_bytes() for path in PAGE.rglob("*.js")}
    assert "web/page/sound/processor.js" in page
    assert page.items() <= held.items()


def test_a_wheel_holds_no_more_than_that(wheel: dict[str, bytes], built: Path) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"psc2"}
    assert not [name for name in wheel if name.endswith((".png", ".pyc"))]
    for file in built.iterdir():
        assert file.stat().st_size < MOST_BYTES


def test_a_wheel_of_the_sdist_is_the_same_wheel(
    wheel: dict[str, bytes], unpacked: Path, tmp_path: Path
) -> None:
    build(unpacked, tmp_path, "wheel")
    again = contents(only(tmp_path, "*.whl"))
    assert again.keys() == wheel.keys()
    assert {name for name in wheel if again[name] != wheel[name]} <= {only_record(wheel)}


def only_record(wheel: dict[str, bytes]) -> str:
    """The list of files, whose order is free."""
    (name,) = (name for name in wheel if name.endswith(".dist-info/RECORD"))
    return name


def test_an_sdist_has_the_tests_the_scripts_and_the_papers(unpacked: Path) -> None:
    papers = ("README.md", "docs/rig.md", "docs/pictures/panel.svg", "CHANGELOG.md", "LICENSE")
    for name in ("tests/test_install.py", "scripts/test", *papers):
        assert (unpacked / name).read_bytes() == (ROOT / name).read_bytes()
    assert not (unpacked / ".venv").exists()


def test_an_editable_install_is_only_a_pointer(tmp_path: Path) -> None:
    code = "import sys; from hatchling.build import build_editable; print(build_editable(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=True, capture_output=True)
    held = contents(only(tmp_path, "*.whl"))
    assert not [name for name in held if name.startswith("psc2/")]
    assert held["_editable_impl_psc2.pth"].decode().strip() == str(ROOT)


# ── it plays


def test_an_installed_wheel_is_what_runs_and_finds_its_files(installed: Path, elsewhere: Path) -> None:
    code = "from psc2 import resources as r; print(r.PACKAGE, r.ROOT, r.SCLANG_SCRIPT, r.SONGS, sep='\\n')"
    package, root, script, songs = map(Path, run(installed / "python", "-c", code).splitlines())
    assert package.is_relative_to(installed.parent)
    assert (root, script, songs) == (package, package / "sclang" / "psc2.scd", package / "configs" / "songs")
    assert (script.parent / "audio" / "kick.wav").is_file()


@pytest.fixture(scope="module")
def heard(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel's demo writes."""
    folder = tmp_path_factory.mktemp("somewhere")
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(installed / "psc2"), "demo", "--out", "heard"]
    subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True, timeout=100)
    return folder / "heard"


def test_the_demo_of_a_wheel_is_that_of_the_checkout(heard: Path, tmp_path: Path) -> None:
    written = demo.write(demo.perform(demo.SONG, seed=0), tmp_path)
    assert [path.name for path in written] == ["demo.mid", "demo.png"]
    assert (heard / "demo.mid").read_bytes() == (tmp_path / "demo.mid").read_bytes()
    assert (heard / "demo.png").is_file()


@pytest.mark.supercollider
def test_a_wheel_sounds(heard: Path) -> None:
    require_programs()
    with wave.open(str(heard / "demo.wav")) as sound:
        assert sound.getnframes() / sound.getframerate() > 30
        width, data = sound.getsampwidth(), sound.readframes(sound.getnframes())
    loudest = np.abs(np.frombuffer(data, np.int8)[width - 1 :: width].astype(int)).max()  # 128: full scale
    assert loudest > 10


@pytest.mark.loopback
def test_a_wheel_plays(installed: Path, elsewhere: Path) -> None:
    with daemon("--seed", "1", program=[str(installed / "psc2")]) as (process, client):
        client.hello()
        client.control(41)
        client.key_down(60)
        client.receive_until("/playwurly")
        process.terminate()
        output = process.communicate(timeout=10)[0].splitlines()
        assert "melody by weimar, drums by groove" in output
        assert not [line for line in output if "cannot be loaded" in line]


def test_a_wheel_has_the_models_and_the_settings_that_come_with_it(installed: Path, elsewhere: Path) -> None:
    listed = run(installed / "psc2", "models", "list")
    assert [line.split()[0] for line in listed.splitlines()[:3]] == ["changes", "groove", "weimar"]
    assert "damaged" not in listed
    assert "qpm: 120.0" in run(installed / "psc2", "config", "show")


# ── which psc2 it is


def test_the_version_tells_the_commit(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == f"psc2 {version.describe()}\n"
    assert version.describe().endswith(f" ({HERE})")


def test_what_is_built_tells_the_commit_that_it_was_built_from(
    installed: Path, unpacked: Path, elsewhere: Path
) -> None:
    number = version.describe().split()[0]
    assert run(installed / "psc2", "--version") == f"psc2 {number} ({HERE})\n"
    assert version.commit(unpacked / "psc2") == HERE


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of its own, with a package in it; nothing is committed yet."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    tree = tmp_path / "tree"
    (tree / "psc2").mkdir(parents=True)
    (tree / "psc2" / "notes.py").write_text("C = 60\n")
    git(tree, "init", "--quiet")
    return tree


def git(tree: Path, *arguments: str) -> str:
    who = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.org")
    return subprocess.check_output(["git", *who, *arguments], cwd=tree, text=True).strip()


def commit(tree: Path) -> str:
    """The first digits of the new commit."""
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message", "Play")
    return git(tree, "rev-parse", "HEAD")[: version.SHORT]


def test_a_checkout_tells_its_commit_and_whether_it_was_changed(repository: Path) -> None:
    package = repository / "psc2"
    assert version.commit(package) == "unknown"
    first = commit(repository)
    assert version.commit(package) == first
    (package / "new.py").write_text("D = 62\n")  # not psc2's yet
    assert version.commit(package) == first
    (package / "notes.py").write_text("C = 48\n")
    assert version.commit(package) == f"{first}, changed"
    second = commit(repository)
    assert version.commit(package) == second != first


def test_neither_a_repository_around_psc2_nor_one_that_git_is_told_of_is_taken_for_its_own(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = commit(repository)
    (repository / "site-packages" / "psc2").mkdir(parents=True)
    assert version.commit(repository / "site-packages" / "psc2") == "unknown"
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other"))
    assert version.commit(repository / "psc2") == first


def test_without_git_the_commit_is_unknown(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(repository)
    monkeypatch.setenv("PATH", "")
    assert version.commit(repository / "psc2") == "unknown"


def test_starting_asks_git_nothing() -> None:
    code = "import sys; import psc2.commands.main; psc2.commands.main.parser(); print(*sys.modules)"
    loaded = run(sys.executable, "-c", code).split()
    assert "psc2.commands.arguments" in loaded
    assert not {"psc2.version", "subprocess", "importlib.metadata", "shtab", "pydantic"} & set(loaded)


# ── completion

COMPLETE = """
eval "$(psc2 completion bash)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_shtab_psc2
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a few files, and psc2 on the path."""
    monkeypatch.chdir(tmp_path)
    for name in ("blues.yaml", "solo.mid", "mine.mag", "notes.txt", "solos/one.mid"):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()
    monkeypatch.setenv("PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


CASES: Sequence[tuple[str, set[str]]] = [
    ("con", {"config"}),
    ("config ", {"show", "path", "edit", "schema"}),
    ("config sch", {"schema"}),
    ("config schema ", {"config", "controller"}),
    ("play --no", {"--no-sclang", "--no-web", "--no-open"}),
    ("play --config ", {"blues.yaml", "solos"}),
    ("demo --out ", {"solos"}),
    ("models add m", {"mine.mag"}),
    ("models show ", {"changes", "groove", "markov", "weimar"}),
    ("models generate weimar --engine ", {"native", "magenta"}),
    ("models report we", {"weimar"}),
    ("completion ", set(SHELLS)),
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(("line", "expected"), CASES)
def test_bash_completes(desk: None, line: str, expected: set[str]) -> None:
    output = run("bash", "--norc", "-c", COMPLETE, "bash", "psc2", *line.split(" "))
    assert set(output.split()) == expected


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
@pytest.mark.parametrize(("line", "expected"), CASES)
def test_fish_completes(desk: None, line: str, expected: set[str]) -> None:
    output = run("fish", "--no-config", "-c", f"psc2 completion fish | source; complete -C 'psc2 {line}'")
    assert {row.split("\t")[0].rstrip("/") for row in output.splitlines()} == expected


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_zsh_takes_the_script(desk: None) -> None:
    script = 'autoload -Uz compinit; compinit -D -u; eval "$(psc2 completion zsh)"; print $_comps[psc2]'
    assert run("zsh", "-f", "-c", script) == "_shtab_psc2\n"


def test_a_model_that_was_just_added_is_among_the_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PSC2_MODELS", str(tmp_path))
    (tmp_path / "mine.npz").touch()
    assert main(["models", "names"]) == 0
    assert capsys.readouterr().out.split() == ["changes", "groove", "markov", "mine", "weimar"]


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_a_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert "psc2 models names" in script
    assert "--no-sclang" in script or "no-sclang" in script
