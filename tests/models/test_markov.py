from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.drums import deterministic_beat, pattern_of
from psc2.core.events import DrumsRequest, Hit, MelodyRequest, PrimerNote
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import TimeSignature
from psc2.models.markov import MarkovChain, MarkovDrums, MarkovMelody


def melody_request(pitches: list[int], num_pitches: int = 20, seed: int = 1) -> MelodyRequest:
    primer = tuple(PrimerNote(pitch, 90, onset_s=n * 0.2, duration_s=0.1) for n, pitch in enumerate(pitches))
    return MelodyRequest(1, primer, num_pitches, qpm=120.0, upbeat_steps=0.0, seed=seed)


def drums_request(meter: str, num_bars: int, seed: int = 1, temperature: float = 1.0) -> DrumsRequest:
    time_signature = TimeSignature.parse(meter)
    steps = time_signature.steps_per_bar
    bass = [PlayableNote(0, step, Layer.BASS, Instrument.BASS, 40, 90) for step in (0, min(3, steps - 1))]
    primer = pattern_of(deterministic_beat(bass, time_signature, num_bars), steps)
    return DrumsRequest(
        1, primer, time_signature.steps_per_beat, steps, num_bars, 120.0, temperature, seed
    )  # fmt: skip


def test_the_longest_context_that_was_heard_decides() -> None:
    chain: MarkovChain[str] = MarkovChain()
    chain.learn("abcabd")
    assert set(chain.choices("xab")) == {"c", "d"}
    assert set(chain.choices("cab")) == {"d"}


def test_a_context_never_heard_is_shortened() -> None:
    chain: MarkovChain[str] = MarkovChain()
    chain.learn("abab")
    assert set(chain.choices("zzb")) == {"a"}
    assert set(chain.choices("zzz")) == {"a", "b"}


def test_the_answer_has_as_many_pitches_as_asked() -> None:
    answer = MarkovMelody().continue_melody(melody_request([60, 62, 64, 65, 67] * 4, num_pitches=13))
    assert len(answer) == 13


def test_the_answer_moves_as_the_player_does() -> None:
    """Each step from one pitch to the next has been played."""
    call = [60, 62, 63, 67, 63, 62, 60, 63, 67, 70, 67, 63, 60]
    answer = MarkovMelody().continue_melody(melody_request(call))
    played = set(pairwise(call))
    turns = list(pairwise([call[-1], *answer]))
    assert all(turn in played for turn in turns)


def test_it_learns_from_the_calls_before() -> None:
    model = MarkovMelody()
    model.continue_melody(melody_request([60, 72] * 8))
    answers = {
        pitch
        for seed in range(20)
        for pitch in model.continue_melody(melody_request([60, 50, 60, 50, 60], seed=seed))
    }
    assert {50, 60, 72} <= answers


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    call = [60, 62, 60, 64, 60, 65, 62, 60] * 2
    answers = [MarkovMelody().continue_melody(melody_request(call, seed=seed)) for seed in (1, 1, 2)]
    assert answers[0] == answers[1] != answers[2]


@given(st.lists(st.integers(0, 127), min_size=1, max_size=40), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_it_never_fails(call: list[int], num_pitches: int, seed: int) -> None:
    answer = MarkovMelody().continue_melody(melody_request(call, num_pitches, seed))
    assert len(answer) == num_pitches
    assert set(answer) <= set(call)


@pytest.mark.parametrize("meter", ["4/4", "3/4", "7/8", "5/16", "2/4"])
@pytest.mark.parametrize("num_bars", [1, 2, 5])
def test_a_beat_is_as_long_as_the_sequence_and_made_of_the_primers_strokes(meter: str, num_bars: int) -> None:
    request = drums_request(meter, num_bars)
    beat = MarkovDrums().make_beat(request)
    assert all(0 <= hit.step < request.steps_per_bar * num_bars for hit in beat)
    assert {hit.instrument for hit in beat} <= {hit.instrument for hit in request.primer}
    assert beat[0].step == 0


def test_two_seeds_give_two_beats() -> None:
    beats = {MarkovDrums().make_beat(drums_request("4/4", 2, seed)) for seed in range(10)}
    assert len(beats) > 1


def test_the_same_seed_gives_the_same_beat() -> None:
    beats = [MarkovDrums().make_beat(drums_request("7/8", 4, seed=5)) for _ in range(2)]
    assert beats[0] == beats[1]


def test_a_beat_of_nothing_is_nothing() -> None:
    silence = DrumsRequest(1, (), 4, 16, 2, 120.0, 1.0, 0)
    assert MarkovDrums().make_beat(silence) == ()


def test_hits_keep_their_velocities() -> None:
    request = drums_request("4/4", 2)
    velocities = {(hit.instrument, hit.velocity) for hit in request.primer}
    assert {(hit.instrument, hit.velocity) for hit in MarkovDrums().make_beat(request)} <= velocities
    assert Hit(0, Instrument.KICK, 110) in MarkovDrums().make_beat(request)


@pytest.mark.parametrize("meter", ["4/4", "3/4", "7/8"])
def test_a_beat_keeps_its_bar_lines(meter: str) -> None:
    """What only ever stood on the bar line stays there: the kick of the deterministic beat."""
    for seed in range(20):
        request = drums_request(meter, 4, seed)
        kicks = [hit.step for hit in MarkovDrums().make_beat(request) if hit.instrument is Instrument.KICK]
        assert kicks == [bar * request.steps_per_bar for bar in range(4)]
