"""The click track: three sounds, so that the start of the sequence can be heard; its beats and its gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import MAX_NUMERATOR, Form, Position, TimeSignature
from psc2.core.ranges import Count, Percent, Range

CLICK_VELOCITY = 100
BEATS = Range(1, MAX_NUMERATOR)  # of a bar, as a player counts them
GAP_BARS = Range(1, 32)

BeatOfBar = Annotated[int, BEATS]  # 1 is the first
GapBars = Annotated[int, GAP_BARS]


@dataclass(frozen=True, slots=True)
class ClickBeats:
    """On which beats of a bar the click sounds.

    >>> [str(beats) for beats in CHOICES]
    ['all', '1', '2 4', 'off-beats']
    """

    beats: tuple[BeatOfBar, ...] = ()  # empty for all; those that a meter does not have are ignored in it
    offbeats: bool = False  # halfway from each beat to the next instead: the "and"s

    def __str__(self) -> str:
        return "off-beats" if self.offbeats else " ".join(map(str, self.beats)) or "all"

    def steps_of(self, time_signature: TimeSignature) -> Sequence[int]:
        """The steps of a bar, 0-based, where it sounds; none where the meter has none of these beats.

        >>> [beats.steps_of(TimeSignature(3, 4)) for beats in (ClickBeats((2, 4)), ClickBeats(offbeats=True))]
        [[4], [2, 6, 10]]
        """
        per_beat = time_signature.steps_per_beat
        if self.offbeats:
            return [*range(per_beat // 2, time_signature.steps_per_bar, per_beat)] if per_beat > 1 else []
        wanted = self.beats or range(1, time_signature.numerator + 1)
        return [(beat - 1) * per_beat for beat in wanted if beat <= time_signature.numerator]

    def next_choice(self, own: ClickBeats, time_signature: TimeSignature) -> ClickBeats:
        """What follows in ``CHOICES`` and the player's ``own``, of those that the meter has a beat for."""
        choices = [beats for beats in dict.fromkeys((*CHOICES, own)) if beats.steps_of(time_signature)]
        place = choices.index(self) if self in choices else -1
        return choices[(place + 1) % len(choices)]


EVERY_BEAT = ClickBeats()
CHOICES = (EVERY_BEAT, ClickBeats((1,)), ClickBeats((2, 4)), ClickBeats(offbeats=True))


class GapMode(Enum):
    """Which bars the click leaves out."""

    NONE = "none"
    BARS = "bars"  # some, after some others
    CHANCE = "chance"  # each perhaps


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars in which the click is silent, so that the player keeps the time."""

    mode: GapMode = GapMode.NONE
    click_bars: GapBars = 2  # that click …
    silent_bars: GapBars = 2  # … and that are silent after them
    chance_percent: Percent = 25.0  # how likely each bar is silent, by chance


@dataclass(frozen=True, slots=True)
class GapTurn:
    """Where a gap click stands: the bar that is being sent."""

    bars: Count = 0  # that have begun since the gap counts, this one too
    is_silent: bool = False

    def next_bar(self, gap: Gap, draw: Callable[[], int]) -> GapTurn:
        """The turn of the bar that begins. ``draw``: gives a number from 0 to 2³² − 1, where chance decides.

        >>> turn = GapTurn(bars=2)
        >>> turn.next_bar(Gap(GapMode.BARS, click_bars=2, silent_bars=1), draw=int)
        GapTurn(bars=3, is_silent=True)
        """
        match gap.mode:
            case GapMode.NONE:
                return GapTurn()
            case GapMode.BARS:
                is_silent = self.bars % (gap.click_bars + gap.silent_bars) >= gap.click_bars
                return GapTurn(self.bars + 1, is_silent)
            case GapMode.CHANCE:
                return GapTurn(self.bars + 1, draw() < gap.chance_percent / 100 * 2**32)


def click_at(
    position: Position, time_signature: TimeSignature, beats: ClickBeats = EVERY_BEAT
) -> Instrument | None:
    """The click that sounds at ``position``, or None between the ``beats``.

    Where the meter has none of them, the first beat clicks.

    Source: the paper, "Click-track generation": one sound for the first beat of the
    sequence, one for the first beat of its other bars, one for the beats that the
    denominator marks (every 4, 2 or 1 steps for 4, 8 or 16).
    """
    if position.step not in (beats.steps_of(time_signature) or (0,)):
        return None
    if position.step == 0:
        return Instrument.CLICK_SEQUENCE if position.bar == 0 else Instrument.CLICK_BAR
    return Instrument.CLICK_BEAT


def clicks_at(
    position: Position, time_signature: TimeSignature, beats: ClickBeats = EVERY_BEAT
) -> list[PlayableNote]:
    """The click at ``position`` as a note of the loop, or none."""
    click = click_at(position, time_signature, beats)
    if click is None:
        return []
    return [PlayableNote(position.bar, position.step, Layer.CLICK, click, pitch=0, velocity=CLICK_VELOCITY)]


def click_track(form: Form, beats: ClickBeats = EVERY_BEAT) -> list[PlayableNote]:
    """Every click of the sequence."""
    steps = sorted(set(beats.steps_of(form.time_signature) or (0,)))
    return [
        click
        for bar in range(form.num_bars)
        for step in steps
        for click in clicks_at(Position(bar, step), form.time_signature, beats)
    ]
