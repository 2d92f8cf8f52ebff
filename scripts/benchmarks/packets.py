"""What nobody should send to the daemon: fuzzed packets, huge ones, notes of ever new sources."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count, cycle, islice
from random import Random

from pythonosc.osc_message_builder import OscMessageBuilder

from psc2.testing import free_port
from scripts.benchmarks.wire import HOST, Sender, encoded

POOL = 50_000  # different packets, sent again and again
CHUNK_S = 0.001  # between two looks at the clock
LARGEST = 65_507  # bytes in a UDP datagram
SEED = 1
FIRST_UID = 0x4D00_0000  # none that a few changed bits make somebody else's
VELOCITY = 100  # of every note
FAR_HOST = "10.207.91.1"  # this machine, as another one sees it
BUNDLE = b"#bundle\0" + b"\0" * 7 + b"\1"


def flood(port: int, packets: Iterable[bytes], number: int, per_s: float, host: str = HOST) -> None:
    """Send so many packets at that rate, or as fast as can be if it is 0; prints for how long, in seconds."""
    sender, chosen = Sender(port, host), islice(packets, number)
    chunk = max(1, round(per_s * CHUNK_S)) if per_s else number
    began = time.monotonic()
    for sent in range(0, number, chunk):
        if per_s:
            time.sleep(max(0.0, began + sent / per_s - time.monotonic()))
        for packet in islice(chosen, chunk):
            sender.send(packet)
    print(json.dumps([time.monotonic() - began]))


def fuzz(port: int, number: int, per_s: float) -> None:
    """Random bytes, messages of the protocol with a few bytes changed, and bundles of both."""
    chance = Random(SEED)
    kinds = (random_bytes, mutated, bundled)
    flood(port, cycle([kinds[n % len(kinds)](chance) for n in range(POOL)]), number, per_s)


def datagrams(port: int, number: int, per_s: float) -> None:
    """As large as can be, each beginning like a note."""
    note = encoded("/processnoteon", 60, 100)
    flood(port, cycle([note + Random(SEED).randbytes(LARGEST - len(note))]), number, per_s)


def notes(port: int, number: int, per_s: float) -> None:
    """Note-ons without note-offs, each of a source that was not there before."""
    flood(port, new_notes(), number, per_s)


def new_notes() -> Iterator[bytes]:
    return (encoded("/processnoteon", n % 128, VELOCITY, 0, FIRST_UID + n) for n in count())


def far_notes(port: int, number: int, per_s: float) -> None:
    """The same from another machine, or what looks like one."""
    flood(port, new_notes(), number, per_s, FAR_HOST)


def hellos(port: int, number: int, per_s: float) -> None:
    """Another program on this machine that would be the one that is played with."""
    flood(port, cycle([encoded("/psc2/hello", free_port())]), number, per_s)


def names(port: int, number: int, per_s: float) -> None:
    """Ever new devices, each with a name of its own."""
    flood(port, (named(FIRST_UID + n, f"Stranger {n}") for n in count()), number, per_s)


def named(uid: int, name: str) -> bytes:
    builder = OscMessageBuilder("/psc2/source")
    builder.add_arg(uid)
    builder.add_arg(name)
    return builder.build().dgram


VALID: Sequence[bytes] = (
    encoded("/processnoteon", 60, 100, 0, FIRST_UID),
    encoded("/processnoteoff", 60, 0, 0, FIRST_UID),
    encoded("/ccevent", 127, 41, 0, FIRST_UID),
    encoded("/programevent", 3, 0, FIRST_UID),
    encoded("/psc2/pitchbend", 8192, 0, FIRST_UID),
    encoded("/psc2/source_gone", FIRST_UID),
    encoded("/psc2/hello", 57_000, 0),
    named(FIRST_UID, "Stranger"),
)


def random_bytes(chance: Random) -> bytes:
    return chance.randbytes(chance.randint(0, 200))


def mutated(chance: Random) -> bytes:
    """A message of the protocol with one to four bytes changed, or cut short."""
    message = bytearray(chance.choice(VALID))
    for _ in range(chance.randint(1, 4)):
        message[chance.randrange(len(message))] = chance.randrange(256)
    return bytes(message[: chance.randint(1, len(message))] if chance.random() < 0.25 else message)


def bundled(chance: Random) -> bytes:
    """A bundle of one to six of both, perhaps in another one, perhaps with a size that is wrong."""
    elements: Iterator[bytes] = (chance.choice((random_bytes, mutated))(chance) for _ in range(6))
    packet = BUNDLE + b"".join(sized(each) for each in islice(elements, chance.randint(1, 6)))
    if chance.random() < 0.25:
        packet = BUNDLE + sized(packet)
    if chance.random() < 0.25:
        place = chance.randrange(len(packet))
        packet = packet[:place] + chance.randbytes(1) + packet[place + 1 :]
    return packet


def sized(element: bytes) -> bytes:
    return len(element).to_bytes(4, "big") + element


FLOODS: dict[str, tuple[Callable[..., None], tuple[type, ...]]] = {
    each.__name__: (each, (int, int, float)) for each in (fuzz, datagrams, notes, names, far_notes, hellos)
}
