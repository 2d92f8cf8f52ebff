"""What outlives a crash or makes a song, apart from what only this moment knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from psc2.core import improv, layers
from psc2.core.band import Band
from psc2.core.chart import Chart
from psc2.core.drums import PITCHES_OF_DRUM
from psc2.core.fitting import HarmonyPolicy
from psc2.core.history import History
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import Beat, PlayableNote
from psc2.core.meter import Form
from psc2.core.mixer import Mixer
from psc2.core.other_side import Peer
from psc2.core.practice import Practice
from psc2.core.ranges import Qpm, Temperature
from psc2.core.setup import Settings, Timing
from psc2.core.state import BeatMaker, Improv, Mode, Random, SharedState
from psc2.core.swing import Feel
from psc2.core.turns import COUNTING, TurnRule

REMEMBERED = (Layer.BASS, Layer.DRUMS, Layer.CHORDS)  # the click follows from the form
INSTRUMENTS: Mapping[Layer, Collection[Instrument]] = {
    Layer.BASS: (Instrument.BASS,),
    Layer.DRUMS: PITCHES_OF_DRUM,
    Layer.CHORDS: (Instrument.CHORDS,),
}


@dataclass(frozen=True, slots=True)
class Memory:
    """What a song, or a session that is taken up again, keeps of the instrument."""

    form: Form
    qpm: Qpm
    melody_temperature: Temperature
    drums_temperature: Temperature
    notes: tuple[PlayableNote, ...] = ()  # bass, drums and chords, each by place and pitch
    beat: Beat = Beat.NONE
    mixer: Mixer = field(default_factory=Mixer)
    history: History = field(default_factory=History)
    practice: Practice = field(default_factory=Practice)
    feel: Feel = field(default_factory=Feel)
    turns: TurnRule = COUNTING
    chart: Chart | None = None
    band: Band = field(default_factory=Band)
    harmony: HarmonyPolicy = HarmonyPolicy.OFF
    improvising: bool = False  # improv mode; otherwise free

    def __post_init__(self) -> None:
        """Check that the notes, also those of the history, can be a loop's. Raises: ValueError."""
        places = [_order(note) for note in self.notes]
        if places != sorted(set(places)):
            raise ValueError("expected the notes of bass, drums and chords by place and pitch, each once")
        contents = (content.notes for content in (*self.history.past, *self.history.future))
        for note in chain(self.notes, *contents):
            if note.instrument not in INSTRUMENTS.get(note.layer, ()):
                raise ValueError(f"expected no {note.instrument.value} in the {note.layer.value}")


def state_of(memory: Memory, settings: Settings, seed: int, random: Random) -> SharedState:
    """The instrument with this memory, stopped, with nothing under its hands and nothing sounding.

    ``random``: where seeds come from; ``seed``: what it began with.
    """
    state = SharedState(
        form=memory.form,
        qpm=memory.qpm,
        mixer=memory.mixer,
        practice=memory.practice,
        feel=memory.feel,
        chart=memory.chart,
        band=memory.band,
        harmony=memory.harmony,
        improv=Improv(memory.melody_temperature, memory.turns),
        beat_maker=BeatMaker(memory.drums_temperature),
        latency_s=settings.latency_s,
        peer=Peer(settings.send_port, tagged=settings.timing is Timing.TIMETAG),
        settings=settings,
        seed=seed,
        random=random,
    )
    layers.lay_click(state)
    layers.add_notes(state, memory.notes)
    state.beat, state.history = memory.beat, memory.history
    if not state.layer_sizes[Layer.DRUMS]:
        layers.follow_bass_line(state)
    if memory.improvising:
        state.mode = Mode.IMPROV
        improv.enter(state)
    return state


def memory_of(state: SharedState) -> Memory:
    """What is to be kept: while a recording waits for its first key, what it has cleared is still there."""
    recording = state.recorder.recording
    notes: dict[Layer, Iterable[PlayableNote]] = {
        layer: layers.layer_notes(state, layer) for layer in REMEMBERED
    }
    history, band = state.history, state.band
    if recording is not None and recording.is_open:
        history = history.recorded(recording.before)
    elif recording is not None:
        notes[recording.layer] = recording.before.notes
        band = band.taking(recording.layer, recording.before.band)
        if state.beat is Beat.DETERMINISTIC:
            notes[Layer.DRUMS] = layers.beat_of(state, notes[Layer.BASS], state.form)
    return Memory(
        form=state.form,
        qpm=state.beginning_qpm,
        melody_temperature=state.improv.temperature,
        drums_temperature=state.beat_maker.temperature,
        notes=tuple(note for layer in REMEMBERED for note in sorted(notes[layer], key=_order)),
        beat=state.beat,
        mixer=state.mixer,
        history=history,
        practice=state.practice,
        feel=state.feel,
        turns=state.improv.rule,
        chart=state.chart,
        band=band,
        harmony=state.harmony,
        improvising=state.mode is Mode.IMPROV,
    )


def _order(note: PlayableNote) -> tuple[int, tuple[int, int], int]:
    """Layer by layer, then by place and pitch; a layer that is not remembered comes last."""
    layer = REMEMBERED.index(note.layer) if note.layer in REMEMBERED else len(REMEMBERED)
    return layer, note.place, note.pitch
