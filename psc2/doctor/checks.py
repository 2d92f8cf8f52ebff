"""What ``psc2 doctor`` looks at besides packages and sound: Python, ports, models, computer and more."""

from __future__ import annotations

import errno
import os
import platform
import sys
from collections.abc import Iterator

from psc2 import resources, version
from psc2.core.requests import Model
from psc2.doctor.findings import PLAY, Case, Finding, Mark, get_extra
from psc2.doctor.packages import NEWEST, NEWEST_PYTHON
from psc2.errors import ModelError
from psc2.models import catalogue
from psc2.models.generation import GenerationError
from psc2.resources import COMMAND
from psc2.settings.yaml_file import shown
from psc2.supercollider.platforms import Platform, System, close_port, holder_of

MIN_FREE_BYTES = 500e6  # on the disk
PORTS_TRIED = 20  # how many ports after a taken one are tried
TAKEN = (errno.EADDRINUSE, 10048)  # 10048: Windows's own
LOCAL_HOSTS = ("127.0.0.1", "localhost", "0.0.0.0")


def python(case: Case) -> Iterator[Finding]:
    """Whether psc2 plays on this Python and this platform."""
    here = f"{platform.python_version()}, {case.system.platform.value} on {platform.machine()}"
    if case.system.platform is Platform.WINDOWS:
        message = f"{here}: psc2 cannot play on Windows yet"
        yield Finding(
            Mark.MISSING,
            "Python",
            message,
            f"use Linux or macOS; {COMMAND} demo and {COMMAND} models may work here",
        )
    elif sys.version_info[:2] > NEWEST_PYTHON:
        yield Finding(Mark.NOTE, "Python", f"{here}: psc2 is tested with Python up to {NEWEST}")
    else:
        yield Finding(Mark.OK, "Python", here)


def own_version(case: Case) -> Iterator[Finding]:
    """Which psc2 this is, and where."""
    yield Finding(Mark.OK, "psc2", f"{version.describe()}, in {resources.ROOT}")


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
    if osc.send_host in LOCAL_HOSTS:
        message = (
            f"{osc.send_port} is open to every network while SuperCollider runs, which cannot do otherwise; "
            "only this computer is obeyed there"
        )
        yield Finding(Mark.NOTE, "open port", message, close_port(osc.send_port, case.system))


def _receive_port(system: System, host: str, port: int) -> Finding:
    error = system.bind_error(host, port)
    if not error:
        return Finding(Mark.OK, "receive port", f"{port} is free")
    if error not in TAKEN:
        why = os.strerror(error) if error > 0 else "no such host"
        message = f"psc2 cannot listen on {host}:{port}: {why}"
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
            fix = (
                get_extra("magenta") if str(error) == catalogue.INSTALL_MAGENTA else f"{COMMAND} models list"
            )
            yield Finding(Mark.MISSING, what, str(error).removeprefix(f"{what}: "), fix)
        except GenerationError as error:
            message = f"{name} {error}; Markov would play in its place"
            yield Finding(Mark.MISSING, what, message, f"{COMMAND} models list")
        else:
            message = f"{name} answers in {taken_s * 1000:.0f} ms; {section.deadline_s:g} s are allowed"
            if taken_s > section.deadline_s:
                yield Finding(Mark.NOTE, what, f"{message}; Markov would play")
            else:
                yield Finding(Mark.OK, what, message)


def computer(case: Case) -> Iterator[Finding]:
    """Whether load, disk and power settings leave the beat alone."""
    system = case.system
    cores, load, free = system.cores(), system.load(), system.free_bytes(str(resources.ROOT))
    governor = system.read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").strip()
    facts = [f"{cores} {'core' if cores == 1 else 'cores'}"]
    facts += [f"load {load:.1f}"] if load is not None else []
    facts += [f"governor {governor}"] if governor else []
    facts += [f"{free / 1e9:.1f} GB free"] if free != float("inf") else []
    fix = ""
    if load is not None and load > cores:
        fix = "end what else keeps it busy: it can make notes late"
    elif free < MIN_FREE_BYTES:
        fix = "make room on the disk"
    elif governor == "powersave":
        fix = "if notes come late, choose the performance mode of your desktop's power settings"
    yield Finding(Mark.NOTE if fix else Mark.OK, "computer", ", ".join(facts), fix)
