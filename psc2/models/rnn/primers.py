"""From what was played to events, and back: what every engine does around its network."""

from __future__ import annotations

from collections.abc import Sequence

from psc2.core.instruments import Instrument
from psc2.core.meter import STEPS_PER_QUARTER
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest, PrimerNote, PrimerRhythm
from psc2.models.rnn.configurations import Configuration
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF, STEPS_PER_BAR
from psc2.models.rnn.keys import KEYS, key_counts, likeliest_keys

MAX_GAP_STEPS = 2 * STEPS_PER_BAR  # from one note of a call to the next; longer ones lose whole bars

# The drums in the order of note-seq's ``DEFAULT_DRUM_TYPE_PITCHES``.
DRUMS = (
    Instrument.KICK,
    Instrument.SNARE,
    Instrument.CLOSED_HIHAT,
    Instrument.OPEN_HIHAT,
    Instrument.LOW_TOM,
    Instrument.MID_TOM,
    Instrument.HIGH_TOM,
    Instrument.CRASH,
    Instrument.RIDE,
)
LOUDEST = 110  # a stroke on the beat, in MIDI velocity …
SOFTER = 12  # … and how much less on an 8th, and again on a 16th between


# --- melodies -------------------------------------------------------------------------


def melody_events(request: MelodyRequest) -> list[int]:
    """The player's call as events, one a 16th."""
    match request.primer_rhythm:
        case PrimerRhythm.EVEN:
            return [note.pitch for note in request.primer]
        case PrimerRhythm.PLAYED:
            return played_events(request.primer, 60 / request.qpm / STEPS_PER_QUARTER, request.upbeat_steps)


def played_events(notes: Sequence[PrimerNote], step_s: float, upbeat_steps: float) -> list[int]:
    """The call in the rhythm in which it was played, to its last onset.

    It begins where its first note stands in Magenta's bars, which have 16 steps in any meter.

    A note that is held is followed by no event, and one that ends before the next begins by a
    note-off. Each note has a step of its own: one played together with another comes after it.
    """
    start = round(upbeat_steps) % STEPS_PER_BAR
    early_steps = round(upbeat_steps) - upbeat_steps  # below 0: late
    events = [NO_EVENT] * start
    onset = start - 1  # the step of the note before
    left_out = 0  # steps of long rests
    end: int | None = None  # the step where the note before ends
    for note in notes:
        played = start + round(note.onset_s / step_s - early_steps)
        too_long = played - left_out - onset - MAX_GAP_STEPS
        if too_long > 0:
            left_out += -(-too_long // STEPS_PER_BAR) * STEPS_PER_BAR
        next_onset = max(played - left_out, onset + 1)
        while len(events) < next_onset:
            events.append(NOTE_OFF if len(events) == end else NO_EVENT)
        events.append(note.pitch)
        onset = next_onset
        end = max(onset + round(note.duration_s / step_s), onset + 1)
    return events


def squash(events: Sequence[int], configuration: Configuration) -> tuple[list[int], int]:
    """Move events into the configuration's key and range. Returns: them, and by how many semitones.

    Source: note-seq's ``Melody.squash``.
    """
    pitches = [event for event in events if event >= 0]
    amount = 0
    if configuration.transpose_to_key is not None and pitches:
        key = configuration.transpose_to_key - likeliest_keys(key_counts(pitches))[0]
        centre = (configuration.min_pitch + configuration.max_pitch - 1) / 2
        away = centre - ((min(pitches) + max(pitches)) / 2 + key)
        amount = key + KEYS * round(away / KEYS)
    return [
        within(event + amount, configuration.min_pitch, configuration.max_pitch) if event >= 0 else event
        for event in events
    ], amount


def within(pitch: int, low: int, high: int) -> int:
    """The pitch in the octave nearest to it that lies from ``low`` to ``high`` − 1.

    >>> within(47, 48, 84), within(85, 48, 84), within(60, 48, 84)
    (59, 73, 60)
    """
    if pitch < low:
        return low + (pitch - low) % KEYS
    if pitch >= high:
        return high - KEYS + (pitch - high) % KEYS
    return pitch


# --- drums ----------------------------------------------------------------------------


def drum_events(request: DrumsRequest, configuration: Configuration) -> list[int]:
    """The beat as events: one a step of the model, which may be longer than a 16th."""
    length = steps_of(request, configuration)
    per_event = STEPS_PER_QUARTER // configuration.steps_per_quarter
    num_drums = configuration.encoding.num_classes.bit_length() - 1
    events = [0] * length
    for hit in request.primer:
        if hit.step // per_event < length:
            events[hit.step // per_event] |= 1 << min(DRUMS.index(hit.instrument), num_drums - 1)
    return events


def steps_of(request: DrumsRequest, configuration: Configuration) -> int:
    """How many steps of the model the loop lasts."""
    per_event = STEPS_PER_QUARTER // configuration.steps_per_quarter
    return -(-request.steps_per_bar * request.num_bars // per_event)


def hits_of(event: int, number: int, request: DrumsRequest, configuration: Configuration) -> list[Hit]:
    """The strokes of event ``number``, 0-based, of a beat; how loud they are follows from the meter."""
    step = number * (STEPS_PER_QUARTER // configuration.steps_per_quarter)
    if configuration.encoding.num_classes == 2:  # one drum: note-seq writes it as a hand clap
        return [Hit(step, Instrument.SNARE, _velocity(step, request))] if event else []
    return [Hit(step, drum, _velocity(step, request)) for bit, drum in enumerate(DRUMS) if event >> bit & 1]


def _velocity(step: int, request: DrumsRequest) -> int:
    """The velocity of a stroke, by its place in the bar: on a beat, an 8th or a 16th."""
    in_bar = step % request.steps_per_bar
    return LOUDEST - SOFTER * (bool(in_bar % request.steps_per_beat) + bool(in_bar % 2))
