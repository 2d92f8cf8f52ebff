"""A model that works in a process of its own; see ``psc2.models.server`` for the other side."""

from __future__ import annotations

import time
from typing import Any

from psc2.core.requests import DrumsRequest, MelodyRequest, Model
from psc2.models.channel import Channel
from psc2.models.child import Child
from psc2.models.generation import GenerationCancelled, GenerationError, IsCancelled, Reply

POLL_S = 0.01  # how often it is seen whether a request is cancelled
CANCEL_TIMEOUT_S = 2.0  # for a model to notice that its request is cancelled; then its process is ended
RESTART_S = 5.0  # at the earliest after the last start
EXIT_TIMEOUT_S = 0.5  # for a process that closes its channel to print why it ends


class ModelProcess:
    """A model that one thread asks, one request at a time; its process is started again when it has ended."""

    def __init__(self, model: Model, name: str, engine: str, deadline_s: float) -> None:
        self._arguments = (model.value, name, engine)
        self._deadline_s = deadline_s
        self._child: Child | None = None
        self._started_at = 0.0  # as time.monotonic
        self._ready = False
        self._stopped = False

    def start(self) -> None:
        """Start the process; meanwhile it loads its model. Raises: StartError."""
        if self._child is not None:
            self._child.end()
        self._ready = False
        self._started_at = time.monotonic()
        self._child = Child(*self._arguments)
        if self._stopped:  # meanwhile, by another thread
            self._child.end()

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._stopped = True
        if self._child is not None:
            self._child.end()

    def ask(self, request: MelodyRequest | DrumsRequest, is_cancelled: IsCancelled) -> list[Any]:
        """Pitches or hits. Raises: GenerationCancelled, GenerationError if there is no answer in time."""
        deadline = time.monotonic() + self._deadline_s
        child = self._running()
        try:
            self._wait_until_ready(child, deadline, is_cancelled)
            reply = self._exchange(child, request, deadline, is_cancelled)
        except TimeoutError as error:
            raise GenerationError(f"slower than {self._deadline_s:g} s") from error
        except EOFError as error:
            child.end(EXIT_TIMEOUT_S)
            raise GenerationError(f"has ended: {child.last_line()}") from error
        if reply.error:
            raise GenerationError(reply.error)
        return list(reply.parts)

    def failed_to_load(self) -> bool:
        """Whether the process has ended before anybody could ask it."""
        return not self._ready and self._child is not None and self._child.has_ended()

    def last_line(self) -> str:
        """The last line that the process has printed, or its exit code."""
        return "" if self._child is None else self._child.last_line()

    def _running(self) -> Child:
        """The process, which is started again if it has ended, but not all the time.

        Raises: GenerationError, StartError.
        """
        if self._child is None or self._child.has_ended():
            if self._stopped or time.monotonic() < self._started_at + RESTART_S:
                raise GenerationError(f"has ended: {self.last_line()}")
            self.start()
        assert self._child is not None
        return self._child

    def _wait_until_ready(self, child: Child, deadline: float, is_cancelled: IsCancelled) -> None:
        """Wait for the model to be loaded. Raises: GenerationError, GenerationCancelled, EOFError."""
        if self._ready:
            return
        try:
            _receive(child.channel, deadline, is_cancelled)
        except TimeoutError as error:
            raise GenerationError("is still loading") from error
        self._ready = True

    def _exchange(
        self, child: Child, request: MelodyRequest | DrumsRequest, deadline: float, is_cancelled: IsCancelled
    ) -> Reply:
        """Send a request and wait for its reply. Raises: TimeoutError, GenerationCancelled, EOFError."""
        child.channel.send(request)
        try:
            reply: Reply = _receive(child.channel, deadline, is_cancelled)
        except (GenerationCancelled, TimeoutError):
            _cancel(child, request.request_id)
            raise
        return reply


def _cancel(child: Child, request_id: int) -> None:
    """Cancel a request; a process that does not notice is ended. Raises: EOFError."""
    child.channel.send(request_id)
    try:
        child.channel.receive(CANCEL_TIMEOUT_S)
    except TimeoutError:
        child.end()


def _receive(channel: Channel, deadline: float, is_cancelled: IsCancelled) -> Any:
    """The next message: None once the model is loaded, then replies.

    Raises: TimeoutError, GenerationCancelled, EOFError.
    """
    while True:
        try:
            return channel.receive(POLL_S)
        except TimeoutError:
            if is_cancelled():
                raise GenerationCancelled from None
            if time.monotonic() >= deadline:
                raise
