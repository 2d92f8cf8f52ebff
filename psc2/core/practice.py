"""How a player practises: count-in, click and tempo, and whether the loop is heard with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from psc2.core.click import EVERY_BEAT, ClickBeats, Gap
from psc2.core.instruments import Layer
from psc2.core.mixer import Mixer
from psc2.core.ramp import Ramp
from psc2.core.ranges import Range
from psc2.core.transposing import Transposition

COUNT_INS = Range(0, 8)  # bars


@dataclass(frozen=True, slots=True)
class Practice:
    """What a player has chosen to practise with; by default nothing."""

    count_in_bars: Annotated[int, COUNT_INS] = 0
    click_beats: ClickBeats = EVERY_BEAT
    gap: Gap = field(default_factory=Gap)
    metronome_only: bool = False  # whether nothing of the loop but the click sounds
    ramp: Ramp = field(default_factory=Ramp)
    transpose: Transposition = field(default_factory=Transposition)

    def is_heard(self, layer: Layer, mixer: Mixer) -> bool:
        """Whether the loop lets ``layer`` sound, whatever its volume; a mute holds in any case."""
        if self.metronome_only and layer is not Layer.LEAD:
            return layer is Layer.CLICK and not mixer.faders[layer].muted
        return mixer.is_heard(layer)
