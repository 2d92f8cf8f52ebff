"""psc2, which notes in a file each request to a model: when it is made and when answered, and with what.

python -m scripts.benchmarks.request_log FILE ARGUMENTS…     psc2 ARGUMENTS…
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from psc2 import daemon
from psc2.commands import main as cli
from psc2.core.events import Cancelled, DrumsReady, Event, MelodyReady, ModelFailed
from psc2.core.requests import Model
from psc2.runtime.workers import Worker

NOTES = Path(sys.argv[1])


class LoggingWorker(Worker[Any]):
    """A line is written when an answer is dispatched: model, request's time, answer's time, pitches or
    number of hits, how many of them are the model's."""

    def __init__(self, model: Model, answer: Callable[..., Event], dispatch: Callable[[Event], None]) -> None:
        super().__init__(model, answer, self._note)
        self._model = model
        self._dispatch_event = dispatch
        self._submitted: dict[int, float] = {}

    def submit(self, request: Any) -> None:
        self._submitted[request.request_id] = time.time()
        super().submit(request)

    def _note(self, event: Event) -> None:
        assert isinstance(event, MelodyReady | DrumsReady | ModelFailed | Cancelled)
        match event:
            case MelodyReady():
                answer: tuple[object, int] = event.pitches, event.from_model
            case DrumsReady():
                answer = len(event.hits), len(event.hits) * event.from_model
            case _:
                answer = (), 0
        line = [self._model.value, self._submitted.pop(event.request_id), time.time(), *answer]
        with NOTES.open("a") as notes:
            print(json.dumps(line), file=notes)
        self._dispatch_event(event)


if __name__ == "__main__":
    daemon.Worker = LoggingWorker  # type: ignore[attr-defined]
    sys.exit(cli.main(sys.argv[2:]))
