"""What is told of something that was pressed, turned or played and did nothing, or not what was expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from psc2.core.instruments import Layer
from psc2.core.ranges import Count, SevenBits


class NoticeKind(Enum):
    """What happened instead."""

    NOTHING_TO_UNDO = "nothing to undo"
    NOTHING_TO_REDO = "nothing to redo"
    ALREADY = "already"  # what is asked for is so
    NO_BASS_LINE = "no bassline"  # a beat that follows it has no snare
    AT_LIMIT = "at the limit"  # there are no fewer or more bars, or no such meter, or no tempo to ramp to
    NO_CLICK = "no click"  # of a metronome alone that is muted
    FIRST_TAP = "first tap"  # of which no tempo follows
    TOO_EARLY = "too early"  # a key before the recording that waits for its first can begin
    PRESS_PLAY = "press play"  # a key while that recording is armed, and the loop stopped
    NO_VOLUME = "no volume"  # a key of a layer whose fader is at 0
    NOT_PLAYED = "not played"  # a key of a device that the settings leave out
    UNBOUND_PROGRAM = "unbound program"  # a program change
    UNBOUND_CONTROL = "unbound control"  # its map says nothing of it
    WAITING_CONTROL = "waiting control"  # a knob or fader that has not met the present value yet …
    CONTROL_TAKES_OVER = "control takes over"  # … and now has
    ANOTHER_SUPERCOLLIDER = "another SuperCollider"  # says hello, and is not played with
    BACK_TO_PORT = "back to port"  # value is the one that is sent to again, present that of who has gone
    CONTROLLERS_BENDS = "controller's bends"  # not played either: it is in another mode than its map
    LEARNED_KEYS = "learned keys"  # what was learned as a controller has keys, and keeps its buttons
    NO_ANSWER_YET = "no answer yet"  # that could be played again
    NOT_IMPROVISING = "not improvising"  # where there are no turns
    NO_CHART = "no chart"  # whose chords something could be fitted to
    NO_MUSIC = "no music"  # that is, no chart, for a band to read
    NO_BAND = "no band"  # that plays from it, whose chorus could be kept
    CHART_RESTS = (
        "chart rests"  # in another meter than its own: value is its numerator, present its denominator
    )
    RECORDED_STAYS = "recorded stays"  # in its key, while the chart moves to others: layer
    CHART_CUT = "chart cut"  # the loop has more or fewer bars, present, than the chart, value
    NO_SET = "no set"  # in which something comes next
    NOTHING_PLAYED = "nothing played"  # that could be looked back at
    CALIBRATED = "calibrated"  # by the tap test: value is the latency, present the spread, in milliseconds
    UNSTEADY_TAPS = "unsteady taps"  # of a test that tells nothing: value is the spread
    CONTROLLERS_NOTES = "controller's notes"  # not played, as the controller is no keyboard


@dataclass(frozen=True, slots=True)
class Notice:
    """One of them. What does not matter to its kind is as by default."""

    number: Count  # how many there have been, so that the same twice is two
    kind: NoticeKind
    device: str = ""  # its name, empty if it is not known
    control: SevenBits | None = None  # a control change's number, or a program's
    action: str = ""
    layer: Layer | None = None
    value: float | None = None  # where a knob or fader stands …
    present: float | None = None  # … and what it has to pass

    def concerns(self, other: Notice) -> bool:
        """Whether both are of one kind and one thing, which may stand differently."""
        return replace(self, number=0, value=None, present=None) == replace(
            other, number=0, value=None, present=None
        )
