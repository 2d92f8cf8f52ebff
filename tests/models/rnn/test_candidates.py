"""Continuations that are made together: each as if it were alone, and the best of them answers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise

import numpy as np
import pytest

from psc2.core.chart import PlacedChord
from psc2.core.harmony import Quality, chord_on
from psc2.core.meter import TimeSignature
from psc2.core.requests import ComingHarmony, MelodyRequest
from psc2.models import choice
from psc2.models.bundles.bundle import Bundle, read_bundle
from psc2.models.bundles.checkpoint import Tensor
from psc2.models.choice import Heard
from psc2.models.rnn import candidates
from psc2.models.rnn.candidates import MAX_SILENT_STEPS, BranchingRnn
from psc2.models.rnn.encodings import NO_EVENT, NOTE_OFF
from psc2.models.rnn.native import NativeBranches, NativeRnn
from psc2.models.rnn.players import RnnMelody, notes_of
from tests.models.bundles.examples import written
from tests.models.requests import melody_request

CALL = [60, 62, 64, 65, 67, 69, 71, 72]
MELODIES = ["basic_rnn", "mono_rnn", "lookback_rnn", "attention_rnn"]


def network(configuration: str) -> NativeRnn:
    attention = 5 if configuration in ("attention_rnn", "drum_kit") else 0
    return NativeRnn(read_bundle(written(configuration, (12, 8), attention)))


def taken(branches: NativeBranches, steps: int) -> list[list[int]]:
    """The events of each, so many."""
    return [list(events) for events in zip(*(branches.step()[0] for _ in range(steps)), strict=True)]


def wanted(number: int, num_pitches: int = 20, seed: int = 1) -> MelodyRequest:
    return replace(melody_request(CALL, num_pitches, seed), candidates=number)


# --- the network ----------------------------------------------------------------------


@pytest.mark.parametrize("name", [*MELODIES, "drum_kit"])
def test_the_first_of_several_goes_on_as_one_alone_does(name: str) -> None:
    rnn, primer = network(name), [5, 0, 4, 0] if name == "drum_kit" else CALL
    alone = list(islice(rnn.continuation(primer, 1.0, 3), 60))
    assert taken(rnn.branches(primer, 1.0, 3, 5), 60)[0] == alone


@pytest.mark.parametrize("name", MELODIES)
def test_how_many_there_are_makes_no_difference_to_any(name: str) -> None:
    rnn = network(name)
    three, eight = (taken(rnn.branches(CALL, 1.0, 3, number), 40) for number in (3, 8))
    assert three == eight[:3]
    assert len({*map(tuple, eight)}) == 8


@pytest.mark.parametrize("name", MELODIES)
def test_those_that_are_kept_go_on_as_before(name: str) -> None:
    rnn = network(name)
    whole = taken(rnn.branches(CALL, 1.0, 3, 6), 40)
    branches = rnn.branches(CALL, 1.0, 3, 6)
    begun = taken(branches, 15)
    branches.keep([4, 1])
    rest = taken(branches, 25)
    assert [begun[4] + rest[0], begun[1] + rest[1]] == [whole[4], whole[1]]


def test_each_event_comes_with_how_likely_it_was() -> None:
    """At any temperature it is the network's own probability, of the class that was drawn."""
    rnn = network("basic_rnn")
    branches, events, likely = rnn.branches(CALL, 2.0, 3, 4), [], []
    for _ in range(20):
        step, log_probabilities = branches.step()
        events.append(step[2])
        likely.append(log_probabilities[2])
    alphabet = rnn.bundle.configuration.encoding.alphabet
    softmaxes = rnn.softmaxes([*CALL, *events])[len(CALL) - 1 : -1]
    expected = [row[alphabet.index(event)] for row, event in zip(softmaxes, events, strict=True)]
    assert np.exp(likely) == pytest.approx(np.array(expected), rel=1e-3)


# --- the drafts -----------------------------------------------------------------------


class ScriptedBranches:
    """Continuations as they are told, and nothing any more after their end."""

    def __init__(self, scripts: Sequence[Sequence[int]]) -> None:
        self._scripts = [iter(script) for script in scripts]

    def step(self) -> tuple[list[int], list[float]]:
        return [next(script) for script in self._scripts], [-1.0] * len(self._scripts)

    def keep(self, rows: Sequence[int]) -> None:
        self._scripts = [self._scripts[row] for row in rows]


class ScriptedRnn:
    """An engine that branches as it is told."""

    def __init__(self, *scripts: Sequence[int]) -> None:
        self.bundle: Bundle = read_bundle(written("attention_rnn"))
        self._scripts = scripts

    def branches(self, primer: Sequence[int], temperature: float, seed: int, number: int) -> ScriptedBranches:
        assert (list(primer), number) == (CALL, len(self._scripts))
        return ScriptedBranches(self._scripts)

    def continuation(self, primer: Sequence[int], temperature: float, seed: int) -> Iterator[int]:
        raise AssertionError("nobody asks for it")

    def softmaxes(self, events: Sequence[int]) -> Tensor:
        raise AssertionError("nobody asks for it")

    def log_likelihood(self, events: Sequence[int]) -> float:
        raise AssertionError("nobody asks for it")


def test_each_draft_is_made_until_it_is_whole_and_no_further() -> None:
    rnn = ScriptedRnn([62, 64, 65], [62, NO_EVENT, 64, NOTE_OFF, 65], [62] + [NO_EVENT] * MAX_SILENT_STEPS)
    drafts = candidates.drafts(rnn, wanted(3, num_pitches=3))
    assert [draft.candidate.pitches for draft in drafts] == [(62, 64, 65), (62, 64, 65), (62,)]
    assert {draft.candidate.log_likelihood for draft in drafts} == {-1.0}


def test_where_a_rhythm_is_wanted_the_last_note_has_an_end() -> None:
    request = replace(wanted(3, num_pitches=2), with_rhythm=True)
    rnn = ScriptedRnn([62, 64, NO_EVENT, NOTE_OFF], [62, 64, NO_EVENT, 65], [62, 64] + [NO_EVENT] * 32)
    drafts = candidates.drafts(rnn, request)
    assert [draft.candidate.pitches for draft in drafts] == [(62, 64)] * 3
    lines = [list(islice(notes_of(draft.events), 2)) for draft in drafts]
    assert [line[1].steps for line in lines] == [2, 2, 16]


def test_the_best_draft_answers() -> None:
    rnn = ScriptedRnn([67, 67, 67, 65], [71, 67, 69, 65], [71, 72, 71, 67])
    assert list(RnnMelody(rnn).continue_melody(wanted(3, num_pitches=4))) == [71, 67, 69, 65]


def test_where_chords_are_known_the_draft_that_fits_them_answers() -> None:
    rnn = ScriptedRnn([71, 68, 70, 66], [71, 67, 69, 66], [71, 67, 69, 64])
    over_c = ComingHarmony(0, (PlacedChord(0, chord_on("C", Quality())),), TimeSignature(4, 4), (), None)
    request = replace(wanted(3, num_pitches=4), harmony=over_c)
    assert list(RnnMelody(rnn).continue_melody(request)) == [71, 67, 69, 64]
    unknown = ScriptedRnn([71, 68, 70, 66], [71, 67, 69, 66], [71, 67, 69, 64])
    assert list(RnnMelody(unknown).continue_melody(replace(request, harmony=None))) == [71, 68, 70, 66]


def test_a_line_has_its_notes_where_the_model_places_them() -> None:
    rnn = ScriptedRnn([NO_EVENT, 62, NO_EVENT, 64, NOTE_OFF])
    (draft,) = candidates.drafts(rnn, replace(wanted(1, num_pitches=2), with_rhythm=True))
    assert draft.candidate.onsets == (1, 3)


def test_no_draft_is_made_further_than_until_the_answer_is_known() -> None:
    rnn = ScriptedRnn([67, 67, 67, 65], [71, 67, 69, 65], [NO_EVENT] * 4)
    assert list(RnnMelody(rnn).continue_melody(wanted(3, num_pitches=4))) == [71, 67, 69, 65]


@pytest.mark.parametrize(
    ("asked", "num_pitches", "number"), [(16, 20, 16), (64, 20, 64), (64, 200, 6), (1, 20, 1)]
)
def test_long_answers_are_chosen_among_fewer(asked: int, num_pitches: int, number: int) -> None:
    assert candidates.number_of(wanted(asked, num_pitches)) == number


# --- the answers of networks ----------------------------------------------------------


@pytest.mark.parametrize("name", MELODIES)
def test_an_answer_is_the_cheapest_of_what_the_network_makes(name: str) -> None:
    rnn = network(name)
    for seed in range(5):
        request = wanted(8, seed=seed)
        answer = list(islice(RnnMelody(rnn).continue_melody(request), 20))
        drawn = [draft.candidate for draft in candidates.drafts(rnn, request)]
        assert tuple(answer) == drawn[choice.cheapest(drawn, Heard(request))].pitches
        assert len(answer) == 20
        assert list(islice(RnnMelody(rnn).continue_melody(request), 20)) == answer


def test_a_line_is_chosen_too_and_one_candidate_is_the_line_of_ever() -> None:
    model = RnnMelody(network("attention_rnn"))
    one, first, chosen = (
        list(islice(model.continue_line(replace(wanted(number), with_rhythm=True)), 20))
        for number in (1, 1, 16)
    )
    assert one == first
    assert len(chosen) == 20
    assert all(before.onset + before.steps <= after.onset for before, after in pairwise(chosen))


def test_an_engine_that_makes_one_at_a_time_ignores_how_many_are_wanted() -> None:
    native = network("attention_rnn")

    class Plain:
        bundle = native.bundle
        continuation, softmaxes, log_likelihood = native.continuation, native.softmaxes, native.log_likelihood

    assert [isinstance(rnn, BranchingRnn) for rnn in (native, Plain())] == [True, False]
    answers = [
        list(islice(RnnMelody(rnn).continue_melody(wanted(number)), 20))
        for rnn, number in ((Plain(), 16), (native, 1))
    ]
    assert answers[0] == answers[1]
