"""The real Chromium with the page in it, which is asked through a probe that is added (``probe.js``)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.benchmarks.measure import MeasureFailed

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

PROBE = Path(__file__).with_name("probe.js")
PROGRAMS = ("chromium", "chromedriver")
PATIENCE_S = 150


def no_browser() -> str:
    """What is missing on this machine, if anything."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    missing += [] if find_spec("selenium") else ["selenium"]
    return f"not installed: {', '.join(missing)}" if missing else ""


class Page:
    """A tab of the browser, in which the probe is added to whatever is opened."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver
        self._tab = driver.current_window_handle
        driver.set_script_timeout(PATIENCE_S)
        self.command("Page.setBypassCSP", enabled=True)  # the probe speaks with an echo of its own, too
        self.before(PROBE.read_text(encoding="utf-8"))

    def command(self, name: str, **arguments: object) -> Any:
        """A command of the DevTools protocol."""
        return self.driver.execute_cdp_cmd(name, arguments)

    def before(self, script: str) -> None:
        """Let a script run before those of what is opened."""
        self.command("Page.addScriptToEvaluateOnNewDocument", source=script)

    def open(self, address: str) -> None:
        """Begin to open an address."""
        self.command("Page.navigate", url=address)

    def ask(self, expression: str, *arguments: object) -> Any:
        """What an expression comes to, or its promise; its arguments are ``given``. Raises: MeasureFailed."""
        script = f"""
            const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
            Promise.resolve({expression})
              .then((value) => done({{ value }}), (error) => done({{ error: `${{error}}` }}));
        """
        answer = self.driver.execute_async_script(script, *arguments)
        if "error" in answer:
            raise MeasureFailed(f"the page: {answer['error']}")
        return answer["value"]


@contextmanager
def running_browser(folder: Path) -> Iterator[Page]:
    """A browser while the block runs, with nothing in its cache."""
    from tests.web.browser import browser

    profile = folder / "browser"
    shutil.rmtree(profile, ignore_errors=True)
    with browser(profile) as driver:
        yield Page(driver)
