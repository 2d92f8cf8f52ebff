"""Two rows of the computer's keys as a small piano: the upper one has the black keys."""

from __future__ import annotations

from psc2.core.events import KeyDown, KeyUp
from psc2.core.ranges import SEVEN_BITS, UIDS
from psc2.screen.repeats import REPEAT_S

TYPED_SOURCE = -(2**32)  # the computer's keyboard as a source: MIDI's uids have 32 bits
assert TYPED_SOURCE in UIDS

KEYS = "awsedftgyhujkolp;'"  # from C on, a semitone each
SEMITONES = {key: n for n, key in enumerate(KEYS)} | {"z": KEYS.index("y")}  # z: where QWERTZ has it
LOWER, HIGHER = ",", "."
OCTAVES = range(0, 8)  # of the lowest key; 4 begins with middle C, pitch 60
VELOCITY = 90

CHORD_S = 0.040  # keys that come so close together are a chord
FIRST_REPEAT_S = 0.7  # the longest usual time until a held key's first repeat
SLACK_S = 0.050  # for a repeat that comes late


class Piano:
    """Sounds keys, and ends them: when they come up, or where no terminal tells that, by their repeats.

    There a note ends when a key is struck that is no part of its chord, or its key has stopped repeating.
    """

    def __init__(self) -> None:
        self.octave = 4
        self.ends_at: float | None = None  # when what was typed ends, unless it repeats
        self._pitches: dict[str, int] = {}  # of keys that sound
        self._chord: set[str] = set()  # those of them that no release will end
        self._chord_at = 0.0

    def shift(self, octaves: int) -> None:
        """Move the keys by octaves; what sounds stays where it is."""
        self.octave = max(OCTAVES.start, min(OCTAVES.stop - 1, self.octave + octaves))

    def press(self, key: str, at: float) -> list[KeyDown | KeyUp]:
        """A key goes down, and its coming up will be told."""
        pitch = 12 * (self.octave + 1) + SEMITONES[key]
        if pitch not in SEVEN_BITS:
            return []
        ended = self.release(key, at)
        self._pitches[key] = pitch
        return [*ended, KeyDown(at, TYPED_SOURCE, pitch, VELOCITY)]

    def release(self, key: str, at: float) -> list[KeyDown | KeyUp]:
        """A key comes up."""
        self._chord.discard(key)
        pitch = self._pitches.pop(key, None)
        return [] if pitch is None else [KeyUp(at, TYPED_SOURCE, pitch)]

    def strike(self, key: str, at: float, delay_s: float | None) -> list[KeyDown | KeyUp]:
        """A key is struck, and no more is known; ``delay_s``: until its first repeat, if it is held."""
        is_chord = key not in self._chord and at - self._chord_at <= CHORD_S
        ended = [] if is_chord else self._end_chord(at)
        if not is_chord:
            self._chord_at = at
        struck = self.press(key, at)
        self._chord.add(key)
        self.ends_at = at + (FIRST_REPEAT_S if delay_s is None else delay_s + REPEAT_S) + SLACK_S
        return ended + struck

    def hold(self, key: str, at: float) -> None:
        """A typed key repeats: its chord sounds on."""
        if key in self._chord and self.ends_at is not None:
            self.ends_at = at + REPEAT_S + SLACK_S

    def elapse(self, at: float) -> list[KeyDown | KeyUp]:
        """What has stopped repeating by now ends."""
        return self._end_chord(at) if self.ends_at is not None and at >= self.ends_at else []

    def release_all(self, at: float) -> list[KeyDown | KeyUp]:
        """All keys come up."""
        self.ends_at = None
        return [event for key in [*self._pitches] for event in self.release(key, at)]

    def _end_chord(self, at: float) -> list[KeyDown | KeyUp]:
        self.ends_at = None
        return [event for key in sorted(self._chord) for event in self.release(key, at)]
