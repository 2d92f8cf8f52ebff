"""When a note of the loop sounds: on its step, as it was played, or between the two.

Places are steps of a straight grid, as in ``psc2.core.swing``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import floor
from typing import NamedTuple

from psc2.core.loop import PlayableNote, Touch
from psc2.core.swing import Swing

EARLIEST_STEPS = 3  # before a note's own step: a first key may come 100 ms early
MIN_LENGTH = 0.05  # steps


class DueNote(NamedTuple):
    """A note of the loop on its way: from where to where on the grid it sounds, in steps."""

    note: PlayableNote
    begin: float
    end: float


def due_note(
    note: PlayableNote, step: int, bar_line: int, end: int, swing: Swing, quantise: float
) -> DueNote:
    """A note whose step is ``step`` in a bar that begins at ``bar_line``, of a pass that ends at ``end``.

    ``quantise``: 0, as it was played, to 1, on its step and for whole steps.

    >>> from psc2.core.instruments import Instrument, Layer
    >>> from psc2.core.loop import Touch
    >>> late = PlayableNote(0, 4, Layer.BASS, Instrument.BASS, 40, 90, 4, Touch(4.4, 3.0))
    >>> [due_note(late, 20, 16, 32, Swing(), part)[1:] for part in (1, 0.5, 0)]
    [(20, 24), (20.2, 23.7), (20.4, 23.4)]
    """
    last = min(step + note.duration_steps, end)
    touch = note.touch
    if quantise == 1 or touch is None:
        return DueNote(note, step, last)
    played = bar_line + touch.place
    begin = swing.straight(quantise * swing.swung(step) + (1 - quantise) * played)
    up = swing.straight(quantise * swing.swung(last) + (1 - quantise) * (played + touch.length))
    return DueNote(note, begin, min(max(up, begin + MIN_LENGTH), end))


def sending_step(begin: float, step: int, first: int) -> int:
    """The step with which a note is sent: its own, or an earlier one, from ``first`` on, that it follows."""
    return min(step, max(first, floor(begin), step - EARLIEST_STEPS))


def on_grid(chord: Sequence[PlayableNote], swing: Swing) -> Iterable[PlayableNote]:
    """Notes of one step, as they are on the step of their bar that the first of them was played nearest to.

    ``swing``: of a grid on which a bar begins at step 0. What no hand has played stays where it is, and what
    begins the sequence begins it.
    """
    places = [note.touch.place for note in chord if note.touch is not None]
    if not places or chord[0].place == (0, 0):
        return chord
    step = max(0, min(swing.steps_per_bar - 1, nearest_step(min(places), swing)))
    return [
        note
        if note.touch is None
        else replace(note, step=step, duration_steps=_duration(note.touch, step, swing))
        for note in chord
    ]


def _duration(touch: Touch, step: int, swing: Swing) -> int:
    return max(1, nearest_step(touch.place + touch.length, swing) - step)


def nearest_step(place: float, swing: Swing) -> int:
    """The step that is nearest to a place."""
    return floor(swing.straight(place) + 0.5)
