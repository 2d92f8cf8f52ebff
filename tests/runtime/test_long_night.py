"""Two hours of virtual time with a player who cannot leave anything alone."""

from collections.abc import Sized
from itertools import cycle
from random import Random

from psc2.core.events import ControlChange, Event, KeyDown, KeyUp
from psc2.core.history import MAX_ENTRIES
from psc2.core.requests import DrumsRequest, MelodyRequest
from psc2.models.markov import MarkovMelody
from psc2.runtime.virtual import CONTROLLER_UID
from psc2.testing import Behaviour, Rehearsal

BUTTONS = (41, 42, 43, 44, 45, 46, 33, 35, 48, 49, 50, 51, 58, 59, 60, 61, 62, 32, 34, 36, 65, 66, 67, 68)
KNOBS = (16, 18, 20, 0, 1, 2, 3, 4)
IN_DOUBT = (34, 66, 66, 66, 66, 66, 36, 68)  # S3, R3, S5, R5, one after the other


def restless(chance: Random, at: float) -> Event:
    kind = chance.random()
    if kind < 0.35:
        return KeyDown(at, 0, chance.randint(30, 80), chance.randint(1, 127))
    if kind < 0.7:
        return KeyUp(at, 0, chance.randint(30, 80))
    if kind < 0.8:
        return ControlChange(at, CONTROLLER_UID, chance.choice(BUTTONS), 127, 0)
    if kind < 0.9:
        return ControlChange(at, CONTROLLER_UID, chance.choice(KNOBS), chance.randint(0, 127), 0)
    return ControlChange(at, 1, 64, chance.choice((0, 127)), 0)


def test_a_long_night_goes_wrong_nowhere_and_nothing_piles_up() -> None:
    chance, at = Random(1), 0.0
    behaviours = [
        Behaviour(chance.expovariate(2), chance.random() < 0.2, chance.random() < 0.5) for _ in range(97)
    ]
    rehearsal = Rehearsal(
        MarkovMelody(),
        behaviours=cycle(behaviours),
        improv={"min_primer_length": 2, "max_robot_length": 3},
    )
    state = rehearsal.state
    most = most_undoable = 0
    while at < 7200.0:
        events = []
        for _ in range(100):
            at += chance.expovariate(6)
            events.append(restless(chance, at))
        if chance.random() < 0.2:
            events += [ControlChange(at, CONTROLLER_UID, button, 127, 0) for button in IN_DOUBT]
        rehearsal.play(events, until=at)
        rehearsal.output.sent.clear()
        piles: list[Sized] = [state.recorder.taken, state.recorder.open_notes, state.ledger.notes]
        piles += [
            state.ledger.keys,
            state.primer_keys,
            state.hands.down,
            state.hands.twins,
            state.history.past,
        ]
        most = max(most, *map(len, piles))
        most_undoable = max(most_undoable, len(state.history.past))
    assert not state.counts.bad_input
    assert most < 200
    assert rehearsal.most_at_once == 1
    assert len(rehearsal.cancelled) == len(set(rehearsal.cancelled)) > 100
    assert {type(request) for request in rehearsal.requests} == {MelodyRequest, DrumsRequest}
    assert most_undoable == MAX_ENTRIES
