"""The end of a session: asked for by a signal or by a thread, never missed, never a deadlock."""

from __future__ import annotations

import select
import signal
import socket
import threading
from types import FrameType, TracebackType

SIGNALS = ("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP")  # asked to, Ctrl-C, Ctrl-\, the window closed
ASKED = b"\0"  # by a thread: no signal has this number


class Ending:
    """Waits for one of SIGNALS, or for ``request``.

    A signal's handler takes no lock: the interpreter writes the signal's number into a socket, which
    ``wait`` reads. To be entered and waited for by the main thread.
    """

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self.over = threading.Event()  # set once the end has come, for other threads to wait for
        self._numbers: dict[int, object] = {}  # the signals, and who handled them before
        self._wakeup = -1
        self._signalled = False

    def __enter__(self) -> Ending:
        self._wakeup = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        for name in SIGNALS:
            number = getattr(signal, name, None)  # Windows has not all of them
            if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
                continue  # nohup
            self._numbers[number] = signal.signal(number, _ignore)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The sockets stay open: a thread may still ask for an end that has come.

        After a signal those that follow are ignored: the process ends, and ends well.
        """
        for number, handler in self._numbers.items():
            signal.signal(number, signal.SIG_IGN if self._signalled else handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._wakeup)
        self.over.set()

    def request(self) -> None:
        """Ask for the end, from any thread."""
        self._write.send(ASKED)

    def wait(self) -> None:
        """Return once the end has been asked for."""
        wanted = {0, *self._numbers}
        while True:
            select.select([self._read], [], [])
            received = wanted & {*self._read.recv(4096)}
            if received:
                self._signalled = received != {0}
                self.over.set()
                return


def _ignore(number: int, frame: FrameType | None) -> None:
    """Keep the signal from ending the process; it has been noted."""
