"""What a key sounds in improv mode: the player's pitch, or the machine's, with the player's rhythm and touch.

Source: the paper, "Improvisation".
"""

from __future__ import annotations

from dataclasses import replace

from psc2.core import call, improv, turn_lines
from psc2.core.effects import Effect
from psc2.core.instruments import Instrument, Layer
from psc2.core.ledger import Key
from psc2.core.state import Phase, SharedState, StruckTogether
from psc2.core.turns import LONG_ANSWER, QUICK_S, ChordPolicy, Handover, TurnKind, Under


def key_down(state: SharedState, key: Key, velocity: int, now: float) -> tuple[int, list[Effect]]:
    """The pitch that a key sounds, and what follows for those that are down and for the model."""
    pitch = key[1]
    if state.improv.muted:
        return pitch, []
    effects = _play_under(state, now) if improv.plays_itself(state) else []
    phase = state.improv.phase
    if phase is Phase.ANSWERING and not improv.plays_itself(state):
        return _answer(state, key, velocity, now)
    if phase is Phase.LISTENING and _is_collecting(state):
        call.note(state, key, pitch, velocity, now)
        if state.transport is None and state.improv.line_s is None:
            turn_lines.draw(state, now)
    return pitch, effects


def _play_under(state: SharedState, now: float) -> list[Effect]:
    """A key under the machine's line; two in quick succession, after a rest, take the solo back.

    A line that was begun before, and chords to accompany it, do not.
    """
    if state.settings.turns.under is Under.CHORDS:
        return []
    if call.CHORD_S < now - state.latest_key_at <= QUICK_S:
        return improv.hand_back(state, now)
    rest_s = state.settings.turns.rest_beats * 60 / state.qpm
    has_rested = len(state.hands.down) == 1 and now - state.hands.silent_since >= rest_s
    state.latest_key_at = now if has_rested else state.latest_key_at
    return []


def _is_collecting(state: SharedState) -> bool:
    """Whether what is played in the player's turn is a call: with a pedal only while that is down."""
    return state.improv.rule.kind is not TurnKind.PEDAL or state.improv.held


def _answer(state: SharedState, key: Key, velocity: int, now: float) -> tuple[int, list[Effect]]:
    together = state.struck_together
    is_each = state.settings.turns.chords is ChordPolicy.EACH
    if together is not None and not is_each and now - together.at <= call.CHORD_S:
        pitch, effects = _in_chord(state, together, key, velocity, now)
    elif state.generated_melody:
        pitch, effects = state.generated_melody.popleft(), []
        state.struck_together = StruckTogether(now, key, pitch, velocity)
        state.improv = replace(state.improv, answered=state.improv.answered + 1)
    else:
        pitch, effects = key[1], []
    call.note(state, key, pitch, velocity, now)
    return pitch, effects + _go_on(state, now)


def _in_chord(
    state: SharedState, together: StruckTogether, key: Key, velocity: int, now: float
) -> tuple[int, list[Effect]]:
    """The pitch of a key that is struck together with one that has the machine's."""
    if state.settings.turns.chords is ChordPolicy.PARALLEL:
        return max(0, min(127, key[1] + together.pitch - together.key[1])), []
    if key[1] < together.key[1]:
        return key[1], []
    state.struck_together = together._replace(key=key, velocity=velocity)
    lower, loud = together.key, state.mixer.velocity(Layer.LEAD, together.velocity)
    ended = state.ledger.release(lower, now)
    own = [state.ledger.press(lower, Instrument.LEAD, lower[1], loud, now)] if ended and loud else []
    return together.pitch, [*ended, *own]


def _go_on(state: SharedState, now: float) -> list[Effect]:
    """After a note of the answer: the answer is over where notes say it, or more pitches are asked for."""
    taken, settings = state.improv, state.settings
    left, usual = len(state.generated_melody), settings.max_robot_length
    counts = taken.rule.kind is TurnKind.COUNT
    if counts and settings.turns.handback is Handover.NOW:
        return [] if left else improv.hand_back(state, now)
    room = LONG_ANSWER * usual - taken.answered - left if counts else usual
    if counts and room + left <= 0:
        return improv.hand_back(state, now)
    return improv.ask_for_more(state, min(usual, room), now) if room > 0 and 2 * left <= usual else []
