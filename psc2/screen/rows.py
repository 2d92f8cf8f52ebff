"""Rows of styled text."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size

Span = tuple[str, str]  # text, and its style in rich's words
Row = tuple[Span, ...]

PLAIN, BOLD, TURNED = "", "bold", "bold reverse"
EMPTY: Row = ((" ", PLAIN),)


def line(parts: Iterable[str]) -> Row:
    """Things that stand beside each other in one row."""
    return ((" " + " · ".join(parts), PLAIN),)


def counted(count: int, noun: str) -> str:
    """A number of things in words: "1 bar", "2 bars"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def printable(text: str) -> str:
    """``text`` without anything that could steer a terminal."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)


def fitted(row: Row, width: int) -> Row:
    """The row cut or filled up to ``width`` cells."""
    spans: list[Span] = []
    left = width
    for text, style in row:
        shown = printable(text)
        cells = cell_len(shown)
        if cells > left:
            shown, cells = set_cell_size(shown, left), left
        spans.append((shown, style))
        left -= cells
    return (*spans, (" " * left, row[-1][1] if row and " on " in row[-1][1] else PLAIN))
