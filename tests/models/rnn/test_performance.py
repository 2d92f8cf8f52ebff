"""Whole performances with networks that really run: only their weights are made up."""

from itertools import islice

import pytest

from psc2.core.drums import pattern_of
from psc2.core.effects import NoteOn
from psc2.core.events import Event
from psc2.core.instruments import Layer
from psc2.core.layers import layer_notes
from psc2.core.loop import Beat
from psc2.core.requests import DrumsRequest, Hit, MelodyRequest
from psc2.core.state import Phase
from psc2.models.bundles.bundle import read_bundle
from psc2.models.rnn.native import NativeRnn
from psc2.models.rnn.players import RnnDrums, RnnMelody
from psc2.testing import Rehearsal, key, press, sounds
from tests.models.bundles.examples import written

CALLS = ((60, 62, 64, 65, 67), (72, 71, 69, 67, 65), (40, 43, 47, 48, 52), (90, 85, 88, 81, 84))
ANSWER = 5  # pitches
STEP = 0.125  # seconds, at 120 qpm
PASS = 32 * STEP  # 2 bars of 4/4


def melody() -> RnnMelody:
    return RnnMelody(NativeRnn(read_bundle(written("attention_rnn", (12, 8), 5))))


def drums() -> RnnDrums:
    return RnnDrums(NativeRnn(read_bundle(written("drum_kit", (12, 8), 5))))


AT_ONCE = {"takeover": "now", "handback": "now", "register": "off"}  # whatever is being played, wherever


def rehearse(rhythm: str = "even", seed: int = 0) -> Rehearsal:
    improv = {"min_primer_length": 5, "max_robot_length": ANSWER, "primer_rhythm": rhythm, **AT_ONCE}
    return Rehearsal(melody(), drums(), seed=seed, improv=improv)


def keys(first: float, pitches: tuple[int, ...]) -> list[Event]:
    return [event for n, pitch in enumerate(pitches) for event in key(first + 0.2 * n, pitch)]


def melody_requests(rehearsal: Rehearsal) -> list[MelodyRequest]:
    return [request for request in rehearsal.requests if isinstance(request, MelodyRequest)]


def improvise(rehearsal: Rehearsal, start: float) -> list[int]:
    """Four exchanges over the loop. Returns: the pitches that the machine's turns sounded."""
    heard = []
    rehearsal.play([press(start, "improv")], until=start)
    for number, call in enumerate(CALLS):
        at = start + 0.1 + 4.0 * number
        rehearsal.play(keys(at, call), until=at + 1.5)
        assert rehearsal.engine.snapshot().improv.phase is Phase.ANSWERING
        sent = rehearsal.play(keys(at + 2.0, (30,) * ANSWER), until=at + 3.5)
        assert rehearsal.engine.snapshot().improv.phase is Phase.LISTENING
        heard += [on.pitch for _, on in sounds(sent, NoteOn) if isinstance(on, NoteOn)]
    return heard


@pytest.mark.parametrize("rhythm", ["even", "played"])
def test_four_calls_are_answered_with_the_networks_own_pitches(rhythm: str) -> None:
    rehearsal = rehearse(rhythm)
    heard = improvise(rehearsal, rehearsal.start() + 0.1)
    requests = melody_requests(rehearsal)
    assert [tuple(note.pitch for note in request.primer) for request in requests] == list(CALLS)
    again = melody()  # asked the same again, it answers the same
    assert heard == [
        pitch for request in requests for pitch in islice(again.continue_melody(request), ANSWER)
    ]
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.improv.from_model, snapshot.improv.from_stand_in) == (4 * ANSWER, 0)
    assert (snapshot.improv.trouble, snapshot.beat_maker.trouble, snapshot.counts.bad_input) == ("", "", {})
    assert all(heard[n * ANSWER :][:ANSWER] != list(call) for n, call in enumerate(CALLS))


def test_a_performance_is_the_same_each_time_and_with_another_seed_another() -> None:
    one, again, other = (improvise(rehearse(seed=seed), 0.1) for seed in (3, 3, 4))
    assert one == again != other


def with_bass(rehearsal: Rehearsal, *steps: int) -> float:
    """A loop with a bass line, once it has been recorded. Returns: the moment of its next pass."""
    start = rehearsal.start()
    bass = [event for step in steps for event in key(start + step * STEP, 40)]
    rehearsal.play([press(0.01, "record", Layer.BASS), *bass], until=start + PASS + 0.1)
    return start + 2 * PASS


def beat(rehearsal: Rehearsal) -> tuple[Hit, ...]:
    return pattern_of(layer_notes(rehearsal.state, Layer.DRUMS), steps_per_bar=16)


def next_beat(rehearsal: Rehearsal, at: float) -> tuple[Hit, ...]:
    """The beat of the pass after R3 was pressed, half a pass before ``at``."""
    rehearsal.play([press(at - PASS / 2, "model_drums")], until=at + 0.01)
    assert rehearsal.state.beat is Beat.MODEL
    return beat(rehearsal)


def test_the_network_drums_and_drums_something_else_and_can_be_taken_back() -> None:
    rehearsal = rehearse()
    start = with_bass(rehearsal, 0, 3, 6, 18)
    rehearsal.play([press(start - PASS + 0.2, "deterministic_drums")], until=start - PASS + 0.2)
    deterministic = beat(rehearsal)

    first = next_beat(rehearsal, start)
    second = next_beat(rehearsal, start + PASS)
    requests = [request for request in rehearsal.requests if isinstance(request, DrumsRequest)]
    assert [request.primer for request in requests] == [deterministic] * 2
    assert [first, second] == [tuple(sorted_beat(request)) for request in requests]
    assert len({deterministic, first, second}) == 3

    at = start + PASS + 0.2
    rehearsal.play([press(at, "undo")], until=at)
    assert beat(rehearsal) == first
    rehearsal.play([press(at + 0.1, "redo")], until=at + 0.1)
    assert beat(rehearsal) == second
    rehearsal.play([press(at + 0.2, "deterministic_drums")], until=at + 0.2)
    assert (beat(rehearsal), rehearsal.state.beat) == (deterministic, Beat.DETERMINISTIC)
    assert not rehearsal.state.counts.bad_input


def sorted_beat(request: DrumsRequest) -> list[Hit]:
    return sorted(drums().make_beat(request), key=lambda hit: (hit.step, hit.instrument.value))


def test_another_bass_line_makes_another_beat_of_the_same_chances() -> None:
    beats = []
    for steps in ((0, 3, 6, 31), (0, 3, 6, 29)):
        rehearsal = rehearse(seed=5)
        beats.append(next_beat(rehearsal, with_bass(rehearsal, *steps)))
    assert beats[0] != beats[1]


@pytest.mark.parametrize("meter", ["7/8", "5/16", "3/4"])
def test_the_network_drums_in_any_meter(meter: str) -> None:
    rehearsal = Rehearsal(melody(), drums(), music={"time_signature": meter, "num_bars": 3})
    start = rehearsal.start()
    rehearsal.play([press(start + 0.01, "model_drums")], until=start + 6.0)
    notes = layer_notes(rehearsal.state, Layer.DRUMS)
    steps = rehearsal.state.time_signature.steps_per_bar
    assert rehearsal.state.beat is Beat.MODEL
    assert {note.bar for note in notes} == {0, 1, 2}
    assert all(0 <= note.step < steps for note in notes)
