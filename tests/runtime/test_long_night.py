"""Two hours of virtual time with a player who cannot leave anything alone."""

from random import Random

from psc2.core.events import ControlChange, DrumsRequest, Event, KeyDown, KeyUp, MelodyRequest
from psc2.models.markov import MarkovMelody
from psc2.runtime.virtual import CONTROLLER_UID
from tests.core.rehearsals import Mood, Moody

BUTTONS = (41, 42, 43, 44, 46, 48, 49, 50, 51, 58, 59, 60, 61, 62, 32, 34, 36, 65, 66, 67, 68)
KNOBS = (16, 18, 20, 0, 1, 2, 3, 4)
IN_DOUBT = (34, 66, 66, 66, 66, 66, 36, 68)  # S3, R3, S5, R5, one after the other


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
    moods = [Mood(chance.expovariate(2), chance.random() < 0.2, chance.random() < 0.5) for _ in range(97)]
    rehearsal = Moody(moods, MarkovMelody())
    state = rehearsal.state
    most = 0
    while at < 7200.0:
        events = []
        for _ in range(100):
            at += chance.expovariate(6)
            events.append(restless(chance, at))
        if chance.random() < 0.2:
            events += [ControlChange(at, 127, button, 0, CONTROLLER_UID) for button in IN_DOUBT]
        rehearsal.play(events, until=at)
        rehearsal.output.sent.clear()
        piles = (state.taken, state.open_notes, state.ledger.voices, state.open_primer, state.keys_down)
        most = max(most, *map(len, piles))
    assert not state.bad_input
    assert most < 200
    assert rehearsal.most_at_once == 1
    assert len(rehearsal.cancelled) == len(set(rehearsal.cancelled)) > 100
    assert {type(request) for request in rehearsal.requests} == {MelodyRequest, DrumsRequest}
    grid, depth = state.transport.grid if state.transport else None, 0
    while grid is not None:
        grid, depth = grid.before, depth + 1
    assert depth <= 3
