"""What the computer's keys stand for: a table of actions, and how it is shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from psc2.core.actions import ACTIONS, LOOPED
from psc2.core.events import Press
from psc2.core.instruments import Layer
from psc2.core.snapshot import Snapshot
from psc2.screen.piano import HIGHER, LOWER, TYPED_SOURCE
from psc2.screen.rows import BOLD, EMPTY, PLAIN, TURNED, Row, Span, fitted

HELP, QUIT, PIANO, PIANO_OFF, VOLUME_OF = "?", "q", "k", ("escape", "enter"), "v"
PEDAL = "tab"  # of the piano
PLAY_STOP, PANIC, TAP = " ", "p", "t"
LOSABLE = (Layer.BASS, Layer.CHORDS)  # layers that are gone with the program


@dataclass(frozen=True, slots=True)
class Binding:
    """What a key asks for."""

    action: str  # a name in ``psc2.core.actions.ACTIONS``
    layer: Layer | None = None
    step: float | None = None  # from the present value, where the action sets one
    repeats: bool = False  # whether a held key goes on


BINDINGS = {
    "b": Binding("record", Layer.BASS),
    "c": Binding("record", Layer.CHORDS),
    "B": Binding("clear", Layer.BASS),
    "C": Binding("clear", Layer.CHORDS),
    "d": Binding("deterministic_drums"),
    "D": Binding("model_drums"),
    "i": Binding("improv"),
    "f": Binding("free"),
    "u": Binding("undo"),
    "U": Binding("redo"),
    "o": Binding("overdub"),
    "h": Binding("listen"),
    "a": Binding("again"),
    "s": Binding("skip"),
    "M": Binding("lay_out"),
    "I": Binding("turns"),
    "H": Binding("harmony"),
    "x": Binding("bass_player"),
    "y": Binding("comping_player"),
    "K": Binding("keep_chorus"),
    "X": Binding("transpose"),
    "up": Binding("qpm", step=+1, repeats=True),
    "down": Binding("qpm", step=-1, repeats=True),
    "left": Binding("bars_down", repeats=True),
    "right": Binding("bars_up", repeats=True),
    "[": Binding("numerator_down", repeats=True),
    "]": Binding("numerator_up", repeats=True),
    "{": Binding("denominator_down"),
    "}": Binding("denominator_up"),
    **{str(n): Binding("mute", layer) for n, layer in enumerate(LOOPED, 1)},
    **{key: Binding("solo", layer) for key, layer in zip("!@#$", LOOPED, strict=True)},
    "w": Binding("swing", step=+1, repeats=True),
    "W": Binding("swing", step=-1, repeats=True),
    "S": Binding("learn_swing"),
    "e": Binding("quantise", step=+10, repeats=True),
    "E": Binding("quantise", step=-10, repeats=True),
    "m": Binding("metronome_only"),
    "n": Binding("click_beats"),
    "g": Binding("gap"),
    "r": Binding("ramp"),
    "R": Binding("ramp_back"),
    "(": Binding("count_in_down"),
    ")": Binding("count_in_up"),
    "-": Binding("volume", step=-0.05, repeats=True),
    "+": Binding("volume", step=+0.05, repeats=True),
    "=": Binding("volume", step=+0.05, repeats=True),  # + without shift
    ",": Binding("melody_temperature", step=-0.05, repeats=True),
    ".": Binding("melody_temperature", step=+0.05, repeats=True),
    "<": Binding("drums_temperature", step=-0.05, repeats=True),
    ">": Binding("drums_temperature", step=+0.05, repeats=True),
    TAP: Binding("tap"),
    "l": Binding("look_back"),
    "L": Binding("close_look_back"),
    "T": Binding("calibrate"),
}
REPEATING = frozenset(key for key, binding in BINDINGS.items() if binding.repeats)


@dataclass(frozen=True, slots=True)
class Typing:
    """How the computer's keyboard stands."""

    is_piano: bool = False
    octave: int = 4  # of the piano's lowest key
    is_pedal_down: bool = False
    layer: Layer = Layer.LEAD  # whose volume - and + change
    shows_keys: bool = False
    asks_to_quit: bool = False


def presses(key: str, now: Snapshot, at: float, layer: Layer = Layer.LEAD) -> list[Press]:
    """What a key asks for; nothing if it stands for no action. ``layer``: whose volume is changed."""
    if key == PLAY_STOP:
        return [Press(at, TYPED_SOURCE, "stop" if now.playing else "play")]
    if key == PANIC:  # which is what stop is while the loop is stopped
        return [Press(at, TYPED_SOURCE, "stop")] * (2 if now.playing else 1)
    binding = BINDINGS.get(key)
    if binding is None:
        return []
    if binding.action == "volume":
        binding = Binding("volume", layer, binding.step)
    return [Press(at, TYPED_SOURCE, binding.action, binding.layer, _value(binding, now))]


def pedal(is_down: bool, at: float) -> Press:
    """The piano's sustain pedal goes down, or up."""
    return Press(at, TYPED_SOURCE, "sustain", None, 127 if is_down else 0)


def _value(binding: Binding, now: Snapshot) -> float | None:
    """What the action sets: a step from the present value, within its range; None if it sets nothing."""
    values = ACTIONS[binding.action].values
    if binding.step is None or values is None:
        return None
    present = {
        "qpm": now.qpm,
        "swing": 100 * now.feel.ratio,
        "quantise": now.feel.quantise_percent,
        "melody_temperature": now.improv.temperature,
        "drums_temperature": now.beat_maker.temperature,
        "volume": now.mixer.faders[binding.layer or Layer.LEAD].gain,
    }[binding.action]
    return values.clamp(round(present + binding.step, 6))


# --- how it is shown ------------------------------------------------------------------

FOOTER = (  # in the order of the row; the last is never left out, the others the later ones first
    ("space", "play"), ("b", "bass"), ("c", "chords"), ("i", "improv"), ("f", "free"), ("u", "undo"),
    ("k", "piano"), ("d", "beat"), ("q", "quit"), ("↑↓", "tempo"), ("?", "keys"),
)  # fmt: skip
PIANO_FOOTER = (
    ("a w s … '", "notes"), ("ESC", "letters again"), (f"{LOWER} {HIGHER}", "octave"), ("tab", "pedal"),
    ("space", "play"), ("?", "keys"),
)  # fmt: skip
QUIT_FOOTER = (("ESC", "goes on"), ("q", "again quits"))
KEYS_SHOWN = (
    ("space p", "play, stop; panic: all silent"),
    ("b c", "record bass, chords"),
    ("B C", "clear bass, chords"),
    ("o u U", "overdub on, off; undo, redo"),
    ("d D", "bassline's beat, machine's"),
    ("i f M I", "improv, free; it off; turns"),
    ("h a s H", "listen; again; skip; harmony"),
    ("1 2 3 4", "mute click bass drums chords"),
    ("! @ # $", "solo click bass drums chords"),
    ("↑ ↓ t", "tempo, tap it"),
    ("← → [ ]", "fewer, more bars, beats a bar"),
    ("{ }", "longer, shorter beats"),
    ("( ) n g", "count-in; click's beats, gaps"),
    ("x y K X", "band bass, chords; keep; keys"),
    ("w W S", "more, less swing; as I play"),
    ("e E", "more, less quantised"),
    ("m", "metronome only, loop again"),
    ("r R", "tempo ramp, whether it returns"),
    ("- + v", "softer, louder {layer}; next"),
    (", . < >", "tamer, bolder melodies, beats"),
    ("l L T", "look back, close it; tap test"),
    ("k", "the piano: a w s e … from C on"),
    ("tab ESC", "its pedal, letters again"),
    ("? q", "these keys, quit"),
)
KEY_WIDTH, MIN_COLUMN_WIDTH, MAX_COLUMNS = 8, 38, 3
MIN_HEAD_ROWS = 2  # that the keys leave of what is above them


def footer_row(width: int, typing: Typing = Typing()) -> Row:
    """The most important keys in one row, as many as there is room for."""
    items = QUIT_FOOTER if typing.asks_to_quit else PIANO_FOOTER if typing.is_piano else FOOTER
    piano = f"PIANO C{typing.octave}{' pedal' if typing.is_pedal_down else ''}"
    title = "Quit?" if typing.asks_to_quit else piano if typing.is_piano else ""
    spans: list[Span] = [(" ", PLAIN), *([(f" {title} ", TURNED), (" ", PLAIN)] if title else [])]
    *others, last = [(key, f" {words}  ") for key, words in items]
    left = width - sum(len(text) for text, _ in spans) - len("".join(last).rstrip())
    for key, words in others:
        left -= len(key + words)
        if left < 0:
            break
        spans += [(key, BOLD), (words, PLAIN)]
    return (*spans, (last[0], BOLD), (last[1], PLAIN))


def with_keys(rows: Sequence[Row], width: int, typing: Typing) -> list[Row]:
    """A picture with the footer below it, and over its lower part all the keys, if they are asked for."""
    shown = [fitted(row, width) for row in _keys_rows(width, typing)] if typing.shows_keys else []
    shown = shown[: max(0, len(rows) - MIN_HEAD_ROWS)]
    return [*rows[: len(rows) - len(shown)], *shown, fitted(footer_row(width, typing), width)]


def _keys_rows(width: int, typing: Typing) -> Iterator[Row]:
    """All the keys, in columns."""
    columns = max(1, min(MAX_COLUMNS, (width - 1) // MIN_COLUMN_WIDTH))
    room, height = (width - 1) // columns, -(-len(KEYS_SHOWN) // columns)
    yield EMPTY
    for row in range(height):
        spans: list[Span] = [(" ", PLAIN)]
        for key, words in KEYS_SHOWN[row::height]:
            words = words.format(layer=typing.layer.value)
            spans += [(key.ljust(KEY_WIDTH), BOLD), (words.ljust(room - KEY_WIDTH), PLAIN)]
        yield tuple(spans)
