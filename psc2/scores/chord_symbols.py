"""Chord symbols as people write them, and as iReal Pro and the Weimar Jazz Database do.

Read are a root, what kind of chord it is, in any of the usual notations, tensions with their accidentals, and
a bass: ``Bbm7 Bb-7 Bbmin7``, ``Cmaj7 C^7 CΔ CM7 Cj7``, ``Bm7b5 Bø Bh7``, ``F#dim7 F#o7``, ``G+7 G7#5``,
``G7(b9,13)``, ``G7sus4``, ``Galt``, ``C6/9``, ``D7/F#``, ``N.C.``; and the names of scales, ``Ephryg`` for
``E7susb9``.

The Weimar Jazz Database writes accidentals behind the tensions, all in one with a 7 or a 6: ``C79#``,
``F7913b``, ``Dbj7911#``.

Sources: the chord syntax of the Jazzomat project, https://jazzomat.hfm-weimar.de; iReal Pro's list of chord
qualities, https://www.irealpro.com/ireal-pro-custom-chord-chart-protocol.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from psc2.core.harmony import (
    ALTERED,
    MAJOR_SEVENTH,
    MINOR_SEVENTH,
    NO_CHORD,
    SIXTH,
    TENSIONS,
    Chord,
    Quality,
    chord_on,
)
from psc2.core.spelling import pitch_class, plain
from psc2.errors import ChartError
from psc2.scores.nearest_symbol import guess
from psc2.text import printable

MAX_SHOWN = 24  # characters of a symbol
EXPECTED = "expected a chord such as Bbm7, F7b9, Cmaj7/E or N.C."
SIGNS = str.maketrans("♭♯＃Δ△∆øØ∅⌀ɵ½°º˚⁰○−–—‐‑⁄", "b##^^^hhhhhhooooo-----/")
NOTHING = re.compile(r"n\.?c\.?", re.IGNORECASE)
# In "Abb5" the second b is the fifth's.
NOTE = r"([A-Ga-g](?:##|bb{}|#|b)?)"
SYMBOL = re.compile(f"{NOTE.format('(?![569]|1[13])')}(.*?)(?:/{NOTE.format('')})?", re.DOTALL)
WEIMAR = re.compile(r"((?:(?:-j|-|\+j|\+|j|sus|o)?[67])|m7b5)((?:(?:9|11|13)[#b]?)+)")
WEIMAR_TENSION = re.compile(r"(9|11|13)([#b])")
SIX_NINE = re.compile(r"6/9|9/6")
# A chord that is named by its scale: what stands for the scale, and what may stand before it.
MODE = re.compile(
    r"(.*?)[\s(]*(?:(ion|dor|lyd)(?:ian)?|(phr)(?:yg(?:ian)?)?|(mix)(?:o(?:lyd(?:ian)?)?)?|(loc)(?:rian)?)[.)]*",
    re.IGNORECASE | re.DOTALL,
)
MODES = {
    "ion": ("maj7", "maj7 M7 ^7 ^ j7"),
    "dor": ("m7", "m7 -7 m - min7 mi7"),
    "phr": ("7susb9", "7 sus 7sus sus4 7sus4"),
    "mix": ("7", "7"),
    "loc": ("m7b5", "m7b5 -7b5 h h7"),
}
WORD = re.compile(
    r"(?P<major>(?i:maj(?:or)?\.?|ma(?!dd))|M(?![iI])|\^|j)"
    r"|(?P<minor>(?i:min(?:or)?\.?|mi)|m|-)"
    r"|(?P<half>(?:half-?|h)(?i:dim(?:inished)?)?)"
    r"|(?i:no|omit)(?P<no>[35])"
    r"|(?P<dim>(?i:dim(?:inished)?\.?)|o)"
    r"|(?P<alt>(?i:alt(?:ered)?\.?))"
    r"|(?P<dominant>(?i:dom\.?))"
    r"|(?i:add)(?P<add>[#b+]?(?:13|11|9|6|4|3|2))"
    r"|(?P<raised>\+7)"
    r"|(?P<aug>(?i:aug(?:mented)?\.?)5?|\+5?)"
    r"|(?i:sus(?:pended)?\.?)\(?(?P<sus>4|2(?!\d))?"
    r"|(?P<degree>[#b]?(?:13|11|9|7|6|5|4|2))(?:th)?"
    r"|(?P<over>/(?=[#b+-]?\d|(?i:ma|\^)|M))"
    r"|(?P<gap>[\s(),;\[\]{}]+)"
)
SIGNED = re.compile(r"([+-])(13|11|9|5|4)")  # after a number: 7-9 is 7b9, and 7+5 is 7#5
KEY = re.compile(r"([A-G][#b]?)\s*(m|-|min|minor|maj|major|)", re.IGNORECASE)
COMPOUND = {"2": "9", "4": "11", "6": "13"}


def read_symbol(text: str) -> Chord:
    """The chord that a symbol stands for, spelled in one way. Raises: ChartError.

    >>> [read_symbol(text).symbol for text in ("C-7", "Bø", "C79#", "F^7#11", "G7(b9,13)", "Db6/9", "D7/F♯")]
    ['Cm7', 'Bm7b5', 'C7#9', 'Fmaj7#11', 'G13b9', 'Db69', 'D7/F#']
    """
    written = _plain(text)
    if NOTHING.fullmatch(written):
        return NO_CHORD
    chord = _chord(written)
    if chord is not None:
        return chord
    near = guess(written, lambda symbol: getattr(_chord(symbol), "symbol", None))
    hint = f"; did you mean {near}?" if near else ""
    raise ChartError(f"{EXPECTED}, got {printable(text, MAX_SHOWN) or 'nothing'}{hint}")


def is_symbol(text: str) -> bool:
    """Whether a text is the symbol of a chord, or of none.

    >>> [is_symbol(text) for text in ("G7", "Bridge", "N.C.")]
    [True, False, True]
    """
    written = _plain(text)
    return NOTHING.fullmatch(written) is not None or _chord(written) is not None


def _plain(text: str) -> str:
    """A symbol in the signs of a typewriter."""
    written = unicodedata.normalize("NFKC", text.strip().translate(SIGNS)).translate(SIGNS)
    return written.replace("♮7", "^7").replace("♮", "")


def _chord(written: str) -> Chord | None:
    """The chord that a symbol stands for; None if it is not understood."""
    match = SYMBOL.fullmatch(written)
    quality = _quality(match[2]) if match and len(written) <= MAX_SHOWN else None
    if match is None or quality is None or (match[1][0].islower() and not match[2]):
        return None  # a small letter alone is a major chord to some, and a minor one to others
    root, bass = _note(match[1]), _note(match[3] or match[1])
    return chord_on(root, quality, "" if pitch_class(bass) == pitch_class(root) else bass)


def read_key(text: str) -> str:
    """A key as ``Chart`` has it: Eb, or Cm for a minor one. Raises: ChartError.

    >>> read_key("C minor"), read_key("Eb"), read_key("A-")
    ('Cm', 'Eb', 'Am')
    """
    match = KEY.fullmatch(text.strip())
    if match is None:
        raise ChartError(f"key: expected a key such as Bb or F#m, got {printable(text, MAX_SHOWN)}")
    is_minor = match[2] in ("m", "-") or match[2].lower() in ("min", "minor")
    return match[1][0].upper() + match[1][1:] + ("m" if is_minor else "")


def _note(name: str) -> str:
    """The name of a note with one accidental at most, and a capital letter."""
    name = name[0].upper() + name[1:]
    return plain(pitch_class(name)) if len(name) > 2 else name


def _quality(text: str) -> Quality | None:
    """What stands behind the root; None if that is not understood."""
    text = _without_mode(SIX_NINE.sub("69", text))
    weimar = WEIMAR.fullmatch(text)
    if weimar and (weimar[1][-1] != "6" or text[-1] in "#b"):
        text = weimar[1] + WEIMAR_TENSION.sub(r"(\2\1)", weimar[2])
    reading = _Reading()
    place = 0
    while place < len(text):
        signed = SIGNED.match(text, place) if reading.number or reading.has_seventh else None
        match = signed or WORD.match(text, place)
        if match is None:
            return None
        if signed:
            understood = reading.alter(("#" if signed[1] == "+" else "b") + signed[2])
        else:
            understood = reading.take(match.lastgroup or "sus", match[match.lastgroup or 0])
        if not understood:
            return None
        place = match.end()
    return reading.quality()


def _without_mode(text: str) -> str:
    """A quality as others write it that a scale is the name of: phryg is 7susb9."""
    match = MODE.fullmatch(text)
    if match is None:
        return text
    before, mode = match[1], next(filter(None, match.groups()[1:])).lower()
    if mode == "lyd":
        return f"{before or 'maj7'}#11"
    stands_for, usual = MODES[mode]
    return stands_for if not before or before in usual.split() else text


@dataclass(slots=True)
class _Reading:
    """What has been read of a quality so far."""

    third: int | None = 4
    fifth: int | None = 7
    number: str = ""  # 5, 6, 7, 9, 11 or 13, that says how far the chord goes up
    major: bool = False  # its seventh
    diminished: bool = False
    has_seventh: bool = False  # without a number: by a triangle or ø
    altered: bool = False
    tensions: set[str] = field(default_factory=set)

    def take(self, kind: str, word: str) -> bool:
        """Take in a word. Returns: whether it says something there."""
        match kind:
            case "major":
                self.major = True
                self.has_seventh |= word in "^j"
            case "minor":
                self.third = 3
            case "half":
                self.third, self.fifth, self.has_seventh = 3, 6, True
            case "dim":
                self.third, self.fifth, self.diminished = 3, 6, True
            case "aug":
                self.fifth = 8
            case "raised":  # of a minor chord the seventh, else the fifth
                if self.third == 3:
                    return self.alter("#7")
                self.fifth = 8
                return self._degree("7")
            case "dominant":
                self.has_seventh = True
            case "over":
                return bool(self.number) or self.third == 3  # C/9 may be C9 or Cadd9
            case "alt":
                self.altered = True
            case "sus":
                self.third = 2 if word == "2" else 5
            case "no":
                self.third, self.fifth = (None, self.fifth) if word == "3" else (self.third, None)
            case "add":
                return self._add(word)
            case "degree":
                return self._degree(word)
        return True

    def _add(self, word: str) -> bool:
        if word == "3":  # to a suspended chord, whose fourth then is a tension
            self.third = 4
            return self._tension("11")
        if word == "6" and not self.number:
            self.number = "6"
            return True
        return self._tension(word.replace("+", "#"))

    def _degree(self, word: str) -> bool:
        if word[0] in "#b":
            return self.alter(word)
        if self.number or word == "2":
            return word not in ("5", "6", "7") and self._tension(word)
        self.number = word
        return word != "4"

    def alter(self, word: str) -> bool:
        """Take in a degree with its accidental. Returns: whether there is such a one."""
        if word == "#7":  # of a minor chord: the major one
            self.number, self.major = "7", True
            return self.third == 3
        if word[1:] == "5":
            self.fifth = 8 if word[0] == "#" else 6
            return True
        return self._tension(word)

    def _tension(self, word: str) -> bool:
        accidental, degree = re.fullmatch(r"([#b]?)(\d+)", word).groups()  # type: ignore[union-attr]
        name = accidental + COMPOUND.get(degree, degree)
        self.tensions |= {name}
        return name in TENSIONS

    def quality(self) -> Quality | None:
        """What has been read; None if it is no chord."""
        if self.altered:
            is_seventh = self.number in ("", "7") and (self.third, self.fifth) == (4, 7)
            return ALTERED if is_seventh and not self.tensions else None
        if self.number == "5":
            is_bare = (self.third, self.fifth, self.major, self.tensions) == (4, 7, False, set())
            return Quality(None, 7) if is_bare else None
        if self.third == 5 and "b9" in self.tensions:
            self.number = self.number or "7"  # it is a dominant, also where its seventh goes without saying
        third, tensions = self.third, frozenset(self.tensions | self._implied())
        if self.number == "11" and not self.major and third == 4 and "#11" not in tensions:
            third, tensions = 5, tensions - {"11"}  # a dominant with the fourth in place of the third
        return Quality(third, self.fifth, self._top(), tensions)

    def _implied(self) -> set[str]:
        """The tensions that the number stands for, without those that the symbol has in another form."""
        implied = {"9": {"9"}, "11": {"9", "11"}, "13": {"9", "13"}}.get(self.number, set())
        degrees = {tension[1:] for tension in self.tensions if tension[0] in "#b"}
        return implied - degrees

    def _top(self) -> int | None:
        """The sixth or seventh, in semitones above the root."""
        if self.number == "6":
            return SIXTH
        if not self.number and not self.has_seventh:
            return None
        if self.major:
            return MAJOR_SEVENTH
        return SIXTH if self.diminished else MINOR_SEVENTH
