"""How much of what a model makes it has only remembered."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import TypeVar

from psc2.training.statistics import Events, Figure, bars_of, markdown, mean, notes_of

COPIED_NOTES = (8, 12, 16)
COPIED_BARS = (1, 2, 4)

Item = TypeVar("Item")
Patterns = Mapping[str, Callable[[Events], Iterable[Hashable]]]  # by name, all that a piece has of them


def runs(items: Sequence[Item], length: int) -> Iterator[tuple[Item, ...]]:
    """Every ``length`` items in a row.

    >>> list(runs("swing", 4))
    [('s', 'w', 'i', 'n'), ('w', 'i', 'n', 'g')]
    """
    return (tuple(items[start : start + length]) for start in range(len(items) - length + 1))


def interval_patterns(events: Events, notes: int) -> Iterator[Hashable]:
    """The intervals of every so many notes in a row, the same in any key and any rhythm."""
    pitches = [note.pitch for note in notes_of(events)]
    steps = [after - before for before, after in pairwise(pitches)]
    return runs(steps, notes - 1)


def rhythm_patterns(events: Events, notes: int) -> Iterator[Hashable]:
    """The intervals and the 16ths between onsets of every so many notes in a row, the same in any key."""
    found = notes_of(events)
    steps = [(after.pitch - before.pitch, after.onset - before.onset) for before, after in pairwise(found)]
    return runs(steps, notes - 1)


def bar_patterns(events: Events, bars: int) -> Iterator[Hashable]:
    """Every so many bars in a row in which anything is struck."""
    return (run for run in runs(bars_of(events), bars) if any(any(bar) for bar in run))


MELODY_PATTERNS: Patterns = {
    f"{notes} notes{name}": partial(patterns, notes=notes)
    for name, patterns in (("", interval_patterns), (" with their rhythm", rhythm_patterns))
    for notes in COPIED_NOTES
}
BEAT_PATTERNS: Patterns = {
    f"{bars} bar{'s' * (bars > 1)}": partial(bar_patterns, bars=bars) for bars in COPIED_BARS
}


def copied_shares(
    groups: Mapping[str, Sequence[Events]], train: Sequence[Events], patterns: Patterns
) -> dict[str, dict[str, Figure]]:
    """Share of each group's patterns that the training pieces have as well; by group and pattern.

    A group of held-out music tells how much of it is the language that all share.
    """
    found: dict[str, dict[str, Figure]] = {group: {} for group in groups}
    for name, of in patterns.items():
        known = {pattern for events in train for pattern in of(events)}
        for group, pieces in groups.items():
            copied = mean(pattern in known for events in pieces for pattern in of(events))
            found[group][name] = Figure(copied)
    return found


def copies_table(found: Mapping[str, Mapping[str, Figure]]) -> str:
    """Shares as a table in Markdown, a group a column."""
    names = next(iter(found.values()))
    rows = [["", *found], ["---"] * (len(found) + 1)]
    return markdown(rows + [[name, *(str(group[name]) for group in found.values())] for name in names])
