"""A model in a process of its own, behind two pipes: what ``psc2.models.child`` starts.

A network keeps a processor busy, and Python lets only one of a process's threads run at a time;
here, at a lower priority, it takes nothing from the beat and the keyboard. It may also crash here,
or hang.

In: a request, or the id of one that is cancelled. Out: None once the model can be asked, then for
each request a ``Reply``.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from functools import partial
from io import FileIO
from typing import Any

from psc2.core.requests import DrumsRequest, MelodyRequest, Model, PitchRequest, Request
from psc2.errors import Psc2Error
from psc2.models import operating_system
from psc2.models.channel import Channel
from psc2.models.generation import GenerationCancelled, Reply, answer

STDIN, STDOUT, STDERR = range(3)
MAX_OUTPUT_BYTES = 2**24  # of what has been printed: it lies in a file, and may go on all night
REASON = "psc2 ends: "  # how the line begins that tells why, among all that a model may print
MAX_ERROR = 500  # characters


def main(arguments: Sequence[str]) -> int:
    """Serve a model until the instrument ends. Arguments: melody or drums, the model's name, the engine."""
    # The end is noticed in a thread, also in the midst of a request.
    channel = Channel(*take_standard_streams(), at_end=partial(os._exit, 1))
    for name in ("SIGINT", "SIGQUIT"):  # Ctrl-C and Ctrl-\ are for the instrument, which closes the channel
        if hasattr(signal, name):  # Windows has no SIGQUIT
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    operating_system.limit_files()
    from psc2.models import catalogue

    model, name, engine = arguments
    try:
        opened = catalogue.open_model(Model(model), name, engine)  # type: ignore[arg-type]
        channel.send(None)
        serve(opened, channel)
    except Psc2Error as error:
        print(f"{REASON}{error}", file=sys.stderr)
        return 2
    except SystemExit as error:  # of a model
        print(f"{REASON}{error.code}" if isinstance(error.code, str) else "", file=sys.stderr)
        return 1
    except Exception as error:
        traceback.print_exc()
        print(f"{REASON}{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def take_standard_streams() -> tuple[FileIO, FileIO]:
    """The pipes, for the channel alone: a model finds nothing to read, and prints where errors go."""
    incoming, outgoing = FileIO(os.dup(STDIN), "rb"), FileIO(os.dup(STDOUT), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), STDIN)
    os.dup2(STDERR, STDOUT)
    return incoming, outgoing


def serve(model: Any, channel: Channel) -> None:
    """Answer requests until the other side is gone."""
    try:
        while True:
            message = channel.receive()
            if isinstance(message, MelodyRequest | PitchRequest | DrumsRequest):
                trim_output()
                channel.send(reply(model, message, channel))
    except EOFError:
        return


def reply(model: Any, request: Request | PitchRequest, channel: Channel) -> Reply:
    """The model's answer, whatever it does. Raises: EOFError."""

    def is_cancelled() -> bool:
        while channel.has_message():
            if channel.receive() == request.request_id:
                return True
        return False

    try:
        return Reply(tuple(answer(model, request, is_cancelled)))
    except GenerationCancelled:
        return Reply()
    except EOFError:
        raise
    except Exception as error:
        return Reply(error=f"{type(error).__name__}: {error}"[:MAX_ERROR])


def trim_output() -> None:
    """Begin the file of what has been printed anew once it is too long."""
    if os.fstat(STDERR).st_size > MAX_OUTPUT_BYTES:
        os.ftruncate(STDERR, 0)
        os.lseek(STDERR, 0, os.SEEK_SET)
