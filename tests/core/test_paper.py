"""`configs/paper.yaml` is the paper's system: the same effects as before anything went beyond it."""

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from psc2 import resources
from psc2.core.events import ControlChange, Event, KeyDown, KeyUp, PitchBend, Press, SourceNamed
from psc2.core.instruments import Layer
from psc2.daemon import initial_state
from psc2.models.markov import MarkovDrums
from psc2.runtime.virtual import Performance
from psc2.settings.config import load_config
from psc2.testing import FakeMelody

PAPER = resources.ROOT / "configs" / "paper.yaml"
DIGESTS = Path(__file__).with_name(
    "paper_digests.txt"
)  # by the engine that knew no swing, a line for TOGETHER
PERFORMANCES, TOGETHER = 500, 20
LENGTH_S, GESTURES = 40.0, 80
PRESSES = (
    "play", "play", "stop", "bars_up", "bars_down", "numerator_up", "numerator_down", "denominator_up",
    "denominator_down", "overdub", "undo", "redo", "deterministic_drums", "model_drums", "free", "improv",
    "improv", "metronome_only", "gap", "click_beats", "ramp", "tap",
)  # fmt: skip
KNOBS = {"qpm": (40, 280), "melody_temperature": (0.1, 2.0), "drums_temperature": (0.1, 2.0)}


def gesture(rng: random.Random, at: float) -> Iterator[Event]:
    """A press, a knob, a layer's button, a wheel, or a key."""
    match rng.randrange(10):
        case 0 | 1:
            yield Press(at, 7, rng.choice(PRESSES))
        case 2:
            name = rng.choice([*KNOBS])
            yield Press(at, 7, name, None, rng.uniform(*KNOBS[name]))
        case 3:
            yield Press(at, 7, "record", rng.choice((Layer.BASS, Layer.CHORDS)))
        case 4:
            yield Press(at, 7, rng.choice(("mute", "clear")), rng.choice((Layer.BASS, Layer.CHORDS)))
        case 5:
            yield rng.choice(
                (PitchBend(at, 3, rng.randrange(16_384)), ControlChange(at, 3, 64, 127 * rng.randrange(2), 0))
            )
        case _:
            for n in range(rng.choice((1, 1, 2, 4))):
                pitch, struck = rng.randrange(40, 80), at + n * rng.choice((0.004, 0.02, 0.2))
                yield KeyDown(struck, 3, pitch, rng.randrange(1, 128))
                yield KeyUp(struck + rng.choice((0.05, 0.2, 1.5)), 3, pitch)


def effects(seed: int) -> str:
    """All that is sent in one performance, with its moments."""
    rng = random.Random(seed)
    state = initial_state(
        load_config(PAPER, {"output": {"timing": rng.choice(("timetag", "immediate"))}}), seed
    )
    performance = Performance(state, FakeMelody(72, 74, 76), MarkovDrums())
    performance.engine.dispatch(SourceNamed(0.0, 3, "Nord Stage"))
    events: list[Event] = [Press(0.1, 7, "play"), Press(0.2, 7, "record", Layer.BASS)]
    for _ in range(GESTURES):
        events += gesture(rng, rng.uniform(0.0, LENGTH_S))
    performance.play(sorted(events, key=lambda event: event.at), until=LENGTH_S)
    return repr([(one.when, one.effect) for one in performance.output.sent])


def digest(first: int) -> str:
    found = hashlib.sha256()
    for seed in range(first, first + TOGETHER):
        found.update(effects(seed).encode())
    return found.hexdigest()


@pytest.mark.parametrize("first", range(0, PERFORMANCES, TOGETHER))
def test_the_papers_settings_have_the_same_effects_as_ever(first: int) -> None:
    assert digest(first) == DIGESTS.read_text().split()[first // TOGETHER]
