"""What all tests share."""

import os
import signal
from collections.abc import Iterator

import pytest

from psc2 import resources
from psc2.models.bundles import store

pytest.register_assert_rewrite("tests.supercollider.every_voice")  # so that its failures show values, too


@pytest.fixture(scope="session", autouse=True)
def nobodys_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """psc2's own models and settings, and a folder for logs, whatever whoever runs the tests has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(store.VARIABLE, str(tmp_path_factory.mktemp("nobodys") / "models"))
        patch.setenv(resources.CONFIG_VARIABLE, os.devnull)
        patch.setenv(resources.LOGS_VARIABLE, str(tmp_path_factory.mktemp("nobodys") / "logs"))
        yield


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> Iterator[None]:
    """Ctrl-C ends what the tests start, even where they were started in the background, without it."""
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def signals_as_before() -> Iterator[None]:
    """A command that runs within a test leaves its handlers behind."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
