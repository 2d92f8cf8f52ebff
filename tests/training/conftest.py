"""Training is tested where its extra is installed."""

from importlib import util

import pytest

from tests.models.conftest import foundry as foundry  # a fixture here too
from tests.models.conftest import without


@pytest.fixture(scope="session")
def jax() -> None:
    for name in ("jax", "optax"):
        if util.find_spec(name) is None:
            without(f"{name} is not installed: scripts/extra train")
