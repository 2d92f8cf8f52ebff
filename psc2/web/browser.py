"""The computer's own browser, where there is one to be seen."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress


def has_screen() -> bool:
    """Whether there is a screen here that a browser can open on."""
    return not sys.platform.startswith("linux") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


def open_page(address: str) -> None:
    """Open an address in the browser, in a thread of its own; where there is no screen, nothing happens.

    A browser that draws into the terminal would cover what is shown there.
    """
    if has_screen():
        threading.Thread(target=_open, args=(address,), name="browser", daemon=True).start()


def _open(address: str) -> None:
    import webbrowser  # a thirtieth of a second that nobody who opens no page should pay

    with suppress(webbrowser.Error, OSError):
        webbrowser.open(address)
