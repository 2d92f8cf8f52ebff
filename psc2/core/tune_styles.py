"""What a tune's style asks for: whether it swings, and how it is drummed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from psc2.core.drum_styles import DrumStyle


class TuneStyle(NamedTuple):
    """How a band plays a tune."""

    swings: bool  # where its meter is one of quarters
    drums: DrumStyle


# Words as players and iReal Pro have them in a style's name, in small letters and without accents. A word
# with a star begins others, too. Where a name has words of two kinds, the kind that stands first here holds.
SWUNG = ("swing*", "swung", "bop", "bebop", "straight ahead", "straightahead")
TRIPLETS = ("shuffle*", "12 8", "triplet*", "boogie woogie")
STRAIGHT = ("no swing*", "non swing*", "not swing*", "not swung", "without swing*", "unswung")
KINDS: Mapping[DrumStyle, tuple[str, ...]] = {
    DrumStyle.BOSSA: (
        "afoxe", "afro", "afrocuban", "argentin*", "bachata", "baiao", "batucada", "beguine", "bembe",
        "biguine", "bolero*", "bomba", "bossa*", "brasil*", "brazil*", "calypso", "candombe", "caribbean",
        "cascara", "cha", "chacarera", "chacha*", "chorinho", "choro", "conga", "cuba*", "cueca", "cumbia",
        "danzon", "flamenco", "forro", "frevo", "guaguanco", "guajira", "guaracha", "habanera", "huapango",
        "ijexa", "joropo", "kompa", "lambada", "latin*", "mambo", "maracatu", "marcha", "maxixe", "merengue",
        "milonga", "montuno", "mozambique", "naningo", "pagode", "partido alto", "paso doble", "pasodoble",
        "plena", "ranchera", "rhumba", "rumba", "salsa", "samba*", "soca", "son", "songo", "spanish",
        "tango*", "timba", "tropical", "tumbao", "vals", "xaxado", "xote", "zamba", "zouk",
    ),
    DrumStyle.ROCK: (
        "16 beat", "8 beat", "acid", "afrobeat", "backbeat", "bluegrass", "boogaloo", "country", "disco",
        "drum and bass", "drum n bass", "dub", "edm", "electro*", "folk", "funk*", "fusion", "grunge",
        "hip hop", "hiphop", "house", "indie", "lo fi", "lofi", "metal", "motown", "polka", "pop", "punk",
        "r and b", "r b", "r n b", "rap", "reggae*", "rhythm and blues", "rhythm blues", "rhythm n blues",
        "rnb", "rock", "ska", "smooth", "soul", "synthpop", "techno", "trap", "trip hop",
    ),
    DrumStyle.SWING: (  # the ride, played straight
        "16ths", "8ths", "classical", "ecm", "eighths", "even", "hymn", "musette", "new age", "rag",
        "ragtime", "sixteenths", "straight", "valse", "viennese",
    ),
}  # fmt: skip
ACCENTS = str.maketrans("áàâãäåçéèêëíìîïñóòôõöúùûü", "aaaaaaceeeeiiiinooooouuuu")


def tune_style(name: str) -> TuneStyle:
    """How a tune of this style is played; one that is not known swings.

    A swing, a shuffle or triplets win over all else that the name says, but a rock shuffle has rock's drums.

    >>> [tune_style(name).swings for name in ("Bossa Nova", "R&B", "Latin/Swing", "Rock Shuffle", "")]
    [False, False, True, True, True]
    >>> [tune_style(name).drums.value for name in ("Baião", "Even 8ths", "Rock Shuffle", "Medium Swing")]
    ['bossa', 'swing', 'rock', 'swing']
    """
    words = _words(name)
    kind = next((style for style, known in KINDS.items() if _has(words, known)), None)
    if _has(words, STRAIGHT):
        return TuneStyle(False, kind or DrumStyle.SWING)
    if _has(words, SWUNG):
        return TuneStyle(True, DrumStyle.SWING)
    if _has(words, TRIPLETS):
        return TuneStyle(True, DrumStyle.ROCK if kind is DrumStyle.ROCK else DrumStyle.SWING)
    return TuneStyle(kind is None, kind or DrumStyle.SWING)


def _words(name: str) -> str:
    """A name's words in small letters, without accents and signs, a space between them.

    >>> _words("Cuba: Son Montuno 2-3, R&B")
    'cuba son montuno 2 3 r b'
    """
    plain = re.sub("[\u0300-\u036f]", "", name.lower()).translate(ACCENTS)  # these are accents by themselves
    return " ".join(re.findall("[^\\W_]+", plain))


def _has(words: str, known: tuple[str, ...]) -> bool:
    """Whether one of the words that are known is among them."""
    begun = f" {words} "
    return any(f" {word[:-1]}" in begun if word.endswith("*") else f" {word} " in begun for word in known)
