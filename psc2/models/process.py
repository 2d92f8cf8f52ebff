"""A model that works in a process of its own; see ``psc2.models.server`` for the other side."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from psc2.core.events import DrumsRequest, MelodyRequest, Model
from psc2.errors import StartError
from psc2.models.generation import GenerationCancelled, GenerationError, IsCancelled, Reply

LOOK_S = 0.01  # how often it is seen whether a request is cancelled
PATIENCE_S = 2.0  # for a model to notice that a request is given up; then it is ended
RESTART_S = 5.0  # at the earliest after the last start
LAST_WORDS_S = 0.5  # for a process that closes its pipe to say why it ends
LAST_WORDS_BYTES = 4096  # it may have said much more


class ModelProcess:
    """A model that is asked by one thread, one request at a time."""

    def __init__(self, model: Model, name: str, engine: str, deadline_s: float) -> None:
        """Raises: StartError."""
        self._arguments = (model.value, name, engine)
        self._deadline_s = deadline_s
        try:
            self._said = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  # its last line tells why it ended
        except OSError as error:
            raise StartError(f"cannot make a temporary file: {error.strerror}") from error
        self._pipe: Connection | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False
        self._stopped = False

    def start(self) -> None:
        """Start the process; meanwhile it loads its model. Raises: StartError."""
        self._ready = False
        self._started = time.monotonic()
        self._said.seek(0)
        self._said.truncate()
        if self._pipe is not None:
            self._pipe.close()
        self._pipe, theirs = Pipe()
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "psc2.models.server", str(theirs.fileno()), *self._arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=self._said,
                    stderr=self._said,
                    pass_fds=[theirs.fileno()],
                )
            except OSError as error:
                raise StartError(f"cannot start a model's process: {error.strerror}") from error
        if self._stopped:  # meanwhile, by another thread
            self._end()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._stopped = True
        self._end()

    def ask(self, request: MelodyRequest | DrumsRequest, is_cancelled: IsCancelled) -> list[Any]:
        """Pitches or hits. Raises: GenerationCancelled, GenerationError if there is no answer in time."""
        end = time.monotonic() + self._deadline_s
        try:
            with self._watched():
                pipe = self._revived(end, is_cancelled)
                pipe.send(request)
                try:
                    reply: Reply = _receive(pipe, end, is_cancelled)
                except (GenerationCancelled, TimeoutError):
                    self._give_up(pipe, request.request_id)
                    raise
        except TimeoutError as error:
            raise GenerationError(f"slower than {self._deadline_s:g} s") from error
        except (EOFError, OSError) as error:
            self._end(LAST_WORDS_S)
            raise GenerationError(f"has ended: {self.last_words()}") from error
        if reply.error:
            raise GenerationError(reply.error)
        return list(reply.parts)

    def cannot_load(self) -> bool:
        """Whether the process has ended before anybody could ask it."""
        return not self._ready and self._process is not None and self._process.poll() is not None

    def last_words(self) -> str:
        """The last line that the process has said, or its exit code."""
        size = os.fstat(self._said.fileno()).st_size
        said = os.pread(self._said.fileno(), LAST_WORDS_BYTES, max(0, size - LAST_WORDS_BYTES))
        lines = said.decode(errors="replace").split("\n")
        code = None if self._process is None else self._process.returncode
        return next((line for line in reversed(lines) if line.strip()), f"code {code}")

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """A process that no longer even reads or writes its pipe is ended; what waits for it finds out."""
        watchdog = threading.Timer(self._deadline_s + 2 * PATIENCE_S, self._end)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()

    def _revived(self, end: float, is_cancelled: IsCancelled) -> Connection:
        """The way to the process, once its model is loaded; one that has ended is started again, but not
        all the time. Raises: GenerationError, GenerationCancelled, EOFError, OSError."""
        if self._process is None or self._process.poll() is not None:
            if self._stopped or time.monotonic() < self._started + RESTART_S:
                raise GenerationError(f"has ended: {self.last_words()}")
            self.start()
        assert self._pipe is not None
        if not self._ready:
            try:
                _receive(self._pipe, end, is_cancelled)
            except TimeoutError as error:
                raise GenerationError("is still loading") from error
            self._ready = True
        return self._pipe

    def _give_up(self, pipe: Connection, request_id: int) -> None:
        """The process is told, and ended if it does not listen; the next request starts another."""
        pipe.send(request_id)
        if pipe.poll(PATIENCE_S):
            pipe.recv()
        else:
            self._end()

    def _end(self, patience_s: float = 0.0) -> None:
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(patience_s)
            self._process.kill()
            self._process.wait()


def _receive(pipe: Connection, end: float, is_cancelled: IsCancelled) -> Any:
    """The next thing that the process says: None once its model is loaded, then replies.

    Raises: TimeoutError, GenerationCancelled, EOFError, OSError.
    """
    while not pipe.poll(LOOK_S):
        if is_cancelled():
            raise GenerationCancelled
        if time.monotonic() >= end:
            raise TimeoutError
    return pipe.recv()
