"""The music of an iReal Pro chart: tokens, and the cells of a bar, as bars with chords.

A chord, a blank and each sign for a bar's content fills a cell. A chord lasts as many beats as it has cells;
where a bar has fewer cells than beats, the shortest chords get the rest, and where it has more, the longest
give some up. In 6/8, 9/8 and 12/8 a cell may also be a beat of three 8ths.

Source: https://www.irealpro.com/ireal-pro-custom-chord-chart-protocol.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from psc2.core.chart import Bar, PlacedChord
from psc2.core.harmony import NO_CHORD, Chord
from psc2.core.meter import COMMON_TIME, MAX_NUMERATOR, MIN_NUMERATOR, TimeSignature
from psc2.errors import ChartError
from psc2.scores.chord_symbols import read_symbol
from psc2.scores.roadmap import MAX_BARS, WrittenBar, with_remark
from psc2.text import printable

METERS = {"T12": "12/8", "T22": "4/4", "T32": "6/4"}  # the others are numerator and denominator
THIRDS = 3  # that a beat of those has
MARKS = {"i": "intro", "v": "verse"}
TOKEN = re.compile(
    r"<(?P<remark>[^>]*)>"
    r"|(?P<meter>T\d\d)"
    r"|\*(?P<section>[A-Za-z])"
    r"|N(?P<ending>\d)"
    r"|(?P<line>[|\[\]{}Z])"
    r"|\((?P<alternate>[^)]*)\)?"
    r"|(?P<chord>[A-G][#b]?(?:\*[^*|\[\]{}]{1,12}\*|(?:sus|alt|add|[-+^oh\d#b])*)(?:/[A-G][#b]?)?)"
    r"|W(?P<over>/[A-G][#b]?)?"
    r"|(?P<sign>[SQxrnp ])"
    r"|(?P<nothing>[YUfls,\s])",
)


def read_music(music: str) -> tuple[TimeSignature, list[WrittenBar]]:
    """The meter and the bars of a chart, as they are written. Raises: ChartError.

    >>> meter, bars = read_music("T34{C^7 |A-7 D7 |n }")
    >>> str(meter), [[placed.chord.symbol for placed in bar.bar.chords] for bar in bars]
    ('3/4', [['Cmaj7'], ['Am7', 'D7'], ['N.C.']])
    """
    page = _MusicPage()
    place = 0
    while place < len(music):
        match = TOKEN.match(music, place)
        if match is None:
            got = printable(music[place : place + 8])
            raise ChartError(f"{page.name}: expected a chord or a sign of iReal Pro's, got {got}")
        page.take(match.lastgroup or "over", match[match.lastgroup or 0])
        place = match.end()
    page.end_bar("|")
    if page.too_short:
        raise ChartError(
            f"bar 1: expected {MIN_NUMERATOR} to {MAX_NUMERATOR} beats a bar, got {page.too_short}"
        )
    return page.meter or COMMON_TIME, page.bars


def _blank() -> WrittenBar:
    """A bar without chords and signs."""
    return WrittenBar(Bar(()))


@dataclass(slots=True)
class _MusicPage:
    """What has been read of the music so far."""

    meter: TimeSignature | None = None
    bar_meter: TimeSignature = COMMON_TIME  # of the present bar, which is as long
    too_short: str = ""  # a meter of one beat, as pickups have
    bars: list[WrittenBar] = field(default_factory=list)
    cells: list[Chord | None] = field(default_factory=list)  # of the present bar; None holds what sounds
    signs: WrittenBar = field(default_factory=_blank)  # that the present bar has
    section: str = ""
    repeated: int = 0  # how many bars before it the present one stands for again
    is_inside: bool = False  # whether a bar line has begun a bar, which then is one even if it is blank
    has_pair: bool = False  # whether the last bar added is the second of two that stand there again

    @property
    def name(self) -> str:
        """The bar that is being read, for an error."""
        return f"bar {len(self.bars) + 1}"

    def take(self, kind: str, text: str) -> None:
        """Take in a token. Raises: ChartError."""
        match kind:
            case "remark":
                self._take_remark(re.sub(r"^\*\d\d", "", text))
            case "meter":
                self._take_meter(text)
            case "section":
                self.section = MARKS.get(text, text.upper())
            case "ending":
                if text != "0":
                    self.signs = replace(self.signs, endings=frozenset({int(text)}))
            case "line":
                self.end_bar(text)
            case "chord":
                self.cells.append(self._chord(text))
            case "over":
                bass = text.removeprefix("W").removeprefix("/")
                self.cells.append(self._sounding_over(bass) if bass else None)
            case "sign":
                self._take_sign(text)

    def _sounding_over(self, bass: str) -> Chord:
        """The chord that sounds, over another bass."""
        sounding = self._sounding()
        return read_symbol(f"{sounding.symbol.partition('/')[0]}/{bass}") if sounding.tones else sounding

    def _chord(self, text: str) -> Chord:
        try:
            return read_symbol(text.replace("*", ""))
        except ChartError as error:
            raise ChartError(f"{self.name}: {error}") from error

    def _sounding(self) -> Chord:
        """The chord that sounds at this place."""
        own = next((chord for chord in reversed(self.cells) if chord is not None), None)
        if own is None and self.bars:
            return self.bars[-1].bar.chords[-1].chord
        return own or NO_CHORD

    def _take_remark(self, text: str) -> None:
        if self._has_content() or self.is_inside or not self.bars:
            self.signs = with_remark(self.signs, text)
        else:
            self.bars[-1] = with_remark(self.bars[-1], text)

    def _take_meter(self, text: str) -> None:
        """Take in a meter; what it comes after may have been a pickup. Raises: ChartError."""
        written = METERS.get(text, f"{text[1]}/{text[2]}")
        if text[1] == "1" and written[1] == "/" and not self.bars:  # a bar of one beat begins a tune, or none
            self.too_short = written
            return
        try:
            meter = TimeSignature.parse(written)
        except ValueError as error:
            raise ChartError(f"{self.name}: {error}") from error
        if len(self.bars) == 1 and not self._has_content():
            self._leave_out_pickup(meter)
        before = self.too_short if self.bars else ""
        if before or (self.meter is not None and self.meter.steps_per_bar != meter.steps_per_bar):
            one = f"{before or self.meter}, the meter of the bars before, as a chart has one"
            raise ChartError(f"{self.name}: expected {one}, got {meter}")
        self.meter, self.bar_meter, self.too_short = self.meter or meter, meter, ""

    def _leave_out_pickup(self, meter: TimeSignature) -> None:
        """Leave out a first bar that is shorter than those behind it: a chorus comes round without it."""
        if self.too_short or (self.meter is not None and self.meter.steps_per_bar < meter.steps_per_bar):
            self.bars, self.meter = [], None

    def _take_sign(self, sign: str) -> None:
        match sign:
            case "S":
                self.signs = replace(self.signs, segno=True)
            case "Q":
                self._take_coda()
            case "x" | "r":
                self.repeated = 1 if sign == "x" else 2
            case "n":
                self.cells.append(NO_CHORD)
            case _:
                self.cells.append(None)

    def _take_coda(self) -> None:
        if self._has_content():
            self.signs = replace(self.signs, leaves=True)
        else:
            self.signs = replace(self.signs, coda=True)

    def _has_content(self) -> bool:
        return self.repeated > 0 or any(chord is not None for chord in self.cells)

    # --- bars -----------------------------------------------------------------------------

    def end_bar(self, line: str) -> None:
        """End the present bar, if there is one, at a bar line. Raises: ChartError."""
        if self._has_content() or (self.is_inside and self.cells and self.bars):
            self._add_bar()
        elif self.signs.jump and self.bars:  # it stood behind the last bar line
            self.bars[-1] = replace(self.bars[-1], jump=self.signs.jump)
            self.signs = replace(self.signs, jump=None)
        if line in "]}Z" and self.bars:
            last = self.bars[-1]
            self.bars[-1] = replace(last, ends_part=True, closes=last.closes or line == "}")
        self.cells, self.repeated = [], 0
        self.is_inside = line in "|[{"
        if line == "{":
            self.signs = replace(self.signs, opens=True)

    def _add_bar(self) -> None:
        if self.repeated > len(self.bars):
            raise ChartError(f"{self.name}: expected bars before it to repeat, got {len(self.bars)}")
        if self.has_pair and not self._has_content():  # the blank one below a sign for two bars
            self.has_pair = False
            return
        again = [bar.bar.chords for bar in self.bars[-self.repeated :]] if self.repeated else [self._placed()]
        for number, chords in enumerate(again):
            signs = self.signs if number == 0 else _blank()
            self.bars.append(replace(signs, bar=Bar(chords, self.section)))
            self.section = ""
        if len(self.bars) > MAX_BARS:
            raise ChartError(f"{self.name}: expected at most {MAX_BARS} bars, got more")
        self.signs = _blank()
        self.has_pair = len(again) == 2

    def _placed(self) -> tuple[PlacedChord, ...]:
        """The chords of the present bar, each on its beat."""
        if not self.too_short:
            self.meter = self.meter or COMMON_TIME
        chords: list[Chord] = []
        cells: list[int] = []
        for chord in self.cells:
            if chord is None and not chords:
                if not self.bars:
                    continue  # a blank before the first chord of all
                chord = self.bars[-1].bar.chords[-1].chord
            if chord is not None:
                chords.append(chord)
                cells.append(0)
            cells[-1] += 1
        try:
            steps = beats_of(cells, self.bar_meter)
        except ChartError as error:
            raise ChartError(f"{self.name}: {error}") from error
        starts = [sum(steps[:number]) for number in range(len(steps))]
        return tuple(map(PlacedChord, starts, chords))


def beats_of(cells: Sequence[int], meter: TimeSignature) -> list[int]:
    """How long each chord of a bar is, in 16ths, by the cells that it has. Raises: ChartError.

    >>> beats_of([2, 1], TimeSignature(4, 4)), beats_of([2, 2], TimeSignature(3, 4))
    ([8, 8], [8, 4])
    """
    unit = meter.steps_per_beat
    while len(cells) * unit > meter.steps_per_bar:
        unit //= 2
        if unit == 0:
            raise ChartError(f"expected at most {meter.steps_per_bar} chords, got {len(cells)}")
    wanted = meter.steps_per_bar // unit
    if wanted == THIRDS * sum(cells):
        return [count * THIRDS * unit for count in cells]
    beats = [min(count, wanted) for count in cells]
    while sum(beats) < wanted:
        beats[beats.index(min(beats))] += 1
    while sum(beats) > wanted:
        beats[len(beats) - 1 - beats[::-1].index(max(beats))] -= 1
    return [beat * unit for beat in beats]
