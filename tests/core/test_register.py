"""The machine's pitches come in the octave of the hands."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.effects import NoteOn
from psc2.core.instruments import Instrument
from psc2.core.register import NEAR, Register, Sounded, landed, placed
from psc2.core.spelling import OCTAVE
from psc2.testing import FakeMelody, Rehearsal, key, press, sounds

WIDE = Register(36, 96)
PAPERS_TURNS = {"takeover": "now", "handback": "now"}
pitches = st.integers(0, 127)
registers = st.tuples(st.integers(0, 100), st.integers(12, 27)).map(lambda it: Register(it[0], it[0] + it[1]))
notes_before = st.none() | st.builds(Sounded, pitches, st.none() | pitches)


@given(pitches, pitches, notes_before, st.none() | pitches, registers)
def test_it_keeps_its_class_and_stays_in_the_register(
    drawn: int, pressed: int, before: Sounded | None, following: int | None, register: Register
) -> None:
    pitch = placed(drawn, pressed, before, following, register)
    assert (pitch - drawn) % OCTAVE == 0
    assert register.low <= pitch <= register.high


@given(st.integers(48, 84), st.integers(48, 84), notes_before, st.none() | pitches)
def test_it_is_within_an_octave_of_the_key(
    drawn: int, pressed: int, before: Sounded | None, following: int | None
) -> None:
    assert abs(placed(drawn, pressed, before, following, WIDE) - pressed) <= OCTAVE


@given(pitches, st.integers(54, 78), st.integers(-5, 5))
def test_the_first_is_near_the_last_note_of_the_hands(drawn: int, pressed: int, interval: int) -> None:
    pitch = placed(drawn, pressed, Sounded(pressed - interval, None), None, WIDE)
    assert abs(pitch - (pressed - interval)) <= NEAR


@pytest.mark.parametrize(("drawn", "heard"), [(79, 67), (77, 65), (69, 69), (70, 58)])
def test_of_two_octaves_as_near_it_takes_the_one_that_goes_on_as_the_model_does(
    drawn: int, heard: int
) -> None:
    """The hand stays on B3 and C4; the model comes from F#5, 78, heard as 66 or 54."""
    before = Sounded(66 if drawn in (79, 77) else 62, 78 if drawn in (79, 77) else 66)
    assert placed(drawn, 61, before, None, WIDE) == heard


@given(st.lists(pitches, min_size=1, max_size=8), st.integers(48, 84))
def test_the_last_one_lands_on_the_hands_or_close_by(coming: list[int], pressed: int) -> None:
    pitch = landed(coming, pressed, WIDE)
    assert abs(pitch - pressed) <= min(
        abs(placed(drawn, pressed, None, None, WIDE) - pressed) for drawn in coming
    )


def played(*drawn: int, keys: list[int], **improv: object) -> list[int]:
    """What sounds of the keys that are pressed after a call of two, C4 and D4."""
    usual = {"min_primer_length": 2, "max_robot_length": len(drawn), **PAPERS_TURNS, **improv}
    rehearsal = Rehearsal(FakeMelody(*drawn, *[60] * 20), improv=usual)
    events = [press(0.0, "improv"), *key(0.1, 60), *key(0.2, 62)]
    events += [event for n, pitch in enumerate(keys) for event in key(1 + n / 4, pitch)]
    rehearsal.play(events, until=9)
    sent = [note for _, note in sounds(rehearsal.output.sent, NoteOn) if isinstance(note, NoteOn)]
    return [note.pitch for note in sent if note.instrument is Instrument.LEAD][2:]


def test_an_answer_from_two_octaves_above_sounds_where_the_hands_are() -> None:
    assert played(86, 88, 89, 91, keys=[60, 62, 64, 65, 67]) == [62, 64, 65, 65, 67]
    assert played(86, 88, 89, 91, keys=[60, 62, 64, 65, 67], register="off") == [86, 88, 89, 91, 67]


def test_never_outside_the_register_wherever_the_hands_are() -> None:
    heard = played(*range(40, 60), keys=[*range(24, 44)], register="C3–C5")
    assert all(48 <= pitch <= 72 for pitch in heard)


def test_a_line_keeps_its_direction_where_the_hands_let_it() -> None:
    drawn = [62, 65, 69, 72, 76, 79, 77, 74, 70, 67]
    heard = played(*drawn, keys=[60, 61, 62, 63, 64, 65, 66, 65, 64, 63])[:-1]
    kept = [(b > a) == (d > c) for (a, b), (c, d) in zip(pairwise(heard), pairwise(drawn), strict=False)]
    assert sum(kept) >= len(kept) - 2


def test_the_line_that_the_machine_plays_itself_lies_near_the_call_and_in_the_register() -> None:
    improv = {"min_primer_length": 2, "max_robot_length": 12, "answer": "machine", "register": "C3–C5"}
    rehearsal = Rehearsal(FakeMelody(*range(84, 96)), improv=improv)
    rehearsal.play([press(0.0, "improv"), *key(0.1, 60), *key(0.2, 62)], until=20)
    heard = [note.pitch for _, note in sounds(rehearsal.output.sent, NoteOn) if isinstance(note, NoteOn)][2:]
    assert [pitch % 12 for pitch in heard] == [pitch % 12 for pitch in range(84, 96)]
    assert all(48 <= pitch <= 72 for pitch in heard)
    assert abs(heard[0] - 62) <= NEAR
