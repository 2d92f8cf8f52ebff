"""What a model is at: one request at most, wanted or given up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from psc2.core.events import Answer
from psc2.core.requests import DrumsRequest, MelodyRequest, PitchRequest

RequestT = TypeVar("RequestT", MelodyRequest | PitchRequest, DrumsRequest)


class JobState(Enum):
    """Where a model's work stands."""

    IDLE = "idle"
    ASKED = "asked"
    GIVEN_UP = "given up"  # nobody waits for it, but only its worker can say that the model is free


@dataclass(frozen=True, slots=True)
class Job(Generic[RequestT]):
    """A model's work: nothing, a request, or a request that has been cancelled and has not come back."""

    request: RequestT | None = None
    given_up: bool = False

    @property
    def state(self) -> JobState:
        if self.request is None:
            return JobState.IDLE
        return JobState.GIVEN_UP if self.given_up else JobState.ASKED

    def is_answered_by(self, answer: Answer) -> bool:
        """Whether it is this request that an event brings back; an older one's answer is stale."""
        return self.request is not None and self.request.request_id == answer.request_id
