"""Messages between the instrument and a model's process, through a pipe in either direction.

Windows cannot wait for a pipe with a time-out, so a thread reads and another one writes. Whoever receives
waits only as long as it likes, and whoever sends never waits for the other side. What cannot be read, or
never ends, is the end.
"""

from __future__ import annotations

import logging
import pickle
import threading
from collections.abc import Callable
from contextlib import suppress
from io import RawIOBase
from queue import Empty, SimpleQueue
from struct import Struct
from typing import Any

logger = logging.getLogger(__name__)

START = b"\0psc2\1"  # before the first message
LENGTH = Struct("!Q")  # of a message in bytes, before each
MAX_BYTES = 2**28  # of a message: a hundred times the largest beat
MAX_BANNER_BYTES = 2**16  # that an interpreter may have printed on its way up
END = object()  # after the last message


class Channel:
    """Any values, in order, both ways, between two processes that trust each other."""

    def __init__(
        self, incoming: RawIOBase, outgoing: RawIOBase, at_end: Callable[[], object] = lambda: None
    ) -> None:
        """The channel closes the streams. ``at_end``: called in a thread when nothing more will come."""
        self._received: SimpleQueue[object] = SimpleQueue()
        self._unsent: SimpleQueue[bytes | None] = SimpleQueue()
        self._unsent.put(START)
        writer = threading.Thread(target=self._write, args=(outgoing,), daemon=True)
        reader = threading.Thread(target=self._read, args=(incoming, at_end), daemon=True)
        try:
            writer.start()
            reader.start()
        except RuntimeError as error:  # the system has no thread left: as if the other side were gone
            logger.debug("a channel has no threads", exc_info=error)
            self._received.put(END)
            self.close()
            incoming.close()
            if not writer.is_alive():
                outgoing.close()

    def send(self, message: object) -> None:
        """Leave a message; whether the other side is still there only ``receive`` tells."""
        data = pickle.dumps(message)
        self._unsent.put(LENGTH.pack(len(data)) + data)

    def receive(self, timeout_s: float | None = None) -> Any:
        """The next message. Raises: TimeoutError if there is none yet, EOFError if there will be none."""
        try:
            message = self._received.get(timeout=timeout_s)
        except Empty:
            raise TimeoutError from None
        if message is END:
            self._received.put(END)  # for whoever asks again
            raise EOFError
        return message

    def has_message(self) -> bool:
        """Whether ``receive`` would return, or raise EOFError, at once."""
        return not self._received.empty()

    def close(self) -> None:
        """Send nothing more: once everything has left, the other side reads the end."""
        self._unsent.put(None)

    def _read(self, stream: RawIOBase, at_end: Callable[[], object]) -> None:
        try:
            with stream:
                _skip_banner(stream)
                while True:
                    (length,) = LENGTH.unpack(_read_exactly(stream, LENGTH.size))
                    if length > MAX_BYTES:
                        break
                    self._received.put(pickle.loads(_read_exactly(stream, length)))
        except Exception as error:  # whatever unpickling raises; also the end itself
            logger.debug("a channel has ended", exc_info=error)
        finally:
            self._received.put(END)
            at_end()

    def _write(self, stream: RawIOBase) -> None:
        with stream, suppress(OSError):
            while (data := self._unsent.get()) is not None:
                left = memoryview(data)
                while left:
                    left = left[stream.write(left) :]


def _skip_banner(stream: RawIOBase) -> None:
    """Skip what an interpreter has printed on its way up. Raises: EOFError, OSError."""
    latest = b""
    for _ in range(MAX_BANNER_BYTES + len(START)):
        latest = latest[-len(START) :] + _read_exactly(stream, 1)
        if latest.endswith(START):
            return
    raise EOFError


def _read_exactly(stream: RawIOBase, number: int) -> bytes:
    """Read so many bytes. Raises: EOFError, OSError."""
    data = bytearray()
    while len(data) < number:
        part = stream.read(number - len(data))
        if not part:
            raise EOFError
        data += part
    return bytes(data)
