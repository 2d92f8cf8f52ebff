"""The key that opens a recording, wherever in a pass it falls, and those that follow it.

The shortest passes are shorter than the look-ahead, and than a first key may be early by.
"""

from collections import Counter
from itertools import accumulate
from math import floor

from hypothesis import example, given, settings
from hypothesis import strategies as st

from psc2.core.effects import NoteOn
from psc2.core.events import Event
from psc2.core.instruments import Layer
from psc2.core.meter import Form
from psc2.core.recording import EARLY_S, EARLY_STEPS
from psc2.testing import Rehearsal, Sent, key, press

ARMED_S = 0.02  # before the first key
EDGE = 1e-6  # of a step: nearer to the edge of what is early no test looks


def played(sent: list[Sent], after: float, before: float) -> Counter[int]:
    """How often each of the keys' pitches sounds from one moment to another."""
    heard = (one.effect for one in sent if after <= one.when < before)
    return Counter(effect.pitch for effect in heard if isinstance(effect, NoteOn))


def earliest(form: Form, step_s: float) -> float:
    """How many steps before a pass a first key still opens it: as its beat 1, or as a pickup."""
    early = min(max(EARLY_S / step_s, EARLY_STEPS), form.length_steps / 2)
    return max(early, form.time_signature.steps_per_beat + 0.5)


@settings(deadline=None, max_examples=200)
@given(
    meter=st.sampled_from(("2/16", "3/16", "5/16", "3/8", "2/4", "4/4", "7/8")),
    num_bars=st.sampled_from((1, 2)),
    qpm=st.one_of(st.sampled_from((60.0, 240.0, 400.0)), st.floats(40.0, 400.0)),
    lookahead_ms=st.sampled_from((10, 50, 112, 200)),
    offset=st.floats(0.0, 3.0, exclude_max=True),  # passes, from the loop's start to the first key
    pauses_s=st.lists(st.sampled_from((0.031, 0.04, 0.075, 0.2)), max_size=6),  # between keys: no chords
    length_s=st.sampled_from((0.0, 0.02, 0.15, 0.9)),
)
@example("3/16", 1, 400.0, 200, 1.51, [0.031, 0.04, 0.031], 0.02)
@example("2/16", 1, 400.0, 200, 2.99, [0.031, 0.031, 0.031], 0.9)
def test_each_key_from_the_first_one_to_the_end_of_its_pass_is_recorded_once_and_no_other(
    meter: str,
    num_bars: int,
    qpm: float,
    lookahead_ms: int,
    offset: float,
    pauses_s: list[float],
    length_s: float,
) -> None:
    rehearsal = Rehearsal(
        music={"time_signature": meter, "num_bars": num_bars, "qpm": qpm},
        output={"lookahead_ms": lookahead_ms},
    )
    start, form, step_s = rehearsal.start(), rehearsal.state.form, 60 / qpm / 4
    length = form.length_steps
    first = offset * length + EDGE
    downs = [start + first * step_s + later for later in accumulate(pauses_s, initial=0.0)]
    coming = (floor(first) // length + 1) * length
    end = start + (coming + (length if first >= coming - earliest(form, step_s) else 0)) * step_s
    events: list[Event] = [press(max(0.0, downs[0] - ARMED_S), "record", Layer.BASS)]
    for pitch, at in enumerate(downs, 40):
        events += key(at, pitch, length_s)
    done = max(downs[-1] + length_s, end) + step_s
    sent = rehearsal.play(sorted(events, key=lambda event: event.at), until=done)
    due = {pitch for pitch, at in enumerate(downs, 40) if at < end}
    assert Counter(note.pitch for note in rehearsal.state.bass_line) == Counter(due)
    assert not rehearsal.state.recorder.taken

    settled = start + (floor((done - start) / step_s) + 0.5) * step_s + 1.0
    sent += rehearsal.play([], until=settled + 3 * length * step_s)
    passes = played(sent, settled, settled + 2 * length * step_s)
    assert passes == dict.fromkeys(due, 2)


def test_a_first_key_in_the_second_half_of_a_pass_shorter_than_the_look_ahead_is_beat_1_of_the_next() -> None:
    """3/16 at 400 qpm: a step of 37.5 ms, a pass of 112.5."""
    for place, again, expected in ((4.6, 8.0, (0, 0)), (4.4, 5.4, (0, 1))):
        rehearsal = Rehearsal(
            music={"time_signature": "3/16", "num_bars": 1, "qpm": 400.0}, output={"lookahead_ms": 200}
        )
        start = rehearsal.start()
        first, second = (start + step * 0.0375 for step in (place, again))
        arm = press(first - ARMED_S, "record", Layer.BASS)
        rehearsal.play([arm, *key(first, 40, 0.01), *key(second, 43, 0.01)], until=start + 1.0)
        assert [(note.place, note.pitch) for note in rehearsal.state.bass_line] == [
            (expected, 40),
            ((0, 2), 43),
        ]
