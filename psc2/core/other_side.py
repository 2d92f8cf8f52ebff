"""What is on the other side of the wire: SuperCollider, and the MIDI devices that it hears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from psc2.core.events import SuperColliderProcess


@dataclass(frozen=True, slots=True)
class Peer:
    """SuperCollider, or whatever is on the other side. Written by rules."""

    port: int  # where it listens
    tagged: bool  # whether looped notes are sent ahead with a time tag
    hello_at: float | None = None  # when it last said so itself, in seconds; None before the first time
    gone: bool = False  # it has said so once, and then not for a while
    is_ours: bool = False  # whether psc2 has started it
    refused: int | None = None  # where another one listens that says hello, too
    status: str = ""  # what it finds wrong on its side, one line
    period_s: float | None = None  # how long a block of its audio driver is; None if that is not known
    late_bundles: int = 0  # that its sound server got after their time tag …
    late_at: float | None = None  # … and when it last got one, in seconds
    process: SuperColliderProcess | None = (
        None  # the latest of psc2's own one; None if it is not to start one
    )

    @property
    def knows_ids(self) -> bool:
        """Whether it tells two notes of one pitch apart by their ids; the program of 2018 does not."""
        return self.tagged or (self.hello_at is not None and not self.gone)


@dataclass(frozen=True, slots=True)
class Page:
    """A page in a browser that sounds what is played. Written by rules."""

    latency_s: float  # from its audio clock to the loudspeaker


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """What MIDI is plugged in: sources, by uid. Written by devices."""

    names: Mapping[int, str] = field(default_factory=dict)
    controllers: frozenset[int] = frozenset()  # by their names: any number of them
    learned: frozenset[int] = frozenset()  # controllers by what they sent, where none has the name of one
    keyboards: frozenset[int] = frozenset()  # those that were played, or moved as no controller does
    silent: frozenset[int] = frozenset()  # those whose keys and wheels are not played
    ignored: frozenset[int] = frozenset()  # those that nothing is taken from, as the settings have it

    @property
    def all_controllers(self) -> frozenset[int]:
        """The controllers, however each of them is known."""
        return self.controllers | self.learned

    @property
    def has_controller(self) -> bool:
        """Whether it is known which source is a controller."""
        return bool(self.all_controllers)

    @property
    def controller_names(self) -> list[str]:
        """The controllers' names, each as often as there are; without those that have none."""
        return sorted(name for uid, name in self.names.items() if uid in self.all_controllers)

    @property
    def other_names(self) -> list[str]:
        """The names of what is no controller, each as often as there are."""
        return sorted(name for uid, name in self.names.items() if uid not in self.all_controllers)

    @property
    def has_keyboard(self) -> bool:
        """Whether something that is played is plugged in, or has been played."""
        return bool((self.names.keys() - self.learned | self.keyboards) - self.silent)
