"""psc2 with its models in its own threads, as it is not: what the processes spare the hands.

python -m scripts.benchmarks.threaded ARGUMENTS…     psc2 ARGUMENTS…
"""

from __future__ import annotations

import sys
from typing import Any

from psc2 import daemon
from psc2.commands import main as cli
from psc2.core.requests import DrumsRequest, MelodyRequest, Model
from psc2.models.catalogue import Engine, open_model
from psc2.models.generation import IsCancelled, generate_beat, generate_melody


class ModelThread:
    """Looks like a ``ModelProcess``; the worker's thread runs the network."""

    def __init__(self, model: Model, name: str, engine: Engine, deadline_s: float) -> None:
        self._model = open_model(model, name, engine)

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def failed_to_load(self) -> bool:
        return False

    def new_lines(self) -> tuple[str, ...]:
        return ()

    def ask(self, request: MelodyRequest | DrumsRequest, is_cancelled: IsCancelled) -> list[Any]:
        if isinstance(request, MelodyRequest):
            return generate_melody(self._model, request, is_cancelled)
        return generate_beat(self._model, request, is_cancelled)


if __name__ == "__main__":
    daemon.ModelProcess = ModelThread  # type: ignore[attr-defined, assignment]
    sys.exit(cli.main(sys.argv[1:]))
