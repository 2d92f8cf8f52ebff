"""The network that hears intervals as the instrument asks it: for a phrase, or for each next pitch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from psc2.core.pitch_row import DISTANCES, LIKELIEST, MOST_UNITS, UNIT_NATS, PitchRow
from psc2.core.pitch_row import PITCHES as EVERY_PITCH
from psc2.core.requests import AnswerNote, MelodyRequest, PitchRequest, PrimerRhythm, SoloNote
from psc2.models.heard_solo import HeardSolo
from psc2.models.interval.engine import Context, IntervalRnn, Listener
from psc2.models.interval.hearing import END, LOWEST, NOTHING, PITCHES, REMEMBERED, Lines
from psc2.models.interval.surroundings import Ints, Reals
from psc2.models.rnn import primers
from psc2.models.rnn.players import best_of, notes_of
from psc2.models.rnn.primers import within

AHEAD: Ints = np.array(DISTANCES, np.int32)
ROW: Ints = np.zeros(1, np.int32)  # the one line that is heard
PASSES, ENDS = (np.array([kind], np.int32) for kind in (NOTHING, END))


class IntervalMelody:
    """A MelodyModel, LineModel and PitchModel in one."""

    def __init__(self, rnn: IntervalRnn) -> None:
        self._rnn = rnn
        self._solo = HeardSolo()
        self._listener = Listener(rnn.bundle, Lines(1))

    # --- a phrase at once -----------------------------------------------------------------

    def continue_melody(self, request: MelodyRequest) -> Iterator[int]:
        """New pitches after the call: of several candidates the best one's."""
        return iter(best_of(self._over(request), _as_played(request)).candidate.pitches)

    def continue_line(self, request: MelodyRequest) -> Iterator[AnswerNote]:
        """New notes after the call, in the network's own rhythm."""
        return notes_of(best_of(self._over(request), _as_played(request)).events)

    def _over(self, request: MelodyRequest) -> IntervalRnn:
        """The networks over the chords that are to come; the answer begins where the request says."""
        harmony = request.harmony
        if harmony is None:
            return self._rnn.over(Context(qpm=request.qpm))
        per_bar = harmony.time_signature.steps_per_bar
        length = len(primers.melody_events(_as_played(request)))
        begin = length + (harmony.begin - length) % per_bar
        chords = tuple(replace(one, step=one.step + begin - harmony.begin) for one in harmony.chords)
        return self._rnn.over(Context(chords, begin - harmony.begin, per_bar, request.qpm))

    # --- note by note ---------------------------------------------------------------------

    def weigh(self, request: PitchRequest) -> Sequence[PitchRow]:
        """How likely each pitch is to come next, by how many steps after the latest note."""
        context = Context(request.chords, request.bar_line, request.time_signature.steps_per_bar, request.qpm)
        if self._solo.is_another(request):
            self._listener = Listener(self._rnn.bundle, Lines(1, request.notes[0].onset))
        for note in self._solo.new_notes(request):
            self._hear(note, context)
        latest = int(self._listener.lines.onset[0])
        rows, steps = np.zeros(len(AHEAD), np.int32), latest + AHEAD
        around = context.surroundings(steps)
        heard = self._listener.look(rows, steps, around)
        return _rows(self._listener.pitches(rows, heard, around.root))

    def _hear(self, note: SoloNote, context: Context) -> None:
        """A note has been struck; the end of the one before, and what was silent, is heard first.

        Of notes that are quicker than 16ths several are heard on one step.
        """
        lines = self._listener.lines
        step = max(note.onset, int(lines.onset[0])) if lines.count[0] else note.onset
        if lines.count[0]:
            self._let_pass(step, int(lines.onset[0]) + max(1, note.held))
        around = context.surroundings(np.array([step], np.int32))
        pitch = within(note.pitch, LOWEST, LOWEST + PITCHES)
        self._listener.hear(ROW, step, np.array([pitch], np.int32), around)

    def _let_pass(self, step: int, end: int) -> None:
        """Nothing begins before a step; the latest note ends at ``end``, if that is before it."""
        lines = self._listener.lines
        first = int(lines.onset[0]) + 1
        if end < step:
            lines.note_ends(ROW, end)
        for passed in range(max(first, step - REMEMBERED), step):
            lines.pass_by(ROW, passed, ENDS if passed == end else PASSES)


def _as_played(request: MelodyRequest) -> MelodyRequest:
    return replace(request, primer_rhythm=PrimerRhythm.PLAYED)


def _rows(likely: Reals) -> list[PitchRow]:
    """Log probabilities from ``LOWEST`` on, (k, ``PITCHES``), as rows."""
    units = np.full((len(likely), EVERY_PITCH), MOST_UNITS, np.uint8)
    below = (likely.max(axis=1, keepdims=True) - likely) / UNIT_NATS
    units[:, LOWEST : LOWEST + PITCHES] = np.minimum(np.rint(below), MOST_UNITS)
    return [row.tobytes().decode("ascii") for row in units + np.uint8(ord(LIKELIEST))]
