"""What a screen may show, copied out of the state under the lock."""

from __future__ import annotations

from dataclasses import dataclass

from psc2.core.events import Model
from psc2.core.instruments import Layer
from psc2.core.meter import TimeSignature
from psc2.core.state import Beat, Mode, Phase, SharedState, Source


@dataclass(frozen=True, slots=True)
class Snapshot:
    playing: bool
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
    controller_known: bool
    controller_name: str  # empty if only its uid is known
    sources: frozenset[str]
    panics: int
    tagged: bool
    supercollider_port: int | None  # where it listens, once it has said so
    late_steps: int
    skipped_notes: int
    bad_input: dict[str, int]


def snapshot(state: SharedState) -> Snapshot:
    recording = state.recording
    return Snapshot(
        playing=state.transport is not None,
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
        controller_known=state.controller_uid is not None,
        controller_name=state.sources.get(state.controller_uid or 0, ""),
        sources=frozenset(state.sources.values()),
        panics=state.panics,
        tagged=state.tagged,
        supercollider_port=state.send_port if state.hello_heard else None,
        late_steps=state.late_steps,
        skipped_notes=state.skipped_notes,
        bad_input=dict(state.bad_input),
    )
