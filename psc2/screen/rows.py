"""Rows of styled text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.cells import cell_len, set_cell_size

from psc2.text import ELLIPSIS, printable

Span = tuple[str, str]  # text, and its style in rich's words
Row = tuple[Span, ...]

PLAIN, BOLD, TURNED = "", "bold", "bold reverse"
EMPTY: Row = ((" ", PLAIN),)


def listed(parts: Iterable[str], width: int) -> Iterator[Row]:
    """Things that stand beside each other, in as many rows as they need.

    >>> [row[0][0] for row in listed(["one", "two", "three"], width=13)]
    [' one · two', ' three']
    """
    shown = ""
    for part in parts:
        longer = f"{shown} · {part}" if shown else f" {part}"
        if shown and cell_len(longer) > width:
            yield ((shown, PLAIN),)
            longer = f" {part}"
        shown = longer
    if shown:
        yield ((shown, PLAIN),)


def fitted(row: Row, width: int) -> Row:
    """The row filled up to ``width`` cells, or cut there, where "…" says so.

    >>> fitted((("Stage", "bold"), (" Piano", "")), width=8)
    (('Stage', 'bold'), (' P…', ''), ('', ''))
    """
    shown = [(printable(text), style) for text, style in row]
    left, rest = width, sum(cell_len(text.rstrip()) for text, _ in shown[-1:])
    rest += sum(cell_len(text) for text, _ in shown[:-1])
    spans: list[Span] = []
    for text, style in shown:
        cells = cell_len(text)
        if rest > width and cells >= left:
            text, cells = set_cell_size(text, max(0, left - 1)) + ELLIPSIS[: min(1, left)], left
        elif cells > left:
            text, cells = set_cell_size(text, left), left
        spans.append((text, style))
        left -= cells
    return (*spans, (" " * left, row[-1][1] if row and " on " in row[-1][1] else PLAIN))
