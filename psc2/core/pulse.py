"""The pulse of a bar: where a bass walks, where it plays in two, and where drums answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from psc2.core.grouping import Groups, strong_steps, usual_groups
from psc2.core.meter import STEPS_PER_QUARTER, TimeSignature

SLOWEST = 6  # steps of a pulse: a dotted quarter; what is longer is divided
SHORTEST = 2  # an 8th; two of these next to each other are one
HALF = 8  # steps from which on a group is a half note by itself


def walking_steps(time_signature: TimeSignature, groups: Groups = ()) -> tuple[int, ...]:
    """The steps of a bar on which a walking bass has its notes.

    Quarters where they are counted; elsewhere the groups of beats, so that 6/8 and 12/8 have dotted quarters.

    >>> [walking_steps(TimeSignature.parse(meter)) for meter in ("3/4", "7/8", "6/8", "7/16")]
    [(0, 4, 8), (0, 4, 8), (0, 6), (0, 4)]
    """
    end = time_signature.steps_per_bar
    if time_signature.steps_per_beat == STEPS_PER_QUARTER:
        return tuple(range(0, end, STEPS_PER_QUARTER))
    found = list[int]()
    for start, length in _lengths(_merged(sorted(strong_steps(time_signature, groups)), end), end):
        while length > SLOWEST:
            found.append(start)
            start, length = start + STEPS_PER_QUARTER, length - STEPS_PER_QUARTER
        found.append(start)
    return tuple(found)


def passing_steps(time_signature: TimeSignature, groups: Groups = ()) -> tuple[int, ...]:
    """The steps of a bar on which a walking bass may pass by an 8th: within groups of three among twos.

    >>> [passing_steps(TimeSignature.parse(meter)) for meter in ("7/8", "6/8", "4/4")]
    [(12,), (), ()]
    """
    steps = walking_steps(time_signature, groups)
    lengths = list(_lengths(steps, time_signature.steps_per_bar))
    found = tuple(step + STEPS_PER_QUARTER for step, length in lengths if length == SLOWEST)
    return found if len(found) < len(steps) else ()


def half_steps(time_signature: TimeSignature, groups: Groups = ()) -> tuple[int, ...]:
    """The steps of a bar on which a bass that plays in two has its notes: its strong beats, or each second.

    >>> half_steps(TimeSignature(4, 4)), half_steps(TimeSignature(12, 8)), half_steps(TimeSignature(7, 8))
    ((0, 8), (0, 12), (0, 4, 8))
    """
    end = time_signature.steps_per_bar
    strong = _merged(sorted(strong_steps(time_signature, groups)), end)
    short = all(length < HALF for _, length in _lengths(strong, end))
    return tuple(strong[::2] if short and len(strong) % 2 == 0 and len(strong) > 2 else strong)


def skip_steps(time_signature: TimeSignature, groups: Groups = ()) -> tuple[int, ...]:
    """The steps of a bar on which a ride has its short notes: an 8th before the beat after each second one.

    Where beats of two and three 8ths stand together, in those of three.

    >>> [skip_steps(TimeSignature.parse(meter)) for meter in ("4/4", "12/8", "7/8")]
    [(6, 14), (10, 22), (12,)]
    """
    beats = [*_lengths(walking_steps(time_signature, groups), time_signature.steps_per_bar)]
    if len({length for _, length in beats}) > 1:
        return passing_steps(time_signature, groups)
    return tuple(step + length - SHORTEST for step, length in beats[1::2] if length >= STEPS_PER_QUARTER)


def pedal_steps(time_signature: TimeSignature, groups: Groups = ()) -> tuple[int, ...]:
    """The steps of a bar on which the hi-hat's pedal closes: each second beat.

    In meters of 8ths with an odd number of beats, each but the first.

    >>> [pedal_steps(TimeSignature.parse(meter)) for meter in ("4/4", "3/4", "12/8", "7/8")]
    [(4, 12), (4,), (6, 18), (4, 8)]
    """
    beats = walking_steps(time_signature, groups)
    is_odd = len(beats) % 2 == 1 and time_signature.steps_per_beat != STEPS_PER_QUARTER
    return beats[1:] if is_odd else beats[1::2]


def back_steps(time_signature: TimeSignature, groups: Groups = ()) -> tuple[int, ...]:
    """The steps of a bar on which its backbeats are: the last beat of each two, or of three together.

    >>> [back_steps(TimeSignature.parse(meter)) for meter in ("4/4", "3/4", "5/4", "12/8", "7/8")]
    [(4, 12), (8,), (8, 16), (6, 18), (8,)]
    """
    beats, found = walking_steps(time_signature, groups), list[int]()
    ends = [len(beats)]
    if time_signature.steps_per_beat == STEPS_PER_QUARTER:
        ends = [*(beats.index(step) for step in sorted(strong_steps(time_signature, groups))[1:]), *ends]
    for begin, end in zip([0, *ends], ends, strict=False):
        sizes = usual_groups(end - begin) if end - begin > 3 else (end - begin,)
        lasts = zip(sizes, accumulate(sizes, initial=begin - 1), strict=False)
        found += [beats[before + size] for size, before in lasts if size > 1]
    return tuple(found)


def _merged(steps: Sequence[int], end: int) -> list[int]:
    """The steps without each that lies between two groups as short as an 8th."""
    found, joined = list[int](), False
    for index, (step, length) in enumerate(_lengths(steps, end)):
        joined = index > 0 and not joined and length <= SHORTEST and step - steps[index - 1] <= SHORTEST
        if not joined:
            found.append(step)
    return found


def _lengths(steps: Sequence[int], end: int) -> Iterator[tuple[int, int]]:
    """Each step, and how many there are to the next."""
    return ((step, after - step) for step, after in zip(steps, [*steps[1:], end], strict=True))
