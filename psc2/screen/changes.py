"""The chords of the chart: the one that sounds, and those to come."""

from __future__ import annotations

from collections.abc import Iterator

from psc2.core.snapshot import Snapshot
from psc2.screen.rows import BOLD, PLAIN, TURNED, Row, Span

BETWEEN = " → "


def chord_words(now: Snapshot, at: float) -> list[str]:
    """Each chord as it is written, with the mark of the section that it begins; empty without a chart."""
    return [
        f"[{chord.section}] {chord.symbol}" if chord.section else chord.symbol for chord in now.chords_at(at)
    ]


def chord_rows(now: Snapshot, at: float) -> Iterator[Row]:
    """One row, if there is a chart."""
    words = chord_words(now, at)
    if words:
        spans: list[Span] = [(" ", PLAIN), (f" {words[0]} ", TURNED)]
        for word in words[1:]:
            spans += [(BETWEEN, PLAIN), (word, BOLD)]
        yield tuple(spans)
