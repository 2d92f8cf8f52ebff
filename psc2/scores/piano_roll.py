"""A score as a picture: systems one below the other, each a piano roll with the drums under it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from psc2.core.instruments import Instrument
from psc2.files import replacing
from psc2.scores.score import Note, Part, Score

SYSTEM_STEPS = 144  # nine bars of 4/4
WIDTH_IN, TOP_IN, BOTTOM_IN = 20.0, 1.1, 0.55
ROLL_IN, DRUM_IN, GAP_IN = 2.2, 0.14, 1.2  # of a system: its pitches, a line of its drums, what is below it
DPI = 100
NOTE_HEIGHT = 1.3  # semitones
CONTROLS_APART_STEPS = 10  # closer ones share a place
NARROW_STEPS = 16  # nearer to the margin, a text stands to the left of its place
STRUCK = (Part.DRUMS, Part.CLICK)
INK, PALE = "#222222", "#777777"
# From the palette of Okabe and Ito, whose colours stay apart for colour-blind eyes.
COLOURS = {
    Part.BASS: "#009E73",
    Part.CHORDS: "#9A9A9A",
    Part.PLAYER: "#0072B2",
    Part.MACHINE: "#E69F00",
}
CLICKS = (Instrument.CLICK_BEAT, Instrument.CLICK_BAR, Instrument.CLICK_SEQUENCE)
DRUM_NAMES = dict.fromkeys(CLICKS, "click") | {
    Instrument.KICK: "kick",
    Instrument.SNARE: "snare",
    Instrument.CLOSED_HIHAT: "closed hi-hat",
    Instrument.OPEN_HIHAT: "open hi-hat",
    Instrument.LOW_TOM: "low tom",
    Instrument.MID_TOM: "mid tom",
    Instrument.HIGH_TOM: "high tom",
    Instrument.RIDE: "ride",
    Instrument.CRASH: "crash",
}


@dataclass(frozen=True, slots=True)
class StaffSystem:
    """One line of the score."""

    start: int  # its first step
    end: int  # the first step after it


def write(score: Score, path: Path) -> None:
    """Write a picture of the score as a PNG file. Raises: OSError."""
    with replacing(path) as part, style.context("default"):
        draw(score).savefig(part, format="png", dpi=DPI, metadata={"Software": None})


def draw(score: Score) -> Figure:
    """The score as a picture of Matplotlib's, one system below the other."""
    systems = systems_of(score)
    names = _drum_names(score)
    drums_in = DRUM_IN * max(len(names), 1)
    system_in = ROLL_IN + drums_in
    height_in = TOP_IN + (system_in + GAP_IN) * len(systems) - GAP_IN + BOTTOM_IN
    figure = Figure(figsize=(WIDTH_IN, height_in))
    grid = figure.add_gridspec(
        len(systems), 1, left=0.055, right=0.99, top=1 - TOP_IN / height_in, bottom=BOTTOM_IN / height_in,
        hspace=GAP_IN / system_in,
    )  # fmt: skip
    for row, system in enumerate(systems):
        lanes = grid[row, 0].subgridspec(2, 1, height_ratios=(ROLL_IN, drums_in), hspace=0.03)
        roll, drums = figure.add_subplot(lanes[0]), figure.add_subplot(lanes[1])
        _draw_roll(roll, score, system)
        _draw_drums(drums, score, system, names)
        _draw_headings(roll, score, system)
        _draw_controls(drums, score, system)
    _draw_title(figure, score, 1 - 0.35 / height_in)
    return figure


def systems_of(score: Score) -> list[StaffSystem]:
    """The systems of a score, of at most ``SYSTEM_STEPS``, broken between passes, a long one at bar lines."""
    sequence_ends = dict(pairwise([*score.sequences, score.end]))
    firsts = [score.start]
    for bar, bar_end in pairwise([*score.bar_lines, score.end]):
        too_long = sequence_ends.get(bar, bar_end) - firsts[-1] > SYSTEM_STEPS
        if too_long and bar > firsts[-1]:
            firsts.append(bar)
    return [StaffSystem(*bounds) for bounds in pairwise([*firsts, score.end])]


def _draw_roll(axes: Axes, score: Score, system: StaffSystem) -> None:
    """The pitched notes, the lead's on top; a louder note has more colour."""
    pitches = [note.pitch for note in score.notes if note.part in COLOURS] or [60]
    axes.set_ylim(min(pitches) - 1.5, max(pitches) + 1.5)
    octaves = [pitch for pitch in range(0, 128, 12) if min(pitches) - 1 <= pitch <= max(pitches) + 1]
    axes.set_yticks(octaves, [f"C{pitch // 12 - 1}" for pitch in octaves])
    for pitch in octaves:
        axes.plot([system.start, system.end], [pitch - 0.5] * 2, color="#DDDDDD", linewidth=0.6, zorder=0.5)
    for layer, (part, colour) in enumerate(COLOURS.items(), start=3):
        edge = INK if part is Part.MACHINE else "white"
        for note in _notes(score, system, part):
            axes.broken_barh(
                [(note.onset, note.end - note.onset)], (note.pitch - NOTE_HEIGHT / 2, NOTE_HEIGHT),
                facecolors=[_shade(colour, note.velocity)], edgecolors=edge,
                linewidth=0.7 if part is Part.MACHINE else 0.3, zorder=layer,
            )  # fmt: skip
    _draw_time(axes, score, system)


def _drum_names(score: Score) -> list[str]:
    """The names of the drums that are struck, the lowest line first."""
    used = {note.instrument for note in _notes(score, StaffSystem(score.start, score.end), *STRUCK)}
    return list(dict.fromkeys(name for drum, name in DRUM_NAMES.items() if drum in used))


def _draw_drums(axes: Axes, score: Score, system: StaffSystem, names: list[str]) -> None:
    """One line a drum, the click below them; a louder stroke has more ink."""
    axes.set_ylim(-0.8, max(len(names), 1) - 0.2)
    axes.set_yticks(range(len(names)), names)
    for note in _notes(score, system, *STRUCK):
        line = names.index(DRUM_NAMES[note.instrument])
        height = 0.85 if note.instrument is not Instrument.CLICK_BEAT else 0.4
        axes.broken_barh(
            [(note.onset, note.end - note.onset)], (line - height / 2, height),
            facecolors=[_shade(INK, note.velocity)], zorder=3,
        )  # fmt: skip
    _draw_time(axes, score, system)


def _draw_time(axes: Axes, score: Score, system: StaffSystem) -> None:
    """Bar lines, heavier where a sequence starts, and beats; nothing past the system's end."""
    low, high = axes.get_ylim()
    for bar, bar_end in pairwise([*score.bar_lines, score.end]):
        if system.start <= bar < system.end:
            beats = range(bar, bar_end, score.bar_lines[bar].steps_per_beat)
            axes.vlines(beats, low, high, color="#E4E4E4", linewidth=0.6, zorder=0)
            width = 1.8 if bar in score.sequences else 0.8
            axes.vlines(bar, low, high, color=INK, linewidth=width, zorder=1)
    axes.vlines(system.end, low, high, color=INK, linewidth=2.5 if system.end == score.end else 0.8)
    axes.set_xlim(system.start - 0.5, system.start + max(SYSTEM_STEPS, system.end - system.start) + 0.5)
    axes.set_xticks([])
    axes.spines[:].set_visible(False)
    axes.tick_params(axis="y", length=0, labelsize=9, labelcolor=PALE)


def _draw_headings(axes: Axes, score: Score, system: StaffSystem) -> None:
    """Bar numbers, and above them the section's name with the meter and tempo that are new."""
    top = axes.get_ylim()[1]
    texts = headings(score)
    for number, bar in enumerate((bar for bar in score.bar_lines if bar >= 0), start=1):
        if system.start <= bar < system.end:
            axes.text(bar + 0.4, top + 0.6, str(number), fontsize=9, color=PALE)
    for bar, (name, rest) in texts.items():
        if system.start <= bar < system.end:
            axes.annotate(
                name, (bar, top), (0, 15), textcoords="offset points", fontsize=12, weight="bold", color=INK
            )
            axes.annotate(
                rest, (bar, top), (8.2 * len(name) + 14 if name else 0, 15), textcoords="offset points",
                fontsize=12, color=INK,
            )  # fmt: skip


def headings(score: Score) -> dict[int, tuple[str, str]]:
    """Section names, and new meters and tempi, by bar line; a tempo stands at the nearest one."""
    sections = dict(score.sections)
    tempi = {min(score.bar_lines, key=lambda bar: abs(bar - step)): qpm for step, qpm in score.tempi}
    texts, before = dict[int, tuple[str, str]](), None
    for bar, meter in score.bar_lines.items():
        new = [str(meter)] if meter != before else []
        new += [f"♩ = {tempi[bar]:g}"] if bar in tempi else []
        if bar in sections or new:
            texts[bar] = sections.get(bar, ""), "   ".join(new)
        before = meter
    return texts


def _draw_controls(axes: Axes, score: Score, system: StaffSystem) -> None:
    """Under the drums, what the player pressed and turned, in groups of about a beat."""
    bottom, right = axes.get_ylim()[0], axes.get_xlim()[1]
    for step, names in groups(score.controls):
        if system.start <= step < system.end:
            lines = [f"{name} ×{count}" if count > 1 else name for name, count in Counter(names).items()]
            axes.plot([step], [bottom], marker="^", markersize=4, color=PALE, clip_on=False)
            axes.annotate(
                "\n".join(lines), (step, bottom), (0, -5), textcoords="offset points",
                ha="right" if right - step < NARROW_STEPS else "left", va="top",
                fontsize=8.5, color=PALE, style="italic",
            )  # fmt: skip


def groups(controls: Iterable[tuple[float, str]]) -> list[tuple[float, list[str]]]:
    """Controls that are close together as groups, each at the step of its first."""
    grouped: list[tuple[float, list[str]]] = []
    for step, name in controls:
        if not grouped or step - grouped[-1][0] > CONTROLS_APART_STEPS:
            grouped.append((step, []))
        grouped[-1][1].append(name.replace("_", " "))
    return grouped


def _draw_title(figure: Figure, score: Score, y: float) -> None:
    figure.text(0.055, y, score.title, fontsize=20, weight="bold", color=INK, va="center")
    patches = [
        Patch(facecolor=colour, edgecolor=INK if part is Part.MACHINE else "white", label=part.value)
        for part, colour in COLOURS.items()
    ]
    figure.legend(
        handles=patches, loc="center right", bbox_to_anchor=(0.99, y), ncols=len(patches), frameon=False,
        fontsize=12,
    )  # fmt: skip


def _notes(score: Score, system: StaffSystem, *parts: Part) -> Iterator[Note]:
    """The notes of some parts that sound within the system."""
    for note in score.notes:
        if note.part in parts and note.onset < system.end - 0.1 and note.end > system.start:
            yield note


def _shade(colour: str, velocity: int) -> tuple[float, float, float, float]:
    return to_rgba(colour, 0.4 + 0.6 * velocity / 127)
