"""OSC in: UDP datagrams become events, in the order of their arrival."""

from __future__ import annotations

import errno
import select
import socket
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from pythonosc.parsing import osc_types

from psc2.core.events import BadInput, Event
from psc2.core.ranges import Range
from psc2.errors import StartError
from psc2.ports import Clock
from psc2.wire.protocol import ARGUMENTS, INBOUND

MAX_DATAGRAM = 4096  # bytes: nothing of ours is longer
BURST = 1_000  # datagrams taken from the kernel at a time
# Bytes that wait at most, of one sender; of several each has its share. Of what comes when so many do, only
# what ends a note is kept, up to twice as many.
MAX_BACKLOG = 4 << 20
OVERHEAD = 100  # bytes that a datagram takes beside its own, about …
QUEUE_OVERHEAD = 1_000  # … and its sender
MAX_AGE_S = 3.0  # what has waited longer is played no more, unless it ends a note
NOTE_OFF = b"/processnoteoff\0"
RECEIVE_BUFFER = 4 << 20  # asked of the kernel, which may give less
PATIENCE_S = 0.3  # for the thread to end

BUNDLE_HEAD = b"#bundle\0"
BUNDLE_HEAD_SIZE = 16  # with the time tag
MAX_DEPTH = 8  # of bundles in bundles
MAX_MESSAGES = 512  # in one datagram
MALFORMED = "malformed packet"
OVERSIZED = b"oversized"  # stands for a datagram that is too long to be read …
FOREIGN = b"foreign"  # … and for one of a host that is not listened to
LOOPBACK = "127."  # how this computer's own addresses begin


def _read_text(packet: bytes, start: int) -> tuple[str, int]:
    """The text at ``start``, and where the next argument is. Raises: ParseError.

    Devices have names in whatever encoding their makers used: what is not UTF-8 is read as Latin-1.
    """
    end = packet.find(0, start)
    following = end + 4 - (end - start) % 4
    if end < 0 or following > len(packet):
        raise osc_types.ParseError("a text without its end")
    text = packet[start:end]
    try:
        return text.decode("utf-8"), following
    except UnicodeDecodeError:
        return text.decode("latin-1"), following


DECODE: Mapping[str, Callable[[bytes, int], tuple[object, int]]] = {
    "i": osc_types.get_int,
    "f": osc_types.get_float,
    "h": osc_types.get_int64,
    "d": osc_types.get_double,
    "s": _read_text,
}


ROWS = {message.address: (message, make) for message, make in INBOUND.items()}


def events_of(datagram: bytes, at: float) -> list[Event]:
    """The events in a datagram that arrived at ``at``, in order; never raises.

    Time tags are not waited for: what has arrived happens now. What cannot be understood
    becomes BadInput, a giant bundle as a whole, so that it holds nothing up.
    """
    if datagram is OVERSIZED or datagram is FOREIGN:
        return [BadInput(at, f"{datagram.decode()} packet")]
    if not datagram.startswith(BUNDLE_HEAD):
        return [_event_of(datagram, at)]
    messages = list(islice(_messages(datagram), MAX_MESSAGES + 1))
    if len(messages) > MAX_MESSAGES:
        return [BadInput(at, "giant bundle")]
    return [_event_of(message, at) if message else BadInput(at, MALFORMED) for message in messages]


def _messages(packet: bytes, depth: int = 0) -> Iterator[bytes]:
    """The messages of a packet, bundles unpacked; an empty one for what is malformed."""
    if not packet.startswith(BUNDLE_HEAD):
        yield packet
        return
    index = BUNDLE_HEAD_SIZE
    while index < len(packet):
        size = int.from_bytes(packet[index : index + 4], "big")
        element = packet[index + 4 : index + 4 + size]
        if len(element) < size or depth == MAX_DEPTH:
            yield b""
            return
        yield from _messages(element, depth + 1)
        index += 4 + size
    if index > len(packet):
        yield b""


def _event_of(message: bytes, at: float) -> Event:
    try:
        address, index = _read_text(message, 0)
        tags, index = _read_text(message, index) if index < len(message) else (",", index)
    except osc_types.ParseError:
        return BadInput(at, MALFORMED)
    if not address.startswith("/") or not tags.startswith(","):
        return BadInput(at, MALFORMED)
    known = ROWS.get(address)
    if known is None:
        return BadInput(at, "unknown address")
    row, make = known
    if len(tags) - 1 < row.required:
        return BadInput(at, "too few arguments")
    arguments: list[int | str] = []
    try:
        for name, tag in zip(row.names, tags[1:], strict=False):
            value, index = DECODE[tag](message, index)
            arguments.append(_checked(value, ARGUMENTS[name]))
    except (KeyError, TypeError, ValueError, OverflowError, osc_types.ParseError) as error:
        if len(arguments) < row.required:
            return BadInput(at, _complaint(error))
        arguments = arguments[: row.required]  # what is optional may as well be somebody else's
    return make(at, *arguments)


def _checked(value: object, allowed: Range | None) -> int | str:
    """An argument's value: a whole number of a range, or a text. Raises: TypeError, ValueError."""
    if allowed is None:
        if not isinstance(value, str):
            raise TypeError
        return value
    if not isinstance(value, int | float):
        raise TypeError
    number = round(value)  # neither "not a number" nor infinity can be
    if number not in allowed:
        raise ValueError
    return number


def _complaint(error: Exception) -> str:
    match error:
        case osc_types.ParseError():
            return MALFORMED
        case KeyError() | TypeError():
            return "argument of a wrong type"
        case _:
            return "argument out of range"


@dataclass(slots=True)
class Queue:
    """What waits of one sender: when each datagram arrived, in seconds, and itself."""

    waiting: deque[tuple[float, bytes]] = field(default_factory=deque)
    size: int = QUEUE_OVERHEAD  # bytes


class Backlog:
    """Datagrams that wait to be read, each sender's in the order of their arrival, bounded in size and age.

    The senders have their turns one after the other, and as much room as each other, so that nobody's
    flood keeps a hand waiting. What ends a note outlives what begins one.
    """

    def __init__(self) -> None:
        self._queues: OrderedDict[Hashable, Queue] = OrderedDict()  # of those that wait, the next one first
        self._number = 0  # of all datagrams
        self._size = 0  # bytes, of all
        self._dropped = 0  # since it was last told of

    def __len__(self) -> int:
        return self._number

    def add(self, at: float, datagram: bytes, sender: Hashable = None) -> None:
        """A datagram that has arrived at ``at``, if there is room for it."""
        room = 2 * MAX_BACKLOG if datagram.startswith(NOTE_OFF) else MAX_BACKLOG
        queue, size = self._queues.get(sender) or Queue(), len(datagram) + OVERHEAD
        if self._size >= room and queue.size + size > room // (len(self._queues) + 1):
            self._dropped += 1
            return
        if not queue.waiting:
            self._queues[sender] = queue
            self._size += QUEUE_OVERHEAD
        queue.waiting.append((at, datagram))
        self._grow(queue, 1, size)

    def next_events(self, now: float) -> list[Event]:
        """What the oldest datagram of whose turn it is says; first, whether something was dropped."""
        sender, queue = next(iter(self._queues.items()))
        at, datagram = queue.waiting.popleft()
        self._grow(queue, -1, -len(datagram) - OVERHEAD)
        if queue.waiting:
            self._queues.move_to_end(sender)
        else:
            del self._queues[sender]
            self._size -= QUEUE_OVERHEAD
        lost: list[Event] = [BadInput(now, "flood")] if self._dropped else []
        self._dropped = 0
        if now - at > MAX_AGE_S and not datagram.startswith(NOTE_OFF):
            return [*lost, BadInput(at, "waited too long")]
        return lost + events_of(datagram, at)

    def _grow(self, queue: Queue, number: int, size: int) -> None:
        queue.size += size
        self._size += size
        self._number += number


def addresses_of(host: str) -> set[str]:
    """The IPv4 addresses of a host, none where it is not known."""
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_DGRAM)
    except OSError:
        return set()
    return {str(address[0]) for *_, address in found}


class OscReceiver:
    """The receiving thread: takes datagrams in the order of their arrival.

    It empties the kernel's buffer between any two events, so that a burst waits here,
    where there is room, and not where it would be dropped.
    """

    def __init__(
        self,
        host: str,
        port: int,
        allowed: Iterable[str],
        clock: Clock,
        dispatch: Callable[[Event], None],
    ) -> None:
        """Bind the port. Raises: StartError if it cannot be had.

        ``allowed``: the hosts that are listened to beside this computer.
        """
        self._allowed = {address for name in allowed for address in addresses_of(name)}
        self._clock = clock
        self._dispatch = dispatch
        self._stopping = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            key, hint = "osc.receive_host", ""
            if error.errno == errno.EADDRINUSE:
                key, hint = "osc.receive_port", "; is psc2 running already? --receive-port takes another one"
            raise StartError(
                f"{key}: cannot listen on {host}:{port}: {error.strerror or error}{hint}"
            ) from error
        self._thread = threading.Thread(target=self._run, name="osc receiver", daemon=True)

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._socket.sendto(b"", self._socket.getsockname())  # wakes the thread
        self._thread.join(PATIENCE_S)
        self._socket.close()

    def _run(self) -> None:
        backlog = Backlog()
        while not self._stopping:
            if backlog:
                self._dispatch_all(backlog.next_events(self._clock.now()))
            else:
                select.select([self._socket], [], [])
                for datagram, _ in self._taken(1):  # and no more, so that a single note waits for nothing
                    self._dispatch_all(events_of(datagram, self._clock.now()))
            for datagram, sender in self._taken(BURST):
                backlog.add(self._clock.now(), datagram, sender)

    def _dispatch_all(self, events: Iterable[Event]) -> None:
        for event in events:
            if not self._stopping:
                self._dispatch(event)

    def _taken(self, most: int) -> Iterator[tuple[bytes, Hashable]]:
        """Datagrams from the kernel's buffer, and who has sent each."""
        try:
            for _ in range(most):
                datagram, sender = self._socket.recvfrom(MAX_DATAGRAM + 1)
                if not sender[0].startswith(LOOPBACK) and sender[0] not in self._allowed:
                    datagram = sender = FOREIGN
                yield datagram if len(datagram) <= MAX_DATAGRAM else OVERSIZED, sender
        except OSError:  # nothing left, or the network's complaint about something sent
            return
