"""Pictures of a training and of what came out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Picture
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator, PercentFormatter

from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.requests import Model, PrimerRhythm
from psc2.files import replacing
from psc2.models.rnn.encodings import STEPS_PER_BAR
from psc2.models.rnn.keys import KEYS
from psc2.models.rnn.primers import DRUMS
from psc2.scores.piano_roll import COLOURS, DPI, DRUM_NAMES, INK, NOTE_HEIGHT, PALE
from psc2.scores.score import Part
from psc2.training.continuation import NUMBERS, Study
from psc2.training.epoch import Epoch, best_of
from psc2.training.statistics import Figure, Statistics, distance, notes_of

WIDTH_IN, HEIGHT_IN = 10.0, 4.5
PANEL_IN, COLUMNS = 2.6, 3
ROLL_WIDTH_IN, ROLL_IN = 16.0, 1.7
LINE = "#E4E4E4"
PRIMER, MACHINE = COLOURS[Part.PLAYER], COLOURS[Part.MACHINE]
OF_RHYTHM = {PrimerRhythm.EVEN: (MACHINE, "evenly"), PrimerRhythm.PLAYED: ("#009E73", "as played")}
LABELS = {drum.value: DRUM_NAMES[drum] for drum in DRUMS}
OF_GROUPS = {"training": "#9A9A9A", "validation": PRIMER, "model": MACHINE}
OF_OTHERS = ("#009E73", "#CC79A7", "#56B4E9", "#D55E00")  # in their order, of the same palette


# --- statistics -----------------------------------------------------------------------


def statistics(groups: Mapping[str, Statistics], title: str, folder: Path, prefix: str) -> list[Path]:
    """Draw each profile, and all figures; the others are compared with the first group.

    Returns: the files, ``prefix_NAME.png``. Raises: OSError.
    """
    first = next(iter(groups.values()))
    folder.mkdir(parents=True, exist_ok=True)
    found = [
        profile(groups, name, f"{title}: {name}", folder / f"{prefix}_{name.replace(' ', '_')}.png")
        for name in first.profiles
    ]
    values = {group: found.figures for group, found in groups.items()}
    return [*found, figures(values, title, folder / f"{prefix}_figures.png")]


@style.context("default")
def profile(groups: Mapping[str, Statistics], name: str, title: str, path: Path) -> Path:
    """Draw a profile, the groups' bars side by side; the legend has each one's distance from the first."""
    picture = Picture(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    axes = picture.add_subplot()
    found = {group: statistics.profiles[name] for group, statistics in groups.items()}
    first = next(iter(found.values()))
    width = 0.84 / len(found)
    for number, (group, one) in enumerate(found.items()):
        label = group if one is first else f"{group} (distance {distance(one, first):.3f})"
        places = [place + (number - (len(found) - 1) / 2) * width for place in range(len(first.values))]
        heights = [one.values[thing] for thing in first.values]
        axes.bar(places, heights, width, color=_colours(groups)[number], label=label)
    axes.set_xticks(range(len(first.values)), [LABELS.get(thing, thing) for thing in first.values])
    axes.tick_params(axis="x", labelsize=8 if len(first.values) > STEPS_PER_BAR + 2 else 10)
    axes.set_xlabel(first.things)
    axes.set_ylabel(first.counted)
    if first.counted.startswith("share"):
        _percent(axes.yaxis)
    _headed(axes, title)
    picture.legend(loc="outside lower center", ncols=min(len(found), 3), frameon=False, fontsize=9)
    return _write(picture, path)


@style.context("default")
def figures(groups: Mapping[str, Mapping[str, Figure]], title: str, path: Path) -> Path:
    """Draw a panel for each figure, with a bar for each group."""
    names = list(next(iter(groups.values())))
    picture, panels = _panels(len(names), title)
    for axes, name in zip(panels, names, strict=True):
        found = [of[name] for of in groups.values()]
        bars = axes.bar(range(len(found)), [one.value for one in found], 0.7, color=_colours(groups))
        axes.bar_label(bars, [str(one) for one in found], fontsize=9, padding=2)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_ylim(0, 1.2 * max(one.value for one in found) or 1)
        axes.axhline(0, color=PALE, linewidth=0.8)
        _headed(axes, name, 10)
    patches = [Patch(color=colour, label=g) for g, colour in zip(groups, _colours(groups), strict=True)]
    picture.legend(handles=patches, loc="outside lower center", ncols=len(groups), frameon=False)
    return _write(picture, path)


@style.context("default")
def shares(found: Mapping[str, Figure], title: str, path: Path) -> Path:
    """Draw a bar for each share, such as those of ``chords.shares``."""
    picture = Picture(figsize=(WIDTH_IN, 1.2 + 0.5 * len(found)), layout="constrained")
    axes = picture.add_subplot()
    bars = axes.barh(range(len(found)), [one.value for one in found.values()], 0.7, color=PRIMER)
    axes.bar_label(bars, [str(one) for one in found.values()], padding=3)
    axes.set_yticks(range(len(found)), list(found))
    axes.invert_yaxis()
    _percent(axes.xaxis)
    axes.margins(x=0.1)
    _headed(axes, title, lines="x")
    return _write(picture, path)


# --- training and temperature ---------------------------------------------------------


@style.context("default")
def loss_curve(history: Sequence[Epoch], path: Path) -> Path:
    """Draw the losses, epoch by epoch, one epoch at least; that whose weights were kept is marked."""
    picture = Picture(figsize=(WIDTH_IN, HEIGHT_IN), layout="constrained")
    axes = picture.add_subplot()
    numbers = [epoch.number for epoch in history]
    axes.plot(numbers, [e.train for e in history], ".-", color=MACHINE, label="training, with dropout")
    losses = [epoch.validation for epoch in history]
    axes.plot(numbers, losses, ".-", color=PRIMER, label="validation, averaged weights")
    best = best_of(history)
    axes.axvline(best.number, color=PALE, linestyle="--", linewidth=1, zorder=0)
    axes.plot(
        [best.number], [best.validation], "o", markersize=9, color=PRIMER,
        label=f"chosen: epoch {best.number}, {best.validation:.4f} nats per event",
    )  # fmt: skip
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("epoch")
    axes.set_ylabel("nats per event")
    _headed(axes, "Training")
    axes.legend(frameon=False)
    return _write(picture, path)


@style.context("default")
def temperatures(study: Study, path: Path) -> Path:
    """Draw a panel for each measure: the model by temperature, the soloists as a line with their spread."""
    names = list(study.soloists)
    titles = [*names, "calls answered in full", "distance from the soloists, in spreads"]
    picture, panels = _panels(len(titles), f"Answers to {study.calls:,} calls of held-out soloists")
    for axes, title in zip(panels, titles, strict=True):
        for rhythm, (colour, way) in OF_RHYTHM.items():
            rows = [row for row in study.rows if row.rhythm is rhythm]
            values = [
                {**row.means, titles[-2]: row.answered, titles[-1]: row.distance}[title] for row in rows
            ]
            label = f"model, call heard {way}"
            axes.plot([row.temperature for row in rows], values, ".-", color=colour, label=label)
        if title in names:
            own, spread = study.soloists[title], study.spread[title]
            low, high = max(own - spread, 0), own + spread if title in NUMBERS else min(own + spread, 1)
            axes.axhline(own, color=PRIMER, label="soloists")
            axes.axhspan(low, high, color=PRIMER, alpha=0.1, linewidth=0, label="± their spread")
        axes.set_ylim(bottom=max(axes.get_ylim()[0], 0))
        axes.set_xlabel("temperature", fontsize=9, color=PALE)
        if title not in (*NUMBERS, titles[-1]):
            _percent(axes.yaxis)
        _headed(axes, title, 10)
    handles, labels = panels[0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    return _write(picture, path)


# --- piano rolls ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Roll:
    """A line of a picture: a primer and what a model made of it."""

    name: str
    events: list[int]  # one a 16th
    primer_steps: int  # how many of them the model was given


@style.context("default")
def rolls(found: Sequence[Roll], model: Model, title: str, path: Path) -> Path:
    """Draw melodies, or beats, one below the other; what the model was given has another colour."""
    picture = Picture(figsize=(ROLL_WIDTH_IN, 0.7 + ROLL_IN * len(found)), layout="constrained")
    picture.suptitle(title, fontsize=14, weight="bold", color=INK)
    for number, roll in enumerate(found, start=1):
        axes = picture.add_subplot(len(found), 1, number)
        (_draw_melody if model is Model.MELODY else _draw_beat)(axes, roll)
        _draw_time(axes, roll)
    patches = [Patch(color=PRIMER, label="primer"), Patch(color=MACHINE, label="model")]
    picture.legend(handles=patches, loc="outside upper right", ncols=2, frameon=False)
    return _write(picture, path)


def _draw_melody(axes: Axes, roll: Roll) -> None:
    notes = notes_of(roll.events)
    pitches = [note.pitch for note in notes] or [60]
    for pitch in sorted({note.pitch for note in notes}):
        line = [note for note in notes if note.pitch == pitch]
        axes.broken_barh(
            [(note.onset, note.length) for note in line], (pitch - NOTE_HEIGHT / 2, NOTE_HEIGHT),
            facecolors=[_colour(note.onset, roll) for note in line], edgecolors="white",
        )  # fmt: skip
    axes.set_ylim(min(pitches) - 1.5, max(pitches) + 1.5)
    octaves = [p for p in range(0, 128, KEYS) if min(pitches) - 1 <= p <= max(pitches) + 1]
    axes.set_yticks(octaves, [f"C{pitch // KEYS - 1}" for pitch in octaves])
    axes.grid(axis="y", color=LINE)


def _draw_beat(axes: Axes, roll: Roll) -> None:
    """Draw a beat, one line a drum, the kick lowest."""
    for line in range(len(DRUMS)):
        struck = [step for step, event in enumerate(roll.events) if event >> line & 1]
        colours = [_colour(step, roll) for step in struck]
        axes.broken_barh([(step, 0.8) for step in struck], (line - 0.4, 0.8), facecolors=colours)
    axes.set_ylim(-0.7, len(DRUMS) - 0.3)
    axes.set_yticks(range(len(DRUMS)), [DRUM_NAMES[drum] for drum in DRUMS], fontsize=7)


def _colour(step: int, roll: Roll) -> str:
    return PRIMER if step < roll.primer_steps else MACHINE


def _draw_time(axes: Axes, roll: Roll) -> None:
    """Draw bar lines with their numbers, beats, and the name."""
    low, high = axes.get_ylim()
    axes.vlines(
        range(0, len(roll.events) + 1, STEPS_PER_QUARTER), low, high, color=LINE, linewidth=0.6, zorder=0
    )
    axes.vlines(range(0, len(roll.events) + 1, STEPS_PER_BAR), low, high, color=PALE, linewidth=0.9, zorder=0)
    bars = range(0, len(roll.events), STEPS_PER_BAR)
    axes.set_xticks(bars, [str(bar // STEPS_PER_BAR + 1) for bar in bars], ha="left")
    axes.set_xlim(-0.3, len(roll.events) + 0.3)
    axes.set_title(roll.name, loc="left", fontsize=10, color=INK)
    _plain(axes)


# --- what they share ------------------------------------------------------------------


def _panels(number: int, title: str) -> tuple[Picture, list[Axes]]:
    rows = -(-number // COLUMNS)
    picture = Picture(figsize=(WIDTH_IN, 0.9 + PANEL_IN * rows), layout="constrained")
    picture.suptitle(title, fontsize=14, weight="bold", color=INK)
    return picture, [picture.add_subplot(rows, COLUMNS, panel + 1) for panel in range(number)]


def _headed(axes: Axes, title: str, size: int = 13, lines: Literal["x", "y"] = "y") -> None:
    axes.set_title(title, loc="left", fontsize=size, color=INK)
    axes.grid(axis=lines, color=LINE)
    _plain(axes)


def _colours(groups: Iterable[str]) -> list[str]:
    """The groups' colours; the best known groups always have the same."""
    others = iter(OF_OTHERS)
    return [OF_GROUPS[group] if group in OF_GROUPS else next(others) for group in groups]


def _plain(axes: Axes) -> None:
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, labelcolor=PALE)
    axes.set_axisbelow(True)


def _percent(axis: Axis) -> None:
    axis.set_major_formatter(PercentFormatter(1, decimals=None))


def _write(picture: Picture, path: Path) -> Path:
    with replacing(path) as part:
        picture.savefig(part, format="png", dpi=DPI, metadata={"Software": None})
    return path
