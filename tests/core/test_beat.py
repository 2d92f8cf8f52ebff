"""The machine's beat in the making. The fake model answers with one ride after 0.2 s."""

import pytest

from psc2.core.controls import Action
from psc2.core.events import (
    Cancel,
    Cancelled,
    DrumsReady,
    DrumsRequest,
    Effect,
    Event,
    Hit,
    Model,
    ModelFailed,
)
from psc2.core.instruments import Instrument, Layer
from psc2.core.rules import react
from psc2.core.state import Beat
from psc2.testing import FakeDrums, Rehearsal
from tests.core.rehearsals import Deaf

RIDE = Hit(3, Instrument.RIDE, 70)


def rehearsing(kind: type[Rehearsal] = Rehearsal) -> Rehearsal:
    return kind(drums=FakeDrums(RIDE))


def press(rehearsal: Rehearsal, action: Action, at: float = 0.1) -> list[Effect]:
    """What a button sets off by itself, without any worker."""
    return react(rehearsal.state, rehearsal.press(at, action))


def only_request(effects: list[Effect]) -> DrumsRequest:
    (request,) = effects
    assert isinstance(request, DrumsRequest)
    return request


def job(rehearsal: Rehearsal) -> DrumsRequest | None:
    return rehearsal.state.drums_job


def test_a_new_beat_is_asked_for_once() -> None:
    rehearsal = rehearsing()
    request = only_request(press(rehearsal, Action.MODEL_DRUMS))
    assert job(rehearsal) == request
    assert react(rehearsal.state, DrumsReady(0.3, request.request_id, (RIDE,), True, "")) == []
    assert job(rehearsal) is None
    assert rehearsal.state.beat is Beat.MODEL


def test_r3_again_cancels_the_beat_in_the_making_and_asks_anew_when_the_model_is_free() -> None:
    rehearsal = rehearsing()
    first = only_request(press(rehearsal, Action.MODEL_DRUMS))
    assert press(rehearsal, Action.MODEL_DRUMS) == [Cancel(Model.DRUMS, first.request_id)]
    assert press(rehearsal, Action.MODEL_DRUMS) == []  # once is enough
    assert job(rehearsal) == first
    second = only_request(react(rehearsal.state, Cancelled(0.2, first.request_id)))
    assert job(rehearsal) == second
    assert press(rehearsal, Action.MODEL_DRUMS) == [Cancel(Model.DRUMS, second.request_id)]


@pytest.mark.parametrize(
    "answer",
    [DrumsReady(0.2, 1, (RIDE,), True, ""), ModelFailed(0.2, 1, "no sticks"), Cancelled(0.2, 1)],
)
def test_however_a_beat_that_was_given_up_ends_the_next_is_asked_for(answer: Event) -> None:
    rehearsal = rehearsing()
    press(rehearsal, Action.MODEL_DRUMS)
    press(rehearsal, Action.MODEL_DRUMS)
    assert only_request(react(rehearsal.state, answer)).request_id == 2
    assert (rehearsal.state.beat, rehearsal.state.pending_beat) == (Beat.NONE, None)
    assert rehearsal.engine.snapshot().beat_pending


def test_r3_again_and_again_with_a_model_that_cannot_be_interrupted() -> None:
    rehearsal = rehearsing(Deaf)
    presses = [rehearsal.press(0.05 * n, Action.MODEL_DRUMS) for n in range(4)]
    rehearsal.play(presses, until=0.19)
    assert (len(rehearsal.requests), rehearsal.cancelled) == (1, [1])
    rehearsal.play([], until=0.39)
    assert (len(rehearsal.requests), rehearsal.state.machine_beats) == (2, 0)
    rehearsal.play([], until=1.0)
    snapshot = rehearsal.engine.snapshot()
    assert (len(rehearsal.requests), snapshot.machine_beats, snapshot.beat_pending) == (2, 1, False)


def test_a_beat_asked_for_anew_has_the_temperature_that_holds_then() -> None:
    rehearsal = rehearsing()
    cooler = rehearsal.press(0.05, Action.DRUMS_TEMPERATURE, value=0)
    presses = [rehearsal.press(at, Action.MODEL_DRUMS) for at in (0.0, 0.1)]
    rehearsal.play([presses[0], cooler, presses[1]], until=1.0)
    assert [request.temperature for request in rehearsal.requests] == [1.0, pytest.approx(0.1)]
    assert (rehearsal.cancelled, rehearsal.state.machine_beats) == ([1], 1)


def test_s3_cancels_the_beat_in_the_making_once() -> None:
    rehearsal = rehearsing()
    request = only_request(press(rehearsal, Action.MODEL_DRUMS))
    assert press(rehearsal, Action.DETERMINISTIC_DRUMS) == [Cancel(Model.DRUMS, request.request_id)]
    assert press(rehearsal, Action.DETERMINISTIC_DRUMS) == []
    assert job(rehearsal) == request
    assert react(rehearsal.state, Cancelled(0.2, request.request_id)) == []
    assert job(rehearsal) is None
    assert rehearsal.state.beat is Beat.DETERMINISTIC


def test_s3_after_r3_again_leaves_nothing_to_ask_for() -> None:
    rehearsal = rehearsing()
    for action in (Action.MODEL_DRUMS, Action.MODEL_DRUMS, Action.DETERMINISTIC_DRUMS):
        press(rehearsal, action)
    assert react(rehearsal.state, Cancelled(0.2, 1)) == []
    assert not rehearsal.engine.snapshot().beat_pending


def test_r3_after_s3_asks_when_the_model_is_free() -> None:
    rehearsal = rehearsing()
    press(rehearsal, Action.MODEL_DRUMS)
    press(rehearsal, Action.DETERMINISTIC_DRUMS)
    assert press(rehearsal, Action.MODEL_DRUMS) == []
    assert only_request(react(rehearsal.state, Cancelled(0.2, 1))).request_id == 2


def test_s3_with_nothing_in_the_making_cancels_nothing() -> None:
    rehearsal = rehearsing()
    assert press(rehearsal, Action.DETERMINISTIC_DRUMS) == []
    rehearsal.start(at=0.2)
    rehearsal.play([rehearsal.press(0.5, Action.MODEL_DRUMS)], until=1.0)
    assert rehearsal.state.pending_beat is not None
    assert press(rehearsal, Action.DETERMINISTIC_DRUMS, at=1.1) == []
    assert rehearsal.state.pending_beat is None


def test_a_worker_that_gives_up_unasked_leaves_the_beat_as_it_is() -> None:
    rehearsal = rehearsing()
    press(rehearsal, Action.MODEL_DRUMS)
    assert react(rehearsal.state, Cancelled(0.2, 1)) == []
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.beat, snapshot.beat_pending, snapshot.model_trouble[Model.DRUMS]) == (
        Beat.NONE,
        False,
        "",
    )


@pytest.mark.parametrize(
    "answer",
    [DrumsReady(0.2, 99, (RIDE,), True, "x"), ModelFailed(0.2, 99, "x"), Cancelled(0.2, 99)],
)
def test_an_answer_nobody_asked_for_changes_nothing(answer: Event) -> None:
    rehearsal = rehearsing()
    request = only_request(press(rehearsal, Action.MODEL_DRUMS))
    before = rehearsal.engine.snapshot()
    assert react(rehearsal.state, answer) == []
    assert rehearsal.engine.snapshot() == before
    assert job(rehearsal) == request


def test_a_stand_ins_beat_is_played_and_the_trouble_told_until_the_model_is_well() -> None:
    rehearsal = rehearsing()
    press(rehearsal, Action.MODEL_DRUMS)
    react(rehearsal.state, DrumsReady(0.2, 1, (RIDE,), False, "the drums model is late"))
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.beat, snapshot.notes[Layer.DRUMS]) == (Beat.MODEL, 1)
    assert snapshot.model_trouble == {Model.MELODY: "", Model.DRUMS: "the drums model is late"}
    press(rehearsal, Action.MODEL_DRUMS)
    react(rehearsal.state, DrumsReady(0.4, 2, (RIDE,), True, ""))
    assert rehearsal.engine.snapshot().model_trouble == dict.fromkeys(Model, "")


@pytest.mark.parametrize(
    ("action", "steps_per_bar", "num_bars"),
    [(Action.NUMERATOR_UP, 20, 2), (Action.DENOMINATOR_UP, 8, 2), (Action.BARS_UP, 16, 3)],
)
@pytest.mark.parametrize("answered", [False, True])
def test_a_beat_on_its_way_is_made_anew_for_a_meter_or_length_that_changes(
    action: Action, steps_per_bar: int, num_bars: int, answered: bool
) -> None:
    model = FakeDrums(Hit(0, Instrument.RIDE, 90))
    rehearsal = Rehearsal(drums=model)
    start = rehearsal.start()
    asked, changed = start + 0.1, start + (0.5 if answered else 0.2)
    sequence_end = start + 2 * 16 * 0.125
    rehearsal.play(
        [rehearsal.press(asked, Action.MODEL_DRUMS), rehearsal.press(changed, action)],
        until=sequence_end + 0.1,
    )
    first, second = model.requests
    assert (first.steps_per_bar, first.num_bars) == (16, 2)
    assert (second.steps_per_bar, second.num_bars) == (steps_per_bar, num_bars)
    assert rehearsal.state.machine_beats == 1


def test_a_change_that_changes_nothing_leaves_a_beat_on_its_way_alone() -> None:
    model = FakeDrums(Hit(0, Instrument.RIDE, 90))
    rehearsal = Rehearsal(drums=model, music={"num_bars": 1})
    start = rehearsal.start()
    rehearsal.play(
        [rehearsal.press(start + 0.1, Action.MODEL_DRUMS), rehearsal.press(start + 0.2, Action.BARS_DOWN)],
        until=start + 2.0,
    )
    assert len(model.requests) == 1
