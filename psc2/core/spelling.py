"""How notes are spelled: names such as Bb for pitch classes, and which name a key gives one."""

from __future__ import annotations

import re

OCTAVE = 12  # semitones
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
ALTERATIONS = {"": 0, "#": 1, "b": -1, "##": 2, "bb": -2}
LETTERS = "CDEFGAB"
DEGREES = (
    0,
    1,
    1,
    2,
    2,
    3,
    3,
    4,
    5,
    5,
    6,
    6,
)  # of a scale, by semitones above the tonic: b2, 2, b3, 3, 4, #4 …
AWKWARD = ("Cb", "Fb", "E#", "B#")  # right in some keys, and slow to read in all

# Where no key says it: the keys that jazz is mostly in have flats, but for minor chords on C#, F# and G#.
FLATS = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
SHARPS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
OF_MINOR = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")


def pitch_class(name: str) -> int:
    """The pitch class of a note, 0–11. Raises: ValueError.

    >>> pitch_class("C"), pitch_class("Bb"), pitch_class("Cb")
    (0, 10, 11)
    """
    match = re.fullmatch("([A-G])(|#|b|##|bb)", name)
    if match is None:
        raise ValueError(f"expected a note such as Bb, got {name}")
    return (SEMITONES[match[1]] + ALTERATIONS[match[2]]) % OCTAVE


def plain(number: int, is_minor: bool = False) -> str:
    """The name of a pitch class where no key says it; ``is_minor``: as the root of a minor chord.

    >>> plain(6), plain(6, is_minor=True)
    ('Gb', 'F#')
    """
    return (OF_MINOR if is_minor else FLATS)[number % OCTAVE]


def spelled(number: int, tonic: str) -> str:
    """The name of a pitch class, as the key of ``tonic`` or a chord on it has it.

    >>> spelled(6, "D"), spelled(6, "Db"), spelled(10, "G"), spelled(4, "Ab")
    ('F#', 'Gb', 'Bb', 'E')
    """
    degree = DEGREES[(number - pitch_class(tonic)) % OCTAVE]
    letter = LETTERS[(LETTERS.index(tonic[0]) + degree) % len(LETTERS)]
    sharps = (number - SEMITONES[letter] + OCTAVE // 2) % OCTAVE - OCTAVE // 2
    name = letter + ("#" * sharps if sharps > 0 else "b" * -sharps)
    return plain(number) if abs(sharps) > 1 or name in AWKWARD else name


def tonic_of(key: str) -> str:
    """The tonic of a key such as Eb or F#m.

    >>> tonic_of("F#m")
    'F#'
    """
    return key.removesuffix("m")


def transposed_key(key: str, semitones: int) -> str:
    """The key so many semitones higher; a key that is not known, "", stays so.

    >>> transposed_key("C", 1), transposed_key("Em", 2), transposed_key("Am", -1)
    ('Db', 'F#m', 'G#m')
    """
    if not key:
        return ""
    minor = key.endswith("m")
    return plain(pitch_class(tonic_of(key)) + semitones, minor) + ("m" if minor else "")
