"""What differs between Linux, macOS and Windows: the one place that knows it.

Where SuperCollider's programs lie, what to type to install something, which MIDI ports no hand touches, and
who holds a port. Everything asks a ``System``, so that each platform can be tested on any.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from glob import glob
from typing import Protocol

MAX_COMMAND_LENGTH = 40  # characters of a command line that are shown


class Platform(Enum):
    """An operating system that psc2 knows."""

    LINUX = "Linux"
    MACOS = "macOS"
    WINDOWS = "Windows"


@dataclass(frozen=True, slots=True)
class RunResult:
    """The exit code and the output of a program that was run."""

    code: int | None  # None: it could not be started, or did not end in time
    output: str  # on both of its outputs


class System(Protocol):
    """A machine, as far as it is looked at. Nothing here raises or changes anything."""

    @property
    def platform(self) -> Platform: ...

    @property
    def environ(self) -> Mapping[str, str]: ...

    def which(self, program: str) -> str | None:
        """The path of a program, from its name on the PATH or a path; None if there is none."""

    def run(
        self, command: Sequence[str], timeout_s: float, environ: Mapping[str, str] | None = None
    ) -> RunResult: ...

    def glob(self, pattern: str) -> Sequence[str]: ...

    def read(self, path: str) -> str:
        """The content of a text file; empty if there is none to be read."""

    def link(self, path: str) -> str:
        """The target of a symbolic link; empty if there is no such link."""

    def writable(self, path: str) -> bool: ...

    def bind_error(self, host: str, port: int) -> int:
        """Why a UDP port cannot be listened on, as an ``errno``; 0 if it can."""

    def loopback_ms(self) -> float | None:
        """How long a UDP packet takes on 127.0.0.1, in milliseconds; None if it does not arrive."""

    def is_root(self) -> bool: ...

    def rtprio(self) -> int:
        """The highest real-time priority that programs may have, 0–99; 0: none."""

    def memlock_bytes(self) -> float:
        """How much memory programs may keep from being swapped out; infinite if any."""

    def cores(self) -> int: ...

    def load(self) -> float | None:
        """How many programs have wanted a core at a time, over the last minute; None if that is unknown."""

    def free_bytes(self, path: str) -> float: ...

    def version(self, distribution: str) -> str:
        """The version of an installed Python package; empty if it is not installed."""


def this_platform() -> Platform:
    return {"darwin": Platform.MACOS, "win32": Platform.WINDOWS}.get(sys.platform, Platform.LINUX)


# ── SuperCollider

DOWNLOADS = "https://supercollider.github.io/downloads"
_APP = "Applications/SuperCollider.app/Contents"
_PLACES: Mapping[tuple[Platform, str], tuple[str, ...]] = {  # besides the path
    (Platform.MACOS, "sclang"): (f"/{_APP}/MacOS/sclang", f"~/{_APP}/MacOS/sclang"),
    (Platform.MACOS, "scsynth"): (f"/{_APP}/Resources/scsynth", f"~/{_APP}/Resources/scsynth"),
    (Platform.WINDOWS, "sclang"): (r"C:\Program Files\SuperCollider*\sclang.exe",),
    (Platform.WINDOWS, "scsynth"): (r"C:\Program Files\SuperCollider*\scsynth.exe",),
}


def find_sclang() -> str | None:
    """The path of sclang on this machine; None if it is not installed."""
    platform, paths = this_platform(), lambda pattern: glob(os.path.expanduser(pattern))
    return find_program("sclang", platform, shutil.which, paths)


def find_program(
    program: str,
    platform: Platform,
    which: Callable[[str], str | None],
    paths: Callable[[str], Sequence[str]],
) -> str | None:
    """Find a program of SuperCollider on the PATH, or where its installer puts it; the newest of several."""
    places = [program]
    for pattern in _PLACES.get((platform, program), ()):
        places += sorted(paths(pattern), key=_numbers, reverse=True)
    return next(filter(None, map(which, places)), None)


def _numbers(path: str) -> list[int]:
    """The numbers in a path, to sort by, so that 3.14 comes after 3.9."""
    return [int(digits) for digits in re.findall(r"\d+", path)]


def environment(daemon_host: str, daemon_port: int, token: str = "") -> dict[str, str]:
    """The environment of sclang: where the daemon listens, whom not to outlive, and no screen needed."""
    variables = dict(
        os.environ,
        PSC2_DAEMON_HOST="127.0.0.1" if daemon_host == "0.0.0.0" else daemon_host,
        PSC2_DAEMON_PORT=str(daemon_port),
        PSC2_PARENT_PID=str(os.getpid()),
        PSC2_TOKEN=token,
    )
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        variables.setdefault("QT_QPA_PLATFORM", "offscreen")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        variables.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    return variables


# ── Installing

_MANAGERS: Mapping[Platform, tuple[tuple[str, str], ...]] = {  # its program, and what installs with it
    Platform.LINUX: (
        ("apt-get", "apt install"),
        ("dnf", "dnf install"),
        ("pacman", "pacman -S"),
        ("zypper", "zypper install"),
    ),
    Platform.MACOS: (("brew", "brew install --cask"),),
    Platform.WINDOWS: (("winget", "winget install"),),
}
_PACKAGES: Mapping[str, Mapping[str, str]] = {
    "sclang": {
        "apt-get": "supercollider-language supercollider-server",
        "dnf": "supercollider",
        "pacman": "supercollider",
        "zypper": "supercollider",
        "brew": "supercollider",
        "winget": "SuperCollider.SuperCollider",
    },
    "jackd": {
        "apt-get": "jackd2",
        "dnf": "jack-audio-connection-kit",
        "pacman": "jack2",
        "zypper": "jack",
    },
    "pw-jack": {"apt-get": "pipewire-jack", "pacman": "pipewire-jack"},
}


def install(what: str, system: System) -> str:
    """The command that installs "sclang" (with scsynth), "jackd" or "pw-jack" here; or a page, or nothing."""
    for program, command in _MANAGERS[system.platform]:
        package = _PACKAGES[what].get(program)
        if package and system.which(program):
            return f"{as_root(system)}{command} {package}"
    return DOWNLOADS if what == "sclang" else ""


def as_root(system: System) -> str:
    """What to put before a command that changes the system: sudo, or nothing."""
    return "sudo " if system.platform is Platform.LINUX and not system.is_root() else ""


def allow_realtime(system: System) -> str:
    """The command that lets the members of a group have real-time priority, and makes the user one."""
    root = as_root(system)
    if system.which("pacman"):
        return f"{root}pacman -S realtime-privileges && {root}usermod -aG realtime $USER"
    join = f"{root}usermod -aG audio $USER"
    if system.which("dpkg-reconfigure") and system.which("jackd"):
        return f"{root}dpkg-reconfigure -p high jackd2 && {join}"
    lines = r"@audio - rtprio 95\n@audio - memlock unlimited\n"
    return f"printf '{lines}' | {root}tee /etc/security/limits.d/audio.conf && {join}"


# ── MIDI and sound cards

# Devices that are a part of the system, or SuperCollider itself.
_SYSTEM_DEVICES = {Platform.LINUX: ("System", "Midi Through", "SuperCollider")}


def is_instrument(device: str, platform: Platform) -> bool:
    """Whether a MIDI device is one that somebody plays or that sounds, rather than a part of the system."""
    return device not in _SYSTEM_DEVICES.get(platform, ())


def port_name(device: str, name: str) -> str:
    """A MIDI port as psc2 calls it: its device and itself.

    On Linux the two are the client and the port of ALSA's sequencer: "nanoKONTROL2", "nanoKONTROL2 MIDI 1".
    On macOS they are a device of Audio MIDI Setup and one of its ports.
    """
    return f"{device} {name}"


def sound_cards(system: System) -> list[str]:
    """The cards that ALSA knows, on Linux: "PCH (HDA Intel PCH)"."""
    lines = system.read("/proc/asound/cards").splitlines()
    found = [re.match(r"\s*\d+ \[(\S+)\s*\]: .*? - (.+)", line) for line in lines]
    return [f"{match[1]} ({match[2]})" for match in found if match]


def pipewire_runs(system: System) -> bool:
    """Whether the sound server PipeWire runs, which can act as JACK."""
    folder = system.environ.get("PIPEWIRE_RUNTIME_DIR") or system.environ.get("XDG_RUNTIME_DIR")
    return bool(folder and system.glob(f"{folder}/pipewire-0"))


# ── Ports


def holder_of(port: int, system: System) -> str:
    """Who listens on a UDP port, as "psc2 play (process 123)"; empty where that is unknown."""
    match system.platform:
        case Platform.LINUX:
            return _holder_on_linux(port, system)
        case Platform.MACOS:
            output = system.run(["lsof", "-nP", f"-iUDP:{port}", "-Fpc"], 3.0).output
            fields = dict(re.findall(r"^([pc])(.+)$", output, re.MULTILINE))
            return f"{fields['c']} (process {fields['p']})" if fields.keys() == {"c", "p"} else ""
        case Platform.WINDOWS:
            output = system.run(["netstat", "-ano", "-p", "UDP"], 3.0).output
            found = re.search(rf"^\s*UDP\s+\S+:{port}\s+\S+\s+(\d+)", output, re.MULTILINE)
            return f"process {found[1]}" if found else ""


_MACOS_FIREWALL = "/usr/libexec/ApplicationFirewall/socketfilterfw"


def close_port(port: int, system: System) -> str:
    """The command that closes a UDP port to other computers by the firewall here; empty if none is known."""
    root = as_root(system)
    match system.platform:
        case Platform.LINUX if system.which("firewall-cmd"):
            rule = f"rule family=ipv4 port port={port} protocol=udp drop"
            return f"{root}firewall-cmd --permanent --add-rich-rule='{rule}' && {root}firewall-cmd --reload"
        case Platform.LINUX if system.which("ufw"):
            return f"{root}ufw deny in proto udp to any port {port}"
        case Platform.MACOS:
            sclang = system.which("sclang") or f"/{_APP}/MacOS/sclang"
            return f"sudo {_MACOS_FIREWALL} --add {sclang} && sudo {_MACOS_FIREWALL} --blockapp {sclang}"
        case Platform.WINDOWS:
            name = '"psc2: SuperCollider"'
            return (
                f"netsh advfirewall firewall add rule name={name} dir=in action=block "
                f"protocol=UDP localport={port}"
            )
        case _:
            return ""


def _holder_on_linux(port: int, system: System) -> str:
    lines = [line.split() for line in system.read("/proc/net/udp").splitlines()[1:]]
    sockets = {f"socket:[{line[9]}]" for line in lines if int(line[1].rpartition(":")[2], 16) == port}
    for path in system.glob("/proc/[0-9]*/fd/[0-9]*") if sockets else ():
        if system.link(path) in sockets:
            process = path.split("/")[2]
            words = [os.path.basename(word) for word in system.read(f"/proc/{process}/cmdline").split("\0")]
            return f"{' '.join(' '.join(words).split())[:MAX_COMMAND_LENGTH]} (process {process})"
    return ""
