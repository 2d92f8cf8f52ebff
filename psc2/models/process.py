"""A model that works in a process of its own; see ``psc2.models.server`` for the other side.

Whoever asks waits until the deadline and no longer. What follows after that is done in other threads: one
keeps a process running, and where one does not notice that its request is cancelled, another ends it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain, repeat
from typing import Any

from psc2.core.requests import Model, PitchRequest, Request
from psc2.errors import StartError
from psc2.models.child import EXIT_TIMEOUT_S, Child
from psc2.models.generation import GenerationCancelled, GenerationError, IsCancelled, Reply

logger = logging.getLogger(__name__)

POLL_S = 0.01  # how often it is seen whether a request is cancelled
SLOW_S = 2.5  # without an answer: then the player is told that there is none yet
CANCEL_TIMEOUT_S = 2.0  # for a model to notice that its request is cancelled; then its process is ended
LOAD_TIMEOUT_S = 300.0  # for a model to be loaded; then its process is ended
STOP_TIMEOUT_S = 1.0  # for a process that is ended to be gone
NO_ANSWER = "has given what is no answer"
RESTART_DELAYS_S = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)  # before the next is started, the more often …
RESTART_RESET_S = 60.0  # … one has ended that has neither answered nor lived for so long


class ModelProcess:
    """A model that one thread asks, one request at a time; its process is started again when it has ended."""

    def __init__(
        self,
        model: Model,
        name: str,
        engine: str,
        deadline_s: float,
        restart_delays_s: Sequence[float] = RESTART_DELAYS_S,
    ) -> None:
        self._model = model
        self._arguments = (model.value, name, engine)
        self._deadline_s = deadline_s
        self._restart_delays_s = restart_delays_s
        self._child: Child | None = None  # the latest
        self._keeper: threading.Thread | None = None
        self._starting = threading.Lock()  # so that none is started any more once they are stopped
        self._stopping = threading.Event()
        self._is_down = True  # no process runs, nor is one started soon
        self._cannot_load = False
        self._reason = ""
        self._lines: deque[str] = deque()

    def start(self) -> None:
        """Start the process, and from now on another when it has ended; meanwhile it loads its model.

        Raises: StartError.
        """
        self._start_child()
        name = f"{self._model.value} process"
        keeper = threading.Thread(target=self._keep, name=name, daemon=True)
        keeper.start()  # raises where the system has no thread left: then there is none to wait for
        self._keeper = keeper

    def stop(self) -> None:
        """End the process, whatever it is doing."""
        self._stopping.set()
        with self._starting:
            if self._child is not None:
                self._child.kill()
        if self._keeper is not None:
            self._keeper.join(STOP_TIMEOUT_S)

    def ask(self, request: Request | PitchRequest, is_cancelled: IsCancelled) -> list[Any]:
        """What the model answers. Raises: GenerationCancelled, GenerationError if nothing comes in time."""
        deadline = time.monotonic() + self._deadline_s
        child = self._free_child(deadline, is_cancelled)
        child.channel.send(request)
        try:
            reply = self._reply(child, deadline, is_cancelled)
        except (GenerationCancelled, TimeoutError) as error:
            child.channel.send(request.request_id)
            _let_give_up(child)
            if isinstance(error, GenerationCancelled):
                raise
            raise GenerationError(self._too_slow()) from error
        except EOFError as error:
            child.kill_unless_it_exits(_left_s(deadline, EXIT_TIMEOUT_S))
            reason = NO_ANSWER if child.did_not_exit else f"has ended: {child.reason()}"
            raise GenerationError(reason) from error
        if not isinstance(reply, Reply):
            child.kill()
            raise GenerationError(NO_ANSWER)
        child.has_answered = True
        child.in_use.release()
        if reply.error:
            raise GenerationError(reply.error)
        return list(reply.parts)

    def _reply(self, child: Child, deadline: float, is_cancelled: IsCancelled) -> Any:
        """What the process answers; while that takes long, the player is told once that it does.

        Raises: TimeoutError, GenerationCancelled, EOFError.
        """
        slow_at = time.monotonic() + SLOW_S
        if slow_at < deadline:
            with suppress(TimeoutError):
                return _receive(child, slow_at, is_cancelled)
            self._lines.append(f"{self._model.value} model: no answer for {SLOW_S:g} s; "
                               f"after {self._deadline_s:g} s markov answers")  # fmt: skip
        return _receive(child, deadline, is_cancelled)

    def failed_to_load(self) -> bool:
        """Whether the latest process that has ended, or the one that runs, could not load its model."""
        return self._cannot_load

    def reason(self) -> str:
        """Why the latest process that has ended did: what it said of it, or its exit code."""
        return self._reason

    def new_lines(self) -> Iterator[str]:
        """Lines for the player about what has happened since the last call while nobody asked."""
        while self._lines:
            yield self._lines.popleft()

    def _free_child(self, deadline: float, is_cancelled: IsCancelled) -> Child:
        """The process, for one request, once it is there and has given up the request before.

        Raises: GenerationError, GenerationCancelled.
        """
        while not self._is_down and not self._stopping.is_set():
            child = self._latest()
            if child.in_use.acquire(timeout=_left_s(deadline, POLL_S)):
                return child
            if is_cancelled():
                raise GenerationCancelled
            if time.monotonic() >= deadline:
                raise GenerationError(self._too_slow() if child.is_loaded else "is still loading")
        raise GenerationError(f"has ended: {self._reason}")

    def _too_slow(self) -> str:
        return f"slower than {self._deadline_s:g} s"

    # --- the thread that keeps a process running ------------------------------------------

    def _keep(self) -> None:
        """Start another process whenever one has ended."""
        failures = 0  # processes in a row that were of no use
        told_at = float("-inf")
        while True:
            child, started_at = self._latest(), time.monotonic()
            self._wait_for_end(child)
            if self._stopping.is_set():
                return
            now = time.monotonic()
            was_of_use = child.has_answered or now - started_at >= RESTART_RESET_S
            failures = 0 if was_of_use else failures + 1
            was_idle = child.in_use.acquire(blocking=False)  # otherwise whoever asked is told
            if was_idle and failures <= 1 and now - told_at >= RESTART_RESET_S:
                self._lines.append(f"the {self._model.value} model has ended: {self._reason}; "
                                   "it is started again")  # fmt: skip
                told_at = now
            self._start_again(max(0, failures - 1) if child.is_loaded else max(1, failures))

    def _wait_for_end(self, child: Child) -> None:
        """Wait for a process to load its model, and then to end."""
        try:
            _receive(child, time.monotonic() + LOAD_TIMEOUT_S, lambda: False)
        except EOFError:
            child.end(EXIT_TIMEOUT_S)
        except TimeoutError:
            child.end()
        else:
            self._cannot_load = False
            child.is_loaded = True
            child.in_use.release()
            child.wait()
            child.end()
        self._reason = child.reason()
        logger.debug("the %s model has ended; its last line: %s", self._model.value, child.last_line())
        if not child.is_loaded and not self._stopping.is_set():
            self._cannot_load = True

    def _start_again(self, number: int) -> None:
        """Start the next process; ``number``: which of the delays comes before it."""
        for delay_s in chain(self._restart_delays_s[number:], repeat(self._restart_delays_s[-1])):
            self._is_down = delay_s > 0
            if self._stopping.wait(delay_s):
                return
            try:
                self._start_child()
                return
            except StartError as error:
                self._reason = str(error)

    def _start_child(self) -> None:
        """Start a process, unless they are stopped. Raises: StartError."""
        with self._starting:
            if not self._stopping.is_set():
                self._child = Child(*self._arguments)
                self._is_down = False

    def _latest(self) -> Child:
        assert self._child is not None  # the first is started before anybody asks
        return self._child


def _let_give_up(child: Child) -> None:
    """Let a process go on with the next request once it has given one up; nobody waits here."""
    try:
        threading.Thread(target=_wait_until_given_up, args=(child,), daemon=True).start()
    except RuntimeError:  # the system has no thread left to wait in: another process follows
        child.kill()


def _wait_until_given_up(child: Child) -> None:
    """Wait for a process to be free of a request that is cancelled; one that does not notice is ended."""
    try:
        _receive(child, time.monotonic() + CANCEL_TIMEOUT_S, lambda: False)
    except TimeoutError:
        child.kill()
    except EOFError:
        return
    else:
        child.in_use.release()


def _receive(child: Child, deadline: float, is_cancelled: IsCancelled) -> Any:
    """The next message: None once the model is loaded, then replies.

    Raises: TimeoutError, GenerationCancelled, EOFError.
    """
    while True:
        try:
            return child.channel.receive(_left_s(deadline, POLL_S))
        except TimeoutError:
            if is_cancelled():
                raise GenerationCancelled from None
            if time.monotonic() >= deadline:
                raise
            if child.has_ended() and not child.channel.has_message():
                raise EOFError from None  # a process of its own may hold the channel open


def _left_s(deadline: float, most: float) -> float:
    """How long there is left until a deadline, from 0 to ``most`` seconds."""
    return max(0.0, min(most, deadline - time.monotonic()))
