"""Text on its way to a terminal or a log: whatever it is made of, it steers nothing and ends somewhere."""

from __future__ import annotations

import logging
from typing import TextIO

MAX_LINE = 2000  # characters
REPLACEMENT = "�"
ELLIPSIS = "…"


def printable(text: str, most: int = MAX_LINE) -> str:
    """A line of ``text`` that cannot steer a terminal, of at most ``most`` characters.

    >>> printable("red\\x1b[31m, then\\nanother line"), printable("a long night", most=6)
    ('red�[31m, then�another line', 'a lon…')
    """
    if len(text) > most:
        text = text[: most - 1] + ELLIPSIS
    return text if text.isprintable() else "".join(c if c.isprintable() else REPLACEMENT for c in text)


def print_line(line: object = "", file: TextIO | None = None, flush: bool = False) -> None:
    """Print a line to stdout, or to ``file``, printable. Raises: OSError."""
    print(printable(str(line)), file=file, flush=flush)


def print_lines(lines: str) -> None:
    """Print a text of some lines to stdout, at once. Raises: OSError."""
    for line in lines.split("\n"):
        print_line(line, flush=True)


class PrintableFormatter(logging.Formatter):
    """Formats what is logged: a message is one line, only a traceback has more."""

    def format(self, record: logging.LogRecord) -> str:
        whole = super().format(record)
        message = self.formatMessage(record)
        return "\n".join(map(printable, [message, *whole.removeprefix(message).split("\n")[1:]]))
