"""The note ledger: every note switched on has an id of its own and is switched off exactly once.

Two notes of one pitch, a key's and the loop's or two keys', never stand for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from dataclasses import dataclass, field

from psc2.core.effects import Effect, NoteOff, NoteOn
from psc2.core.instruments import Instrument

Key = tuple[int, int]  # a key of a keyboard: its source's uid, and 0–127
MAX_ID = 2**31 - 1  # the largest that the wire has room for; then they begin again


@dataclass(slots=True)
class SoundingNote:
    """A note that has been switched on and not off."""

    instrument: Instrument
    pitch: int  # 0–127
    sounds_at: float  # the moment of its note-on, in seconds: a scheduled one lies ahead
    key: Key | None = None  # that holds it; None for the loop's
    end_step: float = 0.0  # at which the loop lets it go


@dataclass(slots=True)
class Ledger:
    """The notes that sound or are about to, by id."""

    notes: dict[int, SoundingNote] = field(default_factory=dict)
    keys: dict[Key, int] = field(default_factory=dict)  # which note each key holds
    last_id: int = 0

    def press(self, key: Key, instrument: Instrument, pitch: int, velocity: int, now: float) -> NoteOn:
        """A note that ``key`` holds begins at once."""
        note_id = self._add(SoundingNote(instrument, pitch, now, key))
        self.keys[key] = note_id
        return NoteOn(instrument, pitch, velocity, note_id=note_id)

    def release(self, key: Key, now: float) -> list[NoteOff]:
        """The note that ``key`` holds ends; a key that holds none is ignored."""
        note_id = self.keys.get(key)
        return [] if note_id is None else [self._end(note_id, now)]

    def hand_over(self, key: Key, heir: Key) -> None:
        """The note that ``key`` holds, if there is one, is held by ``heir`` from now on."""
        note_id = self.keys.pop(key, None)
        if note_id is not None:
            self.keys[heir] = note_id
            self.notes[note_id].key = heir

    def play(
        self,
        instrument: Instrument,
        pitch: int,
        velocity: int,
        end_step: float,
        due: float,
        at: float | None,
    ) -> NoteOn:
        """A note of the loop, held up to ``end_step``, begins at ``due``; ``at``: its time tag."""
        note_id = self._add(SoundingNote(instrument, pitch, due, None, end_step))
        return NoteOn(instrument, pitch, velocity, at, note_id)

    def end_loop(
        self,
        now: float,
        at: float | None = None,
        before: int | None = None,
        instrument: Instrument | None = None,
    ) -> list[NoteOff]:
        """The loop's notes end: all, or those due to end at a step up to ``before``, or on ``instrument``."""
        ended = [
            note_id
            for note_id, note in self.notes.items()
            if note.key is None
            and (before is None or note.end_step <= before)
            and (instrument is None or note.instrument is instrument)
        ]
        return [self._end(note_id, now, at) for note_id in ended]

    def end_between(self, step: int, time_of: Callable[[float], float]) -> list[NoteOff]:
        """The loop's notes end that are due to after ``step`` and before the next, each at its moment."""
        due = [
            (note_id, max(note.sounds_at, time_of(note.end_step)))
            for note_id, note in self.notes.items()
            if note.key is None and step < note.end_step < step + 1
        ]
        return [self._end(note_id, at, at) for note_id, at in due]

    def end(self, note_id: int, now: float, at: float | None = None) -> list[NoteOff]:
        """The note of this id ends; one that has ended is ignored."""
        return [self._end(note_id, now, at)] if note_id in self.notes else []

    def silence(self, now: float, instruments: Collection[Instrument] = tuple(Instrument)) -> list[NoteOff]:
        """Everything on ``instruments`` ends, whoever holds it."""
        ended = [note_id for note_id, note in self.notes.items() if note.instrument in instruments]
        return [self._end(note_id, now) for note_id in ended]

    def _add(self, note: SoundingNote) -> int:
        self.last_id = self.last_id % MAX_ID + 1
        self.notes[self.last_id] = note
        return self.last_id

    def _end(self, note_id: int, now: float, at: float | None = None) -> NoteOff:
        """The note-off, never tagged earlier than its note-on, so that it cannot overtake it."""
        note = self.notes.pop(note_id)
        if note.key is not None:
            del self.keys[note.key]
        if at is None and note.sounds_at > now:
            at = note.sounds_at
        return NoteOff(note.instrument, note.pitch, at, note_id)


@dataclass(slots=True)
class PitchVoice:
    """What holds one pitch of an instrument."""

    struck: int  # the id of the note that was struck last: the one that sounds
    holders: set[int]  # the ids of all that hold it


@dataclass(slots=True)
class PitchVoices:
    """One voice a pitch, for a receiver that knows no ids and gets no time tags: the program of 2018.

    What goes out for each pitch is on, off, on, off …, in whatever order the notes of that pitch come
    and go: another one strikes it again, and it ends with the last.
    """

    voices: dict[tuple[Instrument, int], PitchVoice] = field(default_factory=dict)  # by instrument, pitch

    def adopt(self, notes: Mapping[int, SoundingNote]) -> list[NoteOff]:
        """Take over what sounds, by id, oldest first. Returns: the ends of all but the latest of a pitch."""
        self.voices.clear()
        ended: list[NoteOff] = []
        for note_id, note in notes.items():
            voice = self.voices.setdefault((note.instrument, note.pitch), PitchVoice(note_id, set()))
            if voice.holders:
                ended.append(NoteOff(note.instrument, note.pitch, note_id=voice.struck))
            voice.struck = note_id
            voice.holders.add(note_id)
        return ended

    def retire(self, notes: Container[int]) -> list[NoteOff]:
        """Somebody who knows ids sounds from now on. Returns: the ends of what none of ``notes`` will end."""
        ended = [
            NoteOff(instrument, pitch, note_id=voice.struck)
            for (instrument, pitch), voice in self.voices.items()
            if voice.struck not in notes
        ]
        self.voices.clear()
        return ended

    def merge(self, effects: Iterable[Effect]) -> list[Effect]:
        """``effects`` as that receiver is to get them."""
        merged: list[Effect] = []
        for effect in effects:
            match effect:
                case NoteOn(instrument, pitch, at=at, note_id=note_id):
                    voice = self.voices.get((instrument, pitch))
                    if voice is None:
                        self.voices[instrument, pitch] = PitchVoice(note_id, {note_id})
                    else:
                        merged.append(NoteOff(instrument, pitch, at, voice.struck))
                        voice.struck = note_id
                        voice.holders.add(note_id)
                    merged.append(effect)
                case NoteOff(instrument, pitch, note_id=note_id):
                    voice = self.voices[instrument, pitch]
                    voice.holders.discard(note_id)
                    if not voice.holders:
                        del self.voices[instrument, pitch]
                        merged.append(NoteOff(instrument, pitch, effect.at, voice.struck))
                case _:
                    merged.append(effect)
        return merged
