"""A headless Chromium, and a server for what it opens, which allows as little as the page's own will."""

import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

POLICY = "default-src 'self'; script-src 'self'; style-src 'self'; base-uri 'none'; object-src 'none'"
TYPES = {".js": "text/javascript", ".wav": "audio/wav"}
PROGRAMS = ("chromium", "chromedriver")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
)


def require_browser() -> None:
    """Skips where Chromium or its driver is missing; fails there if CI=true."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        reason = f"not installed: {', '.join(missing)}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def browser(profile: Path) -> Iterator[Chrome]:
    """A browser with a profile of its own, an empty folder."""
    options = ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = Chrome(options, Service(shutil.which("chromedriver")))
    try:
        driver.set_script_timeout(60)
        yield driver
    finally:
        driver.quit()


@contextmanager
def served(folders: Mapping[str, Path], pages: Mapping[str, str]) -> Iterator[str]:
    """A server on 127.0.0.1, at this address: pages, and the files of folders, by the beginning of a path."""

    class Handler(SimpleHTTPRequestHandler):
        def guess_type(self, path: str | os.PathLike[str]) -> str:
            return TYPES.get(Path(path).suffix, "application/octet-stream")

        def translate_path(self, path: str) -> str:
            path = urlsplit(path).path
            for prefix, folder in folders.items():
                if path.startswith(prefix):
                    return str(folder / Path(path.removeprefix(prefix)))
            return os.devnull + path

        def do_GET(self) -> None:
            page = pages.get(self.path)
            if page is None:
                super().do_GET()
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", POLICY)
            super().end_headers()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def complaints(driver: Chrome) -> list[str]:
    """What the browser has had to say since it was last asked."""
    entries: list[dict[str, Any]] = driver.get_log("browser")  # type: ignore[no-untyped-call]
    return [str(entry["message"]) for entry in entries]
