"""Messages between the instrument and a model's process, through a pipe in either direction.

Windows cannot wait for a pipe with a time-out, so a thread reads and another one writes. Whoever receives
waits only as long as it likes, and whoever sends never waits for the other side.
"""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from contextlib import suppress
from io import RawIOBase
from queue import Empty, SimpleQueue
from struct import Struct
from typing import Any

START = b"\0psc2\1"  # before the first message
LENGTH = Struct("!Q")  # of a message in bytes, before each


class Channel:
    """Any values, in order, both ways, between two processes that trust each other."""

    def __init__(
        self, incoming: RawIOBase, outgoing: RawIOBase, at_end: Callable[[], object] = lambda: None
    ) -> None:
        """The channel closes the streams. ``at_end``: called in a thread when the other side is gone."""
        self._received: SimpleQueue[bytes | None] = SimpleQueue()
        self._unsent: SimpleQueue[bytes | None] = SimpleQueue()
        self._unsent.put(START)
        threading.Thread(target=self._read, args=(incoming, at_end), daemon=True).start()
        threading.Thread(target=self._write, args=(outgoing,), daemon=True).start()

    def send(self, message: object) -> None:
        """Leave a message; whether the other side is still there only ``receive`` tells."""
        data = pickle.dumps(message)
        self._unsent.put(LENGTH.pack(len(data)) + data)

    def receive(self, timeout_s: float | None = None) -> Any:
        """The next message. Raises: TimeoutError if there is none yet, EOFError if there will be none."""
        try:
            data = self._received.get(timeout=timeout_s)
        except Empty:
            raise TimeoutError from None
        if data is None:
            self._received.put(None)  # for whoever asks again
            raise EOFError
        return pickle.loads(data)

    def has_message(self) -> bool:
        """Whether ``receive`` would return, or raise EOFError, at once."""
        return not self._received.empty()

    def close(self) -> None:
        """Send nothing more: once everything has left, the other side reads the end."""
        self._unsent.put(None)

    def _read(self, stream: RawIOBase, at_end: Callable[[], object]) -> None:
        with stream, suppress(EOFError, OSError):
            skipped = b""
            while not skipped.endswith(START):  # an interpreter may have printed something on its way up
                skipped = skipped[-len(START) :] + _read_exactly(stream, 1)
            while True:
                (length,) = LENGTH.unpack(_read_exactly(stream, LENGTH.size))
                self._received.put(_read_exactly(stream, length))
        self._received.put(None)
        at_end()

    def _write(self, stream: RawIOBase) -> None:
        with stream, suppress(OSError):
            while (data := self._unsent.get()) is not None:
                left = memoryview(data)
                while left:
                    left = left[stream.write(left) :]


def _read_exactly(stream: RawIOBase, number: int) -> bytes:
    """Read so many bytes. Raises: EOFError, OSError."""
    data = bytearray()
    while len(data) < number:
        part = stream.read(number - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
