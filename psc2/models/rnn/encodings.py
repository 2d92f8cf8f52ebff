"""How events become a network's inputs, and its classes events again.

The encodings are note-seq's, taken down step by step: each event is encoded once, when it
comes, where note-seq looks through all that went before at every step. A test holds every
input and every label against note-seq's own.

An event of a melody is a pitch, 0–127, or one of ``NO_EVENT`` and ``NOTE_OFF``. An event of
the drums is a number whose bit i says whether drum i is struck.

Source: note-seq's ``OneHotEventSequenceEncoderDecoder``, ``LookbackEventSequenceEncoderDecoder``,
``KeyMelodyEncoderDecoder``, ``MelodyOneHotEncoding`` and ``MultiDrumOneHotEncoding``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from psc2.core.meter import STEPS_PER_QUARTER

NO_EVENT = -2  # what sounded goes on
NOTE_OFF = -1
SPECIAL_EVENTS = 2

STEPS_PER_BAR = 4 * STEPS_PER_QUARTER  # Magenta's bars, in any meter
LOOKBACK_DISTANCES = (STEPS_PER_BAR, 2 * STEPS_PER_BAR)
KEYS = 12
MAJOR_SCALE = (0, 2, 4, 5, 7, 9, 11)
KEYS_OF_NOTE = [[key for key in range(KEYS) if (note - key) % KEYS in MAJOR_SCALE] for note in range(KEYS)]


class Inputs(NamedTuple):
    """A network's input vector, as the places and values of its elements that are not 0."""

    indices: list[int]
    values: list[float]


class Encoder(Protocol):
    """The encoding of one sequence of events."""

    def append(self, event: int) -> Inputs:
        """Add the next event. Returns: the network's input for it."""

    def event(self, label: int) -> int:
        """The event that a class, 0 to ``num_classes`` − 1, would be if it came next."""

    def label(self, event: int) -> int:
        """The class that ``event`` is if it comes next."""


class Encoding(Protocol):
    """A way to encode events."""

    @property
    def input_size(self) -> int: ...

    @property
    def num_classes(self) -> int: ...

    def encoder(self) -> Encoder:
        """An encoder for a new sequence, without events."""


# --- one class an event ---------------------------------------------------------------


class Alphabet(Protocol):
    """A numbering of the events, from 0 to ``size`` − 1."""

    @property
    def size(self) -> int: ...

    @property
    def default_event(self) -> int: ...

    def index(self, event: int) -> int: ...

    def event(self, index: int) -> int: ...


@dataclass(frozen=True, slots=True)
class Melodies:
    """Pitches from ``min_pitch`` to ``max_pitch`` − 1, no event and note off."""

    min_pitch: int
    max_pitch: int
    default_event: int = NO_EVENT

    @property
    def size(self) -> int:
        return self.max_pitch - self.min_pitch + SPECIAL_EVENTS

    def index(self, event: int) -> int:
        return event + SPECIAL_EVENTS if event < 0 else event - self.min_pitch + SPECIAL_EVENTS

    def event(self, index: int) -> int:
        return index - SPECIAL_EVENTS + (self.min_pitch if index >= SPECIAL_EVENTS else 0)


@dataclass(frozen=True, slots=True)
class Strokes:
    """Every combination of ``num_drums`` drums that are struck together."""

    num_drums: int
    default_event: int = 0  # none is struck

    @property
    def size(self) -> int:
        return 1 << self.num_drums

    def index(self, event: int) -> int:
        return event

    def event(self, index: int) -> int:
        return index


@dataclass(frozen=True, slots=True)
class OneHot:
    """An encoding whose input is the event itself, one class an event."""

    alphabet: Alphabet

    @property
    def input_size(self) -> int:
        return self.alphabet.size

    @property
    def num_classes(self) -> int:
        return self.alphabet.size

    def encoder(self) -> Encoder:
        return OneHotEncoder(self.alphabet)


@dataclass(frozen=True, slots=True)
class OneHotEncoder:
    """The one-hot encoding of one sequence."""

    alphabet: Alphabet

    def append(self, event: int) -> Inputs:
        return Inputs([self.alphabet.index(event)], [1.0])

    def event(self, label: int) -> int:
        return self.alphabet.event(label)

    def label(self, event: int) -> int:
        return self.alphabet.index(event)


# --- with a look back -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lookback:
    """An encoding whose input is the event, what followed a bar or two ago, the meter, and repeats."""

    alphabet: Alphabet
    distances: tuple[int, ...] = LOOKBACK_DISTANCES
    counter_bits: int = 5

    @property
    def input_size(self) -> int:
        return self.alphabet.size * (1 + len(self.distances)) + self.counter_bits + len(self.distances)

    @property
    def num_classes(self) -> int:
        return self.alphabet.size + len(self.distances)

    def encoder(self) -> Encoder:
        return LookbackEncoder(self)


@dataclass(slots=True)
class LookbackEncoder:
    """The lookback encoding of one sequence, with its events so far."""

    encoding: Lookback
    events: list[int] = field(default_factory=list)

    def append(self, event: int) -> Inputs:
        alphabet, distances = self.encoding.alphabet, self.encoding.distances
        self.events.append(event)
        inputs = Inputs([alphabet.index(event)], [1.0])
        offset = alphabet.size
        for distance in distances:
            ahead = self.events[-distance] if len(self.events) >= distance else alphabet.default_event
            _add(inputs, offset + alphabet.index(ahead), 1.0)
            offset += alphabet.size
        _add_counter(inputs, offset, len(self.events), self.encoding.counter_bits)
        offset += self.encoding.counter_bits
        _add_repeats(inputs, offset, self.events, distances)
        return inputs

    def event(self, label: int) -> int:
        alphabet = self.encoding.alphabet
        if label < alphabet.size:
            return alphabet.event(label)
        return _ago(self.events, self.encoding.distances[label - alphabet.size], alphabet.default_event)

    def label(self, event: int) -> int:
        alphabet = self.encoding.alphabet
        repeat = _repeat(self.events, event, self.encoding.distances, alphabet.default_event)
        return alphabet.index(event) if repeat is None else alphabet.size + repeat


# --- with the key ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyMelody:
    """An encoding whose input is what sounds, where the melody goes, the meter, and its likeliest keys.

    Classes: the pitches from ``min_pitch`` to ``max_pitch`` − 1, no event, note off, and one
    for each look back.
    """

    min_pitch: int
    max_pitch: int
    distances: tuple[int, ...] = LOOKBACK_DISTANCES
    counter_bits: int = 7

    @property
    def num_pitches(self) -> int:
        return self.max_pitch - self.min_pitch

    @property
    def input_size(self) -> int:
        return self.num_pitches + 4 + len(self.distances) + self.counter_bits + 1 + 2 * KEYS

    @property
    def num_classes(self) -> int:
        return self.num_pitches + SPECIAL_EVENTS + len(self.distances)

    def encoder(self) -> Encoder:
        return KeyMelodyEncoder(self)


@dataclass(slots=True)
class KeyMelodyEncoder:
    """The key-melody encoding of one sequence, with all that it knows of its events so far."""

    encoding: KeyMelody
    events: list[int] = field(default_factory=list)
    sounding: int | None = None
    attack: bool = False  # since the last pitch nothing but note-offs has come
    direction: float = 0.0  # 1 up, −1 down, 0 before the second pitch
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=3))  # different pitches, newest last
    key_counts: list[int] = field(default_factory=lambda: [0] * KEYS)  # notes so far that fit each key

    def append(self, event: int) -> Inputs:
        self.events.append(event)
        self._update(event)
        size, distances = self.encoding.num_pitches, self.encoding.distances
        inputs = Inputs([], [])
        if self.sounding is None:
            _add(inputs, size + 1, 1.0)
        else:
            _add(inputs, self.sounding - self.encoding.min_pitch, 1.0)
            _add(inputs, size, 1.0)
        if self.attack:
            _add(inputs, size + 2, 1.0)
        if self.direction:
            _add(inputs, size + 3, self.direction)
        offset = size + 4
        _add_repeats(inputs, offset, self.events, distances)
        offset += len(distances)
        _add_counter(inputs, offset, len(self.events), self.encoding.counter_bits)
        offset += self.encoding.counter_bits
        if len(self.events) % STEPS_PER_BAR == 0:
            _add(inputs, offset, 1.0)
        for counts in (self.key_counts, key_counts(self.recent)):
            for key in likeliest_keys(counts):
                _add(inputs, offset + 1 + key, 1.0)
            offset += KEYS
        return inputs

    def _update(self, event: int) -> None:
        if event == NO_EVENT:
            self.attack = False
        elif event == NOTE_OFF:
            self.sounding = None
        else:
            if self.recent and event != self.recent[-1]:
                self.direction = 1.0 if event > self.recent[-1] else -1.0
            self.attack, self.sounding = True, event
            if event in self.recent:
                self.recent.remove(event)
            self.recent.append(event)
            for key in KEYS_OF_NOTE[event % KEYS]:
                self.key_counts[key] += 1

    def event(self, label: int) -> int:
        size = self.encoding.num_pitches
        if label < size:
            return self.encoding.min_pitch + label
        if label < size + SPECIAL_EVENTS:
            return (NO_EVENT, NOTE_OFF)[label - size]
        return _ago(self.events, self.encoding.distances[label - size - SPECIAL_EVENTS], NO_EVENT)

    def label(self, event: int) -> int:
        size = self.encoding.num_pitches
        repeat = _repeat(self.events, event, self.encoding.distances, NO_EVENT)
        if repeat is not None:
            return size + SPECIAL_EVENTS + repeat
        return size - NO_EVENT + event if event < 0 else event - self.encoding.min_pitch


def key_counts(pitches: Sequence[int] | deque[int]) -> list[int]:
    """How many of the pitches fit each of the twelve major keys, C first.

    >>> key_counts([60, 62, 64, 65, 66])
    [4, 3, 3, 3, 2, 4, 2, 4, 2, 3, 3, 2]
    """
    counts = [0] * KEYS
    for pitch in pitches:
        for key in KEYS_OF_NOTE[pitch % KEYS]:
            counts[key] += 1
    return counts


def likeliest_keys(counts: Sequence[int]) -> list[int]:
    """The keys that most notes fit, 0–11; all of them where there are no notes."""
    most = max(counts)
    return [key for key, count in enumerate(counts) if count == most]


# --- what they share ------------------------------------------------------------------


def _add(inputs: Inputs, index: int, value: float) -> None:
    inputs.indices.append(index)
    inputs.values.append(value)


def _add_counter(inputs: Inputs, offset: int, count: int, bits: int) -> None:
    """The place in the meter of the event to come, in binary, −1 for a bit that is 0."""
    for bit in range(bits):
        _add(inputs, offset + bit, 1.0 if count >> bit & 1 else -1.0)


def _add_repeats(inputs: Inputs, offset: int, events: Sequence[int], distances: Sequence[int]) -> None:
    """Which of the looks back see the newest event."""
    for number, distance in enumerate(distances):
        if len(events) > distance and events[-1] == events[-1 - distance]:
            _add(inputs, offset + number, 1.0)


def _ago(events: Sequence[int], distance: int, default: int) -> int:
    """The event ``distance`` steps before the one to come."""
    return events[-distance] if len(events) >= distance else default


def _repeat(events: Sequence[int], event: int, distances: Sequence[int], default: int) -> int | None:
    """Which look back ``event`` would repeat if it came next; the farthest if several."""
    if distances and len(events) < distances[-1] and event == default:
        return len(distances) - 1
    for number in reversed(range(len(distances))):
        if len(events) >= distances[number] and events[-distances[number]] == event:
            return number
    return None
