"""How loud each layer is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from psc2.core.instruments import Layer
from psc2.core.ranges import Gain


@dataclass(frozen=True, slots=True)
class Fader:
    """One layer's volume."""

    gain: Gain = 1.0
    muted: bool = False
    soloed: bool = False


@dataclass(frozen=True, slots=True)
class Mixer:
    """Every layer's volume, and which of them the loop leaves out."""

    faders: Mapping[Layer, Fader] = field(default_factory=lambda: dict.fromkeys(Layer, Fader()))

    def __post_init__(self) -> None:
        """Check that each layer has a fader. Raises: ValueError."""
        missing = [layer.value for layer in Layer if layer not in self.faders]
        if missing:
            raise ValueError(f"expected a fader for each layer, got none for {', '.join(missing)}")

    def with_gain(self, layer: Layer, gain: float) -> Mixer:
        """The mixer with another volume for ``layer``, 0–1.27."""
        return Mixer({**self.faders, layer: replace(self.faders[layer], gain=gain)})

    def with_mute_toggled(self, layer: Layer) -> Mixer:
        """The mixer with ``layer`` left out, or heard again."""
        return Mixer({**self.faders, layer: replace(self.faders[layer], muted=not self.faders[layer].muted)})

    def with_solo_toggled(self, layer: Layer) -> Mixer:
        """The mixer with ``layer`` among those that are heard alone, or no longer."""
        fader = self.faders[layer]
        return Mixer({**self.faders, layer: replace(fader, soloed=not fader.soloed)})

    def is_heard(self, layer: Layer) -> bool:
        """Whether the loop lets ``layer`` sound: as at any desk a mute wins, and a solo silences the others.

        >>> mixer = Mixer().with_solo_toggled(Layer.BASS).with_solo_toggled(Layer.DRUMS)
        >>> [layer.value for layer in Layer if mixer.with_mute_toggled(Layer.DRUMS).is_heard(layer)]
        ['bass', 'lead']
        """
        fader = self.faders[layer]
        if fader.muted:
            return False
        return fader.soloed or layer is Layer.LEAD or not any(other.soloed for other in self.faders.values())

    def velocity(self, layer: Layer, velocity: int) -> int:
        """The velocity, 1–127, at which a note of ``layer`` sounds; 0 if it does not.

        >>> mixer = Mixer().with_gain(Layer.BASS, 1.27)
        >>> mixer.velocity(Layer.BASS, 120), mixer.velocity(Layer.LEAD, 90)
        (127, 90)
        """
        gain = self.faders[layer].gain
        return max(1, min(127, round(velocity * gain))) if gain > 0 else 0
