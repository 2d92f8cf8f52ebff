"""The changes: which chord sounds where, over the loop as it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from psc2.core.chart import Chart, PlacedChord
from psc2.core.fitting import HarmonyPolicy, fitted
from psc2.core.grouping import strong_steps
from psc2.core.harmony import Chord
from psc2.core.heard import heard_chart
from psc2.core.meter import Form, Pass
from psc2.core.notices import Notice, NoticeKind
from psc2.core.places import pass_at
from psc2.core.ranges import Pitch
from psc2.core.register import Sounded, direction
from psc2.core.state import SharedState, Transport
from psc2.core.transposing import Transposition

KEPT = 5  # chords: the one that sounds or the one before, and those to come


@dataclass(frozen=True, slots=True)
class ComingChord:
    """A chord of the chart, and from where on it sounds."""

    step: int  # of the loop
    chord: Chord
    section: str  # the mark of the section that begins with it: A, B; empty for none

    @property
    def symbol(self) -> str:
        """The chord as it is written."""
        return self.chord.symbol


def chart_in(state: SharedState, semitones: int) -> Chart | None:
    """The tune's chart, so many semitones above its own key, 0–11; None without one."""
    if state.chart is None or not semitones:
        return state.chart
    if semitones not in state.in_keys:
        state.in_keys[semitones] = state.chart.transposed(semitones)
    return state.in_keys[semitones]


def chord_at(state: SharedState, step: int) -> Chord | None:
    """The chord that sounds at a step of the loop; None without a chart, or in another meter than its own."""
    transport = state.transport
    passed = pass_at(state, transport, step) if transport is not None else None
    chart = _chart_of(state, passed)
    return None if chart is None or passed is None else chart.chord_at(step - passed.start)


def chords_between(state: SharedState, first: int, end: int, origin: int) -> Iterator[PlacedChord]:
    """The chord that sounds at step ``first`` of the loop, and each that begins before ``end``.

    Their steps count from ``origin``. There are none from where the meter is another than the chart's.
    """
    transport = state.transport
    while first < end and transport is not None:
        passed = pass_at(state, transport, first)
        chart = _chart_of(state, passed)
        if chart is None or passed is None:
            return
        until = min(end, passed.end)
        yield from chart.between(first - passed.start, until - passed.start, passed.start - origin)
        first = until


def is_strong(state: SharedState, step: int) -> bool:
    """Whether a step of the loop begins a strong beat."""
    transport = state.transport
    passed = pass_at(state, transport, step) if transport is not None else None
    if passed is None:
        return False
    time_signature = passed.form.time_signature
    return passed.locate(step).step in strong_steps(time_signature, state.settings.groups)


def listen(state: SharedState) -> None:
    """The chords that were recorded are named anew, where that is to be done: not while a key waits."""
    recording = state.recorder.recording
    if recording is not None and recording.is_open:
        return
    if state.chart is None and (state.heard_anew or (state.heard and state.heard.form != state.form)):
        state.heard, state.heard_anew = heard_chart(state), False


def fitted_at(state: SharedState, step: int, pitch: Pitch, drawn: Pitch, before: Sounded | None) -> Pitch:
    """A pitch of the machine's as the chord at a step wants it.

    ``drawn``: before it was moved into a register; ``before``: the note before in its line.
    """
    if state.harmony is HarmonyPolicy.OFF:
        return pitch
    strong = is_strong(state, step)
    chord = chord_at(state, step) if strong or state.harmony is HarmonyPolicy.ALL else None
    if chord is None:
        return pitch
    way = None if before is None or before.drawn is None else direction(drawn - before.drawn)
    return fitted(
        pitch, chord, strong, None if before is None else before.pitch, way, state.settings.register
    )


def about_now(state: SharedState) -> tuple[ComingChord, ...]:
    """The chord that sounds and those to come, a few; while the loop is stopped those that it begins with."""
    if state.chart is None and state.heard is None:
        return ()
    transport, found = state.transport, list[ComingChord]()
    step = 0 if transport is None else max(0, transport.next_step - _steps_ahead(state, transport))
    for _ in range(2 * KEPT):
        passed = Pass(0, state.form) if transport is None else pass_at(state, transport, step)
        chart = _chart_of(state, passed)
        if chart is None or passed is None or len(found) == KEPT or not _is_key_known(state, passed):
            break
        within = step - passed.start
        chord, into_bar = chart.chord_at(within), within % chart.time_signature.steps_per_bar
        if not found or found[-1].symbol != chord.symbol:
            begins = into_bar == 0 or not found  # the one that sounds may have begun before
            found.append(ComingChord(step, chord, chart.bar_at(within).section if begins else ""))
        change = chart.next_change(within)
        step = passed.end if change is None else min(passed.end, passed.start + change.step)
        if change is None or (transport is None and step >= passed.end):
            break
    return tuple(found)


def _is_key_known(state: SharedState, passed: Pass) -> bool:
    """Whether the key of a pass is decided: where each chorus has another, only the next one's is."""
    transport = state.transport
    is_moving = state.practice.transpose != Transposition()
    return not is_moving or transport is None or passed.start <= transport.next_start


def tell_what_becomes_of_chart(state: SharedState, before: Form, form: Form) -> None:
    """Meter and bars are to be others: where they were the chart's and no longer are, that is told."""
    chart = state.chart
    if chart is None:
        return
    own, num_bars = chart.time_signature, chart.form.num_bars
    if form.time_signature != own == before.time_signature:
        tell_that_chart_rests(state, chart)
    elif form.num_bars != num_bars == before.num_bars and form.time_signature == own:
        state.notify(Notice(0, NoticeKind.CHART_CUT, value=num_bars, present=form.num_bars))


def tell_that_chart_rests(state: SharedState, chart: Chart) -> None:
    """The loop is in another meter than the chart: no chord sounds and none is shown."""
    own = chart.time_signature
    state.notify(Notice(0, NoticeKind.CHART_RESTS, value=own.numerator, present=own.denominator))


def _steps_ahead(state: SharedState, transport: Transport) -> int:
    """How many steps have been sent, at most, that are still to sound; one of them sounds."""
    return ceil(state.lookahead_s / transport.grid.segments[-1].shortest_step_s) + 1


def _chart_of(state: SharedState, passed: Pass | None) -> Chart | None:
    """The chart, where the meter of a pass is its own."""
    chart = None if passed is None else chart_in(state, passed.semitones) or state.heard
    if chart is None or passed is None or passed.form.time_signature != chart.time_signature:
        return None
    return chart
