"""Primers as they are written on the command line."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models.bundles.files import MIDI_SUFFIXES
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.scores.notation import pitch_of

FORMS = {
    Model.MELODY: 'notes such as "C4 E4 - . G4", a list within −2 to 127 such as "[60, 64, -2, -1, 67]"',
    Model.DRUMS: 'a list of drum pitches such as "[(36, 42), (), (38,)]"',
}
MAX_SHOWN = 40  # characters


def read_primer(text: str, configuration: Configuration) -> list[int]:
    """Read a primer as it is written on the command line, as events. Raises: ModelError.

    >>> from psc2.models.rnn.configurations import CONFIGURATIONS
    >>> read_primer("C4 - . Eb4", CONFIGURATIONS["attention_rnn"])
    [60, -2, -1, 63]
    >>> read_primer("[(36, 42), (), (38,)]", CONFIGURATIONS["drum_kit"])
    [5, 0, 2]
    """
    if Path(text).suffix.lower() in MIDI_SUFFIXES:
        from psc2.models.rnn import midi_events

        found = midi_events.read(Path(text), configuration)
        if not found:
            raise ModelError(f"{text}: expected {configuration.model.value} in it, got none")
        return found[0]
    try:
        if "[" in text:
            events = _listed(text, configuration)
        else:
            events = melody_of(text) if configuration.model is Model.MELODY else []
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        events = []
    if not events:
        shown = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
        raise ModelError(f"--primer: expected {FORMS[configuration.model]}, or a MIDI file, got {shown!r}")
    return events


def _listed(text: str, configuration: Configuration) -> list[int]:
    """Read a primer in Magenta's own notation: a list of events, or of the drums struck at each step.

    Raises: ValueError, and what ``ast.literal_eval`` raises.
    """
    events = ast.literal_eval(text.strip())
    if configuration.model is Model.MELODY:
        return [_checked(event, NO_EVENT) for event in events]
    from psc2.models.rnn import midi_events

    strokes = [frozenset(_checked(pitch, 0) for pitch in event) for event in events]
    return [midi_events.strokes_of(struck, configuration) for struck in strokes]


def _checked(event: object, least: int) -> int:
    """A whole number from ``least`` to 127, both inclusive. Raises: ValueError for anything else."""
    if type(event) is not int or not least <= event <= 127:
        raise ValueError(event)
    return event


def melody_of(text: str) -> list[int]:
    """Read a melody of note names, one a step; ``-`` goes on with what there is, ``.`` ends it.

    Raises: ValueError.
    """
    signs = {"-": NO_EVENT, ".": NOTE_OFF}
    return [signs[word] if word in signs else pitch_of(word) for word in re.split(r"[\s,]+", text.strip())]
