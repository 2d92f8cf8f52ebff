"""Rehearsals with models that are hard to work with."""

from collections.abc import Sequence
from itertools import cycle
from typing import NamedTuple

from psc2.core.events import Cancelled, DrumsRequest, MelodyRequest, ModelFailed
from psc2.ports import MelodyModel
from psc2.runtime.virtual import Answer
from psc2.testing import Rehearsal


class Deaf(Rehearsal):
    """Its models cannot be interrupted: what has been cancelled is answered all the same."""

    def cancel(self, request_id: int) -> None:
        self.cancelled.append(request_id)


class Mood(NamedTuple):
    """How a model takes one request."""

    delay_s: float  # from the request to the answer
    fails: bool = False  # there is no answer
    deaf: bool = False  # a cancel is not heard


class Moody(Rehearsal):
    """Its models take each request in the next of ``moods``; how many each had at once is watched."""

    def __init__(
        self, moods: Sequence[Mood], melody: MelodyModel | None = None, music: dict[str, object] | None = None
    ) -> None:
        super().__init__(melody, music=music or {}, improv={"min_primer_length": 2, "max_robot_length": 3})
        self._moods = cycle(moods)
        self._mood_of: dict[int, Mood] = {}  # by request id, and what it was
        self._kind_of: dict[int, type[MelodyRequest] | type[DrumsRequest]] = {}
        self.most_at_once = 0  # requests that one model had

    def submit(self, request: MelodyRequest | DrumsRequest) -> None:
        mood = self._mood_of[request.request_id] = next(self._moods)
        self._kind_of[request.request_id] = type(request)
        self._model_delay_s = mood.delay_s
        super().submit(request)
        self.most_at_once = max(self.most_at_once, *map(self.under_way, (MelodyRequest, DrumsRequest)))

    def cancel(self, request_id: int) -> None:
        if self._mood_of[request_id].deaf:
            self.cancelled.append(request_id)
        else:
            super().cancel(request_id)

    def under_way(self, kind: type[MelodyRequest] | type[DrumsRequest]) -> int:
        """How many requests of a kind have not come back in any way."""
        coming = [event for _, _, event in self._agenda if isinstance(event, Answer | Cancelled)]
        return sum(self._kind_of[event.request_id] is kind for event in coming)

    def _answer(self, request: MelodyRequest | DrumsRequest) -> Answer:
        if self._mood_of[request.request_id].fails:
            return ModelFailed(self.clock.now(), request.request_id, "not today")
        return super()._answer(request)
