from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from psc2.core.events import NoteOff, NoteOn
from psc2.core.instruments import Instrument
from psc2.core.ledger import Ledger

LEAD = Instrument.WURLY
BASS = Instrument.BASS


def test_a_key_switches_on_and_off_what_it_sounds() -> None:
    ledger = Ledger()
    assert ledger.press(60, LEAD, 67, 90, now=1.0) == [NoteOn(LEAD, 67, 90)]
    assert ledger.release(60, now=1.5) == [NoteOff(LEAD, 67)]
    assert ledger.release(60, now=1.6) == []


def test_a_pitch_held_by_two_keys_ends_with_the_second() -> None:
    ledger = Ledger()
    ledger.press(60, LEAD, 67, 90, now=1.0)
    assert ledger.press(62, LEAD, 67, 80, now=1.1) == [NoteOff(LEAD, 67), NoteOn(LEAD, 67, 80)]
    assert ledger.release(60, now=1.2) == []
    assert ledger.release(62, now=1.3) == [NoteOff(LEAD, 67)]


def test_the_loop_and_a_key_share_a_pitch() -> None:
    ledger = Ledger()
    ledger.press(40, BASS, 40, 90, now=1.0)
    assert ledger.play((BASS, 40), 70, end_step=12, due=1.5, at=1.5) == [
        NoteOff(BASS, 40, 1.5),
        NoteOn(BASS, 40, 70, 1.5),
    ]
    assert ledger.ending_at(12) == [(BASS, 40)]
    assert ledger.end_loop(2.0, 2.0, [(BASS, 40)]) == []
    assert ledger.release(40, now=2.5) == [NoteOff(BASS, 40)]


def test_a_key_joins_a_note_that_the_loop_has_already_sent() -> None:
    ledger = Ledger()
    ledger.play((BASS, 40), 70, end_step=12, due=1.5, at=1.5)
    assert ledger.press(40, BASS, 40, 90, now=1.47) == []
    assert ledger.end_loop(1.8, 1.8) == []
    assert ledger.release(40, now=2.0) == [NoteOff(BASS, 40)]


def test_a_note_off_is_never_tagged_before_its_note_on() -> None:
    ledger = Ledger()
    ledger.play((BASS, 40), 70, end_step=12, due=1.5, at=1.5)
    assert ledger.silence(now=1.46) == [NoteOff(BASS, 40, 1.5)]


def test_silence_ends_only_the_instruments_asked_for() -> None:
    ledger = Ledger()
    ledger.press(60, LEAD, 60, 90, now=1.0)
    ledger.press(40, BASS, 40, 90, now=1.0)
    assert ledger.silence(now=2.0, instruments={BASS}) == [NoteOff(BASS, 40)]
    assert ledger.release(40, now=2.1) == []
    assert ledger.release(60, now=2.2) == [NoteOff(LEAD, 60)]


pitches = st.integers(58, 61)
instruments = st.sampled_from([BASS, LEAD])
moves = st.one_of(
    st.tuples(st.just("press"), st.integers(0, 3), instruments, pitches),
    st.tuples(st.just("release"), st.integers(0, 3), instruments, pitches),
    st.tuples(st.just("loop"), st.integers(1, 4), instruments, pitches),
    st.tuples(st.just("tick"), st.integers(0, 3), instruments, pitches),
    st.tuples(st.just("silence"), st.integers(0, 3), instruments, pitches),
)


@given(st.lists(st.tuples(moves, st.floats(0.0, 0.1)), max_size=60))
def test_every_note_on_gets_exactly_one_note_off(
    played: list[tuple[tuple[str, int, Instrument, int], float]],
) -> None:
    ledger, now, step, sent = Ledger(), 0.0, 0, list[NoteOn | NoteOff]()
    for (what, number, instrument, pitch), pause in played:
        now += pause
        match what:
            case "press":
                sent += ledger.release(number, now) + ledger.press(number, instrument, pitch, 90, now)
            case "release":
                sent += ledger.release(number, now)
            case "loop":
                due = now + 0.05
                sent += ledger.play((instrument, pitch), 80, step + number, due, due)
            case "tick":
                step += 1
                sent += ledger.end_loop(now + 0.05, now + 0.05, ledger.ending_at(step))
            case "silence":
                sent += ledger.silence(now)
    sent += ledger.silence(now + 1.0)
    sounding: Counter[tuple[Instrument, int]] = Counter()
    latest_on: dict[tuple[Instrument, int], float] = {}
    for note in sent:
        name = (note.instrument, note.pitch)
        if isinstance(note, NoteOn):
            assert sounding[name] == 0
            latest_on[name] = note.at or 0.0
        else:
            assert note.at is None or note.at >= latest_on[name]
        sounding[name] += 1 if isinstance(note, NoteOn) else -1
        assert sounding[name] in (0, 1)
    assert not +sounding
    assert not ledger.voices
    assert not ledger.keys
