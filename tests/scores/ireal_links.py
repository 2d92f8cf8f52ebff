"""Links as iReal Pro writes them, of charts that are our own."""

from urllib.parse import quote

from psc2.scores.ireal import ABBREVIATIONS, CHUNK, SCRAMBLED, mirrored


def scrambled(music: str) -> str:
    """Music as a link has it."""
    for short, long in ABBREVIATIONS.items():
        music = music.replace(long, short)
    chunks = [music[start : start + CHUNK] for start in range(0, len(music), CHUNK)]
    last = chunks.pop() if chunks else ""
    if chunks and len(last) < 2:  # too little is left: the chunk before stays as it is, too
        last = chunks.pop() + last
    return SCRAMBLED + "".join(map(mirrored, chunks)) + last


def fields(music: str, title: str = "Our Tune", composer: str = "Player Any", key: str = "C") -> str:
    return f"{title}={composer}==Medium Swing={key}=={scrambled(music)}=Jazz-Medium Swing=120=3"


def link(*tunes: str, name: str = "") -> str:
    """The link of one tune, or of a playlist: ``fields`` makes a tune."""
    return "irealb://" + quote("===".join([*tunes, *([name] if name else [])]))


def plain_link(music: str) -> str:
    return f"irealbook://Our Tune=Player Any=Medium Swing=C=n={music}"
