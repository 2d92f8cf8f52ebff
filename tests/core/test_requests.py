"""What the models are asked, whatever the player presses and however the models take it."""

from itertools import cycle

from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.controls import PRESSED
from psc2.core.events import ControlChange, Event, KeyDown, KeyUp
from psc2.core.requests import DrumsRequest, MelodyRequest
from psc2.runtime.virtual import CONTROLLER_UID
from psc2.testing import Behaviour, FakeMelody, Rehearsal

PLAY, STOP = 41, 42
S3, S5, R2, R3, R5 = 34, 36, 65, 66, 68
BUTTONS = (PLAY, STOP, S3, S5, R2, R3, R5)
TEMPERATURES = (18, 20)
PATIENCE_S = 10.0  # more than the slowest behaviour

many_behaviours = st.lists(
    st.builds(Behaviour, st.sampled_from([0.0, 0.01, 0.2, 3.0]), st.booleans(), st.booleans()),
    min_size=1,
    max_size=8,
)
performances = st.lists(
    st.tuples(
        st.floats(0.0, 0.3),
        st.one_of(
            st.tuples(st.just("key"), st.integers(38, 42)),
            st.tuples(st.just("button"), st.sampled_from(BUTTONS)),
            st.tuples(st.just("storm"), st.sampled_from([S3, R3, R5])),
            st.tuples(st.just("temperature"), st.sampled_from(TEMPERATURES)),
        ),
    ),
    max_size=60,
)


def turned(at: float, control: int, value: int = PRESSED) -> Event:
    return ControlChange(at, CONTROLLER_UID, control, value, 0)


def rehearsing(behaviours: list[Behaviour]) -> Rehearsal:
    return Rehearsal(
        FakeMelody(40, 41),
        behaviours=cycle(behaviours),
        music={"num_bars": 1, "qpm": 180.0},
        improv={"min_primer_length": 2, "max_robot_length": 3},
    )


def written(performance: list[tuple[float, tuple[str, int]]]) -> list[Event]:
    events: list[Event] = [turned(0.0, R5)]
    at = 0.0
    for pause, (what, value) in performance:
        at += pause
        match what:
            case "key":
                events += [KeyDown(at, 0, value, 90), KeyUp(at + 0.05, 0, value)]
            case "button":
                events.append(turned(at, value))
            case "storm":
                events += [turned(at + n / 100, value) for n in range(5)]
                at += 0.05
            case "temperature":
                events.append(turned(at, value, round(at * 1000) % 128))
    return events


@settings(deadline=None, max_examples=200)
@given(many_behaviours, performances)
def test_each_model_has_one_request_at_a_time_and_is_told_once_to_give_it_up(
    behaviours: list[Behaviour], performance: list[tuple[float, tuple[str, int]]]
) -> None:
    rehearsal = rehearsing(behaviours)
    events = written(performance)
    rehearsal.play(events, until=events[-1].at)
    state = rehearsal.state
    assert not state.counts.bad_input
    assert rehearsal.most_at_once <= 1
    assert len(set(rehearsal.cancelled)) == len(rehearsal.cancelled)
    assert set(rehearsal.cancelled) <= {request.request_id for request in rehearsal.requests}
    assert (state.improv.job.request is not None) == bool(rehearsal.under_way(MelodyRequest))
    assert (state.beat_maker.job.request is not None) == bool(rehearsal.under_way(DrumsRequest))
    assert all(0.1 <= request.temperature <= 2.0 for request in rehearsal.requests)


@settings(deadline=None, max_examples=100)
@given(many_behaviours, performances)
def test_both_models_are_free_in_the_end_and_a_beat_that_is_wanted_comes(
    behaviours: list[Behaviour], performance: list[tuple[float, tuple[str, int]]]
) -> None:
    rehearsal = rehearsing([*behaviours, Behaviour(0.2)])
    events = written(performance)
    end = events[-1].at + PATIENCE_S
    rehearsal.play(events, until=end)
    state = rehearsal.state
    assert (state.beat_maker.job.request, state.beat_maker.wanted) == (None, False)
    assert rehearsal.under_way(MelodyRequest) == rehearsal.under_way(DrumsRequest) == 0
    placed = state.beat_maker.placed
    times = [end + 4.0 * n for n in range(len(behaviours) + 1)]  # so that one finds the model in a good mood
    rehearsal.play([turned(at, R3) for at in times], until=times[-1] + 4.0)
    assert state.beat_maker.placed > placed
    assert not state.counts.bad_input
