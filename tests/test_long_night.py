"""Two hours of virtual time with a player who cannot leave anything alone."""

from random import Random

from psc2.core.events import ControlChange, Event, KeyDown, KeyUp
from psc2.models.markov import MarkovMelody
from psc2.performance import CONTROLLER_UID
from psc2.testing import Rehearsal

BUTTONS = (41, 42, 43, 44, 46, 48, 49, 50, 51, 58, 59, 60, 61, 62, 32, 34, 36, 65, 66, 67, 68)
KNOBS = (16, 18, 0, 1, 2, 3, 4)


def restless(chance: Random, at: float) -> Event:
    kind = chance.random()
    if kind < 0.35:
        return KeyDown(at, chance.randint(30, 80), chance.randint(1, 127))
    if kind < 0.7:
        return KeyUp(at, chance.randint(30, 80))
    if kind < 0.8:
        return ControlChange(at, 127, chance.choice(BUTTONS), 0, CONTROLLER_UID)
    if kind < 0.9:
        return ControlChange(at, chance.randint(0, 127), chance.choice(KNOBS), 0, CONTROLLER_UID)
    return ControlChange(at, chance.choice((0, 127)), 64, 0, uid=1)


def test_a_long_night_goes_wrong_nowhere_and_nothing_piles_up() -> None:
    chance, at = Random(1), 0.0
    rehearsal = Rehearsal(MarkovMelody(), improv={"min_primer_length": 6})
    state = rehearsal.state
    most = 0
    while at < 7200.0:
        events = []
        for _ in range(100):
            at += chance.expovariate(6)
            events.append(restless(chance, at))
        rehearsal.play(events, until=at)
        rehearsal.output.sent.clear()
        piles = (state.taken, state.open_notes, state.ledger.voices, state.open_primer, state.keys_down)
        most = max(most, *map(len, piles))
    assert not state.bad_input
    assert most < 200
    grid, depth = state.transport.grid if state.transport else None, 0
    while grid is not None:
        grid, depth = grid.before, depth + 1
    assert depth <= 3
