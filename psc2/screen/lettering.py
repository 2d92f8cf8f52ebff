"""Letters that can be read from afar, made of blocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

HEIGHT = 5  # pixels of a letter
FONT = {
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": ".## #.. #.. #.. .##",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "H": "#.# #.# ### #.# #.#",
    "I": "### .#. .#. .#. ###",
    "K": "#.# #.# ##. #.# #.#",
    "L": "#.. #.. #.. #.. ###",
    "M": "#...# ##.## #.#.# #...# #...#",
    "N": "#..# ##.# #.## #..# #..#",
    "O": "### #.# #.# #.# ###",
    "P": "##. #.# ##. #.. #..",
    "Q": "### #.# #.# ### ..#",
    "R": "##. #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "Y": "#.# #.# .#. .#. .#.",
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "##. ..# .#. #.. ###",
    "3": "##. ..# .#. ..# ##.",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ##. ..# ##.",
    "6": ".## #.. ### #.# ###",
    "7": "### ..# .#. .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ##.",
    "/": "..# ..# .#. #.. #..",
    ".": ". . . . #",
    ":": ". # . # .",
    "…": "..... ..... ..... ..... #.#.#",
    "→": ".... ..#. #### ..#. ....",
    "■": ".... #### #### #### ....",
    "●": ".###. ##### ##### ##### .###.",
    "○": ".###. #...# #...# #...# .###.",
    " ": ".. .. .. .. ..",
}
HALVES = {"..": " ", "#.": "▀", ".#": "▄", "##": "█"}  # two pixels, one above the other


@dataclass(frozen=True, slots=True)
class Size:
    """How large a pixel is: so many columns wide, so many rows high; half a row where ``rows`` is 0."""

    columns: int
    rows: int

    @property
    def height(self) -> int:
        """Rows of a line of letters."""
        return HEIGHT * self.rows or (HEIGHT + 1) // 2


SMALL = Size(1, 0)


@lru_cache(maxsize=256)
def lettered(text: str, size: Size) -> tuple[str, ...]:
    """``text`` in large letters, as rows of one length; what the font has not is left out.

    >>> print("\\n".join(lettered("2.0", SMALL)))
    ▀▀▄   █▀█
    ▄▀    █ █
    ▀▀▀ ▀ ▀▀▀
    """
    letters = [FONT[letter].split() for letter in text if letter in FONT]
    rows = [".".join(letter[row] for letter in letters) for row in range(HEIGHT)]
    if size.rows:
        drawn = [
            row.replace(".", " " * size.columns).replace("#", "█" * size.columns)
            for row in rows
            for _ in range(size.rows)
        ]
    else:
        rows.append("." * len(rows[0]))
        pairs = [zip(rows[n], rows[n + 1], strict=True) for n in range(0, HEIGHT, 2)]
        drawn = ["".join(HALVES[upper + lower] * size.columns for upper, lower in pair) for pair in pairs]
    return tuple(drawn)
