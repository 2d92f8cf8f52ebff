"""The configuration of the network that hears intervals, beside Magenta's."""

from __future__ import annotations

from psc2.core.requests import Model
from psc2.models.bundles import files
from psc2.models.interval.hearing import LOWEST, PITCHES
from psc2.models.rnn.configurations import CONFIGURATIONS, Configuration
from psc2.models.rnn.encodings import Melodies, one_hot

INTERVAL_RNN = Configuration(
    files.INTERVAL_RNN,
    Model.MELODY,
    one_hot(Melodies(LOWEST, LOWEST + PITCHES)),  # how its music is written down; it hears it in another way
    min_pitch=LOWEST,
    max_pitch=LOWEST + PITCHES,
    transpose_to_key=None,
)
EVERY_CONFIGURATION = {**CONFIGURATIONS, INTERVAL_RNN.id: INTERVAL_RNN}
