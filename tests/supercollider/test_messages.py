"""What psc2.scd makes of messages that are odd, malformed or very many."""

import socket
import time

import numpy as np
import psutil
import pytest

from psc2.wire.protocol import OUTBOUND_MESSAGES
from tests.supercollider.osc import encoded
from tests.supercollider.processes import until, wait_until
from tests.supercollider.rig import AUDIO, Rig

pytestmark = pytest.mark.supercollider

LEAD_S = 0.2  # from sending to sounding: enough for a busy machine
STROKES = sorted(path.stem for path in AUDIO.glob("*.wav"))
INSTRUMENTS = [("/playbass", "/stopbass"), ("/playchords", "/stopchords"), ("/playwurly", "/stopnote")]

BAD_MESSAGES: list[tuple[str, tuple[int | float | str, ...]]] = [
    ("/playbass", ()),
    ("/playbass", (40,)),
    ("/playbass", ("forty", 100)),
    ("/playbass", (40, "loud")),
    ("/playbass", (200, 100)),
    ("/playbass", (-1, 100)),
    ("/playbass", (float("nan"), 100)),
    ("/playbass", (40, float("nan"))),
    ("/playbass", (40, -3)),
    ("/playkick", ("hard",)),
    ("/playkick", (0,)),
    ("/playclick0", (float("nan"),)),
    ("/stopbass", ()),
    ("/stopbass", ("forty",)),
    ("/stopbass", (99, 0)),
    ("/stopnote", (1e9, 0)),
    ("/psc2/pitchbend", ()),
    ("/psc2/pitchbend", (99999,)),
    ("/psc2/modulation", ("much",)),
    ("/psc2/hello", ("?",)),
    ("/playtriangle", (100,)),
]


def test_every_message_of_the_protocol_is_listened_for_and_no_other(rig: Rig) -> None:
    sent = {message.address for message in OUTBOUND_MESSAGES}
    assert set(rig.ask("/test/addresses").arguments[1:]) == sent


def test_bad_messages_are_ignored_and_it_plays_on(rig: Rig) -> None:
    for address, arguments in BAD_MESSAGES:
        rig.send(address, *arguments)
    rig.send_raw(b"/playbass\x00\x00\x00,ii\x00\x00")
    rig.send_raw(b"\x00")
    rig.send_raw(b"#bundle\x00\xff")
    with rig.recording() as recording:
        rig.send("/playwurly", 72, 100)
        time.sleep(0.5)
    rig.send("/stopnote", 72, 0)
    start = recording.sound.onsets()[0]
    assert recording.sound.strongest_pitch(start + 0.05, start + 0.4) == pytest.approx(72, abs=0.1)
    errors = [line for line in rig.said().splitlines() if "ERROR" in line]
    assert all("OSC messages must have type tags" in error for error in errors)  # sclang's own, about "\0"
    rig.wait_for_voices(0)


def test_floats_and_surplus_arguments_are_accepted(rig: Rig) -> None:
    rig.send("/playbass", 40.0, 100.0, 7, "seven")
    rig.send("/playbass", 40.0, 100.0)
    rig.send("/playchords", 60, 300)  # a velocity too high is the highest
    rig.wait_for_voices(3)
    rig.send("/stopbass", 40, 100, 7.0, "seven")
    rig.send("/stopbass", 40, 100)
    rig.send("/stopchords", 60.0, 0.0)
    rig.wait_for_voices(0)


def test_a_storm_of_notes_leaves_nothing_behind(rig: Rig) -> None:
    random = np.random.RandomState(1)
    first = time.time() + LEAD_S
    for number in range(600):
        play, stop = INSTRUMENTS[number % 3]
        pitch = int(random.randint(36, 84))
        tag = first + number * 0.004 + random.uniform(0, 0.002)
        rig.send(play, pitch, int(random.randint(1, 128)), at=tag)
        rig.send(stop, pitch, 0, at=tag + random.uniform(0, 0.05))
        rig.send(f"/play{STROKES[number % len(STROKES)]}", 80, at=tag)
        if number % 50 == 0:
            wait_until(tag - LEAD_S)
    wait_until(first + 600 * 0.004)
    rig.wait_for_voices(0)
    assert "FAILURE" not in rig.said()


def test_no_other_host_than_the_daemons_is_obeyed(rig: Rig) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.2", 0))
        rig.send("/playwurly", 60, 100)
        rig.wait_for_voices(1)
        for message in (
            encoded("/playwurly", 72, 100),
            encoded("/psc2/flush"),
            encoded("/stopnote", 60, 0),
            encoded("/psc2/quit"),
        ):
            stranger.sendto(message, ("127.0.0.1", rig.sclang_port))
        time.sleep(0.5)
    assert rig.sclang.running
    assert len(rig.voices()) == 1
    rig.send("/stopnote", 60, 0)
    rig.wait_for_voices(0)


def test_after_a_stall_what_has_passed_is_left_out_and_what_ends_ends(rig: Rig) -> None:
    rig.send("/playwurly", 50, 100)
    rig.wait_for_voices(1)
    with rig.listening() as daemon:
        sclang = psutil.Process(rig.sclang.popen.pid)
        sclang.suspend()
        until(lambda: sclang.status() == psutil.STATUS_STOPPED, 5, "sclang stands still")
        try:
            start = time.time()
            for number in range(40):
                rig.send("/playwurly", 60 + number, 100, at=start + number / 20)
                rig.send("/playkick", 100, at=start + number / 20)
            rig.send("/stopnote", 50, 0, at=start + 1.0)
            time.sleep(2.5)
        finally:
            sclang.resume()
        told = [str(one.arguments[0]) for one in daemon.collect(3.0) if one.address == "/psc2/status"]
    assert sum(int(text.split()[0]) for text in told if "notes came too late and were left out" in text) == 80
    assert told[-1] == ""
    assert rig.voices() == []
