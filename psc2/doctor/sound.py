"""What ``psc2 doctor`` looks at of the sound: SuperCollider, JACK, MIDI and who is plugged in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from psc2 import resources
from psc2.core.rig import MidiPart
from psc2.doctor import jack
from psc2.doctor.findings import PLAY, Case, Device, Devices, Finding, Mark, last_line, rows_of
from psc2.settings.rig import rig_of
from psc2.supercollider import platforms
from psc2.supercollider.platforms import Platform, System

SCRIPT = resources.SCLANG_SCRIPT.with_name("devices.scd")
TESTED_VERSION = "3.13"  # the SuperCollider that psc2 is tested with
VERSION_TIMEOUT_S = 5.0
DEVICES_TIMEOUT_S = 10.0
SEQUENCER = "/dev/snd/seq"
MIN_MEMLOCK_BYTES = 64e6  # less may be too little for JACK's buffers

# ── SuperCollider


def supercollider(case: Case) -> Iterator[Finding]:
    """Whether sclang and scsynth are installed, where, and in which version."""
    system = case.system
    places = {program: _place(program, system) for program in ("sclang", "scsynth")}
    fix = platforms.install("sclang", system)
    if not any(places.values()):
        message = "neither sclang nor scsynth is installed; without them the page in a browser sounds"
        yield Finding(Mark.MISSING, "SuperCollider", message, fix)
        return
    versions = {}
    for program, place in places.items():
        if place is None:
            yield Finding(Mark.MISSING, program, "not installed", fix)
            continue
        output = system.run([place, "-v"], VERSION_TIMEOUT_S, platforms.environment("127.0.0.1", 0)).output
        found = re.search(rf"{program} (\d\S*)", output)
        if found is None:
            message = f"{place} does not tell its version: {last_line(output)}"
            yield Finding(Mark.MISSING, program, message, f"{place} -v, and see what it says")
        else:
            versions[program] = found[1]
            tested = found[1].startswith(TESTED_VERSION)
            untested = "" if tested else f" (psc2 is tested with {TESTED_VERSION})"
            yield Finding(Mark.OK, program, f"{found[1]}{untested}, {place}")
    if len(set(versions.values())) > 1:
        message = "sclang and scsynth are of different versions; two installations?"
        yield Finding(Mark.NOTE, "SuperCollider", message, fix)


def _place(program: str, system: System) -> str | None:
    return platforms.find_program(program, system.platform, system.which, system.glob)


# ── The system's sound


def sound_server(case: Case) -> Iterator[Finding]:
    """Whether SuperCollider's sound has somewhere to go: JACK, or the system's own sound."""
    match case.system.platform:
        case Platform.LINUX:
            yield from jack.server(case)
        case Platform.MACOS:
            yield Finding(Mark.OK, "audio", "CoreAudio: the output that System Settings → Sound has")
        case Platform.WINDOWS:
            message = "Windows's default device by MME, which is slow"
            fix = 'Server.default.options.device = "ASIO : …" in SuperCollider\'s startup file'
            yield Finding(Mark.NOTE, "audio", message, fix)


def realtime(case: Case) -> Iterator[Finding]:
    """Whether sound may have real-time priority and locked memory, on Linux."""
    system = case.system
    if system.platform is not Platform.LINUX:
        return
    allowed, memory = system.rtprio(), system.memlock_bytes()
    memory_message = "any memory locked" if memory == float("inf") else f"{memory / 1e6:.0f} MB locked"
    if system.is_root():
        message = "you are root, who may have any priority; better play as yourself"
        yield Finding(Mark.NOTE, "real time", message)
    elif allowed > 0 and memory >= MIN_MEMLOCK_BYTES:
        yield Finding(Mark.OK, "real time", f"priority up to {allowed}, {memory_message}")
    else:
        message = (
            f"priority up to {allowed}, {memory_message}: JACK may crackle. Afterwards, log out and in again"
        )
        yield Finding(Mark.NOTE, "real time", message, platforms.allow_realtime(system))


# ── MIDI


def sequencer(case: Case) -> Iterator[Finding]:
    """Whether ALSA's sequencer is there and allowed, through which all MIDI goes on Linux."""
    system = case.system
    if system.platform is not Platform.LINUX:
        return
    root = platforms.as_root(system)
    if not system.glob(SEQUENCER):
        message = f"there is no {SEQUENCER}: no keyboard can be heard"
        yield Finding(Mark.MISSING, "ALSA MIDI", message, f"{root}modprobe snd-seq")
    elif not system.writable(SEQUENCER):
        message = f"{SEQUENCER} is not for you: no keyboard can be heard. Afterwards, log out and in again"
        yield Finding(Mark.MISSING, "ALSA MIDI", message, f"{root}usermod -aG audio $USER")
    else:
        yield Finding(Mark.OK, "ALSA MIDI", SEQUENCER)


def find_devices(system: System) -> Devices:
    """Ask sclang which MIDI ports and sound cards it sees; takes a second or two."""
    sclang = _place("sclang", system)
    if sclang is None:
        return Devices(midi=False, error="sclang is not installed")
    command = [sclang, str(SCRIPT)]
    result = system.run(command, DEVICES_TIMEOUT_S, platforms.environment("127.0.0.1", 0))
    rows = rows_of(result.output)
    if ["end"] not in rows:
        return Devices(midi=False, error=_error_of(result.output))
    here = [row for row in rows if len(row) == 3 and platforms.is_instrument(row[1], system.platform)]
    return Devices(
        sources=tuple(Device(row[1], row[2]) for row in here if row[0] == "source"),
        destinations=tuple(Device(row[1], row[2]) for row in here if row[0] == "destination"),
        audio=tuple(row[1] for row in rows if row[0] == "audio" and len(row) == 2),
        midi=["no midi"] not in rows,
    )


def _error_of(output: str) -> str:
    """Why sclang did not list its devices: its first error, or its last line."""
    errors = (line.strip() for line in output.splitlines() if "ERROR" in line)
    return f"sclang stops before it has listed them: {next(errors, last_line(output))}"


def devices(case: Case) -> Iterator[Finding]:
    """The MIDI ports and sound cards, as SuperCollider sees them."""
    seen = case.devices()
    if seen is None:
        return
    if seen.error and _place("sclang", case.system) is None:
        yield Finding(Mark.NOTE, "devices", "sclang, which would list them, is not there")
        return
    if seen.error:
        yield Finding(Mark.MISSING, "devices", seen.error, "sclang, and see what it says")
        return
    yield _sources(case.system, seen)
    out = _names(seen.destinations)
    yield Finding(
        Mark.OK, "MIDI out", out or "none is plugged in (none is needed unless output.target says midi)"
    )
    cards = platforms.sound_cards(case.system) if case.system.platform is Platform.LINUX else seen.audio
    yield Finding(Mark.OK if cards else Mark.NOTE, "sound cards", ", ".join(cards) or "none")


def _sources(system: System, seen: Devices) -> Finding:
    """The keyboards and controllers that are plugged in, or why there are none."""
    if seen.sources:
        return Finding(Mark.OK, "MIDI in", _names(seen.sources))
    if seen.midi:
        fix = "plug one in and switch it on: psc2 finds it within two seconds, also while it plays"
        return Finding(Mark.MISSING, "MIDI in", "no keyboard or controller is there", fix)
    if system.platform is Platform.LINUX and not system.glob(SEQUENCER):
        return Finding(Mark.NOTE, "MIDI in", "none, for want of ALSA MIDI")
    return Finding(Mark.MISSING, "MIDI in", "SuperCollider cannot open MIDI")


def midi_outputs(case: Case) -> Iterator[Finding]:
    """Whether the MIDI ports are there that the configuration plays to."""
    seen = case.devices()
    if case.config is None or seen is None or seen.error:
        return
    names = [port.port_name for port in seen.destinations]
    inputs = [port.port_name for port in seen.sources]
    keyboard = case.system.environ.get("PSC2_KEYBOARD", "")
    rig = rig_of(case.config.output.target, case.config.output.midi, case.config.sound)
    for part in rig.midi_parts:
        yield _midi_output(part, names, inputs, keyboard)


def _midi_output(part: MidiPart, names: Sequence[str], inputs: Sequence[str], keyboard: str) -> Finding:
    """Whether a layer's MIDI port is there, and whether psc2 still listens to what is played on it."""
    what = f"{part.layer.value} by MIDI"
    found = _port_of(part.port, names, inputs)
    if not found:
        wanted = f'no MIDI output "{part.port}"' if part.port else "no MIDI output"
        message = f"{wanted} (there {'are: ' + ', '.join(names) if names else 'is none'})"
        other = _port_of("", names, inputs)
        setting = f'output: {{midi: {{{part.layer.value}: {{port: "{other}"}}}}}} in the configuration'
        return Finding(Mark.MISSING, what, message, setting if other else "plug it in")
    message = f"{found}, channel {part.channel}"
    if found not in inputs or (keyboard and keyboard.casefold() in found.casefold()):
        return Finding(Mark.OK, what, message)
    if part.port:
        message += "; psc2 then does not listen to it, so that no echo plays it again"
        return Finding(Mark.NOTE, what, message, f'PSC2_KEYBOARD="{found}" {PLAY}, if you play on it')
    message += ": somebody plays on it, but there is no other MIDI output"
    fix = f"plug in an instrument; or name one: output.midi.{part.layer.value}.port"
    return Finding(Mark.NOTE, what, message, fix)


def _port_of(wanted: str, names: Sequence[str], inputs: Sequence[str]) -> str | None:
    """The port that SuperCollider finds by a part of its name, by the rule of ``midi_out.scd``."""
    fitting = [name for name in names if wanted.casefold() in name.casefold()]
    others = [] if wanted else [name for name in fitting if name not in inputs]
    return next(iter(others or fitting), None)


def controller(case: Case) -> Iterator[Finding]:
    """Whether the device is there whose buttons the configuration knows."""
    seen = case.devices()
    if case.config is None or seen is None or seen.error or not seen.midi:
        return
    wanted = case.config.controller_map.name
    names = [port.port_name for port in seen.sources]
    found = next((name for name in names if wanted.casefold() in name.casefold()), None)
    if found:
        yield Finding(Mark.OK, "controller", found)
    else:
        fix = (
            "plug it in; or, with another one in the same layout, press its play button once while psc2 plays"
        )
        yield Finding(Mark.NOTE, "controller", f"no {wanted} is plugged in", fix)


def _names(ports: Sequence[Device]) -> str:
    return ", ".join(port.port_name for port in ports)
