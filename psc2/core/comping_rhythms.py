"""Rhythms of comping: cells of a bar or two, drawn as one sees them.

In a drawing ``x`` is a stroke, the dashes behind it hold it on, and dots are rests; each sign is an 8th, in
meters of 16ths a 16th. A space stands where a bar begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

from psc2.core.grouping import Groups, strong_steps
from psc2.core.manner import Manner
from psc2.core.meter import TimeSignature

EMPTY, SINGLE = 0.4, 0.6  # how likely those without a stroke, or with one, are to be taken, as a factor
MANY = 2.5  # strokes in 16 steps


@dataclass(frozen=True, slots=True)
class RhythmCell:
    """A rhythm of a bar or two."""

    strokes: tuple[tuple[int, int], ...]  # steps from the cell's beginning, and how many steps long at most
    bars: int
    is_full: bool  # whether another as full one right after it would be too much

    onsets: tuple[int, ...] = field(init=False)  # the steps without the lengths
    fullness: int = field(init=False)  # strokes in a bar, rounded down
    likely: float = field(init=False)  # to be taken, as a factor

    @property
    def is_calm(self) -> bool:
        """Whether it has a stroke a bar, or one more in two."""
        return 2 * len(self.strokes) <= 3 * self.bars

    def __post_init__(self) -> None:
        object.__setattr__(self, "onsets", tuple(step for step, _ in self.strokes))
        object.__setattr__(self, "fullness", len(self.strokes) // self.bars)
        object.__setattr__(self, "likely", (EMPTY, SINGLE, 1.0)[min(len(self.strokes), 2)])

    @classmethod
    def drawn(cls, drawing: str, sign_steps: int = 2) -> RhythmCell:
        """The cell of a drawing.

        >>> RhythmCell.drawn("x--x....").strokes
        ((0, 6), (6, 2))
        """
        signs = drawing.replace(" ", "")
        strokes = []
        for place, sign in enumerate(signs):
            if sign == "x":
                held = len(signs[place + 1 :]) - len(signs[place + 1 :].lstrip("-"))
                strokes.append((place * sign_steps, (1 + held) * sign_steps))
        is_full = len(strokes) * 16 >= MANY * len(signs) * sign_steps
        return cls(tuple(strokes), len(drawing.split()), is_full)


def _drawn(*drawings: str) -> tuple[RhythmCell, ...]:
    return tuple(RhythmCell.drawn(drawing) for drawing in drawings)


CHARLESTONS = _drawn("x--x....", "...x---x")  # that a fast tune has among what is calm
IN_FOUR = _drawn(
    "x--x....",  # the Charleston …
    "x..x--..",
    ".x..x---",  # … begun an 8th later …
    ".x..x...",
    "..x..x--",  # … a beat later …
    "...x--x.",  # … and on the off-beat of 2
    "...x...x",  # Red Garland's: the off-beats of 2 and 4
    "...x---.",
    "...x....",
    ".......x",  # one push into the next bar
    "..x...x.",  # 2 and 4, as on Basie's records
    "..x----.",
    "x-----..",
    "x.......",
    ".x-x----",
    ".x.....x",
    "x--x--x.",
    "....x--x",
    ".x..x..x",
    "..xx----",
    "x......x",
    "........",
    "x--x-... .x--....",
    "...x...x -----...",
    "x..x..x. .x..x-..",  # dotted quarters over the bar line
    ".x-x---- ........",
    "x------- ...x...x",
    "..x..x.. x--.....",
    ".......x --..x...",
    "...x---- ......x.",
    ".x...... ...x--.x",
    "x.x..... ...x----",
    "........ .x..x---",
)
BALLAD_IN_FOUR = _drawn(  # half notes and whole ones, that are struck again
    "x-------", "x---x---", "x--x----", "x-----x-",
    "x------- x---x---", "x---x--- x-------", "x------- --x-----", "x-----x- --x-----", "x------- --x---x-",
)  # fmt: skip
BALLAD_IN_THREE = _drawn(
    "x-----", "x---x-", "x--x--", "x----- --x---", "x---x- --x---", "x----- x---x-", "x---x- x-----",
)  # fmt: skip
BOSSA = _drawn(
    "x--x--x- --x--x--",  # the clave of bossa nova …
    "..x--x-- x--x--x-",  # … and begun with its other half
    "x--x---x -----x-.",
    "x--x--x. .x--x---",
    "x-x--x-- x--x--x.",
    "x--x---x ---x--x.",
    ".x-x--x- --x--x--",
    "x--x--x- x--x----",
    "x--x--x.", "x--x---x", "..x--x--",
)  # fmt: skip
IN_THREE = _drawn(
    "x--x..", "x----.", "..x-x.", "...x--", "x..x-.", ".x.x--", "..x---", ".....x", "x....x", ".x-...",
    "......",
    "x..... ..x-x.", "x...x. ..x---",  # the second in twos over the threes
    "x--x-. ......", ".....x --..x.", "x----- ...x..", "..x... x--...",
)  # fmt: skip
IN_TWO = _drawn("x--x", "...x", "x---", ".x..", "..x.", ".x-x", "x...", "....")
TWO_BEATS = {2: ("x...", "x--x", "...x", ".x..", "x-..", "..x-", "...."), 1: ("x.", "x-", ".x", "..")}
THREE_BEATS = {
    2: ("x--x..", "x....x", "...x--", "..x-x.", "x-....", ".x.x..", "......"),
    1: ("x--", "x..", "x-x", "..x", ".x-", "..."),
}
ONE_BEAT = {2: ("x-", ".x", ".."), 1: ("x", ".")}
MADE = 24  # cells that are made for a meter that has none of its own
SHORT_BAR_STEPS = 12  # shorter bars are taken two at a time
MOST = 2.6  # strokes of a made cell for each 16 steps, or two a bar if that is more


def cells(
    time_signature: TimeSignature, groups: Groups, random: Random, manner: Manner = Manner.MEDIUM
) -> tuple[RhythmCell, ...]:
    """The cells of a meter; for one without its own they are made of its groups of beats.

    >>> len(cells(TimeSignature(4, 4), (), Random(0))) == len(IN_FOUR)
    True
    """
    strong = sorted(strong_steps(time_signature, groups))
    own = {(4, (0, 8)): IN_FOUR, (4, (0,)): IN_THREE if time_signature.numerator == 3 else IN_TWO}
    found = own.get((time_signature.denominator, tuple(strong)))
    if found is None or time_signature.numerator > 4:
        found = _made(time_signature, strong, random)
    if manner is Manner.BOSSA and found is IN_FOUR:
        return BOSSA
    if manner is Manner.FAST:
        return tuple(cell for cell in found if cell.is_calm or cell in CHARLESTONS)
    if manner is Manner.BALLAD:
        slow = {IN_FOUR: BALLAD_IN_FOUR, IN_THREE: BALLAD_IN_THREE}
        return slow.get(found) or tuple(
            _legato(cell, time_signature) for cell in found if cell.is_calm and cell.strokes
        )
    return found


def _legato(cell: RhythmCell, time_signature: TimeSignature) -> RhythmCell:
    """A cell whose strokes are each held until the next."""
    ends = [*cell.onsets[1:], cell.bars * time_signature.steps_per_bar]
    strokes = tuple((step, end - step) for step, end in zip(cell.onsets, ends, strict=False))
    return RhythmCell(strokes, cell.bars, cell.is_full)


def _made(time_signature: TimeSignature, strong: Sequence[int], random: Random) -> tuple[RhythmCell, ...]:
    """Cells of any meter; bars of one stroke and without any are among them."""
    signs = 2 if time_signature.denominator == 4 else 1  # to a beat
    sign_steps = time_signature.steps_per_beat // signs
    ends = [*strong[1:], time_signature.steps_per_bar]
    beats = [(end - begin) // time_signature.steps_per_beat for begin, end in zip(strong, ends, strict=True)]
    bars = 1 + (time_signature.steps_per_bar < SHORT_BAR_STEPS)
    most = max(2 * bars, int(MOST * bars * time_signature.steps_per_bar / 16))
    rest = "." * (time_signature.steps_per_bar // sign_steps)
    found = dict.fromkeys([rest, "x" + rest[1:], rest[1:] + "x"])
    for _ in range(MADE):
        drawing = " ".join(
            "".join("".join(_group(size, signs, random)) for size in beats) for _ in range(bars)
        )
        found[_thinned(drawing, most, random)] = None
    return tuple(RhythmCell.drawn(drawing, sign_steps) for drawing in found)


def _thinned(drawing: str, most: int, random: Random) -> str:
    """A drawing with so many strokes at most."""
    strokes = [place for place, sign in enumerate(drawing) if sign == "x"]
    for place in random.sample(strokes, max(0, len(strokes) - most)):
        drawing = drawing[:place] + "." + drawing[place + 1 :]  # dashes that begin nowhere are rests
    return drawing


def _group(beats: int, signs: int, random: Random) -> Iterator[str]:
    """Drawings that fill a group of beats, in twos and a three where it is longer."""
    while beats > 3:
        yield random.choice(TWO_BEATS[signs])
        beats -= 2
    yield random.choice({1: ONE_BEAT, 2: TWO_BEATS, 3: THREE_BEATS}[beats][signs])
