import random
import socket
import struct
import threading
from queue import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message_builder import OscMessageBuilder

from psc2.core.events import (
    BadInput,
    ControlChange,
    Event,
    Hello,
    KeyDown,
    KeyUp,
    PitchBend,
    ProgramChange,
    SourceGone,
    SourceNamed,
    SuperColliderStatus,
)
from psc2.runtime.clock import SystemClock
from psc2.wire.osc_in import MAX_AGE_S, MAX_DATAGRAM, Backlog, OscReceiver, addresses_of, events_of


def message(address: str, *arguments: object) -> bytes:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)  # type: ignore[arg-type]
    return builder.build().dgram


@pytest.mark.parametrize(
    ("address", "arguments", "event"),
    [
        ("/processnoteon", (60, 100), KeyDown(1.0, 0, 60, 100)),
        ("/processnoteoff", (60, 77, 3, 12), KeyUp(1.0, 12, 60)),  # with a release velocity
        ("/processnoteon", (60.0, 100.0), KeyDown(1.0, 0, 60, 100)),
        ("/processnoteon", (60, 0), KeyUp(1.0, 0, 60)),
        ("/processnoteon", (60, 100, 5, 1234), KeyDown(1.0, 1234, 60, 100)),
        ("/processnoteon", (60, 100, 5, 1234, "more"), KeyDown(1.0, 1234, 60, 100)),
        ("/processnoteon", (60, 100, 5, "more"), KeyDown(1.0, 0, 60, 100)),
        ("/processnoteon", (60, 100, "somebody", "else's"), KeyDown(1.0, 0, 60, 100)),
        ("/processnoteoff", (60, 64), KeyUp(1.0, 0, 60)),
        ("/processnoteoff", (60, 64, 0, -5), KeyUp(1.0, -5, 60)),
        ("/psc2/source_gone", (12,), SourceGone(1.0, 12)),
        ("/psc2/hello", (57121, "more"), Hello(1.0, 57121, 0)),
        ("/ccevent", (127, 41, 0, 1234), ControlChange(1.0, 1234, 41, 127, 0)),
        ("/ccevent", (127, 41, 0, -2019878596), ControlChange(1.0, -2019878596, 41, 127, 0)),
        ("/programevent", (3, 0, 12, 0), ProgramChange(1.0, 12, 3, 0)),
        ("/psc2/pitchbend", (8192, 0, 12), PitchBend(1.0, 12, 8192)),
        ("/psc2/source", (12, "nanoKONTROL2"), SourceNamed(1.0, 12, "nanoKONTROL2")),
        ("/psc2/hello", (57121,), Hello(1.0, 57121, 0)),
        ("/psc2/hello", (57121, 2**31 - 1), Hello(1.0, 57121, 2**31 - 1)),
        ("/psc2/status", ("no MIDI output",), SuperColliderStatus(1.0, "no MIDI output")),
    ],
)
def test_each_address_becomes_its_event(address: str, arguments: tuple[object, ...], event: Event) -> None:
    assert events_of(message(address, *arguments), at=1.0) == [event]


@pytest.mark.parametrize(
    ("datagram", "kind"),
    [
        (message("/nobody", 1), "unknown address"),
        (message("/processnoteon", 60), "too few arguments"),
        (message("/processnoteon"), "too few arguments"),
        (message("/processnoteon", "60", 100), "argument of a wrong type"),
        (message("/processnoteon", True, 100), "argument of a wrong type"),
        (message("/processnoteon", float("nan"), 100), "argument out of range"),
        (message("/processnoteon", float("inf"), 100), "argument out of range"),
        (message("/processnoteon", 128, 100), "argument out of range"),
        (message("/processnoteon", 60, -1), "argument out of range"),
        (message("/ccevent", 127, 41, 16, 1), "argument out of range"),
        (message("/psc2/hello", 0), "argument out of range"),
        (message("/psc2/hello", 70_000), "argument out of range"),
        (message("/processnoteon", None, 100), "argument of a wrong type"),
        (message("/psc2/source", 1, 2), "argument of a wrong type"),
        (b"", "malformed packet"),
        (b"/", "malformed packet"),
        (b"hello", "malformed packet"),
        (b"#bundle\0" + b"\0" * 8 + b"\0\0\0\x20/a\0\0", "malformed packet"),
        (b"/processnoteon\0\0,ii\0\0", "malformed packet"),
    ],
)
def test_bad_input_is_told_apart_by_kind(datagram: bytes, kind: str) -> None:
    assert events_of(datagram, at=1.0) == [BadInput(1.0, kind)]


def nested(depth: int) -> bytes:
    datagram = message("/processnoteon", 60, 100)
    for _ in range(depth):
        datagram = b"#bundle\0" + struct.pack(">Qi", 1, len(datagram)) + datagram
    return datagram


def test_a_nested_bundle_is_read() -> None:
    assert events_of(nested(3), at=1.0) == [KeyDown(1.0, 0, 60, 100)]


def test_a_bundle_nested_thousands_deep_is_dropped() -> None:
    assert events_of(nested(3000), at=1.0) == [BadInput(1.0, "malformed packet")]


def bundle(tag: int, *elements: bytes) -> bytes:
    sized = b"".join(struct.pack(">i", len(element)) + element for element in elements)
    return b"#bundle\0" + struct.pack(">Q", tag) + sized


def test_what_is_well_formed_in_a_bundle_counts_and_the_rest_is_counted() -> None:
    datagram = bundle(1, message("/processnoteoff", 60, 0), b"zzzz", message("/processnoteon", 62, 90))
    assert events_of(datagram, at=1.0) == [
        KeyUp(1.0, 0, 60),
        BadInput(1.0, "malformed packet"),
        KeyDown(1.0, 0, 62, 90),
    ]


def test_messages_keep_their_order_whatever_the_tags_of_the_bundles_around_them() -> None:
    on, off = message("/processnoteon", 60, 90), message("/processnoteoff", 60, 0)
    datagram = bundle(1, bundle(2**63, on), bundle(2**40, off))
    assert events_of(datagram, at=1.0) == [KeyDown(1.0, 0, 60, 90), KeyUp(1.0, 0, 60)]


def test_an_unknown_type_of_argument_is_no_trouble_behind_those_that_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    surplus = b"/processnoteon\0\0,iiQ\0\0\0\0" + struct.pack(">ii", 60, 90)
    needed = b"/processnoteon\0\0,iQ\0" + struct.pack(">ii", 60, 90)
    assert events_of(surplus, at=1.0) == [KeyDown(1.0, 0, 60, 90)]
    assert events_of(needed, at=1.0) == [BadInput(1.0, "argument of a wrong type")]
    assert not caplog.records


def test_a_bundle_for_the_future_happens_now_and_in_order() -> None:
    builder = OscBundleBuilder(IMMEDIATELY)
    for pitch in (60, 64, 67):
        note = OscMessageBuilder("/processnoteon")
        note.add_arg(pitch)
        note.add_arg(100)
        builder.add_content(note.build())
    datagram = bytearray(builder.build().dgram)
    datagram[8:16] = struct.pack(">Q", 2**63)
    assert events_of(bytes(datagram), at=1.0) == [KeyDown(1.0, 0, pitch, 100) for pitch in (60, 64, 67)]


@given(st.binary(max_size=200))
def test_random_bytes_never_raise(datagram: bytes) -> None:
    assert all(event.at == 1.0 for event in events_of(datagram, at=1.0))


def test_damaged_messages_never_raise() -> None:
    chance = random.Random(0)
    for original in (message("/ccevent", 1, 2, 3, 4), nested(5), message("/psc2/source", 1, "x" * 40)):
        for _ in range(500):
            damaged = bytearray(original)
            for _ in range(chance.randint(1, 4)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            events_of(bytes(damaged), at=1.0)


def test_an_empty_bundle_is_nothing() -> None:
    assert events_of(bundle(1), at=1.0) == []


def test_a_large_bundle_is_read_whole_and_a_giant_one_is_dropped_whole() -> None:
    note = message("/processnoteon", 60, 100)
    assert events_of(bundle(1, *[note] * 512), at=1.0) == [KeyDown(1.0, 0, 60, 100)] * 512
    assert events_of(bundle(1, *[note] * 513), at=1.0) == [BadInput(1.0, "giant bundle")]
    assert events_of(bundle(1, *[b""] * 16_000), at=1.0) == [BadInput(1.0, "giant bundle")]


@pytest.mark.loopback
def test_a_burst_waits_in_the_receiver_and_not_in_the_kernel() -> None:
    """Each event that is handled brings three more; what the kernel is left with would overflow."""
    dispatched: list[Event] = []
    done = threading.Event()
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setblocking(False)
    count = 20_000

    def dispatch(event: Event) -> None:
        dispatched.append(event)
        for number in range(3 * len(dispatched) - 2, 3 * len(dispatched) + 1):
            if number < count:
                sender.sendto(message("/processnoteon", number // 127 % 128, number % 127 + 1), address)
        if len(dispatched) == count:
            done.set()

    receiver = OscReceiver("127.0.0.1", 0, (), SystemClock(), dispatch)
    address = ("127.0.0.1", receiver.port)
    receiver.start()
    sender.sendto(message("/processnoteon", 0, 1), address)
    arrived = done.wait(60)
    receiver.stop()
    sender.close()
    assert arrived, f"{len(dispatched)} of {count} arrived"
    notes = [(event.pitch, event.velocity) for event in dispatched if isinstance(event, KeyDown)]
    assert notes == [(number // 127 % 128, number % 127 + 1) for number in range(count)]


@pytest.mark.loopback
def test_what_is_longer_than_anything_of_ours_is_dropped_unread() -> None:
    heard: SimpleQueue[Event] = SimpleQueue()
    receiver = OscReceiver("127.0.0.1", 0, (), SystemClock(), heard.put)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for datagram in (on(60) + b"\0" * MAX_DATAGRAM, on(61)):  # the first one alone, the next in a crowd
            for _ in range(2):
                sender.sendto(datagram, ("127.0.0.1", receiver.port))
    receiver.start()
    first, *others = (heard.get(timeout=10) for _ in range(4))
    receiver.stop()
    assert [getattr(event, "kind", "") for event in (first, others[0])] == ["oversized packet"] * 2
    assert [event.pitch for event in others if isinstance(event, KeyDown)] == [61, 61]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Clavinova Übung".encode(), "Clavinova Übung"),
        ("Piano numérique".encode("latin-1"), "Piano numérique"),
        (b"\xff\xfe", "ÿþ"),
        (b"", ""),
    ],
)
def test_a_source_has_a_name_in_whatever_encoding_it_comes(raw: bytes, name: str) -> None:
    padded = raw + b"\0" * (4 - len(raw) % 4)
    packet = b"/psc2/source\0\0\0\0,is\0" + (24).to_bytes(4, "big") + padded
    assert events_of(packet, 1.0) == [SourceNamed(1.0, 24, name)]


@pytest.mark.parametrize("raw", [b"Piano", b"Pian", b""])
def test_a_name_without_its_end_is_malformed(raw: bytes) -> None:
    packet = b"/psc2/source\0\0\0\0,is\0" + (24).to_bytes(4, "big") + raw
    assert events_of(packet, 1.0) == [BadInput(1.0, "malformed packet")]


def on(pitch: int) -> bytes:
    return message("/processnoteon", pitch, 90)


def test_of_a_flood_what_ends_a_note_outlives_what_begins_one() -> None:
    backlog = Backlog()
    count = 0
    while len(backlog) == count:
        backlog.add(0.0, on(60))
        count += 1
    backlog.add(0.0, message("/processnoteoff", 60, 0))
    assert len(backlog) == count  # the last note-on was dropped, the note-off was not
    events = [event for _ in range(len(backlog)) for event in backlog.next_events(0.1)]
    assert events[0] == BadInput(0.1, "flood")
    assert events[-1] == KeyUp(0.0, 0, 60)
    for _ in range(10 * count):
        backlog.add(1.0, message("/processnoteoff", 60, 0))
    assert len(backlog) < 3 * count


def test_what_has_waited_too_long_is_not_played_but_ends_what_it_ends() -> None:
    backlog = Backlog()
    backlog.add(0.0, on(60))
    backlog.add(0.0, message("/processnoteoff", 60, 0))
    assert backlog.next_events(MAX_AGE_S + 0.1) == [BadInput(0.0, "waited too long")]
    assert backlog.next_events(MAX_AGE_S + 0.1) == [KeyUp(0.0, 0, 60)]


def played(backlog: Backlog, number: int) -> list[int]:
    """The pitches that the next ``number`` datagrams say."""
    events = [event for _ in range(number) for event in backlog.next_events(0.1)]
    return [event.pitch for event in events if isinstance(event, KeyDown)]


def test_a_hand_waits_behind_no_ones_flood() -> None:
    backlog, flood, hand = Backlog(), ("127.0.0.1", 1), ("127.0.0.1", 2)
    for pitch in range(100):
        backlog.add(0.0, on(pitch), flood)
    backlog.add(0.0, on(60), hand)
    backlog.add(0.0, on(61), hand)
    assert played(backlog, 4) == [0, 60, 1, 61]
    assert played(backlog, len(backlog)) == list(range(2, 100))


def test_a_flood_takes_no_ones_room() -> None:
    backlog, flood, hand = Backlog(), ("127.0.0.1", 1), ("127.0.0.1", 2)
    for _ in range(100_000):
        backlog.add(0.0, on(10), flood)
    backlog.add(0.0, on(60), hand)
    assert played(backlog, 2) == [10, 60]


def test_however_many_flood_in_the_room_is_bounded() -> None:
    backlog = Backlog()
    for number in range(200_000):
        backlog.add(0.0, on(10), ("127.0.0.1", number))
    assert len(backlog) < 10_000
    assert played(backlog, len(backlog))
    assert not backlog


def test_hosts_that_are_not_known_are_nobodys_address() -> None:
    assert addresses_of("127.0.0.1") == {"127.0.0.1"}
    assert addresses_of("no such host.invalid") == set()
