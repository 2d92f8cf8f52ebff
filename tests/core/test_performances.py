"""Whatever is plugged in, played and pressed, and in whatever order: what must hold, holds."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from psc2.core.action_table import Action
from psc2.core.actions import ACTIONS
from psc2.core.effects import NoteOff, NoteOn
from psc2.core.events import (
    ControlChange,
    Event,
    KeyDown,
    KeyUp,
    PageSounds,
    PitchBend,
    Press,
    SourceGone,
    SourceNamed,
)
from psc2.core.history import MAX_ENTRIES
from psc2.core.memory import memory_of, state_of
from psc2.core.meter import MAX_SEGMENTS
from psc2.core.ranges import QPM, TEMPERATURES, Range
from psc2.core.state import MAX_PASSES, SharedState
from psc2.models.markov import Markov
from psc2.scores.score import Sent
from psc2.testing import Behaviour, Rehearsal

SOURCES = range(6)
NAMES = ("nanoKONTROL2 SLIDER/KNOB", "nanoKONTROL2 2", "Nord Stage", "MPK mini MIDI 1", "MPK mini MIDI 2", "")
CONTROLS = (1, 16, 18, 20, 0, 1, 4, 41, 42, 43, 46, 48, 60, 64, 65, 66, 67, 68, 120, 121, 123)
SEEDS = range(40)  # of so many performances each: 2,000 in all
PERFORMANCES = 50
CHARTS = ("", "", "| C7 |", "| Dm7 | G7 . . Db7 | Cmaj7 | % |", "meter: 7/8\n| Am7 | N.C. |")


def press(rng: random.Random, at: float) -> Press:
    """Any action as a front end may ask for it; now and then one that there is not."""
    action: Action = rng.choice([*ACTIONS.values()])
    values = action.values or Range(0, 0)
    value = None if action.values is None else rng.uniform(values.low - 1, values.high + 1)
    layer = rng.choice(action.layers) if action.layers else None
    name = action.name if rng.random() < 0.98 else "juggle"
    return Press(at, rng.choice(SOURCES), name, layer, value)


def gesture(rng: random.Random, at: float) -> list[Event]:
    """What one hand does at one moment, and lets go of some time after."""
    source = rng.choice(SOURCES)
    match rng.randrange(12):
        case 0:
            return [SourceNamed(at, source, rng.choice(NAMES))]
        case 1:
            return [SourceGone(at, source)]
        case 2 | 3:
            return [press(rng, at)]
        case 4:
            return [Press(at + n * rng.choice((0.005, 0.3, 0.5, 1.0)), source, "tap") for n in range(4)]
        case 5 | 6:
            control = rng.choice(CONTROLS)
            return [ControlChange(at + n / 100, source, control, rng.randrange(128), 0) for n in range(3)]
        case 7:
            return [PitchBend(at, source, rng.randrange(16384))]
        case 8:  # as early as a first key may be, and earlier
            record = Press(at, source, "record", rng.choice(ACTIONS["record"].layers))
            return [record, *strike(rng, at + rng.uniform(0.0, 0.4))]
        case _:
            return [*strike(rng, at)]


def behaviours(rng: random.Random) -> Iterator[Behaviour]:
    while True:
        yield Behaviour(rng.choice((0.0, 0.2, 2.0)), fails=rng.random() < 0.1)


def turns(rng: random.Random) -> dict[str, object]:
    return {
        "turns": rng.choice(("count", "phrase", "bars: 1", "bars: 3", "chorus: 1", "pedal")),
        "takeover": rng.choice(("now", "rest")),
        "handback": rng.choice(("now", "rest")),
        "chords": rng.choice(("each", "top", "parallel")),
        "answer": rng.choice(("hands", "machine")),
        "under": rng.choice(("lead", "chords")),
    }


def by_markov(rng: random.Random) -> dict[str, object]:
    """The pitches of a model that weighs each, drawn one by one or not."""
    return {"model": "markov", "generation": rng.choice(("phrase", "note"))}


def strike(rng: random.Random, at: float) -> list[KeyDown | KeyUp]:
    source, pitch = rng.choice(SOURCES), rng.randrange(58, 62)
    length_s = rng.choice((0.0, 0.02, 0.2, 3.0))
    down = KeyDown(at, source, pitch, rng.randrange(1, 128))
    struck: list[KeyDown | KeyUp] = (
        [down] if rng.random() < 0.05 else [down, KeyUp(at + length_s, source, pitch)]
    )
    if rng.random() < 0.3:  # heard on another port, too
        later_s, other = rng.uniform(0.0, 0.008), rng.choice(SOURCES)
        struck += [replace(event, at=event.at + later_s, source=other) for event in struck]
    return struck


def check_ledger(sent: list[Sent], state: SharedState) -> None:
    """Each note is switched on once, off once at most and never before; what is not off is in the ledger."""
    ons, offs = Counter[int](), Counter[int]()
    began: dict[int, float] = {}
    for one in sent:
        if isinstance(one.effect, NoteOn):
            ons[one.effect.note_id] += 1
            began[one.effect.note_id] = one.when
        elif isinstance(one.effect, NoteOff):
            offs[one.effect.note_id] += 1
            assert one.when >= began[one.effect.note_id]
    assert max(ons.values(), default=1) == 1
    assert max(offs.values(), default=1) == 1
    assert set(ons) - set(offs) == set(state.ledger.notes)
    assert set(state.ledger.keys.values()) <= set(state.ledger.notes)


def check_grid(state: SharedState) -> None:
    """Steps follow one another in time; what is remembered of them is bounded."""
    transport = state.transport
    if transport is None:
        return
    grid = transport.grid
    assert 1 <= len(grid.segments) <= MAX_SEGMENTS
    assert len(transport.passes) <= MAX_PASSES
    assert all(one.end == other.start for one, other in pairwise(transport.passes))
    first = grid.segments[0].anchor_step
    times = [grid.time_of(step) for step in range(first, transport.next_step + 40)]
    assert all(one < other for one, other in pairwise(times))
    for step in range(max(first, transport.next_step - 20), transport.next_step + 20):
        assert abs(grid.step_at(grid.time_of(step)) - step) < 1e-6


def check_rest(state: SharedState) -> None:
    assert max(len(state.history.past), len(state.history.future)) <= MAX_ENTRIES
    assert state.qpm in QPM
    assert state.improv.temperature in TEMPERATURES
    assert state.beat_maker.temperature in TEMPERATURES
    hands = state.hands
    assert set(state.ledger.keys) <= hands.down | hands.sustained
    assert hands.twins.keys() <= hands.down
    assert set(hands.twins.values()) <= hands.down - hands.twins.keys()
    assert not any(kind.startswith("internal") for kind in state.counts.bad_input)
    memory = memory_of(state)
    assert memory_of(state_of(memory, state.settings, 0, random.Random(0))) == memory


@pytest.mark.parametrize("seed", SEEDS)
def test_ledger_grid_history_and_memory_hold_in_any_performance(seed: int) -> None:
    for number in range(PERFORMANCES):
        rng = random.Random(seed * PERFORMANCES + number)
        meter = rng.choice(("4/4", "7/8", "3/4"))
        rehearsal = Rehearsal(
            Markov(),
            behaviours=behaviours(rng),
            music={"num_bars": rng.choice((1, 2)), "qpm": rng.choice((60.0, 120.0, 187.0, 400.0)),
                   "count_in_bars": rng.choice((0, 1)), "time_signature": meter, "chart": rng.choice(CHARTS)},
            practice={"transpose": rng.choice((0, 5, "all"))},
            output={"lookahead_ms": rng.choice((10, 50, 200))},
            improv={"min_primer_length": 4, "max_robot_length": 3, **turns(rng), **by_markov(rng)},
            midi={"latency_ms": rng.choice((0, 0, -100, 175, 400))},
        )  # fmt: skip
        at, sent = 0.0, list[Sent]()
        events: list[Event] = [Press(0.0, 0, "play")]
        for _ in range(25):
            at += rng.choice((0.0, 0.01, 0.1, 0.6))
            events += gesture(rng, at)
        for event in sorted(events, key=lambda event: event.at):
            sent += rehearsal.play([event], until=event.at)
            check_grid(rehearsal.state)
        check_ledger(rehearsal.output.sent, rehearsal.state)
        check_rest(rehearsal.state)
        rehearsal.play([Press(at + 5, 0, "stop"), Press(at + 5.1, 0, "stop")], until=at + 6)
        check_ledger(rehearsal.output.sent, rehearsal.state)
        assert rehearsal.state.ledger.notes == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_each_note_ends_whoever_sounds_meanwhile(seed: int) -> None:
    """A page that knows ids comes and goes, beside a receiver that does not."""
    for number in range(PERFORMANCES // 5):
        rng = random.Random(seed * PERFORMANCES + number)
        rehearsal = Rehearsal(
            Markov(),
            behaviours=behaviours(rng),
            output={"timing": "immediate"},
            improv={"min_primer_length": 4, **turns(rng), **by_markov(rng)},
        )
        at = 0.0
        events: list[Event] = [Press(0.0, 0, "play")]
        for _ in range(40):
            at += rng.choice((0.0, 0.01, 0.1, 0.3))
            is_page = rng.random() < 0.2
            events += [PageSounds(at, rng.choice((None, 0.01)))] if is_page else gesture(rng, at)
        rehearsal.play(sorted(events, key=lambda event: event.at), until=at)
        rehearsal.play([Press(at + 5, 0, "stop"), Press(at + 5.1, 0, "stop")], until=at + 6)
        check_rest(rehearsal.state)
        effects = [one.effect for one in rehearsal.output.sent]
        ons = {effect.note_id for effect in effects if isinstance(effect, NoteOn)}
        offs = {effect.note_id for effect in effects if isinstance(effect, NoteOff)}
        assert ons == offs
        assert rehearsal.state.ledger.notes == {}
