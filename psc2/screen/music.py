"""What each layer plays in the bar that sounds, below its 16ths, a row a layer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from math import floor
from typing import NamedTuple

from psc2.core.instruments import Instrument, Layer
from psc2.core.snapshot import Place, Snapshot
from psc2.core.spelling import spelled
from psc2.core.state import StruckKey
from psc2.screen.rows import BOLD, PLAIN, TURNED, Row
from psc2.screen.ruler import Ruler

LABELS = 7  # columns for the layers' names
LAYERS = (Layer.LEAD, Layer.CHORDS, Layer.BASS, Layer.DRUMS)  # from high to low, as in a score
PITCH_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
ROOT = re.compile("[A-G][#b]?")  # of a chord's symbol
STROKES = {  # the first of those that are struck together first, where there is room for one alone
    Instrument.KICK: "K",
    Instrument.SNARE: "S",
    Instrument.LOW_TOM: "t",
    Instrument.MID_TOM: "t",
    Instrument.HIGH_TOM: "t",
    Instrument.CRASH: "C",
    Instrument.RIDE: "r",
    Instrument.OPEN_HIHAT: "o",
    Instrument.CLOSED_HIHAT: "x",
}
HELD, BEGUN = "━", "█"  # of a note: as long as it lasts, and where there is no room for its name


class ShownNote(NamedTuple):
    """A note as a bar shows it."""

    step: int  # of the bar, 0-based; below 0 for one that began in a bar before
    end: int  # the first step after it
    pitch: int
    instrument: Instrument | None  # of the drums; None for a pitch
    style: str


@dataclass(slots=True)
class _Canvas:
    """A row on which later things cover earlier ones."""

    width: int
    cells: list[tuple[str, str]] = field(init=False)  # letter, style

    def __post_init__(self) -> None:
        self.cells = [(" ", PLAIN)] * self.width

    def put(self, column: int, text: str, style: str) -> None:
        for n, letter in enumerate(text, column):
            if 0 <= n < self.width:
                self.cells[n] = (letter, style)

    def row(self) -> Row:
        runs = groupby(self.cells, key=lambda cell: cell[1])
        return tuple(("".join(letter for letter, _ in run), style) for style, run in runs)


def pitch_name(pitch: int, over: str = "") -> str:
    """A pitch as songs write it, over the root of a chord as there; C4 is the middle C.

    >>> pitch_name(60), pitch_name(58), pitch_name(0), pitch_name(54), pitch_name(54, "Gb")
    ('C4', 'Bb3', 'C-1', 'F#3', 'Gb3')
    """
    number = pitch % 12
    return f"{spelled(number, over) if over else PITCH_NAMES[number]}{pitch // 12 - 1}"


def _root_at(now: Snapshot, place: Place | None, step: int) -> str:
    """The root of the chord that sounds at a step of this bar; of one that is over, that of the next."""
    if place is not None:
        bar = place.position.bar * place.passed.form.time_signature.steps_per_bar
        step += place.passed.start + bar
    begun = [chord for chord in now.chords if chord.step <= step] or [*now.chords[:1]]
    match = ROOT.match(begun[-1].symbol) if begun else None
    return match[0] if match else ""


def music_rows(now: Snapshot, place: Place | None, ruler: Ruler, at: float, width: int) -> Iterator[Row]:
    """A row a layer: what it plays in this bar, what is being recorded, and the key struck last."""
    for layer in LAYERS:
        canvas = _Canvas(width)
        canvas.put(1, layer.value, PLAIN if now.is_heard(layer) else TURNED)
        notes = sorted(_notes(now, place, layer, at), key=lambda note: note.step)
        struck = now.struck if now.struck is not None and now.struck.layer is layer else None
        step = None if struck is None else _step_of(now, place, struck)
        is_there = False
        for onset, group in groupby(notes, key=lambda note: note.step):
            together = [*group]
            is_struck = struck is not None and onset == step and struck.key in {n.pitch for n in together}
            root = _root_at(now, place, onset)
            _draw(canvas, ruler, together, notes, TURNED if is_struck else PLAIN, root)
            is_there = is_there or is_struck
        if struck is not None and step is not None and not is_there:
            _draw_struck(canvas, ruler, struck, step, _root_at(now, place, step))
        yield canvas.row()


def _notes(now: Snapshot, place: Place | None, layer: Layer, at: float) -> Iterator[ShownNote]:
    """The layer's notes of this bar, also those still ringing, and those on their way into it."""
    bar = 0 if place is None else max(0, place.position.bar)
    form = now.form if place is None else place.passed.form
    per_bar = form.time_signature.steps_per_bar
    for begun, notes in now.bars.items():
        for note in notes if begun <= bar else ():
            step = note.step - (bar - begun) * per_bar
            if note.layer is layer and step < per_bar and step + note.duration_steps > 0:
                drum = note.instrument if layer is Layer.DRUMS else None
                yield ShownNote(step, step + note.duration_steps, note.pitch, drum, PLAIN)
    for taken in now.taken:
        if taken.layer is layer and taken.position.bar == bar and now.grid is not None:
            so_far = floor(now.grid.step_at(at)) - taken.onset + 1
            length = max(1, so_far if taken.duration_steps is None else taken.duration_steps)
            step = taken.position.step
            yield ShownNote(step, step + length, taken.pitch, None, BOLD)


def _draw(
    canvas: _Canvas,
    ruler: Ruler,
    together: list[ShownNote],
    notes: Iterable[ShownNote],
    style: str,
    over: str,
) -> None:
    """Notes that begin together, up to where the next ones do; those being recorded stand out."""
    step, style = together[0].step, style or max(note.style for note in together)
    following = [note.step for note in notes if note.step > step]
    end = min(max(note.end for note in together), *following[:1], ruler.page.stop * ruler.unit)
    columns = ruler.columns(max(0, step), end)
    if not columns:
        return
    room = len(columns) - (len(columns) > 1)
    if together[0].instrument is not None:
        struck = {note.instrument for note in together}
        strokes = "".join(stroke for drum, stroke in STROKES.items() if drum in struck)
        canvas.put(columns.start, strokes[:room], style)
    else:
        name = _names([note.pitch for note in together], room, over) if step >= 0 else HELD
        canvas.put(columns.start, name.ljust(room, HELD), style)


def _names(pitches: Iterable[int], room: int, over: str = "") -> str:
    """What notes that begin together are called, as far as there is room.

    >>> [_names((57, 60, 64), room) for room in (9, 5, 4, 1)]
    ['A3 C4 E4', 'A C E', 'A3+2', '█']
    """
    low, *others = sorted(set(pitches))
    names = [pitch_name(pitch, over) for pitch in (low, *others)]
    tried = [" ".join(names), " ".join(name.rstrip("-0123456789") for name in names) if others else ""]
    tried.append(f"{names[0]}+{len(others)}" if others else "")
    return next((name for name in tried if name and len(name) <= room), BEGUN)


def _step_of(now: Snapshot, place: Place | None, struck: StruckKey) -> int | None:
    """The step of this bar that a key was struck at; None if it was in another bar."""
    if now.grid is None or place is None:
        return 0
    per_bar = place.passed.form.time_signature.steps_per_bar
    bar_line = place.passed.start + place.position.bar * per_bar
    step = floor(now.grid.step_at(struck.at) + 0.5) - bar_line
    return step if 0 <= step < per_bar else None


def _draw_struck(canvas: _Canvas, ruler: Ruler, struck: StruckKey, step: int, over: str) -> None:
    """A key at its step, with the machine's pitch where it sounds that."""
    columns = ruler.columns(step, step + 1)
    if columns:
        name = pitch_name(struck.key, over)
        if struck.pitch != struck.key:
            name += f"→{pitch_name(struck.pitch, over)}"
        canvas.put(min(columns.start, canvas.width - len(name) - 1), name, TURNED)
