"""The bar that sounds, as a row of its 16ths."""

from __future__ import annotations

from collections.abc import Iterator

from psc2.core.snapshot import Place, Snapshot
from psc2.screen.lettering import Size
from psc2.screen.rows import BOLD, PLAIN, TURNED, Row, Span

MAX_SHARE = 0.17  # of the height


def ruler_height(size: Size | None, height: int) -> int:
    if size is None:
        return 1
    return max(1, min(3 * (size.rows or 1), int(MAX_SHARE * height)))


def ruler_rows(now: Snapshot, place: Place | None, width: int, height: int) -> Iterator[Row]:
    """The bar that sounds, a column for each 16th: the taller, the heavier; below them the beats' numbers.

    Where the bar has more 16ths than the terminal columns, a column is a beat, and the part that sounds
    is shown.
    """
    time_signature = place.passed.form.time_signature if place else now.form.time_signature
    per_beat, per_bar = time_signature.steps_per_beat, time_signature.steps_per_bar
    unit = 1 if per_bar <= width - 2 else per_beat
    cells = per_bar // unit
    current = -1 if place is None else place.position.step // unit
    page = range(cells)
    if cells > width - 2 > 0:
        start = max(0, current) // (width - 2) * (width - 2)
        page = range(start, min(cells, start + width - 2))
    starts = _columns(page, per_beat // unit, width)
    for row in range(height):
        yield tuple(_row(page, starts, row, height, current, per_beat // unit))
    yield _beat_numbers(page, starts, per_beat // unit, current)


def _columns(page: range, per_beat: int, width: int) -> list[int]:
    """Where each cell begins, and last, where the row ends: evenly spaced, beats a little apart."""
    cell = max(1, (width - 2) // max(1, len(page)))
    beats = max(1, -(-len(page) // per_beat))
    apart = 0 if per_beat == 1 else min(cell, (width - 2 - cell * len(page)) // beats)
    starts = [1 + n * cell + n // per_beat * apart for n in range(len(page))]
    return [*starts, starts[-1] + cell]


def _row(
    page: range, starts: list[int], row: int, height: int, current: int, per_beat: int
) -> Iterator[Span]:
    yield (" " * starts[0], PLAIN)
    for n, cell in enumerate(page):
        room = starts[n + 1] - starts[n]
        wide = max(1, min(room, starts[1] - starts[0]) - (1 if starts[1] - starts[0] > 1 else 0))
        third = 3 if cell == 0 or cell == current else 2 if cell % per_beat == 0 else 1
        if row < height - max(1, height * third // 3):
            yield (" " * room, PLAIN)
        else:
            block = "█" if cell == current else "▒" if cell < current else "░"
            yield (block * wide + " " * (room - wide), PLAIN)


def _beat_numbers(page: range, starts: list[int], per_beat: int, current: int) -> Row:
    spans: list[Span] = []
    column = 0
    for n, cell in enumerate(page):
        number = str(cell // per_beat + 1)
        if cell % per_beat or starts[n] < column + (column > 0):
            continue
        spans.append((" " * (starts[n] - column), PLAIN))
        spans.append((number, TURNED if current >= 0 and current // per_beat == cell // per_beat else BOLD))
        column = starts[n] + len(number)
    return tuple(spans)
