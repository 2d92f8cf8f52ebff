"""Pictures of one solo: whose pitches its notes have, in several kinds of turn, and where they lie."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from psc2.core.effects import NoteOff, NoteOn
from scripts.benchmarks import pitches
from scripts.benchmarks.turns import KINDS, SOLOS, Solo, Watched, play, read_solos

SHOWN = {"paper": "the paper", "count": "count, the default", "phrase": "phrase", "bars": "{bars: 4}"}
FIRST_S, LENGTH_S = 0.0, 40.0
PLACED = {
    "paper": "the paper: as the model draws them",
    "strong": "the default: register, and harmony on strong beats",
}
OWN, MACHINES, STRANGE, PALE = "#30343A", "#D1495B", "#EDAE49", "#DDDDDD"
WIDTH_IN, ROW_IN, DPI = 16.0, 2.2, 110
NOTE_HEIGHT = 0.8


def draw(path: Path, number: int = 0) -> str:
    """Draw validation solo ``number``. Returns: one line for whoever measures. Raises: OSError."""
    solo = [*read_solos(SOLOS)][number]
    figure = Figure(figsize=(WIDTH_IN, ROW_IN * len(SHOWN)), layout="constrained")
    rows = figure.subplots(len(SHOWN), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (kind, title) in zip(rows, SHOWN.items(), strict=True):
        _draw_kind(axes, solo, KINDS[kind], title)
    rows[-1].set_xlabel("seconds")
    figure.suptitle(f"{solo.title}, {solo.qpm:.0f} qpm: the player's pitches dark, the machine's red")
    figure.savefig(path, dpi=DPI)
    return f"drawn: {path}"


def draw_pitches(path: Path, number: int = 0) -> str:
    """… as the model draws them, and in register and harmony, in the paper's turns. Raises: OSError."""
    solo = [*read_solos(SOLOS)][number]
    figure = Figure(figsize=(WIDTH_IN, ROW_IN * len(PLACED)), layout="constrained")
    rows = figure.subplots(len(PLACED), 1, sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (way, title) in zip(rows, PLACED.items(), strict=True):
        lead = pitches.play(solo, pitches.chart_of(solo), pitches.WAYS[way], seed=0).lead
        for (onset, end, _), note in zip(solo.notes, lead, strict=True):
            own = note.drawn is None
            axes.broken_barh(
                [(onset, max(0.03, end - onset))], (note.pitch - NOTE_HEIGHT / 2, NOTE_HEIGHT),
                color=OWN if own else MACHINES if note.chord.fits(note.pitch) else STRANGE,
            )  # fmt: skip
        _draw_bars(axes, solo, title)
    rows[-1].set_xlabel("seconds")
    figure.suptitle(f"{solo.title}: the machine's pitches red, those outside the chord's scale yellow")
    figure.savefig(path, dpi=DPI)
    return f"drawn: {path}"


def _draw_bars(axes: Axes, solo: Solo, title: str) -> None:
    bar_s = solo.beats_a_bar * 60 / solo.qpm
    for bar in range(int(LENGTH_S / bar_s) + 1):
        axes.axvline(bar * bar_s, color=PALE, linewidth=1.2 if bar % 4 == 0 else 0.4, zorder=0)
    axes.set_xlim(FIRST_S, LENGTH_S)
    axes.set_title(title, loc="left", fontsize=10)


def _draw_kind(axes: Axes, solo: Solo, improv: Mapping[str, object], title: str) -> None:
    performance, start = play(solo, improv, seed=0)
    machines = [change.at - start for change in performance.changes if change.to_machine]
    players = [change.at - start for change in performance.changes if not change.to_machine]
    ends = [*players, LENGTH_S][: len(machines)]
    for begin, end in zip(machines, ends, strict=False):
        axes.axvspan(begin, end, color="#FCE9EB", linewidth=0)
    for begin, end, pitch in _heard(performance, start):
        is_machines = any(first <= begin + 1e-6 < last for first, last in zip(machines, ends, strict=False))
        axes.broken_barh(
            [(begin, max(0.03, end - begin))], (pitch - NOTE_HEIGHT / 2, NOTE_HEIGHT),
            color=MACHINES if is_machines else OWN,
        )  # fmt: skip
    _draw_bars(axes, solo, title)


def _heard(performance: Watched, start: float) -> list[tuple[float, float, int]]:
    """The lead's notes: when they begin and end, in seconds from the loop's start, and their pitch."""
    begun: dict[int, tuple[float, int]] = {}
    found = []
    for one in performance.output.sent:
        match one.effect:
            case NoteOn(pitch=pitch, note_id=note_id):
                begun[note_id] = one.when - start, pitch
            case NoteOff(note_id=note_id) if note_id in begun:
                at, pitch = begun.pop(note_id)
                found.append((at, one.when - start, pitch))
    return [note for note in found if note[0] < LENGTH_S]
