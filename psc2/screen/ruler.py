"""The bar that sounds, as a row of its 16ths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from psc2.core.snapshot import Place, Snapshot
from psc2.screen.lettering import Size
from psc2.screen.rows import BOLD, PLAIN, TURNED, Row, Span

MAX_SHARE = 0.17  # of the height
MAX_HEIGHT_ABOVE_MUSIC, FEW_ROWS = 2, 36  # where the terminal has fewer


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where the 16ths of a bar stand, a column for each.

    Where the bar has more 16ths than the terminal columns, a column is a beat, and the part that sounds
    is shown.
    """

    page: range  # the cells that are shown
    starts: tuple[int, ...]  # the column where each of them begins, and last, where the row ends
    unit: int  # 16ths of a cell
    per_beat: int  # cells
    current: int  # the cell that sounds; −1 while the loop is stopped

    @property
    def left(self) -> int:
        """The column where the first cell begins."""
        return self.starts[0]

    def columns(self, step: int, end: int) -> range:
        """Where what lasts from one step of the bar to another is to be seen; empty if it is not."""
        first = max(self.page.start, step // self.unit) - self.page.start
        last = min(self.page.stop, -(-end // self.unit)) - self.page.start
        return range(self.starts[first], self.starts[last]) if first < last else range(0)


def ruler_of(now: Snapshot, place: Place | None, width: int, left: int) -> Ruler:
    """The bar that sounds, or while the loop is stopped its first, from the column ``left`` on."""
    time_signature = place.passed.form.time_signature if place else now.form.time_signature
    steps_per_beat, per_bar = time_signature.steps_per_beat, time_signature.steps_per_bar
    room = width - left - 1
    unit = 1 if per_bar <= room else steps_per_beat
    cells = per_bar // unit
    current = -1 if place is None else place.position.step // unit
    page = range(cells)
    if cells > room > 0:
        start = max(0, current) // room * room
        page = range(start, min(cells, start + room))
    per_beat = steps_per_beat // unit
    return Ruler(page, _columns(page, per_beat, left, room), unit, per_beat, current)


def ruler_height(size: Size | None, height: int, above_music: bool) -> int:
    """How many rows the 16ths are high."""
    if size is None:
        return 1
    most = MAX_HEIGHT_ABOVE_MUSIC if above_music and height < FEW_ROWS else int(MAX_SHARE * height)
    return max(1, min(3 * (size.rows or 1), most))


def ruler_rows(ruler: Ruler, height: int) -> Iterator[Row]:
    """A column for each 16th: the taller, the heavier; below them the beats' numbers."""
    for row in range(height):
        yield tuple(_row(ruler, row, height))
    yield _beat_numbers(ruler)


def _columns(page: range, per_beat: int, left: int, room: int) -> tuple[int, ...]:
    """Where each cell begins, and last, where the row ends: evenly spaced, beats a little apart."""
    cell = max(1, room // max(1, len(page)))
    beats = max(1, -(-len(page) // per_beat))
    apart = 0 if per_beat == 1 else max(0, min(cell, (room - cell * len(page)) // beats))
    starts = [left + n * cell + n // per_beat * apart for n in range(len(page))]
    return (*starts, starts[-1] + cell)


def _row(ruler: Ruler, row: int, height: int) -> Iterator[Span]:
    starts = ruler.starts
    yield (" " * ruler.left, PLAIN)
    for n, cell in enumerate(ruler.page):
        room = starts[n + 1] - starts[n]
        wide = max(1, min(room, starts[1] - starts[0]) - (1 if starts[1] - starts[0] > 1 else 0))
        third = 3 if cell == 0 or cell == ruler.current else 2 if cell % ruler.per_beat == 0 else 1
        if row < height - max(1, height * third // 3):
            yield (" " * room, PLAIN)
        else:
            block = "█" if cell == ruler.current else "▒" if cell < ruler.current else "░"
            yield (block * wide + " " * (room - wide), PLAIN)


def _beat_numbers(ruler: Ruler) -> Row:
    spans: list[Span] = []
    column, starts, per_beat, current = 0, ruler.starts, ruler.per_beat, ruler.current
    for n, cell in enumerate(ruler.page):
        number = str(cell // per_beat + 1)
        if cell % per_beat or starts[n] < column + (column > 0):
            continue
        spans.append((" " * (starts[n] - column), PLAIN))
        spans.append((number, TURNED if current >= 0 and current // per_beat == cell // per_beat else BOLD))
        column = starts[n] + len(number)
    return tuple(spans)
