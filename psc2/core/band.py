"""The band that reads the chart: who plays what, and a chorus of it that is asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from psc2.core.bass_player import BassStyle, bass_notes
from psc2.core.chart import Chart
from psc2.core.comping import CompingStyle, comping_notes
from psc2.core.grouping import Groups
from psc2.core.harmony import Chord
from psc2.core.instruments import Layer
from psc2.core.loop import PlayableNote
from psc2.core.ranges import Count, Pitch, Qpm, Seed

SEATS = (Layer.BASS, Layer.CHORDS)  # the layers that somebody can play

ChorusBars = tuple[tuple[PlayableNote, ...], ...]  # the notes of each bar of a chart


@dataclass(frozen=True, slots=True)
class Band:
    """Who plays from the chart, and how."""

    bass: BassStyle = BassStyle.OFF
    comping: CompingStyle = CompingStyle.OFF

    def plays(self, layer: Layer) -> bool:
        """Whether somebody plays a layer."""
        if layer is Layer.BASS:
            return self.bass is not BassStyle.OFF
        return layer is Layer.CHORDS and self.comping is not CompingStyle.OFF

    def taking(self, layer: Layer, other: Band) -> Band:
        """This band, with the other one's player of a layer.

        >>> Band(BassStyle.WALKING).taking(Layer.BASS, Band()) == Band()
        True
        """
        if layer is Layer.BASS:
            return replace(self, bass=other.bass)
        return replace(self, comping=other.comping) if layer is Layer.CHORDS else self


@dataclass(frozen=True, slots=True)
class ChorusRequest:
    """A chorus is wanted of a player of the band."""

    request_id: Count
    layer: Layer
    band: Band
    chart: Chart  # in the key that it is played in
    groups: Groups
    seed: Seed
    before: tuple[Pitch, ...]  # the pitches that end the chorus before; empty for none
    start: int  # the first step of the pass that it is for; 0 while the loop is stopped
    qpm: Qpm  # how fast it is meant to be
    leads_to: Chord  # with which the chorus after it begins: in another key, where that is to be in one

    def bars(self) -> ChorusBars:
        """The chorus: the same for the same request. It takes milliseconds."""
        bars: list[list[PlayableNote]] = [[] for _ in self.chart.bars]
        for note in self._notes():
            bars[note.bar].append(note)
        return tuple(map(tuple, bars))

    def _notes(self) -> tuple[PlayableNote, ...]:
        random, groups = Random(self.seed), self.groups
        if self.layer is Layer.BASS:
            before = self.before[0] if self.before else None
            return bass_notes(self.chart, self.band.bass, groups, random, before, self.leads_to, self.qpm)
        style = self.band.comping
        return comping_notes(self.chart, style, groups, random, self.before, self.leads_to, self.qpm)
