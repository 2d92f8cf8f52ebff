"""The machine's beat in the making. The fake model answers with one ride after 0.2 s."""

from itertools import repeat

import pytest

from psc2.core.effects import Cancel, Effect
from psc2.core.events import Cancelled, DrumsReady, Event, ModelFailed
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import Beat
from psc2.core.requests import DrumsRequest, Hit, Model
from psc2.core.rules import react
from psc2.testing import Behaviour, FakeDrums, Rehearsal, press

RIDE = Hit(3, Instrument.RIDE, 70)


def rehearsing(ignores_cancel: bool = False) -> Rehearsal:
    return Rehearsal(drums=FakeDrums(RIDE), behaviours=repeat(Behaviour(ignores_cancel=ignores_cancel)))


def pressed(rehearsal: Rehearsal, action: str, at: float = 0.1) -> list[Effect]:
    """What a button sets off by itself, without any worker."""
    return react(rehearsal.state, press(at, action))


def only_request(effects: list[Effect]) -> DrumsRequest:
    (request,) = effects
    assert isinstance(request, DrumsRequest)
    return request


def job(rehearsal: Rehearsal) -> DrumsRequest | None:
    return rehearsal.state.beat_maker.job.request


def test_a_new_beat_is_asked_for_once() -> None:
    rehearsal = rehearsing()
    request = only_request(pressed(rehearsal, "model_drums"))
    assert job(rehearsal) == request
    assert react(rehearsal.state, DrumsReady(0.3, request.request_id, (RIDE,), True, "")) == []
    assert job(rehearsal) is None
    assert rehearsal.state.beat is Beat.MODEL


def test_r3_again_cancels_the_beat_in_the_making_and_asks_anew_when_the_model_is_free() -> None:
    rehearsal = rehearsing()
    first = only_request(pressed(rehearsal, "model_drums"))
    assert pressed(rehearsal, "model_drums") == [Cancel(Model.DRUMS, first.request_id)]
    assert pressed(rehearsal, "model_drums") == []  # once is enough
    assert job(rehearsal) == first
    second = only_request(react(rehearsal.state, Cancelled(0.2, first.request_id)))
    assert job(rehearsal) == second
    assert pressed(rehearsal, "model_drums") == [Cancel(Model.DRUMS, second.request_id)]


@pytest.mark.parametrize(
    "answer",
    [DrumsReady(0.2, 1, (RIDE,), True, ""), ModelFailed(0.2, 1, "no sticks"), Cancelled(0.2, 1)],
)
def test_however_a_beat_that_was_given_up_ends_the_next_is_asked_for(answer: Event) -> None:
    rehearsal = rehearsing()
    pressed(rehearsal, "model_drums")
    pressed(rehearsal, "model_drums")
    assert only_request(react(rehearsal.state, answer)).request_id == 2
    assert (rehearsal.state.beat, rehearsal.state.beat_maker.coming) == (Beat.NONE, None)
    assert rehearsal.engine.snapshot().beat_coming


def test_r3_again_and_again_with_a_model_that_cannot_be_interrupted() -> None:
    rehearsal = rehearsing(ignores_cancel=True)
    presses = [press(0.05 * n, "model_drums") for n in range(4)]
    rehearsal.play(presses, until=0.19)
    assert (len(rehearsal.requests), rehearsal.cancelled) == (1, [1])
    rehearsal.play([], until=0.39)
    assert (len(rehearsal.requests), rehearsal.state.beat_maker.placed) == (2, 0)
    rehearsal.play([], until=1.0)
    snapshot = rehearsal.engine.snapshot()
    assert (len(rehearsal.requests), snapshot.beat_maker.placed, snapshot.beat_coming) == (2, 1, False)


def test_a_beat_asked_for_anew_has_the_temperature_that_holds_then() -> None:
    rehearsal = rehearsing()
    cooler = press(0.05, "drums_temperature", value=0.1)
    presses = [press(at, "model_drums") for at in (0.0, 0.1)]
    rehearsal.play([presses[0], cooler, presses[1]], until=1.0)
    assert [request.temperature for request in rehearsal.requests] == [1.0, pytest.approx(0.1)]
    assert (rehearsal.cancelled, rehearsal.state.beat_maker.placed) == ([1], 1)


def test_s3_cancels_the_beat_in_the_making_once() -> None:
    rehearsal = rehearsing()
    request = only_request(pressed(rehearsal, "model_drums"))
    assert pressed(rehearsal, "deterministic_drums") == [Cancel(Model.DRUMS, request.request_id)]
    assert pressed(rehearsal, "deterministic_drums") == []
    assert job(rehearsal) == request
    assert react(rehearsal.state, Cancelled(0.2, request.request_id)) == []
    assert job(rehearsal) is None
    assert rehearsal.state.beat is Beat.DETERMINISTIC


def test_s3_after_r3_again_leaves_nothing_to_ask_for() -> None:
    rehearsal = rehearsing()
    for action in ("model_drums", "model_drums", "deterministic_drums"):
        pressed(rehearsal, action)
    assert react(rehearsal.state, Cancelled(0.2, 1)) == []
    assert not rehearsal.engine.snapshot().beat_coming


def test_r3_after_s3_asks_when_the_model_is_free() -> None:
    rehearsal = rehearsing()
    pressed(rehearsal, "model_drums")
    pressed(rehearsal, "deterministic_drums")
    assert pressed(rehearsal, "model_drums") == []
    assert only_request(react(rehearsal.state, Cancelled(0.2, 1))).request_id == 2


def test_s3_with_nothing_in_the_making_cancels_nothing() -> None:
    rehearsal = rehearsing()
    assert pressed(rehearsal, "deterministic_drums") == []
    rehearsal.start(at=0.2)
    rehearsal.play([press(0.5, "model_drums")], until=1.0)
    assert rehearsal.state.beat_maker.coming is not None
    assert pressed(rehearsal, "deterministic_drums", at=1.1) == []
    assert rehearsal.state.beat_maker.coming is None


def test_a_worker_that_gives_up_unasked_leaves_the_beat_as_it_is() -> None:
    rehearsal = rehearsing()
    pressed(rehearsal, "model_drums")
    assert react(rehearsal.state, Cancelled(0.2, 1)) == []
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.beat, snapshot.beat_coming, snapshot.beat_maker.trouble) == (
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
    request = only_request(pressed(rehearsal, "model_drums"))
    before = rehearsal.engine.snapshot()
    assert react(rehearsal.state, answer) == []
    assert rehearsal.engine.snapshot() == before
    assert job(rehearsal) == request


def test_a_stand_ins_beat_is_played_and_the_trouble_told_until_the_model_is_well() -> None:
    rehearsal = rehearsing()
    pressed(rehearsal, "model_drums")
    react(rehearsal.state, DrumsReady(0.2, 1, (RIDE,), False, "the drums model is late"))
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.beat, snapshot.layer_sizes[Layer.DRUMS]) == (Beat.MODEL, 1)
    assert (snapshot.improv.trouble, snapshot.beat_maker.trouble) == ("", "the drums model is late")
    pressed(rehearsal, "model_drums")
    react(rehearsal.state, DrumsReady(0.4, 2, (RIDE,), True, ""))
    assert rehearsal.engine.snapshot().beat_maker.trouble == ""


@pytest.mark.parametrize(
    ("action", "steps_per_bar", "num_bars"),
    [("numerator_up", 20, 2), ("denominator_up", 8, 2), ("bars_up", 16, 3)],
)
@pytest.mark.parametrize("answered", [False, True])
def test_a_beat_on_its_way_is_made_anew_for_a_meter_or_length_that_changes(
    action: str, steps_per_bar: int, num_bars: int, answered: bool
) -> None:
    model = FakeDrums(Hit(0, Instrument.RIDE, 90))
    rehearsal = Rehearsal(drums=model)
    start = rehearsal.start()
    asked, changed = start + 0.1, start + (0.5 if answered else 0.2)
    sequence_end = start + 2 * 16 * 0.125
    rehearsal.play(
        [press(asked, "model_drums"), press(changed, action)],
        until=sequence_end + 0.1,
    )
    first, second = model.requests
    assert (first.steps_per_bar, first.num_bars) == (16, 2)
    assert (second.steps_per_bar, second.num_bars) == (steps_per_bar, num_bars)
    assert rehearsal.state.beat_maker.placed == 1


def test_a_change_that_changes_nothing_leaves_a_beat_on_its_way_alone() -> None:
    model = FakeDrums(Hit(0, Instrument.RIDE, 90))
    rehearsal = Rehearsal(drums=model, music={"num_bars": 1})
    start = rehearsal.start()
    rehearsal.play(
        [press(start + 0.1, "model_drums"), press(start + 0.2, "bars_down")],
        until=start + 2.0,
    )
    assert len(model.requests) == 1
