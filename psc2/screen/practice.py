"""Words for what is practised with: the click and its gaps, the metronome alone, the ramp, solos."""

from __future__ import annotations

from collections.abc import Iterator

from psc2.core.click import EVERY_BEAT, Gap, GapMode
from psc2.core.ramp import Ramp
from psc2.core.ranges import counted
from psc2.core.snapshot import Snapshot
from psc2.core.transposing import FOURTH, SEMITONE, Transposition


def practice_words(now: Snapshot) -> Iterator[str]:
    """What is switched on, each in a few words; nothing where nothing is."""
    practice = now.practice
    if practice.click_beats != EVERY_BEAT:
        yield f"click on {practice.click_beats}"
    if practice.gap.mode is not GapMode.NONE:
        yield gap_words(practice.gap)
    if practice.ramp.active:
        yield ramp_words(practice.ramp)
    if practice.transpose != Transposition():
        yield transpose_words(practice.transpose)
    if practice.metronome_only:
        yield "metronome only"


def silence_words(now: Snapshot) -> str:
    """What of the loop is silent on purpose at this moment; empty if nothing is."""
    gap, turn = now.practice.gap, now.gap
    if turn.is_silent and gap.mode is GapMode.BARS:
        bar = (turn.bars - 1) % (gap.click_bars + gap.silent_bars) - gap.click_bars + 1
        return f"the click is silent: bar {bar} of {gap.silent_bars}"
    if turn.is_silent:
        return "the click is silent, by chance"
    return "metronome only: the loop is silent" if now.practice.metronome_only else ""


def gap_words(gap: Gap) -> str:
    """The gap in a few words.

    >>> gap_words(Gap(GapMode.BARS, click_bars=2, silent_bars=1))
    'gap: 2 bars click, 1 silent'
    """
    match gap.mode:
        case GapMode.NONE:
            return "no gap: each bar clicks"
        case GapMode.BARS:
            return f"gap: {counted(gap.click_bars, 'bar')} click, {gap.silent_bars} silent"
        case GapMode.CHANCE:
            return f"gap: each bar silent by chance, {gap.chance_percent:g} %"


def ramp_words(ramp: Ramp) -> str:
    """The ramp in a few words.

    >>> ramp_words(Ramp(active=True, step_qpm=-4, passes=1, limit_qpm=90, back=True))
    'ramp: -4 qpm each pass to 90, and back'
    """
    if not ramp.active:
        return "no ramp: the tempo stays"
    each = "each pass" if ramp.passes == 1 else f"every {ramp.passes} passes"
    return f"ramp: {ramp.step_qpm:+g} qpm {each} to {ramp.limit_qpm:g}{', and back' if ramp.back else ''}"


def transpose_words(transposition: Transposition) -> str:
    """In which keys the chart is practised, in a few words.

    >>> transpose_words(Transposition(5)), transpose_words(Transposition(7))
    ('each chorus a fourth up', 'each chorus 7 semitones up')
    """
    if transposition.every_key:
        return "each chorus another key"
    semitones = transposition.semitones
    if not semitones:
        return "the chart's own key"
    named = {FOURTH: "a fourth", SEMITONE: "a half step"}.get(transposition)
    return f"each chorus {named or counted(semitones, 'semitone')} up"


def practice_changes(last: Snapshot, now: Snapshot) -> Iterator[str]:
    """A line for each thing that has been switched, and for each silence that begins."""
    before, after = last.practice, now.practice
    if after.count_in_bars != before.count_in_bars:
        yield f"count-in: {counted(after.count_in_bars, 'bar')}"
    if after.click_beats != before.click_beats:
        yield f"click on {after.click_beats}"
    if after.gap != before.gap:
        yield gap_words(after.gap)
    if after.ramp != before.ramp:
        yield ramp_words(after.ramp)
    if after.transpose != before.transpose:
        yield transpose_words(after.transpose)
    if after.metronome_only != before.metronome_only:
        yield "metronome only: the loop is silent" if after.metronome_only else "the loop sounds again"
    if now.playing and now.gap.is_silent != last.gap.is_silent:
        yield "the click is silent" if now.gap.is_silent else "the click is back"
