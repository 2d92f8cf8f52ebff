"""Charts of chords, wherever they come from: plain text, a file of it, or a link of iReal Pro.

``chart_text`` says how plain text is written, ``ireal`` what links are made of.
"""

from __future__ import annotations

import os
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from psc2.core.chart import Chart
from psc2.errors import ChartError
from psc2.files import text_bytes
from psc2.scores.chart_text import read_text_chart, title_of, without_comments
from psc2.scores.ireal import has_link, tunes_of
from psc2.text import printable

MAX_SHOWN = 60  # characters of a title
MAX_NAME = 200  # … and of a file's name
EXAMPLE = "| Dm7 | G7 | Cmaj7 |"
A_CHART = f"a chart such as {EXAMPLE}, a file with one, or a link of iReal Pro"
NO_TEXT = "expected a chart, got no text in UTF-8: save it as plain text in UTF-8"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One tune of a source, its chart yet to be read: of a playlist one may be wrong and the others not."""

    title: str
    read: Callable[[], Chart]  # raises ChartError

    def chart(self) -> Chart:
        """The chart. Raises: ChartError, which names the tune."""
        try:
            return self.read()
        except ChartError as error:
            if not self.title:
                raise
            raise ChartError(f"{printable(self.title, MAX_SHOWN)}: {error}") from error


def read_chart(source: str | Path) -> list[Chart]:
    """The charts of a text, a link, or a file with either. Raises: ChartError.

    >>> [[bar.chords[0].chord.symbol for bar in chart.bars] for chart in read_chart("| Dm7 | G7 | C6 | % |")]
    [['Dm7', 'G7', 'C6', 'C6']]
    """
    return [sheet.chart() for sheet in read_sheets(source)]


def read_sheets(source: str | Path) -> list[Sheet]:
    """The tunes of a text, a link, or a file with either; one or more. Raises: ChartError."""
    if isinstance(source, str) and not source.strip():
        raise ChartError(f"expected {A_CHART}, got nothing")
    text = source if isinstance(source, str) and is_text(source) else _text_of(Path(source))
    if has_link(without_comments(text)):
        return [Sheet(tune.title, tune.chart) for tune in tunes_of(text)]
    return [Sheet(title_of(text), lambda: read_text_chart(text))]


def is_text(source: str) -> bool:
    """Whether a source is a chart or a link itself, and not the name of a file."""
    return "|" in source or "\n" in source or has_link(source)


def decoded(data: bytes) -> str:
    """A chart in UTF-8, or in UTF-16 where its first two bytes say so. Raises: UnicodeDecodeError.

    >>> decoded("| C7 |".encode("utf-16"))
    '| C7 |'
    """
    return data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")


def _text_of(path: Path) -> str:
    """What stands in a file. Raises: ChartError."""
    name = printable(str(path), MAX_NAME)
    try:
        return decoded(text_bytes(path))
    except UnicodeDecodeError as error:
        raise ChartError(f"{name}: {NO_TEXT}") from error
    except OSError as error:
        if os.path.isdir(path):
            raise ChartError(f"{name}: expected {A_CHART}, got a folder") from error
        hint = "" if os.path.lexists(path) else f", and it is no chart such as {EXAMPLE}"
        raise ChartError(f"{name}: {error.strerror or error}{hint}") from error
