from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from psc2.core.effects import Effect, NoteOff, NoteOn
from psc2.core.instruments import Instrument
from psc2.core.ledger import MAX_ID, Ledger, PitchVoices

LEAD = Instrument.LEAD
BASS = Instrument.BASS
MIDI = 7  # a keyboard's uid


def test_a_key_switches_on_and_off_what_it_sounds() -> None:
    ledger = Ledger()
    assert ledger.press((MIDI, 60), LEAD, 67, 90, now=1.0) == NoteOn(LEAD, 67, 90, note_id=1)
    assert ledger.release((MIDI, 60), now=1.5) == [NoteOff(LEAD, 67, note_id=1)]
    assert ledger.release((MIDI, 60), now=1.6) == []


def test_two_keys_at_one_pitch_are_two_notes_and_each_ends_its_own() -> None:
    ledger = Ledger()
    ledger.press((MIDI, 60), LEAD, 67, 90, now=1.0)
    assert ledger.press((MIDI, 62), LEAD, 67, 80, now=1.1) == NoteOn(LEAD, 67, 80, note_id=2)
    assert ledger.release((MIDI, 60), now=1.2) == [NoteOff(LEAD, 67, note_id=1)]
    assert ledger.release((MIDI, 62), now=1.3) == [NoteOff(LEAD, 67, note_id=2)]


def test_the_same_key_of_two_keyboards_is_two_keys() -> None:
    ledger = Ledger()
    ledger.press((MIDI, 60), LEAD, 60, 90, now=1.0)
    ledger.press((8, 60), LEAD, 60, 80, now=1.1)
    assert ledger.release((MIDI, 60), now=1.2) == [NoteOff(LEAD, 60, note_id=1)]
    assert ledger.keys == {(8, 60): 2}


def test_the_loop_and_a_key_at_one_pitch_leave_each_other_alone() -> None:
    ledger = Ledger()
    ledger.press((MIDI, 40), BASS, 40, 90, now=1.0)
    assert ledger.play(BASS, 40, 70, end_step=12, due=1.5, at=1.5) == NoteOn(BASS, 40, 70, 1.5, 2)
    assert ledger.end_loop(1.9, 1.9, before=11) == []
    assert ledger.end_loop(2.0, 2.0, before=12) == [NoteOff(BASS, 40, 2.0, 2)]
    assert ledger.release((MIDI, 40), now=2.5) == [NoteOff(BASS, 40, note_id=1)]


def test_a_note_off_is_never_tagged_before_its_note_on() -> None:
    ledger = Ledger()
    ledger.play(BASS, 40, 70, end_step=12, due=1.5, at=1.5)
    assert ledger.silence(now=1.46) == [NoteOff(BASS, 40, 1.5, 1)]


def test_silence_ends_only_the_instruments_asked_for() -> None:
    ledger = Ledger()
    ledger.press((MIDI, 60), LEAD, 60, 90, now=1.0)
    ledger.press((MIDI, 40), BASS, 40, 90, now=1.0)
    assert ledger.silence(now=2.0, instruments={BASS}) == [NoteOff(BASS, 40, note_id=2)]
    assert ledger.release((MIDI, 40), now=2.1) == []
    assert ledger.release((MIDI, 60), now=2.2) == [NoteOff(LEAD, 60, note_id=1)]


def test_ids_begin_again_where_the_wire_has_no_room_for_more() -> None:
    ledger = Ledger(last_id=MAX_ID - 1)
    ids = [ledger.press((MIDI, pitch), LEAD, pitch, 90, now=1.0).note_id for pitch in (60, 61, 62)]
    assert ids == [MAX_ID, 1, 2]


# --- one voice a pitch ----------------------------------------------------------------


def test_without_ids_another_note_of_a_pitch_strikes_it_again_and_the_last_ends_it() -> None:
    voices = PitchVoices()
    first, second = NoteOn(LEAD, 67, 90, note_id=1), NoteOn(LEAD, 67, 80, note_id=2)
    assert voices.merge([first]) == [first]
    assert voices.merge([second]) == [NoteOff(LEAD, 67, note_id=1), second]
    assert voices.merge([NoteOff(LEAD, 67, note_id=1)]) == []
    assert voices.merge([NoteOff(LEAD, 67, note_id=2)]) == [NoteOff(LEAD, 67, note_id=2)]


pitches = st.integers(58, 61)
instruments = st.sampled_from([BASS, LEAD])
moves = st.one_of(
    st.tuples(st.just("press"), st.integers(0, 3), instruments, pitches),
    st.tuples(st.just("release"), st.integers(0, 3), instruments, pitches),
    st.tuples(st.just("loop"), st.integers(1, 4), instruments, pitches),
    st.tuples(st.just("tick"), st.integers(0, 3), instruments, pitches),
    st.tuples(st.just("silence"), st.integers(0, 3), instruments, pitches),
)
performances = st.lists(st.tuples(moves, st.floats(0.0, 0.1)), max_size=60)
Played = list[tuple[tuple[str, int, Instrument, int], float]]


def played_through(ledger: Ledger, performance: Played, lookahead_s: float) -> list[NoteOn | NoteOff]:
    now, step, sent = 0.0, 0, list[NoteOn | NoteOff]()
    for (what, number, instrument, pitch), pause in performance:
        now += pause
        key = (number % 2, number)
        at = now + lookahead_s if lookahead_s else None
        match what:
            case "press":
                sent += ledger.release(key, now)
                sent.append(ledger.press(key, instrument, pitch, 90, now))
            case "release":
                sent += ledger.release(key, now)
            case "loop":
                sent.append(ledger.play(instrument, pitch, 80, step + number, now + lookahead_s, at))
            case "tick":
                step += 1
                sent += ledger.end_loop(now + lookahead_s, at, before=step)
            case "silence":
                sent += ledger.silence(now)
    return sent + ledger.silence(now + 1.0)


@given(performances)
def test_every_note_on_gets_exactly_one_note_off(performance: Played) -> None:
    ledger = Ledger()
    sounding: dict[int, NoteOn] = {}
    ended: set[int] = set()
    for note in played_through(ledger, performance, lookahead_s=0.05):
        if isinstance(note, NoteOn):
            assert note.note_id not in sounding.keys() | ended
            sounding[note.note_id] = note
        else:
            on = sounding.pop(note.note_id)
            ended.add(note.note_id)
            assert (note.instrument, note.pitch) == (on.instrument, on.pitch)
            assert note.at is None or note.at >= (on.at or 0.0)
    assert not sounding
    assert not ledger.notes
    assert not ledger.keys


@given(performances)
def test_without_ids_each_pitch_is_on_off_on_off(performance: Played) -> None:
    voices = PitchVoices()
    sounding: Counter[tuple[Instrument, int]] = Counter()
    effects: list[Effect] = [*played_through(Ledger(), performance, lookahead_s=0.0)]
    for effect in voices.merge(effects):
        assert isinstance(effect, NoteOn | NoteOff)
        sounding[effect.instrument, effect.pitch] += 1 if isinstance(effect, NoteOn) else -1
        assert sounding[effect.instrument, effect.pitch] in (0, 1)
    assert not +sounding
    assert not voices.voices


def test_without_ids_an_off_still_names_the_note_that_sounds() -> None:
    voices = PitchVoices()
    sent = voices.merge([NoteOn(Instrument.LEAD, 60, 90, note_id=number) for number in (1, 2, 3)])
    sent += voices.merge([NoteOff(Instrument.LEAD, 60, note_id=number) for number in (3, 1, 2)])
    assert [(type(effect), effect.note_id) for effect in sent if isinstance(effect, NoteOn | NoteOff)] == [
        (NoteOn, 1), (NoteOff, 1), (NoteOn, 2), (NoteOff, 2), (NoteOn, 3), (NoteOff, 3),
    ]  # fmt: skip


def test_what_sounds_by_ids_is_taken_over_one_voice_a_pitch() -> None:
    ledger, voices = Ledger(), PitchVoices()
    for key in (60, 61, 62):
        ledger.press((MIDI, key), LEAD, 70 if key == 62 else 67, 90, now=1.0)
    assert voices.adopt(ledger.notes) == [NoteOff(LEAD, 67, note_id=1)]
    assert voices.merge(ledger.release((MIDI, 60), now=1.1)) == []
    assert voices.merge(ledger.release((MIDI, 61), now=1.2)) == [NoteOff(LEAD, 67, note_id=2)]
    assert voices.merge(ledger.release((MIDI, 62), now=1.3)) == [NoteOff(LEAD, 70, note_id=3)]
