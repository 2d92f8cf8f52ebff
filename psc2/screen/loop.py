"""What the loop is made of: meter, bars, tempo and layers."""

from __future__ import annotations

from collections.abc import Iterator

from psc2.core.instruments import Layer
from psc2.core.loop import Beat
from psc2.core.meter import TimeSignature
from psc2.core.mixer import Fader
from psc2.core.ranges import GAINS, counted
from psc2.core.snapshot import Snapshot
from psc2.core.swing import SwingUnit
from psc2.screen.lettering import SMALL, lettered
from psc2.screen.practice import practice_words
from psc2.screen.rows import BOLD, PLAIN, TURNED, Row, Span, listed

MIN_COLUMN_WIDTH = 11  # of a layer
ORIGINS = {Beat.NONE: "none", Beat.DETERMINISTIC: "bassline", Beat.MODEL: "machine"}


def _swing(now: Snapshot) -> str:
    return "% swing" if now.feel.unit is SwingUnit.EIGHTH else "% swing of 16ths"


def meter(now: Snapshot, is_large: bool) -> Iterator[Row]:
    """Meter, bars and tempo, and what they become at the next sequence start."""
    form, coming = now.form, now.coming or now.form
    items = (
        (str(form.time_signature), _change(form.time_signature, coming.time_signature), ""),
        (
            str(form.num_bars),
            _change(form.num_bars, coming.num_bars),
            "bars" if coming.num_bars > 1 else "bar",
        ),
        (f"{now.qpm:.4g}", "" if now.goal_qpm is None else f"{now.goal_qpm:.4g}", "qpm"),
        *([] if now.feel.ratio == 0.5 else [(f"{100 * now.feel.ratio:.3g}", "", _swing(now))]),
    )
    if not is_large:
        spans: list[Span] = []
        for value, pending, unit in items:
            spans.append(("  " if spans else " ", PLAIN))
            spans.append((value if pending else f"{value} {unit}".rstrip(), BOLD))
            if pending:
                spans += [(" ", PLAIN), (f" → {pending} ", TURNED), (f" {unit}", BOLD)]
            spans.append((" ", PLAIN))
        yield tuple(spans)
        return
    for row in range(SMALL.height):
        spans = [(" ", PLAIN)]
        for value, pending, unit in items:
            spans.append((lettered(value, SMALL)[row], BOLD))
            if pending:
                spans.append((" " + lettered(f"→{pending}", SMALL)[row] + " ", BOLD))
            label = f" {unit}" if row == SMALL.height - 1 else " " * (len(unit) + 1)
            spans.append((f"{label}    ", BOLD))
        yield tuple(spans)


def _change(now: TimeSignature | int, coming: TimeSignature | int) -> str:
    return "" if coming == now else str(coming)


def layers(now: Snapshot, width: int, is_compact: bool) -> Iterator[Row]:
    """A column for each layer: name, volume, and what is in it; or all in lines, where those are short.

    ``is_compact``: what is in it stands beside the name.
    """
    faders, column = now.mixer.faders, (width - 2) // len(Layer)
    if column < MIN_COLUMN_WIDTH:
        shown = (f"{layer.value} {_state(now, layer).lower() or _percent(faders[layer])}" for layer in Layer)
        yield from listed(shown, width)
        return
    names: list[Span] = [(" ", PLAIN)]
    for layer in Layer:
        contents = _contents(now, layer, column - len(layer.value) - 2) if is_compact else ""
        names += [(layer.value, BOLD), (f" {contents}".ljust(column - len(layer.value)), PLAIN)]
    yield tuple(names)
    spans: list[Span] = [(" ", PLAIN)]
    for layer in Layer:
        length = column - 6
        full = round(length * faders[layer].gain / GAINS.high)
        if state := _state(now, layer):
            spans.append((f" {state} {_percent(faders[layer])} "[: column - 1], TURNED))
            spans.append((" " * (column - len(spans[-1][0])), PLAIN))
        else:
            bar = "━" * full + "╌" * (length - full)
            spans.append((f"{bar} {_percent(faders[layer])}".ljust(column), PLAIN))
    yield tuple(spans)
    if not is_compact:
        yield ((" ", PLAIN), *((_contents(now, layer, column - 1).ljust(column), PLAIN) for layer in Layer))


def _state(now: Snapshot, layer: Layer) -> str:
    """What is more to be seen than the volume: a mute, a solo, or that something else silences the layer."""
    fader = now.mixer.faders[layer]
    if fader.muted:
        return "MUTED"
    return "" if now.is_heard(layer) and not fader.soloed else "SOLO" if now.is_heard(layer) else "SILENT"


def practice(now: Snapshot, width: int) -> Iterator[Row]:
    """What is practised with, while it is stopped the count-in too; nothing where nothing is switched on."""
    bars = 0 if now.playing else now.practice.count_in_bars
    count_in = [f"count-in {counted(bars, 'bar')}"] if bars else []
    yield from listed([*count_in, *practice_words(now)], width)


def _percent(fader: Fader) -> str:
    return f"{100 * fader.gain:.0f}"


def _contents(now: Snapshot, layer: Layer, width: int) -> str:
    """The longest of what can be said that fits; always something."""
    count, origin = now.layer_sizes[layer], ORIGINS[now.beat]
    match layer:
        case Layer.CLICK | Layer.LEAD:
            return ""
        case Layer.DRUMS if now.beat_coming:
            said = [f"{origin} → new beat", "→ new beat", "→ new", "→"]
        case Layer.DRUMS:
            said = [f"{counted(count, 'stroke')}, {origin}", origin] if count else [origin]
        case _ if now.band.plays(layer):
            style = (now.band.bass if layer is Layer.BASS else now.band.comping).value
            said = [f"{counted(count, 'note')}, {style}", style, style[: width - 1]]
        case _:
            said = [counted(count, "note"), str(count)] if count else ["empty", "–"]
    return next((words for words in said if len(words) <= width), said[-1])
