"""Links of iReal Pro: tunes, one or a whole playlist, in an address.

``irealbook://`` links are plain: title, composer, style, key, ``n`` and the music of each tune, with ``=`` in
between. ``irealb://`` links, which the app itself writes, have more fields, and their music is scrambled: of
every 50 characters the first five and the last five change places, mirrored, and so do the 11th to the 24th
and those that mirror them; then a few frequent groups of signs are abbreviated.

Source: https://www.irealpro.com/ireal-pro-custom-chord-chart-protocol; the scrambling is as several free
programs describe it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import unquote

from psc2.core.chart import Chart
from psc2.errors import ChartError
from psc2.scores.chord_symbols import read_key
from psc2.scores.ireal_music import read_music
from psc2.scores.roadmap import unfold

LINK = re.compile(r"(irealb|irealbook)://([^\"<>\s]+)")
BARE_LINK = re.compile(r"\s*(irealb|irealbook)://(.*)", re.DOTALL)  # one that is given alone may have blanks
SCRAMBLED = "1r34LbKcu7"  # what scrambled music begins with
ABBREVIATIONS = {"Kcl": "| x", "LZ": " |", "XyQ": "   "}
CHUNK = 50
MIRRORED = (*range(5), *range(10, 24))
BEFORE_MUSIC = 6  # fields of a tune, from its title on: composer, nothing, style, key, transposition
BOOK_FIELDS = 6
ENDS = ("Z", "]", "}", "|")  # what the music of a whole plain link ends with
CUT = "the link is cut off: copy it again, whole, as iReal Pro shares it"


@dataclass(frozen=True, slots=True)
class Tune:
    """One tune of a link, with its music yet to be read."""

    title: str
    composer: str
    style: str
    key: str
    music: str

    def chart(self) -> Chart:
        """The chart of the tune. Raises: ChartError."""
        meter, bars = read_music(self.music)
        try:
            key = read_key(self.key)
        except ChartError:
            key = ""  # it does not matter to anybody who plays
        return Chart(self.title, self.composer, key, meter, unfold(bars), self.style)


def has_link(text: str) -> bool:
    """Whether there is a link in a text, such as a page that iReal Pro has exported."""
    return LINK.search(text) is not None or BARE_LINK.match(text) is not None


def tunes_of(text: str) -> list[Tune]:
    """All tunes of a link, or of the links in a text. Raises: ChartError.

    >>> [tune] = tunes_of("irealbook://Our Blues=Player Any=Swing=C=n=T44[C7 |F7 |C7 Z")
    >>> tune.title, tune.composer, len(tune.chart().bars)
    ('Our Blues', 'Any Player', 3)
    """
    alone = BARE_LINK.match(text)
    links = [alone] if alone and "\n" not in text.strip() else LINK.finditer(unescape(text))
    found: list[Tune] = []
    for link in links:
        fields = unquote(link[2]).rstrip("'").split("=")
        found.extend(_scrambled_tunes(fields) if link[1] == "irealb" else _plain_tunes(fields))
    if not found:
        raise ChartError(CUT)
    return found


def _scrambled_tunes(fields: list[str]) -> Iterator[Tune]:
    """The tunes of an ``irealb`` link: each is found by its music. Raises: ChartError."""
    places = [place for place, field in enumerate(fields) if field.startswith(SCRAMBLED)]
    for place in places:
        if place < BEFORE_MUSIC or place == len(fields) - 1:
            raise ChartError(CUT)
        music = unscramble(fields[place].removeprefix(SCRAMBLED))
        title, composer, _, style, key, _ = fields[place - BEFORE_MUSIC : place]
        yield Tune(_one_line(title), _as_spoken(composer), _one_line(style), key, music)


def _plain_tunes(fields: list[str]) -> Iterator[Tune]:
    """The tunes of an ``irealbook`` link. Raises: ChartError."""
    place = 0
    while place < len(fields):
        if not fields[place].strip():  # between two tunes
            place += 1
            continue
        tune = fields[place : place + BOOK_FIELDS]
        if len(tune) == 1 and place > 0:
            return  # the playlist's name
        if len(tune) < BOOK_FIELDS or not tune[-1].rstrip().endswith(ENDS):
            raise ChartError(CUT)
        title, composer, style, key, _, music = tune
        yield Tune(_one_line(title), _as_spoken(composer), _one_line(style), key, music)
        place += BOOK_FIELDS


def unscramble(music: str) -> str:
    """Music as it is read, from as it is scrambled in a link."""
    chunks = [music[start : start + CHUNK] for start in range(0, len(music), CHUNK)]
    left = len(music)
    plain = ""
    for chunk in chunks:
        left -= len(chunk)
        plain += mirrored(chunk) if len(chunk) == CHUNK and left > 1 else chunk
    for short, long in ABBREVIATIONS.items():
        plain = plain.replace(short, long)
    return plain


def mirrored(chunk: str) -> str:
    """A chunk of 50 characters with some of them in each other's places: done twice, it is as before."""
    signs = list(chunk)
    for place in MIRRORED:
        other = CHUNK - 1 - place
        signs[place], signs[other] = signs[other], signs[place]
    return "".join(signs)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _as_spoken(composer: str) -> str:
    """A composer's first name first, where it is clear which one it is."""
    names = composer.split()
    return " ".join(reversed(names) if len(names) == 2 else names)
