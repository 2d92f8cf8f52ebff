"""What ``psc2 doctor`` looks at of JACK: whether a server runs, in which periods, with how many outputs."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from psc2.core.instruments import Layer
from psc2.doctor.checks import PLAY, Case, Finding, Mark, fields_of
from psc2.settings.config import Config
from psc2.settings.rig import rig_of
from psc2.supercollider import platforms
from psc2.supercollider.platforms import System

JACK_S = 6.0
PERIODS = 3  # of the sound card, from a note with a time tag to its sound: two of latency, and one

# A program of its own, as the library may hang. Each line: psc2: <tab> what <tab> fields.
PROBE = """
import ctypes, signal
signal.alarm(5)
def tell(*fields):
    print("psc2:", *fields, sep="\\t", flush=True)
try:
    jack = ctypes.CDLL("libjack.so.0")
except OSError:
    raise SystemExit(0)
version = ""
if hasattr(jack, "jack_get_version_string"):
    jack.jack_get_version_string.restype = ctypes.c_char_p
    version = (jack.jack_get_version_string() or b"").decode(errors="replace")
tell("library", version)
jack.jack_client_open.restype = ctypes.c_void_p
jack.jack_client_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
client = jack.jack_client_open(b"psc2doctor", 1, None)  # 1: start no server
if client:
    asked = jack.jack_get_sample_rate, jack.jack_get_buffer_size, jack.jack_is_realtime
    for function in asked:
        function.argtypes = [ctypes.c_void_p]
    tell("server", *(function(client) for function in asked))
    jack.jack_get_ports.restype = ctypes.POINTER(ctypes.c_char_p)
    jack.jack_get_ports.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong]
    audio = b"32 bit float mono audio"
    names = jack.jack_get_ports(client, None, audio, 1 | 4)  # JackPortIsInput, JackPortIsPhysical
    outputs = 0
    while names and names[outputs]:
        outputs += 1
    tell("outputs", outputs)
    jack.jack_client_close.argtypes = [ctypes.c_void_p]
    jack.jack_client_close(client)
"""


def server(case: Case) -> Iterator[Finding]:
    said = case.system.run([sys.executable, "-c", PROBE], JACK_S).said
    rows = {fields[1]: fields[2:] for fields in map(fields_of, said.splitlines()) if len(fields) > 1}
    version = next(iter(rows.get("library", ())), None)
    kind = "PipeWire as JACK" if version and "PipeWire" in version else "JACK"
    told = f"{kind} {version}" if version else kind
    if len(server := rows.get("server", ())) == 3:
        rate, frames, realtime = (int(number) for number in server)
        period_ms = 1000 * frames / rate
        told += f": {rate} Hz, {frames} frames ({period_ms:.1f} ms)"
        told += "" if realtime else ", without real-time priority"
        yield _latency(case.config, told, period_ms)
        if case.config is not None and (outputs := next(iter(rows.get("outputs", ())), None)):
            yield from _outputs(case.config, int(outputs))
        return
    starts = next((path for path in ("~/.jackdrc", "/etc/jackdrc") if case.system.glob(path)), None)
    if version is not None and starts and "JACK_NO_START_SERVER" not in case.system.environ:
        told = f"no server runs; SuperCollider starts one, as {starts} says"
        yield Finding(Mark.NOTE, "JACK", told)
    else:
        yield _no_jack(case.system, version)


def _latency(config: Config | None, told: str, period_ms: float) -> Finding:
    needed_ms = PERIODS * period_ms
    if config is None or config.output.lookahead_ms >= needed_ms:
        return Finding(Mark.OK, "JACK", told)
    told += f"; the loop would come late with output.lookahead_ms: {config.output.lookahead_ms:g}"
    if needed_ms > 200:
        return Finding(Mark.NOTE, "JACK", told, "start JACK with fewer frames: -p 256")
    return Finding(
        Mark.NOTE,
        "JACK",
        told,
        f"output: {{lookahead_ms: {-(-needed_ms // 20) * 20:g}}} in the configuration",
    )


def _outputs(config: Config, there: int) -> Iterator[Finding]:
    """The settings that send sound to outputs that the sound card has not."""
    rig = rig_of(config.output.target, config.output.midi, config.sound)
    for strip in rig.strips:
        if strip.heard and strip.out + 1 > there:
            is_click = strip.layer is Layer.CLICK
            name = "click_out" if is_click else f"out.{strip.layer.value}"
            wanted = f"outputs {strip.out} and {strip.out + 1}"
            told = f"sound.{name}: {strip.out} wants {wanted}, and JACK has {there}: it is not heard"
            setting = "click_out: 1" if is_click else f"out: {{{strip.layer.value}: 1}}"
            mend = (
                f"sound: {{{setting}}} in the configuration; or start JACK on a sound card with more outputs"
            )
            yield Finding(Mark.NOTE, f"{strip.layer.value} out", told, mend)


def _no_jack(system: System, version: str | None) -> Finding:
    """Why there is none, and the one way to one."""
    if platforms.pipewire_runs(system):
        if system.which("pw-jack"):
            told = "no JACK server runs; PipeWire does, and can be one"
            return Finding(Mark.MISSING, "JACK", told, f"pw-jack {PLAY}")
        mend = platforms.install("pw-jack", system)
        if mend:
            told = f"no JACK server runs; PipeWire does, and can be one: then pw-jack {PLAY}"
            return Finding(Mark.MISSING, "JACK", told, mend)
    if version is None or not system.which("jackd"):
        return Finding(Mark.MISSING, "JACK", "not installed", platforms.install("jackd", system))
    cards = platforms.sound_cards(system)
    if not cards:
        told = "no JACK server runs, and there is no sound card; this one plays into nothing:"
        return Finding(Mark.MISSING, "JACK", told, "jackd -r -d dummy &")
    told = f"no JACK server runs; sound cards: {', '.join(cards)}"
    card = cards[0].split(" ")[0]
    return Finding(Mark.MISSING, "JACK", told, f"jackd -d alsa -d hw:{card} &")
