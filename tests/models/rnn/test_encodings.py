"""Every input and every label, held against note-seq's own."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import note_seq
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.models.rnn.configurations import CONFIGURATIONS
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF, Inputs, KeyMelody
from psc2.models.rnn.keys import key_counts, likeliest_keys

REPEATS = (16, 32)  # steps
MAX_EVENTS = 80
HAND_CLAP = 39


class Theirs(NamedTuple):
    """note-seq's encoding of a configuration. Source: Magenta's ``default_configs``."""

    encoder_decoder: Any
    drums: Any = None  # what makes their drum events of numbers

    def events(self, events: Sequence[int]) -> list[Any]:
        return list(events) if self.drums is None else [self.drums.decode_event(event) for event in events]


MELODIES = note_seq.MelodyOneHotEncoding(min_note=48, max_note=84)
ALL_PITCHES = note_seq.MelodyOneHotEncoding(min_note=0, max_note=128)
KIT = note_seq.MultiDrumOneHotEncoding()
ONE_DRUM = note_seq.MultiDrumOneHotEncoding([[HAND_CLAP, *range(HAND_CLAP), *range(HAND_CLAP + 1, 128)]])
THEIRS = {
    "basic_rnn": Theirs(note_seq.OneHotEventSequenceEncoderDecoder(MELODIES)),
    "mono_rnn": Theirs(note_seq.OneHotEventSequenceEncoderDecoder(ALL_PITCHES)),
    "lookback_rnn": Theirs(note_seq.LookbackEventSequenceEncoderDecoder(MELODIES)),
    "attention_rnn": Theirs(note_seq.KeyMelodyEncoderDecoder(48, 84)),
    "one_drum": Theirs(note_seq.OneHotEventSequenceEncoderDecoder(ONE_DRUM), ONE_DRUM),
    "drum_kit": Theirs(
        note_seq.LookbackEventSequenceEncoderDecoder(KIT, lookback_distances=[], binary_counter_bits=6), KIT
    ),
}
EVENTS = {
    "basic_rnn": st.sampled_from([NO_EVENT, NOTE_OFF]) | st.integers(48, 83),
    "mono_rnn": st.sampled_from([NO_EVENT, NOTE_OFF]) | st.integers(0, 127),
    "lookback_rnn": st.sampled_from([NO_EVENT, NOTE_OFF]) | st.integers(48, 83),
    "attention_rnn": st.sampled_from([NO_EVENT, NOTE_OFF]) | st.integers(48, 83),
    "one_drum": st.integers(0, 1),
    "drum_kit": st.integers(0, 511),
}
NOTHING = {name: 0 if theirs.drums else NO_EVENT for name, theirs in THEIRS.items()}


def sequences(name: str) -> st.SearchStrategy[list[int]]:
    """Sequences of events with repeats after a bar and after two."""
    repeats = st.sampled_from(REPEATS).map(lambda steps: ("again", steps))
    new = EVENTS[name].map(lambda event: ("new", event))
    short = st.lists(new | repeats, min_size=1, max_size=REPEATS[0])
    long = st.lists(new | repeats, min_size=REPEATS[1], max_size=MAX_EVENTS)
    return (short | long).map(lambda written: unfolded(written, NOTHING[name]))


def unfolded(written: list[tuple[str, int]], nothing: int) -> list[int]:
    events: list[int] = []
    for what, value in written:
        if what == "new":
            events.append(value)
        else:
            events.append(events[-value] if len(events) >= value else nothing)
    return events


def dense(inputs: Inputs, size: int) -> list[float]:
    vector = np.zeros(size)
    assert len(set(inputs.indices)) == len(inputs.indices)
    vector[inputs.indices] = inputs.values
    return [float(value) for value in vector]


def agree(name: str, events: Sequence[int]) -> None:
    encoding, theirs = CONFIGURATIONS[name].encoding, THEIRS[name]
    their_events = theirs.events(events)
    encoder = encoding.encoder()
    for position, event in enumerate(events):
        label = theirs.encoder_decoder.events_to_label(their_events, position)
        assert encoder.label(event) == label
        assert encoder.event(label) == event
        inputs = dense(encoder.append(event), encoding.input_size)
        assert inputs == theirs.encoder_decoder.events_to_input(their_events, position)


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_the_sizes_are_note_seqs(name: str) -> None:
    encoding, theirs = CONFIGURATIONS[name].encoding, THEIRS[name].encoder_decoder
    assert (encoding.input_size, encoding.num_classes) == (theirs.input_size, theirs.num_classes)


@pytest.mark.parametrize("name", CONFIGURATIONS)
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_inputs_and_labels_are_note_seqs_at_every_step(name: str, data: st.DataObject) -> None:
    agree(name, data.draw(sequences(name)))


@pytest.mark.parametrize("name", CONFIGURATIONS)
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_every_class_is_the_event_that_note_seq_takes_it_for(name: str, data: st.DataObject) -> None:
    encoding, theirs = CONFIGURATIONS[name].encoding, THEIRS[name]
    events = data.draw(sequences(name))
    their_events = theirs.events(events)
    encoder = encoding.encoder()
    for event in events:
        encoder.append(event)
    for label in range(encoding.num_classes):
        decoded = theirs.encoder_decoder.class_index_to_event(label, their_events)
        assert theirs.events([encoder.event(label)]) == [decoded]


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_sequence_that_has_no_events_yet_looks_back_at_nothing(name: str) -> None:
    encoding, theirs = CONFIGURATIONS[name].encoding, THEIRS[name]
    for label in range(encoding.num_classes):
        decoded = theirs.encoder_decoder.class_index_to_event(label, [])
        assert theirs.events([encoding.encoder().event(label)]) == [decoded]


@pytest.mark.parametrize(
    "events",
    [
        [NOTE_OFF, NOTE_OFF, NO_EVENT, 60],
        [NO_EVENT] * 40,
        [NOTE_OFF] * 40,
        [60] * 40,
        [60, NO_EVENT, NOTE_OFF, NO_EVENT, 60, 62, NOTE_OFF, 62] * 9,
        [48, 83, 48, 83, 83, 48],
        [*range(48, 84), *reversed(range(48, 84))],
        [*[60, 64, 67, NO_EVENT] * 4, *[62, 65, 69, NO_EVENT] * 4, *[60, 64, 67, NO_EVENT] * 4],
        [60 + n % 7 for n in range(1, 300)],  # beyond 128, where the counter begins again
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["basic_rnn", "mono_rnn", "lookback_rnn", "attention_rnn"])
def test_melodies_that_are_easily_got_wrong(name: str, events: list[int]) -> None:
    agree(name, events)


@pytest.mark.parametrize("name", ["one_drum", "drum_kit"])
def test_a_long_beat_and_a_long_silence(name: str) -> None:
    beat = [1, 0, 1, 1, 0] if name == "one_drum" else [5, 0, 4, 511, 2, 64]
    agree(name, beat * 20)
    agree(name, [0] * 100)


def test_the_network_hears_which_keys_fit_everything_and_which_the_latest_notes() -> None:
    """After C E G and long B♭ A♭ the last 24 inputs name different keys."""
    encoding = CONFIGURATIONS["attention_rnn"].encoding
    assert isinstance(encoding, KeyMelody)
    encoder = encoding.encoder()
    melody = [60, 64, 67, 60, 64, 67, 70, 68, 63]
    heard = [dense(encoder.append(pitch), encoding.input_size) for pitch in melody][-1]
    all_keys = likeliest_keys(key_counts(melody))
    recent_keys = likeliest_keys(key_counts(melody[-3:]))
    assert [key for key in range(12) if heard[-24 + key]] == all_keys
    assert [key for key in range(12) if heard[-12 + key]] == recent_keys
    assert all_keys != recent_keys
