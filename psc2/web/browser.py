"""The computer's own browser, where there is one to be seen."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from contextlib import suppress


def open_page(address: str) -> None:
    """Open an address in the browser, in a thread of its own; where there is no screen, nothing happens.

    A browser that draws into the terminal would cover what is shown there.
    """
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return
    threading.Thread(target=_open, args=(address,), name="browser", daemon=True).start()


def _open(address: str) -> None:
    with suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
