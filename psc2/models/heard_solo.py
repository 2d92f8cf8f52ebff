"""How much of a solo a model has heard: what is new in a request, and where another solo begins."""

from __future__ import annotations

from collections.abc import Sequence

from psc2.core.ranges import Count
from psc2.core.requests import PitchRequest, SoloNote


class HeardSolo:
    """The notes of one solo after the other, each once."""

    def __init__(self) -> None:
        self._solo: Count | None = None
        self._count: Count = 0

    def is_another(self, request: PitchRequest) -> bool:
        """Whether a request is of another solo, or goes on where nothing was heard before."""
        return request.solo != self._solo or request.first > self._count

    def new_notes(self, request: PitchRequest) -> Sequence[SoloNote]:
        """The notes of a request that have not been heard yet; from now on they have."""
        heard = 0 if self.is_another(request) else self._count - request.first
        self._solo, self._count = request.solo, request.first + len(request.notes)
        return request.notes[heard:]
