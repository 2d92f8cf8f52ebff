"""What a screen may show: references to the frozen parts of the state, taken under the lock."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from psc2.core import changes, layers, turn_taking
from psc2.core.band import Band
from psc2.core.calibration import Calibration
from psc2.core.changes import ComingChord
from psc2.core.click import GapTurn
from psc2.core.fitting import HarmonyPolicy
from psc2.core.grouping import strong_steps
from psc2.core.instruments import Layer
from psc2.core.look_back import LookBack
from psc2.core.loop import Beat, PlayableNote
from psc2.core.meter import Form, Grid, Pass, Position
from psc2.core.mixer import Mixer
from psc2.core.notices import Notice
from psc2.core.other_side import Page, Peer, PluggedIn
from psc2.core.places import pass_at
from psc2.core.practice import Practice
from psc2.core.ramp import RampRun
from psc2.core.ranges import Count, Qpm, Seed
from psc2.core.state import BeatMaker, Counts, Improv, Mode, Recording, SharedState, StruckKey, TakenNote
from psc2.core.swing import Feel
from psc2.core.turns import Answerer

SHOWN = 3  # chords
ROUNDING_STEPS = 1e-6  # a moment computed from a step is that step's, whatever floats make of it


@dataclass(frozen=True, slots=True)
class Place:
    """Which 16th sounds: the pass it belongs to, and where in it, bar and step 0-based.

    The count-in's bars are negative, the last one is −1.
    """

    passed: Pass
    position: Position

    @property
    def beat(self) -> int:
        """The beat of the bar, 0-based."""
        return self.position.step // self.passed.form.time_signature.steps_per_beat


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state at one moment; ``psc2.core.state`` says what its groups hold."""

    grid: Grid | None  # None while stopped
    passes: tuple[Pass, ...]  # the latest whose first step has been sent, newest last
    form: Form
    coming: Form | None  # from the next sequence start on, where it is another
    qpm: Qpm
    mode: Mode
    recording: Recording | None  # a layer being recorded or waiting for its first key
    overdub: bool  # whether the next recording adds
    first_key_starts: bool  # whether the first key of a recording starts a loop that is stopped
    layer_sizes: Mapping[Layer, int]  # notes in each
    beat: Beat
    mixer: Mixer
    practice: Practice
    feel: Feel
    harmony: HarmonyPolicy
    band: Band  # who plays from the chart
    chords: tuple[ComingChord, ...]  # of the chart: the one that sounds, and those to come; empty without one
    strong_steps: frozenset[int]  # of a bar, on which its strong beats begin
    gap: GapTurn  # where a gap click stands
    goal_qpm: Qpm | None  # where a ramp is heading for; None if nowhere
    bars: Mapping[Count, tuple[PlayableNote, ...]]
    # ^ the notes of the bars that sound about now, and of those that ring into them, but for the click
    taken: tuple[TakenNote, ...]  # recorded notes that have not joined the loop yet
    struck: StruckKey | None  # the latest
    undoable: int  # how many acts can be taken back
    redoable: int
    improv: Improv
    primer_length: int
    min_primer_length: int
    pitches_left: int
    answer: Answerer  # who plays the machine's answer
    turn_changes_at: (
        float | None
    )  # at the latest, in seconds on the engine's clock; None where that is not known
    beat_maker: BeatMaker
    peer: Peer
    page: Page | None  # that sounds what is played
    lookahead_s: float  # how long before its moment a step is sent; 0 without time tags
    devices: PluggedIn
    counts: Counts
    notice: Notice | None  # the latest
    seed: Seed
    latency_s: float  # the player's
    calibration: Calibration  # the tap test, while the mode is that
    look_back: LookBack | None  # at the latest take, until it is closed

    @property
    def playing(self) -> bool:
        """Whether the loop runs, the count-in included."""
        return self.grid is not None

    @property
    def beat_coming(self) -> bool:
        """Whether a machine's beat is being made or waits for the next sequence start."""
        return self.beat_maker.wanted or self.beat_maker.coming is not None

    def is_heard(self, layer: Layer) -> bool:
        """Whether the loop lets ``layer`` sound now, which a mute, another's solo or a gap may prevent."""
        is_left_out = layer is Layer.CLICK and self.gap.is_silent
        return self.practice.is_heard(layer, self.mixer) and not is_left_out

    def place_at(self, time_s: float) -> Place | None:
        """Where the music is at ``time_s``, in seconds on the engine's clock; None while it is stopped.

        Steps are sent ahead, so the pass that sounds may be an older one than the latest begun.
        """
        if self.grid is None:
            return None
        step = math.floor(self.grid.step_at(time_s) + ROUNDING_STEPS)
        if step < 0 or not self.passes:
            count_in = Pass(0, self.form)
            first = self.grid.segments[0].anchor_step
            return Place(count_in, count_in.locate(max(first, step)))
        begun = [passed for passed in self.passes if passed.start <= step] or [self.passes[0]]
        passed = begun[-1]
        if step >= passed.end:  # the step that begins the next pass is about to be sent
            passed = Pass(passed.end, self.coming or self.form)
        position = passed.locate(step)
        return Place(passed, Position(position.bar % passed.form.num_bars, position.step))

    def beats_to_turn(self, time_s: float) -> int | None:
        """How many beats, begun ones too, until the turn changes at the latest; None if that is not known."""
        if self.turn_changes_at is None:
            return None
        beat_s = 60 / self.qpm * 4 / self.form.time_signature.denominator
        return max(0, math.ceil((self.turn_changes_at - time_s) / beat_s - ROUNDING_STEPS))

    def chords_at(self, time_s: float) -> tuple[ComingChord, ...]:
        """The chord that sounds at ``time_s`` and the two to come; while the loop is stopped the first."""
        step = 0 if self.grid is None else math.floor(self.grid.step_at(time_s) + ROUNDING_STEPS)
        begun = sum(chord.step <= step for chord in self.chords)
        return self.chords[max(0, begun - 1) :][:SHOWN]

    def next_step_at(self, time_s: float) -> float | None:
        """When the next 16th sounds, in seconds on the engine's clock; None while it is stopped."""
        if self.grid is None:
            return None
        return self.grid.time_of(math.floor(self.grid.step_at(time_s) + ROUNDING_STEPS) + 1)


def _bars_about_now(state: SharedState) -> set[int]:
    """The bars of the steps from the one that sounds up to the next to be sent, and those that ring in them.

    While the loop is stopped the first.
    """
    transport, bars = state.transport, {0}
    if transport is None:
        return bars
    ahead = math.ceil(state.lookahead_s / transport.grid.segments[-1].shortest_step_s) + 1
    forms = (state.form, state.next_form, *(passed.form for passed in transport.passes))
    shortest = min(form.time_signature.steps_per_bar for form in forms)
    last = max(0, transport.next_step)
    for step in (*range(max(0, transport.next_step - ahead), last, shortest), last):
        passed = pass_at(state, transport, step)
        if passed is not None:
            bar = passed.locate(step).bar
            bars |= {bar, *layers.bars_that_ring(state, bar, shortest)}
    return bars


def _goal_qpm(state: SharedState) -> float | None:
    """Where the tempo is heading for, or will be once the loop plays."""
    ramp, run = state.practice.ramp, state.transport.ramp if state.transport else None
    return (run or RampRun(state.qpm)).goal_qpm(ramp, state.qpm) if ramp.active else None


def snapshot_of(state: SharedState) -> Snapshot:
    """What can be shown of the state now."""
    return Snapshot(
        grid=transport.grid if (transport := state.transport) else None,
        passes=transport.passes if transport else (),
        form=state.form,
        coming=state.coming,
        qpm=state.qpm,
        mode=state.mode,
        recording=state.recorder.recording,
        overdub=state.recorder.overdub,
        first_key_starts=state.settings.first_key_starts,
        layer_sizes={layer: state.layer_sizes[layer] for layer in Layer},
        beat=state.beat,
        mixer=state.mixer,
        practice=state.practice,
        feel=state.feel, harmony=state.harmony, band=state.band, chords=changes.about_now(state),
        strong_steps=strong_steps(state.form.time_signature, state.settings.groups),
        gap=transport.gap if transport else GapTurn(),
        goal_qpm=_goal_qpm(state),
        bars={bar: layers.bar_notes(state, bar).notes for bar in _bars_about_now(state)},
        taken=state.recorder.taken,
        struck=state.struck,
        undoable=len(state.history.past),
        redoable=len(state.history.future),
        improv=state.improv,
        primer_length=len(state.accumulated_primer_melody),
        min_primer_length=state.settings.min_primer_length,
        pitches_left=turn_taking.pitches_left(state),
        turn_changes_at=turn_taking.latest_change_at(state),
        beat_maker=state.beat_maker,
        peer=state.peer,
        page=state.page,
        lookahead_s=state.lookahead_s,
        devices=state.devices,
        counts=state.counts,
        notice=state.notice,
        seed=state.seed, latency_s=state.latency_s,
        calibration=state.calibration, look_back=state.look_back, answer=state.settings.turns.answer,
    )  # fmt: skip
