"""How early or late was played: a look back in words, and as a row of dots around the grid's line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from psc2.core.instruments import Layer
from psc2.core.look_back import TOLERANCE_MS, LookBack, TimedOnset
from psc2.core.meter import Form
from psc2.core.ranges import counted
from psc2.screen.rows import BOLD, PLAIN, TURNED, Row, Span

HEIGHTS = "▁▂▃▄▅▆▇█"  # of a column of the histogram, from one onset to all that are in the fullest
BIN_MS = 5.0  # of a column; what is farther off than the last stands there
MAX_BINS = 20  # to either side of the line
EARLY, LATE = "early ", " late"
ROUNDING_MS = 0.5  # below which nothing is said to be early or late


def look_back_line(found: LookBack) -> str:
    """All of it in a line: how much, how late or early, how evenly, and where it was worst."""
    take = "lead" if found.layer is Layer.LEAD else f"{found.layer.value} take"
    notes, onsets = counted(len(found.notes), "note"), len(found.onsets)
    several = "" if onsets == len(found.notes) else f" in {counted(onsets, 'onset')}"
    line = f"{take}: {notes}{several}, {_average(found)} on average (spread {found.spread_ms:.0f} ms)"
    line += f", {found.early} early, {found.late} late"
    if abs(found.worst.deviation_ms) <= TOLERANCE_MS:
        return line
    return f"{line}; farthest off {off(found.worst.deviation_ms)}, {place_of(found.worst, found.form)}"


def _average(found: LookBack) -> str:
    return "on time" if abs(found.mean_ms) < ROUNDING_MS else off(found.mean_ms)


def off(deviation_ms: float) -> str:
    """A deviation in words.

    >>> off(-12.4), off(8.0)
    ('12 ms early', '8 ms late')
    """
    return f"{abs(deviation_ms):.0f} ms {'early' if deviation_ms < 0 else 'late'}"


def place_of(onset: TimedOnset, form: Form) -> str:
    """Where an onset belongs, counted from 1: bar, beat, and the 16th where it is not the beat's first.

    >>> from psc2.core.look_back import TimedNote
    >>> from psc2.core.meter import Position, TimeSignature
    >>> note = TimedNote(60, 90, Position(bar=1, step=6), deviation_ms=0.0)
    >>> place_of(TimedOnset((note,), 0.0), Form(TimeSignature(4, 4), 2))
    'bar 2 beat 2, 16th 3'
    """
    beat, sixteenth = divmod(onset.position.step, form.time_signature.steps_per_beat)
    place = f"bar {onset.position.bar + 1} beat {beat + 1}"
    return f"{place}, 16th {sixteenth + 1}" if sixteenth else place


def timing_rows(found: LookBack, width: int) -> Iterator[Row]:
    """The onsets as a histogram: to the left of the line what was early, to the right what was late."""
    bins = min(MAX_BINS, (width - len(EARLY) - len(LATE) - 3) // 2)
    if bins < 1:
        return
    counts = Counter(_bin(onset.deviation_ms, bins) for onset in found.onsets)
    most, inside = max(counts.values()), TOLERANCE_MS / BIN_MS
    spans: list[Span] = [(" " + EARLY, PLAIN)]
    for n in range(-bins, bins + 1):
        count = counts[n]
        drawn = HEIGHTS[-(-count * len(HEIGHTS) // most) - 1] if count else "│" if n == 0 else "·"
        spans.append((drawn, TURNED if n == 0 else BOLD if count and abs(n) > inside else PLAIN))
    yield (*spans, (LATE, PLAIN), (f"  {_average(found)}, spread {found.spread_ms:.0f} ms", BOLD))


def _bin(deviation_ms: float, bins: int) -> int:
    return max(-bins, min(bins, round(deviation_ms / BIN_MS)))
