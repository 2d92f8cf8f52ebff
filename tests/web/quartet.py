"""A quartet plays four bars of swing: to measure how loud its players are beside each other, and where.

The bass walks, the chords comp, the lead plays a melody, and the drummer has the ride, the hi-hat on 2 and 4
and the bass drum on 1, as hard as the paper's beat has it. All sound through the rig of the default settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psc2.core.drum_styles import KICK_VELOCITY, PEDAL_VELOCITY, RIDE_VELOCITY, SKIP_VELOCITY
from psc2.core.effects import SetUp
from psc2.core.instruments import Instrument
from psc2.settings.config import load_config
from tests.web.sound_studio import Entry, note, strike

QPM = 140
BEAT_S = 60 / QPM
BARS = 4
LENGTH_S = (4 * BARS + 2) * BEAT_S  # with two beats in which it dies away
BEGIN_S = 0.1
LONG = 2 / 3  # of a beat: the first of two swung 8ths

RELEASE_S = 0.13  # of what the lead plays

BASS = (36, 40, 43, 45, 46, 45, 43, 41, 38, 41, 45, 48, 43, 47, 50, 47)
CHORDS = ((58, 64, 67, 74), (57, 60, 64, 67), (53, 57, 60, 64), (53, 59, 62, 64))
COMPING = ((0, 0.6), (1 + LONG, 1.2))  # the beat of the bar, and for how many it is held
MELODY = (  # bar, beat, beats, pitch
    (0, 0, 1, 72), (0, 1, LONG, 76), (0, 1 + LONG, 1, 74), (0, 3, LONG, 72), (0, 3 + LONG, 1 / 3, 70),
    (1, 0, 1, 69), (1, 1, LONG, 67), (1, 1 + LONG, 1 / 3, 69), (1, 2, 1.5, 72),
    (2, 0, LONG, 74), (2, LONG, 1 / 3, 77), (2, 1, LONG, 76), (2, 1 + LONG, 1 / 3, 74), (2, 2, 1, 72),
    (2, 3, LONG, 69), (2, 3 + LONG, 1 / 3, 72), (3, 0, 2, 71), (3, 2, LONG, 67), (3, 2 + LONG, 1, 71),
)  # fmt: skip
BASS_VELOCITY, CHORDS_VELOCITY, MELODY_VELOCITY = 90, 85, 92

PITCHED = ("bass", "chords", "lead")


def moment(bar: int, beat: float) -> float:
    """In seconds.

    >>> round(moment(1, 0) - moment(0, 0), 3)
    1.714
    """
    return BEGIN_S + (4 * bar + beat) * BEAT_S


def bass() -> Iterator[Entry]:
    for number, pitch in enumerate(BASS):
        yield from note(Instrument.BASS, pitch, moment(0, number), 0.9 * BEAT_S, BASS_VELOCITY, number + 1)


def chords() -> Iterator[Entry]:
    for bar, chord in enumerate(CHORDS):
        for beat, beats in COMPING:
            for pitch in chord:
                held_s = beats * BEAT_S
                yield from note(Instrument.CHORDS, pitch, moment(bar, beat), held_s, CHORDS_VELOCITY, pitch)


def lead() -> Iterator[Entry]:
    for number, (bar, beat, beats, pitch) in enumerate(MELODY, start=1):
        held_s = 0.95 * beats * BEAT_S
        yield from note(Instrument.LEAD, pitch, moment(bar, beat), held_s, MELODY_VELOCITY, number)


def kick() -> Iterator[Entry]:
    yield from (strike(Instrument.KICK, moment(bar, 0), KICK_VELOCITY) for bar in range(BARS))


def cymbals() -> Iterator[Entry]:
    for bar in range(BARS):
        for beat in range(4):
            yield strike(Instrument.RIDE, moment(bar, beat), RIDE_VELOCITY)
        for beat in (1, 3):
            yield strike(Instrument.CLOSED_HIHAT, moment(bar, beat), PEDAL_VELOCITY)
            yield strike(Instrument.RIDE, moment(bar, beat + LONG), SKIP_VELOCITY)


def melody_end_s() -> float:
    """When the lead is silent, but for the room."""
    bar, beat, beats, _ = MELODY[-1]
    return moment(bar, beat) + 0.95 * beats * BEAT_S + RELEASE_S


PARTS = {
    "bass": (bass,),
    "chords": (chords,),
    "lead": (lead,),
    "drums": (kick, cymbals),
    "kick": (kick,),
    "without_kick": (bass, chords, lead, cymbals),
    "all": (bass, chords, lead, kick, cymbals),
}


def score(part: str) -> list[Entry]:
    """What one of PARTS plays."""
    played: Iterable[Entry] = (entry for player in PARTS[part] for entry in player())
    rig = load_config(None).settings().rig
    return [Entry(0.0, SetUp(rig)), *sorted(played, key=lambda entry: entry.when or 0.0)]
