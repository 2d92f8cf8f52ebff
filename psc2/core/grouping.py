"""Strong beats: where a bar begins, and where its groups of beats do."""

from __future__ import annotations

from itertools import accumulate

from psc2.core.meter import TimeSignature

Groups = tuple[int, ...]  # beats of the meter in each group; () for the usual ones


def parse_groups(text: str) -> Groups:
    """Groups of beats as they are written. Raises: ValueError.

    >>> parse_groups("2+2+3")
    (2, 2, 3)
    """
    groups = tuple(int(part) for part in text.split("+"))
    if any(group < 1 for group in groups):
        raise ValueError(text)
    return groups


def strong_steps(time_signature: TimeSignature, groups: Groups = ()) -> frozenset[int]:
    """The steps of a bar on which its strong beats begin; groups that do not fill the bar are not used.

    >>> sorted(strong_steps(TimeSignature(4, 4))), sorted(strong_steps(TimeSignature(7, 8), (3, 2, 2)))
    ([0, 8], [0, 6, 10])
    """
    beats = groups if sum(groups) == time_signature.numerator else usual_groups(time_signature.numerator)
    steps = time_signature.steps_per_beat
    return frozenset(steps * (end - group) for end, group in zip(accumulate(beats), beats, strict=True))


def usual_groups(beats: int) -> Groups:
    """Threes where they fill a bar, as in 6/8; or else twos, the last of them three where that is left."""
    if beats % 3 == 0:
        return (3,) * (beats // 3)
    if beats == 5:
        return (3, 2)  # as most tunes in five are counted
    twos = beats // 2
    return (*(2,) * (twos - beats % 2), *(3,) * (beats % 2))
