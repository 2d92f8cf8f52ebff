"""What can be asked for to practise with: count-in, click, gaps, the metronome alone, a ramp of the tempo."""

from __future__ import annotations

from dataclasses import replace

from psc2.core import layers, tempo, timing, transport
from psc2.core.action_table import ActionTable, next_of, value_of
from psc2.core.click import GAP_BARS, GapMode
from psc2.core.effects import Effect
from psc2.core.events import Press
from psc2.core.instruments import Layer
from psc2.core.notices import Notice, NoticeKind
from psc2.core.practice import COUNT_INS
from psc2.core.ramp import RAMP_PASSES, RAMP_STEPS
from psc2.core.ranges import PERCENT, QPM
from psc2.core.state import SharedState

ACTIONS = ActionTable()
action = ACTIONS.action

# --- the click ------------------------------------------------------------------------


@action("count_in_down")
def _count_in_down(state: SharedState, press: Press) -> list[Effect]:
    """One bar of count-in fewer, from the next start on."""
    return _set_count_in(state, state.practice.count_in_bars - 1)


@action("count_in_up")
def _count_in_up(state: SharedState, press: Press) -> list[Effect]:
    """One bar of count-in more, from the next start on."""
    return _set_count_in(state, state.practice.count_in_bars + 1)


def _set_count_in(state: SharedState, bars: int) -> list[Effect]:
    if bars in COUNT_INS:
        state.practice = replace(state.practice, count_in_bars=bars)
    else:
        present = state.practice.count_in_bars
        state.notify(Notice(0, NoticeKind.AT_LIMIT, action="count_in", value=present))
    return []


@action("click_beats")
def _click_beats(state: SharedState, press: Press) -> list[Effect]:
    """Which beats click, in turn: all, 1, 2 and 4, the off-beats, your own."""
    beats = state.practice.click_beats.next_choice(state.settings.click_beats, state.time_signature)
    state.practice = replace(state.practice, click_beats=beats)
    layers.lay_click(state)
    return []


@action("gap")
def _gap(state: SharedState, press: Press) -> list[Effect]:
    """Which bars the click leaves out, in turn: none, some after some others, each by chance."""
    gap = state.practice.gap
    transport.set_gap(state, replace(gap, mode=next_of(GapMode, gap.mode)))
    return []


@action("gap_click_bars", values=GAP_BARS, present=lambda state, press: state.practice.gap.click_bars)
def _gap_click_bars(state: SharedState, press: Press) -> list[Effect]:
    """How many bars click before a gap."""
    transport.set_gap(state, replace(state.practice.gap, click_bars=round(value_of(press))))
    return []


@action("gap_silent_bars", values=GAP_BARS, present=lambda state, press: state.practice.gap.silent_bars)
def _gap_silent_bars(state: SharedState, press: Press) -> list[Effect]:
    """How many bars a gap lasts."""
    transport.set_gap(state, replace(state.practice.gap, silent_bars=round(value_of(press))))
    return []


@action("gap_chance", values=PERCENT, present=lambda state, press: state.practice.gap.chance_percent)
def _gap_chance(state: SharedState, press: Press) -> list[Effect]:
    """How likely each bar is a gap, in percent, where it is left to chance."""
    transport.set_gap(state, replace(state.practice.gap, chance_percent=value_of(press)))
    return []


@action("metronome_only")
def _metronome_only(state: SharedState, press: Press) -> list[Effect]:
    """The click alone, with your hands: the loop is silent and stays as it is; again, and it is heard."""
    is_alone = not state.practice.metronome_only
    state.practice = replace(state.practice, metronome_only=is_alone)
    if is_alone and state.mixer.faders[Layer.CLICK].muted:
        state.notify(Notice(0, NoticeKind.NO_CLICK))
    return transport.end_unheard(state, press.at)


# --- the ramp -------------------------------------------------------------------------


@action("ramp")
def _ramp(state: SharedState, press: Press) -> list[Effect]:
    """Let the tempo rise or fall by itself, step by step; switched off, it stays where it is."""
    ramp = state.practice.ramp
    tempo.set_ramp(state, replace(ramp, active=not ramp.active))
    return []


@action("ramp_back")
def _ramp_back(state: SharedState, press: Press) -> list[Effect]:
    """Whether the ramp returns from its limit to where it began."""
    ramp = state.practice.ramp
    tempo.set_ramp(state, replace(ramp, back=not ramp.back))
    return []


@action("ramp_step", values=RAMP_STEPS, present=lambda state, press: state.practice.ramp.step_qpm)
def _ramp_step(state: SharedState, press: Press) -> list[Effect]:
    """How much faster each time, in qpm; below 0 slower."""
    tempo.set_ramp(state, replace(state.practice.ramp, step_qpm=value_of(press)))
    return []


@action("ramp_passes", values=RAMP_PASSES, present=lambda state, press: state.practice.ramp.passes)
def _ramp_passes(state: SharedState, press: Press) -> list[Effect]:
    """How many passes of the sequence from one step of the ramp to the next."""
    tempo.set_ramp(state, replace(state.practice.ramp, passes=round(value_of(press))))
    return []


@action("ramp_limit", values=QPM, present=lambda state, press: state.practice.ramp.limit_qpm)
def _ramp_limit(state: SharedState, press: Press) -> list[Effect]:
    """The tempo that the ramp ends at, in qpm."""
    tempo.set_ramp(state, replace(state.practice.ramp, limit_qpm=value_of(press)))
    return []


# --- timing ---------------------------------------------------------------------------


@action("look_back")
def _look_back(state: SharedState, press: Press) -> list[Effect]:
    """How early or late your lead of the last pass was."""
    timing.look_back(state)
    return []


@action("close_look_back")
def _close_look_back(state: SharedState, press: Press) -> list[Effect]:
    """Close the look back at what you played."""
    state.look_back = None
    return []


@action("calibrate")
def _calibrate(state: SharedState, press: Press) -> list[Effect]:
    """A tap test with the click finds your latency; once more leaves it."""
    return timing.calibrate(state, press.at)
