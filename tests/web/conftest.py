"""One browser and one instrument for all tests of this folder; starting them takes a few seconds."""

from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver import Chrome

from tests.web.browser import browser, require_browser
from tests.web.pages import Page, instrument
from tests.web.sound_studio import SoundStudio, sound_studio


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundStudio]:
    """A page of its own that the page's sound is rendered in."""
    require_browser()
    with sound_studio(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    require_browser()
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture
def open_page(driver: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Page]]:
    """Opens pages, which are closed in the end."""
    opened: list[Page] = []

    def open_page(address: str, before: str = "") -> Page:
        opened.append(Page(driver, address, before))
        return opened[-1]

    yield open_page
    for page in opened:
        page.close()


@pytest.fixture
def page(open_page: Callable[..., Page], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page of an instrument that nobody has touched."""
    with instrument(tmp_path_factory.mktemp("instrument")) as address:
        yield open_page(address)


@pytest.fixture(scope="session")
def modules(driver: Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page whose modules are looked at one by one, and which nobody plays."""
    with instrument(tmp_path_factory.mktemp("instrument")) as address:
        yield Page(driver, address)
