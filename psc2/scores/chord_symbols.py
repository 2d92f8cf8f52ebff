"""Chord symbols as people write them, and as iReal Pro and the Weimar Jazz Database do.

Read are a root, what kind of chord it is, in any of the usual notations, tensions with their accidentals, and
a bass: ``Bbm7 Bb-7 Bbmin7``, ``Cmaj7 C^7 CΔ CM7 Cj7``, ``Bm7b5 Bø Bh7``, ``F#dim7 F#o7``, ``G+7 G7#5``,
``G7(b9,13)``, ``G7sus4``, ``Galt``, ``C6/9``, ``D7/F#``, ``N.C.``.

The Weimar Jazz Database writes accidentals behind the tensions, all in one with a 7 or a 6: ``C79#``,
``F7913b``, ``Dbj7911#``.

Sources: the chord syntax of the Jazzomat project, https://jazzomat.hfm-weimar.de; iReal Pro's list of chord
qualities, https://www.irealpro.com/ireal-pro-custom-chord-chart-protocol.
"""

from __future__ import annotations

import re
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
from psc2.text import printable

MAX_SHOWN = 24  # characters of a symbol
EXPECTED = "expected a chord such as Bbm7, F7b9, Cmaj7/E or N.C."
SIGNS = str.maketrans("♭♯Δ△∆øØ°º−–", "b#^^^hhoo--")
NOTHING = re.compile(r"n\.?c\.?", re.IGNORECASE)
# In "Abb5" the second b is the fifth's.
SYMBOL = re.compile(r"([A-G](?:##|bb(?![569]|1[13])|#|b)?)(.*?)(?:/([A-G](?:##|bb|#|b)?))?", re.DOTALL)
WEIMAR = re.compile(r"((?:(?:-j|-|\+j|\+|j|sus|o)?[67])|m7b5)((?:(?:9|11|13)[#b]?)+)")
WEIMAR_TENSION = re.compile(r"(9|11|13)([#b])")
WORD = re.compile(
    r"(?P<major>[Mm]aj|MAJ|[Mm]a(?!d)|MA|M(?!i)|\^|j)"
    r"|(?P<minor>[Mm]in|MIN|[Mm]i|m|-)"
    r"|(?P<half>h)"
    r"|(?:no|omit)(?P<no>[35])"
    r"|(?P<dim>dim|o)"
    r"|(?P<alt>alt)"
    r"|add(?P<add>[#b+]?(?:13|11|9|6|4|3|2))"
    r"|(?P<aug>aug|\+)"
    r"|sus(?P<sus>4|2(?!\d))?"
    r"|(?P<degree>[#b]?(?:13|11|9|7|6|5|4|2))"
    r"|(?P<gap>[\s(),]+)"
)
SIGNED = re.compile(r"([+-])(13|11|9|5)")  # after a number: 7-9 is 7b9, and 7+5 is 7#5
KEY = re.compile(r"([A-G][#b]?)\s*(m|-|min|minor|maj|major|)", re.IGNORECASE)
COMPOUND = {"2": "9", "4": "11", "6": "13"}


def read_symbol(text: str) -> Chord:
    """The chord that a symbol stands for, spelled in one way. Raises: ChartError.

    >>> [read_symbol(text).symbol for text in ("C-7", "Bø", "C79#", "F^7#11", "G7(b9,13)", "Db6/9", "D7/F♯")]
    ['Cm7', 'Bm7b5', 'C7#9', 'Fmaj7#11', 'G13b9', 'Db69', 'D7/F#']
    """
    written = text.strip().translate(SIGNS)
    if NOTHING.fullmatch(written):
        return NO_CHORD
    match = SYMBOL.fullmatch(written)
    quality = _quality(match[2]) if match and len(written) <= MAX_SHOWN else None
    if match is None or quality is None:
        raise ChartError(f"{EXPECTED}, got {printable(text, MAX_SHOWN) or 'nothing'}")
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
    """The name of a note with one accidental at most."""
    return plain(pitch_class(name)) if len(name) > 2 else name


def _quality(text: str) -> Quality | None:
    """What stands behind the root; None if that is not understood."""
    text = text.replace("6/9", "69")
    weimar = WEIMAR.fullmatch(text)
    if weimar and (weimar[1][-1] != "6" or text[-1] in "#b"):
        text = weimar[1] + WEIMAR_TENSION.sub(r"(\2\1)", weimar[2])
    reading = _Reading()
    place = 0
    while place < len(text):
        signed = SIGNED.match(text, place) if reading.number else None
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
