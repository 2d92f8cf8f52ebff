"""The click track: three sounds, so that the start of the sequence can be heard."""

from __future__ import annotations

from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Position, TimeSignature

CLICK_VELOCITY = 100


def click_at(position: Position, time_signature: TimeSignature) -> Instrument | None:
    """The click that sounds at ``position``, or None between the beats.

    Source: the paper, "Click-track generation": one sound for the first beat of the
    sequence, one for the first beat of its other bars, one for the beats that the
    denominator marks (every 4, 2 or 1 steps for 4, 8 or 16).
    """
    if position.step == 0:
        return Instrument.CLICK_SEQUENCE if position.bar == 0 else Instrument.CLICK_BAR
    if position.step % time_signature.steps_per_beat == 0:
        return Instrument.CLICK_BEAT
    return None


def click_track(time_signature: TimeSignature, num_bars: int) -> list[PlayableNote]:
    """Every click of the sequence."""
    return [
        PlayableNote(bar, step, Layer.CLICK, click, pitch=0, velocity=CLICK_VELOCITY)
        for bar in range(num_bars)
        for step in range(time_signature.steps_per_bar)
        if (click := click_at(Position(bar, step), time_signature)) is not None
    ]
