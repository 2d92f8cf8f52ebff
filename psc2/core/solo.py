"""What a key sounds in improv mode: the player's pitch, or the machine's, with the player's rhythm and touch.

Source: the paper, "Improvisation".
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from psc2.core import call, changes, improv, pitch_draw, register, solo_line, turn_lines
from psc2.core.effects import Effect
from psc2.core.fitting import HarmonyPolicy
from psc2.core.ledger import Key
from psc2.core.places import played_at
from psc2.core.ranges import Pitch
from psc2.core.register import Sounded
from psc2.core.state import Phase, PlayedUnder, SharedState, StruckTogether
from psc2.core.turns import LONG_ANSWER, QUICK_S, ChordPolicy, Handover, TurnKind, Under


class KeySound(NamedTuple):
    """What a key sounds."""

    pitch: Pitch
    holder: Key  # the key that holds it
    effects: list[Effect]  # what follows for those that are down and for the model


def key_down(state: SharedState, key: Key, velocity: int, now: float) -> KeySound:
    """What a key sounds, now that it has been struck."""
    if state.improv.muted:
        return KeySound(key[1], key, [])
    struck = _strike(state, key, velocity, now)
    if solo_line.is_heard(state):
        solo_line.note(state, struck.holder, struck.pitch, now)
        struck = struck._replace(effects=[*struck.effects, *solo_line.ask(state)])
    return struck


def _strike(state: SharedState, key: Key, velocity: int, now: float) -> KeySound:
    pitch = key[1]
    effects = _play_under(state, key, velocity, now) if improv.plays_itself(state) else []
    phase = state.improv.phase
    if phase is Phase.ANSWERING and not improv.plays_itself(state):
        return _answer(state, key, velocity, now)
    state.sounded = Sounded(pitch, None)
    if phase is Phase.LISTENING and _is_collecting(state):
        call.note(state, key, pitch, velocity, now)
        if state.transport is None and state.improv.line_s is None:
            turn_lines.draw(state, now)
    return KeySound(pitch, key, effects)


def _play_under(state: SharedState, key: Key, velocity: int, now: float) -> list[Effect]:
    """A key under the machine's line; two in quick succession, after a rest, take the solo back.

    A line that was begun before, and chords to accompany it, do not.
    """
    first = state.played_under
    if state.settings.turns.under is Under.CHORDS:
        return []
    if first is not None and first.at + call.CHORD_S < now <= first.at + QUICK_S:
        effects = improv.hand_back(state, now)
        _begin_call(state, first, now)
        return effects
    if first is not None and now <= first.at + call.CHORD_S:
        state.played_under = first._replace(at=now)  # keys of a chord: the next note counts from the last
        return []
    rest_s = state.settings.turns.rest_beats * 60 / state.qpm
    if len(state.hands.down) == 1 and now - state.hands.silent_since >= rest_s:
        state.played_under = PlayedUnder(now, key, velocity)
    return []


def _begin_call(state: SharedState, first: PlayedUnder, now: float) -> None:
    """The first of the two notes by which the solo was taken back begins the call."""
    if _is_collecting(state):
        call.note(state, first.key, first.key[1], first.velocity, first.at)
        if first.key not in state.hands.down:
            call.key_up(state, first.key, now)


def _is_collecting(state: SharedState) -> bool:
    """Whether what is played in the player's turn is a call: with a pedal only while that is down."""
    return state.improv.rule.kind is not TurnKind.PEDAL or state.improv.held


def _answer(state: SharedState, key: Key, velocity: int, now: float) -> KeySound:
    together = state.struck_together
    if together is not None and _belongs(state, together, now):
        struck = _in_chord(state, together, key)
    elif improv.has_pitches(state):
        struck = KeySound(_next_pitch(state, key[1], now), key, [])
        state.struck_together = StruckTogether(now, key, struck.pitch)
        state.improv = replace(state.improv, answered=state.improv.answered + 1)
    else:
        struck = KeySound(key[1], key, [])
        state.sounded = Sounded(key[1], None)
    call.note(state, key, struck.pitch, velocity, now)
    return struck._replace(effects=_go_on(state, now))


def _belongs(state: SharedState, together: StruckTogether, now: float) -> bool:
    """Whether a key that goes down is of a chord that has its pitch, whose key has not come up yet."""
    is_each = state.settings.turns.chords is ChordPolicy.EACH
    is_held = together.key in state.hands.down | state.hands.sustained
    return not is_each and is_held and now - together.at <= call.CHORD_S


def _next_pitch(state: SharedState, key: Pitch, now: float) -> Pitch:
    """The machine's next pitch, in the octave of the hands, and as the chord that sounds wants it."""
    coming, range_ = state.generated_melody, state.settings.register
    if not coming:
        return pitch_draw.next_pitch(state, key, now)
    pitch = drawn = coming.popleft()
    if range_ is None:
        pass
    elif improv.lands(state) and state.improv.answered + 1 >= state.settings.max_robot_length:
        pitch = register.landed((drawn, *coming), key, range_)
        coming.clear()
    else:
        pitch = register.placed(drawn, key, state.sounded, coming[0] if coming else None, range_)
    pitch = _with_harmony(state, pitch, drawn, now)
    state.sounded = Sounded(pitch, drawn)
    return pitch


def _with_harmony(state: SharedState, pitch: Pitch, drawn: Pitch, now: float) -> Pitch:
    """The pitch fitted to the chord that sounds when the key goes down."""
    if state.transport is None or state.harmony is HarmonyPolicy.OFF:
        return pitch
    step = state.transport.grid.nearest_step(played_at(state, now))
    return changes.fitted_at(state, step, pitch, drawn, state.sounded)


def _in_chord(state: SharedState, together: StruckTogether, key: Key) -> KeySound:
    """What a key sounds that is struck together with one that has the machine's pitch.

    Where the highest is to have it, and is this one, it takes over the note that sounds already.
    """
    if state.settings.turns.chords is ChordPolicy.PARALLEL:
        return KeySound(max(0, min(127, key[1] + together.pitch - together.key[1])), key, [])
    lower = together.key
    if key[1] < lower[1]:
        return KeySound(key[1], key, [])
    state.struck_together = together._replace(key=key)
    state.ledger.hand_over(lower, key)
    return KeySound(lower[1], lower, [])


def _go_on(state: SharedState, now: float) -> list[Effect]:
    """After a note of the answer: the answer is over where notes say it, or more pitches are asked for."""
    taken, settings = state.improv, state.settings
    left, usual = len(state.generated_melody), settings.max_robot_length
    counts, draws = taken.rule.kind is TurnKind.COUNT, solo_line.is_heard(state)
    if counts and settings.turns.handback is Handover.NOW:
        is_over = (not left and not draws) or taken.answered >= usual
        return improv.hand_back(state, now) if is_over else []
    room = LONG_ANSWER * usual - taken.answered - left if counts else usual
    if counts and room + left <= 0:
        return improv.hand_back(state, now)
    if draws:
        return []
    return improv.ask_for_more(state, min(usual, room), now) if room > 0 and 2 * left <= usual else []
