"""A wheel of several keyboards: each has it where it has left it, and the one moved last is heard."""

from __future__ import annotations

from dataclasses import dataclass, field

MAX_WHEELS = 64  # that are remembered of a kind


@dataclass(slots=True)
class Wheel:
    """Pitch wheels, or modulation wheels: where each of those present stands.

    >>> bend = Wheel(rest=8192)
    >>> bend.move(1, 9000), bend.move(2, 10_000), bend.value
    (None, None, 10000)
    >>> bend.remove(2), bend.value
    (None, 9000)
    """

    rest: int  # where it stands while nobody moves it
    places: dict[int, int] = field(default_factory=dict)  # by source, the one moved last at the end

    @property
    def value(self) -> int:
        """Where the one stands that was moved last."""
        return next(reversed(self.places.values()), self.rest)

    def move(self, source: int, value: int) -> None:
        """A keyboard's wheel is moved; of very many, those moved longest ago are forgotten."""
        self.remove(source)
        self.places[source] = value
        if len(self.places) > MAX_WHEELS:
            self.remove(next(iter(self.places)))

    def reset(self, source: int) -> None:
        """A keyboard's wheel is at rest, and counts as moved no later for it."""
        if source in self.places:
            self.places[source] = self.rest

    def remove(self, source: int) -> None:
        """A keyboard is there no more."""
        self.places.pop(source, None)
