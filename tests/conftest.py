"""What all tests share."""

from collections.abc import Iterator

import pytest

from psc2.models import store


@pytest.fixture(scope="session", autouse=True)
def nobodys_models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The models that come with psc2 play, whatever whoever runs the tests has installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.VARIABLE, str(tmp_path_factory.mktemp("nobodys") / "models"))
        yield
