"""What the program's own streams are: a terminal that can show a panel, and one that gives keys.

Apart from what draws the panel, which takes a while to be loaded and is needed only where it is shown.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

GLYPHS = "█▀▄░▒━╌←→↑↓●○…·"  # that the terminal has to have


def can_show_panel(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that can show a panel, and ours at this moment."""
    if sys.platform == "win32" or os.environ.get("TERM", "") in ("", "dumb", "unknown"):
        return False
    try:
        GLYPHS.encode(stream.encoding or "ascii")
        return stream.isatty() and is_in_foreground(stream.fileno())
    except (UnicodeEncodeError, LookupError, OSError, ValueError):
        return False


def can_take_keys(stream: TextIO, keys: TextIO | None) -> bool:
    """Whether what is typed into the terminal behind ``stream`` comes by ``keys``."""
    if sys.platform == "win32" or keys is None:
        return False
    try:
        return keys.isatty() and os.ttyname(keys.fileno()) == os.ttyname(stream.fileno())
    except (OSError, ValueError):
        return False


def is_in_foreground(number: int) -> bool:
    """Whether the terminal takes what we write for what its user looks at. Raises: OSError."""
    if sys.platform == "win32":
        return True
    return os.tcgetpgrp(number) == os.getpgrp()
