"""What axe-core, which npm installs, finds in the page: in both themes, at three sizes, in all views."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.web.pages import SIZES, Page

pytestmark = pytest.mark.browser

AXE = Path(__file__).resolve().parents[2] / ".venv/page/node_modules/axe-core/axe.min.js"
VIEWS = ("all", "display", "controller")
FORBIDDEN = ("serious", "critical")
RUN = """
const done = arguments[arguments.length - 1];
axe.run(document, { resultTypes: ["violations"] })
  .then(({ violations }) => done(violations), (error) => done(String(error)));
"""


@pytest.fixture(scope="module")
def page(modules: Page) -> Page:
    """One with axe-core in it, by the browser's own tools: the page's policy lets no stranger's script in."""
    if not AXE.exists():
        reason = "not installed: axe-core; scripts/test installs it where npm is there"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    modules.run(AXE.read_text(encoding="utf-8"))
    return modules


@contextmanager
def shown(page: Page, theme: str, size: str) -> Iterator[None]:
    """The page in a theme and at a size, while the block runs."""
    width, height = SIZES[size]
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
    features = [{"name": "prefers-color-scheme", "value": theme}]
    page.run("")
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        yield
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
        page.run("location.hash = 'all'")


def findings(page: Page) -> list[tuple[str, str, Any]]:
    """What should not be: how grave, which rule, where."""
    violations = page.driver.execute_async_script(RUN)
    assert isinstance(violations, list), violations
    return [
        (one["impact"], one["id"], [node["html"][:150] for node in one["nodes"]])
        for one in violations
        if one["impact"] in FORBIDDEN
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious(page: Page, theme: str, size: str, view: str) -> None:
    with shown(page, theme, size):
        page.run(f"location.hash = '{view}'")
        page.wait(lambda: page.run("return document.body.dataset.view") == view)
        assert findings(page) == []


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_serious_while_all_keys_are_shown(page: Page, theme: str) -> None:
    with shown(page, theme, "laptop"):
        page.run("window.psc2.page.keys.showKeys(true)")
        try:
            assert findings(page) == []
        finally:
            page.run("window.psc2.page.keys.showKeys(false)")
