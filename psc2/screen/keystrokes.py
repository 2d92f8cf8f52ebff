"""What a terminal sends → keystrokes: characters, arrows, presses and releases if it tells them; no paste."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

SEQUENCE_S = 0.050  # within which the rest of a sequence follows; an ESC alone is the key
PASTE_S = 1.0  # after so long a pause a paste is over, though its end was not sent

ESCAPE = "\x1b"
PASTE, PASTE_END, FOCUS_OUT = "\x1b[200~", "\x1b[201~", "\x1b[O"
# The console's function keys, then all that a terminal sends by ECMA-48, then keys in application mode.
SEQUENCE = re.compile(r"\x1b\[\[.|\x1b\[[0-?]*[ -/]*[@-~]|\x1bO[@-~]", re.DOTALL)
UNFINISHED = re.compile(r"\x1b(?:\[\[?|\[[0-?]+[ -/]*|O)?")

NAMES = {"\r": "enter", "\n": "enter", "\t": "tab", ESCAPE: "escape", "\x7f": "backspace", "\b": "backspace"}
ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
SHIFT, OTHERS, CTRL = 0b1, 0b111110, 0b100  # of a modifier field less 1; the others are alt, ctrl, super …
FUNCTIONAL = range(57_344, 63_744)  # code points for keys that are no characters
LEAVE, END = "focus out", "ctrl+c"  # names of what is no character


class Kind(Enum):
    """What is known of a key."""

    TYPED = "typed"  # pressed, or held: most terminals send both alike, and nothing when it comes up
    PRESSED = "pressed"
    REPEATED = "repeated"
    RELEASED = "released"


KINDS = {"1": Kind.PRESSED, "2": Kind.REPEATED, "3": Kind.RELEASED}


@dataclass(frozen=True, slots=True)
class Keystroke:
    """A key, by its character or its name, and what happened to it."""

    key: str
    kind: Kind = Kind.TYPED


class Decoder:
    """Reads keystrokes off what has come so far, and keeps what is not complete.

    Source: ECMA-48 5.4; https://sw.kovidgoyal.net/kitty/keyboard-protocol.

    >>> Decoder().feed("b\\x1b[A")
    [Keystroke(key='b', kind=<Kind.TYPED: 'typed'>), Keystroke(key='up', kind=<Kind.TYPED: 'typed'>)]
    """

    def __init__(self) -> None:
        self._rest = ""
        self._is_pasting = False
        self._pressed: dict[int, str] = {}  # keys that are down, by their code

    def patience_s(self) -> float | None:
        """How long to wait for more before ``flush``; None while there is nothing to wait for."""
        if self._is_pasting:
            return PASTE_S
        return SEQUENCE_S if self._rest else None

    def feed(self, text: str) -> list[Keystroke]:
        """The keystrokes that are complete with ``text``. What is pasted has none."""
        self._rest += text
        return list(self._decode())

    def flush(self) -> list[Keystroke]:
        """Nothing has followed: an ESC, and a bracket after it, have been typed; a paste is over."""
        rest, self._rest = self._rest, ""
        if self._is_pasting or len(rest) > len("\x1b["):
            self._is_pasting = False
            return []
        return [Keystroke(NAMES.get(character, character)) for character in rest]

    def _decode(self) -> Iterator[Keystroke]:
        while self._rest:
            if self._is_pasting:
                if not self._skip_paste():
                    return
            elif found := SEQUENCE.match(self._rest):
                self._rest = self._rest[found.end() :]
                yield from self._meaning(found[0])
            elif UNFINISHED.fullmatch(self._rest):
                return
            else:  # an ESC that begins nothing is the key: also before a letter, as Alt sends it
                character, self._rest = self._rest[0], self._rest[1:]
                key = NAMES.get(character, character)
                if key.isprintable():
                    yield Keystroke(key)

    def _skip_paste(self) -> bool:
        """Whether the paste has ended; its text is dropped."""
        _, end, after = self._rest.partition(PASTE_END)
        self._is_pasting = not end
        self._rest = after if end else self._rest[1 - len(PASTE_END) :]
        return bool(end)

    def _meaning(self, sequence: str) -> Iterator[Keystroke]:
        if sequence == PASTE:
            self._is_pasting = True
        elif sequence == FOCUS_OUT:
            self._pressed.clear()
            yield Keystroke(LEAVE)
        elif sequence[-1] in ARROWS and not sequence.startswith("\x1b[["):
            event = sequence[2:-1].partition(":")[2]
            yield Keystroke(ARROWS[sequence[-1]], KINDS.get(event, Kind.TYPED))
        elif sequence[-1] == "u" and re.fullmatch(r"[\d;:]+", sequence[2:-1]):
            yield from self._reported(sequence[2:-1])

    def _reported(self, fields: str) -> Iterator[Keystroke]:
        """A key as the kitty protocol reports it: ``code:…;modifiers:event;text``."""
        codes, modifiers, text, *_ = [*fields.split(";"), "", ""]
        code = int(codes.partition(":")[0] or 0)
        held, _, event = modifiers.partition(":")
        kind = KINDS.get(event, Kind.PRESSED)
        if kind is Kind.RELEASED:
            if key := self._pressed.pop(code, ""):
                yield Keystroke(key, kind)
        elif key := _key(code, int(held or 1) - 1, text):
            self._pressed[code] = key
            yield Keystroke(key, kind)


def _key(code: int, modifiers: int, text: str) -> str:
    """The key's character or name, empty for one that stands for nothing."""
    if modifiers & OTHERS:
        return END if chr(min(code, 127)) == "c" and modifiers & OTHERS == CTRL else ""
    if code in map(ord, NAMES):
        return NAMES[chr(code)]
    if text.isdigit() and int(text) <= 0x10FFFF:
        return chr(int(text))
    if code in FUNCTIONAL or not 32 <= code <= 0x10FFFF:
        return ""
    return chr(code).upper() if modifiers & SHIFT else chr(code)
