from itertools import islice, pairwise
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from psc2.core.instruments import Instrument
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest, Model
from psc2.models.markov import NUM_EVENTS, Markov, MarkovChain, MarkovDrums, MarkovMelody
from tests.models.requests import drums_request, melody_request


def answer(request: MelodyRequest, model: MarkovMelody | None = None) -> list[int]:
    return list(islice((model or MarkovMelody()).continue_melody(request), request.num_pitches))


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


def test_the_answer_goes_on_for_as_long_as_it_is_asked_for() -> None:
    assert len(answer(melody_request([60, 62, 64, 65, 67] * 4, num_pitches=1300))) == 1300


def test_the_answer_moves_as_the_player_does() -> None:
    """Each step from one pitch to the next has been played."""
    call = [60, 62, 63, 67, 63, 62, 60, 63, 67, 70, 67, 63, 60]
    played = set(pairwise(call))
    turns = list(pairwise([call[-1], *answer(melody_request(call))]))
    assert all(turn in played for turn in turns)


def test_it_learns_from_the_calls_before_even_if_no_pitch_was_taken() -> None:
    model = MarkovMelody()
    model.continue_melody(melody_request([60, 72] * 8))
    requests = [melody_request([60, 50, 60, 50, 60], seed=seed) for seed in range(20)]
    assert {50, 60, 72} <= {pitch for request in requests for pitch in answer(request, model)}


def test_a_low_temperature_keeps_to_what_was_played_most() -> None:
    call = [*[60, 62] * 8, 60, 64, *[60, 62] * 4]
    cold, hot = (
        [pitch for seed in range(20) for pitch in answer(melody_request(call, 10, seed, temperature))]
        for temperature in (0.1, 4.0)
    )
    assert set(cold) == {60, 62}
    assert hot.count(64) > 10


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    call = [60, 62, 60, 64, 60, 65, 62, 60] * 2
    answers = [answer(melody_request(call, seed=seed)) for seed in (1, 1, 2)]
    assert answers[0] == answers[1] != answers[2]


@given(st.lists(st.integers(0, 127), min_size=1, max_size=40), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_it_never_fails(call: list[int], num_pitches: int, seed: int) -> None:
    pitches = answer(melody_request(call, num_pitches, seed))
    assert len(pitches) == num_pitches
    assert set(pitches) <= set(call)


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


# --- foreseeing -----------------------------------------------------------------------


@given(st.lists(st.integers(0, 4), max_size=30), st.lists(st.integers(0, 4), max_size=6))
def test_what_may_come_has_a_probability_of_one_in_all(heard: list[int], context: list[int]) -> None:
    chain: MarkovChain[int] = MarkovChain()
    chain.learn(heard)
    likely = [chain.probability(context, token, 5) for token in range(5)]
    assert sum(likely) == pytest.approx(1)
    assert min(likely) > 0


def test_who_has_heard_nothing_takes_all_events_for_as_likely() -> None:
    for model, size in NUM_EVENTS.items():
        assert Markov().log_likelihood(model, [0, 1]) == pytest.approx(log(0.5 / size), abs=0.7)
        assert Markov().log_likelihood(model, [0]) == 0


def test_what_repeats_is_foreseen_better_each_time_and_each_kind_by_itself() -> None:
    markov = Markov()
    first, second, third = (markov.log_likelihood(Model.MELODY, [60, 62, 64, 65] * 4) for _ in range(3))
    assert first < second < third < 0
    assert markov.log_likelihood(Model.DRUMS, [60, 62] * 4) == Markov().log_likelihood(
        Model.DRUMS, [60, 62] * 4
    )
