"""Words for what was pressed, turned or played and did nothing."""

from __future__ import annotations

from psc2.core.notices import Notice, NoticeKind
from psc2.resources import COMMAND

WORDS = {
    NoticeKind.NOTHING_TO_UNDO: "nothing to take back",
    NoticeKind.NOTHING_TO_REDO: "nothing to bring back",
    NoticeKind.NO_BASS_LINE: "no bassline is recorded: the beat has nothing to follow",
    NoticeKind.FIRST_TAP: "one tap: from the next on there is a tempo",
    NoticeKind.TOO_EARLY: "too early: the recording begins with beat 1; {layer} is still armed",
    NoticeKind.PRESS_PLAY: "{layer} is armed, and the loop stopped: press play",
    NoticeKind.NO_VOLUME: "{layer} is at volume 0: its keys cannot be heard",
    NoticeKind.NO_CLICK: "the click is muted: let it in again to hear the metronome",
    NoticeKind.NOT_PLAYED: "{device} is not played: midi.keyboards names others",
    NoticeKind.UNBOUND_CONTROL: "control change {control} of {device}: nothing is bound to it",
    NoticeKind.UNBOUND_PROGRAM: "program change {control} of {device}: nothing is bound to it",
    NoticeKind.ANOTHER_SUPERCOLLIDER: (
        "another SuperCollider, on port {value:.0f}, says hello: it is not played with"
    ),
    NoticeKind.BACK_TO_PORT: (
        "who listened on port {present:.0f} has gone: what sounds goes to port {value:.0f} again"
    ),
    NoticeKind.CONTROLLERS_NOTES: (
        "{device} sends notes, which are not played: keyboard: true in its map lets them sound"
    ),
    NoticeKind.LEARNED_KEYS: (
        "{device} has keys, and keeps its transport buttons: a map with keyboard: true lets the rest act"
    ),
    NoticeKind.CONTROLLERS_BENDS: "{device} sends pitch bends, which are not played: is it in CC mode?",
    NoticeKind.WAITING_CONTROL: ("{what} stays {present:.4g}: turn the control there, from {value:.4g}"),
    NoticeKind.NO_ANSWER_YET: "there is no answer yet that could be played again",
    NoticeKind.NOT_IMPROVISING: "there are turns in improv mode only",
    NoticeKind.NO_CHART: "there are no chords to fit pitches to: record some, or name a chart (music.chart)",
    NoticeKind.NO_MUSIC: f"the band plays from a chart: {COMMAND} play --chart names one",
    NoticeKind.NO_BAND: "nobody plays from the chart: there is nothing to keep",
    NoticeKind.CHART_RESTS: (
        "the chart is in {value:.0f}/{present:.0f}, the loop is not: no chords until it is again"
    ),
    NoticeKind.RECORDED_STAYS: (
        "what is recorded as {layer} stays in its key while the chart moves; undo brings the band back"
    ),
    NoticeKind.CHART_CUT: (
        "the chart has {value:.0f} bars, the loop {present:.0f}: each sequence begins at the chart's first"
    ),
    NoticeKind.NO_SET: "no set is open: nothing comes next",
    NoticeKind.NOTHING_PLAYED: "there is no lead to look back at: play over the loop, then ask again",
    NoticeKind.CALIBRATED: (
        "latency {value:.0f} ms (spread {present:.0f} ms) holds from now on; to keep it, in your settings: "
        "midi.latency_ms: {value:.0f}"
    ),
    NoticeKind.UNSTEADY_TAPS: (
        "the taps are not steady (spread {value:.0f} ms), nothing has changed: go on tapping to try again"
    ),
    NoticeKind.CONTROL_TAKES_OVER: "{what} follows the controller now",
}
OF_ACTIONS = {
    NoticeKind.ALREADY: {
        "play": "the loop plays already",
        "record": "{layer} is armed already",
        "clear": "{layer} is empty already",
        "deterministic_drums": "the drums follow the bassline already",
        "free": "free mode already",
        "improv": "improv mode already: it is your turn",
    },
    NoticeKind.AT_LIMIT: {
        "bars": "{value:g} is as far as the bars go",
        "count_in": "{value:g} bars is as far as the count-in goes",
        "ramp": "the ramp stays at {present:.4g} qpm: its limit, {value:.4g}, is not where its steps lead",
        "meter": "that is as far as the meter goes: 2 to 64 beats, each a 4th, 8th or 16th",
    },
}


def notice_line(notice: Notice) -> str:
    """One line for the player.

    >>> notice_line(Notice(1, NoticeKind.UNBOUND_CONTROL, "LPK25", control=71))
    'control change 71 of LPK25: nothing is bound to it'
    """
    of_action = OF_ACTIONS.get(notice.kind)
    words = WORDS[notice.kind] if of_action is None else of_action[notice.action]
    layer = "" if notice.layer is None else notice.layer.value
    return words.format(
        device=notice.device or "a device without a name",
        control=notice.control,
        layer=layer,
        what=f"{layer} {notice.action.replace('_', ' ')}".strip(),
        value=notice.value,
        present=notice.present,
    )
