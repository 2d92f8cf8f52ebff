"""What models are asked, in tests."""

from collections.abc import Sequence

from psc2.core.drums import deterministic_beat, pattern_of
from psc2.core.instruments import Instrument, Layer
from psc2.core.loop import PlayableNote
from psc2.core.meter import Form, TimeSignature
from psc2.core.requests import DrumsRequest, MelodyRequest, PrimerNote, PrimerRhythm

QPM = 120.0
STEP_S = 0.125  # at that tempo


def melody_request(
    pitches: Sequence[int], num_pitches: int = 20, seed: int = 1, temperature: float = 1.0
) -> MelodyRequest:
    """A call as flat 16ths."""
    primer = tuple(PrimerNote(pitch, 90, onset_s=n * 0.2, duration_s=0.1) for n, pitch in enumerate(pitches))
    return MelodyRequest(1, primer, num_pitches, QPM, 0.0, PrimerRhythm.EVEN, temperature, seed)


def played_request(
    notes: Sequence[tuple[float, float, int]], upbeat_steps: float = 0.0, qpm: float = QPM
) -> MelodyRequest:
    """A call in its own rhythm: (onset, duration, pitch) of each note, in steps at 120 qpm."""
    primer = tuple(
        PrimerNote(pitch, 90, onset * STEP_S, duration * STEP_S) for onset, duration, pitch in notes
    )
    return MelodyRequest(1, primer, 20, qpm, upbeat_steps, PrimerRhythm.PLAYED, 1.0, seed=1)


def drums_request(
    meter: str,
    num_bars: int,
    seed: int = 1,
    temperature: float = 1.0,
    bass_line: Sequence[tuple[int, int]] = ((0, 0), (0, 3)),
) -> DrumsRequest:
    """The beat of a bass line, (bar, step) of each note; what lies past the loop is left out."""
    time_signature = TimeSignature.parse(meter)
    steps = time_signature.steps_per_bar
    bass = [PlayableNote(bar, step, Layer.BASS, Instrument.BASS, 40, 90) for bar, step in bass_line]
    primer = pattern_of(deterministic_beat(bass, Form(time_signature, num_bars)), steps)
    return DrumsRequest(
        1, primer, time_signature.steps_per_beat, steps, num_bars, QPM, temperature, seed
    )  # fmt: skip
