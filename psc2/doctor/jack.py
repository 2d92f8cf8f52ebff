"""What ``psc2 doctor`` looks at of JACK: whether a server runs, in which periods, with how many outputs."""

from __future__ import annotations

from collections.abc import Iterator

from psc2.core.instruments import Layer
from psc2.core.ranges import LOOKAHEADS_MS
from psc2.core.setup import LATENCY_PERIODS
from psc2.doctor.findings import PLAY, Case, Finding, Mark, rows_of
from psc2.models.child import python
from psc2.settings.config import Config
from psc2.settings.rig import rig_of
from psc2.supercollider import platforms
from psc2.supercollider.platforms import System

PROBE_TIMEOUT_S = 6.0

# A program of its own, as the library may hang. Each line: psc2: <tab> what <tab> fields.
PROBE = """
import ctypes, signal
signal.alarm(5)
def write(*fields):
    print("psc2:", *fields, sep="\\t", flush=True)
try:
    jack = ctypes.CDLL("libjack.so.0")
except OSError:
    raise SystemExit(0)
version = ""
if hasattr(jack, "jack_get_version_string"):
    jack.jack_get_version_string.restype = ctypes.c_char_p
    version = (jack.jack_get_version_string() or b"").decode(errors="replace")
write("library", version)
jack.jack_client_open.restype = ctypes.c_void_p
jack.jack_client_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
client = jack.jack_client_open(b"psc2doctor", 1, None)  # 1: start no server
if client:
    functions = jack.jack_get_sample_rate, jack.jack_get_buffer_size, jack.jack_is_realtime
    for function in functions:
        function.argtypes = [ctypes.c_void_p]
    write("server", *(function(client) for function in functions))
    jack.jack_get_ports.restype = ctypes.POINTER(ctypes.c_char_p)
    jack.jack_get_ports.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong]
    audio = b"32 bit float mono audio"
    names = jack.jack_get_ports(client, None, audio, 1 | 4)  # JackPortIsInput, JackPortIsPhysical
    outputs = 0
    while names and names[outputs]:
        outputs += 1
    write("outputs", outputs)
    jack.jack_client_close.argtypes = [ctypes.c_void_p]
    jack.jack_client_close(client)
"""


def server(case: Case) -> Iterator[Finding]:
    """Whether a JACK server runs, with which period, and with the outputs that the configuration wants."""
    output = case.system.run(python(PROBE), PROBE_TIMEOUT_S).output
    rows = {what: fields for what, *fields in rows_of(output)}
    version = next(iter(rows.get("library", ())), None)
    kind = "PipeWire as JACK" if version and "PipeWire" in version else "JACK"
    message = f"{kind} {version}" if version else kind
    if len(server := rows.get("server", ())) == 3:
        rate, frames, realtime = (int(number) for number in server)
        period_ms = 1000 * frames / rate
        message += f": {rate} Hz, {frames} frames ({period_ms:.1f} ms)"
        message += "" if realtime else ", without real-time priority"
        yield _latency(case.config, message, period_ms)
        if case.config is not None and (outputs := next(iter(rows.get("outputs", ())), None)):
            yield from _outputs(case.config, int(outputs))
        return
    starts = next((path for path in ("~/.jackdrc", "/etc/jackdrc") if case.system.glob(path)), None)
    if version is not None and starts and "JACK_NO_START_SERVER" not in case.system.environ:
        message = f"no server runs; SuperCollider starts one, as {starts} says"
        yield Finding(Mark.NOTE, "JACK", message)
    else:
        yield _no_jack(case.system, version)


def _latency(config: Config | None, message: str, period_ms: float) -> Finding:
    """Whether the loop's look-ahead is long enough for JACK's period, in milliseconds."""
    needed_ms = LATENCY_PERIODS * period_ms
    chosen_ms = None if config is None else config.output.lookahead_ms  # None: as the sound server needs it
    if needed_ms <= LOOKAHEADS_MS.high if chosen_ms is None else chosen_ms >= needed_ms:
        return Finding(Mark.OK, "JACK", message)
    if needed_ms > LOOKAHEADS_MS.high:
        message += "; the loop would come late"
        return Finding(Mark.NOTE, "JACK", message, "start JACK with fewer frames: -p 256")
    message += f"; the loop would come late with output.lookahead_ms: {chosen_ms:g}"
    return Finding(Mark.NOTE, "JACK", message, "output: {lookahead_ms: auto} in the configuration")


def _outputs(config: Config, there: int) -> Iterator[Finding]:
    """The settings that send sound to outputs that JACK, which has ``there`` of them, has not."""
    rig = rig_of(config.output.target, config.output.midi, config.sound)
    for strip in rig.strips:
        if strip.in_supercollider and strip.out + 1 > there:
            is_click = strip.layer is Layer.CLICK
            name = "click_out" if is_click else f"out.{strip.layer.value}"
            wanted = f"outputs {strip.out} and {strip.out + 1}"
            message = f"sound.{name}: {strip.out} wants {wanted}, and JACK has {there}: it is not heard"
            setting = "click_out: 1" if is_click else f"out: {{{strip.layer.value}: 1}}"
            fix = (
                f"sound: {{{setting}}} in the configuration; or start JACK on a sound card with more outputs"
            )
            yield Finding(Mark.NOTE, f"{strip.layer.value} out", message, fix)


def _no_jack(system: System, version: str | None) -> Finding:
    """Why no JACK server runs, and the one command that starts or installs one."""
    if platforms.pipewire_runs(system):
        if system.which("pw-jack"):
            message = "no JACK server runs; PipeWire does, and can be one"
            return Finding(Mark.MISSING, "JACK", message, f"pw-jack {PLAY}")
        fix = platforms.install("pw-jack", system)
        if fix:
            message = f"no JACK server runs; PipeWire does, and can be one: then pw-jack {PLAY}"
            return Finding(Mark.MISSING, "JACK", message, fix)
    if version is None or not system.which("jackd"):
        return Finding(Mark.MISSING, "JACK", "not installed", platforms.install("jackd", system))
    cards = platforms.sound_cards(system)
    if not cards:
        message = "no JACK server runs, and there is no sound card; this one plays into nothing:"
        return Finding(Mark.MISSING, "JACK", message, "jackd -r -d dummy &")
    message = f"no JACK server runs; sound cards: {', '.join(cards)}"
    card = cards[0].split(" ")[0]
    return Finding(Mark.MISSING, "JACK", message, f"jackd -d alsa -d hw:{card} &")
