"""Primers as they are written on the command line."""

from __future__ import annotations

import ast
import re
from collections import Counter
from os.path import isfile
from pathlib import Path

from psc2.core.requests import Model
from psc2.errors import ModelError
from psc2.models.bundles.files import MIDI_SUFFIXES
from psc2.models.rnn import midi_events
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.models.rnn.midi_events import Remark
from psc2.models.rnn.quantization import MAX_STEPS, Excerpt
from psc2.scores.notation import pitch_of

FORMS = {
    Model.MELODY: 'notes such as "C4 E4 - . G4", a list within −2 to 127 such as "[60, 64, -2, -1, 67]"',
    Model.DRUMS: 'a list of drum pitches such as "[(36, 42), (), (38,)]"',
}
MAX_SHOWN = 40  # characters
MAX_WRITTEN = 500_000  # characters: what a command line takes is less, on Linux 131,072


def read_primer(text: str, configuration: Configuration) -> list[int]:
    """Read a primer as it is written on the command line, as the events to go on after. Raises: ModelError.

    >>> from psc2.models.rnn.configurations import CONFIGURATIONS
    >>> read_primer("C4 - . Eb4", CONFIGURATIONS["attention_rnn"])
    [60, -2, -1, 63]
    >>> read_primer("[(36, 42), (), (38,)]", CONFIGURATIONS["drum_kit"])
    [5, 0, 2]
    """
    return read_excerpts(text, configuration)[-1].events


def read_excerpts(
    text: str, configuration: Configuration, remark: Remark = midi_events.no_remark
) -> list[Excerpt]:
    """Read a primer with its meter and tempi, an excerpt for each meter; there is one at least.

    Of several instruments in a file the first is taken. Raises: ModelError.
    """
    if len(text) > MAX_WRITTEN:
        raise ModelError(f"--primer: expected at most {MAX_WRITTEN:,} characters, got {len(text):,}")
    if Path(text).suffix.lower() in MIDI_SUFFIXES:
        return _from_file(Path(text), configuration, remark)
    events = _events(text, configuration, remark)
    if not events and isfile(text):  # whatever it is called
        return _from_file(Path(text), configuration, remark)
    if not events:
        shown = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
        raise ModelError(f"--primer: expected {FORMS[configuration.model]}, or a MIDI file, got {shown!r}")
    if len(events) > MAX_STEPS:
        raise ModelError(f"--primer: expected at most {MAX_STEPS:,} steps, got {len(events):,}")
    return [Excerpt(events)]


def _from_file(path: Path, configuration: Configuration, remark: Remark) -> list[Excerpt]:
    remarks: list[str] = []
    found = midi_events.read_excerpts(path, configuration, remark=remarks.append)
    if not found:
        why = "".join(f"; {line.removeprefix(f'{path}: ')}" for line in remarks[:1])
        raise ModelError(f"{path}: expected {configuration.model.value} in it, got none{why}")
    for line in remarks:
        remark(line)
    instruments = list(dict.fromkeys(excerpt.instrument for excerpt in found))
    if len(instruments) > 1:
        remark(f"{path}: goes on with the first of its {len(instruments)} instruments")
    return [excerpt for excerpt in found if excerpt.instrument == instruments[0]]


def _events(text: str, configuration: Configuration, remark: Remark) -> list[int]:
    """The events that are written out; none where the text is something else."""
    try:
        if "[" in text:
            return _listed(text, configuration, remark)
        return melody_of(text) if configuration.model is Model.MELODY else []
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return []


def _listed(text: str, configuration: Configuration, remark: Remark) -> list[int]:
    """Read a primer in Magenta's own notation: a list of events, or of the drums struck at each step.

    Raises: ModelError, ValueError, and what ``ast.literal_eval`` raises.
    """
    events = ast.literal_eval(text.strip())
    if configuration.model is Model.MELODY:
        return [_checked(event, NO_EVENT) for event in events]
    struck = [frozenset(_checked(pitch, 0) for pitch in event) for event in events]
    unknown = Counter(
        pitch for pitches in struck for pitch in pitches if not midi_events.strokes_of([pitch], configuration)
    )
    strokes = [midi_events.strokes_of(pitches, configuration) for pitches in struck]
    if unknown and not any(strokes):
        raise ModelError(f"--primer: expected drums, got only {midi_events.unknown_text(unknown)}")
    if unknown:
        remark(f"--primer: left out {midi_events.unknown_text(unknown)}")
    return strokes


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
