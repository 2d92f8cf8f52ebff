"""The whole panel: the largest for who sits farthest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import wrap

from psc2.core.ranges import counted
from psc2.core.requests import Model
from psc2.core.snapshot import Snapshot
from psc2.screen import loop
from psc2.screen.alerts import Alert, alerts_at, is_awaited, silence_of
from psc2.screen.changes import chord_rows
from psc2.screen.head import MIN_SPACED_ROWS, alert_rows, head_rows, size_for, title
from psc2.screen.music import LABELS, music_rows
from psc2.screen.piano import TYPED_SOURCE
from psc2.screen.plain import LATE_CURE, unable_line
from psc2.screen.rows import BOLD, EMPTY, PLAIN, Row, fitted, listed
from psc2.screen.ruler import ruler_height, ruler_of, ruler_rows
from psc2.screen.timing import look_back_line, timing_rows

WARNING = "bold #000000 on #ffb000"
MUSIC_WIDTH = 50  # of the terminal; in a narrower one the music is left out
SMALL_METER, COMPACT_LAYERS = 1, 2  # rows
ROOMY = 8  # rows that are left with those: for large letters, a row more for the layers, and empty ones
LATE_S = 30.0  # for so long a late bundle is told of; then it is only counted


@dataclass(frozen=True, slots=True)
class Picture:
    """All that there is to be seen at one moment."""

    now: Snapshot
    at: float  # seconds on the engine's clock
    model_names: Mapping[Model, str]
    lines: tuple[str, ...] = ()  # for the player, newest last
    unable: Mapping[Model, str] = field(default_factory=dict)  # models that cannot be loaded, and why
    page: str = ""  # its address, if one is served

    def rows(self, width: int, height: int) -> list[Row]:
        """``height`` rows, each ``width`` cells wide. What matters least is left out where room is short."""
        problems, system = list(self._problems(width)), list(self._system(width))
        practice = list(loop.practice(self.now, width))
        shown = (practice, problems, system)
        needed = SMALL_METER + COMPACT_LAYERS + sum(map(len, shown)) + 1
        top = list(self._top(width, height, above_music=True))
        has_music = width >= MUSIC_WIDTH and len(top) + needed <= height
        top = top if has_music else list(self._top(width, height, above_music=False))
        left = height - len(top)
        is_roomy = left - needed >= ROOMY
        parts: list[list[Row]] = []
        for part, below in (  # and how many rows are to be left for what comes below it
            (loop.meter(self.now, is_roomy), 0),
            (practice, 0),
            (loop.layers(self.now, width, is_compact=has_music and not is_roomy), 0),
            (problems, 1),
            (system, 1),
            (list(self._timing(width)), 2),
        ):
            parts.append(list(part)[: max(0, left - below)])
            left -= len(parts[-1])
        gaps = [[EMPTY] if left - 3 > n else [] for n in range(4)]
        latest = self._latest_lines(left - sum(map(len, gaps)), width)
        meter, practice, layers, problems, system, timing = parts
        music = (meter, practice, gaps[0], layers, timing)
        order = (top, gaps[3], *music, gaps[1], problems, system, gaps[2], latest)
        rows = [row for part in order for row in part][:height]
        return [fitted(row, width) for row in [*rows, *[EMPTY] * (height - len(rows))]]

    def _top(self, width: int, height: int, above_music: bool) -> Iterator[Row]:
        """What is looked at while playing: the mode, where in the bar the music is, and what it plays."""
        place, beats = self.now.place_at(self.at), self.now.beats_to_turn(self.at)
        size = size_for(width, height)
        if large := self._large_alerts():
            yield from alert_rows(large, self.now, place, beats, size, width, height)
        elif size is None:
            yield title(self.now, place, beats, width)
        else:
            yield from head_rows(self.now, place, beats, size, width, height)
        if height >= MIN_SPACED_ROWS:
            yield EMPTY
        ruler = ruler_of(self.now, place, width, 1 + LABELS if above_music and width >= MUSIC_WIDTH else 1)
        yield from ruler_rows(ruler, ruler_height(size, height, above_music))
        yield from chord_rows(self.now, self.at)
        if above_music:
            yield from music_rows(self.now, place, ruler, self.at, width)

    def _large_alerts(self) -> list[Alert]:
        """What takes the mode's place: while the loop plays only silence does."""
        return [alert for alert in self._alerts() if self._is_large(alert)]

    def _alerts(self) -> Iterator[Alert]:
        return alerts_at(self.now, self.at, f"the page can sound: {self.page}" if self.page else "")

    def _is_large(self, alert: Alert) -> bool:
        return alert.hides_the_music or not self.now.playing

    def _problems(self, width: int) -> Iterator[Row]:
        large = {str(alert) for alert in self._large_alerts()}
        for problem in self.problems():
            words = wrap(problem, max(10, width - 5)) if problem not in large else []
            for n, line in enumerate(words, 1):
                yield ((" ! " if n == 1 else "   ", WARNING), (" ", PLAIN), (line, BOLD))

    def problems(self) -> Iterator[str]:
        """What is wrong at this moment, the worst first."""
        peer = self.now.peer
        yield from map(str, self._alerts())
        if peer.status and peer.status != silence_of(peer, self.at):
            yield f"SuperCollider: {peer.status}"
        if peer.late_at is not None and self.at - peer.late_at < LATE_S:
            yield f"{counted(peer.late_bundles, 'step')} too late at the sound server: {LATE_CURE}"
        trouble = {Model.MELODY: self.now.improv.trouble, Model.DRUMS: self.now.beat_maker.trouble}
        for model in Model:
            if model in self.unable:
                yield unable_line(model, self.unable[model])
            elif trouble[model]:
                yield trouble[model]

    def _system(self, width: int) -> Iterator[Row]:
        now, devices, peer = self.now, self.now.devices, self.now.peer
        there = "gone" if peer.gone else "there"
        if peer.hello_at is None:
            has_played = bool(devices.learned | devices.keyboards - {TYPED_SOURCE})
            there = "there, though it says no hello" if has_played else "not heard yet"
        if peer.process is not None and is_awaited(peer):
            there = "starting" if peer.process.running else "not running"
        models = (f"{model.value} {name}" for model, name in self.model_names.items())
        latency = [f"your latency {1000 * now.latency_s:.0f} ms"] if now.latency_s else []
        yield from listed([f"SuperCollider {there}", *models, *latency, f"seed {now.seed}"], width)
        found = "not found yet"
        if devices.has_controller:
            found = ", ".join(devices.controller_names) or "found"
        inputs = [f"MIDI in {', '.join(devices.other_names)}"] if devices.other_names else []
        yield from listed([f"controller {found}", *inputs], width)
        yield from listed(self._counts(), width)

    def _timing(self, width: int) -> Iterator[Row]:
        """A look back at what was played last."""
        if self.now.look_back is not None:
            yield from timing_rows(self.now.look_back, width)
            for words in wrap(look_back_line(self.now.look_back), max(10, width - 2)):
                yield ((f" {words}", PLAIN),)

    def _counts(self) -> Iterator[str]:
        counts, peer = self.now.counts, self.now.peer
        if counts.late_steps:
            yield f"late {counts.late_steps} (notes left out {counts.skipped_notes})"
        if peer.late_bundles:
            yield f"late at the sound server {peer.late_bundles}"
        for kind, count in counts.bad_input.items():
            yield f"dropped {kind} {count}"

    def _latest_lines(self, room: int, width: int) -> list[Row]:
        """The latest lines, each in as many rows as it needs; the newest, bold, cut if it has to be."""
        rows: list[Row] = []
        for text in reversed(self.lines):
            is_newest, left = not rows, room - len(rows)
            most = max(1, left) if is_newest else None
            words = wrap(text, max(10, width - 2), max_lines=most, placeholder="…")
            if len(words) > left:
                break
            rows = [((f" {line}", BOLD if is_newest else PLAIN),) for line in words] + rows
        return rows
