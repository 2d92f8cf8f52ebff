"""Charts as plain text: bars between bar lines, chords in them.

::

    title: Our Blues
    key: Bb
    # what begins with # is for people
    [A]
    |: Bb7  | Eb7 | Bb7 | Fm7 Bb7 | Eb7 | Edim7 |
    |  Bb7  | G7b9 | Cm7 | F7 . . F#dim7 |1. Bb7 G7 | Cm7 F7 :|2. Bb7 | % |

- All that stands in a bar is equally long: one chord is the whole bar, two are half of it each. ``.`` or
  ``/`` holds the chord before: ``F7 . . F#dim7`` has three beats of F7. A bar that begins so holds the last
  chord of the bar before.
- ``%`` is the bar before again, ``%%`` the two bars before; ``N.C.`` is no chord.
- ``|: … :|`` is played twice, or as often as ``:| x3`` says; ``1.`` and ``2.``, or ``[1`` and ``[2``, behind
  a bar line begin its endings. A new line is a bar line, too.
- ``[A]``, ``*A`` or ``A:`` in front of a bar is where a section begins.
- ``<D.C. al Fine>``, ``<D.S. al Coda>``, ``<D.C. al 2nd ending>``, ``<Fine>`` and ``<To Coda>`` stand behind
  the chords of their bar, ``<Segno>`` and ``<Coda>`` in front.
- Lines with title, composer, key and meter (4/4 if there is none) stand above the first bar, and so do style
  and tempo, which are for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from psc2.core.chart import Bar, Chart, PlacedChord
from psc2.core.harmony import NO_CHORD, Chord
from psc2.core.meter import COMMON_TIME, TimeSignature
from psc2.errors import ChartError
from psc2.scores.chord_symbols import is_symbol, read_key, read_symbol
from psc2.scores.roadmap import MAX_BARS, MAX_TIMES, WrittenBar, check_signs, unfold, with_remark
from psc2.text import printable

HELD = (".", "/")
HEADER = re.compile(r"(title|composer|key|meter|style|tempo)\s*:\s*(.*)", re.IGNORECASE)
SECTION = re.compile(r"\s*(?:\[([^\W\d][^\]|]*)\]|\*([^\W\d]\w*)|([^\W\d][\w' ]{0,30}):(?![|:]))")
BAR_LINE = re.compile(r"(?P<closes>:)?\|{1,2}\]?(?P<opens>:)?(?(closes)(?:\s*[xX×]\s*(?P<times>\d{1,9}))?)")
ENDING = re.compile(r"\s*\[?([1-9](?:\s*,\s*[1-9])*)(?:[.\])]+\s*|\s+|$)")
REMARK = re.compile(r"<([^<>]*)>")
LETTERED = re.compile(r"[A-Z][1-4]?")  # what sections are called that chords might be, too
MAX_CELL = 2000  # characters between two bar lines
MAX_NAME = 60  # characters of a section's mark
BARS_A_LINE = (4, 2, 1)
MIN_CELL = 11  # characters, so that charts look alike


def read_text_chart(text: str) -> Chart:
    """The chart that a text is. Raises: ChartError.

    >>> chart = read_text_chart("|: Dm7 | G7 :| Cmaj7 | N.C. |")
    >>> [bar.chords[0].chord.symbol for bar in chart.bars]
    ['Dm7', 'G7', 'Dm7', 'G7', 'Cmaj7', 'N.C.']
    """
    page = _TextPage()
    for line in without_comments(text).splitlines():
        if stripped := line.strip():
            page.take(stripped)
    _check_repeats(page.bars)
    _check_endings(page.bars)
    check_signs(page.bars)
    title, composer, key, style = (
        page.header.get(name, "") for name in ("title", "composer", "key", "style")
    )
    return Chart(title, composer, key, page.meter, unfold(page.bars), style)


def without_comments(text: str) -> str:
    """A text without the lines that are for people."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))


def title_of(text: str) -> str:
    """The title of a chart, without reading it; "" if there is none."""
    headers = (HEADER.fullmatch(line.strip()) for line in text.splitlines())
    return next((match[2].strip() for match in headers if match and match[1].lower() == "title"), "")


def _section(cell: str) -> re.Match[str] | None:
    """The section's mark that a bar begins with; "G7 :" is none, but a chord and a stray colon."""
    match = SECTION.match(cell)
    name = match[3].strip() if match and match[3] else ""
    if match and name and not LETTERED.fullmatch(name) and is_symbol(name):
        return None
    return match


def _check_repeats(bars: list[WrittenBar]) -> None:
    """Check that every repeat that opens is closed. Raises: ChartError."""
    opened: int | None = None
    for number, bar in enumerate(bars, start=1):
        if bar.opens and opened is not None:
            break
        opened = number if bar.opens else opened
        opened = None if bar.closes else opened
    if opened is not None:
        raise ChartError(f"bar {opened}: expected :| where the repeat that begins here ends, got none")


def _check_endings(bars: list[WrittenBar]) -> None:
    """Check that before each ending there are those with lower numbers. Raises: ChartError."""
    before = frozenset[int]()
    for number, bar in enumerate(bars, start=1):
        before = frozenset() if bar.opens or 1 in bar.endings else before
        for ending in range(1, min(bar.endings, default=0)):
            if ending not in before:
                raise ChartError(f"bar {number}: expected ending {ending} of the repeat before it, got none")
        before |= bar.endings


@dataclass(slots=True)
class _TextPage:
    """What has been read of a text so far."""

    header: dict[str, str] = field(default_factory=dict)
    meter: TimeSignature = COMMON_TIME
    bars: list[WrittenBar] = field(default_factory=list)
    section: str = ""  # that the next bar begins
    opens: bool = False  # whether that begins a repeat
    remarks: list[str] = field(default_factory=list)  # that are for it

    @property
    def place(self) -> str:
        """The bar that is being read, for an error."""
        return f"bar {len(self.bars) + 1}"

    def take(self, line: str) -> None:
        """Take in a line that is not empty. Raises: ChartError."""
        if match := HEADER.fullmatch(line):
            self._take_header(match[1].lower(), match[2].strip())
            return
        place = 0
        is_open = False  # whether a bar line stands before, in this line
        for match in [*BAR_LINE.finditer(line), None]:
            cell = line[place : match.start() if match else len(line)]
            if cell.strip():
                self._take_bar(cell)
            elif cell and is_open and match and not (match["closes"] or match["opens"]):
                raise ChartError(f"{self.place}: expected chords, or % for the bar before again, got none")
            if match:
                self._take_bar_line(match)
                place, is_open = match.end(), match[0] == "|"

    def _take_header(self, name: str, value: str) -> None:
        if self.bars:
            raise ChartError(f"{self.place}: expected {name}: above the first bar; there is one for all bars")
        if name == "meter":
            try:
                self.meter = TimeSignature.parse(value)
            except ValueError as error:
                raise ChartError(f"meter: {error}") from error
        else:
            self.header[name] = read_key(value) if name == "key" else value

    def _take_bar_line(self, match: re.Match[str]) -> None:
        self.opens |= match["opens"] is not None
        if not self.bars:
            if match["closes"]:
                raise ChartError("bar 1: expected bars before :|, got none")
            return
        times = match["times"]
        if times and not 1 <= int(times) <= MAX_TIMES:
            raise ChartError(f"bar {len(self.bars)}: expected x1 to x{MAX_TIMES}, got x{times}")
        last = self.bars[-1]
        self.bars[-1] = replace(
            last,
            closes=last.closes or match["closes"] is not None,
            times=int(times) if times else last.times,
            ends_part=last.ends_part or len(match[0].strip(":")) > 1,
        )

    def _take_bar(self, cell: str) -> None:
        """Take in what stands between two bar lines. Raises: ChartError."""
        endings: frozenset[int] = frozenset()
        if len(cell) > MAX_CELL:
            expected = f"expected a bar line after {MAX_CELL:,} characters at most"
            raise ChartError(f"{self.place}: {expected}, got none")
        while match := _section(cell) or ENDING.match(cell):
            if match.re is SECTION:
                self.section = next(filter(None, match.groups())).strip()[:MAX_NAME]
            else:
                endings = frozenset(map(int, re.findall(r"\d", match[1])))
            cell = cell[match.end() :]
        words, remarks = REMARK.sub(" ", cell).split(), REMARK.findall(cell)
        if unclosed := next((word for word in words if word[0] == "<"), ""):
            raise ChartError(
                f"{self.place}: expected > where the remark ends, got {printable(unclosed, MAX_NAME)}"
            )
        if words == ["%%"]:
            self._repeat_two(endings, remarks)
        elif words:
            self._add(WrittenBar(Bar(self._chords(words)), endings=endings), remarks)
        elif endings:
            raise ChartError(f"{self.place}: expected chords in the ending, got none")
        else:
            self._take_remarks(remarks)

    def _take_remarks(self, remarks: list[str]) -> None:
        """Take in remarks that stand alone: they are for the bar before, if they are not for the next."""
        for remark in remarks:
            if self.bars and remark.strip().lower() not in ("segno", "coda"):
                self.bars[-1] = with_remark(self.bars[-1], remark)
            else:
                self.remarks.append(remark)

    def _add(self, written: WrittenBar, remarks: list[str]) -> None:
        """Add a bar, with the marks that stand before it. Raises: ChartError."""
        if len(self.bars) == MAX_BARS:
            raise ChartError(f"{self.place}: expected at most {MAX_BARS} bars, got more")
        for remark in [*self.remarks, *remarks]:
            written = with_remark(written, remark)
        bar = replace(written.bar, section=self.section)
        self.bars.append(replace(written, bar=bar, opens=self.opens))
        self.section, self.opens, self.remarks = "", False, []

    def _repeat_two(self, endings: frozenset[int], remarks: list[str]) -> None:
        """Add the two bars before again. Raises: ChartError."""
        if len(self.bars) < 2:
            raise ChartError(f"{self.place}: expected two bars before %%, got {len(self.bars)}")
        first, second = (bar.bar for bar in self.bars[-2:])
        self._add(WrittenBar(Bar(first.chords), endings=endings), [])
        self._add(WrittenBar(Bar(second.chords)), remarks)

    def _chords(self, words: list[str]) -> tuple[PlacedChord, ...]:
        """The chords of a bar, equally spaced. Raises: ChartError."""
        if words == ["%"]:
            if not self.bars:
                raise ChartError(f"{self.place}: expected chords before the first %, got none")
            return self.bars[-1].bar.chords
        steps = self.meter.steps_per_bar
        if steps % len(words):
            raise ChartError(
                f"{self.place}: expected a number of chords that divides a bar of {self.meter} evenly, "
                f"got {len(words)}: hold some with a dot, as in {self._example()}"
            )
        held = self.bars[-1].bar.chords[-1].chord if self.bars else NO_CHORD
        length = steps // len(words)
        return tuple(
            PlacedChord(number * length, held if word in HELD else self._chord(word))
            for number, word in enumerate(words)
            if number == 0 or word not in HELD
        )

    def _chord(self, word: str) -> Chord:
        try:
            return read_symbol(word)
        except ChartError as error:
            raise ChartError(f"{self.place}: {error}") from error

    def _example(self) -> str:
        """A bar with a chord for each beat, but for those that are held."""
        beats = self.meter.numerator
        return " ".join(["Dm7", *["."] * max(beats - 3, 0), "G7", "C"][:beats])


# --- written ----------------------------------------------------------------------------


def written(chart: Chart, width: int | None = None) -> str:
    """A chart as text that ``read_text_chart`` reads, four bars a line, or fewer to fit a width in columns.

    >>> print(written(read_text_chart("[A] Dm7 G7 | Cmaj7 | % | A7 . . Eb7")))
    meter: 4/4
    <BLANKLINE>
    [A]
    | Dm7 G7      | Cmaj7       | %           | A7 . . Eb7  |
    """
    header = {"title": chart.title, "composer": chart.composer, "key": chart.key}
    lines = [f"{name}: {value}" for name, value in header.items() if value]
    lines += [f"meter: {chart.time_signature}", *([f"style: {chart.style}"] if chart.style else []), ""]
    cells = [_cell(chart, number) for number in range(len(chart.bars))]
    cell_width = max(MIN_CELL, *map(len, cells))
    fits = (count for count in BARS_A_LINE if width is None or count * (cell_width + 3) < width)
    for row in _rows(chart, next(fits, 1)):
        if section := chart.bars[row.start].section:
            lines.append(f"[{section}]")
        lines.append("".join(f"| {cells[number].ljust(cell_width)} " for number in row) + "|")
    return "\n".join(lines)


def _rows(chart: Chart, most: int) -> Iterator[range]:
    """The bars of each line: ``most`` at most, and a section begins a line."""
    start = 0
    for number in range(1, len(chart.bars) + 1):
        if number == len(chart.bars) or number - start == most or chart.bars[number].section:
            yield range(start, number)
            start = number


def _cell(chart: Chart, number: int) -> str:
    """What stands between two bar lines."""
    bar = chart.bars[number]
    if number and not bar.section and bar.chords == chart.bars[number - 1].chords:
        return "%"
    steps = chart.time_signature.steps_per_bar
    starts = {placed.step: placed.chord.symbol for placed in bar.chords}
    counts = (count for count in range(1, steps + 1) if steps % count == 0)
    count = next(count for count in counts if all(step % (steps // count) == 0 for step in starts))
    return " ".join(starts.get(place, HELD[0]) for place in range(0, steps, steps // count))
