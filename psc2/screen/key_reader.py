"""The thread that reads the terminal's keys; what they mean is the computer keyboard's."""

from __future__ import annotations

import codecs
import logging
import os
import select
import signal
import sys
import threading
from collections.abc import Callable

from psc2.ports import Clock
from psc2.screen.computer_keyboard import ComputerKeyboard

TIMEOUT_S = 0.5  # for the thread to end
BACKGROUND_S = 0.2  # how often is looked whether the terminal gives its keys to us again
MAX_BYTES = 4096  # at a time

logger = logging.getLogger(__name__)


class KeyReader:
    """Waits for keys, and hands them on the moment that they come."""

    def __init__(
        self, number: int, keyboard: ComputerKeyboard, clock: Clock, is_ready: Callable[[], bool]
    ) -> None:
        """``number``: the terminal's file descriptor. What is typed before it is ready is dropped."""
        self._number = number
        self._keyboard = keyboard
        self._clock = clock
        self._is_ready = is_ready
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._stopping = threading.Event()
        self._read, self._wake = os.pipe()
        self._thread = threading.Thread(target=self._run, name="keys", daemon=True)

    def start(self) -> None:
        """Take keys from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more keys, and end what they sound."""
        if self._thread.ident is None or self._stopping.is_set():
            return  # it has not been started, or has ended
        self._stopping.set()
        os.write(self._wake, b"\0")
        self._thread.join(TIMEOUT_S)
        if not self._thread.is_alive():
            os.close(self._read)
            os.close(self._wake)

    def _run(self) -> None:
        if sys.platform != "win32":  # in the background reading is to fail, not to stop the music
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN})
        while not self._stopping.is_set():
            try:
                if not self._take():
                    break
            except Exception:
                logger.exception("could not handle a key; the music goes on")
                self._stopping.wait(BACKGROUND_S)
        self._keyboard.release(self._clock.now())

    def _take(self) -> bool:
        """Wait for keys, or for the moment that something ends; False once no more keys can come."""
        due = self._keyboard.due_at()
        wait_s = None if due is None else max(0.0, due - self._clock.now())
        if self._number in select.select([self._number, self._read], [], [], wait_s)[0]:
            try:
                data = os.read(self._number, MAX_BYTES)
            except OSError:  # it is another program's at the moment, or gone
                self._stopping.wait(BACKGROUND_S)
                return True
            if not data:
                return False
            if self._is_ready():
                self._keyboard.type(self._decoder.decode(data), self._clock.now())
        self._keyboard.elapse(self._clock.now())
        return True
