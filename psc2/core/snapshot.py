"""What a screen may show, copied out of the state under the lock."""

from __future__ import annotations

import math
from dataclasses import dataclass

from psc2.core.events import Model
from psc2.core.instruments import Layer
from psc2.core.meter import Grid, Position, Sequence, TimeSignature
from psc2.core.state import Beat, Mode, Phase, SharedState, Source

ROUNDING_STEPS = 1e-6  # a moment computed from a step is that step's, whatever floats make of it


@dataclass(frozen=True, slots=True)
class Place:
    """Which 16th sounds: the pass it belongs to, and where in it, bar and step 0-based.

    The count-in's bars are negative, the last one is −1.
    """

    sequence: Sequence
    position: Position

    @property
    def beat(self) -> int:
        """0-based, within the bar."""
        return self.position.step // self.sequence.time_signature.steps_per_beat


@dataclass(frozen=True, slots=True)
class Snapshot:
    playing: bool
    grid: Grid | None  # None while stopped
    sequences: tuple[Sequence, ...]  # the latest passes whose first step has been sent, newest last
    count_in_bars: int
    mode: Mode
    recording: Layer | None  # a layer being recorded or waiting for its first key
    recording_started: bool
    time_signature: TimeSignature
    pending_time_signature: TimeSignature | None
    num_bars: int
    pending_num_bars: int | None
    qpm: float
    notes: dict[Layer, int]
    gains: dict[Layer, float]
    muted: frozenset[Layer]
    overdub: bool
    beat: Beat
    machine_beats: int  # how many have been placed
    beat_pending: bool  # a beat is being made or waits for the next sequence start
    drums_temperature: float
    phase: Phase
    primer_length: int
    min_primer_length: int
    pitches_left: int
    pitches_by_source: dict[Source, int]  # of all that were published
    melody_temperature: float
    model_trouble: dict[Model, str]  # of the latest answers, empty where all was well
    controller_uid: int | None  # None as long as nobody knows which device it is
    controller_name: str  # empty if only its uid is known
    sources: frozenset[str]
    panics: int
    tagged: bool
    supercollider_port: int | None  # where it listens, once it has said so
    supercollider_heard_at: float | None  # its latest hello, in seconds on the engine's clock
    supercollider_gone: bool  # it has said hello, and then not for a while
    supercollider_status: str  # what it finds wrong on its side, one line, empty if all is well
    late_steps: int
    skipped_notes: int
    bad_input: dict[str, int]

    @property
    def controller_known(self) -> bool:
        return self.controller_uid is not None

    def place_at(self, time_s: float) -> Place | None:
        """Where the music is at ``time_s``, in seconds on the engine's clock; None while it is stopped.

        Steps are sent ahead, so the pass that sounds may be an older one than the latest begun.
        """
        if self.grid is None:
            return None
        step = math.floor(self.grid.step_at(time_s) + ROUNDING_STEPS)
        if step < 0 or not self.sequences:
            count_in = Sequence(0, self.time_signature, self.num_bars)
            first = -self.count_in_bars * self.time_signature.steps_per_bar
            return Place(count_in, count_in.locate(max(first, step)))
        begun = [sequence for sequence in self.sequences if sequence.start <= step] or [self.sequences[0]]
        sequence = begun[-1]
        if step >= sequence.end:  # the step that begins the next pass is about to be sent
            time_signature = self.pending_time_signature or self.time_signature
            sequence = Sequence(sequence.end, time_signature, self.pending_num_bars or self.num_bars)
        position = sequence.locate(step)
        return Place(sequence, Position(position.bar % sequence.num_bars, position.step))

    def next_step_at(self, time_s: float) -> float | None:
        """When the next 16th sounds, in seconds on the engine's clock; None while it is stopped."""
        if self.grid is None:
            return None
        return self.grid.time_of(math.floor(self.grid.step_at(time_s) + ROUNDING_STEPS) + 1)


def snapshot(state: SharedState) -> Snapshot:
    recording, transport = state.recording, state.transport
    return Snapshot(
        playing=transport is not None,
        grid=transport.grid if transport else None,
        sequences=tuple(transport.sequences) if transport else (),
        count_in_bars=state.settings.count_in_bars,
        mode=state.mode,
        recording=recording.layer if recording else None,
        recording_started=recording is not None and recording.start is not None,
        time_signature=state.time_signature,
        pending_time_signature=state.pending_time_signature,
        num_bars=state.num_bars,
        pending_num_bars=state.pending_num_bars,
        qpm=state.qpm,
        notes={layer: state.layer_sizes[layer] for layer in Layer},
        gains=dict(state.mixer.gains),
        muted=frozenset(state.mixer.muted),
        overdub=state.overdub,
        beat=state.beat,
        machine_beats=state.machine_beats,
        beat_pending=state.drums_wanted or state.pending_beat is not None,
        drums_temperature=state.drums_temperature,
        phase=state.phase,
        primer_length=len(state.accumulated_primer_melody),
        min_primer_length=state.settings.min_primer_length,
        pitches_left=len(state.generated_melody),
        pitches_by_source={source: state.pitches_by_source[source] for source in Source},
        melody_temperature=state.melody_temperature,
        model_trouble=dict(state.model_trouble),
        controller_uid=state.controller_uid,
        controller_name=state.sources.get(state.controller_uid or 0, ""),
        sources=frozenset(state.sources.values()),
        panics=state.panics,
        tagged=state.tagged,
        supercollider_port=state.send_port if state.hello_at is not None else None,
        supercollider_heard_at=state.hello_at,
        supercollider_gone=state.supercollider_gone,
        supercollider_status=state.supercollider_status,
        late_steps=state.late_steps,
        skipped_notes=state.skipped_notes,
        bad_input=dict(state.bad_input),
    )
