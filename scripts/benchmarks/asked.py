"""psc2, which notes in a file when its models are asked and when and what they answer.

python -m scripts.benchmarks.asked FILE ARGUMENTS…     psc2 ARGUMENTS…
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from psc2 import cli, daemon
from psc2.adapters.model_process import ModelProcess
from psc2.core.events import DrumsRequest, MelodyRequest
from psc2.models.asking import IsCancelled

NOTES = Path(sys.argv[1])


class AskedProcess(ModelProcess):
    def ask(self, request: MelodyRequest | DrumsRequest, is_cancelled: IsCancelled) -> list[Any]:
        began = time.time()
        parts: list[Any] = []
        try:
            parts = super().ask(request, is_cancelled)
            return parts
        finally:
            of_melody = isinstance(request, MelodyRequest)
            answer = ["melody", parts] if of_melody else ["drums", len(parts)]
            with NOTES.open("a") as notes:
                print(json.dumps([began, time.time(), *answer]), file=notes)


if __name__ == "__main__":
    daemon.ModelProcess = AskedProcess  # type: ignore[attr-defined]
    sys.exit(cli.main(sys.argv[2:]))
