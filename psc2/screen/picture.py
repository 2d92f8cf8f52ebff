"""The whole panel: the largest for who sits farthest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from textwrap import wrap

from psc2.core.requests import Model
from psc2.core.snapshot import Snapshot
from psc2.screen import loop
from psc2.screen.head import MIN_SPACED_ROWS, head_rows, size_for, title
from psc2.screen.plain import unable_line
from psc2.screen.rows import BOLD, EMPTY, PLAIN, Row, fitted, line
from psc2.screen.ruler import ruler_height, ruler_rows

WARNING = "bold #000000 on #ffb000"


@dataclass(frozen=True, slots=True)
class Picture:
    """All that there is to be seen at one moment."""

    now: Snapshot
    at: float  # seconds on the engine's clock
    model_names: Mapping[Model, str]
    lines: tuple[str, ...] = ()  # for the player, newest last
    unable: Mapping[Model, str] = field(default_factory=dict)  # models that cannot be loaded, and why

    def rows(self, width: int, height: int) -> list[Row]:
        """``height`` rows, each ``width`` cells wide. What matters least is left out where room is short."""
        top = list(self._top(width, height))
        left = height - len(top)
        parts: list[list[Row]] = []
        for part, below in (  # and how many rows are to be left for what comes below it
            (loop.meter(self.now, height), 0),
            (loop.layers(self.now, width), 0),
            (self._problems(width), 1),
            (self._system(), 2),
        ):
            parts.append(list(part)[: max(0, left - below)])
            left -= len(parts[-1])
        gaps = [[EMPTY] if left - 3 > n else [] for n in range(3)]
        latest = self._latest_lines(left - sum(map(len, gaps)))
        meter, layers, problems, system = parts
        order = (top, meter, gaps[0], layers, gaps[1], problems, system, gaps[2], latest)
        rows = [row for part in order for row in part][:height]
        return [fitted(row, width) for row in [*rows, *[EMPTY] * (height - len(rows))]]

    def _top(self, width: int, height: int) -> Iterator[Row]:
        """What is looked at while playing: the mode, and where in the bar the music is."""
        place = self.now.place_at(self.at)
        size = size_for(width, height)
        if size is None:
            yield title(self.now, place)
        else:
            yield from head_rows(self.now, place, size, width, height)
        if height >= MIN_SPACED_ROWS:
            yield EMPTY
        yield from ruler_rows(self.now, place, width, ruler_height(size, height))

    def _problems(self, width: int) -> Iterator[Row]:
        for problem in self.problems():
            for n, words in enumerate(wrap(problem, max(10, width - 5)), 1):
                yield ((" ! " if n == 1 else "   ", WARNING), (" ", PLAIN), (words, BOLD))

    def problems(self) -> Iterator[str]:
        """What is wrong at this moment, the worst first."""
        peer = self.now.peer
        if peer.gone and peer.hello_at is not None:
            yield f"SuperCollider gone for {self.at - peer.hello_at:.0f} s"
        if peer.status:
            yield f"SuperCollider: {peer.status}"
        trouble = {Model.MELODY: self.now.improv.trouble, Model.DRUMS: self.now.beat_maker.trouble}
        for model in Model:
            if model in self.unable:
                yield unable_line(model, self.unable[model])
            elif trouble[model]:
                yield trouble[model]

    def _system(self) -> Iterator[Row]:
        now, devices = self.now, self.now.devices
        there = "gone" if now.peer.gone else "there" if now.peer.hello_at is not None else "not heard yet"
        models = (f"{model.value} {name}" for model, name in self.model_names.items())
        yield line([f"SuperCollider {there}", *models, f"seed {now.seed}"])
        found = "not found yet"
        if devices.has_controller:
            found = ", ".join(devices.controller_names) or "found"
        keyboards = sorted({*devices.names.values()} - {*devices.controller_names})
        yield line([f"controller {found}", *([f"MIDI in {', '.join(keyboards)}"] if keyboards else [])])
        counts, lost = now.counts, list[str]()
        if counts.late_steps:
            lost.append(f"late {counts.late_steps} (notes left out {counts.skipped_notes})")
        if counts.bad_input:
            lost.append("dropped " + ", ".join(f"{kind} {count}" for kind, count in counts.bad_input.items()))
        if lost:
            yield line(lost)

    def _latest_lines(self, room: int) -> list[Row]:
        """The latest lines, the newest bold."""
        latest = self.lines[-room:] if room > 0 else ()
        return [((f" {text}", BOLD if n == len(latest) else PLAIN),) for n, text in enumerate(latest, 1)]
