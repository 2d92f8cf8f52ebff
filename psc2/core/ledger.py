"""The note ledger: every note switched on is switched off exactly once.

A *voice* is one instrument at one pitch. It may be held by several keys (two keys that
were given the same machine pitch) and by the loop at the same time. What goes out per
voice is on, off, on, off …, whatever order the holders come and go in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from psc2.core.events import NoteOff, NoteOn
from psc2.core.instruments import Instrument

LOOP = -1  # the loop as a holder, beside the keys 0–127

VoiceName = tuple[Instrument, int]
Notes = list[NoteOn | NoteOff]


@dataclass(slots=True)
class Voice:
    sounds_at: float  # the moment of its note-on: a scheduled one lies ahead
    holders: set[int]  # keys 0–127, LOOP
    loop_end: int | None = None  # the step at which the loop lets go


@dataclass(slots=True)
class Ledger:
    voices: dict[VoiceName, Voice] = field(default_factory=dict)
    ends: dict[VoiceName, float] = field(default_factory=dict)  # the latest scheduled note-off of each
    keys: dict[int, VoiceName] = field(default_factory=dict)  # what each key holds

    def press(self, key: int, instrument: Instrument, pitch: int, velocity: int, now: float) -> Notes:
        """A key begins to hold a voice.

        A voice that sounds is struck again. Only one that the loop has already sent for,
        within the look-ahead, cannot be: what has been sent is not taken back. If it is
        about to begin, the key joins it; if it is about to end, the key's note follows it.
        """
        name = (instrument, pitch)
        self.keys[key] = name
        voice = self.voices.get(name)
        if voice is not None and voice.sounds_at > now:
            voice.holders.add(key)
            return []
        end = self.ends.get(name, now)
        return self._strike(name, velocity, key, max(now, end), end if end > now else None)

    def release(self, key: int, now: float) -> Notes:
        """A key lets go; the voice ends with its last holder. A key that holds nothing is ignored."""
        name = self.keys.pop(key, None)
        return [] if name is None else self._let_go(name, key, now)

    def play(self, name: VoiceName, velocity: int, end_step: int, due: float, at: float | None) -> Notes:
        """The loop begins to hold a voice up to ``end_step``; its note-on sounds at ``due``."""
        notes = self._strike(name, velocity, LOOP, due, at)
        self.voices[name].loop_end = end_step
        return notes

    def end_loop(
        self, now: float, at: float | None = None, names: Iterable[VoiceName] | None = None
    ) -> Notes:
        """The loop lets go of ``names``, or of all that it holds."""
        chosen = list(self.voices if names is None else names)
        return [note for name in chosen for note in self._let_go(name, LOOP, now, at)]

    def ending_at(self, step: int) -> list[VoiceName]:
        """The voices that the loop lets go of at ``step`` or should have before."""
        return [
            name
            for name, voice in self.voices.items()
            if voice.loop_end is not None and voice.loop_end <= step
        ]

    def silence(self, now: float, instruments: Collection[Instrument] = tuple(Instrument)) -> Notes:
        """Everything on ``instruments`` ends, whoever holds it."""
        ended = [name for name in self.voices if name[0] in instruments]
        self.keys = {key: name for key, name in self.keys.items() if name not in ended}
        return [self._end(name, now) for name in ended]

    def _strike(self, name: VoiceName, velocity: int, holder: int, due: float, at: float | None) -> Notes:
        """``name`` sounds from ``due`` on, for the holders that it had and one more."""
        instrument, pitch = name
        struck = NoteOn(instrument, pitch, velocity, at)
        voice = self.voices.get(name)
        if voice is None:
            self.voices[name] = Voice(due, {holder})
            return [struck]
        voice.sounds_at = due
        voice.holders.add(holder)
        return [NoteOff(instrument, pitch, at), struck]

    def _let_go(self, name: VoiceName, holder: int, now: float, at: float | None = None) -> Notes:
        voice = self.voices.get(name)
        if voice is None or holder not in voice.holders:
            return []
        voice.holders.remove(holder)
        if holder == LOOP:
            voice.loop_end = None
        if voice.holders:
            return []
        return [self._end(name, now, at)]

    def _end(self, name: VoiceName, now: float, at: float | None = None) -> NoteOff:
        """The note-off, never tagged earlier than its note-on, so that it cannot overtake it."""
        sounds_at = self.voices.pop(name).sounds_at
        if at is None and sounds_at > now:
            at = sounds_at
        if at is not None:
            self.ends[name] = at
        return NoteOff(*name, at)
