"""What ends while the music plays, and comes back: the sound server, the daemon."""

import time
from collections.abc import Iterator

import psutil
import pytest

from tests.supercollider.conftest import require_programs
from tests.supercollider.midi import CONTROL, DEVICES, OFF, ON, SYNTH, TO_SYNTH
from tests.supercollider.processes import until
from tests.supercollider.rig import Rig

pytestmark = pytest.mark.supercollider

ENDED = "the sound server has ended; starting it again"
MISSED_S = 3.0
HANGS_S = 3.0  # until one that hangs is told of …
REPLACED_S = 12.0  # … and until another one sounds
LATER_S = 1.0  # that a busy machine may take longer
AGAIN_S = 2.0  # from the server's return to sound


@pytest.fixture(scope="module")
def own_rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One whose JACK nobody else hears: a server that is killed makes it stumble."""
    require_programs()
    rig = Rig(tmp_path_factory.mktemp("comebacks"), environment={"PSC2_KEYBOARD": "minilogue"})
    rig.start()
    yield rig
    rig.stop()


def test_a_client_that_gives_no_signs_of_life_is_never_missed(own_rig: Rig) -> None:
    own_rig.send("/playwurly", 60, 100)
    own_rig.wait_for_voices(1)
    time.sleep(MISSED_S + LATER_S)
    assert own_rig.voices() == ["psc2_wurly"]
    own_rig.send("/stopnote", 60, 0)
    own_rig.wait_for_voices(0)


def test_a_daemon_that_is_missed_leaves_silence_and_is_welcomed_back(own_rig: Rig) -> None:
    own_rig.set_up({}, {"bass": TO_SYNTH})
    own_rig.played_out(0.2)
    with own_rig.listening() as daemon:
        for _ in range(2):
            own_rig.send("/psc2/alive")
            time.sleep(1)
        own_rig.send("/playbass", 40, 100)
        own_rig.send("/playchords", 60, 100)
        own_rig.wait_for_voices(2)
        last = time.monotonic()
        own_rig.send("/psc2/alive")
        time.sleep(MISSED_S - 0.5)
        assert len(own_rig.voices()) == 2
        own_rig.wait_for_voices(0, 0.5 + LATER_S)
        assert time.monotonic() - last < MISSED_S + LATER_S
        sent = [message.arguments for message in own_rig.played_out(0.2)]
        assert sent == [(SYNTH, ON, 2, 40, 100), (SYNTH, OFF, 2, 40, 0), (SYNTH, CONTROL, 2, 123, 0)]
        time.sleep(MISSED_S + LATER_S)
        assert own_rig.said().count("psc2: the daemon is gone") == 1
        daemon.collect()
        own_rig.send("/psc2/alive")
        assert daemon.wait_for("/psc2/hello", timeout_s=0.5).arguments == (
            own_rig.sclang_port,
            own_rig.number,
            "",  # no token: nobody has given it one
        )
        until(lambda: "psc2: the daemon is back" in own_rig.said(), 1, "it is welcomed")


@pytest.mark.timeout(120)
def test_a_sound_server_that_is_killed_is_back_with_the_next_notes(own_rig: Rig) -> None:
    own_rig.set_up({"chords": {"voice": "organ", "pan": -1.0}}, {"bass": TO_SYNTH})
    with own_rig.listening() as daemon:
        for time_round in range(2):
            own_rig.send("/playchords", 60, 100)
            own_rig.send("/playchords", 64, 100)
            own_rig.wait_for_voices(2)
            own_rig.played_out()
            daemon.collect()
            own_rig.kill_server()
            killed = time.monotonic()
            daemon.wait_for("/psc2/status", ENDED, timeout_s=5)
            noticed = time.monotonic()
            daemon.collect()
            own_rig.send("/playbass", 40, 100)  # heard by the synthesizer alone
            own_rig.send("/playkick", 100)
            own_rig.send("/stopchords", 60, 0)
            own_rig.send("/psc2/pitchbend", 8192)
            own_rig.send("/psc2/flush")
            sent = [message.arguments[1:4] for message in own_rig.played_out(0.2)]
            assert sent == [(ON, 2, 40), (OFF, 2, 40), (CONTROL, 2, 123)]
            daemon.wait_for("/psc2/status", "", timeout_s=30)
            back = time.monotonic()
            print(f"round {time_round}: noticed after {noticed - killed:.2f} s, back {back - killed:.2f} s")
            assert own_rig.voices() == []
            with own_rig.recording() as recording:
                own_rig.send("/playchords", 60, 100)
                time.sleep(0.5)
                sounding = own_rig.voices()
                own_rig.send("/stopchords", 60, 0)
                own_rig.wait_for_voices(0)
            assert sounding == ["psc2_organ"]  # by the rig that was
            left, right = recording.channels
            onset = left.onsets()[0]
            assert onset < AGAIN_S
            assert round(left.strongest_pitch(onset + 0.1, onset + 0.4)) in (48, 60, 72)
            assert right.level_db(onset, onset + 0.4) < left.level_db(onset, onset + 0.4) - 60
    assert own_rig.said().count("psc2: the sound server is back") == 2
    assert "FAILURE" not in own_rig.said()
    assert "ERROR" not in own_rig.said()


def sound_server(rig: Rig) -> psutil.Process:
    children = psutil.Process(rig.sclang.popen.pid).children(recursive=True)
    return next(child for child in children if child.name() == "scsynth")


def test_a_sound_server_that_hangs_is_told_and_when_it_answers_again_too(own_rig: Rig) -> None:
    with own_rig.listening() as daemon:
        server = sound_server(own_rig)
        server.suspend()
        try:
            began = time.monotonic()
            daemon.wait_for("/psc2/status", "the sound server does not answer", timeout_s=8)
            told_s = time.monotonic() - began
        finally:
            server.resume()
        daemon.wait_for("/psc2/status", "", timeout_s=5)
    assert told_s < HANGS_S + LATER_S
    assert server.is_running()


@pytest.mark.timeout(60)
def test_a_sound_server_that_does_not_come_round_is_replaced(own_rig: Rig) -> None:
    with own_rig.listening() as daemon:
        server = sound_server(own_rig)
        server.suspend()
        began = time.monotonic()
        daemon.wait_for(
            "/psc2/status", "the sound server does not answer; starting another one", timeout_s=15
        )
        daemon.collect()
        daemon.wait_for("/psc2/status", "", timeout_s=10)
        took_s = time.monotonic() - began
    own_rig.send("/playwurly", 60, 100)
    own_rig.wait_for_voices(1)
    own_rig.send("/stopnote", 60, 0)
    own_rig.wait_for_voices(0)
    assert took_s < REPLACED_S + LATER_S
    assert not server.is_running()


def test_a_keyboard_that_is_named_is_heard_though_it_is_played_to(own_rig: Rig) -> None:
    own_rig.set_up({}, {"bass": TO_SYNTH})
    with own_rig.listening() as daemon:
        own_rig.devices.write_text(f"{DEVICES}{SYNTH}\tMinilogue\tMinilogue MIDI 1\n")
        daemon.wait_for("/psc2/source", SYNTH, timeout_s=5)


def test_when_it_quits_no_note_sounds_on(own_rig: Rig) -> None:
    """The last test of its rig."""
    own_rig.set_up({}, {"bass": TO_SYNTH, "lead": {"port": "tr-8s", "channel": 4}})
    own_rig.send("/playbass", 40, 100)
    own_rig.send("/playwurly", 60, 100)
    own_rig.send("/playwurly", 62, 100, at=time.time() + 10)
    own_rig.played_out(0.2)
    own_rig.send("/psc2/quit")
    sent = sorted(message.arguments[1:4] for message in own_rig.played_out(0.5))
    assert sent == [(OFF, 2, 40), (OFF, 3, 60), (CONTROL, 2, 123), (CONTROL, 3, 123)]
    assert own_rig.sclang.ends_within(5)
