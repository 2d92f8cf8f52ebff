"""Magenta, where it is installed, and a bundle that strangers made, where it lies."""

import os
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from typing import NoReturn

import pytest

from tests import plugins
from tests.models.bundles.examples import Foundry

THIRD_PARTY = "models/third_party_attention_rnn_2016.mag"
SHARED = Path(__file__).resolve().parents[3] / "shared"


def without(reason: str) -> NoReturn:
    """Skips where something is missing; fails there if CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A package of strange models, where a model's process finds it."""
    folder = tmp_path_factory.mktemp("plugins")
    plugins.write(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder))
        yield folder


@pytest.fixture(scope="session")
def foundry(tmp_path_factory: pytest.TempPathFactory) -> Foundry:
    for name in ("magenta", "tensorflow"):
        if util.find_spec(name) is None:
            without(f"{name} is not installed: scripts/extra magenta")
    return Foundry(tmp_path_factory.mktemp("foundry"))


@pytest.fixture(scope="session")
def third_party() -> bytes:
    """An attention_rnn of 2016 that nobody of this project made."""
    path = SHARED / THIRD_PARTY
    if not path.is_file():
        without(f"{path} is not there")
    return path.read_bytes()
