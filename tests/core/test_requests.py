"""What the models are asked, whatever the player presses and however the models take it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.controls import PRESSED
from psc2.core.events import ControlChange, DrumsRequest, Event, KeyDown, KeyUp, MelodyRequest
from psc2.runtime.virtual import CONTROLLER_UID
from psc2.testing import FakeMelody
from tests.core.rehearsals import Mood, Moody

PLAY, STOP = 41, 42
S3, S5, R2, R3, R5 = 34, 36, 65, 66, 68
BUTTONS = (PLAY, STOP, S3, S5, R2, R3, R5)
TEMPERATURES = (18, 20)
PATIENCE_S = 10.0  # more than the slowest mood

moods = st.lists(
    st.builds(Mood, st.sampled_from([0.0, 0.01, 0.2, 3.0]), st.booleans(), st.booleans()),
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


def written(performance: list[tuple[float, tuple[str, int]]]) -> list[Event]:
    events: list[Event] = [ControlChange(0.0, PRESSED, R5, 0, CONTROLLER_UID)]
    at = 0.0
    for pause, (what, value) in performance:
        at += pause
        match what:
            case "key":
                events += [KeyDown(at, value, 90), KeyUp(at + 0.05, value)]
            case "button":
                events.append(ControlChange(at, PRESSED, value, 0, CONTROLLER_UID))
            case "storm":
                events += [ControlChange(at + n / 100, PRESSED, value, 0, CONTROLLER_UID) for n in range(5)]
                at += 0.05
            case "temperature":
                events.append(ControlChange(at, round(at * 1000) % 128, value, 0, CONTROLLER_UID))
    return events


@settings(deadline=None, max_examples=200)
@given(moods, performances)
def test_each_model_has_one_request_at_a_time_and_is_told_once_to_give_it_up(
    moods: list[Mood], performance: list[tuple[float, tuple[str, int]]]
) -> None:
    rehearsal = Moody(moods, FakeMelody(40, 41), {"num_bars": 1, "qpm": 180.0})
    events = written(performance)
    rehearsal.play(events, until=events[-1].at)
    state = rehearsal.state
    assert not state.bad_input
    assert rehearsal.most_at_once <= 1
    assert len(set(rehearsal.cancelled)) == len(rehearsal.cancelled)
    assert set(rehearsal.cancelled) <= {request.request_id for request in rehearsal.requests}
    assert (state.melody_job is not None) == bool(rehearsal.under_way(MelodyRequest))
    assert (state.drums_job is not None) == bool(rehearsal.under_way(DrumsRequest))
    assert all(0.1 <= request.temperature <= 2.0 for request in rehearsal.requests)


@settings(deadline=None, max_examples=100)
@given(moods, performances)
def test_both_models_are_free_in_the_end_and_a_beat_that_is_wanted_comes(
    moods: list[Mood], performance: list[tuple[float, tuple[str, int]]]
) -> None:
    rehearsal = Moody([*moods, Mood(0.2)], FakeMelody(40, 41), {"num_bars": 1, "qpm": 180.0})
    events = written(performance)
    end = events[-1].at + PATIENCE_S
    rehearsal.play(events, until=end)
    state = rehearsal.state
    assert (state.drums_job, state.drums_wanted, state.drums_given_up) == (None, False, False)
    assert rehearsal.under_way(MelodyRequest) == rehearsal.under_way(DrumsRequest) == 0
    placed = state.machine_beats
    times = [end + 4.0 * n for n in range(len(moods) + 1)]  # so that one finds the model in a good mood
    rehearsal.play([ControlChange(at, PRESSED, R3, 0, CONTROLLER_UID) for at in times], until=times[-1] + 4.0)
    assert state.machine_beats > placed
    assert not state.bad_input
