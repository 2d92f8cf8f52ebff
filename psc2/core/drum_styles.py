"""Styles of drumming: which drum is struck where, bar by bar."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from enum import Enum

from psc2.core.grouping import Groups, strong_steps
from psc2.core.instruments import Instrument
from psc2.core.meter import TimeSignature
from psc2.core.pulse import back_steps, half_steps, pedal_steps, skip_steps, walking_steps

Place = tuple[int, int]  # bar and step
Strokes = Mapping[Instrument, Mapping[Place, int]]  # the velocity at each place of a drum

KICK_VELOCITY = 110
SNARE_VELOCITY = 100
HIHAT_VELOCITY = 80
OFFBEAT_VELOCITY = 60  # of the hi-hat, between the beats of rock

FEATHERED_VELOCITY = 60  # the bass drum of swing, felt more than heard …
COMPING_VELOCITY = 45  # … and its snare
RIDE_VELOCITY = 90
SKIP_VELOCITY = 70  # the ride's short notes, before 1 and 3
PEDAL_VELOCITY = 75

SURDO_VELOCITY = 75  # the bass drum of a bossa on 1 and 3 …
LEADING_VELOCITY = 55  # … and the 8th that leads to them
STICK_VELOCITY = 55
SHAKER_VELOCITY = 60  # the hi-hat on the beats of a bossa …
BETWEEN_VELOCITY = 45  # … and between them

EIGHTH = 2  # steps
CLAVE = ((0, 6, 12), (4, 10))  # of a bossa, in bars of eight 8ths that are felt in two
DIVIDED = 6  # steps from one kick to the next from which on an 8th leads to it


class DrumStyle(Enum):
    """How the beat of the bassline is played."""

    PAPER = "paper"
    SWING = "swing"  # and even 8ths: a ride
    BOSSA = "bossa"  # and samba, and other Latin music
    ROCK = "rock"  # and pop, funk, soul


def strokes_of(
    style: DrumStyle, bars: range, time_signature: TimeSignature, groups: Groups, onsets: Set[Place]
) -> Strokes:
    """What is struck in some bars; ``onsets``: where notes of the bass begin in them."""
    match style:
        case DrumStyle.PAPER:
            return _paper(bars, time_signature, onsets)
        case DrumStyle.SWING:
            return _swing(bars, time_signature, groups, onsets)
        case DrumStyle.BOSSA:
            return _bossa(bars, time_signature, groups)
        case DrumStyle.ROCK:
            return _rock(bars, time_signature, groups, onsets)


def _paper(bars: range, time_signature: TimeSignature, onsets: Set[Place]) -> Strokes:
    """The paper's beat.

    Source: the paper, "Drums generation": a bass drum on the first beat of every bar, a
    snare at each bass onset, a hi-hat on each 8th, counted from the bar line.
    """
    return {
        Instrument.KICK: _each(bars, [0], KICK_VELOCITY),
        Instrument.SNARE: dict.fromkeys(onsets, SNARE_VELOCITY),
        Instrument.CLOSED_HIHAT: _each(bars, range(0, time_signature.steps_per_bar, EIGHTH), HIHAT_VELOCITY),
    }


def _swing(bars: range, time_signature: TimeSignature, groups: Groups, onsets: Set[Place]) -> Strokes:
    """The ride on each beat, and a short note after each second one; the hi-hat's pedal on 2 and 4.

    The snare answers the bass softly, and never on a beat. In 6/8 and other meters of 8ths the beats are
    the groups.
    """
    beats = walking_steps(time_signature, groups)
    ride = _each(bars, beats, RIDE_VELOCITY) | _each(bars, skip_steps(time_signature, groups), SKIP_VELOCITY)
    kept_free = {*beats, *strong_steps(time_signature, groups)}
    between = [place for place in onsets if place[1] not in kept_free]
    return {
        Instrument.KICK: _each(bars, [0], FEATHERED_VELOCITY),
        Instrument.SNARE: dict.fromkeys(between, COMPING_VELOCITY),
        Instrument.CLOSED_HIHAT: _each(bars, pedal_steps(time_signature, groups), PEDAL_VELOCITY),
        Instrument.RIDE: ride,
    }


def _bossa(bars: range, time_signature: TimeSignature, groups: Groups) -> Strokes:
    """The hi-hat on each 8th, the bass drum where a bass in two is, and an 8th before.

    A stick on the snare has the clave of two bars in 4/4, and elsewhere the last beat of each group.
    """
    halves, end = half_steps(time_signature, groups), time_signature.steps_per_bar
    afters = [*halves[1:], end]
    leading = [after - EIGHTH for step, after in zip(halves, afters, strict=True) if after - step >= DIVIDED]
    clave = end == 16 and halves == (0, 8)
    backs = back_steps(time_signature, groups)
    stick = {(bar, step) for bar in bars for step in (CLAVE[bar % 2] if clave else backs)}
    return {
        Instrument.KICK: _each(bars, halves, SURDO_VELOCITY) | _each(bars, leading, LEADING_VELOCITY),
        Instrument.SNARE: dict.fromkeys(stick, STICK_VELOCITY),
        Instrument.CLOSED_HIHAT: _each(bars, _eighths(time_signature), BETWEEN_VELOCITY)
        | _each(bars, walking_steps(time_signature, groups), SHAKER_VELOCITY),
    }


def _rock(bars: range, time_signature: TimeSignature, groups: Groups, onsets: Set[Place]) -> Strokes:
    """The hi-hat on each 8th, the snare on the backbeats, and the bass drum on 1 and with the bass."""
    backs = _each(bars, back_steps(time_signature, groups), SNARE_VELOCITY)
    silent = set(bars) - {bar for bar, _ in onsets}  # bars in which the bass has no note
    alone = {(bar, step) for bar in silent for step in half_steps(time_signature, groups)}
    kicks = ({(bar, 0) for bar in bars} | alone | onsets) - backs.keys()
    return {
        Instrument.KICK: dict.fromkeys(kicks, KICK_VELOCITY),
        Instrument.SNARE: backs,
        Instrument.CLOSED_HIHAT: _each(bars, _eighths(time_signature), OFFBEAT_VELOCITY)
        | _each(bars, walking_steps(time_signature, groups), HIHAT_VELOCITY),
    }


def _each(bars: Iterable[int], steps: Iterable[int], velocity: int) -> dict[Place, int]:
    """A stroke at the same steps of every bar."""
    steps = tuple(steps)
    return {(bar, step): velocity for bar in bars for step in steps}


def _eighths(time_signature: TimeSignature) -> range:
    """The 8ths of a bar; none in meters of 16ths, where they would lie across the beats."""
    return range(0, time_signature.steps_per_bar if time_signature.steps_per_beat >= EIGHTH else 0, EIGHTH)
