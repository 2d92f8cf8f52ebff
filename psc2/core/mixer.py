"""How loud each layer is."""

from __future__ import annotations

from dataclasses import dataclass, field

from psc2.core.instruments import Layer


@dataclass(slots=True)
class Mixer:
    gains: dict[Layer, float] = field(default_factory=lambda: dict.fromkeys(Layer, 1.0))  # 0–1.27
    muted: set[Layer] = field(default_factory=set)

    def velocity(self, layer: Layer, velocity: int) -> int:
        """The velocity, 1–127, at which a note of ``layer`` sounds; 0 if it does not.

        >>> mixer = Mixer(); mixer.gains[Layer.BASS] = 1.27
        >>> mixer.velocity(Layer.BASS, 120), mixer.velocity(Layer.LEAD, 90)
        (127, 90)
        """
        gain = self.gains[layer]
        return max(1, min(127, round(velocity * gain))) if gain > 0 else 0

    def loop_velocity(self, layer: Layer, velocity: int) -> int:
        """The same for a note that the loop plays: a muted layer is silent, the hands never are."""
        return 0 if layer in self.muted else self.velocity(layer, velocity)
