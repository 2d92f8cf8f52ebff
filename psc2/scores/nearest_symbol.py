"""The chord symbol that somebody may have meant by one that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches

USUAL = (
    "m",
    "maj7",
    "m7",
    "7",
    "6",
    "m6",
    "69",
    "m69",
    "9",
    "m9",
    "maj9",
    "13",
    "m11",
    "dim",
    "dim7",
    "m7b5",
    "aug",
    "mMaj7",
    "7b9",
    "7#9",
    "7#11",
    "7b13",
    "7#5",
    "7b5",
    "7alt",
    "7sus",
    "9sus",
    "13sus",
    "sus",
    "sus2",
    "add9",
    "maj7#11",
    "maj7#5",
    "13b9",
    "7b9b13",
    "7b9sus",
)
GERMAN = {"is": "#", "es": "b", "s": "b"}  # Fis, Des and Es
GERMAN_NOTE = re.compile(r"([A-Ga-g])(is|es|s(?!us))")
ROOT = re.compile(r"([A-Ga-g](?:##|bb|#|b)?)(.*)", re.DOTALL)
LIKE = 0.5  # how much of two qualities is the same, 0–1, for one to be offered

TOO_MANY = 3  # signs that may stand behind a symbol; before more it was none


def guess(text: str, symbol_of: Callable[[str], str | None]) -> str:
    """A symbol that is read and is like ``text``; "" if there is none.

    ``symbol_of``: the usual spelling of a symbol, None for what is no chord.

    >>> guess("Cmjr7", {"Cmaj7": "Cmaj7"}.get), guess("what", {"A": "A"}.get)
    ('Cmaj7', '')
    """
    match = ROOT.fullmatch(text)
    tries = [GERMAN_NOTE.sub(lambda note: note[1].upper() + GERMAN[note[2]], text, count=1)]
    if text[:1] in ("H", "h"):
        tries.append(f"B{text[1:]}")
    if match:
        root, rest = match[1][0].upper() + match[1][1:], match[2]
        tries += [f"{root}{quality}" for quality in get_close_matches(rest, USUAL, 1, LIKE)]
        tries += [
            f"{root}{rest[:length]}" for length in range(len(rest), max(-1, len(rest) - TOO_MANY - 1), -1)
        ]
    return next((symbol for symbol in map(symbol_of, tries) if symbol), "")
