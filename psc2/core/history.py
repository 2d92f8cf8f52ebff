"""What can be taken back: one entry for each act that changed a layer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from psc2.core.band import Band
from psc2.core.instruments import Layer
from psc2.core.loop import Beat, PlayableNote
from psc2.core.ranges import SwingRatio
from psc2.core.transposing import INTERVALS

MAX_ENTRIES = 64  # that undo goes back, and redo forward


@dataclass(frozen=True, slots=True)
class LayerContent:
    """A layer as it is at one moment."""

    layer: Layer
    notes: tuple[PlayableNote, ...]  # in the loop's order
    beat: Beat  # who wrote the drums
    swing: SwingRatio = 0.5  # of the loop, as far as takes tell it
    band: Band = field(default_factory=Band)  # who may play it
    semitones: Annotated[int, INTERVALS] = 0  # above the chart's own key, of the pass that sounds

    def __post_init__(self) -> None:
        """Check that the notes are the layer's. Raises: ValueError."""
        if any(note.layer is not self.layer for note in self.notes):
            raise ValueError(f"expected notes of the {self.layer.value} alone")


@dataclass(frozen=True, slots=True)
class History:
    """Layers as they were before each act, and as they were before each undo; newest last, 64 at most.

    >>> empty, bass = (LayerContent(Layer.BASS, (), Beat.NONE), LayerContent(Layer.BASS, (), Beat.MODEL))
    >>> before, history = History().recorded(empty).undone(now=bass)
    >>> before == empty, history.redone(now=empty) == (bass, History().recorded(empty))
    (True, True)
    """

    past: tuple[LayerContent, ...] = ()  # what undo brings back
    future: tuple[LayerContent, ...] = ()  # what redo does

    def __post_init__(self) -> None:
        """Check how many there are. Raises: ValueError."""
        if max(len(self.past), len(self.future)) > MAX_ENTRIES:
            raise ValueError(f"expected {MAX_ENTRIES} entries at most")

    def recorded(self, before: LayerContent) -> History:
        """The history after an act; what had been undone cannot be redone any more."""
        return History((*self.past, before)[-MAX_ENTRIES:])

    def undone(self, now: LayerContent) -> tuple[LayerContent, History]:
        """What the layer was before the latest act, which there must be; ``now``: what redo brings back."""
        return self.past[-1], History(self.past[:-1], (*self.future, now)[-MAX_ENTRIES:])

    def redone(self, now: LayerContent) -> tuple[LayerContent, History]:
        """What the layer was before the latest undo, which there must be; ``now``: what undo brings back."""
        return self.future[-1], History((*self.past, now)[-MAX_ENTRIES:], self.future[:-1])
