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
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol

from psc2.core.meter import STEPS_PER_QUARTER
from psc2.models.rnn.keys import KEYS, KEYS_OF_NOTE, key_counts, likeliest_keys

NO_EVENT = -2  # what sounded goes on
NOTE_OFF = -1
SPECIAL_EVENTS = 2

STEPS_PER_BAR = 4 * STEPS_PER_QUARTER  # Magenta's bars, in any meter
LOOKBACK_DISTANCES = (STEPS_PER_BAR, 2 * STEPS_PER_BAR)


# --- which events there are -----------------------------------------------------------


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
    """No event, note off, and the pitches from ``min_pitch`` to ``max_pitch`` − 1."""

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
class PitchesFirst(Melodies):
    """The pitches from ``min_pitch`` to ``max_pitch`` − 1, no event, and note off."""

    def index(self, event: int) -> int:
        return (Melodies.index(self, event) - SPECIAL_EVENTS) % self.size

    def event(self, index: int) -> int:
        return Melodies.event(self, (index + SPECIAL_EVENTS) % self.size)


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


# --- with a look back -----------------------------------------------------------------


class Inputs(NamedTuple):
    """A network's input vector, as the places and values of its elements that are not 0."""

    indices: list[int]
    values: list[float]

    def add(self, index: int, value: float) -> None:
        self.indices.append(index)
        self.values.append(value)


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding whose input is the event, what followed a bar or two ago, the meter, and repeats.

    Classes: the events of the alphabet, and for each look back "as it was then".
    """

    alphabet: Alphabet
    distances: tuple[int, ...] = LOOKBACK_DISTANCES  # steps that it looks back, the shortest first
    counter_bits: int = 5  # of the place in the meter

    @property
    def input_size(self) -> int:
        return self.alphabet.size * (1 + len(self.distances)) + self.counter_bits + len(self.distances)

    @property
    def num_classes(self) -> int:
        return self.alphabet.size + len(self.distances)

    def encoder(self) -> Encoder:
        """An encoder for a new sequence, without events."""
        return Encoder(self)


def one_hot(alphabet: Alphabet) -> Encoding:
    """An encoding whose input is the event alone, one class an event."""
    return Encoding(alphabet, distances=(), counter_bits=0)


@dataclass(slots=True)
class Encoder:
    """The encoding of one sequence, with its events so far."""

    encoding: Encoding
    events: list[int] = field(default_factory=list)

    def branch(self) -> Encoder:
        """An encoder of a sequence that has begun as this one did."""
        return replace(self, events=[*self.events])

    def append(self, event: int) -> Inputs:
        """Add the next event. Returns: the network's input for it."""
        alphabet = self.encoding.alphabet
        self.events.append(event)
        inputs = Inputs([alphabet.index(event)], [1.0])
        offset = alphabet.size
        for distance in self.encoding.distances:
            inputs.add(offset + alphabet.index(self._ago(distance)), 1.0)
            offset += alphabet.size
        self._add_counter(inputs, offset)
        self._add_repeats(inputs, offset + self.encoding.counter_bits)
        return inputs

    def event(self, label: int) -> int:
        """The event that a class, 0 to ``num_classes`` − 1, would be if it came next."""
        alphabet = self.encoding.alphabet
        if label < alphabet.size:
            return alphabet.event(label)
        return self._ago(self.encoding.distances[label - alphabet.size])

    def label(self, event: int) -> int:
        """The class that ``event`` is if it comes next; of several looks back it is the farthest."""
        alphabet, distances = self.encoding.alphabet, self.encoding.distances
        if distances and len(self.events) < distances[-1] and event == alphabet.default_event:
            return alphabet.size + len(distances) - 1
        for number in reversed(range(len(distances))):
            if len(self.events) >= distances[number] and self.events[-distances[number]] == event:
                return alphabet.size + number
        return alphabet.index(event)

    def _ago(self, distance: int) -> int:
        """The event ``distance`` steps before the one to come."""
        known = len(self.events) >= distance
        return self.events[-distance] if known else self.encoding.alphabet.default_event

    def _add_counter(self, inputs: Inputs, offset: int) -> None:
        """Add the place in the meter of the event to come, in binary, −1 for a bit that is 0."""
        for bit in range(self.encoding.counter_bits):
            inputs.add(offset + bit, 1.0 if len(self.events) >> bit & 1 else -1.0)

    def _add_repeats(self, inputs: Inputs, offset: int) -> None:
        """Add which of the looks back see the newest event."""
        events = self.events
        for number, distance in enumerate(self.encoding.distances):
            if len(events) > distance and events[-1] == events[-1 - distance]:
                inputs.add(offset + number, 1.0)


# --- with the key ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KeyMelody(Encoding):
    """An encoding whose input is what sounds, where the melody goes, the meter, and its likeliest keys."""

    alphabet: PitchesFirst
    counter_bits: int = 7

    @property
    def num_pitches(self) -> int:
        return self.alphabet.max_pitch - self.alphabet.min_pitch

    @property
    def input_size(self) -> int:
        return self.num_pitches + 4 + len(self.distances) + self.counter_bits + 1 + 2 * KEYS

    def encoder(self) -> Encoder:
        return KeyMelodyEncoder(self)


@dataclass(slots=True)
class KeyMelodyEncoder(Encoder):
    """The key-melody encoding of one sequence, with all that it knows of its events so far."""

    encoding: KeyMelody
    sounding: int | None = None
    attack: bool = False  # since the last pitch nothing but note-offs has come
    direction: float = 0.0  # 1 up, −1 down, 0 before the second pitch
    recent: deque[int] = field(default_factory=lambda: deque(maxlen=3))  # different pitches, newest last
    key_counts: list[int] = field(default_factory=lambda: [0] * KEYS)  # notes so far that fit each key

    def branch(self) -> KeyMelodyEncoder:
        return replace(self, events=[*self.events], recent=self.recent.copy(), key_counts=[*self.key_counts])

    def append(self, event: int) -> Inputs:
        self.events.append(event)
        self._update(event)
        size = self.encoding.num_pitches
        inputs = Inputs([], [])
        if self.sounding is None:
            inputs.add(size + 1, 1.0)
        else:
            inputs.add(self.sounding - self.encoding.alphabet.min_pitch, 1.0)
            inputs.add(size, 1.0)
        if self.attack:
            inputs.add(size + 2, 1.0)
        if self.direction:
            inputs.add(size + 3, self.direction)
        offset = size + 4
        self._add_repeats(inputs, offset)
        offset += len(self.encoding.distances)
        self._add_counter(inputs, offset)
        offset += self.encoding.counter_bits
        if len(self.events) % STEPS_PER_BAR == 0:
            inputs.add(offset, 1.0)
        for counts in (self.key_counts, key_counts(self.recent)):
            for key in likeliest_keys(counts):
                inputs.add(offset + 1 + key, 1.0)
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
