import select
import socket
from collections.abc import Iterator

import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_packet import OscPacket

from psc2.core.effects import Alive, Bend, Flush, Modulate, NoteOff, NoteOn, Outbound, Redirect, SetUp, Strike
from psc2.core.instruments import Instrument, Layer
from psc2.core.rig import MidiPart, Rig, Strip, Voice
from psc2.wire.osc_out import OscOutput

pytestmark = pytest.mark.loopback


class Receiver:
    """A socket that SuperCollider could listen on."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]

    def datagrams(self) -> list[bytes]:
        received = []
        while select.select([self.socket], [], [], 0.05)[0]:
            received.append(self.socket.recv(65_536))
        return received


class WallClock:
    def now(self) -> float:
        return 12.5

    def wall_time_of(self, moment_s: float) -> float:
        return moment_s + 1_700_000_000.0


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.socket.close()


@pytest.fixture
def output(receiver: Receiver) -> Iterator[OscOutput]:
    one = OscOutput("127.0.0.1", receiver.port, WallClock())
    yield one
    one.close()


def read(datagram: bytes) -> list[tuple[str, list[object]]]:
    return [(timed.message.address, timed.message.params) for timed in OscPacket(datagram).messages]


@pytest.mark.parametrize(
    ("effect", "address", "arguments"),
    [
        (Strike(Instrument.CLICK_SEQUENCE, 100), "/playclick0", [100]),
        (Strike(Instrument.CLICK_BAR, 100), "/playclick1", [100]),
        (Strike(Instrument.CLICK_BEAT, 100), "/playclick2", [100]),
        (Strike(Instrument.KICK, 90), "/playkick", [90]),
        (Strike(Instrument.SNARE, 90), "/playsnare", [90]),
        (Strike(Instrument.CLOSED_HIHAT, 90), "/playclhat", [90]),
        (Strike(Instrument.OPEN_HIHAT, 90), "/playophat", [90]),
        (Strike(Instrument.LOW_TOM, 90), "/playlowtom", [90]),
        (Strike(Instrument.MID_TOM, 90), "/playmidtom", [90]),
        (Strike(Instrument.HIGH_TOM, 90), "/playhightom", [90]),
        (Strike(Instrument.CRASH, 90), "/playcrash", [90]),
        (Strike(Instrument.RIDE, 90), "/playride", [90]),
        (NoteOn(Instrument.BASS, 40, 90, note_id=7), "/playbass", [40, 90, 7]),
        (NoteOn(Instrument.CHORDS, 60, 90, note_id=7), "/playchords", [60, 90, 7]),
        (NoteOn(Instrument.LEAD, 72, 90, note_id=7), "/playwurly", [72, 90, 7]),
        (NoteOff(Instrument.BASS, 40, note_id=7), "/stopbass", [40, 0, 7]),
        (NoteOff(Instrument.CHORDS, 60, note_id=7), "/stopchords", [60, 0, 7]),
        (NoteOff(Instrument.LEAD, 72, note_id=7), "/stopnote", [72, 0, 7]),
        (Flush(), "/psc2/flush", []),
        (Bend(8192), "/psc2/pitchbend", [8192]),
        (Modulate(5), "/psc2/modulation", [5]),
        (Alive(), "/psc2/alive", []),
    ],
)
def test_each_effect_has_its_address(
    output: OscOutput, receiver: Receiver, effect: Outbound, address: str, arguments: list[object]
) -> None:
    output.send([effect])
    assert [read(datagram) for datagram in receiver.datagrams()] == [[(address, arguments)]]


def test_a_heartbeat_tells_the_time(output: OscOutput, receiver: Receiver) -> None:
    output.send([Alive()])
    (datagram,) = receiver.datagrams()
    assert OscBundle(datagram).timestamp == pytest.approx(1_700_000_012.5, abs=1e-6)


def test_a_rig_arrives_whole_its_number_last(output: OscOutput, receiver: Receiver) -> None:
    strips = (
        Strip(Layer.CLICK, True, None, 3, -6.0, 0.0, 0.0),
        Strip(Layer.LEAD, False, Voice.ORGAN, 1, 0.0, 0.5, 0.25),
    )
    part = MidiPart(Layer.LEAD, "Minilogue", 5, None, -12)
    output.send([SetUp(Rig(77, strips, (part,), ((Instrument.KICK, 36),)))])
    (datagram,) = receiver.datagrams()
    assert read(datagram) == [
        ("/psc2/sound", ["click", 1, "", 3, -6.0, 0.0, 0.0]),
        ("/psc2/sound", ["lead", 0, "organ", 1, 0.0, 0.5, 0.25]),
        ("/psc2/midi", ["lead", "Minilogue", 5, 0, -12]),
        ("/psc2/midi_note", ["kick", 36]),
        ("/psc2/rig", [77]),
    ]


def test_live_notes_are_untagged_and_looped_ones_share_a_bundle_with_their_moment(
    output: OscOutput, receiver: Receiver
) -> None:
    first = NoteOff(Instrument.BASS, 40, at=2.5, note_id=7)
    second = NoteOn(Instrument.BASS, 43, 90, at=2.5, note_id=8)
    output.send([NoteOn(Instrument.LEAD, 72, 90), first, second, NoteOff(Instrument.BASS, 43, at=3.0)])
    live, step, later = receiver.datagrams()
    assert not OscBundle.dgram_is_bundle(live)
    assert read(step) == [("/stopbass", [40, 0, 7]), ("/playbass", [43, 90, 8])]
    assert OscBundle(step).timestamp == pytest.approx(1_700_000_002.5, abs=1e-6)
    assert OscBundle(later).timestamp == pytest.approx(1_700_000_003.0, abs=1e-6)


def test_a_step_with_very_many_notes_is_split_into_bundles(output: OscOutput, receiver: Receiver) -> None:
    output.send([NoteOn(Instrument.CHORDS, pitch % 128, 90, at=1.0) for pitch in range(200)])
    datagrams = receiver.datagrams()
    assert [len(read(datagram)) for datagram in datagrams] == [64, 64, 64, 8]


def test_a_redirection_changes_where_the_next_messages_go(output: OscOutput, receiver: Receiver) -> None:
    other = Receiver()
    output.send([Flush(), Redirect(other.port), Bend(1)])
    assert [read(datagram)[0][0] for datagram in receiver.datagrams()] == ["/psc2/flush"]
    assert [read(datagram)[0][0] for datagram in other.datagrams()] == ["/psc2/pitchbend"]
    other.socket.close()


def test_nobody_listening_is_no_trouble(output: OscOutput, receiver: Receiver) -> None:
    receiver.socket.close()
    for _ in range(10):
        output.send([Flush()])
