"""How psc2.scd begins and ends."""

import socket
from pathlib import Path

import pytest

from tests.supercollider.conftest import require_programs
from tests.supercollider.midi import DRUM_MACHINE, SYNTH
from tests.supercollider.osc import Argument
from tests.supercollider.rig import Rig

pytestmark = pytest.mark.supercollider


def test_without_a_sequencer_it_says_so_and_works_all_the_same(tmp_path: Path) -> None:
    require_programs()
    rig = Rig(tmp_path, devices=False)
    rig.start()
    try:
        assert "psc2: no MIDI here" in rig.said()
        with rig.listening() as daemon:
            assert daemon.wait_for("/psc2/hello").arguments[:2] == (rig.sclang_port, 0)  # no rig so far
            rig.note_on(60, 99)
            assert daemon.wait_for("/processnoteon").arguments[:2] == (60, 99)
        rig.send("/psc2/quit")
        assert rig.sclang.ends_within(5)  # and the sound server with it
        assert rig.sclang.popen.returncode == 0
    finally:
        rig.stop()


def test_the_first_that_instruments_hear_ends_what_a_sclang_that_was_killed_has_left(tmp_path: Path) -> None:
    require_programs()
    rig = Rig(tmp_path)
    rig.start()
    try:
        synth: dict[str, Argument] = {"port": "minilogue", "program": 5}
        rig.set_up(
            {}, {"lead": synth, "bass": {"port": "minilogue", "channel": 2}, "drums": {"port": "tr-8s"}}
        )
        sent = [message.arguments for message in rig.played_out(0.5)]
    finally:
        rig.stop()
    for port, channel in ((SYNTH, 0), (SYNTH, 1), (DRUM_MACHINE, 0)):
        first = next(message for message in sent if (message[0], message[2]) == (port, channel))
        assert first == (port, 0xB0, channel, 123, 0)
    lead = [message[1:] for message in sent if (message[0], message[2]) == (SYNTH, 0)]
    assert sorted(lead[1:]) == [(0xB0, 0, 1, 0), (0xC0, 0, 4), (0xE0, 0, 0, 64)]
    assert len(sent) == 6


def test_where_its_port_is_taken_it_says_where_it_listens_instead(tmp_path: Path) -> None:
    require_programs()
    rig = Rig(tmp_path)
    wanted = rig.sclang_port
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", wanted))
        rig.start()
        try:
            assert rig.sclang_port != wanted
            with rig.listening() as daemon:
                daemon.wait_for("/psc2/hello")
                daemon.send(rig.sclang_port, "/psc2/hello", daemon.port)
                assert daemon.wait_for("/psc2/hello", timeout_s=0.4).arguments[:2] == (rig.sclang_port, 0)
        finally:
            rig.stop()


def test_without_a_sound_card_it_fails_in_one_line(tmp_path: Path) -> None:
    require_programs()
    rig = Rig(tmp_path, sound_card=False)
    with pytest.raises(RuntimeError, match="psc2: the sound server did not start"):
        rig.start()
    assert rig.sclang.popen.returncode == 1
    assert "ERROR" not in rig.said()
