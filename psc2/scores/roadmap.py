"""The way through a written chart: repeats, endings, D.C., D.S., coda and Fine, played as a musician does.

After a D.C. or D.S. no repeat is taken, and of endings only the last, or the one that is named. A coda that
nothing leads to is an outro, which belongs to no chorus.

Where a sign is missing, ``unfold`` takes the way that is left: a D.S. goes to the beginning, a coda stands
behind its D.C. or D.S., al Fine is to where that stands. ``check_signs`` is for charts whose writer can be
asked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from psc2.core.chart import Bar
from psc2.core.ranges import BARS
from psc2.errors import ChartError

MAX_BARS = int(BARS.high)  # that a chorus can have: as many as the loop
MAX_TIMES = 16  # that a repeat is played at most
JUMP = re.compile(r"\b(?:d\.? ?|da ?|dal ?)([cs])(?:apo|egno)?\b\.?(?: al (?:(coda)|(fine)|(\d)[a-z]* end))?")


@dataclass(frozen=True, slots=True)
class Jump:
    """A D.C. or D.S."""

    to_segno: bool = False
    to_coda: bool = False
    to_fine: bool = False
    ending: int | None = None  # after which the chorus is over, as in "al 2nd ending"

    @property
    def name(self) -> str:
        return "D.S." if self.to_segno else "D.C."


@dataclass(frozen=True, slots=True)
class WrittenBar:
    """A bar as it is written, with all that says where to go on."""

    bar: Bar
    opens: bool = False  # a repeat: |:
    closes: bool = False  # … :|
    times: int | None = None  # that the repeat is played, where that is said
    endings: frozenset[int] = frozenset()  # those that begin here, such as 1
    ends_part: bool = False  # a double bar line follows
    segno: bool = False
    coda: bool = False  # a coda sign stands before it …
    leaves: bool = False  # … or behind it
    fine: bool = False
    jump: Jump | None = None


def with_remark(bar: WrittenBar, remark: str) -> WrittenBar:
    """A bar with what a remark says of the way, such as ``D.C. al Fine``; any other remark says nothing.

    >>> from psc2.core.harmony import NO_CHORD
    >>> from psc2.core.chart import PlacedChord
    >>> with_remark(WrittenBar(Bar((PlacedChord(0, NO_CHORD),))), "D.S. al Coda").jump
    Jump(to_segno=True, to_coda=True, to_fine=False, ending=None)
    """
    text = remark.strip().lower()
    if match := JUMP.search(text):
        ending = int(match[4]) if match[4] else None
        return replace(bar, jump=Jump(match[1] == "s", match[2] is not None, match[3] is not None, ending))
    if match := re.fullmatch(r"(?:play )?(\d{1,2}) ?(?:x(?:'?s)?|times)|x ?(\d{1,2})", text):
        return replace(bar, times=min(int(match[1] or match[2]), MAX_TIMES))
    match text:
        case "fine":
            return replace(bar, fine=True)
        case "segno":
            return replace(bar, segno=True)
        case "coda":
            return replace(bar, coda=True)
        case "to coda":
            return replace(bar, leaves=True)
    return bar


def check_signs(bars: Sequence[WrittenBar]) -> None:
    """Check that there is what each D.C. and D.S. leads to. Raises: ChartError."""
    endings = frozenset[int]().union(*(bar.endings for bar in bars))
    for number, jump in ((number, bar.jump) for number, bar in enumerate(bars, start=1) if bar.jump):
        wanted = {
            f"<Segno> in front of the chords of a bar, as there is a {jump.name}": (
                jump.to_segno and not any(bar.segno for bar in bars)
            ),
            f"<Coda> in front of the chords of a bar, as there is a {jump.name} al Coda": (
                jump.to_coda and not any(bar.coda for bar in bars)
            ),
            f"<Fine> behind the chords of a bar, as there is a {jump.name} al Fine": (
                jump.to_fine and not any(bar.fine for bar in bars)
            ),
            f"an ending {jump.ending}, as the {jump.name} says": jump.ending not in (None, *endings),
        }
        if missing := [sign for sign, is_missing in wanted.items() if is_missing]:
            raise ChartError(f"bar {number}: expected {missing[0]}, got none")


def unfold(bars: Sequence[WrittenBar]) -> tuple[Bar, ...]:
    """The bars of one chorus, in the order in which they are played. Raises: ChartError."""
    if not bars:
        raise ChartError("expected bars with chords, such as | Dm7 | G7 | Cmaj7 |, got none")
    played = tuple(_Walk(bars).played())
    if not played:
        raise ChartError("bar 1: expected bars in front of the endings, or a first ending, got none")
    return played


class _Walk:
    """One way through the bars."""

    def __init__(self, bars: Sequence[WrittenBar]) -> None:
        self.bars = bars
        self.place = 0
        self.start = 0  # where the present repeat begins
        self.turn = 1  # which time it is played, 1 and up
        self.in_last_ending = False
        self.jump: Jump | None = None  # the one that was taken, until the coda
        self.has_jumped = False
        self.coda = next((place for place in range(len(bars) - 1, -1, -1) if bars[place].coda), None)
        is_led_to = any(bar.jump and bar.jump.to_coda for bar in bars)
        self.end = len(bars) if is_led_to or not self.coda else self.coda

    def played(self) -> list[Bar]:
        """All bars that are played. Raises: ChartError."""
        order: list[Bar] = []
        while self.place < self.end:
            bar = self.bars[self.place]
            if self._is_led_to_coda() and bar.coda and self.place != self.coda:
                self._go_to_coda()
                continue
            self._notice_repeat(bar)
            if bar.endings and self._wanted_ending() not in bar.endings:
                self._go_to_ending()
                continue
            order.append(bar.bar)
            if len(order) > MAX_BARS:
                raise ChartError(
                    f"bar {self.place + 1}: expected at most {MAX_BARS} bars, repeats played out, got more"
                )
            if self._go_on(bar):
                break
        return order

    def _notice_repeat(self, bar: WrittenBar) -> None:
        """Begin another repeat where one opens, or where a part begins after a last ending."""
        is_new_part = bar.bar.section != "" or (self.place > 0 and self.bars[self.place - 1].ends_part)
        if (bar.opens and self.place != self.start) or (self.in_last_ending and is_new_part):
            self._begin_repeat(self.place)
        is_last = self.jump is not None or self.turn >= self._times()
        self.in_last_ending |= is_last and self._wanted_ending() in bar.endings

    def _begin_repeat(self, place: int) -> None:
        self.start, self.turn, self.in_last_ending = place, 1, False

    def _part(self) -> Sequence[WrittenBar]:
        """The bars of the present repeat: with endings to where another opens, without to where it ends."""
        opening = (place for place in range(self.start + 1, len(self.bars)) if self.bars[place].opens)
        part = self.bars[self.start : next(opening, len(self.bars))]
        closing = next((number for number, bar in enumerate(part, start=1) if bar.closes), len(part))
        return part if any(bar.endings for bar in part[:closing]) else part[:closing]

    def _last_ending(self) -> int:
        """The highest ending of the present repeat, 0 if it has none."""
        return max((max(bar.endings) for bar in self._part() if bar.endings), default=0)

    def _times(self) -> int:
        """How many times the present repeat is played."""
        said = next((bar.times for bar in self._part() if bar.times), 2)
        return max(said, self._last_ending())

    def _wanted_ending(self) -> int:
        """Which ending is to be played now: the last one in the end, and before that those before it."""
        last = self._last_ending()
        if self.jump is not None:
            named = self.jump.ending
            return named if any(named in bar.endings for bar in self._part()) and named else last
        if self.turn >= self._times():
            return max(last, 2)  # a first ending alone is left out the second time
        return min(self.turn, max(last - 1, 1))

    def _go_to_ending(self) -> None:
        """Leave out an ending that is not to be played. Raises: ChartError."""
        wanted = self._wanted_ending()
        ahead = range(self.place + 1, self.start + len(self._part()))
        found = next((place for place in ahead if wanted in self.bars[place].endings), None)
        if found is not None:
            self.place = found
        elif self.jump is None and self._has_played(wanted):  # the ending before this one was not closed
            self.place, self.turn = self.start, self.turn + 1
        elif wanted > self._last_ending():
            closing = (place for place in [self.place, *ahead] if self.bars[place].closes)
            self._begin_repeat(next(closing, self.place) + 1)
            self.place = self.start
        else:
            raise ChartError(f"bar {self.place + 1}: expected ending {wanted} of the repeat, too, got none")

    def _has_played(self, ending: int) -> bool:
        """Whether an ending of the present repeat stands before this place."""
        return any(ending in bar.endings for bar in self.bars[self.start : self.place])

    def _go_on(self, bar: WrittenBar) -> bool:
        """Go on behind a bar. Returns: whether the chorus is over. Raises: ChartError."""
        if self.jump is None and bar.closes and self.turn < self._times():
            self.place, self.turn = self.start, self.turn + 1
            return False
        if self._is_led_to_coda() and (bar.leaves or bar.jump):
            self._go_to_coda()
            return False
        if self.jump is not None and (bar.fine or bar.jump or self._ends_named_ending(bar)):
            return True
        if bar.jump is not None and not self.has_jumped:
            self._take(bar.jump)
            return False
        if bar.closes:
            self._begin_repeat(self.place + 1)
        self.place += 1
        return False

    def _ends_named_ending(self, bar: WrittenBar) -> bool:
        assert self.jump is not None
        return self.jump.ending is not None and self.in_last_ending and (bar.ends_part or bar.closes)

    def _take(self, jump: Jump) -> None:
        """Go back, by D.C. or D.S. Raises: ChartError if there is no coda that it could lead to."""
        if jump.to_coda and self.coda is None:
            self.coda = self.place + 1
            if self.coda == self.end:
                raise ChartError(f"bar {self.coda}: expected a coda, for the {jump.name} al Coda, got none")
        self.jump, self.has_jumped = jump, True
        segnos = (place for place, bar in enumerate(self.bars) if bar.segno and jump.to_segno)
        self.place = next(segnos, 0)
        self._begin_repeat(self.place)

    def _is_led_to_coda(self) -> bool:
        return self.jump is not None and self.jump.to_coda

    def _go_to_coda(self) -> None:
        assert self.coda is not None
        self.jump = None
        self.place = self.coda
        self._begin_repeat(self.place)
