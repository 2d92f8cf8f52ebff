"""What a pedal, or a button, can ask of the call and response: whose turn it is."""

from __future__ import annotations

from psc2.core import changes, improv
from psc2.core.action_table import ActionTable, next_of, value_of
from psc2.core.controls import PEDAL
from psc2.core.effects import Effect
from psc2.core.events import Press
from psc2.core.fitting import HarmonyPolicy
from psc2.core.notices import Notice, NoticeKind
from psc2.core.ranges import SEVEN_BITS
from psc2.core.state import Phase, SharedState
from psc2.core.turns import next_choice

ACTIONS = ActionTable()
action = ACTIONS.action


@action("turns")
def _turns(state: SharedState, press: Press) -> list[Effect]:
    """What ends a turn, in turn: notes, a rest, bars, a chorus, a pedal."""
    rule = next_choice(state.improv.rule, state.settings.turns.rule)
    return improv.set_rule(state, rule, press.at)


@action("hold", values=SEVEN_BITS)
def _hold(state: SharedState, press: Press) -> list[Effect]:
    """A pedal of the turns: down, the machine listens; up, it answers."""
    is_down = PEDAL.is_down(round(value_of(press)), press.source in state.improv.held_by)
    return improv.hold(state, is_down, press.source, press.at)


@action("listen")
def _listen(state: SharedState, press: Press) -> list[Effect]:
    """Let the machine listen, as with the pedal down; again, and it answers."""
    return improv.listen(state, press.source, press.at)


@action("lay_out")
def _lay_out(state: SharedState, press: Press) -> list[Effect]:
    """The machine is off at once; again, and it goes on where it was."""
    return improv.mute(state, press.at)


@action("skip")
def _skip(state: SharedState, press: Press) -> list[Effect]:
    """Throw this phrase away, yours or the machine's: it listens again."""
    if state.improv.phase is not Phase.IDLE:
        return improv.hand_back(state, press.at)
    state.notify(Notice(0, NoticeKind.NOT_IMPROVISING))
    return []


@action("again")
def _again(state: SharedState, press: Press) -> list[Effect]:
    """The machine's phrase once more."""
    return improv.again(state, press.at)


@action("harmony")
def _harmony(state: SharedState, press: Press) -> list[Effect]:
    """Which of the machine's pitches are fitted to the chords, in turn: none, those on strong beats, all."""
    state.harmony = next_of(HarmonyPolicy, state.harmony)
    if state.chart is None and state.heard is None:
        state.notify(Notice(0, NoticeKind.NO_CHART))
    elif state.chart is not None and state.next_form.time_signature != state.chart.time_signature:
        changes.tell_that_chart_rests(state, state.chart)
    return []


@action("next")
def _next(state: SharedState, press: Press) -> list[Effect]:
    """What comes next in a set; where none is open, that is told."""
    state.notify(Notice(0, NoticeKind.NO_SET))
    return []
