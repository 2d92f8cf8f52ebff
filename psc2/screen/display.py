"""The thread that shows: a line for each change, and the panel where there is one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping

from psc2.core.requests import Model
from psc2.core.snapshot import Snapshot
from psc2.ports import Clock, Screen
from psc2.screen.plain import StatusLines, unable_line

TIMEOUT_S = 0.2  # for the last lines to be written
RETRIES = 10  # at letting them through where the terminal takes nothing


class Display:
    """Writing may block for ever (a terminal held with Ctrl-S), so it has a thread that nobody waits for."""

    def __init__(
        self,
        screen: Screen,
        clock: Clock,
        snapshot: Callable[[], Snapshot],
        unable: Callable[[], Mapping[Model, str]],
    ) -> None:
        """``unable``: the models that cannot be loaded, and why."""
        self._screen = screen
        self._clock = clock
        self._snapshot = snapshot
        self._unable = unable
        self._status = StatusLines(screen.write_line)
        self._sources: list[Callable[[], Iterable[str]]] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="display", daemon=True)

    def follow(self, lines: Callable[[], Iterable[str]]) -> None:
        """Show what ``lines`` gives, too: what is new each time that it is asked."""
        self._sources.append(lines)

    def start(self) -> None:
        """Show how things stand, and from now on what changes."""
        self._status.show(self._snapshot())
        self._thread.start()

    def finish(self) -> None:
        """Show the latest changes, and nothing of what ends from now on."""
        self._stopping.set()

    def stop(self) -> None:
        """Wait for the latest changes to be shown, if the terminal takes them."""
        if self._thread.ident is None:
            return  # it has not been started
        self.finish()
        self._thread.join(TIMEOUT_S)
        for _ in range(RETRIES):
            if self.is_alive():
                self._screen.unblock()
                self._thread.join(TIMEOUT_S / RETRIES)

    def is_alive(self) -> bool:
        """Whether it still writes."""
        return self._thread.is_alive()

    def _run(self) -> None:
        shown: Mapping[Model, str] = {}
        self._screen.open()
        try:
            while not self._stopping.wait(self._screen.pause_s(self._clock.now())):
                now = self._snapshot()
                self._status.show(now)
                before, shown = shown, self._unable()
                for model in shown.keys() - before.keys():
                    self._screen.write_line(unable_line(model, shown[model]))
                for lines in self._sources:
                    for line in lines():
                        self._screen.write_line(line)
                self._screen.show(now, self._clock.now(), shown)
            self._status.show(self._snapshot())
        finally:
            self._screen.close()
