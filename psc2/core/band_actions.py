"""What can be asked of the band that plays from the chart."""

from __future__ import annotations

from dataclasses import replace

from psc2.core import accompaniment, recording
from psc2.core.action_table import ActionTable, next_of
from psc2.core.band import SEATS, Band
from psc2.core.bass_player import BassStyle
from psc2.core.comping import CompingStyle
from psc2.core.effects import Effect
from psc2.core.events import Press
from psc2.core.instruments import Layer
from psc2.core.notices import Notice, NoticeKind
from psc2.core.state import SharedState
from psc2.core.transposing import USUAL, Transposition

ACTIONS = ActionTable()
action = ACTIONS.action


@action("bass_player")
def _bass_player(state: SharedState, press: Press) -> list[Effect]:
    """Who plays the bass from the chart, in turn: nobody, a walking bass, a two-feel, roots and fifths."""
    return _set_player(
        state, press, Layer.BASS, replace(state.band, bass=next_of(reversed(BassStyle), state.band.bass))
    )


@action("comping_player")
def _comping_player(state: SharedState, press: Press) -> list[Effect]:
    """Who plays the chords from the chart, in turn: nobody, short figures, long chords."""
    wanted = replace(state.band, comping=next_of(reversed(CompingStyle), state.band.comping))
    return _set_player(state, press, Layer.CHORDS, wanted)


@action("keep_chorus")
def _keep_chorus(state: SharedState, press: Press) -> list[Effect]:
    """Keep what the band plays: this chorus goes round, as if you had recorded it."""
    if state.band == Band():
        state.notify(Notice(0, NoticeKind.NO_BAND))
    accompaniment.keep(state)
    return []


@action("transpose")
def _transpose(state: SharedState, press: Press) -> list[Effect]:
    """In which key the next chorus of the chart is, in turn: its own, a fourth up, a half step up, any."""
    choices = dict.fromkeys((*USUAL, state.settings.transpose))
    wanted = next_of(choices, state.practice.transpose)
    staying = [layer for layer in SEATS if state.layer_sizes[layer] and not state.band.plays(layer)]
    if state.chart is None:
        state.notify(Notice(0, NoticeKind.NO_MUSIC))
    elif staying and wanted != Transposition():
        state.notify(Notice(0, NoticeKind.RECORDED_STAYS, layer=staying[0]))
    return accompaniment.set_transposition(state, wanted)


def _set_player(state: SharedState, press: Press, layer: Layer, wanted: Band) -> list[Effect]:
    """Without a chart nothing is played, and that is told."""
    if state.chart is None:
        state.notify(Notice(0, NoticeKind.NO_MUSIC))
        return []
    recording.end_take(state, layer, press.at)
    return accompaniment.set_player(state, layer, wanted, press.at)
