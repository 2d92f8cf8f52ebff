"""What a tune's style asks for."""

import unicodedata

import pytest

from psc2.core.drum_styles import DrumStyle
from psc2.core.tune_styles import KINDS, TuneStyle, tune_style

SWINGING = """
Swing, Slow Swing, Medium Swing, Medium Up Swing, Medium Up Swing 2, Up Tempo Swing, Up Tempo Swing
2, UP TEMPO SWING, Double Time Swing, Swing Two/Four, New Orleans Swing, Ballad Swing, Latin-Swing,
Latin/Swing, Latin / Swing, Bossa/Swing, Samba-Swing, Afro-Swing, Country Swing, Western Swing, Pop
Swing, Funk Swing, Rock Swing, Swing 8ths, Swingin' Bossa, Swung 16ths, Ballad, Ballad Melodic,
Ballad Double Time Feel, Blue Note, Doo Doo Cats, Guitar Trio, Gypsy Jazz, Long Notes, Second Line,
Trad Jazz, Jazz Waltz, Waltz, Medium Waltz, Blues, Slow Blues, Slow Blues 12/8, Afro 12/8, Bebop,
Hard Bop, Bop, Shuffle, Blues Shuffle, Straight Ahead, Straight-ahead, Boogie-Woogie, Dixieland,
Medium, Up Tempo, Cool, Modal, Doo-wop, Fast, Seven, Evening, Baroque Chase, Rapture, Sonata,
Rockabilly, Popular Charleston, Bebop Housewarming
"""
BOSSAS = """
Bossa Nova, Bossa, Bossanova, bossa-nova, Slow Bossa, Brazil: Bossa Acoustic, Brazil: Bossa
Electric, Samba, Brazil: Samba, Fast Samba, Samba-canção, Latin, Medium Latin, Latin Rock, Latin
Ballad, Afro, Afro-Cuban, Afro Cuban, Argentina: Tango, Tango, Milonga, Cuba: Bolero, Bolero, Cuba:
Cha Cha Cha, Cha Cha, Cha-cha-chá, ChaChaCha, Cuba: Son Montuno 2-3, Cuba: Son Montuno 3-2, Son
Montuno, Montuno, Son, Partido Alto, Xote, Xaxado, Ijexá, IJEXÁ, Ijexa, Merengue, Mambo, Rumba,
Rhumba, Salsa, Songo, Choro, Chorinho, Baião, Baiao, Forró, Frevo, Maracatu, Marcha, Maxixe, Pagode,
Afoxé, Beguine, Calypso, Soca, Zouk, Cumbia, Bachata, Chacarera, Zamba, Candombe, Guajira,
Guaguancó, Danzón, Habanera, Joropo, Vals, Paso Doble, Flamenco
"""
ROCKS = """
Rock, Rock Pop, Pop-Rock, Pop, Pop Ballad, Slow Rock, Funk, Glam Funk, Virtual Funk, Jazz Funk,
Soul, Neo-Soul, RnB, R&B, R & B, r'n'b, R’n’B, R and B, Rhythm and Blues, Rhythm & Blues, Hip-Hop,
Hip Hop, HipHop, Rap, Country, Country Waltz, Bluegrass, Folk, Disco, House, Reggae, Ska, Smooth,
Smooth Jazz, Boogaloo, Fusion, Motown, Punk, Metal, Drum'n'Bass, Straight Rock, Even 8ths Rock,
8-Beat, Techno, K-Pop
"""
EVENS = """
Even 8ths, Even 8ths Open, Even 16ths, Ballad Even, Even, Even Eighths, Straight 8ths, Straight,
ECM, ECM even 8ths, Ragtime, Straight (no swing), Not swung, Unswung, Valse
"""
ROCKS_THAT_SWING = (
    "Rock Shuffle, Rock 12/8, Pop 12/8, Soul Shuffle, R&B Shuffle, Half-time Shuffle (Funk), Country Shuffle"
)


def named(names: str) -> list[str]:
    return " ".join(names.split()).split(", ")


CASES = [
    *((name, TuneStyle(True, DrumStyle.SWING)) for name in named(SWINGING)),
    *((name, TuneStyle(False, DrumStyle.BOSSA)) for name in named(BOSSAS)),
    *((name, TuneStyle(False, DrumStyle.ROCK)) for name in named(ROCKS)),
    *((name, TuneStyle(False, DrumStyle.SWING)) for name in named(EVENS)),
    *((name, TuneStyle(True, DrumStyle.ROCK)) for name in named(ROCKS_THAT_SWING)),
]


@pytest.mark.parametrize(("name", "style"), CASES)
def test_each_style_of_ireal_pro_and_of_players_is_played_as_its_name_says(
    name: str, style: TuneStyle
) -> None:
    assert tune_style(name) == tune_style(name.upper()) == style
    assert tune_style(unicodedata.normalize("NFD", name)) == style  # as some computers write accents


@pytest.mark.parametrize("name", ["", " ", "-", "12/4", "Nobody's Own"])
def test_a_style_that_is_not_known_swings(name: str) -> None:
    assert tune_style(name) == TuneStyle(True, DrumStyle.SWING)


def test_no_word_is_in_the_table_twice_and_each_can_be_met() -> None:
    words = [word for known in KINDS.values() for word in known]
    assert len({*words}) == len(words)
    for style, known in KINDS.items():
        assert {tune_style(word.rstrip("*")) for word in known} == {TuneStyle(False, style)}
