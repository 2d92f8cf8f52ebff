"""MelodyRNN and DrumsRNN as the instrument asks them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.instruments import Instrument
from psc2.models.bundles.bundle import Bundle, read_bundle
from psc2.models.bundles.checkpoint import Tensor
from psc2.models.rnn.candidates import MAX_SILENT_STEPS
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.models.rnn.native import NativeRnn
from psc2.models.rnn.players import Rnn, RnnDrums, RnnMelody
from tests.models.bundles.examples import written
from tests.models.requests import drums_request, melody_request, played_request

CALL = [60, 62, 64, 65, 67, 69, 71, 72]  # C major around the middle of the range: not moved


class Scripted:
    """An engine that goes on as it is told, and notes what it was asked."""

    def __init__(self, bundle: Bundle, events: Iterable[int]) -> None:
        self.bundle = bundle
        self._events = events
        self.requests: list[tuple[list[int], float, int]] = []
        self.made = 0

    def continuation(self, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
        self.requests.append((list(primer), temperature, seed))
        for event in self._events:
            self.made += 1
            yield event

    def softmaxes(self, events: Sequence[int]) -> Tensor:
        raise AssertionError("nobody asks for it")

    def log_likelihood(self, events: Sequence[int]) -> float:
        raise AssertionError("nobody asks for it")


def bundle(configuration: str) -> Bundle:
    return read_bundle(written(configuration))


MELODY, KIT, ONE_DRUM = bundle("attention_rnn"), bundle("drum_kit"), bundle("one_drum")


# --- melodies -------------------------------------------------------------------------


def test_an_answer_is_the_pitches_that_the_network_makes_and_nothing_of_the_call() -> None:
    rnn = Scripted(MELODY, [55, NO_EVENT, NOTE_OFF, 57, 57, NOTE_OFF, 48])
    request = melody_request(CALL, seed=7, temperature=0.5)
    assert list(RnnMelody(rnn).continue_melody(request)) == [55, 57, 57, 48]
    assert rnn.requests == [(CALL, 0.5, 7)]


def test_no_more_is_made_than_is_taken() -> None:
    rnn = Scripted(MELODY, cycle([55, NO_EVENT]))
    assert list(islice(RnnMelody(rnn).continue_melody(melody_request(CALL)), 3)) == [55, 55, 55]
    assert rnn.made == 5


def test_a_network_that_stays_silent_is_asked_no_further() -> None:
    rnn = Scripted(MELODY, cycle([NO_EVENT, NOTE_OFF]))
    assert list(RnnMelody(rnn).continue_melody(melody_request(CALL))) == []
    assert rnn.made == MAX_SILENT_STEPS


def test_a_network_may_be_silent_for_a_while_again_and_again() -> None:
    rnn = Scripted(MELODY, [*[NO_EVENT] * (MAX_SILENT_STEPS - 1), 60] * 3)
    assert list(RnnMelody(rnn).continue_melody(melody_request(CALL))) == [60, 60, 60]


@pytest.mark.parametrize("semitones", [-36, -12, -5, 1, 6, 24, 43])
def test_the_network_hears_its_own_key_and_the_player_theirs(semitones: int) -> None:
    rnn = Scripted(MELODY, [60, 64])
    call = [pitch + semitones for pitch in CALL]
    answer = list(RnnMelody(rnn).continue_melody(melody_request(call)))
    primer = rnn.requests[0][0]
    moved = call[0] - primer[0]
    assert [pitch + moved for pitch in primer] == call
    assert {pitch % 12 for pitch in primer} == {pitch % 12 for pitch in CALL}
    assert answer == [60 + moved, 64 + moved]


@settings(deadline=None)
@given(call=st.lists(st.integers(0, 127), min_size=1, max_size=40), played=st.booleans())
def test_an_answer_is_in_the_register_of_the_call(call: list[int], played: bool) -> None:
    """The whole range that the network may use lies around the call, half an octave off at most."""
    rnn = Scripted(MELODY, range(48, 84))
    request = played_request([(2.0 * n, 1.0, pitch) for n, pitch in enumerate(call)])
    answer = list(RnnMelody(rnn).continue_melody(request if played else melody_request(call)))
    amount = 48 - answer[0] if answer[0] < answer[-1] else None
    assert all(0 <= pitch <= 127 for pitch in answer)
    centre = (min(call) + max(call)) / 2
    if amount is not None and answer == list(range(answer[0], answer[0] + 36)):
        assert abs((answer[0] + answer[-1]) / 2 - centre) <= 6
    else:  # folded at an end of the keyboard
        assert min(answer) == 0 or max(answer) == 127 or centre < 18 or centre > 109


def network(configuration: str, seed: int = 1) -> NativeRnn:
    attention = 5 if configuration in ("attention_rnn", "drum_kit") else 0
    return NativeRnn(read_bundle(written(configuration, (12, 8), attention, seed)))


@pytest.mark.parametrize("name", ["basic_rnn", "mono_rnn", "lookback_rnn", "attention_rnn"])
def test_a_network_gives_as_many_pitches_as_are_asked_for(name: str) -> None:
    model = RnnMelody(network(name))
    for seed in range(5):
        answer = list(islice(model.continue_melody(melody_request(CALL, seed=seed)), 200))
        assert len(answer) == 200
        assert set(answer) <= set(range(128))
        assert answer[: len(CALL)] != CALL


def test_the_same_call_and_seed_give_the_same_answer_and_another_call_another() -> None:
    model = RnnMelody(network("attention_rnn"))
    first, again, other = (
        list(islice(model.continue_melody(melody_request(call)), 20)) for call in (CALL, CALL, CALL[::-1])
    )
    assert first == again != other


def test_the_rhythm_of_the_call_is_heard() -> None:
    rnn = Scripted(MELODY, [60])
    list(
        RnnMelody(rnn).continue_melody(played_request([(0, 1, 60), (2, 2, 64), (4, 1, 67)], upbeat_steps=2.0))
    )
    assert rnn.requests[0][0] == [NO_EVENT, NO_EVENT, 60, NOTE_OFF, 64, NO_EVENT, 67]


@settings(max_examples=30, deadline=None)
@given(call=st.lists(st.integers(0, 127), min_size=1, max_size=30), seed=st.integers(0, 2**32 - 1))
def test_any_call_is_answered(call: list[int], seed: int) -> None:
    for model in ANSWERERS:
        answer = list(islice(model.continue_melody(melody_request(call, seed=seed)), 10))
        assert len(answer) == 10
        assert set(answer) <= set(range(128))


ANSWERERS = [RnnMelody(network(name)) for name in ("mono_rnn", "lookback_rnn", "attention_rnn")]


# --- drums ----------------------------------------------------------------------------


@pytest.mark.parametrize("meter", ["4/4", "3/4", "7/8", "5/16", "2/16"])
@pytest.mark.parametrize("num_bars", [1, 2, 3])
def test_a_beat_is_as_long_as_the_loop(meter: str, num_bars: int) -> None:
    request = drums_request(meter, num_bars)
    length = request.steps_per_bar * num_bars
    kit, one_drum = Scripted(KIT, cycle([1])), Scripted(ONE_DRUM, cycle([1]))
    assert [hit.step for hit in RnnDrums(kit).make_beat(request)] == list(range(length))
    assert [hit.step for hit in RnnDrums(one_drum).make_beat(request)] == list(range(0, length, 2))
    assert len(kit.requests[0][0]) == length


def test_a_beat_has_the_drums_of_each_event() -> None:
    rnn = Scripted(KIT, [1, 0, 6, 256])
    beat = list(RnnDrums(rnn).make_beat(drums_request("4/4", 1, seed=9, temperature=2.0)))
    assert [(hit.step, hit.instrument) for hit in beat] == [
        (0, Instrument.KICK),
        (2, Instrument.SNARE),
        (2, Instrument.CLOSED_HIHAT),
        (3, Instrument.RIDE),
    ]
    assert rnn.requests[0][1:] == (2.0, 9)


def test_with_one_seed_two_bass_lines_give_the_network_other_chances() -> None:
    """From the bass line to the first softmax: the model hears the loop, and all of it."""
    rnn = network("drum_kit")
    softmaxes = []
    for bass_line in ([(0, 0), (1, 3)], [(0, 7), (1, 3)], [(0, 0), (1, 15)]):
        heard = Scripted(rnn.bundle, [])
        list(RnnDrums(heard).make_beat(drums_request("4/4", 2, seed=1, bass_line=bass_line)))
        ((primer, _, seed),) = heard.requests
        assert (len(primer), seed) == (32, 1)
        softmaxes.append(rnn.softmaxes(primer)[-1])
    assert np.abs(softmaxes[0] - softmaxes[1]).max() > 1e-5
    assert np.abs(softmaxes[0] - softmaxes[2]).max() > 1e-3


def test_with_one_seed_two_bass_lines_give_two_beats() -> None:
    model = RnnDrums(network("drum_kit"))
    one, other = (
        list(model.make_beat(drums_request("4/4", 2, seed=1, bass_line=[(0, 0), (1, step)])))
        for step in (12, 15)
    )
    assert one != other


def test_a_beat_comes_from_its_seed_and_from_the_primer() -> None:
    model = RnnDrums(network("drum_kit"))
    request = drums_request("7/8", 4, seed=1)
    beats = [
        list(model.make_beat(each))
        for each in (request, request, replace(request, seed=2), replace(request, primer=()))
    ]
    assert beats[0] == beats[1]
    assert beats[0] not in beats[2:]


@pytest.mark.parametrize("make", [Scripted, NativeRnn], ids=["scripted", "native"])
def test_what_is_asked_of_an_engine_is_in_the_protocol(make: Callable[..., Rnn]) -> None:
    rnn: Rnn = make(MELODY, [60]) if make is Scripted else make(MELODY)
    assert next(rnn.continuation([60], 1.0, seed=0)) in range(-2, 84)
