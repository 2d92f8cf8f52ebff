"""Memory → live → memory is the identity, whatever was played before, and on paper it stays the same."""

import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from psc2.core.events import Event, Press
from psc2.core.instruments import Layer
from psc2.core.loop import Beat
from psc2.core.memory import Memory, memory_of, state_of
from psc2.core.state import Mode, Phase
from psc2.testing import Rehearsal, key, press
from psc2.wire.codec import from_json, to_json

PRESSES = (
    ("play", None), ("stop", None), ("record", Layer.BASS), ("record", Layer.CHORDS), ("clear", Layer.BASS),
    ("mute", Layer.DRUMS), ("undo", None), ("redo", None), ("overdub", None), ("deterministic_drums", None),
    ("model_drums", None), ("improv", None), ("free", None), ("bars_up", None), ("numerator_down", None),
    ("solo", Layer.BASS), ("metronome_only", None), ("click_beats", None), ("gap", None), ("ramp", None),
    ("ramp_back", None), ("count_in_up", None),
)  # fmt: skip
performances = st.lists(
    st.tuples(
        st.floats(0.0, 1.0),
        st.one_of(
            st.sampled_from(PRESSES),
            st.tuples(st.just("qpm"), st.floats(20, 400)),
            st.tuples(st.just("melody_temperature"), st.floats(0.05, 4)),
            st.tuples(st.just("ramp_limit"), st.floats(20, 400)),
            st.tuples(st.just("key"), st.integers(30, 60)),
        ),
    ),
    max_size=40,
)
Played = list[tuple[float, tuple[str, Layer | float | int | None]]]


def written(performance: Played) -> tuple[list[Event], float]:
    events: list[Event] = []
    at = 0.0
    for pause, (name, value) in performance:
        at += pause
        if name == "key" and isinstance(value, int):
            events += key(at, value)
        elif isinstance(value, Layer) or value is None:
            events.append(press(at, name, value))
        else:
            events.append(press(at, name, value=value))
    return events, at


def live_again(rehearsal: Rehearsal, memory: Memory) -> Memory:
    return memory_of(state_of(memory, rehearsal.state.settings, seed=0, random=random.Random(0)))


@settings(deadline=None, max_examples=150)
@given(performances)
def test_a_memory_made_live_remembers_the_same(performance: Played) -> None:
    rehearsal = Rehearsal(music={"num_bars": 1, "qpm": 180.0})
    events, at = written(performance)
    rehearsal.play(events, until=at)
    memory = memory_of(rehearsal.state)
    assert live_again(rehearsal, memory) == memory
    assert from_json(json.loads(json.dumps(to_json(memory)))) == memory


def test_what_was_played_is_there_again_stopped_and_with_nothing_sounding() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    events = [press(0.01, "record", Layer.BASS), *key(start, 40), press(start + 4.5, "deterministic_drums")]
    rehearsal.play([*events, press(start + 4.6, "improv")], until=start + 5.0)
    state = state_of(memory_of(rehearsal.state), rehearsal.state.settings, seed=0, random=random.Random(0))
    assert [note.pitch for note in state.bass_line] == [40]
    assert list(state.playable_notes) == list(rehearsal.state.playable_notes)
    assert (state.beat, state.mode, state.improv.phase) == (
        Beat.DETERMINISTIC, Mode.IMPROV, Phase.LISTENING,
    )  # fmt: skip
    assert (state.transport, state.ledger.notes, state.hands.down) == (None, {}, set())


def test_a_layer_that_waits_for_its_first_key_is_remembered_as_it_was() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    rehearsal.play([press(0.01, "record", Layer.BASS), *key(start, 40)], until=start + 5.0)
    rehearsal.play([Press(start + 5.0, 0, "record", Layer.BASS)], until=start + 5.1)
    assert list(rehearsal.state.bass_line) == []
    assert [note.pitch for note in memory_of(rehearsal.state).notes] == [40]
