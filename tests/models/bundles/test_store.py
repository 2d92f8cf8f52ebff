"""Models where they are kept: installed whole or not at all, found again, never executed."""

import hashlib
import io
import json
import os
import pickle
import resource
import signal
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from psc2 import resources
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models.bundles import files, store
from psc2.models.bundles.bundle import Bundle, read_bundle
from psc2.models.rnn.native import NativeRnn
from tests.models.bundles import tables
from tests.models.bundles.examples import Foundry, same, weights, written

GOOD = written("attention_rnn", (6, 4), 5)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where models are kept; it is not there yet."""
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "my models"))
    return tmp_path / "my models"


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def error_of(name: str) -> str:
    """What is said of a model that cannot be read: one line."""
    with pytest.raises(ModelError) as raised:
        store.read(name)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 600
    return str(raised.value)


# --- installing -----------------------------------------------------------------------


def test_what_is_installed_is_what_was_in_the_bundle(folder: Path) -> None:
    added = store.add(GOOD, "mine", "mine.mag")
    read = store.read("mine")
    assert isinstance(added, Bundle)
    assert same(added, read)
    assert same(read, read_bundle(GOOD))
    assert (read.description, read.sha256) == (added.description, added.sha256)
    assert (store.installed(), listing(folder)) == (["mine"], ["mine.npz"])
    assert store.names() == ["changes", "groove", "mine", "weimar"]
    events = [60, 62, -2, 64]
    assert np.array_equal(NativeRnn(read).softmaxes(events), NativeRnn(added).softmaxes(events))


@pytest.mark.models
def test_a_model_of_2016_is_installed_with_the_metagraph_that_it_needs(
    folder: Path, foundry: Foundry
) -> None:
    data = foundry.make_old((24, 16, 20), 7)
    store.add(data, "old", "old.mag")
    assert store.read("old").metagraph == foundry.parsed(data).metagraph_file


def test_what_a_model_plays_can_be_reported_without_its_weights(folder: Path) -> None:
    store.add(GOOD, "mine", "mine.mag")
    store.add(written("one_drum"), "kit", "kit.mag")
    assert {name: store.model_of(name) for name in store.names()} == {
        "changes": Model.MELODY,
        "groove": Model.DRUMS,
        "kit": Model.DRUMS,
        "mine": Model.MELODY,
        "weimar": Model.MELODY,
    }


def test_without_models_of_ones_own_there_are_those_that_come_with_psc2(folder: Path) -> None:
    assert (store.installed(), store.names()) == ([], ["changes", "groove", "weimar"])
    assert (
        error_of("mine")
        == "mine: expected one of changes, groove, weimar (psc2 models add FILE.mag installs more)"
    )
    assert not folder.exists()


def test_a_name_that_there_is_not_is_reported_with_those_that_there_are(folder: Path) -> None:
    for name in ("two", "one"):
        store.add(GOOD, name, "x.mag")
    assert error_of("three") == (
        "three: expected one of changes, groove, one, two, weimar (psc2 models add FILE.mag installs more)"
    )


@pytest.mark.parametrize(
    "name", ["", "../x", "a/b", "A", ".x", "-x", "a b", "ä", "x" * 65, "x.npz", "x\n", "/tmp/x", "con:"]
)
def test_a_name_that_is_no_name_is_not_installed(folder: Path, name: str) -> None:
    with pytest.raises(ModelError, match="expected a name of a–z, 0–9"):
        store.add(GOOD, name, "x.mag")
    assert not folder.exists()


def test_a_name_that_is_taken_stays_what_it_is(folder: Path) -> None:
    store.add(GOOD, "mine", "mine.mag")
    before = (folder / "mine.npz").read_bytes()
    with pytest.raises(ModelError, match="mine: expected a new name, got one that is installed"):
        store.add(written("basic_rnn"), "mine", "other.mag")
    assert (folder / "mine.npz").read_bytes() == before
    assert listing(folder) == ["mine.npz"]


@pytest.mark.parametrize("data", [b"", b"text", GOOD[:-1000], tables.bundle("performance_rnn", b"")])
def test_what_is_no_bundle_leaves_nothing_behind(folder: Path, data: bytes) -> None:
    with pytest.raises(ModelError, match=r"^my\.mag: expected "):
        store.add(data, "mine", "my.mag")
    assert not folder.exists()


@contextmanager
def full_disk(max_bytes: int) -> Iterator[None]:
    """No file can be made longer than ``max_bytes``."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.mark.parametrize("max_bytes", [0, 1000, 20_000])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # of zipfile, which gave up
def test_a_disk_that_is_full_leaves_nothing_behind(folder: Path, max_bytes: int) -> None:
    store.add(GOOD, "first", "first.mag")
    with full_disk(max_bytes), pytest.raises(ModelError, match="my models: File too large"):
        store.add(GOOD, "mine", "my.mag")
    assert (listing(folder), store.installed()) == (["first.npz"], ["first"])


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "file" / "models"))
    with pytest.raises(ModelError, match="file/models: Not a directory"):
        store.add(GOOD, "mine", "my.mag")
    assert store.installed() == []


def test_what_is_removed_is_gone(folder: Path) -> None:
    for name in ("one", "two"):
        store.add(GOOD, name, "x.mag")
    store.remove("one")
    assert listing(folder) == ["two.npz"]
    with pytest.raises(ModelError, match="one: expected one of changes, groove, two, weimar"):
        store.remove("one")


@pytest.mark.parametrize("name", ["../two", "two.npz", "*", ""])
def test_nothing_but_a_model_is_removed(folder: Path, name: str) -> None:
    store.add(GOOD, "two", "x.mag")
    with pytest.raises(ModelError, match="expected one of changes, groove, two, weimar"):
        store.remove(name)
    assert listing(folder) == ["two.npz"]


def test_the_folder_is_the_users_own_unless_another_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(store.VARIABLE, raising=False)
    own = store.folder()
    assert own.parts[-2:] == ("psc2", "models")
    monkeypatch.setenv(store.VARIABLE, "")
    assert store.folder() == own
    monkeypatch.setenv(store.VARIABLE, "elsewhere")
    assert store.folder() == Path("elsewhere")


# --- those that come with psc2 --------------------------------------------------------


def test_what_comes_with_psc2_is_what_lies_in_the_package() -> None:
    files = [*resources.BUNDLES.glob("*.mag"), *resources.BUNDLES.glob("*.npz")]
    assert {path.name for path in files} == {*store.FILES.values()}
    assert store.FILES.keys() == store.PACKAGED.keys()
    for name, model in store.PACKAGED.items():
        assert store.read_any(name).configuration.model is model


@pytest.mark.parametrize("name", store.PACKAGED)
def test_a_model_that_comes_with_psc2_is_the_bundle_itself(folder: Path, name: str) -> None:
    path = resources.BUNDLES / store.FILES[name]
    assert store.find(name) == path
    read = store.read_any(name)
    if isinstance(read, Bundle):
        assert same(read, read_bundle(path.read_bytes()))
    assert read.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert not folder.exists()


@pytest.mark.parametrize("name", store.PACKAGED)
def test_a_model_that_comes_with_psc2_stays_and_keeps_its_name(folder: Path, name: str) -> None:
    path = resources.BUNDLES / store.FILES[name]
    before = path.read_bytes()
    with pytest.raises(ModelError) as raised:
        store.remove(name)
    assert str(raised.value) == f"{name}: expected a model of yours, got one that comes with psc2 and stays"
    with pytest.raises(ModelError) as raised:
        store.add(GOOD, name, "x.mag")
    assert str(raised.value) == f"{name}: expected a new name, got one that comes with psc2 (--name)"
    assert path.read_bytes() == before
    assert not folder.exists()


def test_what_the_user_had_under_such_a_name_goes_before_it_until_it_is_removed(folder: Path) -> None:
    store.add(written("one_drum"), "mine", "mine.mag")
    (folder / "mine.npz").rename(folder / "weimar.npz")  # as an older psc2 let one do
    assert (store.names(), store.installed()) == (["changes", "groove", "weimar"], ["weimar"])
    assert store.find("weimar") == folder / "weimar.npz"
    assert store.model_of("weimar") is Model.DRUMS
    assert same(store.read("weimar"), read_bundle(written("one_drum")))
    store.remove("weimar")
    assert store.find("weimar") == resources.BUNDLES / "weimar.mag"
    assert store.model_of("weimar") is Model.MELODY
    with pytest.raises(ModelError, match="comes with psc2 and stays"):
        store.remove("weimar")


@pytest.mark.parametrize("content", [b"", b"version https://git-lfs.github.com/spec/v1\n"])
def test_a_bundle_of_the_package_that_is_damaged_is_reported(
    folder: Path, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "BUNDLES", tmp_path)
    assert error_of("weimar") == f"{tmp_path}/weimar.mag: No such file or directory"
    (tmp_path / "weimar.mag").write_bytes(content)
    assert error_of("weimar") == (
        f"{tmp_path}/weimar.mag: expected a Magenta bundle (.mag), got something else; "
        "it is damaged: install psc2 again"
    )


# --- copies that are damaged, or were never ours --------------------------------------


@pytest.fixture
def installed(folder: Path) -> Path:
    store.add(GOOD, "mine", "mine.mag")
    return folder / "mine.npz"


def test_every_end_that_a_copy_may_have_too_soon(installed: Path) -> None:
    whole = installed.read_bytes()
    for length in range(0, len(whole), 97):
        installed.write_bytes(whole[:length])
        assert "it is damaged: psc2 models remove mine" in error_of("mine")


def test_an_odd_name_can_be_typed_as_its_cure_has_it(installed: Path) -> None:
    installed.with_name("my lead.npz").write_bytes(b"")
    assert "psc2 models remove 'my lead', and add it again" in error_of("my lead")


def test_a_copy_with_wrong_bytes_is_reported_or_the_same(installed: Path) -> None:
    whole, good = installed.read_bytes(), read_bundle(GOOD)
    random = np.random.default_rng(1)
    directory = whole.index(b"PK\x01\x02")
    for number in range(1200):
        wrong = bytearray(whole)
        place = int(random.integers(directory if number % 2 else 0, len(whole)))
        wrong[place] ^= int(random.integers(1, 256))
        installed.write_bytes(wrong)
        try:
            read = store.read("mine")
        except ModelError:
            assert "it is damaged: psc2 models remove mine, and add it again" in error_of("mine")
        else:
            assert same(read, good)


class Vandal:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._path}",)


def entries(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def rewrite(path: Path, contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)


def array_file(array: object, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, np.asarray(array), allow_pickle=allow_pickle)
    return file.getvalue()


def test_a_pickle_within_a_copy_is_not_opened(installed: Path, tmp_path: Path) -> None:
    contents = entries(installed)
    kernel = next(name for name in contents if name.endswith("kernel.npy"))
    vandal = np.empty((1,), object)
    vandal[0] = Vandal(tmp_path / "made")
    for content in (array_file(vandal, allow_pickle=True), pickle.dumps(vandal[0])):
        rewrite(installed, {**contents, kernel: content})
        error_of("mine")
    installed.write_bytes(pickle.dumps(vandal[0]))
    error_of("mine")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"text", array_file([1.0, 2.0]), b"PK\x05\x06" + bytes(18), b"\x93NUMPY\x01\0\xff\xff{"],
    ids=["empty", "text", "array", "empty zip", "no array"],
)
def test_another_file_in_place_of_a_copy(installed: Path, content: bytes) -> None:
    installed.write_bytes(content)
    assert "it is damaged" in error_of("mine")


def test_a_pipe_in_place_of_a_copy_holds_nobody_up(installed: Path) -> None:
    installed.unlink()
    os.mkfifo(installed)
    assert error_of("mine") == f"{installed}: expected a file, got something else"
    with pytest.raises(ModelError, match="it is damaged"):
        store.model_of("mine")


def test_a_copy_that_is_larger_inside_than_outside(installed: Path) -> None:
    contents = {**entries(installed), "rnn/more/kernel.npy": array_file(np.zeros(1_000_000, np.float32))}
    with zipfile.ZipFile(installed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in contents.items():
            file.writestr(name, content)
    assert "it is damaged" in error_of("mine")


def test_a_folder_in_place_of_a_copy(installed: Path) -> None:
    installed.unlink()
    installed.mkdir()
    assert error_of("mine") == f"{installed}: Is a directory"


METADATA: dict[str, object] = {
    "format": 1,
    "model": "melody",
    "configuration": "attention_rnn",
    "description": "by hand",
    "attention_length": 5,
    "units": [6, 4],
    "sha256": "0" * 64,
}


UNTRUE: list[object] = [
    None,
    [],
    "x",
    7,
    {},
    {**METADATA, "format": 2},
    {**METADATA, "configuration": "performance_rnn"},
    {**METADATA, "configuration": ["attention_rnn"]},
    {**METADATA, "configuration": "lookback_rnn"},
    {**METADATA, "attention_length": "5"},
    {**METADATA, "model": "drums"},
    {**METADATA, "attention_length": None},
    {**METADATA, "attention_length": 5.0},
    {**METADATA, "attention_length": True},
    {**METADATA, "attention_length": 0},
    {**METADATA, "attention_length": -5},
    {**METADATA, "attention_length": 10**12},
    *({**METADATA, "units": units} for units in ([], [6], [6, 4, 4], [4, 6], ["6", "4"], None, "6, 4")),
    {**METADATA, "description": 7},
    {**METADATA, "sha256": None},
    *({key: value for key, value in METADATA.items() if key != lost} for lost in METADATA),
]
NO_JSON = [b"", b"{", b"\xff\xfe", b"[" * 100_000]


@pytest.mark.parametrize(
    "about",
    [*NO_JSON, *(json.dumps(about).encode() for about in UNTRUE)],
    ids=lambda about: about.decode(errors="replace")[-70:],
)
def test_a_copy_that_says_something_else_of_itself(installed: Path, about: bytes) -> None:
    rewrite(installed, {**entries(installed), files.METADATA_ENTRY: about})
    assert "it is damaged" in error_of("mine")


KERNEL = "rnn/multi_rnn_cell/cell_1/basic_lstm_cell/kernel"


@pytest.mark.parametrize(
    "kernel",
    [
        array_file(weights("attention_rnn", (6, 4), 5)[KERNEL].astype(np.float64)),
        array_file(weights("attention_rnn", (6, 4), 5)[KERNEL].astype(str)),
        array_file(weights("attention_rnn", (6, 4), 5)[KERNEL].astype(complex)),
        array_file(weights("attention_rnn", (6, 4), 5)[KERNEL] * np.float32("nan")),
        array_file(weights("attention_rnn", (6, 4), 5)[KERNEL].T),
        array_file(np.float32(1.0)),
        b"no array",
        b"\x93NUMPY\x01\x00\x46\x00{'descr': '<f4', 'fortran_order': False, 'shape': (10000000000000,), }",
    ],
    ids=["doubles", "strings", "complex", "nan", "other shape", "a number", "no array", "giant"],
)
def test_a_copy_whose_weights_are_of_another_kind(installed: Path, kernel: bytes) -> None:
    rewrite(installed, {**entries(installed), f"{KERNEL}.npy": kernel})
    assert "it is damaged" in error_of("mine")


def test_each_entry_of_a_copy_is_needed(installed: Path) -> None:
    contents = entries(installed)
    assert len(contents) == 14 + 2
    for lost in contents:
        rewrite(installed, {name: content for name, content in contents.items() if name != lost})
        assert "it is damaged" in error_of("mine")


EQUAL = written("drum_kit", (4, 4, 4))


@pytest.mark.parametrize("lost", range(3))
def test_each_layer_of_a_copy_is_needed_also_where_all_are_alike(folder: Path, lost: int) -> None:
    store.add(EQUAL, "kit", "kit.mag")
    path = store.find("kit")
    kept = {name: content for name, content in entries(path).items() if f"cell_{lost}/" not in name}
    assert len(kept) == len(entries(path)) - 2
    rewrite(path, kept)
    assert "it is damaged" in error_of("kit")


def test_weights_that_nobody_uses_are_no_part_of_a_copy(installed: Path) -> None:
    contents = entries(installed)
    rewrite(installed, {**contents, "rnn/kernel.npy": contents["fully_connected/kernel.npy"]})
    assert "it is damaged" in error_of("mine")


def test_a_damaged_copy_can_be_removed_and_added_again(installed: Path) -> None:
    installed.write_bytes(b"")
    store.remove("mine")
    store.add(GOOD, "mine", "mine.mag")
    assert same(store.read("mine"), read_bundle(GOOD))


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x05\x06" + bytes(18)])
def test_what_a_damaged_model_plays_cannot_be_reported(installed: Path, content: bytes) -> None:
    installed.write_bytes(content)
    with pytest.raises(ModelError, match="it is damaged: psc2 models remove mine"):
        store.model_of("mine")


@pytest.mark.parametrize(
    "about",
    [
        *(b"{", b"[" * 60_000, b"[]", b" " * 70_000 + b"{}"),
        *(json.dumps({**METADATA, "model": model}).encode() for model in (7, "organ")),
    ],
)
def test_what_a_model_says_of_itself_is_all_there_or_nothing(installed: Path, about: bytes) -> None:
    rewrite(installed, {**entries(installed), files.METADATA_ENTRY: about})
    with pytest.raises(ModelError, match="it is damaged"):
        store.model_of("mine")


def test_a_copy_of_many_entries_is_not_looked_into(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(installed, {**entries(installed), **{f"none_{number}": b"" for number in range(3_000)}})
    opened: list[object] = []
    monkeypatch.setattr(zipfile, "ZipFile", lambda *_: opened.append(1))
    assert "it is damaged" in error_of("mine")
    with pytest.raises(ModelError, match="it is damaged"):
        store.model_of("mine")
    assert opened == []


def test_a_description_cannot_steer_the_terminal(folder: Path) -> None:
    store.add(written("one_drum"), "kit", "kit.mag")
    path = store.find("kit")
    with zipfile.ZipFile(path) as copy:
        entries = {name: copy.read(name) for name in copy.namelist()}
    about = json.loads(entries[files.METADATA_ENTRY]) | {"description": "\x1b[2Jgone\nline"}
    with zipfile.ZipFile(path, "w") as copy:
        for name, data in (entries | {files.METADATA_ENTRY: json.dumps(about).encode()}).items():
            copy.writestr(name, data)
    assert store.read("kit").description == "�[2Jgone�line"
