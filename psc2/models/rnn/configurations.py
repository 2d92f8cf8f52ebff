"""Magenta's configurations of MelodyRNN and DrumsRNN: what a bundle's id stands for.

Source: ``default_configs`` in Magenta's ``melody_rnn_model.py`` and ``drums_rnn_model.py``. How
large the layers are is not here: that is in each bundle's weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from psc2.core.requests import Model
from psc2.models.rnn.encodings import Encoding, KeyMelody, Melodies, PitchesFirst, Strokes, one_hot

MIN_PITCH = 48
MAX_PITCH = 84  # exclusive
NUM_DRUMS = 9


@dataclass(frozen=True, slots=True)
class Configuration:
    """One of Magenta's configurations."""

    id: str
    model: Model
    encoding: Encoding
    steps_per_quarter: int = 4
    min_pitch: int = MIN_PITCH  # of melodies: primers are squashed into this range …
    max_pitch: int = MAX_PITCH  # … up to this pitch, exclusive …
    transpose_to_key: int | None = 0  # … and into this key, 0 for C; None for as they are

    @property
    def looks_back(self) -> bool:
        """Whether an event that repeats has two classes: its own, and "as a bar ago"."""
        return bool(self.encoding.distances)


CONFIGURATIONS = {
    configuration.id: configuration
    for configuration in (
        Configuration("basic_rnn", Model.MELODY, one_hot(Melodies(MIN_PITCH, MAX_PITCH))),
        Configuration(
            "mono_rnn",
            Model.MELODY,
            one_hot(Melodies(0, 128)),
            min_pitch=0,
            max_pitch=128,
            transpose_to_key=None,
        ),
        Configuration("lookback_rnn", Model.MELODY, Encoding(Melodies(MIN_PITCH, MAX_PITCH))),
        Configuration("attention_rnn", Model.MELODY, KeyMelody(PitchesFirst(MIN_PITCH, MAX_PITCH))),
        Configuration("one_drum", Model.DRUMS, one_hot(Strokes(1)), steps_per_quarter=2),
        Configuration("drum_kit", Model.DRUMS, Encoding(Strokes(NUM_DRUMS), distances=(), counter_bits=6)),
    )
}
