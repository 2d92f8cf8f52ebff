"""A page of a real psc2 in a real browser, and what a person does with it."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

from selenium.webdriver import Chrome
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.daemons import daemon
from tests.repeating import repeating

PATIENCE_S = 20.0
HELLO_S = 1.0  # so often that nobody is missed, however slow the browser is
PAGE = "window.psc2.page"
SIZES = {"phone": (360, 640), "laptop": (1366, 768), "stage": (1920, 1080)}  # of screens, in CSS pixels

T = TypeVar("T")


@contextmanager
def instrument(
    folder: Path,
    port: int = 0,
    has_supercollider: bool = False,
    more: str = "",
    command: tuple[str, ...] = ("play",),
) -> Iterator[str]:
    """psc2 play, or another ``command`` that does, and the address of its page.

    ``has_supercollider``: whether something says hello as SuperCollider does, every second. ``more``:
    further settings of ``web``, in YAML.
    """
    config = folder / "page.yaml"
    config.write_text(f"web: {{port: {port}{more}}}\n", encoding="utf-8")
    name, *options = command
    with daemon("--plain", "--config", str(config), *options, command=name) as (process, client):
        assert process.stdout is not None
        with repeating(client.hello, HELLO_S) if has_supercollider else nullcontext():
            for line in process.stdout:
                if found := re.search(r"http://[\d.]+:\d+/", line):
                    yield found[0]
                    return
        raise AssertionError("it has not said where its page is")


class Page:
    """A page in a tab of its own; whatever is asked of it, its tab comes to the front first."""

    def __init__(self, driver: Chrome, address: str, before: str = "") -> None:
        """``before``: a script that runs before the page's own."""
        driver.switch_to.new_window("tab")
        self.driver = driver
        self._tab = driver.current_window_handle
        if before:
            driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": before})
        driver.get(address)
        self.wait(lambda: self.run(f"return {PAGE}?.shown != null && {PAGE}.clock.isSet"))

    def close(self) -> None:
        self.driver.switch_to.window(self._tab)
        self.driver.close()
        self.driver.switch_to.window(self.driver.window_handles[0])

    def run(self, script: str, *arguments: object) -> Any:
        """What a script in the page returns."""
        if self.driver.current_window_handle != self._tab:
            self.driver.switch_to.window(self._tab)
        return self.driver.execute_script(script, *arguments)

    def module(self, path: str, expression: str, *arguments: object) -> Any:
        """What an expression of a module is, named ``module``; its arguments are ``given``."""
        self.run("")
        script = f"""
            const done = arguments[arguments.length - 1], given = [...arguments].slice(0, -1);
            import("{path}").then((module) => done({{ value: {expression} }}))
              .catch((error) => done(String(error)));
        """
        answer = self.driver.execute_async_script(script, *arguments)
        assert isinstance(answer, dict), answer
        return answer.get("value")

    def wait(self, until: Callable[[], T]) -> T:
        """What ``until`` returns, once that is something."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            if found := until():
                return found
            assert time.monotonic() < deadline, f"waited in vain: {self.driver.title}"
            time.sleep(0.02)

    def snapshot(self, path: str) -> Any:
        """A part of what the page shows: ``"recording.layer"``."""
        return self.run(f"return {PAGE}.shown.snapshot.{path.replace('.', '?.')} ?? null")

    def wait_for(self, path: str, value: object) -> None:
        self.wait(lambda: self.snapshot(path) == value)

    def text(self, selector: str) -> str:
        self.run("")
        return self.driver.find_element(By.CSS_SELECTOR, selector).text

    def click(self, selector: str) -> None:
        self.run("")
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def start(self) -> None:
        """Press START, and wait until the page sounds."""
        self.click("#start .big")
        self.wait(
            lambda: self.run(f"return {PAGE}.sounding.here && {PAGE}.sounding.context.state === 'running'")
        )

    def type(self, *keys: str, pause_s: float = 0.03) -> None:
        """Strike keys of the computer's keyboard, one after the other."""
        self.run("")
        for key in keys:
            ActionChains(self.driver).key_down(key).pause(pause_s).key_up(key).perform()

    def hold(self, key: str) -> None:
        self.run("")
        ActionChains(self.driver).key_down(key).perform()

    def let_go(self, key: str) -> None:
        self.run("")
        ActionChains(self.driver).key_up(key).perform()

    def said(self) -> list[dict[str, Any]]:
        """What hands and devices have said since ``listen``: neither pings nor who sounds."""
        said: list[dict[str, Any]] = self.run(
            "return window.said.filter(({ type }) => type !== 'Ping' && type !== 'SoundHere')"
        )
        return said

    def listen(self) -> None:
        """Take down from now on what the page says and what its band is given."""
        self.run(f"""
            window.said = []; window.played = [];
            const connection = {PAGE}.connection, sounding = {PAGE}.sounding;
            if (window.isHeard) return;
            window.isHeard = true;
            const say = connection.say.bind(connection);
            connection.say = (message) => {{ window.said.push(message); return say(message); }};
            const listen = () => {{
              const band = sounding.band;
              if (band === null) return setTimeout(listen, 5);
              const play = band.play.bind(band);
              band.play = (effect, when) => {{
                window.played.push({{ effect, when, now: sounding.context.currentTime }});
                play(effect, when);
              }};
            }};
            listen();
        """)

    def played(self, kind: str) -> list[dict[str, Any]]:
        """Effects of a kind that the band was given since ``listen``, with their moment and when that was."""
        played: list[dict[str, Any]] = self.run(
            "return window.played.filter(({ effect }) => effect.type === arguments[0])", kind
        )
        return played
