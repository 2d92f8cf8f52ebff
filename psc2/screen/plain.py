"""The status as plain lines: one for each change, short enough to read while playing."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from logging.handlers import QueueHandler
from queue import SimpleQueue

from psc2.core.band import Band
from psc2.core.instruments import Layer
from psc2.core.loop import Beat
from psc2.core.other_side import Peer, PluggedIn
from psc2.core.ranges import counted
from psc2.core.requests import Model
from psc2.core.snapshot import Snapshot
from psc2.core.state import Counts, Improv, Mode, Phase
from psc2.core.swing import Feel, SwingUnit
from psc2.core.turns import Answerer, TurnKind
from psc2.screen.notices import notice_line
from psc2.screen.practice import practice_changes, practice_words
from psc2.screen.timing import look_back_line
from psc2.text import printable

NOTES_PER_LINE = 5  # of a call or an answer: a line each time that so many more have been played
LATE_CURE = "JACK with fewer frames, or a longer output.lookahead_ms"
POLL_S = 0.05  # how often is looked for a change


class Waiting(QueueHandler):
    """Leaves what is logged as it is, its traceback too, for the handlers that will write it."""

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        return record


class PlainScreen:
    """Nothing but lines, one below the other. What is logged waits for the thread that shows them."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._records: SimpleQueue[logging.LogRecord] = SimpleQueue()
        self._handlers: list[logging.Handler] = []

    def write_line(self, line: str) -> None:
        self._write(printable(line))

    def open(self) -> None:
        root = logging.getLogger()
        self._handlers, root.handlers = root.handlers, [Waiting(self._records)]

    def pause_s(self, at: float) -> float:
        return POLL_S

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
            self._write(line)


def unable_line(model: Model, reason: str) -> str:
    """The line about a model that cannot be loaded."""
    return f"the {model.value} model cannot be loaded: {reason}; Markov stands in"


def first_lines(now: Snapshot) -> Iterator[str]:
    bars = counted(now.form.num_bars, "bar")
    yield f"meter {now.form.time_signature} · {bars} · {now.qpm:g} qpm · {now.mode.value} mode"
    if now.feel.ratio != 0.5:
        yield swing_words(now.feel)
    yield from practice_words(now)
    if now.band != Band():
        yield f"band: bass {now.band.bass.value}, chords {now.band.comping.value}"
    yield f"seed {now.seed}"


def changes(last: Snapshot, now: Snapshot) -> Iterator[str]:
    """A line for each thing that a player would want to know of."""
    yield from _devices(last.devices, now.devices)
    yield from _peer(last.peer, now.peer)
    yield from _transport(last, now)
    yield from practice_changes(last, now)
    yield from _mode(last, now)
    yield from _layers(last, now)
    yield from _models(last, now)
    yield from _turns(last.improv, now.improv)
    if now.harmony is not last.harmony:
        yield f"harmony: {now.harmony.value}"
    if now.band != last.band:
        yield f"band: bass {now.band.bass.value}, chords {now.band.comping.value}"
    yield from _improv(last, now)
    yield from _counts(last.counts, now.counts)
    if now.look_back is not None and now.look_back is not last.look_back:
        yield look_back_line(now.look_back)
    if now.notice is not None and (last.notice is None or now.notice.number != last.notice.number):
        yield notice_line(now.notice)


def _devices(last: PluggedIn, now: PluggedIn) -> Iterator[str]:
    before, after = Counter(last.names.values()), Counter(now.names.values())
    for name in sorted((after - before).elements()):
        yield f"MIDI in: {name}"
    for name in sorted((before - after).elements()):
        yield f"MIDI in: {name} has gone"
    found = now.all_controllers - last.all_controllers
    if found:
        names = sorted(now.names[uid] for uid in found & now.names.keys())
        yield ": ".join(filter(None, ("controller found", ", ".join(names))))


def _peer(last: Peer, now: Peer) -> Iterator[str]:
    if now.gone != last.gone:
        yield f"SuperCollider {'does not answer any more' if now.gone else 'answers again'}"
    if now.status != last.status:
        yield f"SuperCollider: {now.status or 'all is well again'}"
    if len(str(now.late_bundles)) > len(str(last.late_bundles)) or now.late_bundles > last.late_bundles == 0:
        yield f"{counted(now.late_bundles, 'step')} too late at the sound server: {LATE_CURE}"


def _counts(last: Counts, now: Counts) -> Iterator[str]:
    if now.late_steps != last.late_steps:
        yield f"late: {counted(now.late_steps, 'step')} in all, {counted(now.skipped_notes, 'note')} left out"
    for kind, count in now.bad_input.items():
        before = last.bad_input.get(kind, 0)
        if not before:
            yield f"dropped input: {kind}"
        elif len(str(count)) > len(str(before)):
            yield f"dropped input: {kind}, {count} in all"


def _transport(last: Snapshot, now: Snapshot) -> Iterator[str]:
    if now.peer.tagged and now.lookahead_s != last.lookahead_s:
        there = "" if last.peer.tagged else "SuperCollider is there; "
        yield f"{there}looped notes are sent {1000 * now.lookahead_s:g} ms ahead"
    if now.playing != last.playing:
        bars = now.practice.count_in_bars
        count_in = f": {counted(bars, 'bar')} of count-in" if bars else ""
        yield f"play{count_in}" if now.playing else "stop"
    if now.counts.panics != last.counts.panics:
        yield "panic: everything is silent"
    yield from _form(last, now)
    if f"{now.qpm:.4g}" != f"{last.qpm:.4g}":
        goal = "" if now.goal_qpm is None else f" → {now.goal_qpm:.4g}"
        yield f"{now.qpm:.4g}{goal} qpm"
    if now.feel != last.feel:
        yield swing_words(now.feel)


def swing_words(feel: Feel) -> str:
    """How the loop swings, in a few words.

    >>> swing_words(Feel(0.62)), swing_words(Feel(0.5, learns=False))
    ('swing 62 %, as you play', 'straight')
    """
    of = "" if feel.unit is SwingUnit.EIGHTH else " of 16ths"
    swings = "straight" if feel.ratio == 0.5 else f"swing {100 * feel.ratio:.3g} %{of}"
    swings = f"{swings}, as you play" if feel.learns else swings
    return swings if feel.quantise_percent == 100 else f"{swings}, quantised {feel.quantise_percent:.3g} %"


def _form(last: Snapshot, now: Snapshot) -> Iterator[str]:
    """Meter and bars, and what they will be at the next sequence start."""
    forms = (last.form, now.form, last.coming or last.form, now.coming or now.form)
    yield from _part("meter ", *(str(form.time_signature) for form in forms))
    yield from _part("", *(counted(form.num_bars, "bar") for form in forms))


def _part(name: str, last: str, now: str, last_coming: str, coming: str) -> Iterator[str]:
    if now != last:
        yield f"{name}{now}"
    if coming not in (now, last_coming):
        yield f"{name}{now} → {coming} at the next sequence start"
    elif coming == now == last != last_coming:
        yield f"{name}stays {now}"


def _mode(last: Snapshot, now: Snapshot) -> Iterator[str]:
    recording = now.recording
    if now.mode != last.mode or recording != last.recording:
        if now.mode is Mode.CALIBRATE:
            yield f"tap test: tap any piano key with the click, {now.calibration.taps_left} times"
        elif recording is None:
            yield f"{now.mode.value} mode"
        elif recording.is_open:
            yield f"{now.mode.value}: recording"
        else:
            adds = ", adds to what is there" if recording.overdub else ""
            yield f"{now.mode.value}: armed{adds}, {_what_starts(now)}"
    if now.overdub != last.overdub and (now.overdub or recording is last.recording):
        yield "overdub: the next recording adds" if now.overdub else "overdub off: recordings replace"


def _what_starts(now: Snapshot) -> str:
    """What a recording that is armed waits for."""
    if now.playing:
        return "starts with your first key"
    return "your first key starts the loop" if now.first_key_starts else "press play"


def _is_recorded(snapshot: Snapshot, layer: Layer) -> bool:
    """Whether a layer is being recorded: then it is counted when that is over."""
    recording = snapshot.recording
    return recording is not None and recording.is_open and recording.layer is layer


def _layers(last: Snapshot, now: Snapshot) -> Iterator[str]:
    for layer in (Layer.BASS, Layer.CHORDS):
        is_recorded, was_recorded = _is_recorded(now, layer), _is_recorded(last, layer)
        is_band_s = now.band.plays(layer)  # another number of notes in each bar
        if not (is_recorded or is_band_s) and (
            was_recorded or now.layer_sizes[layer] != last.layer_sizes[layer]
        ):
            yield f"{layer.value}: {counted(now.layer_sizes[layer], 'note')}"
    for layer in Layer:
        before, fader = last.mixer.faders[layer], now.mixer.faders[layer]
        if fader.muted != before.muted:
            yield f"{layer.value} {'muted' if fader.muted else 'on'}"
        if fader.soloed != before.soloed:
            yield f"{layer.value} {'solo' if fader.soloed else 'not solo any more'}"
        if fader.gain != before.gain:
            yield f"{layer.value} volume {100 * fader.gain:.0f}"
    if now.beat_coming and not last.beat_coming:
        yield "drums: a new beat is coming"
    if (now.beat, now.beat_maker.placed) != (last.beat, last.beat_maker.placed):
        yield f"drums: {_BEATS[now.beat]}"


_BEATS = {
    Beat.NONE: "none",
    Beat.DETERMINISTIC: "the beat of the bassline",
    Beat.MODEL: "the machine's beat",
}


def _models(last: Snapshot, now: Snapshot) -> Iterator[str]:
    for name, before, player in (
        ("melody", last.improv, now.improv), ("drums", last.beat_maker, now.beat_maker)
    ):  # fmt: skip
        if player.temperature != before.temperature:
            yield f"{name} temperature {player.temperature:.2f}"
        if player.trouble and player.trouble != before.trouble:
            yield player.trouble
        elif before.trouble and not player.trouble:
            yield f"the {name} model answers again"


def _turns(last: Improv, now: Improv) -> Iterator[str]:
    if now.rule != last.rule:
        yield f"turns: {now.rule}"
    if now.muted != last.muted:
        yield "the machine lays out" if now.muted else "the machine plays again"
    if now.held != last.held:
        yield "the machine listens, as long as it is held" if now.held else "let go: it answers"


def _improv(last: Snapshot, now: Snapshot) -> Iterator[str]:
    before, after = (
        (one.improv.phase, one.primer_length // NOTES_PER_LINE, _pitches_left(one) // NOTES_PER_LINE)
        for one in (last, now)
    )
    if now.mode is not Mode.IMPROV or after == before:
        return
    match now.improv.phase:
        case Phase.LISTENING:
            counts = now.improv.rule.kind is TurnKind.COUNT and not now.improv.held
            wanted = f"/{now.min_primer_length}" if counts else ""
            yield f"listening: {now.primer_length}{wanted}"
        case Phase.WAITING:
            yield "the machine is thinking"
        case Phase.ANSWERING:
            left = f": {now.pitches_left} left" if _pitches_left(now) else ""
            yield ("the machine plays" if now.answer is Answerer.MACHINE else "the machine's pitches") + left
        case Phase.READY:
            yield "the machine has answered: its turn comes"
        case Phase.IDLE:
            pass


def _pitches_left(now: Snapshot) -> int:
    """How many pitches end the answer; 0 where they do not."""
    return now.pitches_left if now.improv.rule.kind in (TurnKind.COUNT, TurnKind.PHRASE) else 0
