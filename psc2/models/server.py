"""A model in a process of its own, behind a pipe: what ``psc2.models.process`` starts.

A network keeps a processor busy, and Python lets only one of a process's threads run at a time;
here, at a lower priority, it takes nothing from the beat and the hands. It may also crash here,
or hang.

In: a request, or the id of one that is given up. Out: None once the model can be asked, then for
each request a ``Reply``.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from psc2.core.events import DrumsRequest, MelodyRequest, Model
from psc2.errors import Psc2Error
from psc2.models.generation import GenerationCancelled, Reply, generate_beat, generate_melody

NICENESS = 10  # how much less urgent than the instrument itself
MAX_FILE_BYTES = 2**28  # that it may write: what it says goes to a file, and it may say it all night
MAX_TROUBLE = 500  # characters of a complaint
LOOK_S = 1.0  # how often it is seen whether the instrument is still there


def main(arguments: Sequence[str]) -> int:
    """Arguments: the pipe's file descriptor, melody or drums, the model's name, the engine."""
    from psc2.models import catalogue

    descriptor, model, name, engine = arguments
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the instrument, which closes the pipe
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    os.nice(NICENESS)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    limit = MAX_FILE_BYTES if hard == resource.RLIM_INFINITY else min(MAX_FILE_BYTES, hard)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        opened = catalogue.open_model(Model(model), name, engine)  # type: ignore[arg-type]
    except Psc2Error as error:
        print(error, file=sys.stderr)
        return 2
    with Connection(int(descriptor)) as pipe:
        pipe.send(None)
        serve(opened, pipe)
    return 0


def end_with(parent: int) -> None:
    """End this process when the instrument's is gone, even in the midst of a request."""
    while os.getppid() == parent:
        time.sleep(LOOK_S)
    os._exit(1)


def serve(model: Any, pipe: Connection) -> None:
    """Answer requests until the other side is gone."""
    try:
        while True:
            message = pipe.recv()
            if isinstance(message, MelodyRequest | DrumsRequest):
                pipe.send(reply(model, message, pipe))
    except (EOFError, OSError):
        return


def reply(model: Any, request: MelodyRequest | DrumsRequest, pipe: Connection) -> Reply:
    """The model's answer, whatever it does."""

    def is_cancelled() -> bool:
        while pipe.poll():
            if pipe.recv() == request.request_id:
                return True
        return False

    try:
        if isinstance(request, MelodyRequest):
            return Reply(request.request_id, tuple(generate_melody(model, request, is_cancelled)))
        return Reply(request.request_id, tuple(generate_beat(model, request, is_cancelled)))
    except GenerationCancelled:
        return Reply(request.request_id, cancelled=True)
    except EOFError:
        raise
    except Exception as error:
        return Reply(request.request_id, error=f"{type(error).__name__}: {error}"[:MAX_TROUBLE])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
