"""Chords: which notes they are made of, and which scale fits them.

A quality is what a chord is above its root: its tones as jazz counts them (root, third, fifth, sixth or
seventh) and the tensions that its symbol names. From these follow its name, always spelled the same way, and
its scale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from psc2.core.spelling import OCTAVE, pitch_class, plain, spelled

TENSIONS = {"b9": 1, "9": 2, "#9": 3, "11": 5, "#11": 6, "b13": 8, "13": 9}  # semitones above the root
NATURAL = ("9", "11", "13")
SUSPENDED = {2: "sus2", 5: "sus"}  # by what stands in place of the third
FIFTHS = {6: "b5", 7: "", 8: "#5"}
SIXTH, MINOR_SEVENTH, MAJOR_SEVENTH = 9, 10, 11
FOURTH = 5


@dataclass(frozen=True, slots=True)
class Quality:
    """What a chord is above its root, in semitones.

    >>> Quality(3, 7, 10, frozenset({"9"})).name, Quality(4, 7, 10, frozenset({"b9", "13"})).name
    ('m9', '13b9')
    """

    third: int | None = 4  # 3 or 4; 2 or 5 where it is suspended, None where it is left out
    fifth: int | None = 7  # 6, 7 or 8; None where it is left out
    top: int | None = None  # the sixth or diminished seventh, 9, or a seventh, 10 or 11
    tensions: frozenset[str] = frozenset()  # of ``TENSIONS``

    @property
    def tones(self) -> frozenset[int]:
        """The root, third, fifth, and sixth or seventh."""
        return frozenset({0} | {tone for tone in (self.third, self.fifth, self.top) if tone is not None})

    @property
    def named(self) -> frozenset[int]:
        """The tensions that the symbol names."""
        return frozenset(TENSIONS[tension] for tension in self.tensions)

    @property
    def is_dominant(self) -> bool:
        """Whether it is a dominant, suspended or not."""
        return self.third != 3 and self.top == MINOR_SEVENTH

    @property
    def is_minor(self) -> bool:
        return self.third == 3

    @property
    def name(self) -> str:
        """What stands behind the root in a symbol."""
        if self == ALTERED:
            return "7alt"
        if (self.third, self.fifth, self.top) == (None, 7, None) and not self.tensions:
            return "5"
        stem, said = self._stem()
        altered = [tension for tension in TENSIONS if tension in self.tensions and tension not in NATURAL]
        added = [tension for tension in NATURAL if tension in self.tensions and tension not in said]
        if self.top is None:  # "b9" behind a triad would be read as a flat's
            added = sorted([*altered, *added], key=[*TENSIONS].index)
            altered = []
        left_out = ["no3"] * (self.third is None) + ["no5"] * (self.fifth is None)
        sus = SUSPENDED.get(self.third or 0, "")
        return "".join([stem, *altered, sus, *(f"add{tension}" for tension in added), *left_out])

    def _stem(self) -> tuple[str, tuple[str, ...]]:
        """The part of the name that says third, fifth and top, and the tensions that it says with them."""
        if (self.third, self.fifth) == (3, 6) and self.top in (None, SIXTH):
            return ("dim" if self.top is None else "dim7"), ()
        if (self.third, self.fifth, self.top) == (4, 8, None):
            return "aug", ()
        minor = "m" if self.is_minor else ""
        fifth = FIFTHS[self.fifth or 7]
        if self.top is None:
            return minor + (f"({fifth})" if fifth and not minor else fifth), ()
        if self.top == SIXTH:
            has_ninth = "9" in self.tensions
            return f"{minor}6{'9' * has_ninth}{fifth}", ("9",) * has_ninth
        number, said = self._number()
        seventh = "" if self.top == MINOR_SEVENTH else "Maj" if minor else "maj"
        return f"{minor}{seventh}{number}{fifth}", said

    def _number(self) -> tuple[str, tuple[str, ...]]:
        """The number of a chord with a seventh, as in 13, and the tensions that it stands for."""
        has_ninth = bool(self.tensions & {"b9", "9", "#9"})
        if "13" in self.tensions and has_ninth:
            return "13", ("9", "13")
        if "11" in self.tensions and has_ninth and self.is_minor:
            return "11", ("9", "11")
        return ("9", ("9",)) if "9" in self.tensions else ("7", ())


ALTERED = Quality(4, 8, MINOR_SEVENTH, frozenset({"b9", "#9", "#11"}))  # it has no fifth but altered ones


def _scale(steps: str) -> frozenset[int]:
    """The semitones above the root of a scale that is written as its steps from note to note."""
    return frozenset(sum(map(int, steps[:count])) for count in range(len(steps)))


IONIAN = _scale("2212221")
DORIAN = _scale("2122212")
PHRYGIAN = _scale("1222122")
LYDIAN = _scale("2221221")
MIXOLYDIAN = _scale("2212212")
AEOLIAN = _scale("2122122")
LOCRIAN = _scale("1221222")
LOCRIAN_NATURAL_9 = _scale("2121222")
MELODIC_MINOR = _scale("2122221")
LYDIAN_AUGMENTED = _scale("2222121")
LYDIAN_DOMINANT = _scale("2221212")
MIXOLYDIAN_B13 = _scale("2212122")
ALTERED_SCALE = _scale("1212222")
DORIAN_FLAT_2 = _scale("1222212")
PHRYGIAN_DOMINANT = _scale("1312122")
HARMONIC_MINOR = _scale("2122131")
HARMONIC_MAJOR = _scale("2212131")
HALF_WHOLE = _scale("12121212")
WHOLE_HALF = _scale("21212121")
WHOLE_TONE = _scale("222222")
WITHOUT_THIRD = DORIAN & MIXOLYDIAN

# Which scale a quality is played with, by its name. A major chord has its key's own fourth, to be passed
# through, and the raised one only where the symbol says #11: the tune is in a key. Likewise 7b9, which mostly
# leads to a minor chord, has that key's sixth, b13; where its own 13 is meant, the symbol says 13b9.
SCALES = {
    **dict.fromkeys(("", "6", "69", "maj7", "maj9", "maj13", "add9"), IONIAN),
    **dict.fromkeys(("maj7#11", "maj9#11", "maj13#11", "maj7b5", "69#11", "(b5)"), LYDIAN),
    "maj7#5": LYDIAN_AUGMENTED,
    **dict.fromkeys(("m", "m7", "m9", "m11", "m13", "madd9"), DORIAN),
    **dict.fromkeys(("m6", "m69", "mMaj7", "mMaj9"), MELODIC_MINOR),
    **dict.fromkeys(("m7#5", "m#5"), AEOLIAN),
    "m7b9": PHRYGIAN,
    "m7b5": LOCRIAN,
    "m9b5": LOCRIAN_NATURAL_9,
    **dict.fromkeys(("dim", "dim7", "mMaj7b5"), WHOLE_HALF),
    **dict.fromkeys(("7", "9", "13", "sus", "sus2", "7sus", "9sus", "13sus"), MIXOLYDIAN),
    "7b9sus": PHRYGIAN,
    "13b9sus": DORIAN_FLAT_2,
    **dict.fromkeys(("7#11", "9#11", "13#11"), LYDIAN_DOMINANT),
    **dict.fromkeys(("7b13", "9b13"), MIXOLYDIAN_B13),
    **dict.fromkeys(("7b9", "7b9b13"), PHRYGIAN_DOMINANT),
    **dict.fromkeys(("13b9", "7#9", "13#9", "7b9#9", "7b9#11", "7#9#11"), HALF_WHOLE),
    **dict.fromkeys(("7alt", "7#5b9", "7#5#9", "7b5b9", "7b5#9", "7#9b13"), ALTERED_SCALE),
    **dict.fromkeys(("aug", "7#5", "9#5", "7b5", "9b5"), WHOLE_TONE),
    "5": WITHOUT_THIRD,
}
# Where the table has no scale that holds all that a symbol names: the first of these that does.
OTHERS = (
    IONIAN, MIXOLYDIAN, DORIAN, LYDIAN, MELODIC_MINOR, LYDIAN_DOMINANT, AEOLIAN, LOCRIAN, LOCRIAN_NATURAL_9,
    PHRYGIAN_DOMINANT, MIXOLYDIAN_B13, HALF_WHOLE, ALTERED_SCALE, PHRYGIAN, HARMONIC_MINOR, HARMONIC_MAJOR,
    WHOLE_HALF, WHOLE_TONE, LYDIAN_AUGMENTED,
)  # fmt: skip


def scale_of(quality: Quality, bass: int = 0) -> frozenset[int]:
    """The scale of a chord, in semitones above its root; all that its symbol names is in it.

    ``bass``: 0–11 semitones above the root.

    >>> sorted(scale_of(Quality(3, 7, 10))), 10 in scale_of(Quality(), bass=10)
    ([0, 2, 3, 5, 7, 9, 10], True)
    """
    wanted = quality.tones | quality.named | {bass}
    own = SCALES.get(quality.name)
    found = [scale for scale in (own, *OTHERS) if scale is not None and scale >= wanted]
    return found[0] if found else (own or max(OTHERS, key=lambda scale: len(scale & wanted))) | wanted


def avoid_notes(quality: Quality, bass: int = 0) -> frozenset[int]:
    """The notes of a chord's scale to pass through and not to rest on, in semitones above the root.

    They lie a semitone above one of its tones. Above a dominant such notes are colours; there only the
    fourth is left, which would be a suspension. What the symbol itself names is never one.

    >>> sorted(avoid_notes(Quality(4, 7, 11))), sorted(avoid_notes(Quality(4, 7, 10, frozenset({"b9"}))))
    ([5], [5])
    """
    above = {FOURTH} if quality.is_dominant else {(tone + 1) % OCTAVE for tone in quality.tones}
    return (scale_of(quality, bass) & above) - quality.tones - quality.named - {bass}


@dataclass(frozen=True, slots=True)
class Chord:
    """One chord of a tune. All but the symbol are pitch classes, 0–11; C is 0."""

    symbol: str  # in one spelling, whatever it was read from: Bbm7, F7b9, C/E, N.C.
    root: int  # 0 where there is no chord
    bass: int  # the root, or what stands after the slash
    tones: frozenset[int]  # root, third, fifth, sixth or seventh; none where there is no chord
    scale: frozenset[int]  # what fits; none where there is no chord, and everything fits
    avoid: frozenset[int]  # of the scale, what is only passed through
    named: frozenset[int] = (
        frozenset()
    )  # the tensions that the symbol names, which the scale does not tell apart

    def fits(self, pitch: int) -> bool:
        """Whether a pitch, or pitch class, belongs to the chord's scale."""
        return not self.scale or pitch % OCTAVE in self.scale

    def transposed(self, semitones: int, tonic: str = "") -> Chord:
        """The chord so many semitones higher, spelled as in the key of ``tonic``, if one is given.

        >>> chord_on("D", Quality(3, 7, 10)).transposed(4).symbol
        'F#m7'
        """
        match = re.fullmatch(r"([A-G][#b]?)(.*?)(/[A-G][#b]?)?", self.symbol)
        if match is None or not self.tones:
            return self
        root = (self.root + semitones) % OCTAVE
        is_minor = (self.root + 3) % OCTAVE in self.tones
        name = spelled(root, tonic) if tonic else plain(root, is_minor)
        bass = f"/{spelled((self.bass + semitones) % OCTAVE, name)}" if match[3] else ""
        return replace(
            self,
            symbol=f"{name}{match[2]}{bass}",
            root=root,
            bass=(self.bass + semitones) % OCTAVE,
            tones=_moved(self.tones, semitones),
            scale=_moved(self.scale, semitones),
            avoid=_moved(self.avoid, semitones),
            named=_moved(self.named, semitones),
        )


NO_CHORD = Chord("N.C.", 0, 0, frozenset(), frozenset(), frozenset())


def chord_on(root: str, quality: Quality, bass: str = "") -> Chord:
    """A chord on a root such as Bb, over another bass if one is named. Raises: ValueError for no note.

    >>> chord = chord_on("G", Quality(4, 7, 10), bass="F")
    >>> chord.symbol, sorted(chord.tones), chord.bass, sorted(chord.scale), sorted(chord.avoid)
    ('G7/F', [2, 5, 7, 11], 5, [0, 2, 4, 5, 7, 9, 11], [0])
    """
    number = pitch_class(root)
    low = pitch_class(bass or root)
    above = (low - number) % OCTAVE
    return Chord(
        symbol=root + quality.name + (f"/{bass}" if bass else ""),
        root=number,
        bass=low,
        tones=_moved(quality.tones, number),
        scale=_moved(scale_of(quality, above), number),
        avoid=_moved(avoid_notes(quality, above), number),
        named=_moved(quality.named, number),
    )


def _moved(tones: frozenset[int], semitones: int) -> frozenset[int]:
    return frozenset((tone + semitones) % OCTAVE for tone in tones)
