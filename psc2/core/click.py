"""The click track: three sounds, so that the start of the sequence can be heard."""

from __future__ import annotations

from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Form, Position, TimeSignature

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


def clicks_at(position: Position, time_signature: TimeSignature) -> list[PlayableNote]:
    """The click at ``position`` as a note of the loop, or none."""
    click = click_at(position, time_signature)
    if click is None:
        return []
    return [PlayableNote(position.bar, position.step, Layer.CLICK, click, pitch=0, velocity=CLICK_VELOCITY)]


def click_track(form: Form) -> list[PlayableNote]:
    """Every click of the sequence."""
    return [
        click
        for bar in range(form.num_bars)
        for step in range(form.time_signature.steps_per_bar)
        for click in clicks_at(Position(bar, step), form.time_signature)
    ]
