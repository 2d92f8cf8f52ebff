"""The file of a network that hears intervals."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.bundles import store
from psc2.models.bundles.checkpoint import FormatError
from psc2.models.interval import bundle as bundles
from psc2.models.interval.engine import IntervalRnn
from psc2.models.interval.players import IntervalMelody
from tests.models.interval.networks import weights


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(store.VARIABLE, str(tmp_path / "models"))
    path = tmp_path / "ours.npz"
    bundles.write([weights(1), weights(2)], "Of nothing.", path)
    return path


def test_what_is_read_is_what_was_written(file: Path) -> None:
    read = bundles.read(file)
    assert (read.description, read.units, len(read.sha256)) == ("Of nothing.", [8, 8], 64)
    for member, original in zip(read.members, (weights(1), weights(2)), strict=True):
        assert member.keys() == original.keys()
        assert all(np.array_equal(member[name], original[name]) for name in original)


def test_it_is_installed_listed_opened_and_removed(file: Path) -> None:
    store.add(file.read_bytes(), "ours", str(file))
    assert store.installed() == ["ours"]
    assert catalogue.weighs_pitches("ours")
    assert not catalogue.weighs_pitches("weimar")
    assert isinstance(catalogue.open_bundle(store.read_any("ours"), "native"), IntervalMelody)
    assert isinstance(catalogue.open_rnn(store.read_any("ours"), "native"), IntervalRnn)
    with pytest.raises(ModelError, match="expected the native engine"):
        catalogue.open_rnn(store.read_any("ours"), "magenta")
    with pytest.raises(ModelError, match="expected one of Magenta's networks"):
        store.read("ours")
    store.remove("ours")
    assert store.installed() == []


def changed(file: Path, entry: str, data: bytes | None) -> bytes:
    """The file with another entry in place of one, or without it."""
    made = io.BytesIO()
    with zipfile.ZipFile(file) as given, zipfile.ZipFile(made, "w") as taken:
        for one in given.infolist():
            if one.filename != entry:
                taken.writestr(one.filename, given.read(one))
            elif data is not None:
                taken.writestr(entry, data)
        if entry not in given.namelist() and data is not None:
            taken.writestr(entry, data)
    return made.getvalue()


def array(values: object, dtype: str = "float16") -> bytes:
    made = io.BytesIO()
    np.save(made, np.array(values, dtype))
    return made.getvalue()


def metadata(file: Path, **changes: object) -> bytes:
    with zipfile.ZipFile(file) as archive:
        return json.dumps({**json.loads(archive.read("psc2.json")), **changes}).encode()


@pytest.mark.parametrize(
    ("entry", "data"),
    [
        ("0/lstm/bias.npy", None),
        ("0/lstm/bias.npy", array([0.0] * 31)),
        ("0/lstm/bias.npy", array([float("nan")] * 32)),
        ("0/lstm/bias.npy", array([0.0] * 32, "float64")),
        ("0/lstm/bias.npy", b"nothing of the kind"),
        ("2/lstm/bias.npy", array([0.0] * 32)),
        ("psc2.json", b"{}"),
        ("psc2.json", b"[" * 100_000),
        ("psc2.json", None),
    ],
)
def test_what_is_no_such_file_is_told(file: Path, entry: str, data: bytes | None) -> None:
    with pytest.raises(FormatError, match="expected a model of psc2's own"):
        bundles.parse(changed(file, entry, data))


@pytest.mark.parametrize("change", [{"units": []}, {"units": [8, 9]}, {"units": [8] * 9}, {"format": 2},
                                    {"configuration": "attention_rnn"}])  # fmt: skip
def test_metadata_that_say_something_else_are_told(file: Path, change: dict[str, object]) -> None:
    with pytest.raises(FormatError):
        bundles.parse(changed(file, "psc2.json", metadata(file, **change)))


def test_a_file_that_is_cut_off_anywhere_is_told(file: Path) -> None:
    data = file.read_bytes()
    for end in range(0, len(data), len(data) // 40):
        with pytest.raises(FormatError):
            bundles.parse(data[:end])
