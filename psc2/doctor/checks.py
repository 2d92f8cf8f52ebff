"""What ``psc2 doctor`` looks at besides sound: Python, packages, ports, configuration, models, computer."""

from __future__ import annotations

import errno
import os
import platform
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from importlib import metadata

from psc2 import resources, version
from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.generation import GenerationError
from psc2.settings.config import Config, ModelEngine
from psc2.settings.yaml_file import shown
from psc2.supercollider.platforms import Platform, System, holder_of

CHECKOUT = (resources.ROOT / "scripts" / "run").is_file()  # else psc2 has been installed as a package
PSC2 = "scripts/run" if CHECKOUT else "psc2"
PLAY = f"{PSC2} play"
NEWEST_PYTHON = (3, 13)  # that psc2 is tested with, and that the extras can be installed for
NEWEST = ".".join(map(str, NEWEST_PYTHON))
IMPORT_TIMEOUT_S = 30.0
MIN_FREE_BYTES = 500e6  # on the disk
PORTS_TRIED = 20  # how many ports after a taken one are tried
TAKEN = (errno.EADDRINUSE, 10048)  # 10048: Windows's own
LOCAL_HOSTS = ("127.0.0.1", "localhost", "0.0.0.0")


class Mark(Enum):
    """How serious a finding is."""

    OK = "ok"
    NOTE = "note"  # worth knowing; one can play
    MISSING = "missing"  # one cannot, or not as the configuration wants it


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what helps if something is wrong with it."""

    mark: Mark
    what: str  # a word or two
    message: str  # one line
    fix: str = ""  # the one command that helps, or what to do


@dataclass(frozen=True, slots=True)
class Device:
    """A MIDI port as SuperCollider sees it."""

    device: str
    name: str


@dataclass(frozen=True, slots=True)
class Devices:
    """The MIDI ports and sound cards that SuperCollider sees."""

    sources: tuple[Device, ...] = ()  # MIDI in
    destinations: tuple[Device, ...] = ()  # MIDI out
    audio: tuple[str, ...] = ()
    midi: bool = True  # whether it can be opened
    error: str = ""  # why nothing is known


@dataclass(frozen=True, slots=True)
class Case:
    """All that the checks look at: the machine, the configuration, its devices and models."""

    system: System
    config: Config | None  # None: it cannot be used, because of …
    problems: tuple[str, ...]  # … these, a line each
    config_name: str  # which files it is of
    devices: Callable[[], Devices | None]  # None: not looked at
    ask: Callable[[Model, str, ModelEngine], float]  # a model, once: how long it takes, in seconds


Check = Callable[[Case], Iterator[Finding]]


def python(case: Case) -> Iterator[Finding]:
    """Whether psc2 plays on this Python and this platform."""
    here = f"{platform.python_version()}, {case.system.platform.value} on {platform.machine()}"
    if case.system.platform is Platform.WINDOWS:
        message = f"{here}: psc2 cannot play on Windows yet"
        yield Finding(
            Mark.MISSING, "Python", message, "use Linux or macOS; psc2 demo and psc2 models may work here"
        )
    elif sys.version_info[:2] > NEWEST_PYTHON:
        yield Finding(Mark.NOTE, "Python", f"{here}: psc2 is tested with Python up to {NEWEST}")
    else:
        yield Finding(Mark.OK, "Python", here)


def own_version(case: Case) -> Iterator[Finding]:
    """Which psc2 this is, and where."""
    yield Finding(Mark.OK, "psc2", f"{version.describe()}, in {resources.ROOT}")


# ── Packages

_MODULES = {  # where a package's module has another name
    "audioop-lts": "audioop",
    "python-osc": "pythonosc",
    "pyyaml": "yaml",
}
_IMPORT = """
import importlib, sys, warnings
warnings.simplefilter("ignore")
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        print("psc2:", name, type(error).__name__ + ": " + " ".join(str(error).split()), sep="\\t")
print("psc2:", "end", sep="\\t")
"""
_EXTRAS = {  # what tells whether it is there, and what it is for
    "magenta": (("magenta", "tf-keras"), "engine: magenta"),
    "train": (("jax", "optax", "magenta"), "psc2 models train and report"),
}


def required() -> list[str]:
    """The packages that playing needs, on this Python."""
    names = []
    for line in metadata.requires("psc2") or ():
        name, _, marker = line.partition(";")
        if "extra ==" in marker or (
            "python_version >= '3.13'" in marker.replace('"', "'") and sys.version_info < (3, 13)
        ):
            continue
        names.append(re.split(r"[^A-Za-z0-9._-]", name.strip())[0])
    return sorted(names)


def packages(case: Case) -> Iterator[Finding]:
    """Whether the packages that playing needs are there, and can be imported."""
    versions = {name: case.system.version(name) for name in required()}
    modules = {_MODULES.get(name, name.replace("-", "_")): name for name in versions}
    output = case.system.run([sys.executable, "-c", _IMPORT, *modules], IMPORT_TIMEOUT_S).output
    lines = [line.split("\t")[1:] for line in output.splitlines() if line.startswith("psc2:\t")]
    wrong = {modules[fields[0]]: fields[1] for fields in lines if len(fields) == 2 and fields[0] in modules}
    again = "rm -r .venv && scripts/run --version" if CHECKOUT else "pip install --force-reinstall psc2"
    for name, why in wrong.items():
        message = (
            f"{name} {versions[name]} cannot be imported: {why}"
            if versions[name]
            else f"{name} is not installed"
        )
        yield Finding(Mark.MISSING, "packages", message, again)
    if ["end"] not in lines:
        yield Finding(
            Mark.MISSING, "packages", f"importing them does not end well: {last_line(output)}", again
        )
    elif not wrong:
        yield Finding(
            Mark.OK, "packages", ", ".join(f"{name} {version}" for name, version in versions.items())
        )


def extras(case: Case) -> Iterator[Finding]:
    """Whether the extras are there, which only some configurations and commands need."""
    fits = sys.version_info[:2] <= NEWEST_PYTHON and (
        case.system.platform is not Platform.MACOS or platform.machine() == "arm64"
    )
    for extra, (names, purpose) in _EXTRAS.items():
        versions = [f"{name} {version}" for name in names if (version := case.system.version(name))]
        if len(versions) == len(names):
            yield Finding(Mark.OK, extra, ", ".join(versions))
        elif fits:
            message = f"not installed; only {purpose} needs it"
            yield Finding(Mark.NOTE, extra, message, _get_extra(extra))
        else:
            needs = f"it needs Python 3.10 to {NEWEST}, and on a Mac Apple silicon ({purpose})"
            yield Finding(Mark.NOTE, extra, f"not for this machine: {needs}")


def _get_extra(name: str) -> str:
    return f"scripts/extra {name}" if CHECKOUT else "get psc2's repository, which has scripts/extra"


# ── Ports


def loopback(case: Case) -> Iterator[Finding]:
    """Whether UDP packets arrive on 127.0.0.1."""
    taken_ms = case.system.loopback_ms()
    if taken_ms is None:
        fix = "sudo ip link set lo up" if case.system.platform is Platform.LINUX else ""
        message = "packets on 127.0.0.1 do not arrive: it is down, or a firewall stands there"
        yield Finding(Mark.MISSING, "loopback", message, fix)
    else:
        yield Finding(Mark.OK, "loopback", f"UDP on 127.0.0.1 arrives, in {taken_ms:.2f} ms")


def ports(case: Case) -> Iterator[Finding]:
    """Whether psc2's own UDP port and SuperCollider's are free, and who has one that is not."""
    if case.config is None:
        return
    osc = case.config.osc
    yield _receive_port(case.system, osc.receive_host, osc.receive_port)
    if osc.send_host not in LOCAL_HOSTS:
        yield Finding(Mark.NOTE, "send port", f"SuperCollider is on another machine, {osc.send_host}")
    elif case.system.bind_error(osc.send_host, osc.send_port) in TAKEN:
        message = f"{osc.send_port} is taken by {_holder(case.system, osc.send_port)}"
        yield Finding(Mark.NOTE, "send port", f"{message}; SuperCollider takes the next one, and tells psc2")
    else:
        yield Finding(Mark.OK, "send port", f"{osc.send_port} is free for SuperCollider")


def _receive_port(system: System, host: str, port: int) -> Finding:
    error = system.bind_error(host, port)
    if not error:
        return Finding(Mark.OK, "receive port", f"{port} is free")
    if error not in TAKEN:
        message = (
            f"psc2 cannot listen on {host}:{port}: {os.strerror(error) if error > 0 else 'no such host'}"
        )
        fix = "osc: {receive_host: 127.0.0.1, receive_port: 12345} in the configuration"
        return Finding(Mark.MISSING, "receive port", message, fix)
    after = range(port + 1, min(port + 1 + PORTS_TRIED, 65536))
    free = next((other for other in after if not system.bind_error(host, other)), None)
    fix = f"{PLAY} --receive-port {free}" if free else ""
    holder = _holder(system, port)
    if "psc2" in holder:
        message = f"{port}: psc2 is playing already, as {holder}; a second one needs another port"
        return Finding(Mark.NOTE, "receive port", message, fix)
    return Finding(Mark.MISSING, "receive port", f"{port} is taken by {holder}", fix)


def _holder(system: System, port: int) -> str:
    return holder_of(port, system) or "another program"


# ── Configuration, models, computer


def configuration(case: Case) -> Iterator[Finding]:
    """Whether the configuration can be used, and every problem if not."""
    for problem in case.problems:
        last = problem is case.problems[-1]
        fix = f"{shown(resources.DEFAULT_CONFIG)} explains every key" if last else ""
        yield Finding(Mark.MISSING, "configuration", problem, fix)
    if case.config is not None:
        yield Finding(Mark.OK, "configuration", f"{case.config_name} can be used")


def models(case: Case) -> Iterator[Finding]:
    """Whether the configuration's models answer in time, asked once as the instrument does."""
    if case.config is None:
        return
    for model, section in ((Model.MELODY, case.config.improv), (Model.DRUMS, case.config.drums)):
        what, name = f"{model.value} model", section.model
        try:
            catalogue.check(model, name, section.engine)
            taken_s = case.ask(model, name, section.engine)
        except ModelError as error:
            fix = _get_extra("magenta") if str(error) == catalogue.INSTALL_MAGENTA else f"{PSC2} models list"
            yield Finding(Mark.MISSING, what, str(error).removeprefix(f"{what}: "), fix)
        except GenerationError as error:
            message = f"{name} {error}; Markov would play in its place"
            yield Finding(Mark.MISSING, what, message, f"{PSC2} models list")
        else:
            message = f"{name} answers in {taken_s * 1000:.0f} ms; {section.deadline_s:g} s are allowed"
            slow = taken_s > section.deadline_s
            yield Finding(
                Mark.NOTE if slow else Mark.OK, what, message + ("; Markov would play" if slow else "")
            )


def computer(case: Case) -> Iterator[Finding]:
    """Whether load, disk and power settings leave the beat alone."""
    system = case.system
    cores, load, free = system.cores(), system.load(), system.free_bytes(str(resources.ROOT))
    governor = system.read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip()
    facts = [f"{cores} {'core' if cores == 1 else 'cores'}"]
    facts += [f"load {load:.1f}"] if load is not None else []
    facts += [f"governor {governor}"] if governor else []
    facts += [f"{free / 1e9:.1f} GB free"] if free != float("inf") else []
    if load is not None and load > cores:
        yield Finding(
            Mark.NOTE, "computer", ", ".join(facts), "end what else keeps it busy: it can make notes late"
        )
    elif free < MIN_FREE_BYTES:
        yield Finding(Mark.NOTE, "computer", ", ".join(facts), "make room on the disk")
    elif governor == "powersave":
        fix = "if notes come late, choose the performance mode of your desktop's power settings"
        yield Finding(Mark.NOTE, "computer", ", ".join(facts), fix)
    else:
        yield Finding(Mark.OK, "computer", ", ".join(facts))


def last_line(output: str) -> str:
    """The last line of a program's output that is not empty."""
    return next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "it says nothing")


def fields_of(line: str) -> list[str]:
    """The fields between the tabs of a line that is meant for psc2; none of any other line."""
    return line.rstrip("\r").split("\t") if line.startswith("psc2:\t") else []
