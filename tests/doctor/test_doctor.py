"""What psc2 doctor says of machines that are and that are not there."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from types import MappingProxyType

import pytest

from psc2.commands.main import main
from psc2.core.requests import Model
from psc2.doctor import checks, packages, sound
from psc2.doctor import report as doctor
from psc2.doctor.findings import Case, Check, Device, Devices, Finding, Mark
from psc2.doctor.jack import server as jack_server
from psc2.doctor.machine import Machine
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.generation import GenerationError
from psc2.supercollider import platforms
from psc2.supercollider.platforms import Platform, RunResult
from tests.doctor.systems import TAKEN, FakeSystem, case_of

SUPERCOLLIDER = ("sclang", "scsynth")
VERSIONS = {
    "sclang -v": RunResult(0, "sclang 3.13.0 (Built from x)\n"),
    "scsynth -v": RunResult(0, "scsynth 3.13.0 (x)\n"),
}
LIBRARY = "psc2:\tlibrary\t1.9.21\n"
CARDS = " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n                      at 0xe000 irq 3\n"
KEYS = Device("Keystation 61", "Keystation 61 MIDI 1")
KONTROL = Device("nanoKONTROL2", "nanoKONTROL2 MIDI 1")


def marks(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(finding.mark.value, finding.what) for finding in findings]


def only(check: Check, case: Case) -> Finding:
    (finding,) = check(case)
    return finding


# ── SuperCollider


@pytest.mark.parametrize(
    ("platform", "manager", "command"),
    [
        (Platform.LINUX, "apt-get", "sudo apt install supercollider-language supercollider-server"),
        (Platform.LINUX, "dnf", "sudo dnf install supercollider"),
        (Platform.LINUX, "pacman", "sudo pacman -S supercollider"),
        (Platform.LINUX, "zypper", "sudo zypper install supercollider"),
        (Platform.LINUX, "", platforms.DOWNLOADS),
        (Platform.MACOS, "brew", "brew install --cask supercollider"),
        (Platform.MACOS, "", platforms.DOWNLOADS),
        (Platform.WINDOWS, "winget", "winget install SuperCollider.SuperCollider"),
    ],
)
def test_without_supercollider_the_one_command_that_installs_it_is_reported(
    platform: Platform, manager: str, command: str
) -> None:
    finding = only(sound.supercollider, case_of(FakeSystem(platform, programs=(manager,))))
    assert (finding.mark, finding.fix) == (Mark.MISSING, command)


def test_root_needs_no_sudo() -> None:
    system = FakeSystem(programs=("apt-get",), root=True)
    assert platforms.install("jackd", system) == "apt install jackd2"


def test_supercollider_is_found_with_its_version() -> None:
    found = sound.supercollider(case_of(FakeSystem(programs=SUPERCOLLIDER, answers=VERSIONS)))
    assert [(finding.mark, finding.message) for finding in found] == [
        (Mark.OK, "3.13.0, /usr/bin/sclang"),
        (Mark.OK, "3.13.0, /usr/bin/scsynth"),
    ]


def test_another_version_and_two_that_differ_are_reported() -> None:
    answers = {**VERSIONS, "scsynth -v": RunResult(0, "scsynth 3.9.3")}
    found = list(sound.supercollider(case_of(FakeSystem(programs=SUPERCOLLIDER, answers=answers))))
    assert marks(found) == [("ok", "sclang"), ("ok", "scsynth"), ("note", "SuperCollider")]
    assert "3.9.3 (psc2 is tested with 3.13)" in found[1].message


def test_a_sclang_that_does_not_start_is_reported_with_its_last_words() -> None:
    answers = {**VERSIONS, "sclang -v": RunResult(127, "loading\nlibQt5Core.so.5: cannot open\n\n")}
    found = next(sound.supercollider(case_of(FakeSystem(programs=SUPERCOLLIDER, answers=answers))))
    assert found.mark is Mark.MISSING
    assert "libQt5Core.so.5: cannot open" in found.message


def test_one_of_the_two_alone_is_not_enough() -> None:
    system = FakeSystem(programs=("sclang", "apt-get"), answers=VERSIONS)
    assert marks(sound.supercollider(case_of(system))) == [("ok", "sclang"), ("missing", "scsynth")]


@pytest.mark.parametrize(
    ("platform", "installed", "program", "place"),
    [
        (
            Platform.MACOS,
            ("/Applications/SuperCollider.app/Contents/MacOS/sclang",),
            "sclang",
            "/Applications/SuperCollider.app/Contents/MacOS/sclang",
        ),
        (
            Platform.MACOS,
            ("/Applications/SuperCollider.app/Contents/Resources/scsynth",),
            "scsynth",
            "/Applications/SuperCollider.app/Contents/Resources/scsynth",
        ),
        (
            Platform.WINDOWS,
            (
                r"C:\Program Files\SuperCollider-3.9.3\sclang.exe",
                r"C:\Program Files\SuperCollider-3.14.1\sclang.exe",
            ),
            "sclang",
            r"C:\Program Files\SuperCollider-3.14.1\sclang.exe",
        ),
        (Platform.LINUX, ("/Applications/SuperCollider.app/Contents/MacOS/sclang",), "sclang", None),
        (Platform.LINUX, ("sclang",), "sclang", "/usr/bin/sclang"),
    ],
)
def test_programs_are_found_where_each_platform_has_them(
    platform: Platform, installed: tuple[str, ...], program: str, place: str | None
) -> None:
    system = FakeSystem(platform, programs=installed)
    assert platforms.find_program(program, platform, system.which, system.glob) == place


# ── JACK and the others


def jack(
    output: str,
    frames: int = 0,
    programs: tuple[str, ...] = (),
    files: Mapping[str, str] = MappingProxyType({}),
    environ: Mapping[str, str] = MappingProxyType({}),
) -> FakeSystem:
    server = f"psc2:\tserver\t48000\t{frames}\t1\n" if frames else ""
    return FakeSystem(
        answers={"libjack": RunResult(0, output + server)}, programs=programs, files=files, environ=environ
    )


def test_outputs_that_the_sound_card_has_not_are_reported_with_the_setting_that_helps() -> None:
    outputs = {"click_out": 3, "out": {"lead": 5, "chords": 7}}
    output = {"target": {"chords": "midi"}}
    ports = "psc2:\toutputs\t{}\n"
    server, click, lead = sound.sound_server(
        case_of(jack(LIBRARY + ports.format(2), 256), sound=outputs, output=output)
    )
    assert server.mark is Mark.OK
    assert (click.mark, click.what) == (Mark.NOTE, "click out")
    assert click.message == "sound.click_out: 3 wants outputs 3 and 4, and JACK has 2: it is not heard"
    assert click.fix.startswith("sound: {click_out: 1} in the configuration; or ")
    assert lead.message.startswith("sound.out.lead: 5 wants outputs 5 and 6")
    assert lead.fix.startswith("sound: {out: {lead: 1}} in the configuration; or ")
    enough = jack(LIBRARY + ports.format(6), 256)
    assert only(sound.sound_server, case_of(enough, sound=outputs, output=output)).mark is Mark.OK
    assert only(sound.sound_server, case_of(jack(LIBRARY + ports.format(2), 256))).mark is Mark.OK


def with_pipewire(*programs: str) -> FakeSystem:
    return jack(LIBRARY, 0, programs, {"/run/user/1/pipewire-0": ""}, {"XDG_RUNTIME_DIR": "/run/user/1"})


def test_a_jack_server_that_runs_is_reported_with_its_period() -> None:
    finding = only(sound.sound_server, case_of(jack(LIBRARY, 256)))
    assert finding == Finding(Mark.OK, "JACK", "JACK 1.9.21: 48000 Hz, 256 frames (5.3 ms)")


def test_a_period_too_long_for_the_lookahead_is_reported_with_the_setting_that_helps() -> None:
    finding = only(sound.sound_server, case_of(jack(LIBRARY, 1024), output={"lookahead_ms": 50}))
    assert (finding.mark, finding.fix) == (Mark.NOTE, "output: {lookahead_ms: auto} in the configuration")
    for enough in (80, "auto"):
        case = case_of(jack(LIBRARY, 1024), output={"lookahead_ms": enough})
        assert only(sound.sound_server, case).mark is Mark.OK


def test_a_period_too_long_for_any_lookahead_is_reported_with_the_way_to_start_jack() -> None:
    for chosen in (50, "auto"):
        finding = only(sound.sound_server, case_of(jack(LIBRARY, 4096), output={"lookahead_ms": chosen}))
        assert (finding.mark, finding.fix) == (Mark.NOTE, "start JACK with fewer frames: -p 256")


def test_pipewire_in_place_of_jack_is_recognised() -> None:
    output = "psc2:\tlibrary\t3.0.0.0 (using PipeWire 1.0.5)\n"
    finding = only(sound.sound_server, case_of(jack(output, 256)))
    assert finding.message.startswith("PipeWire as JACK 3.0.0.0 (using PipeWire 1.0.5): 48000 Hz")


@pytest.mark.parametrize(
    ("system", "fix"),
    [
        (with_pipewire("jackd", "pw-jack"), "pw-jack psc2 play"),
        (with_pipewire("jackd", "apt-get"), "sudo apt install pipewire-jack"),
        (
            jack(LIBRARY, programs=("jackd",), files={"/proc/asound/cards": CARDS}),
            "jackd -d alsa -d hw:PCH &",
        ),
        (jack(LIBRARY, programs=("jackd",)), "jackd -r -d dummy &"),
        (jack("", programs=("apt-get",)), "sudo apt install jackd2"),
        (jack("", programs=("pacman",)), "sudo pacman -S jack2"),
    ],
)
def test_without_a_jack_server_the_nearest_way_to_one_is_reported(system: FakeSystem, fix: str) -> None:
    finding = only(sound.sound_server, case_of(system))
    assert (finding.mark, finding.what, finding.fix) == (Mark.MISSING, "JACK", fix)


def test_a_jack_server_that_supercollider_starts_by_itself_is_no_fault() -> None:
    system = jack(LIBRARY, programs=("jackd",), files={"~/.jackdrc": "jackd -d alsa"})
    assert only(sound.sound_server, case_of(system)).mark is Mark.NOTE
    system.environ = {"JACK_NO_START_SERVER": "1"}
    assert only(sound.sound_server, case_of(system)).mark is Mark.MISSING


def test_macos_and_windows_need_no_jack() -> None:
    assert only(sound.sound_server, case_of(FakeSystem(Platform.MACOS))).mark is Mark.OK
    assert "ASIO" in only(sound.sound_server, case_of(FakeSystem(Platform.WINDOWS))).fix


@pytest.mark.parametrize(
    ("system", "mark", "fix"),
    [
        (FakeSystem(), Mark.OK, ""),
        (FakeSystem(root=True), Mark.NOTE, ""),
        (
            FakeSystem(priority=0),
            Mark.NOTE,
            "sudo tee /etc/security/limits.d/audio.conf && sudo usermod -aG audio",
        ),
        (FakeSystem(memory=8e6, programs=("pacman",)), Mark.NOTE, "realtime-privileges"),
        (
            FakeSystem(priority=0, programs=("dpkg-reconfigure", "jackd")),
            Mark.NOTE,
            "sudo dpkg-reconfigure -p high jackd2 && sudo usermod -aG audio $USER",
        ),
    ],
)
def test_real_time_priority_is_only_noted(system: FakeSystem, mark: Mark, fix: str) -> None:
    finding = only(sound.realtime, case_of(system))
    assert finding.mark is mark
    assert fix in finding.fix


def test_limits_and_sequencer_are_linuxs_own() -> None:
    for platform in (Platform.MACOS, Platform.WINDOWS):
        case = case_of(FakeSystem(platform, priority=0))
        assert [*sound.realtime(case), *sound.sequencer(case)] == []


def test_the_alsa_sequencer_is_there_missing_or_forbidden() -> None:
    there = {sound.SEQUENCER: ""}
    missing = only(sound.sequencer, case_of())
    forbidden = only(sound.sequencer, case_of(FakeSystem(files=there, read_only=tuple(there))))
    assert only(sound.sequencer, case_of(FakeSystem(files=there))).mark is Mark.OK
    assert (missing.mark, missing.fix) == (Mark.MISSING, "sudo modprobe snd-seq")
    assert (forbidden.mark, forbidden.fix) == (Mark.MISSING, "sudo usermod -aG audio $USER")


# ── MIDI


def seen(output: str) -> Devices:
    system = FakeSystem(programs=("sclang",), answers={"devices.scd": RunResult(0, output)})
    return sound.find_devices(system)


def test_what_sclang_lists_is_read_without_the_systems_own_ports() -> None:
    output = (
        "compiling class library...\npsc2:\tsource\tSystem\tTimer\npsc2:\tsource\tMidi Through\tPort-0\n"
        f"psc2:\tsource\t{KEYS.device}\t{KEYS.name}\npsc2:\tdestination\tMinilogue\tSOUND\r\n"
        "psc2:\taudio\tBuilt-in\npsc2:\tend\ncleaning up\n"
    )
    assert seen(output) == Devices((KEYS,), (Device("Minilogue", "SOUND"),), ("Built-in",))
    assert seen("psc2:\tno midi\npsc2:\tend\n") == Devices(midi=False)


def test_a_sclang_that_stops_early_is_reported_with_its_first_error() -> None:
    assert "ERROR: syntax error" in seen("compiling\nERROR: syntax error\nERROR: more\n").error
    assert "it says nothing" in seen("").error
    assert sound.find_devices(FakeSystem()).error == "sclang is not installed"
    with_sclang = FakeSystem(programs=("sclang",))
    assert only(sound.devices, case_of(with_sclang, Devices(error="x"))).mark is Mark.MISSING
    assert only(sound.devices, case_of(FakeSystem(), Devices(error="x"))).mark is Mark.NOTE


def test_nothing_plugged_in_is_missing_and_a_keyboard_is_enough() -> None:
    nothing = list(sound.devices(case_of(devices=Devices())))
    assert marks(nothing) == [("missing", "MIDI in"), ("ok", "MIDI out"), ("note", "sound cards")]
    plugged = list(sound.devices(case_of(FakeSystem(Platform.MACOS), Devices((KEYS,), audio=("MOTU",)))))
    assert [finding.message for finding in plugged][::2] == ["Keystation 61 Keystation 61 MIDI 1", "MOTU"]


def test_one_cause_is_counted_once() -> None:
    no_sequencer = next(sound.devices(case_of(devices=Devices(midi=False))))
    assert no_sequencer.mark is Mark.NOTE
    on_a_mac = next(sound.devices(case_of(FakeSystem(Platform.MACOS), Devices(midi=False))))
    assert on_a_mac.mark is Mark.MISSING


def to_midi(port: str, *destinations: Device) -> list[Finding]:
    output = {"target": {"bass": "midi", "lead": "both"}, "midi": {"bass": {"port": port, "channel": 4}}}
    return list(sound.midi_outputs(case_of(devices=Devices(destinations=destinations), output=output)))


def test_the_ports_that_the_configuration_plays_to_are_looked_for() -> None:
    minilogue = Device("minilogue", "minilogue SOUND")
    bass, lead = to_midi("Minilogue", KONTROL, minilogue)
    assert (bass.mark, bass.message) == (Mark.OK, "minilogue minilogue SOUND, channel 4")
    assert (lead.mark, lead.message) == (Mark.OK, "nanoKONTROL2 nanoKONTROL2 MIDI 1, channel 3")
    bass, lead = to_midi("Nord", minilogue)
    assert (bass.mark, bass.message) == (
        Mark.MISSING,
        'no MIDI output "Nord" (there are: minilogue minilogue SOUND)',
    )
    assert [finding.mark for finding in to_midi("")] == [Mark.MISSING, Mark.MISSING]
    assert not list(sound.midi_outputs(case_of(devices=Devices())))  # nothing goes to MIDI by default


def test_a_part_without_a_port_stays_away_from_keyboards_and_controllers() -> None:
    minilogue = Device("minilogue", "minilogue SOUND")

    def by_midi(port: str, *destinations: Device, keyboard: str = "") -> Finding:
        output = {"target": {"lead": "midi"}, "midi": {"lead": {"port": port}}}
        system = FakeSystem(environ={"PSC2_KEYBOARD": keyboard} if keyboard else {})
        devices = Devices((KEYS, KONTROL), destinations)
        return only(sound.midi_outputs, case_of(system, devices, output=output))

    found = by_midi("", KEYS, KONTROL, minilogue)
    assert (found.mark, found.message) == (Mark.OK, "minilogue minilogue SOUND, channel 3")
    alone = by_midi("", KONTROL, KEYS)
    assert alone.mark is Mark.NOTE
    assert alone.message.startswith("nanoKONTROL2 nanoKONTROL2 MIDI 1, channel 3: somebody plays on it")
    assert "output.midi.lead.port" in alone.fix
    named = by_midi("keystation", KEYS, minilogue)
    assert named.mark is Mark.NOTE
    assert "psc2 then does not listen to it" in named.message
    assert named.fix.startswith('PSC2_KEYBOARD="Keystation 61 Keystation 61 MIDI 1" psc2 play')
    assert by_midi("keystation", KEYS, minilogue, keyboard="Keystation").mark is Mark.OK
    missing = by_midi("prophet", KEYS, minilogue)
    assert missing.fix == 'output: {midi: {lead: {port: "minilogue minilogue SOUND"}}} in the configuration'


def test_the_controller_is_known_by_its_name() -> None:
    assert only(sound.controller, case_of(devices=Devices((KEYS, KONTROL)))).mark is Mark.OK
    assert only(sound.controller, case_of(devices=Devices((KEYS,)))).mark is Mark.NOTE


def test_quick_says_nothing_of_devices() -> None:
    case = case_of(devices=None)
    assert not [*sound.devices(case), *sound.midi_outputs(case), *sound.controller(case)]


# ── Ports


def test_free_ports_are_reported() -> None:
    assert marks(checks.ports(case_of())) == [
        ("ok", "receive port"),
        ("ok", "send port"),
        ("note", "open port"),
    ]


def test_a_taken_port_is_reported_with_the_next_free_one() -> None:
    system = FakeSystem(taken={12345: TAKEN, 12346: TAKEN, 57120: TAKEN})
    receive, send, _ = checks.ports(case_of(system))
    assert (receive.mark, receive.fix) == (Mark.MISSING, "psc2 play --receive-port 12347")
    assert send.mark is Mark.NOTE  # SuperCollider helps itself


@pytest.mark.parametrize(
    ("platform", "programs", "fix"),
    [
        (Platform.LINUX, (), ""),
        (Platform.LINUX, ("ufw",), "sudo ufw deny in proto udp to any port 57120"),
        (
            Platform.LINUX,
            ("ufw", "firewall-cmd"),
            "sudo firewall-cmd --permanent --add-rich-rule="
            "'rule family=ipv4 port port=57120 protocol=udp drop' && sudo firewall-cmd --reload",
        ),
        (
            Platform.WINDOWS,
            (),
            'netsh advfirewall firewall add rule name="psc2: SuperCollider" dir=in action=block '
            "protocol=UDP localport=57120",
        ),
        (
            Platform.MACOS,
            (),
            "sudo /usr/libexec/ApplicationFirewall/socketfilterfw --add "
            "/Applications/SuperCollider.app/Contents/MacOS/sclang && "
            "sudo /usr/libexec/ApplicationFirewall/socketfilterfw --blockapp "
            "/Applications/SuperCollider.app/Contents/MacOS/sclang",
        ),
    ],
)
def test_the_port_that_is_open_to_all_is_named_with_what_closes_it(
    platform: Platform, programs: tuple[str, ...], fix: str
) -> None:
    *_, found = checks.ports(case_of(FakeSystem(platform, programs=programs)))
    assert (found.mark, found.what, found.fix) == (Mark.NOTE, "open port", fix)
    assert found.message.startswith("57120 is open to every network")


def test_a_psc2_that_plays_is_no_fault() -> None:
    sockets = "sl local rem\n 1: 0100007F:3039 00000000:0000 07 0:0 0:0 0 0 0 777 2\n"
    system = FakeSystem(
        taken={12345: TAKEN},
        files={"/proc/net/udp": sockets, "/proc/42/cmdline": "/v/python\0/v/bin/psc2\0play\0"},
        links={"/proc/41/fd/3": "socket:[1]", "/proc/42/fd/5": "socket:[777]"},
    )
    receive = next(checks.ports(case_of(system)))
    assert receive.mark is Mark.NOTE
    assert "python psc2 play (process 42)" in receive.message


def test_macos_and_windows_tell_who_has_a_port_too() -> None:
    mac = FakeSystem(Platform.MACOS, answers={"lsof": RunResult(0, "p812\ncscsynth\nf7\n")})
    output = "  UDP    0.0.0.0:1234   *:*   4\n  UDP    127.0.0.1:12345   *:*    77\n"
    windows = FakeSystem(Platform.WINDOWS, answers={"netstat": RunResult(0, output)})
    assert platforms.holder_of(12345, mac) == "scsynth (process 812)"
    assert platforms.holder_of(12345, windows) == "process 77"
    assert [platforms.holder_of(9, system) for system in (FakeSystem(), windows)] == ["", ""]


def test_a_host_that_is_not_ours_is_reported() -> None:
    receive = next(checks.ports(case_of(FakeSystem(taken={12345: errno.EADDRNOTAVAIL}))))
    assert receive.mark is Mark.MISSING
    assert "receive_host: 127.0.0.1" in receive.fix


@pytest.mark.loopback
@pytest.mark.skipif(sys.platform != "linux", reason="who has a port is asked of /proc")
def test_the_real_holder_of_a_real_port_is_found() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        assert f"(process {os.getpid()})" in platforms.holder_of(port, Machine())
        assert Machine().bind_error("127.0.0.1", port) == TAKEN
    assert Machine().bind_error("127.0.0.1", port) == 0
    assert Machine().bind_error("no.such.host.invalid", 1) not in (0, TAKEN)


def test_a_silent_loopback_is_reported() -> None:
    assert only(checks.loopback, case_of(FakeSystem(loopback=None))).mark is Mark.MISSING
    assert only(checks.loopback, case_of()).mark is Mark.OK


# ── Packages, configuration, models, computer


def test_all_packages_that_playing_needs_are_asked_for() -> None:
    (line,) = [line for line in metadata.requires("psc2") or () if line.startswith("audioop")]
    assert "3.13" in line
    assert ("audioop-lts" in packages.required()) == (sys.version_info >= (3, 13))
    assert {"numpy", "python-osc", "pyyaml"} <= set(packages.required())
    assert not {"jax", "magenta", "psc2"} & set(packages.required())


def test_packages_here_can_be_imported() -> None:
    machine = Machine()
    finding = only(packages.required_packages, Case(machine, None, (), "", lambda: None, doctor.ask))
    assert finding.mark is Mark.OK
    assert f"numpy {machine.version('numpy')}" in finding.message


def test_a_broken_and_an_absent_package_are_reported() -> None:
    versions = dict.fromkeys(packages.required(), "1.0") | {"rich": ""}
    output = (
        "warning\npsc2:\tyaml\tImportError: no libyaml\npsc2:\trich\tModuleNotFoundError: x\npsc2:\tend\n"
    )
    system = FakeSystem(versions=versions, answers={"importlib": RunResult(0, output)})
    found = list(packages.required_packages(case_of(system)))
    assert {finding.message for finding in found} == {
        "pyyaml 1.0 cannot be imported: ImportError: no libyaml",
        "rich is not installed",
    }
    assert {finding.mark for finding in found} == {Mark.MISSING}


def test_a_package_that_takes_python_down_is_reported() -> None:
    system = FakeSystem(answers={"importlib": RunResult(-11, "Segmentation fault\n")})
    assert "Segmentation fault" in only(packages.required_packages, case_of(system)).message


def test_an_extra_is_there_or_one_command_away() -> None:
    versions = {"magenta": "2.1.4", "tf-keras": "2.21.0"}
    magenta, train = packages.extras(case_of(FakeSystem(versions=versions)))
    assert (magenta.mark, magenta.message) == (Mark.OK, "magenta 2.1.4, tf-keras 2.21.0")
    assert train.mark is Mark.NOTE
    assert train.fix == ("scripts/extra train" if sys.version_info < (3, 14) else "")


def test_every_problem_of_a_configuration_is_reported() -> None:
    found = list(checks.configuration(case_of(problems=("a.yaml: x", "a.yaml: y"))))
    assert [(finding.mark, finding.message) for finding in found] == [
        (Mark.MISSING, "a.yaml: x"),
        (Mark.MISSING, "a.yaml: y"),
    ]
    assert [bool(finding.fix) for finding in found] == [False, True]


@pytest.mark.parametrize(
    ("answer", "mark", "message"),
    [
        (0.0123, Mark.OK, "markov answers in 12 ms; 2 s are allowed"),
        (3.0, Mark.NOTE, "markov answers in 3000 ms; 2 s are allowed; Markov would play"),
        (GenerationError("has ended: killed"), Mark.MISSING, "markov has ended: killed; Markov would play"),
        (ModelError("damaged"), Mark.MISSING, "damaged"),
    ],
)
def test_models_are_asked(answer: float | Exception, mark: Mark, message: str) -> None:
    finding = next(checks.models(case_of(answer_s=answer, improv={"model": "markov"})))
    assert finding.mark is mark
    assert finding.message.startswith(message)


def test_a_model_that_there_is_not_is_reported_with_those_that_there_are() -> None:
    melody, drums = checks.models(case_of(improv={"model": "nobody"}, drums={"model": "weimar"}))
    assert melody.message.startswith("expected one of markov")
    assert (melody.mark, drums.mark) == (Mark.MISSING, Mark.MISSING)


def test_magenta_where_it_is_not_installed_is_one_command_away() -> None:
    finding = next(checks.models(case_of(answer_s=ModelError(catalogue.INSTALL_MAGENTA))))
    assert finding.fix == "scripts/extra magenta"


@pytest.mark.parametrize("model", list(Model))
def test_markov_really_answers(model: Model) -> None:
    assert 0 < doctor.ask(model, "markov", "native") < 5


def test_a_model_that_is_not_waited_for_is_given_up() -> None:
    with pytest.raises(GenerationError):
        doctor.ask(Model.MELODY, "markov", "native", is_cancelled=lambda: True)


def test_a_busy_or_full_computer_is_noted() -> None:
    governor = {"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n"}
    systems = (FakeSystem(busy=None), FakeSystem(busy=5.0), FakeSystem(free=1e6), FakeSystem(files=governor))
    found = [only(checks.computer, case_of(system)).mark for system in systems]
    assert found == [Mark.OK, Mark.NOTE, Mark.NOTE, Mark.NOTE]


def test_windows_is_reported_that_it_cannot_play_yet() -> None:
    assert only(checks.python, case_of(FakeSystem(Platform.WINDOWS))).mark is Mark.MISSING


# ── All of it


@pytest.mark.parametrize("platform", list(Platform))
@pytest.mark.parametrize("devices", [None, Devices(), Devices((KEYS, KONTROL)), Devices(error="x")])
@pytest.mark.parametrize("problems", [(), ("bad",)])
def test_every_check_copes_with_every_platform(
    platform: Platform, devices: Devices | None, problems: tuple[str, ...]
) -> None:
    case = case_of(FakeSystem(platform), devices, problems=problems)
    found = [finding for check in doctor.CHECKS for finding in check(case)]
    assert all(finding.message and "\n" not in finding.message + finding.fix for finding in found)
    if platform is not Platform.LINUX:
        assert not [finding for finding in found if "jackd" in finding.fix]
    if platform is Platform.WINDOWS:
        assert not [finding for finding in found if "sudo" in finding.fix]


def test_a_check_that_fails_is_no_reason_to_stop() -> None:
    def breaks(case: Case) -> Iterable[Finding]:
        raise ZeroDivisionError("by zero")

    (finding,) = doctor.findings_of(breaks, case_of())  # type: ignore[arg-type]
    assert finding.mark is Mark.NOTE
    assert "ZeroDivisionError: by zero" in finding.message


def test_the_exit_code_tells_missing_things_from_a_configuration_that_cannot_be_used() -> None:
    fine, noted, missing = (Finding(mark, "JACK", "told") for mark in (Mark.OK, Mark.NOTE, Mark.MISSING))
    assert [doctor.code_of(found, ()) for found in ([fine, noted], [fine, missing])] == [0, 1]
    assert doctor.code_of([fine, missing], ("a.yaml: x",)) == 2
    assert doctor.summary([fine, noted]) == "Everything that playing needs is there: psc2 play"
    assert doctor.summary([fine, missing, missing]).startswith("Missing: JACK. ")


def test_a_long_line_is_wrapped_and_a_command_never() -> None:
    shown = list(doctor.lines(Finding(Mark.NOTE, "x", "word " * 60, "command " * 40)))
    assert len(shown) == 5
    assert max(map(len, shown[:-1])) <= doctor.WIDTH
    assert shown[-1].count("command") == 40


@pytest.mark.loopback
def test_it_ends_with_1_exactly_if_something_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["doctor", "--quick"])
    output = capsys.readouterr().out
    assert code == (1 if "\nmissing " in output else 0)
    assert output.startswith("ok       Python")
    assert ("Everything that playing needs is there" in output) == (code == 0)


@pytest.mark.loopback
def test_a_configuration_that_cannot_be_used_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "blues.yaml"
    config.write_text("music: {qpm: 12}", encoding="utf-8")
    assert main(["doctor", "--quick", "--json", "--config", str(config)]) == 2
    rows = json.loads(capsys.readouterr().out)
    messages = [row["told"] for row in rows if (row["mark"], row["what"]) == ("missing", "configuration")]
    assert messages == [f"{config}: music.qpm: expected a number within 20–400, got 12"]
    assert {"Python", "loopback", "computer"} <= {
        row["what"] for row in rows
    }  # the rest is reported all the same


@pytest.mark.loopback
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_ends_at_once_and_leaves_no_process(tmp_path: Path, number: int, code: int) -> None:
    hung = tmp_path / "sclang"
    hung.write_text(f"#!/bin/sh\nsleep 60 & echo $! >> {tmp_path}/pids\nwait\n")
    hung.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "psc2", "doctor"], env=environment, stdout=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 20
    while not (tmp_path / "pids").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(number)
    assert process.wait(timeout=8) == code
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        assert not alive(pid)


def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    began = time.monotonic()
    result = Machine().run(["/bin/sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; echo said; wait"], 0.5)
    assert time.monotonic() - began < 5
    assert result == RunResult(None, "said\n")
    assert not alive(int((tmp_path / "pid").read_text()))


def test_what_cannot_be_started_is_reported() -> None:
    assert Machine().run(["/no/such/program"], 1.0) == RunResult(None, "No such file or directory")


def alive(pid: int) -> bool:
    """Whether a process is there that is not a zombie."""
    if not Path("/proc").exists():
        try:
            os.kill(pid, 0)
        except OSError:
            return False
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_lies_in_the_current_folder_is_neither_run_nor_taken_for_a_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("enum", "struct", "numpy", "mido", "ctypes", "signal"):
        (tmp_path / f"{name}.py").write_text("open('run', 'w'); raise SystemExit('run')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    case = case_of(Machine())
    (found,) = packages.required_packages(case)
    list(jack_server(case))
    assert found.mark is Mark.OK
    assert not (tmp_path / "run").exists()
