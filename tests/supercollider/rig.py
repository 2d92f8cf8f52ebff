"""The real thing without a sound card: JACK that plays to nowhere, sclang with psc2.scd, and scsynth.

Everything is private to one rig (the JACK server's name, every port), so that it disturbs nothing and nobody;
and everything it starts, it ends.
"""

import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from psc2.testing import free_port
from tests.supercollider import sound
from tests.supercollider.midi import CONTROLLER, DEVICES, KEYBOARD
from tests.supercollider.osc import Argument, Mailbox, Message
from tests.supercollider.processes import END_S, HEADLESS, ROOT, Process, language_settings, until

HERE = Path(__file__).parent
MIDI_DEVICES = HERE / "midi_devices"  # stand in for those of a machine: extensions of sclang
AUDIO = ROOT / "sclang" / "audio"
PROGRAMS = ("jackd", "sclang", "scsynth")
RATE = 48000
PERIOD = 1024  # frames of the dummy device; with fewer it loses cycles on a busy machine
# A sound with a time tag leaves the (imagined) loudspeaker at its tag: the server knows how far behind the
# device is, two periods. A sound to be played at once waits for the next period, and is then as far behind.
AT_ONCE_S = 3 * PERIOD / RATE
BUSY_S = 0.03  # what a busy machine may add
BOOT_S = 60.0
SETTLED_S = 60.0  # from the sound server's start until its clock is right

# What a rig says of a layer, in the order of the wire.
STRIP: dict[str, Argument] = {"heard": 1, "voice": "", "out": 1, "gain_db": 0.0, "pan": 0.0, "room": 0.0}
MIDI_PART: dict[str, Argument] = {"port": "", "channel": 1, "program": 0, "transpose": 0}


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if shutil.which(program) is None]


@dataclass
class Recording:
    """A recording in the making; what is heard on it is there once it has been stopped."""

    path: Path
    taken: list[sound.Sound] | None = field(default=None)

    @property
    def channels(self) -> list[sound.Sound]:
        assert self.taken is not None, "still recording"
        return self.taken

    @property
    def sound(self) -> sound.Sound:
        """The left channel."""
        return self.channels[0]


class Rig:
    """JACK, sclang and scsynth; with a way in for MIDI, and a copy of every message that reaches sclang."""

    def __init__(
        self,
        folder: Path,
        sound_card: bool = True,
        devices: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.number = 0  # of the latest rig
        self._environment = dict(environment or {})
        self.control = Mailbox()
        self.sclang_port = free_port()
        self.server_port = free_port()
        self.daemon_port = free_port()
        self.devices = folder / "devices.txt"
        self._sclang: Process | None = None
        self._jack: Process | None = None
        self.jack_name = f"psc2test{os.getpid()}-{self.server_port}"
        self._with_sound_card = sound_card
        self._with_devices = devices
        self._booted = 0.0
        self._numbers = count(1)
        self._rigs = count(1)
        self._takes = count(1)

    # ── from start to end

    def start(self) -> None:
        """Returns when the sound server plays and the first hello has come.

        Raises:
            TimeoutError, RuntimeError: it did not start; with the end of its output.
        """
        try:
            if self._with_sound_card:
                self.start_sound_card()
            with self.listening() as daemon:
                self._sclang = self._started_sclang()
                self._wait_for_hello(daemon, self._sclang)
            self.control.wait_for("/test/ready", timeout_s=BOOT_S)
            self._booted = time.monotonic()
        except BaseException:
            self.stop()
            raise

    def start_sound_card(self) -> None:
        """JACK alone, for somebody else's sound."""
        device = ["-d", "dummy", "-r", str(RATE), "-p", str(PERIOD)]
        command = ["jackd", "-n", self.jack_name, "-r", *device]
        self._jack = Process(command, self.folder / "jackd.log")
        until(self._jack_answers, BOOT_S, "JACK starts")

    @property
    def jack_environment(self) -> dict[str, str]:
        """Has a program use this rig's sound card, and start none of its own."""
        return {"JACK_DEFAULT_SERVER": self.jack_name, "JACK_NO_START_SERVER": "1"}

    def settle(self) -> None:
        """Waits until the sound server follows the clock.

        It does so through a slow filter, which begins with an error of some milliseconds (as
        late as its first audio callback was) and takes most of a minute to lose it.
        """
        time.sleep(max(0.0, self._booted + SETTLED_S - time.monotonic()))

    def _jack_answers(self) -> bool:
        """Whether JACK's socket is there, in whichever folder this JACK was built to use."""
        return any(any(Path(folder).glob(f"jack_{self.jack_name}_*")) for folder in ("/dev/shm", "/tmp"))

    def _started_sclang(self) -> Process:
        environment = {
            "PSC2_DAEMON_HOST": "127.0.0.1",
            "PSC2_DAEMON_PORT": str(self.daemon_port),
            "PSC2_PARENT_PID": str(os.getpid()),
            "PSC2_TEST_PORT": str(self.control.port),
            "PSC2_TEST_SERVER_PORT": str(self.server_port),
        }
        if self._with_devices:
            self.devices.write_text(DEVICES)
            environment["PSC2_TEST_DEVICES"] = str(self.devices)
        environment |= HEADLESS | self.jack_environment | self._environment
        settings = language_settings(self.folder, MIDI_DEVICES)
        command = ["sclang", "-l", str(settings), "-u", str(self.sclang_port), str(HERE / "rig.scd")]
        return Process(command, self.folder / "sclang.log", environment)

    def _wait_for_hello(self, daemon: Mailbox, sclang: Process) -> None:
        deadline = time.monotonic() + BOOT_S
        while True:
            try:
                port = daemon.wait_for("/psc2/hello", timeout_s=0.2).arguments[0]
                assert isinstance(port, int)
                self.sclang_port = port
                return
            except TimeoutError:
                if not sclang.running or time.monotonic() > deadline:
                    end = sclang.output()[-2000:]
                    raise RuntimeError(f"sclang did not get ready; the end of its output:\n{end}") from None

    def stop(self) -> None:
        """Ends all that was started, whatever state it is in."""
        if self._sclang is not None:
            # The sound server leaves JACK in its own time: killed while it does, it holds jackd up for long.
            self.send("/psc2/quit")
            self._sclang.ends_within(END_S)
            self._sclang.end()
        if self._jack is not None:
            self._jack.end()
        Path(f"/dev/shm/SuperColliderServer_{self.server_port}").unlink(missing_ok=True)  # if it was killed
        self.control.close()

    @property
    def sclang(self) -> Process:
        assert self._sclang is not None, "not started"
        return self._sclang

    def said(self) -> str:
        """All that sclang and the sound server have printed."""
        return self.sclang.output()

    # ── to sclang

    def send(self, address: str, *arguments: Argument, at: float | None = None) -> None:
        """Sends what a daemon would; `at` is the time tag (seconds, as time.time)."""
        self.control.send(self.sclang_port, address, *arguments, at=at)

    def send_raw(self, datagram: bytes) -> None:
        self.control.send_raw(self.sclang_port, datagram)

    def ask(self, address: str, *arguments: Argument) -> Message:
        """Has the test script do something, and waits until it is done; `at` is the moment of that."""
        number = next(self._numbers)
        self.control.send(self.sclang_port, address, number, *arguments)
        return self.control.wait_for("/test/done", number, timeout_s=20)

    def voices(self) -> list[str]:
        """The names of the voices that the server runs, such as "psc2_wurly"."""
        return sorted(map(str, self.ask("/test/voices").arguments[1:]))

    def wait_for_voices(self, number: int, timeout_s: float = 10.0) -> None:
        until(lambda: len(self.voices()) == number, timeout_s, f"{number} voices")

    def kill_server(self) -> None:
        """Ends the sound server as a crash would."""
        self.ask("/test/kill")

    def set_up(
        self,
        sound: Mapping[str, Mapping[str, Argument]] | None = None,
        midi: Mapping[str, Mapping[str, Argument]] | None = None,
        notes: Mapping[str, int] | None = None,
    ) -> int:
        """Sends a rig: what differs from the defaults, by layer. Returns its number."""
        self.number = next(self._rigs)
        for layer, strip in (sound or {}).items():
            self.send("/psc2/sound", layer, *(STRIP | dict(strip)).values())
        for layer, part in (midi or {}).items():
            self.send("/psc2/midi", layer, *(MIDI_PART | dict(part)).values())
        for name, note in (notes or {}).items():
            self.send("/psc2/midi_note", name, note)
        self.send("/psc2/rig", self.number)
        return self.number

    def reset(self) -> None:
        """Silence, wheels at rest, and a rig that is like none at all."""
        self.send("/psc2/flush")
        self.send("/psc2/pitchbend", 8192)
        self.send("/psc2/modulation", 0)
        self.set_up()
        self.wait_for_voices(0)
        self.forget_heard()

    # ── MIDI, as from a device; each returns the moment at which it happened (seconds, as time.time)

    def note_on(self, pitch: int, velocity: int = 100, channel: int = 0, uid: int = KEYBOARD) -> float:
        return self.ask("/test/midi", "doNoteOnAction", uid, channel, pitch, velocity).at

    def note_off(self, pitch: int, velocity: int = 0, channel: int = 0, uid: int = KEYBOARD) -> float:
        return self.ask("/test/midi", "doNoteOffAction", uid, channel, pitch, velocity).at

    def control_change(self, cc: int, value: int, channel: int = 0, uid: int = CONTROLLER) -> float:
        return self.ask("/test/midi", "doControlAction", uid, channel, cc, value).at

    def program_change(self, program: int, channel: int = 0, uid: int = KEYBOARD) -> float:
        return self.ask("/test/midi", "doProgramAction", uid, channel, program).at

    def pitch_wheel(self, value: int, channel: int = 0, uid: int = KEYBOARD) -> float:
        return self.ask("/test/midi", "doBendAction", uid, channel, value).at

    def press(self, cc: int) -> float:
        """A button of the controller, down and up; returns the moment of the press."""
        pressed = self.control_change(cc, 127)
        self.control_change(cc, 0)
        return pressed

    # ── from sclang

    def played_out(self, seconds: float = 0.0) -> list[Message]:
        """MIDI that has left and has not been asked for yet, and what leaves within `seconds`.

        Each as its destination's uid, status (0x90 …), channel from 0 on and data; `at` is when it left.
        """
        sent = [message for message in self.control.collect(seconds) if message.address == "/test/midi_out"]
        return sorted(sent, key=lambda message: message.at)

    @contextmanager
    def recording(self, channels: int = 2) -> Iterator[Recording]:
        """Records what is played while the block runs, on the first 2 or 4 outputs."""
        recording = Recording(self.folder / f"take{next(self._takes)}.wav")
        self.ask("/test/record", str(recording.path), channels)
        try:
            yield recording
        finally:
            self.ask("/test/stop")
        recording.taken = sound.load_channels(recording.path)

    @contextmanager
    def listening(self) -> Iterator[Mailbox]:
        """Stands in for the daemon: gets what sclang sends to it."""
        mailbox = Mailbox(self.daemon_port)
        try:
            yield mailbox
        finally:
            mailbox.close()

    def forget_heard(self) -> None:
        """Forgets the messages that have reached sclang so far."""
        self.control.collect()

    def wait_until_heard(self, address: str, *arguments: Argument, timeout_s: float = 10.0) -> Message:
        """The oldest message with this address to reach sclang; `at` is its time tag, or its arrival."""
        copy = self.control.wait_for("/test/heard", address, *arguments, timeout_s=timeout_s)
        return Message(address, copy.arguments[1:], copy.at)

    def heard(self, seconds: float = 0.0) -> list[Message]:
        """All that has reached sclang and has not been asked for yet, and what arrives within `seconds`."""
        return [
            Message(str(copy.arguments[0]), copy.arguments[1:], copy.at)
            for copy in self.control.collect(seconds)
            if copy.address == "/test/heard"
        ]

    # ── the daemon

    @contextmanager
    def daemon(self, config: Path, seed: int = 1) -> Iterator[Process]:
        """The real daemon, `python -m psc2 play`, talking to this rig's sclang."""
        command = [
            sys.executable,
            "-m",
            "psc2",
            "play",
            "--config",
            str(config),
            "--no-sclang",
            "--seed",
            str(seed),
        ]
        ports = ["--receive-port", str(self.daemon_port), "--send-port", str(self.sclang_port)]
        self.forget_heard()
        daemon = Process(command + ports, self.folder / "daemon.log", {"PYTHONUNBUFFERED": "1"})
        try:
            self._wait_for_daemon(daemon)
            yield daemon
        finally:
            daemon.end()

    def _wait_for_daemon(self, daemon: Process) -> None:
        try:
            until(lambda: self._has_said_hello() or not daemon.running, BOOT_S, "the daemon says hello")
        except TimeoutError:
            pass
        else:
            if daemon.running:
                return
        raise RuntimeError(f"the daemon did not get ready; its output:\n{daemon.output()[-2000:]}")

    def _has_said_hello(self) -> bool:
        return any(message.address == "/psc2/hello" for message in self.heard())
