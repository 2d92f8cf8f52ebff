"""The status as plain lines: one for each change, short enough to read while playing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from logging.handlers import QueueHandler
from queue import SimpleQueue

from psc2.core.events import Model
from psc2.core.instruments import Layer
from psc2.core.snapshot import Snapshot
from psc2.core.state import Beat, Mode, Phase
from psc2.screen.rows import printable

TOLD_NOTES = 5  # of a call or an answer every so many are told
LOOK_S = 0.05  # how often is looked for a change


class PlainScreen:
    """Nothing but lines, one below the other. What is logged waits for the thread that shows them."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self.write_line = write
        self._records: SimpleQueue[logging.LogRecord] = SimpleQueue()
        self._handlers: list[logging.Handler] = []

    def open(self) -> None:
        root = logging.getLogger()
        self._handlers, root.handlers = root.handlers, [QueueHandler(self._records)]

    def pause_s(self, at: float) -> float:
        return LOOK_S

    def show(self, now: Snapshot, at: float, unable: Mapping[Model, str]) -> None:
        self._log()

    def close(self) -> None:
        logging.getLogger().handlers = self._handlers
        self._log()

    def _log(self) -> None:
        while not self._records.empty():
            record = self._records.get()
            for handler in self._handlers:
                handler.handle(record)

    def unblock(self) -> None: ...


class StatusLines:
    """Compares snapshots, and prints what has changed."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._last: Snapshot | None = None

    def show(self, now: Snapshot) -> None:
        last, self._last = self._last, now
        for line in first_lines(now) if last is None else changes(last, now):
            self._write(printable(line))


def first_lines(now: Snapshot) -> Iterator[str]:
    yield f"meter {now.time_signature} · {_bars(now.num_bars)} · {now.qpm:g} qpm · {now.mode.value} mode"


def changes(last: Snapshot, now: Snapshot) -> Iterator[str]:
    """A line for each thing that a player would want to know of."""
    for name in sorted(now.sources - last.sources):
        yield f"MIDI in: {name}"
    if now.controller_known and not last.controller_known:
        yield f"controller found: {now.controller_name}" if now.controller_name else "controller found"
    if now.tagged != last.tagged:
        yield "SuperCollider is there; looped notes are sent ahead"
    if now.supercollider_gone != last.supercollider_gone:
        yield f"SuperCollider {'does not answer any more' if now.supercollider_gone else 'answers again'}"
    if now.supercollider_status != last.supercollider_status:
        yield f"SuperCollider: {now.supercollider_status or 'all is well again'}"
    yield from _transport(last, now)
    yield from _hands(last, now)
    yield from _layers(last, now)
    yield from _models(last, now)
    yield from _improv(last, now)
    if now.late_steps != last.late_steps:
        yield f"late: {_count(now.late_steps, 'step')} in all, {_count(now.skipped_notes, 'note')} left out"
    for kind, count in now.bad_input.items():
        before = last.bad_input.get(kind, 0)
        if not before:
            yield f"dropped input: {kind}"
        elif len(str(count)) > len(str(before)):
            yield f"dropped input: {kind}, {count} in all"


def _transport(last: Snapshot, now: Snapshot) -> Iterator[str]:
    if now.playing != last.playing:
        yield "play" if now.playing else "stop"
    if now.panics != last.panics:
        yield "panic: everything is silent"
    if now.time_signature != last.time_signature:
        yield f"meter {now.time_signature}"
    if now.num_bars != last.num_bars:
        yield _bars(now.num_bars)
    if now.pending_time_signature != last.pending_time_signature:
        if now.pending_time_signature is not None:
            yield f"meter {now.time_signature} → {now.pending_time_signature} at the next sequence start"
        elif now.time_signature == last.time_signature:
            yield f"meter stays {now.time_signature}"
    if now.pending_num_bars != last.pending_num_bars:
        if now.pending_num_bars is not None:
            yield f"{_bars(now.num_bars)} → {now.pending_num_bars} at the next sequence start"
        elif now.num_bars == last.num_bars:
            yield f"stays {_bars(now.num_bars)}"
    if f"{now.qpm:.4g}" != f"{last.qpm:.4g}":
        yield f"{now.qpm:.4g} qpm"


def _hands(last: Snapshot, now: Snapshot) -> Iterator[str]:
    if (
        now.mode != last.mode
        or now.recording != last.recording
        or now.recording_started != last.recording_started
    ):
        if now.recording is None:
            yield f"{now.mode.value} mode"
        elif now.recording_started:
            yield f"{now.mode.value}: recording"
        else:
            yield f"{now.mode.value}: armed, starts with your first key"
    if now.overdub != last.overdub:
        yield ("overdub: the next recording adds" if now.overdub else "overdub off: recordings replace")


def _layers(last: Snapshot, now: Snapshot) -> Iterator[str]:
    for layer in (Layer.BASS, Layer.CHORDS):
        if now.notes[layer] != last.notes[layer]:
            yield f"{layer.value}: {_count(now.notes[layer], 'note')}"
    for layer in Layer:
        if (layer in now.muted) != (layer in last.muted):
            yield f"{layer.value} {'muted' if layer in now.muted else 'on'}"
        if now.gains[layer] != last.gains[layer]:
            yield f"{layer.value} volume {100 * now.gains[layer]:.0f}"
    if now.beat_pending and not last.beat_pending:
        yield "drums: a new beat is coming"
    if (now.beat, now.machine_beats) != (last.beat, last.machine_beats):
        yield f"drums: {_BEATS[now.beat]}"


_BEATS = {
    Beat.NONE: "none",
    Beat.DETERMINISTIC: "the beat of the bassline",
    Beat.MODEL: "the machine's beat",
}


def _models(last: Snapshot, now: Snapshot) -> Iterator[str]:
    if now.melody_temperature != last.melody_temperature:
        yield f"melody temperature {now.melody_temperature:.2f}"
    if now.drums_temperature != last.drums_temperature:
        yield f"drums temperature {now.drums_temperature:.2f}"
    for model in Model:
        before, trouble = last.model_trouble[model], now.model_trouble[model]
        if trouble and trouble != before:
            yield trouble
        elif before and not trouble:
            yield f"the {model.value} model answers again"


def _improv(last: Snapshot, now: Snapshot) -> Iterator[str]:
    before = (last.phase, last.primer_length // TOLD_NOTES, last.pitches_left // TOLD_NOTES)
    after = (now.phase, now.primer_length // TOLD_NOTES, now.pitches_left // TOLD_NOTES)
    if now.mode is not Mode.IMPROV or after == before:
        return
    match now.phase:
        case Phase.LISTENING:
            yield f"listening: {now.primer_length}/{now.min_primer_length}"
        case Phase.WAITING:
            yield "the machine is thinking"
        case Phase.ANSWERING:
            yield f"the machine's pitches: {now.pitches_left} left"
        case Phase.IDLE:
            pass


def _bars(count: int) -> str:
    return _count(count, "bar")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
