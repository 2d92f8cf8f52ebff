"""``psc2 chart``: the chords of a tune, drawn in the terminal as a chart that can be read again.

It returns its exit code and raises ChartError with one line for what cannot be read.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence

from psc2.core.ranges import counted
from psc2.errors import ChartError
from psc2.files import MAX_TEXT_BYTES
from psc2.resources import COMMAND
from psc2.scores.chart_text import written
from psc2.scores.charts import NO_TEXT, Sheet, decoded, read_sheets
from psc2.text import print_line, print_lines, printable

STDIN = "-"
MAX_SHOWN = 60  # characters of what was asked for


def show(options: argparse.Namespace) -> int:
    """Draw a chart, or list the tunes that there are to choose from."""
    sheets = read_sheets(_piped() if options.chart == STDIN else options.chart)
    if options.tune is None and len(sheets) > 1:
        _list(sheets)
        return 0
    chart = _chosen(sheets, options.tune).chart().transposed(options.transpose)
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print_lines(written(chart, width))
    return 0


def _piped() -> str:
    """The text that is piped in. Raises: ChartError."""
    data = sys.stdin.buffer.read(MAX_TEXT_BYTES + 1) if sys.stdin is not None else b""
    if len(data) > MAX_TEXT_BYTES:
        raise ChartError(f"{STDIN}: expected at most {MAX_TEXT_BYTES:,} bytes, got more")
    try:
        return decoded(data) + "\n"  # which makes it a text, and no name of a file
    except UnicodeDecodeError as error:
        raise ChartError(f"{STDIN}: {NO_TEXT}") from error


def _list(sheets: Sequence[Sheet]) -> None:
    digits = len(str(len(sheets)))
    for number, sheet in enumerate(sheets, start=1):
        print_line(f"{number:{digits}}  {sheet.title}")
    print_line()
    print_line(f"{counted(len(sheets), 'tune')}: {COMMAND} chart … --tune N, or part of a name, draws one.")


def _chosen(sheets: Sequence[Sheet], tune: str | None) -> Sheet:
    """The tune with that number or name, or the only one there is. Raises: ChartError."""
    if tune is None:
        return sheets[0]
    asked = printable(tune, MAX_SHOWN)
    if tune.isascii() and tune.isdigit():
        if len(tune) < len(str(len(sheets))) + 1 and 1 <= int(tune) <= len(sheets):
            return sheets[int(tune) - 1]
        raise ChartError(f"--tune: expected a number within 1–{len(sheets)}, got {asked}")
    same = [sheet for sheet in sheets if sheet.title.casefold() == tune.casefold()]
    found = same or [sheet for sheet in sheets if tune.casefold() in sheet.title.casefold()]
    if len(found) == 1:
        return found[0]
    names = ", ".join(printable(sheet.title, MAX_SHOWN) for sheet in found[:3])
    got = f"{counted(len(found), 'tune')}: {names}{', …' * (len(found) > 3)}" if found else "none"
    raise ChartError(f"--tune: expected one tune with {asked} in its name, got {got}")
